"""Find the table in a sheet: its header row or rows, the record kind, what each column means.

Refuses to choose where two kinds fit equally well, and to read past a header it does not know: such a
table is returned with its findings and held back, because half a table is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import takewhile
from pathlib import PurePosixPath

from flows.contract.record import Record
from flows.contract.text import column_letter, header_key
from flows.read.grid import Structure
from flows.read.result import Mapped, Problem
from flows.read.tables.caption import Cover, Head, find_cover, read_above
from flows.read.tables.headers import Headers, is_neutral, map_columns
from flows.read.tables.slice import Window
from flows.read.tables.suggest import hint

#: `填报单位：…` above a header is a note; `其中：农民工` is a name.
KEYED = re.compile(r"(?!其中|内)[^:：(]+[:：].")
YEAR_HEADER = re.compile(r"((?:19|20)\d\d)年?度?")
#: What titles of tables end in.
TITLE_WORDS = ("表", "情况", "台账", "名单", "名册", "统计", "明细", "汇总", "一览")
#: Cells that a row of titles and notes may have: data above a header that comes again name nothing.
_MOST_TITLES = 4
#: How loud a sheet's name speaks: as loud as a title it may contradict the columns; a file's name may not.
_SHEET_TITLE = 3
#: Rows that a header with merged cells may have.
MOST_HEADER_ROWS = 4
#: Findings about the columns of one table that are reported; the rest is more of the same.
MOST_PROBLEMS = 50


@dataclass
class Region:
    """A table as found. `held`: no row may be read, for the reasons in `problems`."""

    record: Record
    header_row: int
    last_header_row: int
    columns: tuple[Mapped, ...]
    headers: tuple[str, ...]  # folded, by position
    cover: Cover
    problems: list[Problem] = field(default_factory=list)
    held: bool = False


@dataclass(frozen=True)
class Search:
    """Where a table is looked for: the first rows of a sheet or of a part of it, the delivery's relative path,
    the contracts."""

    sheet: str  # its address
    tab: str  # its own name
    head: Head
    name: str
    kinds: Mapping[str, Record]
    headers: Headers
    structure: Structure = field(default_factory=Structure)
    is_text: bool = True
    titles: tuple[str, ...] = ()  # at the top of the sheet, where the table stands below another

    @cached_property
    def merges(self) -> tuple[tuple[int, int, int, int], ...]:
        """Merged ranges that begin in these rows."""
        if not self.head:
            return ()
        first, last = self.head[0][0], self.head[-1][0]
        return tuple(m for m in self.structure.merges if first <= m[0] <= last)

    def within(self, window: Window) -> Search:
        """The same search in a part of the sheet."""
        titles: tuple[str, ...] = ()
        if window.first > 1:
            rows = takewhile(lambda row: sum(map(bool, row[1])) < 2, window.grid.head)
            titles = tuple(read_above(list(rows)).titles)
        return replace(self, head=window.head, structure=window.structure, titles=titles)


@dataclass(frozen=True)
class HeaderLine:
    """Header cells from one row, or from several with the merged cell above each as its parent."""

    row: int  # index into the head
    span: int
    cells: tuple[str, ...]
    parents: tuple[str, ...]
    binds: bool = False  # the row below its first is no header by itself
    is_paired: bool = False  # each cell of that row is a name only together with the one above


@dataclass(frozen=True)
class _Candidate:
    """One record on one header line, with what ranks it."""

    rank: tuple[float, ...]
    record: Record
    line: HeaderLine
    is_perfect: bool  # every header is known and nothing required is missing


def find_region(search: Search) -> Region | Problem:
    """The table of a sheet, or the problem why there is none."""
    candidates: list[_Candidate] = []
    judged: set[tuple[tuple[str, ...], tuple[str, ...]]] = set()
    for line in header_lines(search):
        if (line.cells, line.parents) in judged:
            continue  # the header of the next page
        judged.add((line.cells, line.parents))
        if any(c.is_perfect and c.line.row < line.row for c in candidates):
            break  # below a header that leaves nothing open stands its data
        candidates += _judge(search, line)
    if not candidates:
        return Problem("table_unrecognised", "error", search.sheet)
    best = max(_first(candidates), key=lambda c: (c.rank, -c.line.row))
    rivals = {c.record.record for c in candidates if c.rank == best.rank and c.line.row == best.line.row}
    if len(rivals) > 1:
        return Problem("record_ambiguous", "error", search.sheet, search.head[best.line.row][0])
    return _region(search, best)


def _first(candidates: list[_Candidate]) -> list[_Candidate]:
    """Of the places where a header as good as any may stand, the first: another below is another table's."""
    most = max(c.rank[0] for c in candidates)
    begin = min(c.line.row for c in candidates if c.rank[0] == most)
    end, out = begin, []
    for candidate in sorted(candidates, key=lambda c: c.line.row):
        if begin <= candidate.line.row <= end:
            out.append(candidate)
            end = max(end, candidate.line.row + candidate.line.span)
    return out


