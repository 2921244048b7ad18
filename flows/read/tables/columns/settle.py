"""What becomes of each column of a table that was found: used, read past, or held until somebody says what it is.

A header that no contract knows holds its column and nothing else; so does 编号 over cells that count nothing. Of two headers for one contract column the
spelling that the contract lists first is used and the other held; the same header twice over different cells holds
both, because nobody can say which is meant.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from flows.contract.record import Record
from flows.contract.text import column_letter, compact, header_key
from flows.read.grid import HEAD_ROWS
from flows.read.reading import MappedColumn, Problem, own_words
from flows.read.tables.columns.candidates import candidates, is_filled_as, may_be_filled_as
from flows.read.tables.columns.measures import split_unit
from flows.read.tables.columns.stated_facts import facts_of
from flows.read.tables.columns.yearly_total import total_of_year
from flows.read.tables.detect import YEAR_HEADER, DetectedTable, Search

#: Findings about the columns of one table that are reported; the rest is more of the same.
MOST_PROBLEMS = 50
#: Why a column is held whose header is known.
_HELD = ("header_repeated", "header_misfit")
#: Cells at least of which none fits, before a header that is listed is not believed.
_ENOUGH = 3
_SERIAL = re.compile(r"[(\[]?[A-Z]?\d{1,7}[)\].、]?", re.IGNORECASE)


def settle_columns(table: DetectedTable, search: Search) -> None:
    """Decide on every column of a table whose place is final, and say what is open."""
    record, sheet = table.record, table.grid.sheet
    years = [m for m in table.columns if m.is_held and YEAR_HEADER.fullmatch(header_key(m.header))]
    if record.years_across and not table.years and len(years) > 1:
        table.problems.append(Problem("measure_unknown", "error", sheet, table.header_row))
        table.held = True
    problems: list[Problem] = []
    columns = _one_each(table, problems)
    table.columns = columns
    table.total_row = total_of_year(table, search.headers)
    table.filled = facts_of(table, search)
    used = {m.column for m in columns} | {*table.filled}
    if table.measure:
        used |= {table.measure.column, "year"}
    free = [c for c in record.read_columns if c.name not in used]
    settled = []
    for m in columns:
        if m.ignored_by == "serial" and not _counts(_cells(table, m.position - 1)):
            m = replace(m, ignored_by=None)
        letter = column_letter(m.position)
        said = own_words(m.header)
        if m.is_held and not (table.held and m in years):
            every, named = candidates(m.header, _cells(table, m.position - 1), free)
            first = [record.columns[name] for name in m.candidates]
            every = (*first, *(c for c in every if c not in first))
            m = replace(m, candidates=tuple(c.name for c in every))
            if not any(p.code in _HELD and p.column_name == letter for p in problems):
                hint = "、".join(c.label for c in named)
                problems.append(
                    Problem("header_unknown", "warning", sheet, table.header_row, letter, hint, said)
                )
        elif m.unit == "conflict":
            problems.append(Problem("unit_conflict", "warning", sheet, table.header_row, letter, header=said))
        elif m.evidence == "same":
            label = record.columns[m.column or ""].label
            problems.append(Problem("header_taken", "info", sheet, table.header_row, letter, label, said))
        settled.append(m)
    table.columns = tuple(settled)
    if not table.years:
        problems += [
            Problem("column_missing", "warning", sheet, table.header_row, c.label)
            for c in free
            if c.required and not any(c.name in m.candidates[:1] for m in settled)
        ]
    if table.total_row is not None:
        problems.append(Problem("total_taken", "info", sheet, table.total_row))
    table.problems += problems[:MOST_PROBLEMS]


def _one_each(table: DetectedTable, problems: list[Problem]) -> tuple[MappedColumn, ...]:
    """The columns with at most one for each column of the contract; what is said of the others goes to `problems`."""
    columns = {m.position: m for m in table.columns}
    claims: dict[str, list[MappedColumn]] = {}
    for m in table.columns:
        if m.column:
            claims.setdefault(m.column, []).append(m)
    misfits = [m for m in table.columns if m.column and not _fits(table, m)]
    for m in misfits:
        columns[m.position] = replace(m, column=None, unit=None, evidence="", candidates=(m.column or "",))
        claims[m.column or ""].remove(m)
        letter, said = column_letter(m.position), own_words(m.header)
        label = table.record.columns[m.column or ""].label
        problems.append(
            Problem("header_misfit", "warning", table.grid.sheet, table.header_row, letter, label, said)
        )
    for name, claimed in claims.items():
        if len(claimed) < 2:
            continue
        best = min(_place(table.record, m) for m in claimed)
        same = [m for m in claimed if _place(table.record, m) == best]
        is_open = not _are_equal(table, [m.position - 1 for m in same])
        for m in claimed:
            if m is same[0] and not is_open:
                continue
            if m in same and not is_open:
                columns[m.position] = replace(m, column=None, unit=None, evidence="", ignored_by="repeated")
            else:
                own = (name,) if m in same else ()
                columns[m.position] = replace(m, column=None, unit=None, evidence="", candidates=own)
            letter, said = column_letter(m.position), own_words(m.header)
            problems.append(
                Problem("header_repeated", "warning", table.grid.sheet, table.header_row, letter, header=said)
            )
    return tuple(columns[m.position] for m in table.columns)


def _fits(table: DetectedTable, m: MappedColumn) -> bool:
    """Whether cells are what a header says: most of them where it only says so loosely, else one of the first is enough."""
    column, cells = table.record.columns[m.column or ""], _cells(table, m.position - 1)
    if m.evidence in ("also", "same"):
        return is_filled_as(column, cells)
    is_believed = m.evidence == "own" or table.record.is_decision or len(cells) < _ENOUGH
    return is_believed or may_be_filled_as(column, cells)


def _place(record: Record, m: MappedColumn) -> tuple[int, str]:
    """Where the contract lists the spelling of a header: a unit's own first, then the label, then in its order."""
    column = record.columns[m.column or ""]
    if m.evidence == "own":
        return -1, ""
    if m.evidence == "same":
        return len(column.spellings) + 2, ""  # of two that only say the same nobody knows which is meant
    listed = [split_unit(header_key(spelling))[0] for spelling in (column.label, *column.spellings)]
    for text in (m.header, m.header.rpartition("/")[2]):
        key = split_unit(header_key(text))[0]
        if key in listed:
            return listed.index(key), ""
    return len(listed), header_key(m.header)


