"""Read one delivered file: bytes → sheets → tables, with a problem for whatever could not be read.

All tables of a sheet are found first, then each is read as its rows are asked for. Never raises for what a file
holds: what our own code did not foresee in a file is a problem by the name of ours, and stops no other file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path, PurePosixPath

import pyarrow as pa

from flows.contract.record import Record
from flows.contract.text import column_letter
from flows.read.formats.delimited_text.delimited import TextGrid
from flows.read.formats.file_format import sniff, suffix_fits
from flows.read.formats.grids import open_grids
from flows.read.formats.process.fault import READER_FAILED, place_of
from flows.read.grid import Chunk, Grid, content_of, lost_in
from flows.read.reading import INSTRUCTIONS, FileReading, Problem, Severity, Table
from flows.read.roundtrip.marks import without_marks
from flows.read.tables.caption import read_caption
from flows.read.tables.detect import DetectedTable, Search
from flows.read.tables.headers import HeaderIndex, headers_of
from flows.read.tables.row_rules import RowLayout
from flows.read.tables.rows import BodyReader
from flows.read.tables.slice import END, CachedGrid, SheetSlice, hidden_cells
from flows.read.tables.split import UnknownTable, find_tables, finished
from flows.read.tables.transposed import TransposedGrid
from flows.read.tables.unrecognised import sketch
from flows.read.tables.wide_years import add_years


def read_file(
    path: Path,
    name: str,
    kinds: Mapping[str, Record],
    spellings: Mapping[str, str] | None = None,
    opened: list[Grid] | None = None,
    stopped: Mapping[str, str] | None = None,
) -> FileReading:
    """The tables of a file.

    Args:
        path: where its bytes are.
        name: its path relative to the sender's folder, where folders and file name may give the period.
        kinds: contracts by name.
        spellings: the sender's own, header → column or `ignore`.
        stopped: what a limit made of it before, see `FileReading`.
        opened: is given the grids, for a caller who wants the cells that no column maps.

    Returns:
        what was read; a file without a usable table has no tables and at least one problem.

    Raises:
        OSError: the bytes cannot be got at.
    """
    reading, headers = FileReading("unknown", stopped=dict(stopped or {})), headers_of(kinds, spellings or {})
    try:
        _read(reading, path, name, kinds, headers, opened)
    except OSError:
        raise
    except Exception as error:
        reading = FileReading(reading.format, reading.encoding, reading.evidence, faults=[error])
        reading.add(READER_FAILED, hint=place_of(error))
    return reading


def _read(
    reading: FileReading,
    path: Path,
    name: str,
    kinds: Mapping[str, Record],
    headers: HeaderIndex,
    opened: list[Grid] | None,
) -> None:
    sniffed = sniff(path)
    reading.format, reading.encoding, reading.evidence = sniffed.format, sniffed.encoding, sniffed.evidence
    if sniffed.refused:
        reading.add(sniffed.refused)
        return
    if not suffix_fits(name, sniffed.format):
        reading.add("suffix_wrong", "warning")
    grids = without_marks(open_grids(path, sniffed, reading), reading)
    if opened is not None:
        opened.extend(grids)
    for grid in grids:
        _read_sheet(reading, Search(grid, headers, PurePosixPath(f"{name}/{grid.inside}"), kinds))
    if reading.tables:
        # Beside a table that counts, an explanatory sheet without one is nothing to stop for.
        reading.problems = [
            replace(p, severity="info" if p.sheet.rpartition("/")[2] == INSTRUCTIONS else "warning")
            if p.code == "table_unrecognised"
            else p
            for p in reading.problems
        ]
    elif not any(p.severity == "error" for p in reading.problems):
        reading.add("file_without_table")
    _check_when_done(reading)


def _read_sheet(reading: FileReading, search: Search) -> None:
    """Find the tables of a sheet and get each ready to be read."""
    grid = search.grid
    if isinstance(grid, TextGrid):
        is_sound = isinstance(search.table, DetectedTable) and not search.table.is_open
        if grid.is_long or (is_sound and not grid.has_sparse_lines()):
            _add(reading, search, [finished(search, search.table)])
            return
    cached = CachedGrid(grid)
    whole = SheetSlice(cached)
    if grid.structure.is_hidden:
        # a hidden list of codes is nobody's concern; a hidden table is one that somebody meant to send, or not
        holds_table = isinstance(search.within(whole).table, DetectedTable)
        reading.add("sheet_hidden", "warning" if holds_table else "info", grid.sheet)
        _count(reading, cached, 0, "hidden")
        return
    _count_hidden(reading, cached)
    _add(reading, search, list(find_tables(search, whole)))
    cached.forget()


def _add(reading: FileReading, search: Search, tables: Sequence[DetectedTable | UnknownTable]) -> None:
    for table in tables:
        if isinstance(table, UnknownTable):
            reading.problems.append(table.problem)
            if sketched := sketch(table.grid, search.headers):
                reading.unrecognised.append(replace(sketched, near=table.near))
            _count(reading, table.grid, 0, "unrecognised")
            continue
        if table.grid.is_text:
            _compare_width(table)
        _count_above(reading, table)
        if table.years and not table.held:
            add_years(reading, table, search.headers)
            continue
        part = _part(table, len(reading.tables) + 1)
        reading.tables.append(part)
        if table.held:
            _count(reading, table.grid, table.last_header_row, "held")
            continue
        is_streamed = isinstance(table.grid, TextGrid) and table.grid.is_long
        rows = BodyReader(RowLayout.of(table, is_streamed), part, reading, search.headers)
        body = table.grid.body(table.last_header_row, table.width)
        part.rows = rows.batches(_legible(part, _ahead(body) if is_streamed else body))


def _compare_width(table: DetectedTable) -> None:
    """Hold a table of a text whose header has a separator too many, or too few: one finding, not one for each row.

    Where the header ends in blank cells that no row has, nothing is in doubt.
    """
    below = [cells for row, cells in table.grid.head if row > table.last_header_row]
    found = {len(cells) for cells in below if sum(map(bool, cells)) > 1}
    if len(found) != 1 or table.width in found:
        return
    (common,) = found
    if not any(table.headers[common:]) and common < table.width:
        table.headers = table.headers[:common]
    elif sum(map(bool, map(any, below))) > 1:
        table.problems.append(Problem("header_ragged", "error", table.grid.sheet, table.header_row))
        table.held = True


def _part(table: DetectedTable, ordinal: int) -> Table:
    covers, problems = table.covers, list(table.problems)
    if covers.problem and not any(p.code == "measure_unknown" for p in problems):
        severity: Severity = "warning" if covers.period else "error"
        problems.append(Problem(covers.problem, severity, table.grid.sheet, table.header_row))
    is_turned = isinstance(table.grid, TransposedGrid)
    return Table(
        sheet=table.grid.sheet,
        ordinal=ordinal,
        record=table.record.record,
        covers_from=covers.period.first if covers.period else None,
        covers_to=covers.period.last if covers.period else None,
        covers_evidence=covers.evidence,
        header_row=table.header_row,
        header_rows=table.last_header_row - table.header_row + 1,
        columns=table.columns,
        problems=[*map(table.grid.in_sheet, problems)]
        if isinstance(table.grid, TransposedGrid)
        else problems,
        held=table.held,
        is_turned=is_turned,
        filled=table.filled,
    )


def _legible(part: Table, chunks: Iterator[Chunk]) -> Iterator[Chunk]:
    """The same chunks; a cell with a lost character is a finding of its own, whatever its type makes of the text."""
    named = [mapped.position for mapped in part.columns if mapped.column]
    for chunk in chunks:
        found = [(row, position) for position in named for row in lost_in(chunk.columns[position - 1])]
        for row, position in sorted(found):
            number = int(chunk.numbers[row])
            at = (position, number) if part.is_turned else (number, position)
            part.problems.append(Problem("text_lost", "warning", part.sheet, at[0], column_letter(at[1])))
        yield chunk


def _ahead(chunks: Iterator[Chunk]) -> Iterator[Chunk]:
    """The same chunks, the next one being parsed (Arrow lets go of the interpreter) while one is used."""
    with ThreadPoolExecutor(1) as pool:
        following = pool.submit(next, chunks, None)
        while (chunk := following.result()) is not None:
            following = pool.submit(next, chunks, None)
            yield chunk


def _count(reading: FileReading, grid: Grid, after: int, rule: str) -> None:
    """Account for all cells below a row that nobody reads."""
    width = max(grid.width, *(len(cells) for _, cells in grid.head), 1)
    reading.count(grid.sheet, rule, sum(chunk.cells() for chunk in grid.body(after, width)))


def _count_above(reading: FileReading, table: DetectedTable) -> None:
    """Account for a table's header and what stands above it, or around a form."""
    grid = table.grid
    left, right = (grid.left, grid.right) if isinstance(grid, SheetSlice) else (1, END)
    for row, cells in grid.head:
        if row > table.last_header_row:
            break
        for cell in filter(None, cells[left - 1 : right]):
            above = "note" if read_caption([(row, [cell])]).notes else "title"
            reading.count(grid.sheet, "header" if row >= table.header_row else above, 1)
    if isinstance(grid, TransposedGrid):
        reading.count(grid.sheet, "note", len(grid.below))
        reading.count(grid.sheet, "ignored_serial", len(grid.before))
        reading.count(grid.sheet, "ignored_beside", len(grid.aside))


