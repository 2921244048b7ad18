"""The judge: what a reader made of a case, against the truth, through its public result alone.

A row is right if it is handed over once, by the table it belongs to, under its own number and with
exactly the texts of its mapped columns. Nothing else may be handed over, every cell is accounted for, and
the number of cells is that of an independent count (openpyxl, Python's csv). Hidden rows and columns may be
read or left out, but not without a word and not half.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import openpyxl

from flows.contract.catalogue import records
from flows.read import ISSUE_COLUMN, FileReading, Problem, Table, read_file
from tests.messy.case import build
from tests.messy.layout import ANY, Case, TableTruth
from tests.messy.write import File, convert, write

Reader = Callable[..., FileReading]
Row = Mapping[str, str | None]


@dataclass
class Verdict:
    """`findings`: what is wrong, each beginning with its cause. Rows are of tables that must be accepted."""

    findings: list[str] = field(default_factory=list)
    expected: int = 0
    handed: int = 0
    right: int = 0

    @property
    def causes(self) -> list[str]:
        return [finding.split(":")[0] for finding in self.findings]


def judge(case: Case, reader: Reader = read_file, saved_as: str = "") -> Verdict:
    """Write a case, read it, compare; `saved_as`: the suffix under which another program saves it first."""
    with TemporaryDirectory(prefix="messy-") as folder:
        file = write(case, Path(folder))
        counted = count_cells(file)
        file = convert(file, saved_as) if saved_as and file.lines is None else file
        reading = reader(file.path, file.name, records())
        handed = [_drain(table) for table in reading.tables]
    verdict = Verdict()
    taken: set[int] = set()
    for truth in case.tables:
        _judge_table(verdict, truth, file, reading, handed, taken)
    for index, rows in enumerate(handed):
        if index not in taken and rows:
            verdict.handed += len(rows)
            verdict.findings.append(f"table invented: {_place(reading.tables[index])} with {len(rows)} rows")
    _judge_account(verdict, case, reading, counted)
    return verdict


def shrink(seed: int, features: Iterable[str], reader: Reader = read_file) -> frozenset[str]:
    """The fewest of a failing case's features that still give its first cause."""
    kept = sorted(build(seed, features).features)
    cause = judge(build(seed, kept), reader).causes[0]
    for feature in list(kept):
        fewer = [f for f in kept if f != feature]
        if cause in judge(build(seed, fewer), reader).causes:
            kept = fewer
    return frozenset(kept)


def count_cells(file: File) -> int:
    """Cells with content, counted without the reader."""
    if file.lines is None:
        book = openpyxl.load_workbook(file.path)
        values = (c.value for sheet in book for row in sheet.iter_rows() for c in row)
        return sum(1 for value in values if value is not None and str(value).strip())
    with file.path.open(encoding=file.encoding, newline="") as stream:
        return sum(bool(cell.strip()) for row in csv.reader(stream, delimiter=file.delimiter) for cell in row)


def _drain(table: Table) -> list[tuple[int, Row]]:
    return [(row.pop("row_number"), row) for batch in table.batches() for row in batch.to_pylist()]


def _judge_account(verdict: Verdict, case: Case, reading: FileReading, counted: int) -> None:
    classes: Counter[str] = Counter()
    for (_, name), count in reading.account.items():
        classes[name] += count
    if sum(classes.values()) != reading.cells_nonempty:
        verdict.findings.append(f"account broken: {sum(classes.values())} of {reading.cells_nonempty} cells")
    if reading.cells_nonempty != counted:
        verdict.findings.append(f"cells lost: {reading.cells_nonempty} seen, {counted} are there")
    if any(problem.code == "cells_unaccounted" for problem in _problems(reading)):
        verdict.findings.append("account broken: the reader says so")
    kinds = Counter(kind for sheet in case.sheets for kind in sheet.kinds.values())
    around = kinds.total() - sum(kinds[kind] for kind in ("used", "data", "subtotal"))
    if (titles := classes["title"] + classes["note"]) > around:
        verdict.findings.append(
            f"data taken for title: {titles} cells of titles and notes, {around} are no data"
        )
    hides = any(sheet.hidden_rows or sheet.hidden_columns or sheet.is_hidden for sheet in case.sheets)
    if hides:
        return
    for kind in ("used", "subtotal"):
        if classes[kind] != kinds[kind]:
            verdict.findings.append(f"cells of class {kind}: {classes[kind]}, {kinds[kind]} are there")


