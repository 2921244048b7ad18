"""An indicator's SELECT becomes rows of one shape: the accepted ones, and those that may belong to it.

DuckDB's own parser holds the SELECT against its header: one statement, tables of `current` and `ref` alone (a definition
that looked past `current` would count rows that are rejected, replaced or withdrawn), the record kinds and the categories
that the header declares. The second rows come from the same SELECT, rewritten through that parser: its record kind is
replaced by the rejected rows of parts in force, and `where f` becomes `where (f) is not false`. A row whose date could
not be read may lie anywhere in the covered period of its part. No second definition is kept anywhere.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from flows.contract.indicator import Indicator, Shape
from flows.contract.record import Record

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

Tree = dict[str, Any]


class IndicatorError(ValueError):
    """An indicator whose SELECT does not fit its header or its shape; the text names the file."""


@dataclass(frozen=True)
class IndicatorSql:
    """An indicator with the SQL of its rows. `by_subject`: a stock that counts subjects, not amounts."""

    indicator: Indicator
    family: str
    by_subject: bool
    accepted: str
    undecided: str


def compile_indicator(
    con: duckdb.DuckDBPyConnection, indicator: Indicator, kinds: Mapping[str, Record]
) -> IndicatorSql:
    """Check an indicator against its header and the tables it reads, and give the SQL of its rows.

    Raises `IndicatorError` for a SELECT that reads something else than declared, or lacks a column its shape needs.
    """
    place = f"sql/indicator/{indicator.area}/{indicator.indicator}.sql"
    try:
        tree = _parsed(con, indicator.body)
        _check_reads(tree, indicator)
        columns = {str(r[0]): str(r[1]) for r in con.execute(f"describe {indicator.body}").fetchall()}
        _check_columns(columns, indicator, any(kinds[r].snapshot for r in indicator.records))
        _check_category(tree, columns, indicator)
        family = _family(indicator)
        return IndicatorSql(
            indicator,
            family,
            family == "stock" and "subject" in columns,
            _uniform(indicator.indicator, columns, indicator.body),
            _uniform(
                indicator.indicator, columns, _undecided(con, tree, indicator.record), family == "stock"
            ),
        )
    except (IndicatorError, duckdb.Error) as error:
        raise IndicatorError(f"{place}: {error}") from error


def columns_read(con: duckdb.DuckDBPyConnection, indicator: Indicator, record: str) -> set[str]:
    """Columns that are named in those SELECTs of an indicator that read a record kind."""
    names = set()
    for leaf in _leaves(_parsed(con, indicator.body)):
        if any(table["table_name"] == record for table in _of_type(leaf, "BASE_TABLE")):
            names |= {column["column_names"][-1] for column in _of_type(leaf, "COLUMN_REF")}
    return names


def _parsed(con: duckdb.DuckDBPyConnection, body: str) -> Tree:
    """The tree of one SELECT, as DuckDB's parser gives it."""
    tree: Tree = json.loads(_one(con, "select json_serialize_sql(?)", body))
    if tree["error"]:
        raise IndicatorError(f"not one SELECT: {tree['error_message']}")
    if len(tree["statements"]) != 1:
        raise IndicatorError("one SELECT, nothing after it")
    return tree


def _check_reads(tree: Tree, indicator: Indicator) -> None:
    if any(node["cte_map"]["map"] for node in _of_type(tree, "SELECT_NODE", "SET_OPERATION_NODE")):
        raise IndicatorError("no CTE: its rows must lead back to records")
    tables = [(table["schema_name"], table["table_name"]) for table in _of_type(tree, "BASE_TABLE")]
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
    for leaf in _leaves(tree):
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


