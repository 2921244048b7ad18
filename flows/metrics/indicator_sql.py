"""An indicator's SELECT becomes rows of one shape: the accepted ones, and those that may belong to it.

DuckDB's own parser holds the SELECT against its header: one statement, tables of `current` and `ref` alone (a definition
that looked past `current` would count rows that are rejected, replaced or withdrawn), the record kinds and the categories
that the header declares. Both kinds of rows come from the same SELECT, rewritten through that parser; no second
definition is kept anywhere. Of the columns that it reads, some may be *open* in a row: a header nobody knows may be the
column, or the cell holds a word nobody knows. Such a row, like a rejected one, is undecided where `f` is not false. Where
a table has no such column at all, NULL stands for it: the row counts if the SELECT gives it for certain, with a day and an
amount, and is undecided otherwise. A row without a day may lie anywhere in the period that its part covers.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from flows.contract.indicator import Indicator, Shape
from flows.contract.record import Column, ColumnType, Record
from flows.database.connect import literal

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
        tree = _parsed(con, indicator.body)
        _check_reads(tree, indicator)
        columns = {str(r[0]): str(r[1]) for r in con.execute(f"describe {indicator.body}").fetchall()}
        _check_columns(columns, indicator, any(kinds[r].snapshot for r in indicator.records))
        _check_category(tree, columns, indicator)
        family, name = _family(indicator), indicator.indicator
        leaves = [_Leaf.of(leaf, list(columns), indicator, kinds) for leaf in _leaves(tree)]
        accepted = _rewritten(con, tree, [leaf.accepted(con) for leaf in leaves])
        undecided = _rewritten(con, tree, [leaf.undecided(con) for leaf in leaves])
        accepted = _uniform(name, columns, accepted)
        return IndicatorSql(
            indicator,
            family,
            family == "stock" and "subject" in columns,
            _uniform(name, columns, indicator.body),
            _placed(accepted) if any(leaf.may_lack_day for leaf in leaves) else accepted,
            _placed(
                _uniform(name, columns, undecided, family == "stock", is_undecided=True), "c.open_columns"
            ),
            tuple(sorted({(leaf.record.record, column) for leaf in leaves for column in leaf.reads})),
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


def _uniform(
    name: str,
    columns: Mapping[str, str],
    body: str,
    is_open_end: bool = False,
    is_undecided: bool = False,
) -> str:
    """The body with all columns of `metric.contribution` in their types.

    Args:
        name: The indicator.
        columns: What the body gives.
        body: The SELECT.
        is_open_end: A validity without an end lasts; a rejected event without one may lie anywhere in its part.
        is_undecided: The rows say which open columns make them undecided (`open_columns`); a rejected one none.
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
    out += ["b.row_open_columns as open_columns"] if is_undecided else []
    return f"select {', '.join(out)}\nfrom (\n{body}\n) as b"


