"""Find the table at the top of a sheet or a part of one: its header rows, the record kind, what each column means.

Refuses to choose where two kinds fit equally well. A header that it does not know holds its column and nothing
else: rows are read without it, and what it may be is said.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import takewhile
from pathlib import PurePosixPath

from flows.contract.record import ColumnType, Record
from flows.contract.text import header_key
from flows.read.grid import Grid, sheet_name
from flows.read.reading import MappedColumn, Problem
from flows.read.tables.caption import CoveredPeriod, covered_period, read_caption
from flows.read.tables.header_lines import HeaderLine, HeadRows, header_lines
from flows.read.tables.headers import line_key, map_columns
from flows.read.tables.slice import SheetSlice

YEAR_HEADER = re.compile(r"((?:19|20)\d\d)年?度?")
#: A month of a year, which heads a column in statistics.
YEAR_MONTH = re.compile(r"(?:19|20)\d\d年(?:度|0?[1-9]月|1[0-2]月)?(?!\d)")
#: Cells that a row of titles and notes may have: data above a header that comes again name nothing.
_MOST_TITLES = 4
#: How loud a sheet's name speaks: as loud as a title it may contradict the columns; a file's name may not.
SHEET_TITLE = 3
#: Columns that say whom or what a row is about.
_NAMES = frozenset({ColumnType.TEXT, ColumnType.NAME, ColumnType.CITIZEN_ID})
#: Rank of a table of which somebody has said what it is.
_SAID = 9


@dataclass
class DetectedTable:
    """A table as it was found in `grid`. `held`: no row may be read, for the reasons in `problems`.

    `years`: position → year of each column, where one `measure` stands below years; `subject` is then the
    column of units.
    """

    grid: Grid
    record: Record
    header_row: int
    last_header_row: int
    columns: tuple[MappedColumn, ...]
    headers: tuple[str, ...]  # folded, by position
    covers: CoveredPeriod
    problems: list[Problem] = field(default_factory=list)
    held: bool = False
    years: Mapping[int, int] = field(default_factory=dict)
    subject: MappedColumn | None = None
    measure: MappedColumn | None = None
    filled: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    total_row: int | None = None  # the row that counts, where all others are its parts

    @property
    def is_open(self) -> bool:
        """Whether the header leaves a question: one that is unknown, that comes twice or that should be there."""
        named = [m.column for m in self.columns if m.column]
        required = {column.name for column in self.record.read_columns if column.required}
        return (
            any(m.is_held for m in self.columns) or len(named) > len(set(named)) or not required <= {*named}
        )

    @property
    def width(self) -> int:
        """Columns of the body: those of the header, and the empty ones that most rows of a text go on with.

        Cells with text beyond the header make a row ragged: which delimiter is one too many, nobody knows.
        """
        header = len(self.headers)
        if not self.grid.is_text:
            return max(header, self.grid.width)
        body = [cells for row, cells in self.grid.head if row > self.last_header_row and any(cells)]
        blank_ended = [len(cells) for cells in body if not any(cells[header:])]
        common = max(set(blank_ended), key=blank_ended.count) if blank_ended else header
        return max(header, common) if common <= header + 64 else header


@dataclass(frozen=True)
class _Candidate:
    """One record on one header line, with what ranks it."""

    rank: tuple[float, ...]
    record: Record
    line: HeaderLine
    is_perfect: bool  # every header is known and nothing required is missing


@dataclass(frozen=True, eq=False)
class Search(HeadRows):
    """Where a table is looked for: a sheet, a part of one or a text, the delivery's relative path, the contracts.

    What was found in a part is found once, however often it is asked for.
    """

    path: PurePosixPath
    kinds: Mapping[str, Record]
    titles: tuple[str, ...] = ()  # at the top of the sheet, where the table stands below another
    _parts: dict[tuple[int, ...], Search] = field(default_factory=dict)

    def within(self, part: SheetSlice) -> Search:
        """The same search in a part of the sheet."""
        if part.span not in self._parts:
            titles: tuple[str, ...] = ()
            if part.first > 1:
                rows = takewhile(lambda row: sum(map(bool, row[1])) < 2, part.grid.head)
                titles = tuple(read_caption(list(rows)).titles)
            self._parts[part.span] = Search(part, self.headers, self.path, self.kinds, titles, self._parts)
        return self._parts[part.span]

    @cached_property
    def table(self) -> DetectedTable | Problem:
        """The table that begins at the top, or the problem why there is none."""
        candidates: list[_Candidate] = []
        judged: set[tuple[str, ...]] = set()
        for line in header_lines(self):
            names = tuple(cell.shown for cell in line.cells)
            if names in judged:
                continue  # the header of the next page
            judged.add(names)
            if any(c.is_perfect and c.line.row < line.row for c in candidates):
                break  # below a header that leaves nothing open stands its data
            candidates += _candidates(self, line)
        if not candidates:
            return Problem("table_unrecognised", "error", self.grid.sheet)
        best = max(_topmost(candidates), key=lambda c: (c.rank, -c.line.row))
        rivals = {c.record.record for c in candidates if c.rank == best.rank and c.line.row == best.line.row}
        if len(rivals) > 1:
            return Problem("record_ambiguous", "error", self.grid.sheet, self.head[best.line.row][0])
        return _table(self, best.record, best.line)


def _topmost(candidates: list[_Candidate]) -> list[_Candidate]:
    """Of the places where a header as good as any may stand, the first: another below is another table's."""
    most = max(c.rank[0] for c in candidates)
    begin = end = min(c.line.row for c in candidates if c.rank[0] == most)
    out = []
    for candidate in sorted(candidates, key=lambda c: c.line.row):
        if begin <= candidate.line.row <= end:
            out.append(candidate)
            end = max(end, candidate.line.row + candidate.line.span)
    return out


