"""Read one delivered file: bytes → sheets → tables, with a problem for whatever could not be read.

Never raises for what a file holds; a fault of ours or of a library in one file is that file's problem.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

import pyarrow as pa

from flows.contract.model import Record
from flows.read.grid import Grid
from flows.read.header import Headers, headers_of
from flows.read.reading import FileReading, Mapped, Problem, Table
from flows.read.region import Region, find_region, is_note
from flows.read.rows import Layout, Rows
from flows.read.sheet import WorkbookError, read_workbook
from flows.read.sniff import sniff
from flows.read.text import TextGrid


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
    if sniffed.suffix_wrong:
        reading.add("suffix_wrong", "warning")
    try:
        grids: list[Grid] = list(read_workbook(path)) if sniffed.format == "xlsx" else [TextGrid(path, sniffed)]
    except WorkbookError as error:
        reading.add(error.code)
        return reading
    headers = headers_of(kinds, spellings or {})
    for grid in grids:
        _add_tables(reading, grid, name, kinds, headers)
    if not reading.tables and not any(p.severity == "error" for p in reading.problems):
        reading.add("file_without_table")
    _check_when_done(reading)
    return reading


def _add_tables(reading: FileReading, grid: Grid, name: str, kinds: Mapping[str, Record], headers: Headers) -> None:
    found = find_region(grid.sheet, grid.head, name, kinds, headers)
    if isinstance(found, Problem):
        reading.problems.append(found)
        _count(reading, grid, 0, "unrecognised")
        return
    _count_above(reading, grid, found)
    if found.years and not found.held:
        _add_years(reading, grid, found)
        return
    table = _table(reading, grid, found)
    reading.tables.append(table)
    if table.held:
        _count(reading, grid, found.last_header_row, "held")
        return
    layout = _layout(found, _width(grid, found))
    rows = Rows(layout, table, reading)
    table.rows = lambda: rows.batches(grid.body(found.last_header_row, layout.width))


def _table(reading: FileReading, grid: Grid, region: Region) -> Table:
    period = region.period
    return Table(
        sheet=grid.sheet,
        ordinal=len(reading.tables) + 1,
        record=region.record.record,
        covers_from=period.first if period else None,
        covers_to=period.last if period else None,
        covers_evidence=region.evidence,
        header_row=region.header_row,
        columns=region.columns,
        problems=region.problems,
        held=region.held,
    )


def _layout(region: Region, width: int) -> Layout:
    at = {m.column: m.position - 1 for m in region.columns if m.column}
    mapped = tuple((c.name, at[c.name]) for c in region.record.read_columns if c.name in at)
    keys = {c.name for c in region.record.read_columns if c.required} | set(region.record.recognise.columns)
    ignored = {m.position - 1: m.ignored_by for m in region.columns if m.ignored_by}
    headers = region.headers + ("",) * (width - len(region.headers))
    return Layout(width, mapped, tuple(sorted(at[k] for k in keys if k in at)), ignored, headers)


def _width(grid: Grid, region: Region) -> int:
    """Columns of the body: those of the header, or of the rows below if these agree on more and wider."""
    header = len(region.headers)
    if hasattr(grid, "width"):
        return max(header, int(grid.width))
    below = [len(cells) for row, cells in grid.head if row > region.last_header_row and any(cells)]
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
            rule = "header" if row >= region.header_row else "note" if is_note(cell) else "title"
            reading.account[rule] += 1
            reading.cells_nonempty += 1


def _add_years(reading: FileReading, grid: Grid, region: Region) -> None:
    """One table for each year that has values: (unit, year, measure) of the rows that have one."""
    assert region.measure is not None and region.measure.column is not None
    subject = next(m for m in region.columns if m.column)
    assert subject.column is not None
    width = _width(grid, region)
    named = ((subject.column, subject.position - 1), *((f"#{year}", position - 1) for position, year in region.years))
    ignored = {m.position - 1: m.ignored_by for m in region.columns if m.ignored_by and m.ignored_by != "year_across"}
    headers = region.headers + ("",) * (width - len(region.headers))
    whole = _table(reading, grid, region)
    rows = Rows(Layout(width, named, (subject.position - 1,), ignored, headers), whole, reading)
    batches = list(rows.batches(grid.body(region.last_header_row, width)))
    content = pa.concat_tables([pa.Table.from_batches([b]) for b in batches], promote_options="default") if batches else None
    first = True
    for position, year in sorted(region.years, key=lambda item: item[1]):
        part = _year(content, region, subject, year) if content is not None else None
        if part is None or not part.num_rows:
            continue
        header = region.headers[position - 1]
        columns = (subject, Mapped(position, header, region.measure.column, region.measure.unit))
        if "year" in part.column_names:
            columns += (Mapped(position, header, "year"),)
        table = Table(
            grid.sheet, len(reading.tables) + 1, region.record.record, date(year, 1, 1), date(year, 12, 31), "column",
            region.header_row, columns, problems=list(whole.problems) if first else [],
            rows_ignored=whole.rows_ignored if first else 0,
        )  # fmt: skip
        table.rows_read = table.rows_ignored + part.num_rows
        table.rows_seen = part.num_rows
        table.rows = lambda part=part: iter(part.combine_chunks().to_batches(max_chunksize=8192))  # type: ignore[misc]
        reading.tables.append(table)
        first = False
    if first:
        reading.add("table_without_values", "warning", grid.sheet, region.header_row)


def _year(content: pa.Table, region: Region, subject: Mapped, year: int) -> pa.Table:
    """The rows that have a value in a year, as contract columns in contract order."""
    assert region.measure is not None and subject.column is not None
    values = content[f"#{year}"]
    part = content.filter(values.is_valid())
    columns: dict[str, pa.ChunkedArray | pa.Array] = {"row_number": part["row_number"]}
    for column in region.record.read_columns:
        if column.name == subject.column:
            columns[column.name] = part[subject.column]
        elif column.name == region.measure.column:
            columns[column.name] = part[f"#{year}"]
        elif column.name == "year":
            columns[column.name] = pa.array([str(year)] * part.num_rows, pa.string())
    return pa.table(columns)


def _check_when_done(reading: FileReading) -> None:
    """Once the last table is read, every non-empty cell must be in exactly one class of the account."""
    waiting = [table for table in reading.tables if table.rows is not None]
    open_tables = len(waiting)

    def check() -> None:
        if sum(reading.account.values()) != reading.cells_nonempty:
            reading.add("cells_unaccounted")

    if not open_tables:
        check()
        return
    left = {id(table) for table in waiting}
    for table in waiting:
        inner = table.rows
        assert inner is not None

        def rows(table: Table = table, inner=inner) -> Iterator[pa.RecordBatch]:  # type: ignore[no-untyped-def]
            yield from inner()
            left.discard(id(table))
            if not left:
                check()

        table.rows = rows
