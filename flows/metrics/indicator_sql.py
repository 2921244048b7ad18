"""An indicator's SELECT becomes rows of one shape: the accepted ones, and those that may belong to it.

The second come from the same SELECT, rewritten through DuckDB's own parser: its record kind is replaced
by the rejected rows of parts in force, and `where f` becomes `where (f) is not false`. A row whose date
could not be read may lie anywhere in the covered period of its part. No second definition is kept anywhere.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from flows.contract.indicator import Indicator, Shape

#: Columns of `metric.contribution`, in order.
COLUMNS = (
    "indicator_id", "unit_code", "category", "event_date", "from_on", "to_on", "subject", "numerator",
    "denominator", "part_id", "row_number",
)  # fmt: skip

#: The aggregation of each family is `sql/metric/<family>.sql`.
FAMILIES = ("flow", "event", "stock", "coverage", "streak")

_NUMBER = "decimal(38, 6)"


class IndicatorError(ValueError):
    """An indicator whose SELECT does not fit its shape; the text names the file."""


@dataclass(frozen=True)
class Compiled:
    """An indicator with the SQL of its rows. `by_subject`: a stock that counts subjects, not amounts."""

    indicator: Indicator
    family: str
    by_subject: bool
    accepted: str
    undecided: str


def compile_indicator(
    con: duckdb.DuckDBPyConnection, indicator: Indicator, snapshots: frozenset[str]
) -> Compiled:
    """Check an indicator against the tables it reads and give the SQL of its rows.

    `snapshots`: record kinds that are rolls. Raises `IndicatorError` for a column that is missing, unknown,
    or of another shape.
    """
    place = f"sql/indicator/{indicator.area}/{indicator.indicator}.sql"
    try:
        found = {str(row[0]): str(row[1]) for row in con.execute(f"describe {indicator.body}").fetchall()}
    except duckdb.Error as error:
        raise IndicatorError(f"{place}: {error}") from error
    _check_columns(place, indicator, found)
    family = _family(indicator)
    if family == "stock" and "event_date" in found and not set(indicator.records) & snapshots:
        raise IndicatorError(f"{place}: a stock by event_date needs a snapshot kind, or from_on and to_on")
    by_subject = family == "stock" and "subject" in found
    accepted = _normal(indicator.indicator, found, indicator.body)
    undecided = _undecided(con, place, indicator, found, family)
    return Compiled(indicator, family, by_subject, accepted, undecided)


def _check_columns(place: str, indicator: Indicator, found: dict[str, str]) -> None:
    wanted = {"unit_code", "numerator", "part_id", "row_number"}
    if indicator.is_rate:
        wanted |= {"denominator"}
    if indicator.shape in (Shape.DISTINCT, Shape.COVERAGE, Shape.EDITION, Shape.STREAK):
        wanted |= {"subject"}
    if missing := wanted - set(found):
        raise IndicatorError(f"{place}: shape {indicator.shape.value} needs {sorted(missing)}")
    if unknown := set(found) - set(COLUMNS):
        raise IndicatorError(f"{place}: columns {sorted(unknown)} have no meaning here")
    if "event_date" not in found and not {"from_on", "to_on"} <= set(found):
        raise IndicatorError(f"{place}: needs event_date, or from_on and to_on")
    for name in ("numerator", "denominator"):
        if found.get(name, "INTEGER") in ("DOUBLE", "FLOAT"):
            raise IndicatorError(f"{place}: {name} is {found[name]}; quantities are integer or DECIMAL")


def _family(indicator: Indicator) -> str:
    if indicator.shape in (Shape.COVERAGE, Shape.STREAK):
        return indicator.shape.value
    if indicator.shape in (Shape.DISTINCT, Shape.EDITION):
        return "event"
    return "stock" if indicator.shape is Shape.STOCK or indicator.at == "end" else "flow"


def _normal(name: str, found: dict[str, str], body: str, open_end: bool = False) -> str:
    """The body with all columns of `metric.contribution` in their fixed types.

    `open_end`: a validity without an end lasts; a rejected event without one may lie anywhere in its part.
    """
    types = {
        "event_date": "date",
        "from_on": "date",
        "to_on": "date",
        "numerator": _NUMBER,
        "denominator": _NUMBER,
    }
    types |= {"part_id": "bigint", "row_number": "integer"}
    columns = [f"'{name}' as indicator_id"]
    for column in COLUMNS[1:]:
        kind = types.get(column, "varchar")
        value = f"b.{column}" if column in found else "null"
        if column == "subject":
            # keyed hashes are bytes; text becomes its UTF-8 bytes, so that one column holds both
            text = f"encode(cast({value} as varchar))"
            columns.append(f"{value if found.get(column) == 'BLOB' else text} as subject")
        elif column == "to_on" and open_end and column in found:
            start = "b.event_date is null and " if "event_date" in found else ""
            columns.append(
                f"case when {start}b.to_on is null then date '9999-12-31' "
                "else cast(b.to_on as date) end as to_on"
            )
        else:
            columns.append(f"cast({value} as {kind}) as {column}")
    return f"select {', '.join(columns)}\nfrom (\n{body}\n) as b"


def _undecided(
    con: duckdb.DuckDBPyConnection, place: str, indicator: Indicator, found: dict[str, str], family: str
) -> str:
    tree = json.loads(_one(con, "select json_serialize_sql(?)", indicator.body))
    if tree.get("error") or len(tree["statements"]) != 1:
        raise IndicatorError(f"{place}: not one SELECT: {tree.get('error_message', '')}")
    for leaf in _leaves(tree["statements"][0]["node"]):
        _loosen(con, place, leaf, indicator.record)
    body = _one(con, "select json_deserialize_sql(cast(? as json))", json.dumps(tree))
    return _normal(indicator.indicator, found, body, open_end=family == "stock")


def _leaves(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The SELECTs of a chain of UNIONs."""
    if node["type"] == "SET_OPERATION_NODE":
        for side in node.get("children") or (node["left"], node["right"]):
            yield from _leaves(side)
    else:
        yield node


