"""A file as a person sees it: the rows of each sheet with all of their cells, and what the tables make of them.

For comparing what came back with what went out and for writing what goes back. Holds a whole sheet in
memory, so it refuses sheets of more rows than its caller asks for: those are told, not looked through.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from flows.contract.record import Record
from flows.contract.text import column_letter, column_number
from flows.read.file import read_file
from flows.read.formats.file_format import sniff
from flows.read.formats.grids import open_grids
from flows.read.formats.process.payload import SheetStructure
from flows.read.grid import Grid
from flows.read.reading import FileReading, Table
from flows.read.roundtrip.marks import ReturnedGrid, without_marks


@dataclass
class View:
    """One sheet. `rows`: row number → cells from column A on, '' for blank; marks of a returned file left out.

    `data`: rows that are data of a table; of a table that is held back every row below its header.
    `keys`: row → text of its key, where the sheet came back with keys.
    """

    sheet: str
    inside: str
    structure: SheetStructure
    tables: tuple[Table, ...]
    width: int = 0
    rows: dict[int, list[str]] = field(default_factory=dict)
    data: set[int] = field(default_factory=set)
    keys: dict[int, str] = field(default_factory=dict)
    is_whole: bool = True  # False: it has more rows than asked for, and `rows` are those wanted

    def table_at(self, row: int) -> Table | None:
        """The table that a row belongs to: the last whose header stands above it."""
        above = [table for table in self.tables if table.header_row <= row]
        return max(above, key=lambda table: table.header_row) if above else None

    def position(self, row: int, column: str) -> int | None:
        """0-based position of a contract column, or of a column by its letter, as the table of a row has it."""
        table = self.table_at(row)
        found = [m.position for m in table.columns if m.column == column] if table else []
        if not found and column.isascii() and column.isalpha() and column.isupper() and len(column) <= 3:
            return column_number(column) - 1
        return found[0] - 1 if found else None

    def name_of(self, row: int, position: int) -> str:
        """What a column is called in a finding: its contract name, or its letter."""
        table = self.table_at(row)
        named = [m.column for m in table.columns if m.position == position + 1] if table else []
        return (named[0] if named else None) or column_letter(position + 1)


def look_through(
    path: Path,
    name: str,
    kinds: Mapping[str, Record],
    limit: int,
    wanted: Callable[[str], set[int] | None] = lambda sheet: None,
    own: Mapping[str, str] | None = None,
) -> tuple[FileReading, list[View]]:
    """A file with the views of its sheets, in order.

    A sheet of more than `limit` rows shows only its rows `wanted` (by sheet).

    Args:
        path: where its bytes are.
        name: its path relative to the sender's folder.
        kinds: contracts by name.
        limit: rows of a sheet that is shown whole.
        wanted: sheet → rows that are shown of any sheet.
        own: spellings of the sender.
    """
    grids: list[Grid] = []
    reading = read_file(path, name, kinds, own, grids)
    # what stands in columns has no row that a key could name
    data = {id(table): _data_rows(table) for table in reading.tables}
    data |= {id(table): set() for table in reading.tables if table.is_turned}
    views = []
    for grid in grids:
        tables = tuple(t for t in reading.tables if t.sheet == grid.sheet)
        view = View(grid.sheet, grid.inside, grid.structure, tables)
        _fill(view, grid, limit, wanted(grid.sheet) or set())
        for table in tables:
            view.data |= data[id(table)]
            if table.held and view.is_whole and not table.is_turned:
                view.data |= {row for row in view.rows if row > table.header_row}
        if isinstance(grid, ReturnedGrid):
            view.keys = dict(grid.marked())
        views.append(view)
    return reading, views


def shows(path: Path, views: Sequence[View]) -> bool:
    """Whether a file, its marks left out, has the sheets of `views` with the same cells, merged and hidden parts."""
    reading = FileReading("")
    found = []
    for grid in without_marks(open_grids(path, sniff(path), reading), reading):
        view = View(grid.sheet, grid.inside, grid.structure, ())
        _fill(view, grid, 1 << 20, set())
        found.append(view)
    return list(map(_content, found)) == list(map(_content, views))


def _content(view: View) -> tuple[object, ...]:
    return view.sheet, view.structure, {row: _shortened(cells) for row, cells in view.rows.items()}


def _shortened(cells: list[str]) -> list[str]:
    last = max((i for i, cell in enumerate(cells) if cell), default=-1)
    return cells[: last + 1]


def _data_rows(table: Table) -> set[int]:
    return {row for batch in table.batches() for row in batch.column(0).to_pylist()}


def _fill(view: View, grid: Grid, limit: int, wanted: set[int]) -> None:
    """Take the rows over; where there are too many, only those that are wanted and those of the head."""
    width = max([grid.width, *(len(cells) for _, cells in grid.head)])
    shown = wanted | {row for row, _ in grid.head}
    for chunk in grid.body(0, width):
        if view.is_whole and len(view.rows) + len(chunk.numbers) > limit:
            view.is_whole = False
            view.rows = {row: cells for row, cells in view.rows.items() if row in shown}
        for row, cells in (chunk if view.is_whole else chunk.only_rows(shown)).rows():
            if any(cells):
                view.rows[row] = cells
    view.width = max((len(_shortened(cells)) for cells in view.rows.values()), default=0)
