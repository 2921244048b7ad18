"""Find the table in a sheet: its header row or rows, the record kind, what each column means.

Refuses to choose where two kinds fit equally well, and to read past a header it does not know: such a
table is returned with its findings and held back, because half a table is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from flows.contract.model import Record
from flows.read.header import Headers, fold, map_columns
from flows.read.preamble import Cover, Head, find_cover, read_above
from flows.read.reading import Mapped, Problem, column_letter
from flows.read.suggest import hint

#: Too general to be a column's name without the merged header above it.
_GENERIC = frozenset(("人数", "数量", "金额", "次数", "件数", "个数", "名称", "姓名", "日期", "时间", "比例"))
_GENERIC |= frozenset(("合计", "小计", "计", "数", "人", "率", "备注", "其他"))

YEAR_HEADER = re.compile(r"((?:19|20)\d\d)年?度?")
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
    """Where a table is looked for: a sheet's first rows, the delivery's relative path, the contracts."""

    sheet: str
    head: Head
    name: str
    kinds: Mapping[str, Record]
    headers: Headers


@dataclass(frozen=True)
class _Line:
    """Header cells from one row, or from two with the merged cell above each as its parent."""

    row: int  # index into the head
    span: int
    cells: tuple[str, ...]
    parents: tuple[str, ...]


@dataclass(frozen=True)
class _Candidate:
    """One record on one header line, with what ranks it."""

    rank: tuple[int, ...]
    record: Record
    line: _Line
    is_perfect: bool  # every header is known and nothing required is missing


def find_region(search: Search) -> Region | Problem:
    """The table of a sheet, or the problem why there is none."""
    candidates: list[_Candidate] = []
    for line in _lines(search):
        if any(c.is_perfect and c.line.row < line.row for c in candidates):
            break  # below a header that leaves nothing open stands its data
        candidates += _judge(search, line)
    if not candidates:
        return Problem("table_unrecognised", "error", search.sheet)
    best = max(candidates, key=lambda c: (c.rank, -c.line.row))
    rivals = {c.record.record for c in candidates if c.rank == best.rank and c.line.row == best.line.row}
    if len(rivals) > 1:
        return Problem("record_ambiguous", "error", search.sheet, search.head[best.line.row][0])
    return _region(search, best)


def _lines(search: Search) -> Iterator[_Line]:
    head = search.head
    for index, (_, cells) in enumerate(head):
        if sum(1 for cell in cells if cell) < 2 and len(cells) > 1:
            continue
        yield _Line(index, 1, tuple(cells), ("",) * len(cells))
        if sum(1 for cell in cells if cell) < 2:
            continue  # a title over the whole width is no merged header
        joined = _join(cells, head[index + 1][1], search.headers) if index + 1 < len(head) else None
        if joined:
            yield _Line(index, 2, *joined)


def _join(
    upper: Sequence[str], lower: Sequence[str], headers: Headers
) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """Two header rows as (cells, parents), if the lower one holds nothing but names of sub-columns."""
    width = max(len(upper), len(lower))
    top = [*upper, *[""] * (width - len(upper))]
    low = [*lower, *[""] * (width - len(lower))]
    if not any(low) or not any(top):
        return None
    cells, parents, parent = [], [], ""
    for above, below in zip(top, low, strict=True):
        parent = above or (parent if below else "")
        if below:
            found = headers.find(below, parent)[0]
            if not parent or not (found or headers.ignored_by(below)):
                return None
            if fold(below) in _GENERIC and found == headers.find(below)[0]:
                return None  # only the general word matched, not the pair
        cells.append(below or above)
        parents.append(parent if below else "")
    return tuple(cells), tuple(parents)


def _judge(search: Search, line: _Line) -> Iterator[_Candidate]:
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
    for owner, mapped in columns.items():
        record = search.kinds[owner]
        complete = set(record.recognise.columns) <= mapped
        if not complete and (len(mapped) < 2 or known[owner] * 2 < len(cells)):
            continue
        titled, length = _titled(places, record)
        if not complete and not titled:
            continue
        missing = sum(1 for c in record.read_columns if c.required and c.name not in mapped)
        unknown = len(cells) - known[owner]
        rank = (int(complete), titled, -missing, -unknown, length, len(mapped), -line.span)
        # Joined with a line of notes above it, a header is complete too: two rows never end the search.
        perfect = complete and not missing and not unknown and line.span == 1
        yield _Candidate(rank, record, line, perfect)


def _places(search: Search, row: int) -> tuple[tuple[int, str], ...]:
    """Where a title may stand, folded: title rows speak louder than sheet, file or folder names."""
    path = PurePosixPath(search.name)
    title = "".join(fold(cell) for _, cells in search.head[:row] for cell in cells if cell)
    folders = "/".join(fold(part) for part in path.parts[:-1])
    return ((4, title), (3, fold(search.sheet)), (2, fold(path.stem)), (1, folders))


def _titled(places: Sequence[tuple[int, str]], record: Record) -> tuple[int, int]:
    """(strength, length of the longest word) of the best place that names a record's title."""
    for strength, text in places:
        if words := [word for word in record.recognise.title if fold(word) in text]:
            return strength, max(map(len, words))
    return 0, 0


def _region(search: Search, best: _Candidate) -> Region:
    record, line = best.record, best.line
    header_row = search.head[line.row][0]
    above = read_above(search.head[: line.row])
    columns = map_columns(search.headers, record, line.cells, line.parents, above.units)
    problems = judge_columns(search.sheet, header_row, record, columns)
    cover = find_cover(above, search.sheet, search.name, record.snapshot)
    return Region(
        record=record,
        header_row=header_row,
        last_header_row=search.head[line.row + line.span - 1][0],
        columns=columns,
        headers=tuple(fold(cell) for cell in line.cells),
        cover=cover,
        problems=problems,
        held=any(problem.severity == "error" for problem in problems),
    )


def judge_columns(sheet: str, row: int, record: Record, columns: Sequence[Mapped]) -> list[Problem]:
    """Unknown, repeated and missing columns (errors: the table is held back); units that disagree."""
    problems = []
    seen: set[str] = set()
    years = [m for m in columns if m.column is None and YEAR_HEADER.fullmatch(fold(m.header))]
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