def header_lines(search: Search) -> Iterator[HeaderLine]:
    head = search.head
    full = {number for number, cells in head if sum(map(bool, cells)) > 1}
    # rows that a cell merged downwards joins to a header row above are never a header by themselves
    inner = {
        row
        for top, _, bottom, _ in search.merges
        if top in full
        for row in range(top + 1, min(bottom, top + 9) + 1)
    }
    for index, (number, cells) in enumerate(head):
        if (sum(1 for cell in cells if cell) < 2 and len(cells) > 1) or number in inner:
            continue
        deep = _depth(search, index)
        lines = [
            line
            for span in range(max(2, deep), MOST_HEADER_ROWS + 1)
            if (line := _stacked(search, index, span))
        ]
        if lines and (deep > 1 or any(line.binds for line in lines)):
            inner |= {row for row, _ in head[index + 1 : index + max(2, deep)]}
        if (deep == 1 and not any(line.is_paired for line in lines)) or not lines:
            yield HeaderLine(index, 1, tuple(cells), ("",) * len(cells))
        yield from lines


def _depth(search: Search, index: int) -> int:
    """Rows that a header beginning here has at least, as far as merged cells prove it; else 1.

    A cell merged downwards joins the rows it spans. Below cells that are merged sideways stand their
    sub-columns, if all other cells of that row are blank.
    """
    row, cells = search.head[index]
    down = [bottom - row + 1 for top, left, bottom, right in search.merges if top == row and bottom > row]
    if down:
        return max(down)
    wide = [(left, right) for top, left, bottom, right in search.merges if top == row and right > left]
    titles = [cell for cell in cells if cell]
    if all(any(word in cell for word in TITLE_WORDS) for cell in titles):
        return 1  # titles of tables side by side, each over the whole of its own
    if all(map(is_neutral, titles)) and index + 1 < len(search.head):
        return min(1 + _depth(search, index + 1), MOST_HEADER_ROWS)  # it only groups what is below
    if not wide or index + 1 >= len(search.head) or search.head[index + 1][0] != row + 1:
        return 1
    below = [i for i, cell in enumerate(search.head[index + 1][1], 1) if cell]
    if len(below) < 2 or not all(any(a <= i <= b for a, b in wide) for i in below):
        return 1
    return min(1 + _depth(search, index + 1), MOST_HEADER_ROWS)


def _stacked(search: Search, index: int, span: int) -> HeaderLine | None:
    """Header rows from one on as one line, if the merged cells of the sheet bind them together.

    A text knows no merged cells: there two rows are a header if the lower one holds nothing but names of
    sub-columns, each with the name above it or to the left above it.
    """
    rows = search.head[index : index + span]
    if len(rows) < span or not all(any(cells) for _, cells in rows):
        return None
    if not search.is_text and rows[-1][0] - rows[0][0] != span - 1:
        return None
    if search.is_text or not search.merges:
        if span > 2 or _is_data(rows[0][1]):
            return None
        joined = _join(rows[0][1], rows[1][1], search.head[index + 2 :], search)
        return HeaderLine(index, 2, *joined) if joined else None
    return _merged(search, index, [number for number, _ in rows], [cells for _, cells in rows])


