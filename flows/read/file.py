"""Read one delivered file: bytes → sheets → tables, with a problem for whatever could not be read.

Never raises for what a file holds; a fault of ours or of a library in one file is that file's problem.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from flows.contract.model import Record
from flows.read.grid import Chunk, Grid
from flows.read.header import headers_of
from flows.read.open import open_grids
from flows.read.period import Period, find_periods
from flows.read.preamble import Cover, read_above
from flows.read.reading import INSTRUCTIONS, FileReading, Problem, Severity, Table
from flows.read.region import Region, Search, find_region
from flows.read.rows import Rows
from flows.read.rules import Layout
from flows.read.sniff import sniff, suffix_fits
from flows.read.text import TextGrid
from flows.read.years import add_years, find_years


def read_file(
    path: Path, name: str, kinds: Mapping[str, Record], spellings: Mapping[str, str] | None = None
) -> FileReading:
    """The tables of a file. `name`: path relative to the sender's folder, where folders and file name may
    give the period; `kinds`: contracts by name; `spellings`: the sender's own, header → column or `ignore`.

    A file without a usable table has no tables and at least one problem.
    """
    sniffed = sniff(path)
    reading = FileReading(sniffed.format, sniffed.encoding)
    if sniffed.refused:
        reading.add(sniffed.refused)
        return reading
    if not suffix_fits(name, sniffed.format):
        reading.add("suffix_wrong", "warning")
    grids = open_grids(path, sniffed, reading)
    headers = headers_of(kinds, spellings or {})
    for grid in grids:
        where = f"{name}/{grid.inside}" if grid.inside else name
        _add_tables(reading, grid, Search(grid.sheet, grid.head, where, kinds, headers))
    if reading.tables:
        # Beside a table that counts, an explanatory sheet without one is nothing to stop for.
        reading.problems = [
            replace(p, severity="info" if p.sheet == INSTRUCTIONS else "warning")
            if p.code == "table_unrecognised"
            else p
            for p in reading.problems
        ]
    elif not any(p.severity == "error" for p in reading.problems):
        reading.add("file_without_table")
    _check_when_done(reading)
    return reading


def _add_tables(reading: FileReading, grid: Grid, search: Search) -> None:
    if grid.structure.is_hidden:
        reading.add("sheet_hidden", "info", grid.sheet)
        _count(reading, grid, 0, "hidden")
        return
    across = find_years(search)
    found = across.region if across else find_region(search)
    if isinstance(found, Problem):
        reading.problems.append(found)
        _count(reading, grid, 0, "unrecognised")
        return
    _count_above(reading, grid, found)
    width = _width(grid, found)
    if across and not found.held:
        add_years(reading, grid, across, width, search.headers)
        return
    if found.cover.problem == "period_unknown" and not found.held:
        found.cover = _cover_by_column(grid, found, width) or found.cover
    table = _table(reading, grid, found)
    reading.tables.append(table)
    if table.held:
        _count(reading, grid, found.last_header_row, "held")
        return
    rows = Rows(_layout(found, width), table, reading, search.headers)
    body = grid.body(found.last_header_row, width)
    table.rows = rows.batches(_ahead(body) if isinstance(grid, TextGrid) and grid.is_long else body)


def _ahead(chunks: Iterator[Chunk]) -> Iterator[Chunk]:
    """The same chunks, the next one being parsed (Arrow lets go of the interpreter) while one is used."""
    with ThreadPoolExecutor(1) as pool:
        following = pool.submit(next, chunks, None)
        while (chunk := following.result()) is not None:
            following = pool.submit(next, chunks, None)
            yield chunk


def _table(reading: FileReading, grid: Grid, region: Region) -> Table:
    cover, problems = region.cover, list(region.problems)
    if cover.problem and not any(p.code == "measure_unknown" for p in problems):
        severity: Severity = "warning" if cover.period else "error"
        problems.append(Problem(cover.problem, severity, grid.sheet, region.header_row))
    return Table(
        sheet=grid.sheet,
        ordinal=len(reading.tables) + 1,
        record=region.record.record,
        covers_from=cover.period.first if cover.period else None,
        covers_to=cover.period.last if cover.period else None,
        covers_evidence=cover.evidence,
        header_row=region.header_row,
        header_rows=region.last_header_row - region.header_row + 1,
        columns=region.columns,
        problems=problems,
        held=region.held,
    )


def _cover_by_column(grid: Grid, region: Region, width: int) -> Cover | None:
    """The years that a table with years down speaks of, first to last; None if a row names none."""
    position = next((m.position - 1 for m in region.columns if m.column == "year"), None)
    if position is None:
        return None
    named: set[str] = set()
    for chunk in grid.body(region.last_header_row, width):
        named.update(chunk.columns[position].drop_null().unique().to_pylist())
    periods = [p for text in named for p in find_periods(text) if not p.cutoff]
    if not periods:
        return None
    return Cover(Period(min(p.first for p in periods), max(p.last for p in periods)), "column")


def _layout(region: Region, width: int) -> Layout:
    at = {m.column: m.position - 1 for m in region.columns if m.column}
    mapped = tuple((c.name, at[c.name]) for c in region.record.read_columns if c.name in at)
    keys = {c.name for c in region.record.read_columns if c.required} | set(region.record.recognise.columns)
    ignored = {m.position - 1: m.ignored_by for m in region.columns if m.ignored_by}
    headers = region.headers + ("",) * (width - len(region.headers))
    return Layout(width, mapped, tuple(sorted(at[k] for k in keys if k in at)), ignored, headers)


def _width(grid: Grid, region: Region) -> int:
    """Columns of the body: those of the header, and the empty ones that most rows of a text go on with.

    Cells with text beyond the header make a row ragged: which delimiter is one too many, nobody knows.
    """
    header = len(region.headers)
    if hasattr(grid, "width"):
        return max(header, int(grid.width))
    body = [cells for row, cells in grid.head if row > region.last_header_row and any(cells)]
    below = [len(cells) for cells in body if not any(cells[header:])]
    common = max(set(below), key=below.count) if below else header
    return max(header, common) if common <= header + 64 else header


def _count(reading: FileReading, grid: Grid, after: int, rule: str) -> None:
    """Account for all cells below a row that nobody reads."""
    width = max((len(cells) for _, cells in grid.head), default=1)
    for chunk in grid.body(after, max(width, getattr(grid, "width", 1))):
        cells = sum(len(column) - column.null_count for column in chunk.columns)
        cells += sum(bool(cell) for row in chunk.loose for cell in row.cells)
        reading.account[rule] += cells
        reading.cells_nonempty += cells


def _count_above(reading: FileReading, grid: Grid, region: Region) -> None:
    for row, cells in grid.head:
        if row > region.last_header_row:
            break
        for cell in filter(None, cells):
            rule = (
                "header"
                if row >= region.header_row
                else "note"
                if read_above([(row, [cell])]).notes
                else "title"
            )
            reading.account[rule] += 1
            reading.cells_nonempty += 1


def _check_when_done(reading: FileReading) -> None:
    """Once the last table is read, every non-empty cell must be in exactly one class of the account."""
    waiting = [table for table in reading.tables if table.rows is not None]
    left = {id(table) for table in waiting}

    def watched(table: Table, rows: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        yield from rows
        left.discard(id(table))
        if not left:
            check()

    def check() -> None:
        if sum(reading.account.values()) != reading.cells_nonempty:
            reading.add("cells_unaccounted")

    for table in waiting:
        if table.rows is not None:
            table.rows = watched(table, table.rows)
    if not waiting:
        check()