def _judge_table(
    verdict: Verdict,
    truth: TableTruth,
    file: File,
    reading: FileReading,
    handed: list[list[tuple[int, Row]]],
    taken: set[int],
) -> None:
    wanted = {_line(file, row): texts for row, texts in truth.rows.items()}
    index = next(
        (i for i, table in enumerate(reading.tables) if i not in taken and _is(table, truth, file)), None
    )
    where = f"{truth.sheet or 'text'} row {truth.header_rows[0]} ({truth.record.record})"
    verdict.expected += len(wanted)
    if index is None:
        codes = sorted({p.code for p in _problems(reading)})
        verdict.findings.append(f"table lost: {where}, {len(wanted)} rows; {codes}")
        return
    taken.add(index)
    table, rows = reading.tables[index], handed[index]
    verdict.handed += len(rows)
    _judge_facts(verdict, truth, table, where)
    if (
        truth.open
        and truth.missing not in table.filled
        and not any(_is_about(problem, truth, file) for problem in _problems(reading))
    ):
        verdict.findings.append(f"{truth.open} unsaid: {where}")
    hidden = {_line(file, row) for row in truth.hidden_rows}
    seen = Counter(number for number, _ in rows)
    if hidden or truth.hidden_columns:
        verdict.findings += _hidden(truth, hidden, seen, reading, where)
    for number in sorted(set(wanted) - set(seen) - hidden):
        verdict.findings.append(f"row lost: {where} row {number}")
    for number, row in rows:
        if number not in wanted or seen[number] > 1:
            verdict.findings.append(f"row invented: {where} row {number}")
        elif row.get(ISSUE_COLUMN):
            verdict.findings.append(f"row rejected: {where} row {number} {row[ISSUE_COLUMN]}")
        elif wrong := _wrong_cells(wanted[number], _as_read(row, table), truth.hidden_columns):
            verdict.findings.append(f"cell wrong: {where} row {number} {wrong}")
        else:
            verdict.right += 1
    verdict.right += len(hidden - set(seen))  # left out with a word: as good as read
    verdict.handed += len(hidden - set(seen))
    for row, total in truth.totals.items():
        is_said = any(p.row_number == _line(file, row) for p in [*reading.problems, *table.problems])
        if total == "wrong" and not is_said:
            verdict.findings.append(f"wrong total unsaid: {where} row {_line(file, row)}")
        elif total == "right" and is_said:
            verdict.findings.append(f"right total blamed: {where} row {_line(file, row)}")


def _judge_facts(verdict: Verdict, truth: TableTruth, table: Table, where: str) -> None:
    if table.held:
        codes = sorted({(p.code, p.column_name) for p in table.problems}, key=str)
        verdict.findings.append(f"table held: {where} {codes}")
        return
    found = {m.position: m.column for m in table.columns if m.column}
    visible = {p: name for p, name in truth.columns.items() if name not in truth.hidden_columns or p in found}
    if claimed := sorted(table.filled.keys() & {*found.values(), *truth.columns.values()}):
        verdict.findings.append(f"fact over a column: {where} {claimed}")
    if found != visible:
        verdict.findings.append(f"columns wrong: {where} {sorted(found.items() ^ visible.items())}")
    if (table.covers_from, table.covers_to) != truth.covers:
        verdict.findings.append(
            f"period wrong: {where} {table.covers_from}–{table.covers_to}, not {truth.covers[0]}–{truth.covers[1]}"
        )
    units = {m.column: m.unit for m in table.columns if m.column in truth.money_units}
    wrong = {
        name: unit for name, unit in units.items() if (unit or "元") != (truth.money_units[name] or "元")
    }
    if wrong:
        verdict.findings.append(f"unit wrong: {where} {wrong}, not {truth.money_units}")


def _hidden(
    truth: TableTruth, hidden: set[int], seen: Counter[int], reading: FileReading, where: str
) -> list[str]:
    """Hidden rows must be read all or left out all, and be mentioned."""
    read = {number for number in hidden if seen[number]}
    classes = {name for _, name in reading.account}
    is_said = any("hidden" in kind for kind in classes) or any("hidden" in p.code for p in _problems(reading))
    findings = [] if is_said else [f"hidden unsaid: {where}"]
    if read and read != hidden:
        findings.append(f"hidden read by half: {where} {sorted(read)} of {sorted(hidden)}")
    return findings


def _as_read(row: Row, table: Table) -> Row:
    """A row without what the table says of all its rows, which is in none of its cells."""
    return {name: text for name, text in row.items() if name not in table.filled}


def _wrong_cells(wanted: Row, row: Row, hidden: frozenset[str]) -> dict[str, tuple[str | None, str | None]]:
    """Columns whose text differs: (handed over, wanted)."""
    names = (set(wanted) | {name for name in row if name != ISSUE_COLUMN}) - (hidden - set(row))
    out = {name: (row.get(name), wanted.get(name)) for name in names if row.get(name) != wanted.get(name)}
    return {n: pair for n, pair in out.items() if not (pair[1] == ANY and pair[0])}


def _is(table: Table, truth: TableTruth, file: File) -> bool:
    """Whether a table of the reading is the one of the truth: by record, sheet, header rows and columns."""
    first, last = (_line(file, row) for row in truth.header_rows)
    within = first <= table.header_row <= last
    positions = {m.position for m in table.columns if m.column}
    own = positions & set(truth.columns)
    sheet = file.lines is not None or table.sheet == truth.sheet
    return sheet and within and table.record == truth.record.record and len(own) * 2 > len(positions)


def _is_about(problem: Problem, truth: TableTruth, file: File) -> bool:
    """Whether a finding says of the header of a table what must be said."""
    first, last = (_line(file, row) for row in truth.header_rows)
    place = problem.row_number is not None and first <= problem.row_number <= last
    return problem.code == truth.open and problem.sheet in ("", truth.sheet) and place


def _line(file: File, row: int) -> int:
    return file.lines[row] if file.lines is not None else row


def _problems(reading: FileReading) -> list[Problem]:
    return [*reading.problems, *(problem for table in reading.tables for problem in table.problems)]


def _place(table: Table) -> str:
    return f"{table.sheet or 'text'} row {table.header_row} ({table.record})"