def _merged(search: Search, index: int, numbers: list[int], rows: list[list[str]]) -> HeaderLine | None:
    """Several header rows by the merged ranges of the sheet; None if their last row is data."""
    first, last = numbers[0], numbers[-1]
    width = max(map(len, rows))
    texts = [[*cells, *[""] * (width - len(cells))] for cells in rows]
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
        for row in range(top, bottom + 1):
            for column in range(left, min(right, width) + 1):
                spread[row - first][column - 1] = texts[top - first][left - 1]
                bound[row - first][column - 1] = bound[row - first][column - 1] or row > top
    below = [any(bound[i]) or is_wide[i - 1] for i in range(1, len(rows))]
    if not all(below) or sum(1 for cell in texts[0] if cell) < 2:
        return None
    cells, parents = [], []
    for column in range(width):
        stack = [(texts[0][column] and spread[0][column]) or spread[0][column]]
        for i in range(1, len(rows)):
            text = spread[i][column]
            if text and not (bound[i][column] and text == stack[-1]):
                stack.append(text)
        names = [text for text in stack if text]
        if (
            len(rows) > 1
            and texts[-1][column]
            and not names[:-1]
            and not _is_named(names[-1], search.headers)
        ):
            return None  # a cell below nothing, that is no header: the row is data
        names = [] if column in nameless else names
        cells.append(names[-1] if names else "")
        parents.append(_parent(names, search.headers))
    return HeaderLine(index, len(rows), tuple(cells), tuple(parents))


def _is_named(text: str, headers: Headers) -> bool:
    return bool(headers.find(text)[0] or headers.ignored_by(text))


def _parent(names: Sequence[str], headers: Headers) -> str:
    """Of the headers above one, that which gives it a meaning: the nearest, the farther, or all in a row."""
    above = list(names[:-1])
    if not above:
        return ""
    bare = headers.find(names[-1])[0]
    forms = [*reversed(above), "".join(above)] if len(above) > 1 else above
    for form in forms:
        found = headers.find(names[-1], form)[0]
        if found and found != bare:
            return form
    return next((name for name in reversed(above) if not is_neutral(name)), above[-1])


def _join(
    upper: Sequence[str], lower: Sequence[str], rows: Head, search: Search
) -> tuple[tuple[str, ...], tuple[str, ...], bool, bool] | None:
    """Two header rows as (cells, parents, whether the lower one is no header by itself, whether each of its cells
    is a name only with the one above), if most cells of the lower one are names of columns.

    In a text a name reaches to the right until the next; in a sheet only a merged range says so. The lower row is
    no header by itself if a column that holds something in the `rows` below has its name in the upper one.
    """
    headers, is_text = search.headers, search.is_text
    width = max(len(upper), len(lower))
    top = [*upper, *[""] * (width - len(upper))]
    low = [*lower, *[""] * (width - len(lower))]
    if sum(1 for cell in top if cell) < 2 or any(KEYED.match(header_key(cell)) for cell in top):
        return None  # a title over the whole width, or a line of notes
    cells, parents, parent = [], [], ""
    known, is_paired = 0, False
    bound: list[int] = []
    for position, (above, below) in enumerate(zip(top, low, strict=True)):
        parent = above or (parent if below and is_text else "")
        if below:
            known += bool(headers.find(below, parent)[0] or headers.ignored_by(below))
            is_paired = is_paired or bool(parent)
        elif above:
            bound.append(position)
        cells.append(below or above)
        parents.append(parent if below else "")
    if not is_paired or known * 3 < sum(1 for cell in low if cell) * 2:
        return None
    is_bound = any(position < len(row) and row[position] for _, row in rows for position in bound)
    pairs = [
        headers.match(cell, parent) for cell, parent, below in zip(cells, parents, low, strict=True) if below
    ]
    return tuple(cells), tuple(parents), is_bound, all(pair is not None and pair.by_parent for pair in pairs)


def _is_data(cells: Sequence[str]) -> bool:
    """Whether half of a row are figures or days, which no header has."""
    return sum(1 for cell in cells if cell[:1].isdigit()) * 2 > sum(1 for cell in cells if cell)