@dataclass(frozen=True)
class _Leaf:
    """One SELECT of an indicator, and what it reads of the record kind whose rows it gives.

    `reads`: columns of the contract that decide whether, when and with how much a row counts. Who it is about is none of
    them (rows without a usable ID are counted apart), nor is what is only its category. `may_lack_day`: the kind's own
    day is all that dates a row, and that day lies in the period its table covers.
    """

    node: Tree
    items: Mapping[str, Tree]
    record: Record
    reads: tuple[str, ...]
    may_lack_day: bool

    @classmethod
    def of(cls, node: Tree, names: Sequence[str], indicator: Indicator, kinds: Mapping[str, Record]) -> _Leaf:
        """The leaf of a SELECT whose items are called `names`, in order."""
        tables = [t for t in _joined(node["from_table"]) if t["schema_name"] == "current"]
        if not tables:
            raise IndicatorError("each SELECT reads its record kind directly in FROM")
        table = next((t for t in tables if t["table_name"] == indicator.record), tables[0])
        record, alias = kinds[table["table_name"]], table["alias"] or table["table_name"]
        items = dict(zip(names, node["select_list"], strict=True))
        deciding = {**node, "select_list": [item for name, item in items.items() if name != "category"]}
        days = [items[name] for name in ("event_date", "from_on", "to_on") if name in items]
        dated = set(_sources(days, record, alias))
        return cls(
            node, items, record, _sources(deciding, record, alias), bool(dated) and dated == {record.dated}
        )

    def accepted(self, con: duckdb.DuckDBPyConnection) -> Tree:
        """The SELECT over rows in force of which nothing that it reads is open."""
        if not self.reads:
            return self.node
        rows = (
            f"select c.*, s.part_id is not null as row_is_sparse, coalesce(s.is_dayless, false) as row_is_dayless "
            f"from current.{self.record.record} as c left join {self._sparse()} as s on s.part_id = c.part_id "
            f"where c.open_columns is null or not list_has_any(c.open_columns, {self._listed()})"
        )
        return self._over(con, rows, "(old_filter) and (not row_is_sparse or ({known}))")

    def undecided(self, con: duckdb.DuckDBPyConnection) -> Tree:
        """The SELECT over rows that are rejected, or of which something that it reads is open, where its filter is not
        false; without those that are certain all the same."""
        rows = f"""select c.* exclude (row_state, issues, open_columns)
  replace (coalesce(c.unit_code, p.sender) as unit_code), p.snapshot_on,
  c.row_state = 'rejected' as row_is_rejected,
  case when c.row_state <> 'rejected' then
    list_distinct(list_concat(list_intersect(coalesce(c.open_columns, []), {self._listed()}), coalesce(s.lacking, [])))
  end as row_open_columns,
  c.row_state <> 'rejected' and not coalesce(list_has_any(c.open_columns, {self._listed()}), false) as row_is_sparse,
  coalesce(s.is_dayless, false) as row_is_dayless
from core.{self.record.record} as c join meta.part_in_force as p on p.part_id = c.part_id
left join {self._sparse()} as s on s.part_id = c.part_id
anti join (select part_id, row_number from meta.loser where record = '{self.record.record}') as l
  on l.part_id = c.part_id and l.row_number = c.row_number
where c.row_state = 'rejected' or (c.row_state = 'accepted'
  and (s.part_id is not null or coalesce(list_has_any(c.open_columns, {self._listed()}), false)))"""
        condition = (
            "(old_filter) is not false and (not row_is_sparse or (old_filter) is null or not ({known}))"
        )
        leaf = self._over(con, rows, condition)
        for place, name in enumerate(self.items):
            if name in ("numerator", "denominator"):
                leaf["select_list"][place] = self._unknown(con, leaf["select_list"][place])
        leaf["select_list"].append(_expression(con, "row_open_columns", {}))
        return leaf

    def _over(self, con: duckdb.DuckDBPyConnection, rows: str, condition: str) -> Tree:
        """The SELECT over other rows of its kind and with another filter."""
        leaf = copy.deepcopy(self.node)
        table = next(t for t in _joined(leaf["from_table"]) if t["table_name"] == self.record.record)
        source = _parsed(con, f"select * from ({rows}) as x")["statements"][0]["node"]["from_table"]
        source["alias"] = table["alias"] or self.record.record
        table.clear()
        table.update(source)
        parts = {f"item_{name}": _without_default(item) for name, item in self.items.items()}
        parts["old_filter"] = leaf["where_clause"] or _expression(con, "true", {})
        leaf["where_clause"] = _expression(con, condition.format(known=self._known()), parts)
        return leaf

    def _known(self) -> str:
        """What makes a row certain of a table that lacks a column: an amount, a subject with all that must be said of it,
        a day, and whatever tells it from the rows beside it."""
        asked = [name for name in ("numerator", "denominator") if self._says(name)]
        known = [f"item_{name} is not null" for name in asked]
        if self._says("subject") and (sources := self._stated(self.items["subject"])):
            known.append("item_subject is not null")
            if self._is_joined(self.items["subject"]):  # it says something without its most telling part, too
                known += [f"{c.stored[0][0]} is not null" for c in sources if c.required]
        for window in _of_class(list(self.items.values()), "WINDOW"):
            known += [f"{c.stored[0][0]} is not null" for c in self._stated(window) if c.name in self.reads]
        day = [f"item_{name}" for name in ("event_date", "from_on") if self._says(name)]
        end = [f"item_{name}" for name in ("event_date", "to_on") if self._says(name)]
        dated = " and ".join(f"coalesce({', '.join(days)}) is not null" for days in (day, end) if days)
        if dated:
            known.append(f"({dated} or row_is_dayless)" if self.may_lack_day else f"({dated})")
        return " and ".join(known) or "true"

    def _is_joined(self, subject: Tree) -> bool:
        """Whether a subject is several cells in one."""
        names = [ref["column_names"][-1] for ref in _of_type(subject, "COLUMN_REF")]
        columns = [self.record.columns[name] for name in names if name in self.record.columns]
        return any("concat" in (column.derive or "") for column in columns)

    def _stated(self, tree: Tree) -> list[Column]:
        """What a tree reads of the file, if nothing of it says whom a row is about or stands for a person."""
        names = [ref["column_names"][-1] for ref in _of_type(tree, "COLUMN_REF")]
        found = sorted(frozenset[str]().union(*map(self.record.sources, names)))
        columns = [self.record.columns[name] for name in found]
        persons = [c for c in columns if c.type in _WHO]
        return (
            []
            if persons and tree is self.items.get("subject")
            else [c for c in columns if c.type not in _WHO]
        )

    def _says(self, name: str) -> bool:
        """Whether an item is there that can be checked: a constant NULL has nothing to do with the row."""
        item = self.items.get(name)
        return item is not None and not _is_null(item) and not any(_of_class(item, "WINDOW"))

    def _unknown(self, con: duckdb.DuckDBPyConnection, item: Tree) -> Tree:
        """What an undecided row would add. A constant NULL says "this row has nothing to do with that side": no unknown
        amount. A blank that counts as 0 is not one that nobody knows."""
        if _is_null(item):
            return {
                **item,
                "value": {"type": {"id": "INTEGER", "type_info": None}, "is_null": False, "value": 0},
            }
        plain = _without_default(item)
        if plain == item:
            return item
        parts = {"item_counted": {**item, "alias": ""}, "item_plain": {**plain, "alias": ""}}
        condition = "case when row_is_rejected then item_counted else item_plain end"
        return {**_expression(con, condition, parts), "alias": item["alias"]}

    def _sparse(self) -> str:
        """Tables that lack one of the columns read."""
        return (
            f"(select part_id, list(column_name) as lacking, bool_or(column_name = {literal(self.record.dated or '')}) as is_dayless "
            f"from meta.open_column "
            f"where why = 'absent' and list_contains({self._listed()}, column_name) group by part_id)"
        )

    def _listed(self) -> str:
        return f"[{', '.join(map(literal, self.reads))}]::varchar[]"


