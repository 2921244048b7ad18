"""Read one delivered file: bytes → sheets → tables, with a problem for whatever could not be read.

Never raises for what a file holds; a fault of ours or of a library in one file is that file's problem.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from flows.contract.record import Record
from flows.contract.text import column_letter, header_key
from flows.read.formats.file_format import sniff, suffix_fits
from flows.read.formats.grids import open_grids
from flows.read.formats.text.delimited import TextGrid
from flows.read.grid import Chunk, Grid, Structure, own_name
from flows.read.result import INSTRUCTIONS, FileReading, Problem, Severity, Table
from flows.read.roundtrip.marks import without_marks
from flows.read.tables.caption import Cover, read_above
from flows.read.tables.detect import Region, Search, find_region
from flows.read.tables.headers import Headers, headers_of
from flows.read.tables.periods import Period, find_periods
from flows.read.tables.row_rules import Layout
from flows.read.tables.rows import Rows
from flows.read.tables.slice import END, Kept, Window, hidden_cells
from flows.read.tables.split import bands, beside, next_table, table_above
from flows.read.tables.totals import MEASURES, SUMMED
from flows.read.tables.transposed import MOST_ROWS, Turned, turned
from flows.read.tables.unrecognised import sketched
from flows.read.tables.wide_years import add_years, find_years


def read_file(
    path: Path,
    name: str,
    kinds: Mapping[str, Record],
    spellings: Mapping[str, str] | None = None,
    opened: list[Grid] | None = None,
) -> FileReading:
    """The tables of a file. `name`: path relative to the sender's folder, where folders and file name may
    give the period; `kinds`: contracts by name; `spellings`: the sender's own, header → column or `ignore`;
    `opened` is given the grids, for a caller who wants the cells that no column maps.

    A file without a usable table has no tables and at least one problem.
    """
    sniffed = sniff(path)
    reading = FileReading(sniffed.format, sniffed.encoding, sniffed.evidence)
    if sniffed.refused:
        reading.add(sniffed.refused)
        return reading
    if not suffix_fits(name, sniffed.format):
        reading.add("suffix_wrong", "warning")
    grids = without_marks(open_grids(path, sniffed, reading), reading)
    if opened is not None:
        opened.extend(grids)
    headers = headers_of(kinds, spellings or {})
    for grid in grids:
        where = f"{name}/{grid.inside}" if grid.inside else name
        _add_sheet(reading, grid, where, kinds, headers)
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
    return reading


def _add_sheet(
    reading: FileReading, grid: Grid, name: str, kinds: Mapping[str, Record], headers: Headers
) -> None:
    """All tables of one sheet, from top to bottom and from left to right."""
    if isinstance(grid, TextGrid):
        search = Search(grid.sheet, own_name(grid), grid.head, name, kinds, headers)
        found = find_region(search)
        is_sound = isinstance(found, Region) and not found.held
        if grid.is_long or (is_sound and not grid.has_sparse_lines()):
            _add_table(reading, grid, search, found)
            return
    kept = Kept(grid)
    search = Search(grid.sheet, own_name(grid), (), name, kinds, headers, grid.structure, kept.is_text)
    if grid.structure.is_hidden:
        # a hidden list of codes is nobody's concern; a hidden table is one that somebody meant to send, or not
        holds_table = isinstance(find_region(search.within(Window(kept))), Region)
        reading.add("sheet_hidden", "warning" if holds_table else "info", grid.sheet)
        _count(reading, kept, 0, "hidden")
        return
    _count_hidden(reading, kept)
    _add_windows(reading, Window(kept), search)
    kept.forget()


def _add_windows(reading: FileReading, window: Window, search: Search) -> None:
    """The tables of a window, from top to bottom."""
    rest: Window | None = window
    while rest is not None:
        rest = _add_window(reading, rest, search.within(rest))


def _add_window(reading: FileReading, window: Window, search: Search) -> Window | None:
    """The tables at the top of a window; returns what lies below them, if that is another table."""
    found = find_region(search)
    if isinstance(found, Problem) or found.held:
        parts = beside(window, search)
        if len(parts) > 1:
            for part in parts:
                _add_windows(reading, part, search)
            return None
    if isinstance(found, Region) and (start := table_above(search, found)):
        _add_windows(
            reading, window.above(start), search
        )  # what stands above is no title but a table by itself
        return replace(window, first=start)
    if isinstance(found, Region):
        below = next_table(window, found, search, _width(window, found))
    else:
        below = next_table(window, None, search, window.width)
    upper = window.above(below) if below else window
    around = search.within(upper) if below else search
    parts = bands(upper, around) if isinstance(found, Problem) or found.held else [upper]
    for part in parts:
        within = around if len(parts) == 1 else search.within(part)
        _add_table(reading, part, within, found if len(parts) == 1 else find_region(within))
    return replace(window, first=below) if below else None


def _add_table(reading: FileReading, grid: Grid, search: Search, found: Region | Problem) -> None:
    across = find_years(search)
    found = across.region if across else found
    if isinstance(found, Problem):
        if (
            isinstance(grid, Window)
            and (form := turned(grid, search.headers))
            and _add_form(reading, form, search)
        ):
            return
        reading.problems.append(found)
        if sketch := sketched(grid):
            reading.unrecognised.append(sketch)
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
    rows = Rows(_layout(grid, found, width), table, reading, search.headers)
    body = grid.body(found.last_header_row, width)
    table.rows = rows.batches(_ahead(body) if isinstance(grid, TextGrid) and grid.is_long else body)


def _add_form(reading: FileReading, form: Turned, search: Search) -> bool:
    """The table of a form whose records stand in columns; False if no record is recognised by its headers."""
    found = find_region(replace(search, head=form.head, structure=Structure()))
    if isinstance(found, Problem) or found.header_row != form.header_column:
        return False
    _count_above(reading, form, found)
    for rule, cells in (("note", form.beside), ("ignored_serial", form.before)):
        if cells:
            reading.account[form.sheet, rule] += len(cells)
            reading.cells_nonempty += len(cells)
    table = _table(reading, form, found)
    table.is_turned = True
    table.problems = [_turned_back(problem, form.header_column) for problem in table.problems]
    reading.tables.append(table)
    if table.held:
        _count(reading, form, found.last_header_row, "held")
    else:
        table.rows = Rows(_layout(form, found, form.width), table, reading, search.headers).batches(
            form.body(found.last_header_row, form.width)
        )
    return True


def _turned_back(problem: Problem, column: int) -> Problem:
    """A finding about a header with the address that it has in the sheet."""
    letters = {column_letter(row): row for row in range(1, MOST_ROWS + 1)}
    if problem.column_name not in letters:
        return replace(problem, row_number=None)
    return replace(problem, row_number=letters[problem.column_name], column_name=column_letter(column))


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


def _layout(grid: Grid, region: Region, width: int) -> Layout:
    at = {m.column: m.position - 1 for m in region.columns if m.column}
    columns = [c for c in region.record.read_columns if c.name in at]
    keys = {c.name for c in region.record.read_columns if c.required} | set(region.record.recognise.columns)
    ignored = {m.position - 1: m.ignored_by for m in region.columns if m.ignored_by}
    headers = region.headers + ("",) * (width - len(region.headers))
    header = [cells for row, cells in grid.head if region.header_row <= row <= region.last_header_row]
    above = [cells for row, cells in grid.head if row < region.header_row]
    merges = [m for m in grid.structure.merges if m[0] > region.last_header_row]
    return Layout(
        width,
        tuple((c.name, at[c.name]) for c in columns),
        tuple(sorted(at[k] for k in keys if k in at)),
        ignored,
        headers,
        measures=tuple(at[c.name] for c in columns if c.type in MEASURES),
        summed=()
        if isinstance(grid, TextGrid) and grid.is_long
        else tuple(at[c.name] for c in columns if c.type in SUMMED),
        merged=tuple((top, bottom, left - 1) for top, left, bottom, _ in merges if bottom > top),
        wide=frozenset(top for top, left, _, right in merges if right - left >= 2),
        is_gapped=bool(grid.structure.hidden_columns),
        start=min((i for cells in header for i, cell in enumerate(cells) if cell), default=0),
        raw_words=frozenset(cell for cells in header for cell in cells if cell),
        words=frozenset(header_key(cell) for cells in header for cell in cells if cell),
        titles=frozenset(header_key(cell) for cells in above for cell in cells if cell),
    )


def _width(grid: Grid, region: Region) -> int:
    """Columns of the body: those of the header, and the empty ones that most rows of a text go on with.

    Cells with text beyond the header make a row ragged: which delimiter is one too many, nobody knows.
    """
    header = len(region.headers)
    if isinstance(grid, Window) and not grid.is_text:
        return max(header, grid.width)
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
        reading.account[grid.sheet, rule] += cells
        reading.cells_nonempty += cells


def _count_above(reading: FileReading, grid: Grid, region: Region) -> None:
    left, right = (grid.left, grid.right) if isinstance(grid, Window) else (1, END)
    for row, cells in grid.head:
        if row > region.last_header_row:
            break
        for position, cell in enumerate(cells, 1):
            if not cell or not left <= position <= right:
                continue
            rule = "title"
            if row >= region.header_row:
                rule = "header"
            elif read_above([(row, [cell])]).notes:
                rule = "note"
            reading.account[grid.sheet, rule] += 1
            reading.cells_nonempty += 1


def _count_hidden(reading: FileReading, kept: Kept) -> None:
    """Account for hidden rows and columns, and count a sheet's cells before anybody reads them."""
    if not kept.is_text:
        chunks = kept.body(0, kept.width)
        reading.cells_in_sheet[kept.sheet] += sum(
            len(c) - c.null_count for chunk in chunks for c in chunk.columns
        )
    cells, row, column = hidden_cells(kept)
    if row is not None:
        reading.add("row_hidden", "warning", kept.sheet, row)
    if column is not None:
        reading.add("column_hidden", "warning", kept.sheet, None, column_letter(column))
    if cells:
        reading.account[kept.sheet, "hidden"] += cells
        reading.cells_nonempty += cells


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
        if not reading.is_explained:
            reading.add("cells_unaccounted")

    for table in waiting:
        if table.rows is not None:
            table.rows = watched(table, table.rows)
    if not waiting:
        check()
