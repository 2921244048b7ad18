"""Indicators become values: for every unit, the city, and every period, by one aggregation.

Each file of `sql/metric/work`, `kept` and `measured` is one statement that makes one work table from others. `fill` runs them over
`ref.period` and keeps the result in `metric.value`; the table macro `metric.in_span(from_on, to_on)` is the same statements
as one query over the span that the analyst names, from the rows and sums of days that `fill` kept (planning all indicators' own
SELECTs took ten times as long as the answer). So a number of the assessment and one asked for in a shell can not differ
by definition. Refuses an indicator whose SELECT does not fit its header or its shape before anything is computed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import duckdb

from flows.contract.catalogue import ROOT, records
from flows.contract.indicator import Indicator, Shape, indicators
from flows.contract.record import Record
from flows.database.connect import insert_named, insert_rows, literal, run_file
from flows.metrics.indicator_sql import FAMILIES, IndicatorSql, compile_indicator, union

#: What is asked about; then what every family of indicators needs: whose rows count, and who has reported.
_PARAMETERS = ("period_asked", "indicator_asked")
_REPORTED = (
    "indicator_record",
    "period_day",
    "unit_member",
    "record_end",
    "indicator_end",
    "report_span",
    "roll_span",
    "unit_period",
    "full_report",
)
#: What a family is measured by, from its rows in `<family>_row`.
_MEASURED = {
    "flow": ("flow_sum", "flow_measured"),
    "event": ("event_unit", "event_measured"),
    "stock": ("roll_standing", "roll_measured", "validity_unit", "validity_measured", "stock_measured"),
    "coverage": ("roll_standing", "coverage_unit", "coverage_measured"),
    "streak": ("streak_unit", "streak_measured"),
}
#: What no span of days changes is kept in a table of `metric`, by what is replaced in it (`sql/metric/kept`).
_OF_RECORD = "record in (select record from indicator_record)"
_OF_INDICATOR = "indicator_id in (select indicator_id from indicator_asked)"
_KEPT = {
    "unit_member": "true",
    "record_end": "true",
    "report_span": _OF_RECORD,
    "roll_span": _OF_RECORD,
} | dict.fromkeys(("flow_sum", "event_unit", "validity_unit", "coverage_unit", "streak_unit"), _OF_INDICATOR)
_CREATE = re.compile(r"^create or replace temporary (?:table|view) \w+ as\n", re.MULTILINE)

#: First and last day.
Span = tuple[date, date]


@dataclass(frozen=True)
class MetricResult:
    """What was recomputed: indicators, and rows now in `metric.value` for them."""

    indicators: int
    values: int


def create_views(con: duckdb.DuckDBPyConnection, root: Path = ROOT) -> None:
    """Create `metric.*` and fill `ref.indicator`; needs `core`, `current`, `meta`, `ref` and the macros."""
    compiled, doubtful = _settled(con, _compile(con, indicators(root), root))
    for name in ("table", "report_due"):
        run_file(con, root / "sql" / "metric" / f"{name}.sql")
    _fill_indicator(con, compiled, records(root))
    con.execute("create or replace view metric.contribution as\n" + union([c.accepted for c in compiled]))
    undecided = union([c.undecided for c in doubtful], "open_columns")
    con.execute(f"create or replace view metric.undecided as\n{undecided}")
    con.execute(
        "drop macro table if exists metric.between"
    )  # of older code; DuckDB 2.0 takes the word for itself
    con.execute(
        "create or replace macro metric.in_span(from_on, to_on) as table\n"
        f"with {_one_query(root)} select * exclude (period_id) from indicator_value"
    )


def _one_query(root: Path) -> str:
    """The work tables of all indicators as the common table expressions of one query over `from_on`..`to_on`."""
    tables = {
        "period_asked": "select 'asked' as period_id, cast(from_on as date) as first_on, cast(to_on as date) as last_on",
        "indicator_asked": "select * from ref.indicator",
    }
    measured = [name for family in FAMILIES for name in _MEASURED[family]]
    tables |= {name: _select(name, root) for name in (*_REPORTED, *measured) if name not in _KEPT}
    tables |= {"measured": _all_measured(FAMILIES), "indicator_value": _select("indicator_value", root)}
    query = ",\n".join(f"{name} as (\n{select}\n)" for name, select in tables.items())
    # named where they are read: a common table expression of a whole table would be a copy of it
    return re.sub(rf"\b(from|join) ({'|'.join(_KEPT)})\b", r"\1 metric.\2", query)


def over_spans(
    con: duckdb.DuckDBPyConnection,
    asked: Mapping[str, Indicator],
    spans: Mapping[str, Span],
    root: Path = ROOT,
) -> str:
    """Values of some indicators for several spans at once, as `metric.in_span` gives them for one.

    Args:
        con: A build, or a published file: work tables are temporary.
        asked: The indicators, by id.
        spans: First and last day by a name, which becomes `period_id`.
        root: The clone whose definitions are used.

    Returns:
        The name of the work table that holds them.
    """
    listed = ", ".join(
        f"{{'period_id': {literal(name)}, 'first_on': date '{first}', 'last_on': date '{last}'}}"
        for name, (first, last) in spans.items()
    )
    _compute(con, *_settled(con, _compile(con, asked, root)), f"[{listed}]", root)
    return "indicator_value"


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
    """Replace the values and flags of the given indicators, and what `metric.in_span` reads of them."""
    if not asked:
        return MetricResult(0, 0)
    compiled, doubtful = _settled(con, _compile(con, asked, root))
    for c in compiled:
        rolls = [r for r in c.indicator.records if records(root)[r].snapshot]
        if c.family == "stock" and rolls:
            _count_rolls(con, c, rolls, c in doubtful, root)
    periods = "(select list({'period_id': period_id, 'first_on': from_on, 'last_on': to_on}) from ref.period)"
    families = _compute(con, compiled, doubtful, periods, root)
    for name in ("value", "flag"):
        con.execute(f"delete from metric.{name} where {_OF_INDICATOR}")
    made = {*_REPORTED, *(name for family in families for name in _MEASURED[family])}
    for name, replaced in _KEPT.items():
        con.execute(f"delete from metric.{name} where {replaced}")
        if name in made:
            order = "since_on" if replaced == _OF_INDICATOR else "all"  # a span reads its days alone
            con.execute(f"insert into metric.{name} by name from {name} order by {order}")
    # by period, or whoever asks for one reads all
    [(values,)] = con.execute(
        "insert into metric.value by name from indicator_value order by period_id, unit_code"
    ).fetchall()
    run_file(con, root / "sql" / "metric" / "flag.sql")
    undecided = union([c.undecided for c in doubtful], "open_columns")
    con.execute(f"create or replace temporary view undecided_row as\n{undecided}")
    run_file(con, root / "sql" / "metric" / "flag_unsettled.sql")
    return MetricResult(len(asked), int(values))


def _compute(
    con: duckdb.DuckDBPyConnection,
    compiled: Sequence[IndicatorSql],
    doubtful: Collection[IndicatorSql],
    periods: str,
    root: Path,
) -> Collection[str]:
    """Make the work tables up to `indicator_value`; `periods` is a list as `period_asked.sql` wants it. The families there are."""
    ids = ", ".join(literal(c.indicator.indicator) for c in compiled)
    con.execute(f"set variable indicators = [{ids}]; set variable periods = {periods}")
    for name in (*_PARAMETERS, *_REPORTED):
        run_file(con, _file(name, root))
    families = _by_family(compiled)
    for family, members in families.items():
        rows = _rows(family, members, [c for c in members if c in doubtful], records(root))
        con.execute(f"create or replace temporary view {family}_row as\n{rows}")
        for name in _MEASURED[family]:
            run_file(con, _file(name, root))
    con.execute(f"create or replace temporary view measured as\n{_all_measured(families)}")
    run_file(con, _file("indicator_value", root))
    return families


def _count_rolls(
    con: duckdb.DuckDBPyConnection, c: IndicatorSql, rolls: Sequence[str], has_doubt: bool, root: Path
) -> None:
    """Count the rolls that arrived since the last time; forget those that are no longer in force."""
    folder = root / "sql" / "metric" / "roll"
    con.execute(f"set variable indicator = {literal(c.indicator.indicator)}")
    for name in ("roll_asked", "forget_counts", "roll_missing"):
        run_file(con, folder / f"{name}.sql")
    if c.by_subject:
        run_file(con, folder / "forget_shared.sql")
    first, last = con.execute(
        "select min(part_id), max(part_id) from (select unnest(parts) as part_id from roll_missing)"
    ).fetchall()[0]
    if first is None:
        return
    rows = _dated([c], [c] if has_doubt else [])
    con.execute(f"create or replace temporary view roll_row as\n{rows}")
    # the bounds let DuckDB pass over the rows of other rolls unread
    con.execute(
        "create or replace temporary view roll_row_new as "
        f"select * from roll_row where part_id between {first} and {last}"
    )
    is_most = con.execute(
        "select (select count(*) from roll_missing) * 2 > count(*) from metric.snapshot_slot "
        "where list_contains($records, record)",
        {"records": rolls},
    ).fetchone()
    run_file(con, folder / "count.sql")
    if c.by_subject and is_most == (True,):
        con.execute(
            "delete from metric.shared_subject where indicator_id = (select indicator_id from roll_asked)"
        )
        run_file(con, folder / "share.sql")
    elif c.by_subject:
        run_file(con, folder / "share_more.sql")


def _compile(
    con: duckdb.DuckDBPyConnection, asked: Mapping[str, Indicator], root: Path
) -> list[IndicatorSql]:
    """Kept: contracts and definitions alone decide what the SQL of an indicator is."""
    for indicator in asked.values():
        if (indicator, root) not in _COMPILED:
            _COMPILED[indicator, root] = compile_indicator(con, indicator, records(root))
    return [_COMPILED[indicator, root] for indicator in asked.values()]


_COMPILED: dict[tuple[Indicator, Path], IndicatorSql] = {}


def _by_family(compiled: Sequence[IndicatorSql]) -> dict[str, list[IndicatorSql]]:
    members = {family: [c for c in compiled if c.family == family] for family in FAMILIES}
    return {family: found for family, found in members.items() if found}


def _file(name: str, root: Path) -> Path:
    folder = "measured" if name.endswith("_measured") else "kept" if name in _KEPT else "work"
    return root / "sql" / "metric" / folder / f"{name}.sql"


def _select(name: str, root: Path) -> str:
    """The SELECT of the statement that makes a work table."""
    return _CREATE.split(_file(name, root).read_text(encoding="utf-8"))[1].rstrip().removesuffix(";")


def _all_measured(families: Iterable[str]) -> str:
    return "\nunion all by name\n".join(f"select * from {family}_measured" for family in families)


def _rows(
    family: str,
    accepted: Sequence[IndicatorSql],
    undecided: Sequence[IndicatorSql],
    kinds: Mapping[str, Record],
) -> str:
    """The rows a family aggregates. Rolls are counted already: what reads nothing else brings no row to a stock."""
    if family != "stock":
        return _dated(accepted, undecided)
    rolls_alone = [c for c in accepted if all(kinds[r].snapshot for r in c.indicator.records)]
    standing = [c for c in accepted if c not in rolls_alone]
    if not standing:
        return f"select * from (\n{_dated(accepted[:1], [])}\n) as c where false"
    return _dated(standing, [c for c in undecided if c not in rolls_alone])


def _dated(accepted: Sequence[IndicatorSql], undecided: Sequence[IndicatorSql]) -> str:
    """Rows with the days on which they may lie, `since_on`..`until_on`; an open end is the end of time."""
    sides = [("true", "false", union([c.accepted for c in accepted]))]
    if undecided:
        rows = union([c.undecided for c in undecided], "open_columns")
        sides.append(("false", "c.open_columns is not null", rows))
    return "\nunion all\n".join(
        "select c.indicator_id, c.unit_code, c.category, coalesce(c.event_date, c.from_on) as since_on, "
        "coalesce(c.event_date, c.to_on, case when c.from_on is not null then date '9999-12-31' end) "
        "as until_on, c.subject, c.numerator, c.denominator, c.part_id, c.row_number, "
        f"{is_accepted} as is_accepted, {is_open} as is_open\nfrom (\n{rows}\n) as c"
        for is_accepted, is_open, rows in sides
    )


def adds_own(c: IndicatorSql, kinds: Mapping[str, Record]) -> bool:
    """Whether a city's own rows are added to its units': a table of its totals must not be."""
    return c.family != "stock" and not any(
        kinds[r].snapshot or kinds[r].years_across for r in c.indicator.records
    )


_LACKING = "select distinct p.record, c.column_name from meta.open_column as c join meta.part as p on p.part_id = c.part_id"


def _settled(
    con: duckdb.DuckDBPyConnection, compiled: Sequence[IndicatorSql]
) -> tuple[list[IndicatorSql], list[IndicatorSql]]:
    """The indicators, by their plain rows where nothing that they read is open; and those that have an undecided row to look
    for. Planning what cannot give a row would cost more than all else. Of an empty database nothing is known yet."""
    if con.execute("select 1 from meta.part limit 1").fetchone() is None:
        return list(compiled), list(compiled)
    lacking = set(con.execute(_LACKING).fetchall())
    kinds = {record for c in compiled for record in c.indicator.records}
    is_open = {r: _has(con, r, "open_columns is not null") for r in kinds}
    is_rejected = {r: _has(con, r, "row_state = 'rejected'") for r in kinds}
    out, doubtful = [], []
    for c in compiled:
        is_plain = not (lacking & set(c.columns)) and not any(is_open[r] for r in c.indicator.records)
        out.append(replace(c, accepted=c.plain) if is_plain else c)
        if not is_plain or any(is_rejected[r] for r in c.indicator.records):
            doubtful.append(out[-1])
    return out, doubtful


def _has(con: duckdb.DuckDBPyConnection, record: str, condition: str) -> bool:
    return con.execute(f"select 1 from core.{record} where {condition} limit 1").fetchone() is not None


def _fill_indicator(
    con: duckdb.DuckDBPyConnection, compiled: Sequence[IndicatorSql], kinds: Mapping[str, Record]
) -> None:
    lines = [
        (
            {"indicator_id": i.indicator, "at_end": i.at == "end", "by_subject": c.by_subject}
            | {"is_rate": i.is_rate, "is_edition": i.shape is Shape.EDITION, "adds_own": adds_own(c, kinds)}
            | {"shape": i.shape.value, "above_one": i.above_one}
            | i.model_dump(include={"label", "unit", "direction", "counts", "basis", "record", "area"})
        )
        for c in compiled
        for i in [c.indicator]
    ]
    insert_named(con, "ref.indicator", lines)
    needed = [(c.indicator, r) for c in compiled for r in c.indicator.records]
    insert_rows(
        con,
        "ref.indicator_record",
        ("indicator_id", "record", "is_needed"),
        [(i.indicator, record, record in i.reported_by) for i, record in needed],
    )
    read = [(c.indicator.indicator, *column) for c in compiled for column in c.columns]
    insert_rows(con, "ref.indicator_column", ("indicator_id", "record", "column_name"), read)
