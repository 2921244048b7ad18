"""Which rows at the top of a place may be a header: one, or several that merged cells or pairs of names bind together.

Refuses rows that a cell merged downwards joins to a header above them, and a last row that is data.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from flows.contract.text import header_key
from flows.read.grid import Grid, Head
from flows.read.tables.headers import HeaderCell, HeaderIndex, is_neutral

#: `填报单位：…` above a header is a note; `其中：农民工` is a name.
KEYED = re.compile(r"(?!其中|内)[^:：(]+[:：].")
#: What titles of tables end in.
TITLE_WORDS = ("表", "情况", "台账", "名单", "名册", "统计", "明细", "汇总", "一览")
#: Rows that a header with merged cells may have.
MOST_HEADER_ROWS = 4


@dataclass(frozen=True, eq=False)
class HeadRows:
    """The first rows of a sheet, a part of one or a text, and the spellings of headers."""

    grid: Grid
    headers: HeaderIndex

    @property
    def head(self) -> Head:
        return self.grid.head

    @cached_property
    def merges(self) -> list[tuple[int, int, int, int]]:
        """Merged ranges that begin in the first rows."""
        rows = range(self.head[0][0], self.head[-1][0] + 1) if self.head else ()
        return [merge for merge in self.grid.structure.merges if merge[0] in rows]


@dataclass(frozen=True)
class HeaderLine:
    """Header cells from one row, or from several with the merged cell above each as its parent."""

    row: int  # index into the head
    span: int
    cells: tuple[HeaderCell, ...]
    binds: bool = False  # the row below its first is no header by itself
    is_paired: bool = False  # each cell of that row is a name only together with the one above


def header_lines(place: HeadRows) -> Iterator[HeaderLine]:
    """Every row, and every few rows, of the head that may be a header."""
    head = place.head
    full = {number for number, cells in head if sum(map(bool, cells)) > 1}
    # rows that a cell merged downwards joins to a header row above are never a header by themselves
    joined = {
        row
        for top, _, bottom, _ in place.merges
        if top in full
        for row in range(top + 1, min(bottom, top + 9) + 1)
    }
    for index, (number, cells) in enumerate(head):
        if (number not in full and len(cells) > 1) or number in joined:
            continue
        least = _least_rows(place, index)
        spans = range(max(2, least), MOST_HEADER_ROWS + 1)
        lines = [line for span in spans if (line := _stacked(place, index, span))]
        if lines and (least > 1 or any(line.binds for line in lines)):
            joined |= {row for row, _ in head[index + 1 : index + max(2, least)]}
        if not lines or (least == 1 and not any(line.is_paired for line in lines)):
            yield HeaderLine(index, 1, place.headers.cells(cells))
        yield from lines


def _least_rows(place: HeadRows, index: int) -> int:
    """Rows that a header beginning here has at least, as far as merged cells prove it; else 1.

    A cell merged downwards joins the rows it spans. Below cells that are merged sideways stand their
    sub-columns, if all other cells of that row are blank.
    """
    row, cells = place.head[index]
    here = [merge for merge in place.merges if merge[0] == row]
    if downwards := [bottom - row + 1 for _, _, bottom, _ in here if bottom > row]:
        return max(downwards)
    names = [cell for cell in cells if cell]
    if all(any(word in name for word in TITLE_WORDS) for name in names):
        return 1  # titles of tables side by side, each over the whole of its own
    if index + 1 == len(place.head):
        return 1
    if not all(map(is_neutral, names)):  # else it only groups what is below
        sideways = [(left, right) for _, left, _, right in here if right > left]
        below = [i for i, cell in enumerate(place.head[index + 1][1], 1) if cell]
        is_covered = all(any(left <= i <= right for left, right in sideways) for i in below)
        if not is_covered or len(below) < 2 or place.head[index + 1][0] != row + 1:
            return 1
    return min(1 + _least_rows(place, index + 1), MOST_HEADER_ROWS)


def _stacked(place: HeadRows, index: int, span: int) -> HeaderLine | None:
    """Header rows from one on as one line, if the merged cells of the sheet bind them together.

    A text knows no merged cells: there two rows, or more, are a header if the lowest holds nothing but names of
    sub-columns, each with the name above it or to the left above it.
    """
    rows = place.head[index : index + span]
    is_text = place.grid.is_text
    if len(rows) < span or not all(any(cells) for _, cells in rows):
        return None
    if not is_text and rows[-1][0] - rows[0][0] != span - 1:
        return None
    if not is_text and place.merges:
        return _merged(place, index, rows)
    upper = [cell for cell in rows[0][1] if cell]
    if (span > 2 and not is_text) or sum(cell[0].isdigit() for cell in upper) * 2 > len(
        upper
    ):  # half figures or days: data
        return None
    return _paired(place, index, span)


def _merged(place: HeadRows, index: int, rows: Head) -> HeaderLine | None:
    """Several header rows by the merged ranges of the sheet; None if their last row is data."""
    first, last = rows[0][0], rows[-1][0]
    width = max(len(cells) for _, cells in rows)
    texts = [[*cells, *[""] * (width - len(cells))] for _, cells in rows]
    spread = [list(cells) for cells in texts]
    bound = [[False] * width for _ in rows]  # cells that a merged range joins to a header row above
    is_wide = [all(map(is_neutral, filter(None, cells))) for cells in texts]
    nameless: set[int] = set()
    for top, left, bottom, right in place.merges:
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
        if texts[-1][column] and len(names) == 1 and not place.headers.cell(names[0]).is_known:
            return None  # a cell below nothing, that is no header: the row is data
        names = [] if column in nameless else names
        cells.append(place.headers.cell(names[-1] if names else "", _parent(names, place.headers)))
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


def _paired(place: HeadRows, index: int, span: int) -> HeaderLine | None:
    """Header rows of a text as one line, if most cells of the lowest are names of columns.

    In a text a name reaches to the right until the next; in a sheet only a merged range says so. The lower row is
    no header by itself if a column that holds something below has its name in the upper one.
    """
    rows = [cells for _, cells in place.head[index : index + span]]
    width = max(map(len, rows))
    upper, *middle, lower = ([*cells, *[""] * (width - len(cells))] for cells in rows)
    if sum(map(bool, upper)) < 2 or any(KEYED.match(header_key(cell)) for cell in upper):
        return None  # a title over the whole width, or a line of notes
    cells, parent, only_above = [], "", []
    between = [""] * len(middle)
    for position, (above, below) in enumerate(zip(upper, lower, strict=True)):
        parent = above or (parent if below and place.grid.is_text else "")
        own = [row[position] for row in middle]
        between = [
            text or (before if below and not above else "") for text, before in zip(own, between, strict=True)
        ]
        names = [text for text in (parent, *between, below) if text]
        if below and middle:
            cells.append(place.headers.cell(below, _parent(names, place.headers)))
        else:
            leaf = below or next((text for text in reversed(own) if text), above)
            cells.append(place.headers.cell(leaf, parent if leaf != above else ""))
        if (above or any(own)) and not below:
            only_above.append(position)
    named = [cell for cell, below in zip(cells, lower, strict=True) if below]
    if len(named) < 2 and (middle or named[0].key in ("合计", "小计", "总计", "共计", "累计")):
        return None  # a total that has nothing to add up
    if not any(cell.parent for cell in named) or sum(cell.is_known for cell in named) * 3 < len(named) * 2:
        return None
    body = place.head[index + span :]
    binds = any(position < len(row) and row[position] for _, row in body for position in only_above)
    is_paired = all(cell.matches and cell.matches[0].by_parent for cell in named)
    return HeaderLine(index, span, tuple(cells), binds, is_paired)
