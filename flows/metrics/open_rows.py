"""A SELECT of an indicator over rows that are certain, and over rows that are not.

Of the columns that it reads, some may be *open* in a row: a header nobody knows may be the column, or the cell holds a word
nobody knows. Such a row, like a rejected one, is undecided where the filter is not false. Where a table has no such column at
all, NULL stands for it: the row counts if the SELECT gives it for certain, with a day and an amount, and is undecided otherwise.
So is a row whose filter asks whether another record is there, while that record is undecided itself.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from flows.contract.indicator import Indicator
from flows.contract.record import Column, ColumnType, Record
from flows.database.connect import literal, sql_text
from flows.metrics.sql_tree import (
    IndicatorError,
    Tree,
    expression,
    filled,
    is_null,
    joined,
    names_in,
    of_type,
    parsed,
)

#: Types that say whom a row is about.
_WHO = frozenset({ColumnType.CITIZEN_ID, ColumnType.NAME, ColumnType.UNIT})


@dataclass(frozen=True)
class OpenRows:
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
    kinds: Mapping[str, Record]

    @classmethod
    def of(
        cls, node: Tree, names: Sequence[str], indicator: Indicator, kinds: Mapping[str, Record]
    ) -> OpenRows:
        """The rows of a SELECT.

        Args:
            node: Its tree.
            names: What its items are called, in order.
            indicator: The indicator.
            kinds: The contracts.
        """
        tables = [t for t in joined(node["from_table"]) if t["schema_name"] == "current"]
        if not tables:
            raise IndicatorError("each SELECT reads its record kind directly in FROM")
        table = next((t for t in tables if t["table_name"] == indicator.record), tables[0])
        record = kinds[table["table_name"]]
        items = dict(zip(names, node["select_list"], strict=True))
        deciding = {**node, "select_list": [item for name, item in items.items() if name != "category"]}
        days = [items[name] for name in ("event_date", "from_on", "to_on") if name in items]
        dated = set(_reads(days, record, _called(table)))
        may_lack_day = dated == {record.dated}
        return cls(node, items, record, _reads(deciding, record, _called(table)), may_lack_day, kinds)

    @property
    def columns(self) -> list[tuple[str, str]]:
        """(record, column) of all that decides about a row, of the records that its filter asks for too."""
        asked = [(self.record.record, column) for column in self.reads]
        return asked + [(record.record, c) for _, record, reads in self._asked_for() for c in reads]

    def accepted(self, con: duckdb.DuckDBPyConnection) -> Tree:
        """The SELECT over rows in force of which nothing that it reads is open. With an item `row_is_dayless`."""
        doubt = self._doubt(con)
        certain = "old_filter and (not row_is_sparse or known)" + (" and not doubt" if doubt else "")
        leaf = self._over(con, "accepted", certain, doubt)
        leaf["select_list"].append(expression(con, "row_is_dayless"))
        return leaf

    def undecided(self, con: duckdb.DuckDBPyConnection) -> Tree:
        """The SELECT over rows that are rejected, or of which something that it reads is open, where its filter is not
        false; without those that are certain all the same. With an item `row_open_columns`."""
        doubt = self._doubt(con)
        touched = "row_is_rejected or row_open_columns <> [] and (not row_is_sparse or old_filter is null or not known)"
        maybe = f"old_filter is not false and ({touched}{' or doubt' if doubt else ''})"
        leaf = self._over(con, "undecided", maybe, doubt)
        for place, name in enumerate(self.items):
            if name in ("numerator", "denominator"):
                leaf["select_list"][place] = self._unknown(con, leaf["select_list"][place])
        leaf["select_list"].append(expression(con, "row_open_columns"))
        return leaf

    def _over(self, con: duckdb.DuckDBPyConnection, rows: str, condition: str, doubt: Tree | None) -> Tree:
        """The SELECT over other rows of its kind and with another filter."""
        leaf = copy.deepcopy(self.node)
        table = next(t for t in joined(leaf["from_table"]) if t["table_name"] == self.record.record)
        _put(table, _rows(con, rows, self.record, self.reads, with_all=doubt is not None))
        parts = {f"item_{name}": _without_default(item) for name, item in self.items.items()}
        certain = {
            "known": expression(con, self._known(), parts),
            "old_filter": leaf["where_clause"] or expression(con, "true"),
        }
        leaf["where_clause"] = expression(con, condition, certain | ({"doubt": doubt} if doubt else {}))
        return leaf

    def _known(self) -> str:
        """What makes a row certain of a table that lacks a column: an amount, a subject with all that must be said of it,
        a day, and whatever tells it from the rows beside it."""
        known = [f"item_{name} is not null" for name in ("numerator", "denominator") if self._says(name)]
        if self._says("subject") and not any(c.type in _WHO for c in self._sources(self.items["subject"])):
            known.append("item_subject is not null")
            if self._is_joined(self.items["subject"]):  # it says something without its most telling part, too
                known += [_is_there(c) for c in self._sources(self.items["subject"]) if c.required]
        for window in of_type(list(self.items.values()), "WINDOW"):
            known += [_is_there(c) for c in self._sources(window) if c.name in self.reads]
        ends = (("event_date", "from_on"), ("event_date", "to_on"))
        sides = [[f"item_{name}" for name in end if self._says(name)] for end in ends]
        dated = " and ".join(f"coalesce({', '.join(days)}) is not null" for days in sides if days)
        if dated:
            known.append(f"({dated} or row_is_dayless)" if self.may_lack_day else f"({dated})")
        return " and ".join(known) or "true"

    def _is_joined(self, subject: Tree) -> bool:
        """Whether a subject is several cells in one."""
        columns = [self.record.columns.get(names[-1]) for names in names_in(subject)]
        return any(column is not None and "concat" in (column.derive or "") for column in columns)

    def _sources(self, tree: Tree) -> list[Column]:
        """What a tree reads of the file."""
        found = frozenset[str]().union(*(self.record.sources(names[-1]) for names in names_in(tree)))
        return [self.record.columns[name] for name in sorted(found)]

    def _says(self, name: str) -> bool:
        """Whether an item is there that can be checked: a constant NULL has nothing to do with the row."""
        item = self.items.get(name)
        return item is not None and not is_null(item) and not any(of_type(item, "WINDOW"))

    def _unknown(self, con: duckdb.DuckDBPyConnection, item: Tree) -> Tree:
        """What an undecided row would add. A constant NULL says "this row has nothing to do with that side": no unknown
        amount. A blank that counts as 0 is not one that nobody knows."""
        if is_null(item):
            return {**expression(con, "0"), "alias": item["alias"]}
        plain = _without_default(item)
        if plain == item:
            return item
        parts = {"item_counted": {**item, "alias": ""}, "item_plain": {**plain, "alias": ""}}
        condition = "case when row_is_rejected then item_counted else item_plain end"
        return {**expression(con, condition, parts), "alias": item["alias"]}

    def _asked_for(self) -> list[tuple[Tree, Record, tuple[str, ...]]]:
        """Subqueries of the filter that ask whether a record is there: the tree, its kind, and what they read of it."""
        out = []
        for asked in of_type(self.node["where_clause"], "SUBQUERY"):
            inner = asked["subquery"]["node"] if asked.get("subquery_type") == "EXISTS" else {}
            tables = (
                [t for t in joined(inner["from_table"]) if t["schema_name"] == "current"] if inner else []
            )
            for table in tables[:1]:
                record = self.kinds[table["table_name"]]
                out.append((asked, record, _reads(inner["where_clause"], record, _called(table))))
        return out

    def _doubt(self, con: duckdb.DuckDBPyConnection) -> Tree | None:
        """Whether a record that the filter asks for is undecided; None where it asks for none."""
        doubts = {}
        for number, (asked, record, reads) in enumerate(self._asked_for()):
            other = copy.deepcopy(asked)
            inner = other["subquery"]["node"]
            table = next(t for t in joined(inner["from_table"]) if t["table_name"] == record.record)
            alias = _called(table)
            _put(table, _rows(con, "undecided", record, reads))
            here = {f"here_{n}": tree for n, tree in enumerate(_of_other(inner["where_clause"], alias))}
            maybe = "row_open_columns <> [] and old_filter is not false and not (row_is_sparse and coalesce(old_filter, false))"
            # a row that names no other record asks for none
            maybe = " and ".join([maybe, *(f"{name} is not null" for name in here)])
            inner["where_clause"] = expression(con, maybe, here | {"old_filter": inner["where_clause"]})
            doubts[f"doubt_{number}"] = other
        return expression(con, " or ".join(doubts), doubts) if doubts else None


def _of_other(condition: Tree, alias: str) -> list[Tree]:
    """What a condition compares a table's columns with, of other tables."""
    compared = [
        side for node in of_type(condition, "COMPARE_EQUAL") for side in (node["left"], node["right"])
    ]
    tables = [(side, {names[0] for names in names_in(side)}) for side in compared]
    return [side for side, named in tables if named and alias not in named]


