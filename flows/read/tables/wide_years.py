"""Tables with years as columns and one measure, as statistics bureaus export them.

Each year that has values becomes a table of its own (unit, measure), because each is a report for
another period. An empty cell is not reported, never zero. Refuses a table whose measure is not named
above it by a header of the contract.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from flows.contract.record import ColumnType, Record
from flows.contract.text import column_letter, header_key
from flows.read.grid import Grid
from flows.read.result import BATCH_ROWS, ISSUE_COLUMN, FileReading, Mapped, Problem, Table
from flows.read.tables.caption import Above, Cover, read_above
from flows.read.tables.detect import YEAR_HEADER, Region, Search
from flows.read.tables.headers import Headers, map_columns
from flows.read.tables.row_rules import Layout
from flows.read.tables.rows import Rows
from flows.read.tables.suggest import hint

_MEASURES = frozenset({ColumnType.COUNT, ColumnType.MONEY, ColumnType.DECIMAL, ColumnType.PCT})


@dataclass(frozen=True)
class Across:
    """A region with years across: the unit's column, the measure, (position, year) of the others."""

    region: Region
    subject: Mapped
    measure: Mapped
    years: tuple[tuple[int, int], ...]


def find_years(search: Search) -> Across | None:
    """The table with years across at the top of a sheet, if that is what it holds."""
    for index, (row, cells) in enumerate(search.head):
        found = [
            (i, YEAR_HEADER.fullmatch(header_key(c))) for i, c in enumerate(cells, 1) if 4 <= len(c) < 10
        ]
        years = tuple((position, int(match[1])) for position, match in found if match)
        if len(years) < 2:
            continue
        for record in (kind for kind in search.kinds.values() if kind.years_across):
            columns = map_columns(search.headers, record, cells, (), ())
            subjects = [m for m in columns if m.column and record.columns[m.column].type is ColumnType.UNIT]
            if len(subjects) != 1:
                continue
            measure = _measure(read_above(search.head[:index]), record, search.headers)
            if measure is None:
                continue
            region = _region(search.sheet, row, cells, record, columns, years)
            return Across(region, subjects[0], measure, years)
    return None


def _measure(above: Above, record: Record, headers: Headers) -> Mapped | None:
    """The one measure that the lines above name (`指标：会员人数(万人)`), as if it were a column."""
    found: dict[str, Mapped] = {}
    for text in (*above.titles, *above.notes):
        bare = re.sub(r"^(?:统计)?(?:指标|项目)(?:名称)?[:：]\s*", "", text)
        for mapped in map_columns(headers, record, [bare], (), above.units):
            if mapped.column and record.columns[mapped.column].type in _MEASURES:
                found.setdefault(mapped.column, mapped)
    return next(iter(found.values())) if len(found) == 1 else None


def _region(
    sheet: str, row: int, cells: Sequence[str], record: Record, columns: Sequence[Mapped],
    years: tuple[tuple[int, int], ...],
) -> Region:  # fmt: skip
    at = dict(years)
    problems, shown = [], []
    for m in columns:
        if m.position not in at and m.column is None and m.ignored_by is None:
            letter, near = column_letter(m.position), hint(record, columns, m)
            problems.append(Problem("header_unknown", "error", sheet, row, letter, near))
        shown.append(
            Mapped(m.position, m.header, m.column, None, "year" if m.position in at else m.ignored_by)
        )
    seen: set[int] = set()
    for position, year in years:
        if year in seen:
            problems.append(Problem("header_repeated", "error", sheet, row, column_letter(position)))
        seen.add(year)
    headers = tuple(map(header_key, cells))
    cover = Cover(evidence="column")
    return Region(record, row, row, tuple(shown), headers, cover, problems, held=bool(problems))


def add_years(reading: FileReading, grid: Grid, across: Across, width: int, known: Headers) -> None:
    """One table for each year that has values, oldest first; what is wrong in a row goes with the first."""
    region, at = across.region, across.subject.position - 1
    named = (("subject", at), *((f"{year}", position - 1) for position, year in across.years))
    ignored = {
        m.position - 1: m.ignored_by for m in region.columns if m.ignored_by and m.ignored_by != "year"
    }
    headers = region.headers + ("",) * (width - len(region.headers))
    whole = Table(
        grid.sheet, 0, region.record.record, None, None, "column", region.header_row, region.columns
    )
    rows = Rows(Layout(width, named, (at,), ignored, headers), whole, reading, known)
    batches = list(rows.batches(grid.body(region.last_header_row, width)))
    if not batches:
        reading.add("table_without_values", "warning", grid.sheet, region.header_row)
        return
    content = pa.concat_tables((pa.Table.from_batches([b]) for b in batches), promote_options="default")
    ignored_rows = whole.rows_ignored + _without_values(content, across)
    for position, year in sorted(across.years, key=lambda item: item[1]):
        if content[f"{year}"].null_count == content.num_rows:
            continue
        part = _part(content, across, year, first=ignored_rows >= 0)
        mapped = _columns(across, position, "year" in part.column_names)
        table = Table(
            grid.sheet, len(reading.tables) + 1, region.record.record, date(year, 1, 1), date(year, 12, 31),
            "column", region.header_row, mapped, list(whole.problems) if ignored_rows >= 0 else [],
        )  # fmt: skip
        table.rows_ignored = max(ignored_rows, 0)
        table.rows_read = table.rows_ignored + part.num_rows
        table.rows_seen = part.num_rows
        table.rows = _replay(part)
        reading.tables.append(table)
        ignored_rows = -1  # only the first table carries what is no data of any year
    if ignored_rows >= 0:
        reading.add("table_without_values", "warning", grid.sheet, region.header_row)


def _replay(part: pa.Table) -> Iterator[pa.RecordBatch]:
    return iter(part.combine_chunks().to_batches(max_chunksize=BATCH_ROWS))


def _without_values(content: pa.Table, across: Across) -> int:
    """Rows of a unit that reports no year at all."""
    columns = [content[f"{year}"].is_valid().to_numpy() for _, year in across.years]
    if ISSUE_COLUMN in content.column_names:
        columns.append(content[ISSUE_COLUMN].is_valid().to_numpy())
    return int(sum(not any(row) for row in zip(*columns, strict=True)))


def _columns(across: Across, position: int, with_year: bool) -> tuple[Mapped, ...]:
    header = across.region.headers[position - 1]
    measure = Mapped(position, header, across.measure.column, across.measure.unit)
    return (across.subject, measure, *((Mapped(position, header, "year"),) if with_year else ()))


def _part(content: pa.Table, across: Across, year: int, first: bool) -> pa.Table:
    """The rows that have a value in a year, as contract columns in contract order."""
    keep = content[f"{year}"].is_valid()
    issues = ISSUE_COLUMN in content.column_names
    if issues and first:
        keep = pa.compute.or_(keep, content[ISSUE_COLUMN].is_valid())
    part = content.filter(keep)
    columns: dict[str, pa.ChunkedArray | pa.Array] = {"row_number": part["row_number"]}
    for column in across.region.record.read_columns:
        if column.name == across.subject.column:
            columns[column.name] = part["subject"]
        elif column.name == across.measure.column:
            columns[column.name] = part[f"{year}"]
        elif column.name == "year":
            columns[column.name] = pa.array([f"{year}"] * part.num_rows, pa.string())
    if issues and first:
        columns[ISSUE_COLUMN] = part[ISSUE_COLUMN]
    return pa.table(columns)
