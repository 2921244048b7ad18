"""Find the table at the top of a sheet or a part of one: its header rows, the record kind, what each column means.

Refuses to choose where two kinds fit equally well. A header that it does not know holds its column and nothing
else: rows are read without it, and what it may be is said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import takewhile
from pathlib import PurePosixPath

from flows.contract.record import Record
from flows.contract.text import header_key
from flows.read.grid import Grid, Head, sheet_name
from flows.read.reading import MappedColumn, Problem
from flows.read.tables.caption import CoveredPeriod, covered_period, read_caption
from flows.read.tables.headers import HeaderCell, HeaderIndex, is_neutral, line_key, map_columns
from flows.read.tables.slice import SheetSlice

#: `填报单位：…` above a header is a note; `其中：农民工` is a name.
KEYED = re.compile(r"(?!其中|内)[^:：(]+[:：].")
YEAR_HEADER = re.compile(r"((?:19|20)\d\d)年?度?")
#: A month of a year, which heads a column in statistics.
YEAR_MONTH = re.compile(r"(?:19|20)\d\d年(?:度|0?[1-9]月|1[0-2]月)?(?!\d)")
#: What titles of tables end in.
TITLE_WORDS = ("表", "情况", "台账", "名单", "名册", "统计", "明细", "汇总", "一览")
#: Cells that a row of titles and notes may have: data above a header that comes again name nothing.
_MOST_TITLES = 4
#: How loud a sheet's name speaks: as loud as a title it may contradict the columns; a file's name may not.
SHEET_TITLE = 3
#: Rank of a table of which somebody has said what it is.
_SAID = 9
#: Rows that a header with merged cells may have.
MOST_HEADER_ROWS = 4


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
class HeaderLine:
    """Header cells from one row, or from several with the merged cell above each as its parent."""

    row: int  # index into the head
    span: int
    cells: tuple[HeaderCell, ...]
    binds: bool = False  # the row below its first is no header by itself
    is_paired: bool = False  # each cell of that row is a name only together with the one above


@dataclass(frozen=True)
class _Candidate:
    """One record on one header line, with what ranks it."""

    rank: tuple[float, ...]
    record: Record
    line: HeaderLine
    is_perfect: bool  # every header is known and nothing required is missing


@dataclass(frozen=True, eq=False)
class Search:
    """Where a table is looked for: a sheet, a part of one or a text, the delivery's relative path, the contracts.

    What was found in a part is found once, however often it is asked for.
    """

    grid: Grid
    path: PurePosixPath
    kinds: Mapping[str, Record]
    headers: HeaderIndex
    titles: tuple[str, ...] = ()  # at the top of the sheet, where the table stands below another
    _parts: dict[tuple[int, ...], Search] = field(default_factory=dict)

    def within(self, part: SheetSlice) -> Search:
        """The same search in a part of the sheet."""
        if part.span not in self._parts:
            titles: tuple[str, ...] = ()
            if part.first > 1:
                rows = takewhile(lambda row: sum(map(bool, row[1])) < 2, part.grid.head)
                titles = tuple(read_caption(list(rows)).titles)
            self._parts[part.span] = Search(part, self.path, self.kinds, self.headers, titles, self._parts)
        return self._parts[part.span]

    @property
    def head(self) -> Head:
        return self.grid.head

    @cached_property
    def merges(self) -> list[tuple[int, int, int, int]]:
        """Merged ranges that begin in the first rows."""
        rows = range(self.head[0][0], self.head[-1][0] + 1) if self.head else ()
        return [merge for merge in self.grid.structure.merges if merge[0] in rows]

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


def header_lines(search: Search) -> Iterator[HeaderLine]:
    """Every row, and every few rows, of the head that may be a header."""
    head = search.head
    full = {number for number, cells in head if sum(map(bool, cells)) > 1}
    # rows that a cell merged downwards joins to a header row above are never a header by themselves
    joined = {
        row
        for top, _, bottom, _ in search.merges
        if top in full
        for row in range(top + 1, min(bottom, top + 9) + 1)
    }
    for index, (number, cells) in enumerate(head):
        if (number not in full and len(cells) > 1) or number in joined:
            continue
        least = _least_rows(search, index)
        spans = range(max(2, least), MOST_HEADER_ROWS + 1)
        lines = [line for span in spans if (line := _stacked(search, index, span))]
        if lines and (least > 1 or any(line.binds for line in lines)):
            joined |= {row for row, _ in head[index + 1 : index + max(2, least)]}
        if not lines or (least == 1 and not any(line.is_paired for line in lines)):
            yield HeaderLine(index, 1, search.headers.cells(cells))
        yield from lines


def _least_rows(search: Search, index: int) -> int:
    """Rows that a header beginning here has at least, as far as merged cells prove it; else 1.

    A cell merged downwards joins the rows it spans. Below cells that are merged sideways stand their
    sub-columns, if all other cells of that row are blank.
    """
    row, cells = search.head[index]
    here = [merge for merge in search.merges if merge[0] == row]
    if downwards := [bottom - row + 1 for _, _, bottom, _ in here if bottom > row]:
        return max(downwards)
    names = [cell for cell in cells if cell]
    if all(any(word in name for word in TITLE_WORDS) for name in names):
        return 1  # titles of tables side by side, each over the whole of its own
    if index + 1 == len(search.head):
        return 1
    if not all(map(is_neutral, names)):  # else it only groups what is below
        sideways = [(left, right) for _, left, _, right in here if right > left]
        below = [i for i, cell in enumerate(search.head[index + 1][1], 1) if cell]
        is_covered = all(any(left <= i <= right for left, right in sideways) for i in below)
        if not is_covered or len(below) < 2 or search.head[index + 1][0] != row + 1:
            return 1
    return min(1 + _least_rows(search, index + 1), MOST_HEADER_ROWS)


def _stacked(search: Search, index: int, span: int) -> HeaderLine | None:
    """Header rows from one on as one line, if the merged cells of the sheet bind them together.

    A text knows no merged cells: there two rows, or more, are a header if the lowest holds nothing but names of
    sub-columns, each with the name above it or to the left above it.
    """
    rows = search.head[index : index + span]
    is_text = search.grid.is_text
    if len(rows) < span or not all(any(cells) for _, cells in rows):
        return None
    if not is_text and rows[-1][0] - rows[0][0] != span - 1:
        return None
    if not is_text and search.merges:
        return _merged(search, index, rows)
    upper = [cell for cell in rows[0][1] if cell]
    if (span > 2 and not is_text) or sum(cell[0].isdigit() for cell in upper) * 2 > len(
        upper
    ):  # half figures or days: data
        return None
    return _paired(search, index, span)


def _merged(search: Search, index: int, rows: Head) -> HeaderLine | None:
    """Several header rows by the merged ranges of the sheet; None if their last row is data."""
    first, last = rows[0][0], rows[-1][0]
    width = max(len(cells) for _, cells in rows)
    texts = [[*cells, *[""] * (width - len(cells))] for _, cells in rows]
    spread = [list(cells) for cells in texts]
    bound = [[False] * width for _ in rows]  # cells that a merged range joins to a header row above
    is_wide = [all(map(is_neutral, filter(None, cells))) for cells in texts]
    nameless: set[int] = set()
    for top, left, bottom, right in search.merges:
        if not first <= top <= last or left > width:
            continue
        if bottom > last:
            return None  # the header goes on below
        if bottom == last:
            nameless.update(range(left, min(right, width)))  # the last names the first of its columns alone
        is_wide[top - first] = is_wide[top - first] or (right > left and top == bottom)
        for row in range(top - first, bottom - first + 1):
            for column in range(left - 1, min(right, width)):
                spread[row][column] = texts[top - first][left - 1]
                bound[row][column] = bound[row][column] or row > top - first
    if sum(map(bool, texts[0])) < 2 or not all(any(bound[i]) or is_wide[i - 1] for i in range(1, len(rows))):
        return None
    cells = []
    for column in range(width):
        stack = [spread[0][column]]
        for text, is_bound in zip(
            [row[column] for row in spread[1:]], [row[column] for row in bound[1:]], strict=True
        ):
            if text and not (is_bound and text == stack[-1]):
                stack.append(text)
        names = [text for text in stack if text]
        if texts[-1][column] and len(names) == 1 and not search.headers.cell(names[0]).is_known:
            return None  # a cell below nothing, that is no header: the row is data
        names = [] if column in nameless else names
        cells.append(search.headers.cell(names[-1] if names else "", _parent(names, search.headers)))
    return HeaderLine(index, len(rows), tuple(cells))


def _parent(names: Sequence[str], headers: HeaderIndex) -> str:
    """Of the headers above one, that which gives it a meaning: the nearest, the farther, or all in a row."""
    above = names[:-1]
    if not above:
        return ""
    alone = headers.cell(names[-1]).columns
    for parent in [*reversed(above), *(["".join(above)] if len(above) > 1 else [])]:
        columns = headers.cell(names[-1], parent).columns
        if columns and columns != alone:
            return parent
    return next((name for name in reversed(above) if not is_neutral(name)), above[-1])


def _paired(search: Search, index: int, span: int) -> HeaderLine | None:
    """Header rows of a text as one line, if most cells of the lowest are names of columns.

    In a text a name reaches to the right until the next; in a sheet only a merged range says so. The lower row is
    no header by itself if a column that holds something below has its name in the upper one.
    """
    rows = [cells for _, cells in search.head[index : index + span]]
    width = max(map(len, rows))
    upper, *middle, lower = ([*cells, *[""] * (width - len(cells))] for cells in rows)
    if sum(map(bool, upper)) < 2 or any(KEYED.match(header_key(cell)) for cell in upper):
        return None  # a title over the whole width, or a line of notes
    cells, parent, only_above = [], "", []
    between = [""] * len(middle)
    for position, (above, below) in enumerate(zip(upper, lower, strict=True)):
        parent = above or (parent if below and search.grid.is_text else "")
        own = [row[position] for row in middle]
        between = [
            text or (before if below and not above else "") for text, before in zip(own, between, strict=True)
        ]
        names = [text for text in (parent, *between, below) if text]
        if below and middle:
            cells.append(search.headers.cell(below, _parent(names, search.headers)))
        else:
            leaf = below or next((text for text in reversed(own) if text), above)
            cells.append(search.headers.cell(leaf, parent if leaf != above else ""))
        if (above or any(own)) and not below:
            only_above.append(position)
    named = [cell for cell, below in zip(cells, lower, strict=True) if below]
    if len(named) < 2 and (middle or named[0].key in ("合计", "小计", "总计", "共计", "累计")):
        return None  # a total that has nothing to add up
    if not any(cell.parent for cell in named) or sum(cell.is_known for cell in named) * 3 < len(named) * 2:
        return None
    body = search.head[index + span :]
    binds = any(position < len(row) and row[position] for _, row in body for position in only_above)
    is_paired = all(cell.matches and cell.matches[0].by_parent for cell in named)
    return HeaderLine(index, span, tuple(cells), binds, is_paired)


def _candidates(search: Search, line: HeaderLine) -> list[_Candidate]:
    """The records that a header line may belong to.

    A record fits if the columns it is recognised by are there; else if a title names it and half of the
    headers are its own, or a third below a title that stands at the table; else if two thirds are its own and no
    other record knows nearly as many. A record gives way to one that is
    titled as loudly and knows every header that it knows, and two more.
    """
    out = []
    cells = [cell for cell in line.cells if cell.shown]
    columns: dict[str, set[str]] = {}
    known: dict[str, set[int]] = {}
    for place, cell in enumerate(cells):
        for owner, column in cell.columns.items():
            columns.setdefault(owner, set()).add(column)
        for owner in search.kinds if cell.ignored_by() else cell.columns:
            known.setdefault(owner, set()).add(place)
    if own := search.kinds.get(search.headers.own_tables.get(line_key(search.head[line.row][1]), "")):
        return [_Candidate((_SAID, len(columns.get(own.record, ())), -line.span), own, line, False)]
    places = title_places(search, line.row)
    named = sum(not YEAR_HEADER.fullmatch(cell.key) for cell in cells)
    for owner, mapped in columns.items():
        record = search.kinds[owner]
        count = len(known[owner])
        complete = set(record.recognise.columns) <= mapped and count * 3 >= named
        if not complete and (len(mapped) < 2 or count * 3 < len(cells)):
            continue
        titled, length = titled_by(places, record)
        if not complete and titled < SHEET_TITLE and (count * 2 < len(cells) or not titled):
            others = (len(places_of) for other, places_of in known.items() if other != owner)
            if len(mapped) < 4 or count * 3 < len(cells) * 2 or count < max(others, default=0) + 2:
                continue
        missing = sum(1 for c in record.read_columns if c.required and c.name not in mapped)
        unknown = len(cells) - count
        # A title that names a kind says more than columns that happen to suffice for another.
        strength = 2 * int(complete and titled > 0) or int(titled >= SHEET_TITLE) or int(complete) / 2
        rank = (strength, titled, -missing, -unknown, length, len(mapped), -line.span)
        # Joined with a line of notes above it, a header is complete too: two rows never end the search.
        perfect = complete and not missing and not unknown and line.span == 1
        out.append(_Candidate(rank, record, line, perfect))
    return [
        c
        for c in out
        if not any(
            known[c.record.record] <= known[other.record.record]
            and len(known[c.record.record]) + 2 <= len(known[other.record.record])
            and c.rank[1] <= other.rank[1]
            for other in out
        )
    ]


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
