"""What is in a file, before anything is done with it: the reader's findings, whatever they are.

Needs no contract that fits, no vault and no database, and leaves nothing behind. Refuses to let one file end
the look at others: a fault of ours in it is that file's error. A file is *refused* if nothing of it could be
opened (encrypted, broken, no spreadsheet …); one that opens but holds no table we know has been read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from flows.contract import spelling
from flows.contract.catalogue import issue_words
from flows.contract.record import Record
from flows.contract.text import column_letter
from flows.contract.units import reference
from flows.ingest.inbox import InboxFile, PassedOver, look, readable
from flows.read import ISSUE_COLUMN, READER_FAILED, Problem, Table, place_of, read_file
from flows.read.grid import Grid
from flows.read.reading import MappedColumn
from flows.read.tables.columns.candidates import NEAR, likeness
from flows.report.files.extent import Extent, extent_of

#: Rows that the reader rejects are listed up to so many for a table; all are counted.
_MOST_ROWS = 20


@dataclass(frozen=True)
class _Addition:
    """A line that would make an unknown header known, and the file it belongs into (below the clone)."""

    file: str
    line: str


@dataclass(frozen=True)
class FileFinding:
    """One problem, in the words for districts."""

    severity: str
    code: str
    message: str
    sheet: str = ""
    row: int | None = None
    column: str | None = None  # a letter, or the label of a column that is missing
    add: _Addition | None = None


@dataclass(frozen=True)
class ColumnMeaning:
    """What became of one column: `meaning` is the contract's column, `evidence` how it was recognised."""

    column: str
    header: str
    meaning: str | None
    label: str | None
    evidence: str
    unit: str | None
    ignored_by: str | None


@dataclass(frozen=True)
class TableFinding:
    """A table; nothing is read while it is `held` back. `turned`: records stand in columns, and a row number
    is a column of the sheet. Days as YYYY-MM-DD."""

    sheet: str
    record: str | None
    label: str
    held: bool
    turned: bool
    header_row: int
    header_rows: int
    first_row: int | None  # of the data
    last_row: int | None
    covers_from: date | None
    covers_to: date | None
    covers_evidence: str
    rows_read: int
    rows_ignored: int
    rows_rejected: int
    columns: tuple[ColumnMeaning, ...]


@dataclass
class Inspection:
    """One file. `account`: (sheet, class, cells), of which the cells add up to `cells`; `unrecognised`: tables
    of no known kind, with their probable header and number of rows."""

    file: str
    format: str = ""
    encoding: str | None = None
    evidence: str = ""
    refused: bool = False
    error: str | None = None  # why it was refused
    sheets: list[Extent] = field(default_factory=list)
    tables: list[TableFinding] = field(default_factory=list)
    unrecognised: list[TableFinding] = field(default_factory=list)
    account: list[tuple[str, str, int]] = field(default_factory=list)
    cells: int = 0
    problems: list[FileFinding] = field(default_factory=list)

    def refuse(self, finding: FileFinding) -> Inspection:
        """The same, refused for a reason."""
        self.refused, self.error = True, finding.message
        self.problems.append(finding)
        return self


def files_in(path: Path) -> Iterator[InboxFile | PassedOver]:
    """A file itself, or everything in a folder and the folders below it in order of path, also what an inbox
    would pass over (lock files, folder settings, links)."""
    if path.is_dir():
        for found in look(path):
            yield found if isinstance(found, InboxFile) else replace(found, name=f"{path}/{found.name}")
    elif path.is_file():
        yield InboxFile(path, "", readable(path.name), None)
    else:
        yield PassedOver(str(path), "not_a_file")


def inspect(
    found: InboxFile | PassedOver, kinds: Mapping[str, Record], unit: str | None = None
) -> Inspection:
    """Look at one file; never raises for what it holds, only `ContractError` for spellings that are not sound.

    `unit`: code of the sender whose own spellings are used; by default that of the folder it lies in.
    Folder names below that of a unit, or the one that was asked for, may give the covered period, as in the inbox.
    """
    if isinstance(found, PassedOver):
        return Inspection(found.name).refuse(_finding(Problem(found.code)))
    sender, name = _as_sent(found)
    unit = unit or sender
    own = spelling.spellings().get(unit or "", {})
    result = Inspection(readable(str(found.path)))
    try:
        _look_into(result, found.path, name, kinds, unit, own)
    except OSError:
        return Inspection(result.file).refuse(_finding(Problem("file_unreadable")))
    except Exception as error:  # while its rows were read: what comes before is in the reading itself
        return Inspection(result.file, result.format).refuse(
            _finding(Problem(READER_FAILED, hint=place_of(error)))
        )
    return result


