"""The publications of a year by name, and what a new one differs in from the one before it.

`2015-1` is an edition, `2015-预1` (also 预览1, 预V1, p1; the year may be left out where the other side has it) a preview, `now` the published
warehouse. Refused is a name that means none of those there are, and two of different years.
"""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

import duckdb

from flows.assess.restatement import CannotCompare, Row, book_year, published_year, restatement_rows
from flows.contract.catalogue import ROOT
from flows.contract.paths import Paths
from flows.database.connect import insert_named
from flows.language import _
from flows.score.restate.factor_split import PublishedYear
from flows.warehouse.books import PREVIEW, ClosedBook, Manifest, books

NOW = "now"
_NAME = re.compile(rf"(?:(\d{{4}})-)?({PREVIEW}|{PREVIEW}览|{PREVIEW}V|[pPvV])?([1-9]\d*)")
#: Where the rows of a new publication stand while it is written.
_TABLE = "temp.restated"


def sides(
    con: duckdb.DuckDBPyConnection, paths: Paths, names: tuple[str, str], root: Path = ROOT
) -> tuple[PublishedYear, PublishedYear, datetime | None]:
    """Two publications of one year by name, and up to which receipt the first was known; `con` is the published warehouse.

    Raises `CannotCompare`, or `BookDamaged` where one of them is not what was written.
    """
    held = [book for folder in paths.closed.values() for book in books(folder)]
    years = {m[1] for name in names if (m := _NAME.fullmatch(name)) and m[1]}
    if len(years) != 1:
        raise CannotCompare(
            _("{names}: name one year, as in 2015-1 2015-2, or 2015-1 now", names=" ".join(names))
        )
    year = int(years.pop())
    found = [None if name == NOW else _book(held, name, year) for name in names]
    before, after = (
        published_year(con, year, NOW, root=root)
        if book is None
        else book_year(book.folder, year, book.label)
        for book in found
    )
    return before, after, found[0].manifest.last_received_at if found[0] else None


def _book(held: list[ClosedBook], name: str, year: int) -> ClosedBook:
    match = _NAME.fullmatch(name)
    kind = "preview" if match and match[2] else "book"
    for book in held:
        m = book.manifest
        if match and (m.kind, m.year, m.edition) == (kind, year, int(match[3])):
            return book
    there = ", ".join([*(b.label for b in held if b.manifest.year == year), NOW])
    raise CannotCompare(
        _("there is no {name}; of {year} there are {names}", name=name, year=year, names=there)
    )


def rows_beside(
    con: duckdb.DuckDBPyConnection, paths: Paths, manifest: Manifest, root: Path = ROOT
) -> tuple[str | None, list[Row], str]:
    """What a new edition or preview differs in from the one before it: a preview from the last preview, an edition from the last
    edition, the first from the last preview. For whoever writes it: the label of the one before (None: there is none that can be
    compared), the rows, and a SELECT that gives them."""
    con.execute("create or replace temporary table restated as from meta.restatement limit 0")
    number = manifest.edition if manifest.kind == "preview" else "null"
    select = f"select cast({number} as integer) as preview, * from {_TABLE} where year = {manifest.year}"
    before = _before(paths, manifest)
    if before is None:
        return None, [], select
    try:
        then = book_year(before.folder, manifest.year, before.label)
    except CannotCompare:  # of older code, without its facts
        return None, [], select
    now = published_year(con, manifest.year, NOW, root=root)
    rows = restatement_rows(then, now, before.manifest.last_received_at)
    insert_named(con, _TABLE, rows)
    return before.label, rows, select


def _before(paths: Paths, manifest: Manifest) -> ClosedBook | None:
    folders = [paths.previews] if manifest.kind == "preview" else [paths.books, paths.previews]
    for folder in folders:
        if held := [book for book in books(folder) if book.manifest.year == manifest.year]:
            return held[-1]
    return None