def _uniform(name: str, columns: Mapping[str, str], body: str, is_open_end: bool = False) -> str:
    """The body with all columns of `metric.contribution` in their types.

    `is_open_end`: a validity without an end lasts; a rejected event without one may lie anywhere in its part.
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
    return f"select {', '.join(out)}\nfrom (\n{body}\n) as b"


def _undecided(con: duckdb.DuckDBPyConnection, tree: Tree, record: str) -> str:
    """The SELECT over rejected rows whose filter is not false. Changes the tree."""
    for leaf in _leaves(tree):
        tables = [t for t in _joined(leaf["from_table"]) if t["schema_name"] == "current"]
        if not tables:
            raise IndicatorError("each SELECT reads its record kind directly in FROM")
        table = next((t for t in tables if t["table_name"] == record), tables[0])
        name = table["table_name"]
        source = _parsed(con, f"select * from ({_rejected(name)}) as x")["statements"][0]["node"][
            "from_table"
        ]
        source["alias"] = table["alias"] or name
        table.clear()
        table.update(source)
        if leaf["where_clause"] is not None:
            shell = _parsed(con, "select 1 where (true) is not false")["statements"][0]["node"][
                "where_clause"
            ]
            shell["left"] = leaf["where_clause"]
            leaf["where_clause"] = shell
        for item in leaf["select_list"]:
            # a constant NULL says "this row has nothing to do with that side": no unknown amount
            is_amount = item["alias"] in ("numerator", "denominator")
            if is_amount and item["type"] == "VALUE_CONSTANT" and item["value"]["is_null"]:
                item["value"] = {"type": {"id": "INTEGER", "type_info": None}, "is_null": False, "value": 0}
    return _one(con, "select json_deserialize_sql(cast(? as json))", json.dumps(tree))


def _rejected(record: str) -> str:
    return (
        "select c.* exclude (row_state, issues) replace (coalesce(c.unit_code, p.sender) as unit_code), "
        f"p.snapshot_on from core.{record} as c join meta.part_in_force as p on p.part_id = c.part_id "
        "where c.row_state = 'rejected'"
    )


def _leaves(tree: Tree) -> Iterator[Tree]:
    """The SELECTs of a chain of UNIONs."""
    node = tree["statements"][0]["node"] if "statements" in tree else tree
    if node["type"] == "SET_OPERATION_NODE":
        for side in node.get("children") or (node["left"], node["right"]):
            yield from _leaves(side)
    else:
        yield node


def _joined(node: Tree) -> Iterator[Tree]:
    """The tables of a FROM, without those of subqueries."""
    if node["type"] == "BASE_TABLE":
        yield node
    elif node["type"] == "JOIN":
        yield from _joined(node["left"])
        yield from _joined(node["right"])


def _of_type(node: object, *kinds: str) -> Iterator[Tree]:
    """Every node of a tree that has one of the types, subqueries included."""
    if isinstance(node, dict):
        if node.get("type") in kinds:
            yield node
        for value in node.values():
            yield from _of_type(value, *kinds)
    elif isinstance(node, list):
        for value in node:
            yield from _of_type(value, *kinds)


def _one(con: duckdb.DuckDBPyConnection, query: str, value: str) -> str:
    return str(con.execute(query, [value]).fetchall()[0][0])


def union(selects: Sequence[str]) -> str:
    """Rows of several indicators; without any, no rows of the same shape."""
    if not selects:
        return f"select {', '.join(f'cast(null as {t}) as {c}' for c, t in COLUMN_TYPES.items())} where false"
    return "\nunion all\n".join(selects)


def place(undecided: str) -> str:
    """Undecided rows with the days on which they may lie: without a date, any that their part covers."""
    # qualified: inside metric.between a bare from_on would be its parameter
    columns = ", ".join(f"c.{name}" for name in COLUMN_TYPES if name not in ("from_on", "to_on"))
    return f"""select {columns},
  case when c.event_date is null then coalesce(c.from_on, p.covers_from) end as from_on,
  case when c.event_date is null then coalesce(c.to_on, p.covers_to) end as to_on
from (
{undecided}
) as c join meta.part as p on p.part_id = c.part_id"""