def _as_sent(found: InboxFile) -> tuple[str | None, str]:
    """(sender, name below its folder) of a file, as an inbox in which it lies would have them.

    The sender is the nearest folder above that is called like a unit; in the folder of an office, the office.
    """
    steps = [readable(step) for step in found.path.resolve().parts]
    day = found.received_on or date.max
    senders = [reference().resolve_sender(step, day) for step in steps[:-1]]
    place = max((i for i, sender in enumerate(senders) if sender), default=0)
    if not place:
        return None, f"{found.folder}/{found.name}" if found.folder else found.name
    while senders[place - 1]:
        place -= 1
    return senders[place], "/".join(steps[place + 1 :])


def _look_into(
    result: Inspection,
    path: Path,
    name: str,
    kinds: Mapping[str, Record],
    unit: str | None,
    own: Mapping[str, str],
) -> None:
    grids: list[Grid] = []
    reading = read_file(path, name, kinds, own, grids)
    result.format, result.encoding, result.evidence = reading.format, reading.encoding, reading.evidence
    errors = [problem for problem in reading.problems if problem.severity == "error"]
    if not grids and errors:
        result.refuse(_finding(errors[0]))
        return
    result.sheets = [extent_of(grid) for grid in grids]
    for table in reading.tables:
        result.tables.append(_region(table, kinds, result))
    result.unrecognised = [_region(table, kinds, result) for table in reading.unrecognised]
    result.cells = reading.cells_nonempty
    result.account = sorted((*key, cells) for key, cells in reading.account.items() if cells)
    result.problems = [*map(_finding, reading.problems), *result.problems]
    for table in reading.tables:
        result.problems += (_finding(p, _line_to_add(p, table, kinds, unit)) for p in table.problems)


def _region(table: Table, kinds: Mapping[str, Record], result: Inspection) -> TableFinding:
    """Read a table to its end; rows that the reader rejects go into the result's problems."""
    first = last = None
    rejected: Counter[str] = Counter()
    for batch in table.batches():
        if batch.num_rows:
            numbers = batch.column("row_number")
            first = numbers[0].as_py() if first is None else first
            last = numbers[-1].as_py()
        if ISSUE_COLUMN not in batch.schema.names:
            continue
        for row, code in enumerate(batch.column(ISSUE_COLUMN).to_pylist()):
            if code and rejected.total() < _MOST_ROWS:
                number = batch.column("row_number")[row].as_py()
                result.problems.append(_finding(Problem(code, "error", table.sheet, number)))
            rejected[code] += bool(code)
    record = kinds.get(table.record or "")
    return TableFinding(
        sheet=table.sheet,
        record=table.record,
        label=record.label if record else "",
        held=table.held,
        turned=table.is_turned,
        header_row=table.header_row,
        header_rows=table.header_rows,
        first_row=first,
        last_row=last,
        covers_from=table.covers_from,
        covers_to=table.covers_to,
        covers_evidence=table.covers_evidence,
        rows_read=table.rows_read,
        rows_ignored=table.rows_ignored,
        rows_rejected=rejected.total(),
        columns=tuple(_column(mapped, record) for mapped in table.columns),
    )


def _column(mapped: MappedColumn, record: Record | None) -> ColumnMeaning:
    label = record.columns[mapped.column].label if record and mapped.column else None
    return ColumnMeaning(
        column_letter(mapped.position),
        mapped.header,
        mapped.column,
        label,
        mapped.evidence,
        mapped.unit,
        mapped.ignored_by,
    )


def _finding(problem: Problem, add: _Addition | None = None) -> FileFinding:
    message = issue_words(problem.code, problem.column_name, problem.header, problem.hint)
    return FileFinding(
        problem.severity, problem.code, message, problem.sheet, problem.row_number, problem.column_name, add
    )


def _line_to_add(
    problem: Problem, table: Table, kinds: Mapping[str, Record], unit: str | None
) -> _Addition | None:
    """The line that would register an unknown header; the column is left open where none is near."""
    if problem.code != "header_unknown" or table.record is None:
        return None
    found = [m for m in table.columns if column_letter(m.position) == problem.column_name]
    if len(found) != 1:
        return None
    columns = kinds[table.record].columns
    near = [name for name in found[0].candidates if likeness(found[0].header, columns[name]) >= NEAR]
    meaning = near[0] if len(near) == 1 else f"<column or {spelling.IGNORE}>"
    file = spelling.FOLDER / f"{unit or '<unit>'}.csv"
    return _Addition(file.as_posix(), spelling.line(table.record, found[0].header, meaning))