def _judge(search: Search, line: HeaderLine) -> Iterator[_Candidate]:
    """The records that a header line may belong to.

    A record fits if the columns it is recognised by are there; else if a title names it and half of the
    headers are its own (a vanished header must be reported as that, not as an unknown table).
    """
    cells = [(c, p) for c, p in zip(line.cells, line.parents, strict=True) if c or p]
    matches = [search.headers.find(cell, parent)[0] for cell, parent in cells]
    if not any(matches):
        return
    columns: dict[str, set[str]] = {}
    known: dict[str, int] = {}
    for (cell, parent), match in zip(cells, matches, strict=True):
        for owner, column in match.items():
            columns.setdefault(owner, set()).add(column)
        for owner in search.kinds if search.headers.ignored_by(cell or parent) else match:
            known[owner] = known.get(owner, 0) + 1
    places = _places(search, line.row)
    named = sum(1 for cell, _ in cells if not YEAR_HEADER.fullmatch(header_key(cell)))
    for owner, mapped in columns.items():
        record = search.kinds[owner]
        complete = set(record.recognise.columns) <= mapped and known[owner] * 3 >= named
        if not complete and (len(mapped) < 2 or known[owner] * 2 < len(cells)):
            continue
        titled, length = _titled(places, record)
        if not complete and not titled:
            continue
        missing = sum(1 for c in record.read_columns if c.required and c.name not in mapped)
        unknown = len(cells) - known[owner]
        # A title that names a kind says more than columns that happen to suffice for another.
        strength = 2 * int(complete and titled > 0) or int(titled >= _SHEET_TITLE) or int(complete) / 2
        rank = (strength, titled, -missing, -unknown, length, len(mapped), -line.span)
        # Joined with a line of notes above it, a header is complete too: two rows never end the search.
        perfect = complete and not missing and not unknown and line.span == 1
        yield _Candidate(rank, record, line, perfect)


def _places(search: Search, row: int) -> tuple[tuple[int, str], ...]:
    """Where a title may stand, folded: title rows speak louder than sheet, file or folder names."""
    path = PurePosixPath(search.name)
    above = [cells for _, cells in search.head[:row] if sum(map(bool, cells)) <= _MOST_TITLES]
    title = "".join(header_key(cell) for cells in above for cell in cells if cell)
    folders = "/".join(header_key(part) for part in path.parts[:-1])
    return ((4, title), (_SHEET_TITLE, header_key(search.tab)), (2, header_key(path.stem)), (1, folders))


def _titled(places: Sequence[tuple[int, str]], record: Record) -> tuple[int, int]:
    """(strength, length of the longest word) of the best place that names a record's title."""
    for strength, text in places:
        if words := [word for word in record.recognise.title if header_key(word) in text]:
            return strength, max(map(len, words))
    return 0, 0


def _region(search: Search, best: _Candidate) -> Region:
    record, line = best.record, best.line
    header_row = search.head[line.row][0]
    above = read_above(search.head[: line.row])
    columns = map_columns(search.headers, record, line.cells, line.parents, above.units)
    problems = judge_columns(search.sheet, header_row, record, columns)
    cover = find_cover(above, search.tab, search.name, record.snapshot, search.titles)
    return Region(
        record=record,
        header_row=header_row,
        last_header_row=search.head[line.row + line.span - 1][0],
        columns=columns,
        headers=tuple(header_key(cell) for cell in line.cells),
        cover=cover,
        problems=problems,
        held=any(problem.severity == "error" for problem in problems),
    )


def judge_columns(sheet: str, row: int, record: Record, columns: Sequence[Mapped]) -> list[Problem]:
    """Unknown, repeated and missing columns (errors: the table is held back); units that disagree."""
    problems = []
    seen: set[str] = set()
    years = [m for m in columns if m.column is None and YEAR_HEADER.fullmatch(header_key(m.header))]
    if record.years_across and len(years) > 1:
        problems.append(Problem("measure_unknown", "error", sheet, row))
        columns = [m for m in columns if m not in years]
    for mapped in columns:
        letter = column_letter(mapped.position)
        if mapped.column is None and mapped.ignored_by is None:
            near = hint(record, columns, mapped)
            problems.append(Problem("header_unknown", "error", sheet, row, letter, near))
        elif mapped.column is not None and mapped.column in seen:
            problems.append(Problem("header_repeated", "error", sheet, row, letter))
        elif mapped.unit == "conflict":
            problems.append(Problem("unit_conflict", "warning", sheet, row, letter))
        if mapped.column:
            seen.add(mapped.column)
    for column in record.read_columns:
        if column.required and column.name not in seen:
            problems.append(Problem("column_missing", "error", sheet, row, column.label))
    return problems[:MOST_PROBLEMS]
