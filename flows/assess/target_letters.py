"""Signed target letters (record kind `target_letter`) from files, without a vault or a build.

The project's own reader and the contract's own typing, in a database in memory: what a workbook says here is what it
would say in the inbox. Refuses whatever the contract rejects, and what fits the contract but not its indicator: 92 for
a rate, 0.5 for a number of cases, a unit that the year does not assess. Every refusal names file, sheet and cell.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from flows.contract.catalogue import issue_words, records
from flows.contract.indicator import Indicator, indicators
from flows.contract.record import Record
from flows.contract.spelling import spellings
from flows.contract.text import column_letter
from flows.contract.units import reference
from flows.database.connect import open_scratch
from flows.normalise.arrival import PARTS_PER_DELIVERY, held
from flows.normalise.load import insert_parts
from flows.normalise.record_sql import create_table
from flows.normalise.schema import load_macros
from flows.read import FileReading, Problem, Table, read_file
from flows.score.scheme.signed_targets import SignedTarget

_KIND = "target_letter"
#: A rate beyond this is a percentage that lost its sign.
_MOST_RATE = 2

_ROWS = f"""select part_id, row_number, row_state, coalesce(issues, []), unit_code, year, indicator, target,
  document_no, effective_on
from core.{_KIND} where part_id between $first and $last order by part_id, row_number"""


@dataclass(frozen=True)
class Letters:
    """What files hold: targets in the order of the rows, and what is wrong with the others."""

    signed: tuple[SignedTarget, ...]
    errors: tuple[str, ...]


def read_letters(
    paths: Sequence[Path], year: int, assessed: Collection[str], unit: str | None = None
) -> Letters:
    """The targets of a year in files. `assessed`: its units; `unit`: the sender, whose own header spellings are used and
    who may speak of itself only (default: the municipal federation)."""
    signed: list[SignedTarget] = []
    errors: list[str] = []
    sender = unit or next(u.unit_code for u in reference().units if u.kind == "city")
    kinds = records()
    with open_scratch() as con:
        con.execute("create schema ref; create schema core")
        load_macros(con)
        con.execute(create_table(kinds[_KIND]))
        for number, path in enumerate(paths, 1):
            reading = read_file(path, path.name, kinds, spellings().get(sender))
            tables = [t for t in reading.tables if t.record == _KIND and held(t) is None]
            errors += _unreadable(path, reading)
            parts = {number * PARTS_PER_DELIVERY + table.ordinal: table for table in tables}
            insert_parts(con, kinds[_KIND], list(parts.items()), {number: sender}, (b"", b""), str)
            span = {"first": number * PARTS_PER_DELIVERY, "last": (number + 1) * PARTS_PER_DELIVERY - 1}
            for part_id, row, state, issues, code, of_year, name, target, document, effective in con.execute(
                _ROWS, span
            ).fetchall():
                place = _Place(path.name, parts[part_id], row)
                if state == "rejected":
                    errors += _refused(kinds[_KIND], place, issues)
                elif found := _wrong(place, year, assessed, code, of_year, indicators()[name], target):
                    errors += found
                else:
                    signed.append(
                        SignedTarget(code, name, target, document, effective, place.at("target_written"))
                    )
    return Letters(tuple(signed), tuple(errors))


@dataclass(frozen=True)
class _Place:
    """A row of a table; of a form that was turned, a column."""

    file: str
    table: Table
    row: int

    def at(self, column: str) -> str:
        """File, sheet and cell."""
        position = next((m.position for m in self.table.columns if m.column == column), 0)
        across, down = (self.row, position) if self.table.is_turned else (position, self.row)
        cell = f"{column_letter(across)}{down}" if position else f"row {self.row}"
        return " › ".join(filter(None, (self.file, self.table.sheet, cell)))


def _unreadable(path: Path, reading: FileReading) -> Iterator[str]:
    """Why a file, or a letter in it, cannot be read."""
    letters = [t for t in reading.tables if t.record == _KIND]
    for problem in [p for t in letters for p in t.problems] + ([] if letters else reading.problems):
        if problem.severity == "error" or problem.code in ("header_unknown", "column_missing"):
            yield f"{_address(path, problem)}: {issue_words(problem.code, problem.column_name, problem.header, problem.hint)}"
    if reading.tables and not letters:
        kinds = sorted({records()[t.record].label for t in reading.tables if t.record})
        yield f"{path.name}: no {records()[_KIND].label} in it, but {', '.join(kinds)}"


def _address(path: Path, problem: Problem) -> str:
    cell = (
        f"{problem.column_name or 'row '}{problem.row_number}" if problem.row_number else problem.column_name
    )
    return " › ".join(filter(None, (path.name, problem.sheet, cell)))


def _refused(record: Record, place: _Place, issues: Sequence[str]) -> list[str]:
    """The rejected row's issues in words, at their cells."""
    said = {check.id: check.message for check in record.checks}
    out = []
    for issue in issues:
        column, _, code = issue.partition(":")
        label = record.columns[column].label if column in record.columns else ""
        out.append(f"{place.at(column)}: {said.get(code) or issue_words(code, label)}")
    return out


def _wrong(
    place: _Place,
    year: int,
    assessed: Collection[str],
    unit: str,
    of_year: int,
    indicator: Indicator,
    target: Decimal,
) -> list[str]:
    """What a sound row has that this year, or its indicator, cannot have."""
    out = []
    if of_year != year:
        out.append(f"{place.at('year')}: a target of {of_year}, not of {year}")
    if unit not in assessed:
        out.append(f"{place.at('unit_code')}: {unit} is in no group of {year}; see group.csv")
    if indicator.is_rate and target > _MOST_RATE:
        out.append(f"{place.at('target_written')}: {indicator.label} is a rate: write 92% or 0.92")
    if not indicator.is_rate and target != target.to_integral():
        out.append(
            f"{place.at('target_written')}: {indicator.label} is counted in {indicator.unit}: write a whole number"
        )
    return out
