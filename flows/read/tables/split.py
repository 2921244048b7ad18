"""Where one table of a sheet ends and the next begins: below it, or beside it.

A table begins below another with a header of its own, and with the title and notes that stand between the
two. Refuses to cut where the same header only comes again on the next page, and refuses to split columns
unless each side is a table by itself: an empty column in the middle is mostly just that.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from flows.contract.text import header_key
from flows.read.grid import Numbers
from flows.read.result import Problem
from flows.read.tables.detect import KEYED, TITLE_WORDS, HeaderLine, Region, Search, find_region, header_lines
from flows.read.tables.headers import HEADERS_ALONE, Headers
from flows.read.tables.periods import find_periods
from flows.read.tables.row_rules import is_footer
from flows.read.tables.slice import Window, filled, row_texts

#: Rows of title and notes that may stand between two tables.
_ABOVE = 8
#: More tables than these side by side are one line that never ends.
_BESIDE = 6


def next_table(window: Window, region: Region | None, search: Search, width: int) -> int | None:
    """The row with which another table begins below the one found, or None; without one, below the first rows."""
    above: list[tuple[int, list[str]]] = []  # rows since the last dense one that may be its title or notes
    joined = {top for top, left, bottom, right in search.structure.merges if (bottom, right) != (top, left)}
    after = region.last_header_row if region else search.head[-1][0] if search.head else 0
    for number, cells in _candidates(window, after, search.headers, width):
        if cells is None:  # a dense row that is no header: what stands above it belongs to this table
            above = []
        elif _is_sparse(cells) and not _is_header(cells, search.headers):
            # below a title, `填报单位：…` is a note of the table to come; before one it closes the table above
            is_closing = is_footer(cells) and not any(_is_title(row) for _, row in above)
            is_closing = is_closing or all(
                cell.isdigit() for cell in cells if cell
            )  # prepared serial numbers
            above = [] if is_closing else [*above, (number, cells)][-_ABOVE:]
        elif _is_header(cells, search.headers):
            if region is None or not _is_page(cells, above, region, search):
                return above[0][0] if above else number
            above = []
        elif region and above and _is_title(above[0][1]) and _all_words(cells):
            return above[0][0]  # a table of a kind nobody knows is still another table
        elif above and (
            number in joined or (any(_is_title(row) for _, row in above) and not _has_figure(cells))
        ):
            above.append((number, cells))  # the upper row of a header of several rows
        else:
            above = []
    return None


def table_above(search: Search, region: Region) -> int | None:
    """The row with which a table begins that has another table above it in the same rows, or None.

    Rows of three cells or more that speak of nothing (`填报单位：…`) are no title: three of them, or fewer that
    are a table by themselves, if only its header.
    """
    above = [(number, cells) for number, cells in search.head if number < region.header_row]
    dense = [number for number, cells in above if _is_dense(cells)]
    if not dense or (len(dense) == 1 and dense[0] == above[-1][0]):
        return None  # a lone row right above is the upper row of a header
    if len(dense) < 3 and isinstance(find_region(replace(search, head=above)), Problem):
        return None
    below = [number for number, cells in above if number > dense[-1] and any(cells) and not is_footer(cells)]
    return below[0] if below else region.header_row


def _is_dense(cells: Sequence[str]) -> bool:
    texts = [cell for cell in cells if cell]
    return len(texts) >= 3 and not any(KEYED.match(header_key(text)) for text in texts)


def _candidates(
    window: Window, after: int, headers: Headers, width: int
) -> Iterator[tuple[int, list[str] | None]]:
    """Rows with few cells, those that follow them, and those that begin with a known header; None for others."""
    known = pa.concat_arrays([headers.texts, pa.array(list(headers.ignored), pa.string())])
    after_sparse = False
    for chunk in window.body(after, width):
        count = filled(chunk)
        sparse = count <= 2
        look = sparse | np.concatenate(([after_sparse], sparse[:-1]))
        for column in chunk.columns[:4]:
            look |= pc.is_in(column, known).to_numpy(zero_copy_only=False)
        alone = [row.number for row in chunk.loose if sum(map(bool, row.cells)) <= 2]
        look |= np.isin(chunk.numbers - 1, alone)
        look &= count > 0
        after_sparse = bool(sparse[-1]) if len(sparse) else after_sparse
        rows: list[tuple[int, list[str] | None]] = [(row.number, list(row.cells)) for row in chunk.loose]
        last = -1
        for index in np.flatnonzero(look).tolist():
            rows += _dense_rows(chunk.numbers[last + 1 : index], count[last + 1 : index])
            rows.append((int(chunk.numbers[index]), row_texts(chunk, index)))
            last = index
        rows += _dense_rows(chunk.numbers[last + 1 :], count[last + 1 :])
        yield from sorted(rows, key=lambda row: row[0]) if chunk.loose else rows


def _is_sparse(cells: Sequence[str]) -> bool:
    """Whether a row may be a title or a note: a single cell, or two of which one is a note."""
    texts = [cell for cell in cells if cell]
    return len(texts) == 1 or (len(texts) == 2 and any(":" in text or "：" in text for text in texts))


def _dense_rows(numbers: Numbers, count: Numbers) -> list[tuple[int, None]]:
    """Of rows that are passed over, the last that holds something."""
    held = np.flatnonzero(count)
    return [(int(numbers[held[-1]]), None)] if len(held) else []


def _is_header(cells: Sequence[str], headers: Headers) -> bool:
    """Whether most cells of a row are names of columns."""
    texts = [cell for cell in cells if cell]
    if len(texts) < 2:
        return False
    spelled = sum(1 for text in texts if headers.find(text)[0])
    named = sum(1 for text in texts if headers.find(text)[0] or headers.ignored_by(text) in HEADERS_ALONE)
    return spelled >= 2 and named >= 3 and named * 3 >= len(texts) * 2


def _is_page(
    cells: Sequence[str], above: Sequence[tuple[int, list[str]]], region: Region, search: Search
) -> bool:
    """Whether a header is the table's own, come again on the next page of a print."""
    rows = [row for number, row in search.head if region.header_row <= number <= region.last_header_row]
    words = {header_key(cell) for row in rows for cell in row if cell}
    if not all(header_key(cell) in words for cell in cells if cell):
        return False
    texts = [cell for _, row in above for cell in row if cell]
    periods = [p for text in texts for p in find_periods(text) if not p.cutoff]
    if region.cover.period and any(
        (p.first, p.last) != (region.cover.period.first, region.cover.period.last) for p in periods
    ):
        return False
    titles = {header_key(text) for text in texts} - words
    own = {header_key(cell) for _, row in search.head if _ < region.header_row for cell in row if cell}
    return titles <= own or not any(
        header_key(word) in title for title in titles - own for word in region.record.recognise.title
    )


