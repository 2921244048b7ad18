"""What is right, file by file and figure by figure, from the generator's intent alone.

Which part counts follows the rule that districts are told: per sender, kind and covered period the
latest received one that was not withdrawn. A thing told in two parts counts once, as told last.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from functools import cache

from flows.contract.units import reference
from flows.sample.intent import FigureShare, PlannedFile, PlannedRow
from flows.sample.senders import YEARS

_COUNTED = {*map(str, YEARS), "F201011-201510", "F201101-201510", "F2011-2015"}
PERIODS = {p.period_id: (p.from_on, p.to_on) for p in reference().periods if p.period_id in _COUNTED}


def settle(files: Sequence[PlannedFile]) -> None:
    """Set the state of every table: in_force, replaced, withdrawn or held_back."""
    latest: dict[tuple[str, str, date, date], date] = {}
    for is_last_round in (False, True):
        for file in files:
            for table in file.tables:
                slot = (file.sender, table.record.record, table.first, table.last)
                if file.withdrawn or table.held:
                    table.state = "withdrawn" if file.withdrawn else "held_back"
                elif is_last_round:
                    table.state = "in_force" if file.received == latest[slot] else "replaced"
                else:
                    latest[slot] = max(file.received, latest.get(slot, file.received))


def figures(files: Sequence[PlannedFile]) -> dict[str, dict[str, dict[str, str]]]:
    """figure → unit → period → total of what its rows add ("figure/category" for categories); of settled tables."""
    sums: dict[tuple[str, str], dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    subjects: dict[tuple[str, str], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    stocks: dict[tuple[str, str], dict[date, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for unit, share in _shares(files):
        for name in (share.figure, f"{share.figure}/{share.category}") if share.category else (share.figure,):
            if share.is_stock:
                stocks[name, unit][share.on] += share.amount
                continue
            for period in _periods_with(share.on, share.until):
                if share.subject is None:
                    sums[name, unit][period] += share.amount
                else:
                    subjects[name, unit][period].add(share.subject)
    out: dict[str, dict[str, dict[str, str]]] = defaultdict(dict)
    for (name, unit), totals in sums.items():
        out[name][unit] = {p: format(totals[p], "f") for p in PERIODS if p in totals}
    for (name, unit), members in subjects.items():
        out[name][unit] = {p: str(len(members[p])) for p in PERIODS if p in members}
    for (name, unit), days in stocks.items():
        known = {p: [d for d in days if d <= last] for p, (_, last) in PERIODS.items()}
        out[name][unit] = {p: format(days[max(before)], "f") for p, before in known.items() if before}
    return out


def _shares(files: Sequence[PlannedFile]) -> Iterator[tuple[str, FigureShare]]:
    """(unit, share) of every accepted row in force; of one ident those of the last received.

    What a unit did before it ended counts for its successor as well.
    """
    rows: dict[object, tuple[str, PlannedRow]] = {}
    successors = {c.from_unit: c for c in reference().unit_changes}
    for file in sorted(files, key=lambda f: f.received):
        for table in [t for t in file.tables if t.state == "in_force"]:
            rows |= {row.ident or id(row): (file.sender, row) for row in table.accepted() if row.shares}
            yield from ((file.sender, share) for share in table.bulk_shares)
    for sender, row in rows.values():
        unit = row.subject or sender
        change = successors.get(unit)
        for share in row.shares:
            yield unit, share
            if change and share.on < change.on_date:
                yield change.to_unit, share


@cache
def _periods_with(on: date, until: date | None) -> tuple[str, ...]:
    """The periods that a day lies in, or at whose end it stands."""
    if until is not None:
        return tuple(name for name, (_, last) in PERIODS.items() if on <= last <= until)
    return tuple(name for name, (first, last) in PERIODS.items() if first <= on <= last)


def file_entries(files: Sequence[PlannedFile]) -> list[dict[str, object]]:
    """One entry per file, in order of arrival."""
    return [
        {
            **{name: getattr(file, name) for name in ("sender", "folder", "name", "withdrawn", "problems")},
            "received": file.received.isoformat(),
            "tables": [
                {
                    **{name: getattr(table, name) for name in ("sheet", "state", "held")},
                    "record": table.record.record,
                    "covers_from": table.first.isoformat(),
                    "covers_to": table.last.isoformat(),
                    **table.numbers,
                    "faulty_rows": [{"row": row, "issues": issues} for row, issues in table.faulty],
                }
                for table in file.tables
            ],
        }
        for file in files
    ]
