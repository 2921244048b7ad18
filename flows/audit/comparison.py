"""What was published beside what the vault's files say: deliveries, tables, rows, the number. Every difference is named.

Rows are compared as bags: a row too many is a difference even if its like is there as well.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction

import duckdb

from flows.audit.basis import Basis
from flows.audit.evidence import Difference, Proof, Published, Source
from flows.audit.recount import half_up
from flows.audit.reload import Unsound
from flows.contract.catalogue import records
from flows.contract.indicator import Indicator
from flows.ingest.delivery import Delivery
from flows.metrics.indicator_sql import COLUMN_TYPES, IndicatorSql

#: So many differing rows are named; all are counted.
MOST_ROWS = 20
_ROW = ", ".join(list(COLUMN_TYPES)[1:])
_PART = "part_id, record, covers_from, covers_to, rows_read, rows_accepted, rows_rejected, rows_duplicate"


def compare_deliveries(
    sources: Collection[Source], known: Collection[Delivery], unsound: Collection[Unsound]
) -> list[Difference]:
    """The edition's deliveries against the ledger's, and the bytes in the vault against both."""
    out = [Difference(u.code, found=u.detail, delivery_id=u.delivery_id) for u in unsound]
    ledger = {d.delivery_id: d for d in known}
    for source in {s.delivery_id: s for s in sources}.values():
        line = ledger.get(source.delivery_id)
        if line is None:
            continue
        for published, found in (
            (source.sha256, line.sha256), (source.name, line.name), (source.sender, line.sender or ""),
            (str(source.received_at), str(line.received_at)),
        ):  # fmt: skip
            if published != found:
                out.append(Difference("ledger_differs", published, found, delivery_id=source.delivery_id))
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


def compare_rows(
    edition: duckdb.DuckDBPyConnection, con: duckdb.DuckDBPyConnection, compiled: IndicatorSql, basis: Basis
) -> tuple[list[Difference], int]:
    """The edition's rows of the indicator against those of the files, and how many differ.

    ItemScorer `found_row` in `con`: the rows of the files, to be counted.
    """
    asked = {
        "indicator": compiled.indicator.indicator,
        "members": list(basis.question.members),
        # rolls of other days, which are not read again
        "others": sorted(set(basis.question.rolls) - set(basis.read)),
    }
    mine = "list_contains($members, unit_code) and not list_contains($others, part_id)"
    published = edition.execute(
        f"select {_ROW} from metric.contribution where indicator_id = $indicator and {mine}", asked
    )
    con.register("edition_row", published.to_arrow_reader(100_000))
    con.execute("create temporary table published_row as from edition_row")
    con.unregister("edition_row")
    asked.pop("indicator")
    con.execute(
        f"create temporary table found_row as select {_ROW} from (\n{compiled.accepted}\n) as c where {mine}",
        asked,
    )
    con.execute(
        "create temporary table difference as "
        "select 'published' as side, * from (from published_row except all from found_row) "
        "union all select 'found', * from (from found_row except all from published_row)"
    )
    rows = con.execute(
        f"""select part_id, row_number, coalesce(string_agg({_SAID}, '; ') filter (where side = 'published'), ''),
          coalesce(string_agg({_SAID}, '; ') filter (where side = 'found'), '')
        from difference group by part_id, row_number order by part_id, row_number"""
    )
    named = [
        Difference("row_differs", before, now, part, row)
        for part, row, before, now in rows.fetchmany(MOST_ROWS)
    ]
    return named, len(named) + len(rows.fetchall())


#: A row in words, without its subject.
_SAID = (
    "concat_ws(' ', unit_code, category, event_date, from_on || '..' || coalesce(cast(to_on as varchar), ''), "
    "'numerator ' || numerator, 'denominator ' || denominator)"
)


def compare_number(proof: Proof, indicator: Indicator, basis: Basis) -> list[Difference]:
    """The number as published against what the rows of the files come to."""
    published, tally = proof.published, proof.tally
    if published is None:
        return [] if tally.numerator is None else [Difference("not_published", found=_text(tally.numerator))]
    out = []
    if published.record_count != tally.records:
        out.append(Difference("records_differ", str(published.record_count), str(tally.records)))
    if published.state not in ("value", "zero"):
        has_number = tally.numerator is not None and (not indicator.is_rate or bool(tally.denominator))
        return (
            [*out, Difference("number_withheld", published.state, _text(tally.numerator))]
            if has_number
            else out
        )
    if tally.numerator is None and basis.reported is None:
        out.append(Difference("zero_without_report", published.state, ""))
    numerator = tally.numerator or Fraction()
    value = numerator if not indicator.is_rate else _rate(numerator, tally.denominator)
    sides = {
        "numerator_differs": (published.numerator, numerator),
        "denominator_differs": (published.denominator, tally.denominator if indicator.is_rate else None),
        "value_differs": (published.value, value),
    }
    out += [Difference(code, _text(was), _text(now)) for code, (was, now) in sides.items() if was != now]
    if (published.state == "zero") != (numerator == 0):
        out.append(Difference("state_differs", published.state, _text(numerator)))
    return out


def _rate(numerator: Fraction, denominator: Fraction | None) -> Fraction | None:
    return half_up(numerator / denominator) if denominator else None


def _text(amount: Fraction | None) -> str:
    if amount is None:
        return ""
    return str(amount.numerator) if amount.denominator == 1 else f"{float(amount):.6f}"


def published_value(
    edition: duckdb.DuckDBPyConnection, unit: str, indicator: str, period: str, category: str | None
) -> Published | None:
    """The number as metric.value has it."""
    row = edition.execute(
        "select state, value, numerator, denominator, record_count, undecided_count, lower, upper from metric.value "
        "where unit_code = $unit and indicator_id = $indicator and period_id = $period "
        "and category is not distinct from $category",
        {"unit": unit, "indicator": indicator, "period": period, "category": category},
    ).fetchone()
    if row is None:
        return None
    value, numerator, denominator, lower, upper = (
        None if row[i] is None else Fraction(row[i]) for i in (1, 2, 3, 6, 7)
    )
    return Published(row[0], value, numerator, denominator, row[4], row[5], lower, upper)


def sources_of(edition: duckdb.DuckDBPyConnection, parts: Collection[int]) -> Mapping[int, Source]:
    """Where parts come from, as the edition says, in the order of their numbers."""
    rows = edition.execute(
        "select p.part_id, p.delivery_id, d.name, p.sheet, d.sender, p.record, p.covers_from, p.covers_to, "
        "d.received_at, d.sha256, p.is_turned, p.in_force from meta.part as p join meta.delivery as d "
        "on d.delivery_id = p.delivery_id where list_contains($parts, p.part_id) order by p.part_id",
        {"parts": sorted(parts)},
    ).fetchall()
    labels = {name: record.label for name, record in records().items()}
    return {row[0]: Source(*(*row[:6], labels[row[5]], *row[6:])) for row in rows}
