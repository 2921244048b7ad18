"""What a case is made of: cells in lines, lines in blocks (one table each), blocks on sheets; and the truth.

A cell knows what is written and which text a reader must hand over for it. Positions in a block are
0-based offsets; on a sheet rows and columns count from 1.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from random import Random

from flows.contract.record import ColumnType, Record

Written = str | int | float | bool | datetime

#: The text of a cell that must not be blank, whatever a reader shows for it (a formula never calculated).
ANY = "\x00any"


@dataclass(frozen=True)
class Cell:
    """`written` as `form` (a number format, `error`, `formula`, or '' for what its Python type says)."""

    written: Written
    text: str
    form: str = ""
    formula: str = ""  # `written` is its stored result


def source(*name: object) -> Random:
    """A random source of its own for everything that has a name, so that nothing else moves when one goes."""
    return Random("/".join(map(str, name)))  # noqa: S311 (reproducible, no secret)


def plain(text: str) -> Cell:
    """A cell of text that is handed over as it is."""
    return Cell(text, text)


@dataclass
class Line:
    """One row of a block. `kind`: data, header, title, note, subtotal, group, column_numbers …"""

    kind: str
    cells: dict[int, Cell]
    merges: list[tuple[int, int]] = field(default_factory=list)  # first and last offset
    filled: dict[int, str] = field(default_factory=dict)  # offset → text that a merged cell above gives
    is_hidden: bool = False
    total: str = ""  # `right`, `wrong`, or `open` where its rows cannot be added
    wrong_at: int = -1  # offset of the figure that is wrong

    def copy(self) -> Line:
        return replace(self, cells=dict(self.cells), merges=list(self.merges), filled=dict(self.filled))


@dataclass
class Col:
    """One column: the contract's, a serial number (`name` None) or an unknown one (`is_unknown`)."""

    name: str | None
    type: ColumnType | None
    header: str
    parents: tuple[str, ...] = ()  # merged headers above, from the top
    unit: str | None = None  # of the header
    is_unknown: bool = False
    is_hidden: bool = False


@dataclass
class Block:
    """One table with everything around it."""

    record: Record
    covers: tuple[date, date]
    columns: list[Col]
    above: list[Line] = field(default_factory=list)
    header: list[Line] = field(default_factory=list)
    header_end: list[Line] = field(default_factory=list)  # the numbers of the columns
    body: list[Line] = field(default_factory=list)
    below: list[Line] = field(default_factory=list)
    down_merges: list[tuple[Line, Line, int]] = field(default_factory=list)  # first line, last line, offset
    note_unit: str | None = None  # of money, in the corner
    open: str = ""  # what must be said of its columns, while every row is handed over
    missing: str = ""  # the column that is not there, unless the table says it of all rows

    @property
    def lines(self) -> list[Line]:
        return [*self.above, *self.header, *self.header_end, *self.body, *self.below]

    def offset(self, name: str) -> int:
        return next(i for i, column in enumerate(self.columns) if column.name == name)


@dataclass(frozen=True)
class TableTruth:
    """What must become of one table. Rows by sheet row; only cells with text."""

    sheet: str
    record: Record
    covers: tuple[date, date]
    header_rows: tuple[int, int]
    columns: dict[int, str]  # sheet column → contract column
    rows: dict[int, dict[str, str]]
    hidden_rows: frozenset[int]
    hidden_columns: frozenset[str]
    money_units: dict[str, str | None]
    totals: dict[int, str]  # row of a total → right | wrong | open
    open: str  # a code that must be said
    missing: str


@dataclass
class Sheet:
    """One sheet as it is to be written."""

    name: str
    cells: dict[tuple[int, int], Cell] = field(default_factory=dict)
    kinds: dict[tuple[int, int], str] = field(default_factory=dict)  # cell → class it belongs to
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    is_hidden: bool = False
    tables: list[TableTruth] = field(default_factory=list)

    def place(self, block: Block, top: int, left: int) -> None:
        """Put a block with its first cell at (top, left) and note its truth."""
        at = {id(line): top + i for i, line in enumerate(block.lines)}
        for line in block.lines:
            row = at[id(line)]
            for offset, cell in line.cells.items():
                self.cells[row, left + offset] = cell
                if not cell.text:
                    continue  # blanks are written, and no content
                column = block.columns[offset] if offset < len(block.columns) else None
                is_used = line.kind == "data" and column is not None and column.name is not None
                self.kinds[row, left + offset] = "used" if is_used else line.kind
            self.merges += [(row, left + a, row, left + b) for a, b in line.merges]
            if line.is_hidden:
                self.hidden_rows.add(row)
        for first, last, offset in block.down_merges:
            self.merges.append((at[id(first)], left + offset, at[id(last)], left + offset))
        self.hidden_columns |= {left + i for i, c in enumerate(block.columns) if c.is_hidden}
        self.tables.append(self._truth(block, at, left))

    def _truth(self, block: Block, at: dict[int, int], left: int) -> TableTruth:
        named = {i: c.name for i, c in enumerate(block.columns) if c.name}
        rows: dict[int, dict[str, str]] = {}
        hidden: set[int] = set()
        for line in block.body:
            row = at[id(line)]
            if line.kind == "data":
                texts = {i: cell.text for i, cell in line.cells.items()} | line.filled
                rows[row] = {named[i]: text for i, text in texts.items() if i in named and text}
                hidden |= {row} if line.is_hidden else set()
        money = [c for c in block.columns if c.name and c.type is ColumnType.MONEY]
        return TableTruth(
            sheet=self.name,
            record=block.record,
            covers=block.covers,
            header_rows=(at[id(block.header[0])], at[id(block.header[-1])]),
            columns={left + i: name for i, name in named.items()},
            rows=rows,
            hidden_rows=frozenset(hidden),
            hidden_columns=frozenset(c.name for c in block.columns if c.is_hidden and c.name),
            money_units={c.name: _unit(c.unit, block.note_unit) for c in money if c.name},
            totals={at[id(line)]: _total(line, block) for line in block.body if line.total},
            open=block.open,
            missing=block.missing,
        )


def _total(line: Line, block: Block) -> str:
    """What a total row's figures are to the eye: a wrong one in a hidden column, or over cells without a result, is
    nobody's."""
    cells = [row.cells[line.wrong_at].text for row in block.body if line.wrong_at in row.cells]
    is_unseen = line.total == "wrong" and (block.columns[line.wrong_at].is_hidden or ANY in cells)
    return "open" if is_unseen else line.total


def _unit(header: str | None, note: str | None) -> str | None:
    """The measure of a money column; two that differ by a factor are a conflict."""
    return "conflict" if header and note and header != note else header or note


@dataclass
class Case:
    """One file to be written, and the truth about it."""

    seed: int
    features: frozenset[str]
    name: str
    sheets: list[Sheet]

    @property
    def tables(self) -> list[TableTruth]:
        return [table for sheet in self.sheets for table in sheet.tables]
