"""Tables with years as columns and one measure, as statistics bureaus export them.

Each year that has values becomes a table of its own (unit, measure), because each is a report for
another period. An empty cell is not reported, never zero. Refuses a table whose measure is not named
above it by a header of the contract.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from flows.contract.record import ColumnType, Record
from flows.contract.text import column_letter, header_key
from flows.read.reading import BATCH_ROWS, ISSUE_COLUMN, FileReading, MappedColumn, Problem, Table
from flows.read.tables.caption import Caption, CoveredPeriod, read_caption
from flows.read.tables.detect import YEAR_HEADER, DetectedTable, Search
from flows.read.tables.headers import HeaderCell, HeaderIndex, map_columns
from flows.read.tables.row_rules import RowLayout
from flows.read.tables.rows import BodyReader
from flows.read.tables.totals import FIGURES


def table_of_years(search: Search) -> DetectedTable | None:
    """The table with years across at the top of a sheet, if that is what it holds."""
    for index, (row, texts) in enumerate(search.head):
        short = [(i, header_key(text)) for i, text in enumerate(texts, 1) if 4 <= len(text) < 10]
        years = {position: int(match[1]) for position, key in short if (match := YEAR_HEADER.fullmatch(key))}
        if len(years) < 2:
            continue
        cells = search.headers.cells(texts)
        for record in (kind for kind in search.kinds.values() if kind.years_across):
            columns = map_columns(search.headers, record, cells, ())
            subjects = [m for m in columns if m.column and record.columns[m.column].type is ColumnType.UNIT]
            if len(subjects) != 1:
                continue
            if measure := _measure(read_caption(search.head[:index]), record, search.headers):
                table = _table(search, row, cells, record, years)
                table.subject, table.measure = subjects[0], measure
                return table
    return None


def _measure(caption: Caption, record: Record, headers: HeaderIndex) -> MappedColumn | None:
    """The one measure that the lines above name (`指标：会员人数(万人)`), as if it were a column."""
    measures: dict[str, MappedColumn] = {}
    for text in (*caption.titles, *caption.notes):
        bare = re.sub(r"^(?:统计)?(?:指标|项目)(?:名称)?[:：]\s*", "", text)
        for mapped in map_columns(headers, record, headers.cells([bare]), caption.units):
            if mapped.column and record.columns[mapped.column].type in FIGURES:
                measures.setdefault(mapped.column, mapped)
    return next(iter(measures.values())) if len(measures) == 1 else None


def _table(
    search: Search, row: int, cells: tuple[HeaderCell, ...], record: Record, years: Mapping[int, int]
) -> DetectedTable:
    problems = []
    columns = map_columns(search.headers, record, cells, ())
    for position, year in years.items():
        if year in [other for before, other in years.items() if before < position]:
            letter = column_letter(position)
            problems.append(Problem("header_repeated", "error", search.grid.sheet, row, letter))
    columns = tuple(
        replace(m, unit=None, evidence="", ignored_by="year" if m.position in years else m.ignored_by)
        for m in columns
    )
    covers = CoveredPeriod(evidence="column")
    keys = tuple(cell.key for cell in cells)
    return DetectedTable(
        search.grid, record, row, row, columns, keys, covers, problems, bool(problems), years
    )


def add_years(reading: FileReading, table: DetectedTable, known: HeaderIndex) -> None:
    """One table for each year that has values, oldest first; what is wrong in a row goes with the first."""
    subject, measure = table.subject, table.measure
    if subject is None or measure is None:
        raise ValueError("no table of years")
    sheet, row, record = table.grid.sheet, table.header_row, table.record
    whole = Table(sheet, 0, record.record, None, None, "column", row, table.columns, [*table.problems])
    reader = BodyReader(RowLayout.of(table), whole, reading, known)
    batches = list(reader.batches(table.grid.body(row, table.width)))
    parts = 0
    if batches:
        content = pa.concat_tables((pa.Table.from_batches([b]) for b in batches), promote_options="default")
        if ISSUE_COLUMN not in content.column_names:
            content = content.append_column(ISSUE_COLUMN, pa.nulls(content.num_rows, pa.string()))
        texts = [content[f"{year}"] for year in table.years.values()]
        is_empty = pc.invert(_any_valid([*texts, content[ISSUE_COLUMN]]))
        for position, year in sorted(table.years.items(), key=lambda item: item[1]):
            if content[f"{year}"].null_count == content.num_rows:
                continue
            part = Table(
                sheet,
                len(reading.tables) + 1,
                record.record,
                date(year, 1, 1),
                date(year, 12, 31),
                "column",
                row,
                _columns(table, subject, measure, position),
            )
            rows = _rows_of(content, table, year, is_first=not parts)
            if not parts:  # only the first table carries what is no data of any year
                part.problems = list(whole.problems)
                part.rows_ignored = whole.rows_ignored + (pc.sum(is_empty).as_py() or 0)
            part.rows_seen = rows.num_rows
            part.rows_read = part.rows_ignored + part.rows_seen
            part.rows = iter(rows.combine_chunks().to_batches(max_chunksize=BATCH_ROWS))
            reading.tables.append(part)
            parts += 1
    if not parts:
        reading.problems += table.problems
        reading.add("table_without_values", "warning", sheet, row)


def _any_valid(columns: list[pa.ChunkedArray]) -> pa.ChunkedArray:
    valid = columns[0].is_valid()
    for column in columns[1:]:
        valid = pc.or_(valid, column.is_valid())
    return valid


def _columns(
    table: DetectedTable, subject: MappedColumn, measure: MappedColumn, position: int
) -> tuple[MappedColumn, ...]:
    header = table.headers[position - 1]
    held = (m for m in table.columns if m.is_held)
    columns = (subject, MappedColumn(position, header, measure.column, measure.unit), *held)
    has_year = any(column.name == "year" for column in table.record.read_columns)
    return (*columns, MappedColumn(position, header, "year")) if has_year else columns


def _rows_of(content: pa.Table, table: DetectedTable, year: int, is_first: bool) -> pa.Table:
    """The rows that have a value in a year, as contract columns in contract order; with the first also those that
    are rejected."""
    text, issues = content[f"{year}"], content[ISSUE_COLUMN]
    part = content.filter(_any_valid([text, issues] if is_first else [text]))
    columns: dict[str, pa.ChunkedArray | pa.Array] = {"row_number": part["row_number"]}
    for column in table.record.read_columns:
        if table.subject and column.name == table.subject.column:
            columns[column.name] = part["subject"]
        elif table.measure and column.name == table.measure.column:
            columns[column.name] = part[f"{year}"]
        elif column.name == "year":
            columns[column.name] = pa.array([f"{year}"] * part.num_rows, pa.string())
    if is_first and issues.null_count < len(issues):
        columns[ISSUE_COLUMN] = part[ISSUE_COLUMN]
    return pa.table(columns)
