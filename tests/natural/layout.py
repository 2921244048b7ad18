"""A sheet as a grid: titles, headers of one or more rows, rows, sections, totals, notes.

The layout also remembers where each true row stands, for the truth says of every row where it is.
"""

import re
from dataclasses import dataclass, field
from decimal import Decimal

from tests.natural.hand import Cell, write
from tests.natural.spec import Column, NaturalFile, Sheet, Table
from tests.natural.values import Row, draw


@dataclass
class Grid:
    """Cells by (row, column) from 1, and merged ranges (top, left, bottom, right)."""

    name: str
    cells: dict[tuple[int, int], Cell] = field(default_factory=dict)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    last: int = 0

    def put(self, row: int, column: int, cell: Cell) -> None:
        self.last = max(self.last, row)
        if cell.value is not None:
            self.cells[row, column] = cell

    def merge(self, top: int, left: int, bottom: int, right: int) -> None:
        if (top, left) != (bottom, right):
            self.merged.append((top, left, bottom, right))

    @property
    def width(self) -> int:
        return max([column for _, column in self.cells] + [right for *_, right in self.merged], default=1)

    def shown(self) -> list[list[str]]:
        """The grid as text; a merged range has its text in the first cell."""
        blank = Cell(None)
        return [
            [self.cells.get((row, column), blank).shown() for column in range(1, self.width + 1)]
            for row in range(1, self.last + 1)
        ]


@dataclass(frozen=True)
class TrueTable:
    """What one table of a file truly says: its rows in plain terms, and the sheet row of each."""

    file: NaturalFile
    sheet: Sheet
    table: Table
    rows: list[Row]
    places: list[int]


def lay_out(file: NaturalFile) -> tuple[list[Grid], list[TrueTable]]:
    grids, truths = [], []
    for number, sheet in enumerate(file.sheets, 1):
        grid = Grid(sheet.name)
        for line in sheet.text:
            _line(grid, line, sheet.indent + 1, 1)
        for place, table in enumerate(sheet.tables, 1):
            rows = draw(table, file.unit, f"{file.number}/{number}/{place}")
            places = _table(grid, file, table, rows, sheet.indent)
            truths.append(TrueTable(file, sheet, table, rows, places))
        if file.number % 2:
            grid.cells = {place: _chinese_punctuation(cell) for place, cell in grid.cells.items()}
        grids.append(grid)
    return grids, truths


def _chinese_punctuation(cell: Cell) -> Cell:
    """Files of odd numbers are typed with a Chinese keyboard throughout; the others with a mixed one."""
    if not isinstance(cell.value, str) or not re.search("[\u4e00-\u9fff]", cell.value):
        return cell
    return Cell(cell.value.translate(str.maketrans("():,", "（）：，")), cell.look)


def _line(grid: Grid, line: str, left: int, width: int) -> None:
    row = grid.last + 1
    parts = line.split("|")
    if len(parts) == 1:
        grid.put(row, left, Cell(line or None))
        grid.merge(row, left, row, left + width - 1)
    else:
        for offset, part in enumerate(parts):
            grid.put(row, left + offset, Cell(part or None))


def _table(grid: Grid, file: NaturalFile, table: Table, rows: list[Row], indent: int) -> list[int]:
    columns = [column for column in table.columns if column.written]
    left = indent + 1
    if grid.last:
        grid.last += table.gap
    for line in table.above:
        _line(grid, line, left, len(columns))
    _headers(grid, columns, left, file)
    if table.under:
        _line(grid, table.under, left, 1)
    if table.total and table.total.top:
        _sum_row(grid, table, columns, rows, left, table.total.label, table.total.wrong)
    places: list[int] = []
    sections = table.sections or {"": len(rows)}
    start = 0
    for label, count in sections.items():
        if label:
            grid.put(grid.last + 1, left, Cell(label))
        first = grid.last + 1
        for number in range(start, start + count):
            _row(grid, table, columns, rows[number], number + 1, left)
            places.append(grid.last)
            if number + 1 in table.blank_after:
                grid.last += 1
        for offset, column in enumerate(columns):
            if column.merged:
                _merge_down(grid, first, grid.last, left + offset)
        if label and table.subtotal:
            _sum_row(grid, table, columns, rows[start : start + count], left, table.subtotal, {})
        start += count
    if table.total and not table.total.top:
        _sum_row(grid, table, columns, rows, left, table.total.label, table.total.wrong)
    for line in table.below:
        _line(grid, line, left, len(columns))
    return places


def _headers(grid: Grid, columns: list[Column], left: int, file: NaturalFile) -> None:
    depth = max(len(column.lines) for column in columns)
    top = grid.last + 1
    for level in range(depth):
        for offset, column in enumerate(columns):
            if level >= len(column.lines):
                continue
            path = column.lines[: level + 1]
            leaf = level == len(column.lines) - 1
            before = columns[offset - 1].lines[: level + 1] if offset else None
            if not leaf and before == path:
                continue
            right = offset
            if not leaf:
                while right + 1 < len(columns) and columns[right + 1].lines[: level + 1] == path:
                    right += 1
            grid.put(top + level, left + offset, Cell(_typed_header(path[-1], file)))
            grid.merge(top + level, left + offset, top + (depth - 1 if leaf else level), left + right)
    grid.last = top + depth - 1


def _typed_header(header: str, file: NaturalFile) -> str:
    """Clerks break a header before its unit and stretch one of two characters; each does so throughout a file."""
    if file.number % 4 == 1 and file.format == "xlsx":
        header = header.replace("(", "\n(")
    return f"{header[0]}  {header[1]}" if file.number % 5 == 0 and len(header) == 2 else header


def _row(grid: Grid, table: Table, columns: list[Column], row: Row, number: int, left: int) -> None:
    place = grid.last + 1
    grid.last = place
    slips = {slip.head: slip.typed for slip in table.slips if slip.row == number}
    for offset, column in enumerate(columns):
        cell = write(column, row)
        if column.head in slips:
            typed = slips[column.head]
            cell = Cell(Decimal(str(typed)) if isinstance(typed, int | float) else typed)
        grid.put(place, left + offset, cell)


def _merge_down(grid: Grid, first: int, last: int, column: int) -> None:
    """Equal neighbours become one merged cell with one text, as in a list sorted by town."""
    top = first
    for row in range(first + 1, last + 2):
        if row > last or grid.cells.get((row, column)) != grid.cells.get((top, column)):
            for below in range(top + 1, row):
                grid.cells.pop((below, column), None)
            grid.merge(top, column, row - 1, column)
            top = row


def _sum_row(
    grid: Grid,
    table: Table,
    columns: list[Column],
    rows: list[Row],
    left: int,
    label: str,
    wrong: dict[str, int],
) -> None:
    assert table.total is not None
    place = grid.last + 1
    grid.put(place, left, Cell(label))
    for offset, column in enumerate(columns):
        if column.head in table.total.of:
            key = column.means or column.head
            total = sum(
                (row[key] for row in rows if row[key] is not None), Decimal(wrong.get(column.head, 0))
            )
            grid.put(place, left + offset, write(column, {key: total}))
