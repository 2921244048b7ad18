"""Indicators become values: for every unit, the city, and every period, by one aggregation.

The same SQL (`sql/metric/`) has two heads: `build_metrics` runs it over `ref.period` and keeps the result
in `metric.value`; the table macro `metric.between(from_on, to_on)` runs it over one span that the analyst
names. So a number of the assessment and one asked for in a shell can not differ by definition.
Refuses an indicator whose SELECT does not fit its shape before anything is computed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from flows.contract.catalogue import ROOT, records
from flows.contract.indicator import Indicator, Shape, indicators
from flows.metrics.indicator_sql import FAMILIES, IndicatorSql, compile_indicator, place, union

_MEASURED = (
    "indicator_id", "unit_code", "period_id", "category", "numerator", "denominator", "record_count",
    "undecided_count", "rejected_count", "numerator_low", "numerator_high", "denominator_high",
)  # fmt: skip

#: First and last day.
Span = tuple[date, date]


@dataclass(frozen=True)
class MetricResult:
    """What was recomputed: indicators, and rows now in `metric.value` for them."""

    indicators: int
    values: int


def create_views(con: duckdb.DuckDBPyConnection, root: Path = ROOT) -> None:
    """Create `metric.*` and fill `ref.indicator`; needs `core`, `current`, `meta`, `ref` and the macros."""
    compiled = _compile(con, indicators(root), root)
    con.execute(_file(root, "table"))
    _fill_indicator(con, [c.indicator for c in compiled])
    con.execute("create or replace view metric.contribution as\n" + union([c.accepted for c in compiled]))
    con.execute(
        "create or replace view metric.undecided as\n" + place(union([c.undecided for c in compiled]))
    )
    period = "select 'asked' as period_id, cast(from_on as date) as first_on, cast(to_on as date) as last_on"
    con.execute(
        "create or replace macro metric.between(from_on, to_on) as table\n"
        f"select * exclude (period_id) from (\n{_over(compiled, period, root)}\n)"
    )


def over_spans(
    con: duckdb.DuckDBPyConnection,
    asked: Mapping[str, Indicator],
    spans: Mapping[str, Span],
    root: Path = ROOT,
) -> str:
    """The query of `metric.between` for some indicators and several spans at once; `period_id` is the span's name.

    Planning is what a question about a span costs: one query for all of them takes the time of one.
    """
    rows = ", ".join(f"('{name}', date '{first}', date '{last}')" for name, (first, last) in spans.items())
    period = f"select * from (values {rows}) as s(period_id, first_on, last_on)"
    return _over(_compile(con, asked, root), period, root)


def _over(compiled: Sequence[IndicatorSql], period: str, root: Path) -> str:
    """The whole query over the periods that `period` selects, undecided rows included."""
    kinds = roles(root)
    parts = [(f, _rows(f, members, members, kinds)) for f, members in _by_family(compiled).items()]
    return _aggregate(root, compiled, period, parts, kinds)


def build_metrics(
    con: duckdb.DuckDBPyConnection, kinds: Collection[str] | None, root: Path = ROOT
) -> MetricResult:
    """Recompute the values of all indicators that read one of `kinds` (None: all), after `create_views`.

    The transaction is the caller's; nothing of other indicators is touched. Rolls counted already and still
    in force are not counted again, unless all indicators are recomputed.
    """
    asked = {
        name: indicator
        for name, indicator in indicators(root).items()
        if kinds is None or set(indicator.records) & set(kinds)
    }
    if kinds is None:
        con.execute("delete from metric.snapshot_count")
    return fill(con, asked, root)


def fill(con: duckdb.DuckDBPyConnection, asked: Mapping[str, Indicator], root: Path = ROOT) -> MetricResult:
    """Replace the values and flags of the given indicators."""
    if not asked:
        return MetricResult(0, 0)
    compiled, kinds = _compile(con, asked, root), roles(root)
    silent = {record for c in compiled for record in c.indicator.records if not _has_rejected(con, record)}
    # a kind without a rejected row needs no second scan
    doubtful = {c.indicator.indicator for c in compiled if not set(c.indicator.records) <= silent}
    ids = {"ids": list(asked)}
    con.execute("delete from metric.value where list_contains($ids, indicator_id)", ids)
    con.execute("delete from metric.flag where list_contains($ids, indicator_id)", ids)
    period = "select period_id, from_on as first_on, to_on as last_on from ref.period"
    for family, members in _by_family(compiled).items():
        if family == "stock":
            for c in members:
                _count_rolls(con, c, c.indicator.indicator in doubtful, kinds, root)
        rows = _rows(family, members, [c for c in members if c.indicator.indicator in doubtful], kinds)
        con.execute("insert into metric.value\n" + _aggregate(root, members, period, [(family, rows)], kinds))
    con.execute(_file(root, "flag"), ids)
    row = con.execute(
        "select count(*) from metric.value where list_contains($ids, indicator_id)", ids
    ).fetchone()
    return MetricResult(len(asked), int(row[0]) if row else 0)


def _count_rolls(
    con: duckdb.DuckDBPyConnection, c: IndicatorSql, has_doubt: bool, kinds: Mapping[str, Kind], root: Path
) -> None:
    """Count the rolls that arrived since the last time; forget those that are no longer in force."""
    rolls = [r for r in c.indicator.records if kinds[r].is_snapshot]
    if not rolls:
        return
    indicator = {"indicator": c.indicator.indicator}
    con.execute(_file(root, "snapshot_gone"), indicator)
    con.execute(_file(root, "snapshot_asked"), indicator | {"records": rolls})
    first, last = con.execute(
        "select min(part_id), max(part_id) from (select unnest(parts) as part_id from snapshot_asked)"
    ).fetchall()[0]
    if c.by_subject:
        con.execute(_file(root, "shared_gone"), indicator)
    if first is None:
        return
    rows = _dated([c], [c] if has_doubt else [])
    # the bounds let DuckDB pass over the rows of other rolls unread
    arrived = f"select * from (\n{rows}\n) as r where r.part_id between {first} and {last}"

    def head(snapshot_rows: str) -> str:
        return f"""with
