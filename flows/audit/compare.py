"""What was published beside what the vault's files say: deliveries, tables, rows, the number. Every difference is named.

Rows are compared as bags: a row too many is a difference even if its like is there as well.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import duckdb

from flows.audit.lineage import Lineage
from flows.audit.proof_model import Difference, PublishedValue, SourceTable, ValueProof
from flows.audit.reload import UnsoundDelivery
from flows.contract.catalogue import ROOT, records
from flows.contract.indicator import Indicator
from flows.database.connect import run_file
from flows.ingest.delivery import Delivery
from flows.metrics.indicator_sql import COLUMN_TYPES, IndicatorSql
from flows.metrics.values import Span, over_spans
from flows.score.engine.rounding import half_up

#: So many differing rows are named; all are counted.
_MOST_ROWS = 20
_ROW = ", ".join(list(COLUMN_TYPES)[1:])
_VALUE = "state, value, numerator, denominator, record_count, undecided_count, lower, upper"
_PART = "part_id, record, covers_from, covers_to, rows_read, rows_accepted, rows_rejected, rows_duplicate"


def compare_deliveries(
    sources: Collection[SourceTable], known: Collection[Delivery], unsound: Collection[UnsoundDelivery]
) -> list[Difference]:
    """The edition's deliveries against the ledger's, and the bytes in the vault against both."""
    out = [Difference(u.code, found=u.detail, delivery_id=u.delivery_id) for u in unsound]
    ledger = {d.delivery_id: d for d in known}
    for source in {s.delivery_id: s for s in sources}.values():
        line = ledger.get(source.delivery_id)
        if line is None:
            continue
        stated = (source.sha256, source.name, source.sender, str(source.received_at))
        kept = (line.sha256, line.name, line.sender or "", str(line.received_at))
        out += [
            Difference("ledger_differs", was, now, delivery_id=source.delivery_id)
            for was, now in zip(stated, kept, strict=True)
            if was != now
        ]
    return out


def compare_parts(
    edition: duckdb.DuckDBPyConnection, con: duckdb.DuckDBPyConnection, parts: Sequence[int]
) -> list[Difference]:
    """Tables found again in the files: the same kind, period and row states."""
    query = f"select {_PART} from meta.part where list_contains($parts, part_id)"
    names = _PART.split(", ")[1:]
    before, now = (
        {row[0]: row[1:] for row in c.execute(query, {"parts": list(parts)}).fetchall()}
        for c in (edition, con)
    )
    return [
        Difference("table_differs", _stated(names, before[part]), _stated(names, now.get(part)), part)
        for part in sorted(before)
        if before[part] != now.get(part)
    ]


def _stated(names: Sequence[str], values: tuple[object, ...] | None) -> str:
    if values is None:
        return ""
    return ", ".join(f"{name} {value}" for name, value in zip(names, values, strict=True))


class RowsOfIndicator:
    """The rows of an indicator as published and as its SELECT gives them of the files read again, for some units.

    In the database of the files: `every_published` and `every_found` (what counts), `open_row` those of which a column is open. For
    one number `found_row` holds what is found of its units.
    """

    def __init__(
        self,
        edition: duckdb.DuckDBPyConnection,
        con: duckdb.DuckDBPyConnection,
        compiled: IndicatorSql,
        units: Collection[str],
    ) -> None:
        self._con = con
        mine = "list_contains($units, unit_code)"
        asked = {"units": sorted(units)}
        query = f"select {_ROW} from metric.contribution where indicator_id = $indicator and {mine}"
        of_indicator = asked | {"indicator": compiled.indicator.indicator}
        if edition is con:  # a closed year: its rows are those of the files as they counted then
            con.execute(f"create or replace temporary table every_published as {query}", of_indicator)
        else:
            con.register("edition_row", edition.execute(query, of_indicator).to_arrow_reader(100_000))
            con.execute("create or replace temporary table every_published as from edition_row")
            con.unregister("edition_row")
        con.execute(
            f"create or replace temporary table every_found as select {_ROW} from (\n{compiled.accepted}\n) as c where {mine}",
            asked,
        )
        con.execute(
            "create or replace temporary table open_row as select part_id, row_number, open_columns "
            f"from (\n{compiled.undecided}\n) as c where open_columns is not null"
        )

    def differing(self, lineage: Lineage) -> tuple[list[Difference], int]:
        """The first rows of a number's units that differ, and how many do; rolls that were not read again are no part of it."""
        asked = {"members": list(lineage.units), "others": list(lineage.other_rolls)}
        mine = "list_contains($members, unit_code) and not list_contains($others, part_id)"
        for name in ("published", "found"):
            self._con.execute(
                f"create or replace temporary table {name}_row as from every_{name} where {mine}", asked
            )
        rows = run_file(self._con, ROOT / "sql" / "audit" / "differing_rows.sql")
        named = [
            Difference("row_differs", before, now, part, row)
            for part, row, before, now in rows.fetchmany(_MOST_ROWS)
        ]
        return named, len(named) + len(rows.fetchall())