def _sources(tree: object, record: Record, alias: str) -> tuple[str, ...]:
    """Columns of a contract that a tree names of a table; IDs and names of persons are none that decide about a row."""
    named = [ref["column_names"] for ref in _of_type(tree, "COLUMN_REF")]
    mine = [names[-1] for names in named if len(names) == 1 or names[0] == alias]
    found = frozenset[str]().union(*map(record.sources, mine))
    return tuple(sorted(name for name in found if record.columns[name].type not in _WHO))


#: Types that say whom a row is about.
_WHO = frozenset({ColumnType.CITIZEN_ID, ColumnType.NAME, ColumnType.UNIT})


def _is_null(item: Tree) -> bool:
    return item["type"] == "VALUE_CONSTANT" and bool(item["value"]["is_null"])


def _without_default(tree: Any) -> Any:
    """A tree whose `coalesce(x, 0)` is `x`."""
    if isinstance(tree, list):
        return [_without_default(value) for value in tree]
    if not isinstance(tree, dict):
        return tree
    if tree.get("type") == "OPERATOR_COALESCE" and _is_zero(tree["children"][-1]):
        rest = [_without_default(child) for child in tree["children"][:-1]]
        return {**rest[0], "alias": tree["alias"]} if len(rest) == 1 else {**tree, "children": rest}
    return {name: _without_default(value) for name, value in tree.items()}


def _is_zero(tree: Tree) -> bool:
    return bool(tree["type"] == "VALUE_CONSTANT" and tree["value"].get("value") == 0)


def _expression(con: duckdb.DuckDBPyConnection, text: str, parts: Mapping[str, Tree]) -> Tree:
    """The tree of an expression in which the columns called like `parts` are those."""
    shell = _parsed(con, f"select {text}")["statements"][0]["node"]["select_list"][0]

    def filled(tree: Any) -> Any:
        if isinstance(tree, list):
            return [filled(value) for value in tree]
        if not isinstance(tree, dict):
            return tree
        if tree.get("type") == "COLUMN_REF" and tree["column_names"][-1] in parts:
            return {**copy.deepcopy(parts[tree["column_names"][-1]]), "alias": ""}
        return {name: filled(value) for name, value in tree.items()}

    out: Tree = filled(shell)
    return out


def _rewritten(con: duckdb.DuckDBPyConnection, tree: Tree, leaves: Sequence[Tree]) -> str:
    """The statement with other SELECTs in its UNION."""
    out = copy.deepcopy(tree)
    for old, new in zip(list(_leaves(out)), leaves, strict=True):
        old.clear()
        old.update(copy.deepcopy(new))
    return _one(con, "select json_deserialize_sql(cast(? as json))", json.dumps(out))


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


def _of_class(node: object, name: str) -> Iterator[Tree]:
    if isinstance(node, dict):
        if node.get("class") == name:
            yield node
        for value in node.values():
            yield from _of_class(value, name)
    elif isinstance(node, list):
        for value in node:
            yield from _of_class(value, name)


def _one(con: duckdb.DuckDBPyConnection, query: str, value: str) -> str:
    return str(con.execute(query, [value]).fetchall()[0][0])


def union(selects: Sequence[str], *more: str) -> str:
    """Rows of several indicators; without any, no rows of the same shape. `more`: columns after those of it."""
    if not selects:
        empty = [f"cast(null as {t}) as {c}" for c, t in COLUMN_TYPES.items()] + [
            f"null as {c}" for c in more
        ]
        return f"select {', '.join(empty)} where false"
    return "\nunion all\n".join(selects)


def _placed(rows: str, *more: str) -> str:
    """Rows with the days on which they may lie: without a day, any that their part covers."""
    # qualified: inside metric.between a bare from_on would be its parameter
    columns = [f"c.{name}" for name in COLUMN_TYPES if name not in ("from_on", "to_on")]
    for name, covers in (("from_on", "covers_from"), ("to_on", "covers_to")):
        columns.append(f"case when c.event_date is null then coalesce(c.{name}, p.{covers}) end as {name}")
    order = {name: at for at, name in enumerate(COLUMN_TYPES)}
    columns.sort(key=lambda text: order[text.rpartition(" ")[2].removeprefix("c.")])
    return f"select {', '.join([*columns, *more])}\nfrom (\n{rows}\n) as c join meta.part as p on p.part_id = c.part_id"