asked(indicator_id, by_subject, is_rate) as (
  values ('{c.indicator.indicator}', {_sql(c.by_subject)}, {_sql(c.indicator.is_rate)})
),

snapshot_kind(record) as (values {", ".join(f"('{r}')" for r in rolls)}),

arrived_row as not materialized (
{arrived}
),

snapshot_row as not materialized (
{snapshot_rows}
),

"""

    is_most = con.execute(
        "select (select count(*) from snapshot_asked) * 2 > count(*) from metric.snapshot_slot "
        "where list_contains($records, record)",
        {"records": rolls},
    ).fetchone()
    con.execute("insert into metric.snapshot_count\n" + head(arrived) + _file(root, "snapshot"))
    if c.by_subject and is_most == (True,):
        con.execute("delete from metric.shared_subject where indicator_id = $indicator", indicator)
        con.execute("insert into metric.shared_subject\n" + head(rows) + _file(root, "shared"))
    elif c.by_subject:
        con.execute("insert into metric.shared_subject\n" + head(rows) + _file(root, "shared_more"))


def _compile(
    con: duckdb.DuckDBPyConnection, asked: Mapping[str, Indicator], root: Path
) -> list[IndicatorSql]:
    return [compile_indicator(con, indicator, records(root)) for indicator in asked.values()]


@dataclass(frozen=True)
class Kind:
    """What the aggregation needs to know of a record kind.

    `is_form`: a table of totals, where no row is no zero. `office_speaks_for_all`: a list of events that an
    office sends is complete for all its units.
    """

    is_snapshot: bool
    is_form: bool
    office_speaks_for_all: bool


def roles(root: Path = ROOT) -> dict[str, Kind]:
    """Every record kind by name, as the aggregation sees it."""
    return {
        name: Kind(
            r.snapshot, r.years_across, "unit_code" in r.columns and not r.snapshot and not r.years_across
        )
        for name, r in records(root).items()
    }


def _by_family(compiled: Sequence[IndicatorSql]) -> dict[str, list[IndicatorSql]]:
    found = {family: [c for c in compiled if c.family == family] for family in FAMILIES}
    return {family: members for family, members in found.items() if members}


def _file(root: Path, name: str) -> str:
    return (root / "sql" / "metric" / f"{name}.sql").read_text(encoding="utf-8")


def _rows(
    family: str,
    accepted: Sequence[IndicatorSql],
    undecided: Sequence[IndicatorSql],
    kinds: Mapping[str, Kind],
) -> str:
    """The rows a family aggregates. Rolls are counted already: what reads nothing else brings no row to a stock."""
    if family != "stock":
        return _dated(accepted, undecided)

    def stands(c: IndicatorSql) -> bool:
        return not all(kinds[r].is_snapshot for r in c.indicator.records)

    standing = [c for c in accepted if stands(c)]
    if not standing:
        return f"select * from (\n{_dated(accepted[:1], [])}\n) as c where false"
    return _dated(standing, [c for c in undecided if stands(c)])


def _dated(accepted: Sequence[IndicatorSql], undecided: Sequence[IndicatorSql]) -> str:
    """Rows with the days on which they may lie, `since_on`..`until_on`; an open end is the end of time."""
    sides = [("true", union([c.accepted for c in accepted]))]
    if undecided:
        sides.append(("false", place(union([c.undecided for c in undecided]))))
    return "\nunion all\n".join(
        "select c.indicator_id, c.unit_code, c.category, coalesce(c.event_date, c.from_on) as since_on, "
        "coalesce(c.event_date, c.to_on, case when c.from_on is not null then date '9999-12-31' end) "
        "as until_on, c.subject, c.numerator, c.denominator, c.part_id, c.row_number, "
        f"{state} as is_accepted\nfrom (\n{rows}\n) as c"
        for state, rows in sides
    )


def _aggregate(
    root: Path,
    compiled: Sequence[IndicatorSql],
    period: str,
    rows: Sequence[tuple[str, str]],
    kinds: Mapping[str, Kind],
) -> str:
    """The whole query: head (what is asked), rows, one aggregation per family, then states and bounds."""
    asked = ",\n    ".join(_asked_line(c, kinds) for c in compiled)
    needed = ",\n    ".join(
        f"('{c.indicator.indicator}', '{r}', {_sql(kinds[r].is_snapshot)}, {_sql(kinds[r].is_form)}, "
        f"{_sql(kinds[r].office_speaks_for_all)}, {_sql(r in c.indicator.reported_by)})"
        for c in compiled
        for r in c.indicator.records
    )
    measured = "\n  union all\n".join(
        f"  select {', '.join(_MEASURED)} from {family}_measured" for family, _ in rows
    )
    head = f"""with recursive