def _candidates(search: Search, line: HeaderLine) -> list[_Candidate]:
    """The records that a header line may belong to.

    A record fits if the columns it is recognised by are there; else, where no other record knows two more of the headers,
    if a title names it and half of the headers are its own, or a third below a title that stands at the table;
    else if two thirds are its own and no other record knows nearly as many. What headers only say loosely counts for
    the last two, never for the first.
    """
    out = []
    cells = [cell for cell in line.cells if cell.shown]
    columns: dict[str, set[str]] = {}
    sure: dict[str, set[str]] = {}
    known: dict[str, set[int]] = {owner: set() for owner in search.kinds}
    surely = {owner: set[int]() for owner in search.kinds}
    for place, cell in enumerate(cells):
        for owner, column in {**cell.loose, **cell.columns}.items():
            columns.setdefault(owner, set()).add(column)
            known[owner].add(place)
        for owner, column in cell.columns.items():
            sure.setdefault(owner, set()).add(column)
        for owner in search.kinds if cell.ignored_by() else cell.columns:
            known[owner].add(place)
            surely[owner].add(place)
    if own := search.kinds.get(search.headers.own_tables.get(line_key(search.head[line.row][1]), "")):
        return [_Candidate((_SAID, len(columns.get(own.record, ())), -line.span), own, line, False)]
    places = title_places(search, line.row)
    named = sum(not YEAR_HEADER.fullmatch(cell.key) for cell in cells)
    able = {owner for owner, mapped in columns.items() if _names_one(search.kinds[owner], mapped)}
    for owner, mapped in columns.items():
        record = search.kinds[owner]
        count, certain = len(known[owner]), len(surely[owner])
        complete = set(record.recognise.columns) <= sure.get(owner, set()) and certain * 3 >= named
        if not complete and (len(mapped) < 2 or count * 3 < len(cells)):
            continue
        titled, length = titled_by(places, record)
        others = max((len(at) for other, at in surely.items() if other in able - {owner}), default=0)
        if not complete and others >= (count if titled >= SHEET_TITLE else certain) + 2:
            continue
        rivals = max((len(at) for other, at in known.items() if other in able - {owner}), default=0)
        is_named = titled >= SHEET_TITLE or (titled > 0 and count * 2 >= len(cells))
        is_plain = len(mapped) >= 4 and count * 3 >= len(cells) * 2 and count >= rivals + 2
        if not (complete or is_named or is_plain):
            continue
        missing = sum(1 for c in record.read_columns if c.required and c.name not in mapped)
        unknown = len(cells) - count
        # A title that names a kind says more than columns that happen to suffice for another.
        strength = 2 * int(complete and titled > 0) or int(titled >= SHEET_TITLE) or int(complete) / 2
        rank = (strength, titled, -missing, -unknown, length, len(mapped), -line.span)
        # Joined with a line of notes above it, a header is complete too: two rows never end the search.
        perfect = complete and not missing and certain == len(cells) and line.span == 1
        out.append(_Candidate(rank, record, line, perfect))
    return [c for c in out if not any(_gives_way(c, other, known, surely, able) for other in out)]


