"""All tables of a sheet: where one ends and the next begins, below it or beside it.

A table begins below another with a header of its own, and with the title and notes that stand between the
two. Refuses to cut where the same header only comes again on the next page, and refuses to split columns
unless each side is a table by itself: an empty column in the middle is mostly just that.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from flows.contract.record import ColumnType
from flows.contract.text import header_key
from flows.read.grid import Grid, RowNumbers
from flows.read.reading import Problem
from flows.read.tables.caption import CoveredPeriod
from flows.read.tables.columns.settle import settle_columns
from flows.read.tables.detect import YEAR_MONTH, DetectedTable, Search
from flows.read.tables.header_lines import KEYED, TITLE_WORDS, HeaderLine, header_lines
from flows.read.tables.headers import HeaderCell, HeaderIndex
from flows.read.tables.periods import NamedPeriod, find_periods
from flows.read.tables.row_rules import is_footer
from flows.read.tables.slice import SheetSlice
from flows.read.tables.totals import FIGURES
from flows.read.tables.transposed import transposed_table
from flows.read.tables.unrecognised import lacking, nearest_kinds
from flows.read.tables.wide_years import table_of_years

#: Rows of title and notes that may stand between two tables.
_MOST_BETWEEN = 8
#: More tables than these side by side are one line that never ends.
_MOST_BESIDE = 6


@dataclass(frozen=True)
class UnknownTable:
    """Cells that are no table of a known kind, and why."""

    grid: Grid
    problem: Problem
    near: tuple[str, ...] = ()  # kinds that it may be, nearest first


def find_tables(search: Search, part: SheetSlice) -> Iterator[DetectedTable | UnknownTable]:
    """All tables of a slice, from top to bottom and from left to right."""
    while True:
        here = search.within(part)
        table = here.table
        is_open = isinstance(table, Problem) or table.is_open
        if is_open and (columns := _side_by_side(here, part)):
            for column in columns:
                yield from find_tables(search, column)
            return
        if not isinstance(table, Problem) and (start := _row_below_another(here, part, table)):
            # what stands above it is no title but a table by itself
            yield from find_tables(search, part.above(start))
            part = part.below(start)
            continue
        following = _next_table(here, part, table)
        upper = part.above(following) if following else part
        around = search.within(upper)
        columns = _columns_of_header(around, upper) if is_open else []
        if columns:
            for column in columns:
                beside = search.within(column)
                yield finished(beside, beside.table)
        else:
            yield finished(around, table)
        if following is None:
            return
        part = part.below(following)


def finished(search: Search, table: DetectedTable | Problem) -> DetectedTable | UnknownTable:
    """What is read in a place: years as columns or a form on its side, where that is what it holds; with the
    covered period, which a column of the table may be the only one to say."""
    table = table_of_years(search) or table
    if isinstance(table, Problem):
        turned = transposed_table(search)
        if turned is None:
            near = nearest_kinds(search) if table.code == "table_unrecognised" else []
            hint = lacking(near[0]) if near and near[0].is_near else ""
            return UnknownTable(
                search.grid, replace(table, hint=hint), tuple(kind.record.record for kind in near)
            )
        settle_columns(turned, search)
        return turned
    table.grid = search.grid
    if table.covers.problem == "period_unknown":
        table.covers = _period_of_column(table) or table.covers
    settle_columns(table, search)
    return table


def _period_of_column(table: DetectedTable) -> CoveredPeriod | None:
    """The years that a table with years down speaks of, first to last; None if no row names one."""
    position = next((m.position - 1 for m in table.columns if m.column == "year"), None)
    if position is None:
        return None
    texts: set[str] = set()
    for chunk in table.grid.body(table.last_header_row, table.width):
        texts.update(chunk.columns[position].drop_null().unique().to_pylist())
    named = [period for text in texts for period in find_periods(text) if not period.cutoff]
    if not named:
        return None
    return CoveredPeriod(NamedPeriod(min(p.first for p in named), max(p.last for p in named)), "column")


def _next_table(here: Search, part: SheetSlice, table: DetectedTable | Problem) -> int | None:
    """The row with which another table begins below the one found, or None; without one, below the first rows."""
    known = None if isinstance(table, Problem) else table
    above: list[tuple[int, list[str]]] = []  # rows since the last dense one that may be its title or notes
    merged = {top for top, left, bottom, right in part.structure.merges if (bottom, right) != (top, left)}
    after = known.last_header_row if known else here.head[-1][0] if here.head else 0
    last = after
    for number, cells in _noticeable_rows(part, after, here.headers, known.width if known else part.width):
        if cells is None:  # a dense row that is no header: what stands above it belongs to this table
            above, last = [], number
            continue
        is_apart, last = number > last + 1 and last > after, number
        names = here.headers.cells([cell for cell in cells if cell])
        is_titled = any(_is_title(row) and any(w in "".join(row) for w in TITLE_WORDS) for _, row in above)
        if _is_header(names) or (is_titled and len(names) == 2 and all(name.columns for name in names)):
            if not known or not _is_own_header(names, above, known, here):
                return above[0][0] if above else number
            above = []
        elif _is_sparse(cells):
            # below a title, `填报单位：…` is a note of the table to come; before one it closes the table above
            is_closing = is_footer(cells) and not any(_is_title(row) for _, row in above)
            is_serial = all(cell.isdigit() for cell in cells if cell)  # prepared serial numbers
            above = [] if is_closing or is_serial else [*above, (number, cells)][-_MOST_BETWEEN:]
        elif known and above and _is_title(above[0][1]) and _is_words(cells):
            return above[0][0]  # a table of a kind nobody knows is still another table
        elif (
            known and is_apart and not above and _is_words(cells) and _are_no_cells(cells, known)
        ) and not _is_own_header(names, above, known, here):
            return number  # … also without a title, below a blank row
        elif above and (
            number in merged or (any(_is_title(row) for _, row in above) and not _has_figure(cells))
        ):
            above.append((number, cells))  # the upper row of a header of several rows
        else:
            above = []
    return None


def _row_below_another(here: Search, part: SheetSlice, table: DetectedTable) -> int | None:
    """The row with which a table begins that has another table above it in the same rows, or None.

    Rows of three cells or more that speak of nothing (`填报单位：…`) are no title: three of them, or fewer that
    are a table by themselves, if only its header.
    """
    above = [(number, cells) for number, cells in here.head if number < table.header_row]
    dense = [number for number, cells in above if _is_dense(cells)]
    if not dense or (len(dense) == 1 and dense[0] == above[-1][0]):
        return None  # a lone row right above is the upper row of a header
    if len(dense) < 3 and isinstance(here.within(part.above(table.header_row)).table, Problem):
        return None
    between = [
        number for number, cells in above if number > dense[-1] and any(cells) and not is_footer(cells)
    ]
    return between[0] if between else table.header_row


def _is_dense(cells: Sequence[str]) -> bool:
    texts = [cell for cell in cells if cell]
    return len(texts) >= 3 and not any(KEYED.match(header_key(text)) for text in texts)


def _noticeable_rows(
    part: SheetSlice, after: int, headers: HeaderIndex, width: int
) -> Iterator[tuple[int, list[str] | None]]:
    """Rows with few cells, those that follow them, and those that begin with a known header; None for others."""
    after_sparse = False
    for chunk in part.body(after, width):
        count = chunk.filled()
        sparse = count <= 2
        look = sparse | np.concatenate(([after_sparse], sparse[:-1]))
        for column in chunk.columns[:4]:
            look |= headers.known_words.flags(column)
        alone = [row.number for row in chunk.irregular if sum(map(bool, row.cells)) <= 2]
        look |= np.isin(chunk.numbers - 1, alone)
        look &= count > 0
        after_sparse = bool(sparse[-1]) if len(sparse) else after_sparse
        rows: list[tuple[int, list[str] | None]] = [(row.number, list(row.cells)) for row in chunk.irregular]
        last = -1
        for index in np.flatnonzero(look).tolist():
            rows += _dense_rows(chunk.numbers[last + 1 : index], count[last + 1 : index])
            rows.append((int(chunk.numbers[index]), chunk.row(index)))
            last = index
        rows += _dense_rows(chunk.numbers[last + 1 :], count[last + 1 :])
        yield from sorted(rows, key=lambda row: row[0]) if chunk.irregular else rows


def _dense_rows(numbers: RowNumbers, count: RowNumbers) -> list[tuple[int, None]]:
    """Of rows that are passed over, the last that holds something."""
    filled = np.flatnonzero(count)
    return [(int(numbers[filled[-1]]), None)] if len(filled) else []


def _is_sparse(cells: Sequence[str]) -> bool:
    """Whether a row may be a title or a note: a single cell, or two of which one is a note."""
    texts = [cell for cell in cells if cell]
    return len(texts) == 1 or (len(texts) == 2 and any(":" in text or "：" in text for text in texts))


def _is_header(names: Sequence[HeaderCell]) -> bool:
    """Whether most cells of a row are names of columns."""
    known = sum(name.is_header_word or bool(name.loose) for name in names)
    columns = sum(bool(name.columns or name.loose) for name in names)
    return known >= 3 and known * 3 >= len(names) * 2 and columns >= 2


def _is_own_header(
    names: Sequence[HeaderCell], above: Sequence[tuple[int, list[str]]], table: DetectedTable, here: Search
) -> bool:
    """Whether a header is the table's own, come again on the next page of a print.

    Args:
        names: the cells of the header.
        above: the rows of title and notes above it.
        table: the table above.
        here: where that table was found.
    """
    header = [row for number, row in here.head if table.header_row <= number <= table.last_header_row]
    words = {header_key(cell) for row in header for cell in row if cell}
    if not all(name.key in words for name in names):
        return False
    texts = [cell for _, row in above for cell in row if cell]
    covered = table.covers.period
    named = [period for text in texts for period in find_periods(text) if not period.cutoff]
    if covered and any((p.first, p.last) != (covered.first, covered.last) for p in named):
        return False
    captions = [row for number, row in here.head if number < table.header_row]
    new_titles = {header_key(text) for text in texts} - words
    new_titles -= {header_key(cell) for row in captions for cell in row if cell}
    return not any(header_key(word) in title for title in new_titles for word in table.record.recognise.title)


def _is_title(cells: Sequence[str]) -> bool:
    texts = [cell for cell in cells if cell]
    if len(texts) != 1 or len(texts[0]) < 4 or is_footer(cells):
        return False
    return any(word in texts[0] for word in TITLE_WORDS) or any(not p.cutoff for p in find_periods(texts[0]))


def _are_no_cells(cells: Sequence[str], table: DetectedTable) -> bool:
    """Whether a row has words, and nothing but words, in several columns of a table that hold figures or days."""
    types = {m.position - 1: table.record.columns[m.column].type for m in table.columns if m.column}
    measured = [
        p for p, kind in types.items() if kind in FIGURES or kind in (ColumnType.DATE, ColumnType.SPAN)
    ]
    return sum(bool(cells[p]) for p in measured if p < len(cells)) >= 2


def _is_words(cells: Sequence[str]) -> bool:
    """Whether a row of three cells or more has no figure in it, as headers have none."""
    return len({cell for cell in cells if cell}) >= 3 and not _has_figure(cells)


def _has_figure(cells: Sequence[str]) -> bool:
    return any(char.isdigit() for cell in cells for char in YEAR_MONTH.sub("", cell))


def _side_by_side(here: Search, part: SheetSlice) -> list[SheetSlice]:
    """The tables that stand side by side with a blank column between them; none if there are not several.

    Each reaches to where the next begins. Each must be a table, and together they must know more columns than all of
    it as one table; else there is nothing to split.
    """
    titles = next((number - 1 for number, cells in here.head if sum(map(bool, cells)) > 2), 0)
    columns = _cut(part, titles, _columns_after_gaps(part, titles))
    known = [_known_columns(here.within(column).table) for column in columns]
    return columns if all(known) and sum(known) > _known_columns(here.table) else []


def _columns_of_header(here: Search, part: SheetSlice) -> list[SheetSlice]:
    """The same by the header alone: where its names begin to repeat, or after a gap in it."""
    for line in header_lines(here):
        titles = here.head[line.row - 1][0] if line.row else 0
        if columns := _cut(part, titles, _beginnings(line, here)):
            return columns
    return []


def _known_columns(table: DetectedTable | Problem) -> int:
    return 0 if isinstance(table, Problem) else len({m.column for m in table.columns if m.column})


def _columns_after_gaps(part: SheetSlice, titles: int) -> list[int]:
    """Columns (from 1) below the titles at which content begins anew, after a blank one that is to be seen."""
    filled = {i for i in part.structure.hidden_columns if part.left < i <= part.right}
    for chunk in part.body(titles, part.width):
        filled |= {i for i, column in enumerate(chunk.columns, 1) if column.null_count < len(column)}
        filled |= {i for row in chunk.irregular for i, cell in enumerate(row.cells, 1) if cell}
    return [i for i in sorted(filled) if i - 1 not in filled]


def _cut(part: SheetSlice, titles: int, edges: Sequence[int]) -> list[SheetSlice]:
    """A slice for each edge, none if there are not several; titles above are shared unless each has its own."""
    if not 2 <= len(edges) <= _MOST_BESIDE:
        return []
    borders = [part.left, *edges[1:], min(part.right, part.width) + 1]
    over = {
        sum(1 for edge in borders[1:-1] if i >= edge)
        for number, cells in part.head
        if number <= titles
        for i, cell in enumerate(cells, 1)
        if _names_table(cell)
    }
    shared = 0 if len(over) > 1 else titles
    return [part.columns(left, right - 1, shared) for left, right in itertools.pairwise(borders)]


def _names_table(cell: str) -> bool:
    """Whether a cell above a table speaks of it, and is no unit or day at the other end of the line."""
    return ":" not in cell and "：" not in cell and len(cell) > 3


def _beginnings(line: HeaderLine, here: Search) -> list[int]:
    """Columns (from 1) at which a header begins anew: after a gap, or where its names start to repeat."""
    filled = [i for i, cell in enumerate(line.cells) if cell.text]
    if sum(bool(line.cells[i].columns) for i in filled) < 4:
        return []
    groups: list[list[int]] = [[filled[0]]]
    for before, position in itertools.pairwise(filled):
        if position == before + 1:
            groups[-1].append(position)
        else:
            groups.append([position])
    parts = [part for group in groups for part in _repeats(group, line.cells)]
    is_whole = all(_has_record([line.cells[i] for i in part], here) for part in parts)
    return [part[0] + 1 for part in parts] if is_whole else []


def _has_record(cells: Sequence[HeaderCell], here: Search) -> bool:
    """Whether the columns by which some record is recognised are all among these headers."""
    columns: dict[str, set[str]] = {}
    for cell in cells:
        for owner, column in cell.columns.items():
            columns.setdefault(owner, set()).add(column)
    return any(set(here.kinds[owner].recognise.columns) <= named for owner, named in columns.items())


def _repeats(group: list[int], cells: Sequence[HeaderCell]) -> list[list[int]]:
    """A run of header cells, cut where the same names come again in the same order."""
    names = [cells[i].key for i in group]
    for size in range(2, len(names) // 2 + 1):
        if len(names) % size == 0 and names == names[:size] * (len(names) // size):
            return [group[start : start + size] for start in range(0, len(group), size)]
    return [group]