period_asked as ({period}),

indicator_asked(indicator_id, is_rate, at_end, by_subject, is_edition, adds_own) as (
  values
    {asked}
),

indicator_record(indicator_id, record, is_snapshot, is_form, office_speaks_for_all, is_needed) as (
  values
    {needed}
),
"""
    parts = [head, _file(root, "asked")]
    for family, select in rows:
        parts += [f"{family}_row as (\n{select}\n),\n", _file(root, family)]
    parts += [f"measured as (\n{measured}\n),\n", _file(root, "value")]
    return "\n".join(parts)


def adds_own(c: IndicatorSql, kinds: Mapping[str, Kind]) -> bool:
    """Whether a city's own rows are added to its units': a table of its totals must not be."""
    return c.family != "stock" and not any(
        kinds[r].is_snapshot or kinds[r].is_form for r in c.indicator.records
    )


def _asked_line(c: IndicatorSql, kinds: Mapping[str, Kind]) -> str:
    is_edition = c.indicator.shape is Shape.EDITION
    flags = (c.indicator.is_rate, c.indicator.at == "end", c.by_subject, is_edition, adds_own(c, kinds))
    return f"('{c.indicator.indicator}', {', '.join(_sql(flag) for flag in flags)})"


def _sql(flag: bool) -> str:
    return "true" if flag else "false"


def _has_rejected(con: duckdb.DuckDBPyConnection, record: str) -> bool:
    return (
        con.execute(f"select 1 from core.{record} where row_state = 'rejected' limit 1").fetchone()
        is not None
    )


def _fill_indicator(con: duckdb.DuckDBPyConnection, found: Sequence[Indicator]) -> None:
    con.execute("delete from ref.indicator")
    con.executemany(
        "insert into ref.indicator values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                i.indicator, i.label, i.unit, i.shape.value, i.direction, i.counts, i.basis, i.record, i.area,
                list(i.claims), i.above_one,
            )
            for i in found
        ],
    )  # fmt: skip