def _gives_way(
    one: _Candidate,
    other: _Candidate,
    known: Mapping[str, set[int]],
    surely: Mapping[str, set[int]],
    able: set[str],
) -> bool:
    """Whether a candidate is none beside another.

    Args:
        one: a candidate.
        other: the other.
        known: record → places of the headers that it knows in any way.
        surely: … that it is recognised by.
        able: records of which a column says what a row is about.

    Returns:
        where the other is titled as loudly and knows all its headers and two more, or all of them and is named where
        this one is not; where nothing says what its rows are about, and no title at the table speaks for it alone.
    """
    mine, theirs = one.record.record, other.record.record
    if mine not in able and theirs in able and one.rank[1] <= max(other.rank[1], SHEET_TITLE - 1):
        return True
    if known[mine] <= known[theirs] and one.rank[1] == 0 < other.rank[1]:
        return True
    is_within = known[mine] <= surely[theirs] and len(known[mine]) + 2 <= len(surely[theirs])
    return is_within and one.rank[1] <= other.rank[1]


def _names_one(record: Record, mapped: set[str]) -> bool:
    """Whether a column says whom or what a row is about, where the kind asks for one: figures of each town are no list."""
    asks = any(c.required and c.type in _NAMES for c in record.read_columns)
    return not asks or any(record.columns[name].type in _NAMES for name in mapped)


def title_places(search: Search, row: int) -> tuple[tuple[int, str], ...]:
    """Where a title may stand, folded: title rows speak louder than sheet, file or folder names."""
    above = [cells for _, cells in search.head[:row] if sum(map(bool, cells)) <= _MOST_TITLES]
    title = "".join(header_key(cell) for cells in above for cell in cells if cell)
    folders = "/".join(map(header_key, search.path.parts[:-1]))
    tab = header_key(sheet_name(search.grid))
    return ((4, title), (SHEET_TITLE, tab), (2, header_key(search.path.stem)), (1, folders))


def titled_by(places: Sequence[tuple[int, str]], record: Record) -> tuple[int, int]:
    """(strength, length of the longest word) of the best place that names a record's title."""
    for strength, text in places:
        if words := [word for word in record.recognise.title if header_key(word) in text]:
            return strength, max(map(len, words))
    return 0, 0


def _table(search: Search, record: Record, line: HeaderLine) -> DetectedTable:
    caption = read_caption(search.head[: line.row])
    columns = map_columns(search.headers, record, line.cells, caption.units)
    header_row = search.head[line.row][0]
    return DetectedTable(
        grid=search.grid,
        record=record,
        header_row=header_row,
        last_header_row=search.head[line.row + line.span - 1][0],
        columns=columns,
        headers=tuple(cell.key for cell in line.cells),
        covers=covered_period(caption, sheet_name(search.grid), search.path, record.snapshot, search.titles),
    )