def _rows(
    con: duckdb.DuckDBPyConnection, name: str, record: Record, reads: Sequence[str], with_all: bool = False
) -> Tree:
    """The rows of `sql/metric/row/<name>.sql` as a table of a FROM.

    Args:
        con: Any connection.
        name: Of the file.
        record: The kind in the place of `record_kind`.
        reads: The columns in the place of `columns_read`.
        with_all: Whether rows of which nothing is open are among the undecided: another record may make them so.
    """
    text = sql_text("metric/row", name).rstrip().removesuffix(";")
    tree: Tree = parsed(con, f"select * from ({text}) as x")["statements"][0]["node"]["from_table"]
    for table in of_type(tree, "BASE_TABLE"):
        if table["table_name"] == "record_kind":
            table["table_name"] = record.record
    listed = f"[{', '.join(map(literal, reads))}]::varchar[]"
    parts = {
        "columns_read": listed,
        "day_column": literal(record.dated or ""),
        "record_name": literal(record.record),
    }
    parts["with_all"] = str(with_all).lower()
    out: Tree = filled(tree, {place: expression(con, value) for place, value in parts.items()})
    return out


def _put(table: Tree, rows: Tree) -> None:
    """Other rows in the place of a table, called as it was."""
    alias = _called(table)
    table.clear()
    table.update({**rows, "alias": alias})


def _called(table: Tree) -> str:
    return str(table["alias"] or table["table_name"])


def _reads(tree: object, record: Record, alias: str) -> tuple[str, ...]:
    """Columns of a contract that a tree names of a table; IDs and names of persons are none that decide about a row."""
    mine = [names[-1] for names in names_in(tree) if len(names) == 1 or names[0] == alias]
    found = frozenset[str]().union(*map(record.sources, mine))
    return tuple(sorted(name for name in found if record.columns[name].type not in _WHO))


def _is_there(column: Column) -> str:
    return f"{column.stored[0][0]} is not null"


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