def _is_title(cells: Sequence[str]) -> bool:
    texts = [cell for cell in cells if cell]
    if len(texts) != 1 or len(texts[0]) < 4 or is_footer(cells):
        return False
    return any(word in texts[0] for word in TITLE_WORDS) or any(not p.cutoff for p in find_periods(texts[0]))


def _all_words(cells: Sequence[str]) -> bool:
    """Whether a row of three cells or more has no figure in it, as headers have none."""
    return len({cell for cell in cells if cell}) >= 3 and not _has_figure(cells)


def _has_figure(cells: Sequence[str]) -> bool:
    return any(char.isdigit() for cell in cells for char in cell)


def beside(window: Window, search: Search) -> list[Window]:
    """The tables that stand side by side in a window with a blank column between them, or the window alone.

    Each band reaches to where the next begins. In each some record must be recognised by itself; else
    there is nothing to split.
    """
    titles = next((number - 1 for number, cells in search.head if sum(map(bool, cells)) > 2), 0)
    edges = _gaps(window, titles)
    if 2 <= len(edges) <= _BESIDE:
        parts = _cut(window, titles, edges)
        if all(_is_table(find_region(search.within(part))) for part in parts):
            return parts
    return [window]


def bands(window: Window, search: Search) -> list[Window]:
    """The same by the header alone: where its names begin to repeat, or after a gap in it."""
    for line in header_lines(search):
        edges = _starts(line, search)
        if 2 <= len(edges) <= _BESIDE:
            return _cut(window, search.head[line.row - 1][0] if line.row else 0, edges)
    return [window]