def _are_equal(table: DetectedTable, positions: Sequence[int]) -> bool:
    """Whether columns hold the same cells in all rows."""
    first, *others = positions
    return all(
        chunk.columns[first].equals(chunk.columns[position])
        for chunk in (table.grid.body(table.last_header_row, table.width) if others else ())
        for position in others
    )


def _counts(cells: Sequence[str]) -> bool:
    """Whether cells count rows: `12`, `(3)`; numbers like `津调2015-001`, where most are, are those of something else."""
    numbers = [compact(cell) for cell in cells if any(sign.isdigit() for sign in cell)]
    return sum(_SERIAL.fullmatch(number) is None for number in numbers) * 2 <= len(numbers)


def _cells(table: DetectedTable, position: int) -> list[str]:
    """Cells of a column in the first rows; further down, where it begins to be filled only there."""
    rows = [cells for number, cells in table.grid.head if number > table.last_header_row]
    dense = [cells for cells in rows if sum(map(bool, cells)) > 1] or rows
    texts = [cells[position] for cells in dense if position < len(cells) and cells[position]]
    if texts or len(table.grid.head) < HEAD_ROWS:
        return texts
    for chunk in table.grid.body(table.last_header_row, table.width):
        if filled := chunk.columns[position].drop_null().slice(0, HEAD_ROWS).to_pylist():
            return list(filled)
    return []
