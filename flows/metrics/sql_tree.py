"""SQL as DuckDB's own parser sees it: a statement as a tree, looked through, changed in places, and written again."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import duckdb

Tree = dict[str, Any]


class IndicatorError(ValueError):
    """An indicator whose SELECT does not fit its header or its shape; the text names the file."""


def parsed(con: duckdb.DuckDBPyConnection, body: str) -> Tree:
    """The tree of one SELECT; `IndicatorError` for anything else."""
    tree: Tree = json.loads(_one(con, "select json_serialize_sql(?)", body))
    if tree["error"]:
        raise IndicatorError(f"not one SELECT: {tree['error_message']}")
    if len(tree["statements"]) != 1:
        raise IndicatorError("one SELECT, nothing after it")
    return tree


def written(con: duckdb.DuckDBPyConnection, tree: Tree, selects: Sequence[Tree]) -> str:
    """The statement with other SELECTs in its UNION, as SQL."""
    out = copy.deepcopy(tree)
    for old, new in zip(list(leaves(out)), selects, strict=True):
        old.clear()
        old.update(new)
    return _one(con, "select json_deserialize_sql(cast(? as json))", json.dumps(out))


def expression(con: duckdb.DuckDBPyConnection, text: str, parts: Mapping[str, Tree] | None = None) -> Tree:
    """The tree of an expression in which the columns called like `parts` are those."""
    found: Tree = parsed(con, f"select {text}")["statements"][0]["node"]["select_list"][0]
    out: Tree = filled(found, parts or {})
    return out


def filled(tree: Any, parts: Mapping[str, Tree]) -> Any:
    """A copy of a tree in which the columns called like `parts` are those."""
    if isinstance(tree, list):
        return [filled(value, parts) for value in tree]
    if not isinstance(tree, dict):
        return tree
    if tree.get("type") == "COLUMN_REF" and tree["column_names"][-1] in parts:
        return {**copy.deepcopy(parts[tree["column_names"][-1]]), "alias": tree["alias"]}
    return {name: filled(value, parts) for name, value in tree.items()}


def leaves(tree: Tree) -> Iterator[Tree]:
    """The SELECTs of a chain of UNIONs."""
    node = tree["statements"][0]["node"] if "statements" in tree else tree
    if node["type"] == "SET_OPERATION_NODE":
        for side in node.get("children") or (node["left"], node["right"]):
            yield from leaves(side)
    else:
        yield node


def joined(node: Tree) -> Iterator[Tree]:
    """The tables of a FROM, without those of subqueries."""
    if node["type"] == "BASE_TABLE":
        yield node
    elif node["type"] == "JOIN":
        yield from joined(node["left"])
        yield from joined(node["right"])


def of_type(node: object, *kinds: str) -> Iterator[Tree]:
    """Every node of a tree whose type or class is one of `kinds`, subqueries included."""
    if isinstance(node, dict):
        if node.get("type") in kinds or node.get("class") in kinds:
            yield node
        for value in node.values():
            yield from of_type(value, *kinds)
    elif isinstance(node, list):
        for value in node:
            yield from of_type(value, *kinds)


def names_in(node: object) -> list[list[str]]:
    """Names of columns as a tree has them, each with the table before it where there is one."""
    return [ref["column_names"] for ref in of_type(node, "COLUMN_REF")]


def is_null(item: Tree) -> bool:
    """Whether an expression is the constant NULL."""
    return item["type"] == "VALUE_CONSTANT" and bool(item["value"]["is_null"])


def _one(con: duckdb.DuckDBPyConnection, query: str, value: str) -> str:
    return str(con.execute(query, [value]).fetchall()[0][0])
