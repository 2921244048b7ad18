"""The data dictionary: what every record kind, column, code list and indicator means, and every table, view and macro of a warehouse.

Pages of kinds and indicators come from the files that the meaning comes from, not from a filled database: what was read off its
rows would describe an accident as if it were intended. Those of the warehouse come from an empty one, made as a build is. Nothing
is added by hand, so that no page can disagree with what the reader, the store and the sample do; `--check` refuses a stale one.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import duckdb

from flows.assess.score_years import create_open
from flows.contract.catalogue import ROOT, code_lists, records
from flows.contract.indicator import indicators
from flows.contract.record import WARN_BY_DEFAULT, Column, ColumnType
from flows.contract.units import reference
from flows.database.connect import open_scratch
from flows.metrics.values import create_views
from flows.normalise.schema import create
from flows.report import generated
from flows.report.page import render
from flows.warehouse.books import carry
from flows.warehouse.describe import describe, words_of

#: Where the pages are kept.
FOLDER = Path("docs") / "dictionary"
_SCHEMAS = {
    "open": "中文列名的视图 views with Chinese names",
    "assess": "考核 assessment",
    "metric": "指标值 values of indicators",
    "ref": "参照表 reference",
    "book": "结账 closed years",
    "current": "生效记录 rows in force",
    "core": "全部数据行 every data row",
    "meta": "报送、问题、账 deliveries, issues, accounts",
}
_MACRO = re.compile(r"((?:^--[^\n]*\n)*)^create or replace macro (\w+)\(([^)]*)\)", re.MULTILINE)


class _Described(NamedTuple):
    """A column of a relation."""

    name: str
    sql_type: str
    comment: str


class _Relation(NamedTuple):
    """A table, a view, or a macro that gives a table."""

    schema: str
    name: str
    kind: str
    comment: str
    columns: Sequence[_Described]
    parameters: Sequence[str] = ()


class _Macro(NamedTuple):
    """A macro of `sql/macro`; `about` is what its file says of all of them."""

    file: str
    about: str
    name: str
    parameters: Sequence[str]
    words: str


def dictionary(root: Path = ROOT) -> dict[Path, str]:
    """Page → Markdown, of the kinds, lists and indicators alone where `root` is not this clone.

    The same files give the same bytes. A type or shape without words is refused.
    """
    kinds = sorted(records(root).values(), key=lambda record: (record.area, record.record))
    users = defaultdict(list)
    for kind in kinds:
        for column in kind.columns.values():
            users[column.list].append(f"{kind.record}.{column.name}")
    relations = _relations() if root == ROOT else []
    schemas = [(schema, list(of)) for schema, of in groupby(relations, key=lambda r: r.schema)]
    measured = sorted(indicators(root).values(), key=lambda i: (i.area, i.indicator))
    known = {
        "area_of": {kind.record: kind.area for kind in kinds},
        "code_lists": sorted(code_lists(root).items()),
        "users": users,
        "column_types": list(ColumnType),
        "warn_by_default": WARN_BY_DEFAULT,
        "stored_as": stored_as,
        "schemas": schemas,
        "schema_words": _SCHEMAS,
        "macros": list(_macros(root)),
    }

    def page(part: str, **more: object) -> str:
        return (
            render(
                "dictionary.md", part=part, **{"kinds": kinds, "indicators": measured, **known, **more}
            ).strip()
            + "\n"
        )

    pages = {"README.md": page("index"), "code.md": page("codes"), "warehouse/macro.md": page("macros")}
    for area in sorted({kind.area for kind in kinds} | {i.area for i in measured}):
        of = {
            "kinds": [k for k in kinds if k.area == area],
            "indicators": [i for i in measured if i.area == area],
        }
        pages[f"record/{area}.md"] = page("area", area=area, **of)
    for schema, found in schemas:
        pages[f"warehouse/{schema}.md"] = page("schema", schema=schema, relations=found)
    return {FOLDER / name: text for name, text in pages.items()}


def stored_as(column: Column) -> str:
    """What the warehouse keeps of a column: its physical columns, or that it keeps nothing."""
    if not column.stored:
        return "不入库 not stored"
    kept = "、".join(f"`{name}` {sql_type}" for name, sql_type in column.stored)
    if column.stored[0][1] == "BLOB":
        return f"{kept}（仅假名键 keyed hash only）"
    if column.type is ColumnType.TEXT and not column.derive:
        kept += "（遮蔽 redacted）"
    if isinstance(column.keep, int):
        kept += f"（五人以上相同，第{column.keep}序 where five persons share it）"
    return kept


def _relations() -> list[_Relation]:
    """All tables, views and table macros of an empty warehouse, in the order of the schemas."""
    with open_scratch() as con:
        create(con, records(), reference())
        create_views(con)
        create_open(con)
        carry(con, Path("no books"))
        describe(con, records())
        found = [*_tables(con), *_table_macros(con)]
    order = list(_SCHEMAS)
    return sorted(found, key=lambda relation: (order.index(relation.schema), relation.name))


def _tables(con: duckdb.DuckDBPyConnection) -> Iterator[_Relation]:
    rows = con.execute(
        "select schema_name, table_name, 'table', comment from duckdb_tables() where not internal "
        "union all select schema_name, view_name, 'view', comment from duckdb_views() where not internal"
    ).fetchall()
    columns: Mapping[tuple[str, str], list[_Described]] = defaultdict(list)
    for schema, table, *column in con.execute(
        "select schema_name, table_name, column_name, data_type, comment from duckdb_columns() "
        "where not internal order by schema_name, table_name, column_index"
    ).fetchall():
        columns[schema, table].append(_Described(*column))
    return (
        _Relation(schema, name, kind, comment, columns[schema, name]) for schema, name, kind, comment in rows
    )


def _table_macros(con: duckdb.DuckDBPyConnection) -> Iterator[_Relation]:
    for schema, name, parameters in con.execute(
        "select schema_name, function_name, parameters from duckdb_functions() where function_type = 'table_macro' and not internal"
    ).fetchall():
        days = ", ".join("current_date" for _ in parameters)
        shape = con.execute(f"describe from {schema}.{name}({days})").fetchall()
        columns = [_Described(c, t, words_of(schema, "value", c)) for c, t, *_ in shape]
        yield _Relation(schema, name, "macro", words_of(schema, name), columns, parameters)


def _macros(root: Path) -> Iterator[_Macro]:
    """The macros of `sql/macro` with what is said above each of them."""
    for path in sorted((root / "sql" / "macro").glob("*.sql")):
        text = path.read_text(encoding="utf-8")
        about = text[: text.index("\n\n")] if text.startswith("--") else ""
        for above, name, parameters in _MACRO.findall(text.removeprefix(about)):
            yield _Macro(
                path.stem,
                _said(about),
                name,
                [p.strip() for p in parameters.split(",") if p.strip()],
                _said(above),
            )


def _said(comment: str) -> str:
    return " ".join(line.lstrip("- ") for line in comment.splitlines())


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Write the pages, or with `--check` only say whether they are current (exit code 1 when one is stale)."""
    return generated.write(root, dictionary(root), "flows.report.dictionary", arguments, FOLDER)


if __name__ == "__main__":
    sys.exit(main())