def _is_table(found: Region | Problem) -> bool:
    if isinstance(found, Problem):
        return False
    return set(found.record.recognise.columns) <= {mapped.column for mapped in found.columns}


def _gaps(window: Window, titles: int) -> list[int]:
    """Columns (from 1) below the titles at which content begins anew, after a blank one that is to be seen."""
    held = {i for i in window.structure.hidden_columns if window.left < i <= window.right}
    for chunk in window.body(titles, window.width):
        held |= {i for i, column in enumerate(chunk.columns, 1) if column.null_count < len(column)}
        held |= {i for row in chunk.loose for i, cell in enumerate(row.cells, 1) if cell}
    return [i for i in sorted(held) if i - 1 not in held]


def _cut(window: Window, titles: int, edges: Sequence[int]) -> list[Window]:
    """A window for each edge; titles above are shared unless each band has its own."""
    borders = [window.left, *edges[1:], min(window.right, window.width) + 1]
    shared = 0 if _own_titles(window, titles, borders) else titles
    return [
        Window(window.grid, window.first, window.last, left, right - 1, shared)
        for left, right in itertools.pairwise(borders)
    ]


def _starts(line: HeaderLine, search: Search) -> list[int]:
    """Columns (from 1) at which a header begins anew: after a gap, or where its names start to repeat."""
    named = list(zip(line.cells, line.parents, strict=True))
    found = [i for i, (cell, _) in enumerate(named, 1) if cell]
    if len(found) < 4 or sum(1 for i in found if search.headers.find(*named[i - 1])[0]) < 4:
        return []
    groups: list[list[int]] = [[found[0]]]
    for position in found[1:]:
        if position == groups[-1][-1] + 1:
            groups[-1].append(position)
        else:
            groups.append([position])
    parts = [part for group in groups for part in _repeats(group, line.cells)]
    whole = all(_is_recognised([named[i - 1] for i in part], search) for part in parts)
    return [part[0] for part in parts] if whole else []


def _is_recognised(named: Sequence[tuple[str, str]], search: Search) -> bool:
    """Whether the columns by which some record is recognised are all among these headers."""
    found: dict[str, set[str]] = {}
    for cell, parent in named:
        for owner, column in search.headers.find(cell, parent)[0].items():
            found.setdefault(owner, set()).add(column)
    return any(set(search.kinds[owner].recognise.columns) <= columns for owner, columns in found.items())


def _repeats(group: list[int], cells: Sequence[str]) -> list[list[int]]:
    """A run of header cells, cut where the same names come again in the same order."""
    names = [header_key(cells[i - 1]) for i in group]
    for size in range(2, len(names) // 2 + 1):
        if len(names) % size == 0 and names == names[:size] * (len(names) // size):
            return [group[at : at + size] for at in range(0, len(group), size)]
    return [group]


def _own_titles(window: Window, last: int, edges: Sequence[int]) -> bool:
    """Whether the rows above name each band by itself: cells stand above more than one of them."""
    over = {
        sum(1 for edge in edges[1:-1] if i >= edge)
        for number, cells in window.head
        if number <= last
        for i, cell in enumerate(cells, 1)
        if cell and _names_table(cell)
    }
    return len(over) > 1


def _names_table(cell: str) -> bool:
    """Whether a cell above a table speaks of it, and is no unit or day at the other end of the line."""
    return ":" not in cell and "：" not in cell and len(cell) > 3