def _loosen(con: duckdb.DuckDBPyConnection, place: str, leaf: dict[str, Any], record: str) -> None:
    tables = [t for t in _tables(leaf["from_table"]) if t["schema_name"] == "current"]
    if not tables:
        raise IndicatorError(f"{place}: each SELECT reads its record kind directly in FROM")
    table = next((t for t in tables if t["table_name"] == record), tables[0])
    name = table["table_name"]
    parsed = json.loads(_one(con, "select json_serialize_sql(?)", f"select * from ({_rejected(name)}) as x"))
    source = parsed["statements"][0]["node"]["from_table"]
    source["alias"] = table["alias"] or name
    table.clear()
    table.update(source)
    if leaf["where_clause"] is not None:
        shell = json.loads(_one(con, "select json_serialize_sql(?)", "select 1 where (true) is not false"))
        clause = shell["statements"][0]["node"]["where_clause"]
        clause["left"] = leaf["where_clause"]
        leaf["where_clause"] = clause
    for item in leaf["select_list"]:
        # a constant NULL says "this row has nothing to do with that side": no unknown amount
        if (
            item["type"] == "VALUE_CONSTANT"
            and item["alias"] in ("numerator", "denominator")
            and item["value"]["is_null"]
        ):
            item["value"] = {"type": {"id": "INTEGER", "type_info": None}, "is_null": False, "value": 0}


def _rejected(record: str) -> str:
    return (
        "select c.* exclude (row_state, issues) replace (coalesce(c.unit_code, p.sender) as unit_code), "
        f"p.snapshot_on from core.{record} as c join meta.part_in_force as p on p.part_id = c.part_id "
        "where c.row_state = 'rejected'"
    )


def _tables(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if node["type"] == "BASE_TABLE":
        yield node
    elif node["type"] == "JOIN":
        yield from _tables(node["left"])
        yield from _tables(node["right"])


def _one(con: duckdb.DuckDBPyConnection, query: str, value: str) -> str:
    return str(con.execute(query, [value]).fetchall()[0][0])


def union(selects: Sequence[str]) -> str:
    """Rows of several indicators; without any, no rows of the same shape."""
    if not selects:
        return "select " + ", ".join(f"cast(null as {t}) as {c}" for c, t in _TYPES.items()) + " where false"
    return "\nunion all\n".join(selects)


def place(undecided: str) -> str:
    """Undecided rows with the days on which they may lie: without a date, any that their part covers."""
    # qualified: inside metric.between a bare from_on would be its parameter
    columns = ", ".join(f"c.{name}" for name in COLUMNS if name not in ("from_on", "to_on"))
    return f"""select {columns},
  case when c.event_date is null then coalesce(c.from_on, p.covers_from) end as from_on,
  case when c.event_date is null then coalesce(c.to_on, p.covers_to) end as to_on
from (
{undecided}
) as c join meta.part as p on p.part_id = c.part_id"""


_TYPES = dict(
    zip(
        COLUMNS,
        (
            "varchar",
            "varchar",
            "varchar",
            "date",
            "date",
            "date",
            "blob",
            _NUMBER,
            _NUMBER,
            "bigint",
            "integer",
        ),
        strict=True,
    )
)