def _count_hidden(reading: FileReading, grid: Grid) -> None:
    """Account for hidden rows and columns, and count a sheet's cells before anybody reads them."""
    if not grid.is_text:
        reading.cells_in_sheet[grid.sheet] += sum(chunk.cells() for chunk in grid.body(0, grid.width))
    cells, row, column = hidden_cells(grid)
    if row is not None:
        reading.add("row_hidden", "warning", grid.sheet, row)
    if column is not None:
        reading.add("column_hidden", "warning", grid.sheet, None, column_letter(column))
    reading.count(grid.sheet, "hidden", cells)


def _check_when_done(reading: FileReading) -> None:
    """Once the last table is read, every non-empty cell must be in exactly one class of the account."""
    waiting = [table for table in reading.tables if table.rows is not None]
    kinds = Counter(table.record for table in waiting)
    contents: dict[tuple[str | None, bytes], Table] = {}
    left = {table.ordinal for table in waiting}

    def check(ordinal: int) -> None:
        left.discard(ordinal)
        if not left and not reading.is_explained:
            reading.add("cells_unaccounted")

    def compared(table: Table, rows: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        content = blake2b()
        for batch in rows:
            for name, column in zip(batch.schema.names[1:], batch.columns[1:], strict=True):
                content.update(f"{name}:{column.null_count}:".encode() + content_of(column))
            yield batch
        before = contents.setdefault((table.record, content.digest()), table)
        if before is not table and table.rows_seen:
            reading.add("table_repeated", "warning", table.sheet, table.header_row)

    def watched(table: Table, rows: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        yield from compared(table, rows) if kinds[table.record] > 1 else rows
        check(table.ordinal)

    for table in waiting:
        if table.rows is not None:
            table.rows = watched(table, table.rows)
    if not waiting:
        check(0)
