"""An indicator's SELECT becomes rows of one shape: the accepted ones, and those that may belong to it.

DuckDB's own parser holds the SELECT against its header: one statement, tables of `current` and `ref` alone (a definition
that looked past `current` would count rows that are rejected, replaced or withdrawn), the record kinds and the categories
that the header declares. Both kinds of rows come from the same SELECT, rewritten through that parser (`open_rows.py`); no
second definition is kept anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb

from flows.contract.indicator import Indicator, Shape
from flows.contract.record import Record
from flows.metrics.open_rows import OpenRows
from flows.metrics.sql_tree import IndicatorError, Tree, leaves, names_in, of_type, parsed, written

_NUMBER = "decimal(38, 6)"

#: Columns of `metric.contribution` in order, with their types. A subject is the bytes of a keyed hash or of a text.
COLUMN_TYPES = {
    "indicator_id": "varchar",
    "unit_code": "varchar",
    "category": "varchar",
    "event_date": "date",
    "from_on": "date",
    "to_on": "date",
    "subject": "blob",
    "numerator": _NUMBER,
    "denominator": _NUMBER,
    "part_id": "bigint",
    "row_number": "integer",
}

#: How rows are aggregated: `sql/metric/measured/<family>_measured.sql`.
FAMILIES = ("flow", "event", "stock", "coverage", "streak")


@dataclass(frozen=True)
class IndicatorSql:
    """An indicator with the SQL of its rows. `by_subject`: a stock that counts subjects, not amounts; `plain`: the accepted rows
    where nothing that it reads is open in any row or table."""

    indicator: Indicator
    family: str
    by_subject: bool
    plain: str
    accepted: str
    undecided: str
    columns: tuple[tuple[str, str], ...]  # (record, column of its contract) that decide about a row


def compile_indicator(
    con: duckdb.DuckDBPyConnection, indicator: Indicator, kinds: Mapping[str, Record]
) -> IndicatorSql:
    """Check an indicator against its header and the tables it reads, and give the SQL of its rows.

    Raises `IndicatorError` for a SELECT that reads something else than declared, or lacks a column its shape needs.
    """
    place = f"sql/indicator/{indicator.area}/{indicator.indicator}.sql"
    try:
        tree = parsed(con, indicator.body)
        _check_reads(tree, indicator)
        columns = {str(r[0]): str(r[1]) for r in con.execute(f"describe {indicator.body}").fetchall()}
        _check_columns(columns, indicator, any(kinds[r].snapshot for r in indicator.records))
        _check_category(tree, columns, indicator)
        family, name = _family(indicator), indicator.indicator
        selects = [OpenRows.of(leaf, list(columns), indicator, kinds) for leaf in leaves(tree)]
        accepted = written(con, tree, [select.accepted(con) for select in selects])
        accepted = _uniform(name, columns, accepted, more="row_is_dayless")
        undecided = written(con, tree, [select.undecided(con) for select in selects])
        undecided = _uniform(
            name, columns, undecided, family == "stock", more="row_open_columns as open_columns"
        )
        return IndicatorSql(
            indicator,
            family,
            family == "stock" and "subject" in columns,
            _uniform(name, columns, indicator.body),
            _placed(accepted, "c.row_is_dayless"),
            _placed(undecided, "true", "c.open_columns"),
            tuple(sorted({column for select in selects for column in select.columns})),
        )
    except (IndicatorError, duckdb.Error) as error:
        raise IndicatorError(f"{place}: {error}") from error


def columns_read(con: duckdb.DuckDBPyConnection, indicator: Indicator, record: str) -> set[str]:
    """Columns that are named in those SELECTs of an indicator that read a record kind."""
    return {
        names[-1]
        for leaf in leaves(parsed(con, indicator.body))
        if any(table["table_name"] == record for table in of_type(leaf, "BASE_TABLE"))
        for names in names_in(leaf)
    }


def _check_reads(tree: Tree, indicator: Indicator) -> None:
    if any(node["cte_map"]["map"] for node in of_type(tree, "SELECT_NODE", "SET_OPERATION_NODE")):
        raise IndicatorError("no CTE: its rows must lead back to records")
    tables = [(table["schema_name"], table["table_name"]) for table in of_type(tree, "BASE_TABLE")]
    if bare := sorted({name for schema, name in tables if not schema}):
        raise IndicatorError(f"tables need their schema: {bare}")
    if schemas := sorted({schema for schema, _ in tables} - {"current", "ref"}):
        raise IndicatorError(f"reads {schemas}; an indicator reads current and ref")
    read = sorted({name for schema, name in tables if schema == "current"})
    if read != list(indicator.records):
        raise IndicatorError(f"reads {read}, its header declares {list(indicator.records)}")


def _check_columns(columns: Mapping[str, str], indicator: Indicator, has_roll: bool) -> None:
    wanted = {"unit_code", "numerator", "part_id", "row_number"}
    if indicator.is_rate:
        wanted |= {"denominator"}
    if indicator.shape in (Shape.DISTINCT, Shape.COVERAGE, Shape.EDITION, Shape.STREAK):
        wanted |= {"subject"}
    if missing := wanted - set(columns):
        raise IndicatorError(f"shape {indicator.shape.value} needs {sorted(missing)}")
    if unknown := set(columns) - set(COLUMN_TYPES):
        raise IndicatorError(f"columns {sorted(unknown)} have no meaning here")
    if "event_date" not in columns and not {"from_on", "to_on"} <= set(columns):
        raise IndicatorError("needs event_date, or from_on and to_on")
    if _family(indicator) == "stock" and "event_date" in columns and not has_roll:
        raise IndicatorError("a stock by event_date needs a snapshot kind, or from_on and to_on")
    for name in ("numerator", "denominator"):
        if columns.get(name, "INTEGER") in ("DOUBLE", "FLOAT"):
            raise IndicatorError(f"{name} is {columns[name]}; quantities are integer or DECIMAL")


def _check_category(tree: Tree, columns: Mapping[str, str], indicator: Indicator) -> None:
    """The column `category` is what the header declares, or NULL, in every SELECT of a UNION."""
    declared = indicator.category
    if ("category" in columns) != (declared is not None):
        raise IndicatorError("`category` of the header and the column category go together")
    if declared is None:
        return
    place = list(columns).index("category")
    given: set[str] = set()
    for leaf in leaves(tree):
        given |= _categories(leaf["select_list"][place])
    expected = {declared} if isinstance(declared, str) else {f"'{label}'" for label in declared}
    if given != expected:
        raise IndicatorError(f"category is {sorted(given)}, its header declares {sorted(expected)}")


def _categories(item: Tree) -> set[str]:
    """What an expression may be: the name of a column, or the quoted constants of a CASE; NULL is nothing."""
    if item["type"] == "COLUMN_REF":
        return {item["column_names"][-1]}
    if item["type"] == "CASE_EXPR":
        results = [*(check["then_expr"] for check in item["case_checks"]), item["else_expr"]]
        return set().union(*map(_categories, results))
    if item["type"] == "VALUE_CONSTANT":
        return set() if item["value"]["is_null"] else {f"'{item['value']['value']}'"}
    return {item["type"]}


def _family(indicator: Indicator) -> str:
    if indicator.shape in (Shape.COVERAGE, Shape.STREAK):
        return indicator.shape.value
    if indicator.shape in (Shape.DISTINCT, Shape.EDITION):
        return "event"
    return "stock" if indicator.shape is Shape.STOCK or indicator.at == "end" else "flow"


def _uniform(
    name: str,
    columns: Mapping[str, str],
    body: str,
    is_open_end: bool = False,
    more: str = "",
) -> str:
    """The body with all columns of `metric.contribution` in their types.

    Args:
        name: The indicator.
        columns: What the body gives.
        body: The SELECT.
        is_open_end: A validity without an end lasts; a rejected event without one may lie anywhere in its part.
        more: What the rows say beside these columns.
    """
    out = [f"'{name}' as indicator_id"]
    for column, kind in list(COLUMN_TYPES.items())[1:]:
        value = f"b.{column}" if column in columns else "null"
        if column == "subject" and columns.get(column) != "BLOB":
            out.append(f"encode(cast({value} as varchar)) as subject")
        elif column == "to_on" and is_open_end and column in columns:
            start = "b.event_date is null and " if "event_date" in columns else ""
            out.append(
                f"case when {start}b.to_on is null then date '9999-12-31' else cast(b.to_on as date) end as to_on"
            )
        else:
            out.append(f"cast({value} as {kind}) as {column}")
    out += [f"b.{more}"] if more else []
    return f"select {', '.join(out)}\nfrom (\n{body}\n) as b"


def union(selects: Sequence[str], *more: str) -> str:
    """Rows of several indicators; without any, no rows of the same shape. `more`: columns after those of it."""
    if not selects:
        empty = [f"cast(null as {t}) as {c}" for c, t in COLUMN_TYPES.items()] + [
            f"null as {c}" for c in more
        ]
        return f"select {', '.join(empty)} where false"
    return "\nunion all\n".join(selects)


def _placed(rows: str, is_dayless: str, *more: str) -> str:
    """Rows with the days on which they may lie: without a day, where `is_dayless`, any that their part covers."""
    # qualified: a bare from_on would be a parameter where a table macro holds these rows
    columns = []
    for name in COLUMN_TYPES:
        if name in ("from_on", "to_on"):
            covered = f"case when {is_dayless} then p.covers_{name.removesuffix('_on')} end"
            columns.append(f"case when c.event_date is null then coalesce(c.{name}, {covered}) end as {name}")
        else:
            columns.append(f"c.{name}")
    return f"select {', '.join([*columns, *more])}\nfrom (\n{rows}\n) as c join meta.part as p on p.part_id = c.part_id"
