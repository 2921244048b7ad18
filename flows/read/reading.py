"""What reading one file yields: problems, tables of text batches, and an account of every cell.

Refuses to interpret: cells leave this room as the text that was written. Problems carry a code and
an address, never the text of a cell, because cells hold identifiers.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

import pyarrow as pa

Severity = Literal["error", "warning", "info"]

#: Rows of a batch at most: smaller ones cost more per batch than they help to share (8k: 7 % slower).
BATCH_ROWS = 32768

#: Optional last column of a batch: the code of the problem for which the reader rejects a row.
ISSUE_COLUMN = "_reader_issue"

#: Sheet of the templates we hand out that explains the columns: nobody expects a table in it.
INSTRUCTIONS = "填表说明"

#: Characters of a header that a finding quotes at most.
MOST_QUOTED = 30
_LONG_NUMBER = re.compile(r"\d{5}")


@dataclass(frozen=True)
class Problem:
    """One finding. `row_number` is 1-based (sheet row, CSV line); `column_name` a letter such as `C`.

    `hint`: labels of contracts that a header may mean, or the place of a fault of ours; `header`: the words of a
    header, see `own_words`, the only text of a file that a finding quotes."""

    code: str
    severity: Severity = "error"
    sheet: str = ""
    row_number: int | None = None
    column_name: str | None = None
    hint: str = ""
    header: str = ""


@dataclass(frozen=True)
class MappedColumn:
    """What became of one column of a table: a contract column, a named rule that ignores it, or it is held.

    `candidates`: the contract columns that a held one may be, best first; without any it can be nothing that counts.
    """

    position: int  # 1-based, as in the sheet
    header: str
    column: str | None
    unit: str | None = None  # of the header, else of the sheet's note; `conflict` when they disagree
    ignored_by: str | None = None
    evidence: str = ""  # exact | synonym | parent | own | also | same, how the header was recognised
    candidates: tuple[str, ...] = ()

    @property
    def is_held(self) -> bool:
        """Whether nobody knows yet what the column is: its cells are kept in the account and go nowhere."""
        return self.column is None and self.ignored_by is None


def own_words(header: str) -> str:
    """A header's own words as a finding may quote them; '' for one with a long number, which may be anybody's."""
    words = " ".join(header.split())
    return "" if _LONG_NUMBER.search(words) else words[:MOST_QUOTED]


@dataclass
class Table:
    """One recognised table; a part of a delivery.

    `rows_read`, `rows_ignored` and the file's account are complete once `batches()` is exhausted.
    A table with `held` set yields no rows: what makes the rows themselves uncertain (years without a measure).
    `filled`: columns that no header fills but something said of the whole table → (text, title | sheet | note | unit |
    name | folder); `batches()` carries them like columns of the file.
    `near`: of a table of no known kind, those that it may be.
    """

    sheet: str
    ordinal: int
    record: str | None
    covers_from: date | None
    covers_to: date | None
    covers_evidence: str  # title | note | name | folder | column | ''
    header_row: int
    columns: tuple[MappedColumn, ...]
    problems: list[Problem] = field(default_factory=list)
    header_rows: int = 1  # from `header_row` on
    rows_read: int = 0
    rows_ignored: int = 0
    rows_seen: int = 0  # rows handed over in batches, rejected by the reader included
    held: bool = False
    is_turned: bool = False  # records stand in columns: a row number is a column of the sheet
    filled: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    near: tuple[str, ...] = ()
    rows: Iterator[pa.RecordBatch] | None = field(default=None, repr=False)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Data rows, at most `BATCH_ROWS` a batch: `row_number` int32, one string column per mapped or
        filled contract column in contract order, and `_reader_issue` in batches where the reader rejects a row. Read it once."""
        rows, self.rows = self.rows, None
        if rows is not None and not self.held:
            yield from rows

    @property
    def is_zero_report(self) -> bool:
        """A recognised form without a single data row (known after `batches()`)."""
        return not self.held and self.record is not None and self.rows_seen == 0


@dataclass
class FileReading:
    """A file: how its bytes were read, its tables, and `account`: (sheet, class) → non-empty cells.

    `cells_in_sheet` counts the cells of each sheet before anything is read from it; `unrecognised` sketches
    tables of no known kind: where they stand, their header and how many rows there are."""

    format: str
    encoding: str | None = None
    evidence: str = ""  # why this format and encoding
    problems: list[Problem] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    unrecognised: list[Table] = field(default_factory=list)
    account: Counter[tuple[str, str]] = field(default_factory=Counter)
    cells_nonempty: int = 0
    cells_in_sheet: Counter[str] = field(default_factory=Counter)
    stopped: dict[str, str] = field(default_factory=dict)  # path in the archive, or '' → code of a limit
    faults: list[Exception] = field(default_factory=list)  # ours, in full: for the vault's log alone

    @property
    def is_explained(self) -> bool:
        """Whether every cell is in exactly one class: as counted while reading, and as each sheet was counted before."""
        of_sheet: Counter[str] = Counter()
        for (sheet, _), cells in self.account.items():
            of_sheet[sheet] += cells
        before = all(of_sheet[sheet] == cells for sheet, cells in self.cells_in_sheet.items())
        return before and of_sheet.total() == self.cells_nonempty

    def add(
        self,
        code: str,
        severity: Severity = "error",
        sheet: str = "",
        row: int | None = None,
        column: str | None = None,
        hint: str = "",
    ) -> None:
        """Append a problem of the file.

        Args:
            code: of the problem.
            severity: an error may hold the file back.
            sheet: address of the sheet.
            row: row of the sheet.
            column: letter of a column.
            hint: as of `Problem`.
        """
        self.problems.append(Problem(code, severity, sheet, row, column, hint))

    def count(self, sheet: str, rule: str, cells: int) -> None:
        """Account for cells that no row is made of."""
        if cells:
            self.account[sheet, rule] += cells
            self.cells_nonempty += cells