def compare_number(proof: ValueProof, indicator: Indicator, again: PublishedValue | None) -> list[Difference]:
    """The number as published against the sum of the rows of the files, and against what all published rows come to (`again`)."""
    published, tally = proof.published, proof.tally
    if published is None:
        return [] if tally.numerator is None else [Difference("not_published", found=_text(tally.numerator))]
    out = []
    if published.record_count != tally.records:
        out.append(Difference("records_differ", str(published.record_count), str(tally.records)))
    has_number = tally.numerator is not None and (not indicator.is_rate or bool(tally.denominator))
    if published.state in ("value", "zero"):
        numerator = tally.numerator or Fraction()
        denominator = tally.denominator if indicator.is_rate else None
        rate = half_up(numerator / denominator, 6) if denominator else None
        sides = {
            "numerator_differs": (published.numerator, numerator),
            "denominator_differs": (published.denominator, denominator),
            "value_differs": (published.value, rate if indicator.is_rate else numerator),
        }
        out += [Difference(code, _text(was), _text(now)) for code, (was, now) in sides.items() if was != now]
    elif has_number and not (published.state == "unsettled" and not tally.numerator):
        out.append(Difference("number_withheld", published.state, _text(tally.numerator)))
    # where rows differ it would only repeat that
    if not proof.differing_rows and again != published:
        out.append(Difference("aggregate_differs", _said(published), _said(again)))
    return out


def _said(value: PublishedValue | None) -> str:
    if value is None:
        return ""
    bounds = f"{_text(value.lower)}..{_text(value.upper)}"
    return f"{value.state} {_text(value.value)} ({value.record_count}, {value.undecided_count}, {bounds})"


def _text(amount: Fraction | None) -> str:
    if amount is None:
        return ""
    return str(amount.numerator) if amount.denominator == 1 else f"{float(amount):.6f}"


def published_value(edition: duckdb.DuckDBPyConnection, proof: ValueProof) -> PublishedValue | None:
    """The number that a proof is about, as metric.value has it."""
    return _value_in(edition, "metric.value", proof)


def _value_in(con: duckdb.DuckDBPyConnection, values: str, proof: ValueProof) -> PublishedValue | None:
    row = con.execute(
        f"select {_VALUE} from {values} "
        "where unit_code = $unit and indicator_id = $indicator and period_id = $period "
        "and category is not distinct from $category",
        {
            "unit": proof.unit,
            "indicator": proof.indicator,
            "period": proof.period,
            "category": proof.category,
        },
    ).fetchone()
    return None if row is None else _exactly(row)


def aggregated(
    edition: duckdb.DuckDBPyConnection, indicator: Indicator, spans: Mapping[str, Span]
) -> dict[tuple[str, str, str | None], PublishedValue]:
    """What the published rows of an indicator come to now, by unit, period and category."""
    made = over_spans(edition, {indicator.indicator: indicator}, spans)
    rows = edition.execute(f"select unit_code, period_id, category, {_VALUE} from {made}").fetchall()
    return {row[:3]: _exactly(row[3:]) for row in rows}


def _exactly(row: Sequence[Any]) -> PublishedValue:
    exact: list[Any] = [Fraction(x) if isinstance(x, Decimal) else x for x in row]
    return PublishedValue(*exact)


def sources_of(edition: duckdb.DuckDBPyConnection, parts: Collection[int]) -> Mapping[int, SourceTable]:
    """Where parts come from, as the edition says, in the order of their numbers."""
    rows = edition.execute(
        "select p.part_id, p.delivery_id, d.name, p.sheet, d.sender, p.record, p.covers_from, p.covers_to, "
        "d.received_at, d.sha256, p.is_turned, p.in_force from meta.part as p join meta.delivery as d "
        "on d.delivery_id = p.delivery_id where list_contains($parts, p.part_id) order by p.part_id",
        {"parts": sorted(parts)},
    ).fetchall()
    labels = {name: record.label for name, record in records().items()}
    return {row[0]: SourceTable(*(*row[:6], labels[row[5]], *row[6:])) for row in rows}
