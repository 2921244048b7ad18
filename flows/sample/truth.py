"""What is right, file by file and figure by figure, from the generator's intent alone.

Which part counts follows the rule that districts are told: per sender, kind and covered period the
latest received one that was not withdrawn. A thing told in two parts counts once, as told last.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from types import MappingProxyType

from flows.sample.model import Delivery, Mark, Row, Table
from flows.sample.scene import YEARS

PERIODS = {
    **{str(y): (date(y, 1, 1), date(y, 12, 31)) for y in YEARS},
    "F201011-201510": (date(2010, 11, 1), date(2015, 10, 31)),
    "F201101-201510": (date(2011, 1, 1), date(2015, 10, 31)),
    "F2011-2015": (date(2011, 1, 1), date(2015, 12, 31)),
}


def settle(deliveries: Iterable[Delivery]) -> None:
    """Set the state of every table: in_force, replaced, withdrawn or held_back."""
    slots: dict[tuple[str, str, date, date], list[Delivery]] = defaultdict(list)
    for delivery in deliveries:
        for table in delivery.tables:
            if delivery.withdrawn or table.held:
                table.state = "withdrawn" if delivery.withdrawn else "held_back"
            else:
                slots[delivery.sender, table.record.record, table.first, table.last].append(delivery)
    for (_, record, first, last), rivals in slots.items():
        latest = max(d.received for d in rivals)
        for delivery in rivals:
            for table in delivery.tables:
                if (table.record.record, table.first, table.last) == (record, first, last) and not table.held:
                    table.state = "in_force" if delivery.received == latest else "replaced"


def counted_rows(deliveries: Iterable[Delivery]) -> list[tuple[str, Table, Row]]:
    """(unit, table, row) of every accepted row in force; of one ident the last received."""
    found: dict[str, tuple[str, Table, Row]] = {}
    for delivery in sorted(deliveries, key=lambda d: d.received):
        for table in delivery.tables:
            if table.state == "in_force":
                for n, row in enumerate(table.rows):
                    if row.state == "accepted":
                        found[row.ident or f"{delivery.name}/{table.sheet}/{n}"] = (
                            delivery.sender,
                            table,
                            row,
                        )
    return list(found.values())


def figures(
    deliveries: Iterable[Delivery], successors: Mapping[str, str] = MappingProxyType({})
) -> dict[str, dict[str, dict[str, str]]]:
    """figure → unit → period → total of the marks of its rows ("figure/category" for categories).

    What a unit did counts for its successor as well (`successors`: old unit → new unit).
    """
    deliveries = list(deliveries)
    sums: dict[tuple[str, str], dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    subjects: dict[tuple[str, str], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    stocks: dict[tuple[str, str], dict[date, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for unit, mark, times in _marks(deliveries, successors):
        for name in (mark.figure, f"{mark.figure}/{mark.category}" if mark.category else None):
            if name is None:
                continue
            if mark.stock:
                stocks[name, unit][mark.on] += mark.amount * times
            for period in () if mark.stock else _periods_of(mark):
                if mark.subject is None:
                    sums[name, unit][period] += mark.amount * times
                else:
                    subjects[name, unit][period].add(mark.subject)
    out: dict[str, dict[str, dict[str, str]]] = defaultdict(dict)
    for (name, unit), totals in sums.items():
        out[name][unit] = {p: format(totals[p], "f") for p in PERIODS if p in totals}
    for (name, unit), members in subjects.items():
        out[name][unit] = {p: str(len(members[p])) for p in PERIODS if p in members}
    for (name, unit), days in stocks.items():
        known = {p: [d for d in days if d <= last] for p, (_, last) in PERIODS.items()}
        out[name][unit] = {p: format(days[max(found)], "f") for p, found in known.items() if found}
    return out


def _marks(deliveries: list[Delivery], successors: Mapping[str, str]) -> Iterator[tuple[str, Mark, int]]:
    for sender, _, row in counted_rows(deliveries):
        for mark in row.marks:
            unit = row.subject or sender
            yield unit, mark, 1
            if unit in successors:
                yield successors[unit], mark, 1
    for delivery in deliveries:
        for table in delivery.tables:
            for mark, times in table.marks if table.state == "in_force" else ():
                yield delivery.sender, mark, times


def _periods_of(mark: Mark) -> list[str]:
    if mark.until is not None:
        return [name for name, (_, last) in PERIODS.items() if mark.on <= last <= mark.until]
    return [name for name, (first, last) in PERIODS.items() if first <= mark.on <= last]


def file_entries(deliveries: Iterable[Delivery]) -> list[dict[str, object]]:
    """One entry per file, in order of arrival."""
    return [
        {
            "received": d.received.isoformat(),
            "sender": d.sender,
            "folder": d.folder,
            "name": d.name,
            "withdrawn": d.withdrawn,
            "problems": list(d.problems),
            "tables": [_table_entry(t) for t in d.tables],
        }
        for d in deliveries
    ]


def _table_entry(table: Table) -> dict[str, object]:
    return {
        "sheet": table.sheet,
        "record": table.record.record,
        "covers_from": table.first.isoformat(),
        "covers_to": table.last.isoformat(),
        **table.numbers,
        "state": table.state,
        "held": table.held,
        "rejected_rows": [{"row": row, "issues": list(issues)} for row, issues in table.rejected],
        "warned_rows": [{"row": row, "issues": list(issues)} for row, issues in table.warned],
    }
