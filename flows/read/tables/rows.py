"""From the grid below a header to batches of data rows, and the account of every cell on the way.

A row that is no data is left out by a named rule (blank, subtotal, note, repeated header, numbers of
the columns, serial number alone) or handed on as rejected with its reason; nothing else disappears.
Only rows that lack a key cell or show a word of a rule are looked at one by one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from flows.contract.text import column_letter
from flows.read.grid import Chunk, Loose, Numbers, content_of
from flows.read.result import BATCH_ROWS, ISSUE_COLUMN, FileReading, Problem, Table
from flows.read.tables.headers import Headers
from flows.read.tables.row_rules import SIGNED, Layout, Rules
from flows.read.tables.totals import Totals

#: A spreadsheet cell holds 32,767 characters; a longer one is a broken quote or not a cell.
CELL_LIMIT = 32_767


@dataclass
class Rows:
    """The body of one table. `batches` drives it; counts go into the table and the file's account."""

    layout: Layout
    table: Table
    reading: FileReading
    known: Headers
    seen_columns: set[int] = field(default_factory=set)
    _warned: set[int] = field(default_factory=set)
    spellings: pa.StringArray = field(init=False)
    rules: Rules = field(init=False)
    stated: list[tuple[int, str, list[str]]] = field(default_factory=list)  # total rows
    _figures: list[tuple[Numbers, list[pa.StringArray], set[int]]] = field(default_factory=list)
    _above: dict[int, str | None] = field(default_factory=dict)  # position → cell of a range begun before

    def __post_init__(self) -> None:
        self.rules = Rules(self.layout, self.known)
        own = sorted(self.layout.raw_words)
        self.spellings = pa.concat_arrays([self.known.texts, pa.array(own, pa.string())])

    def batches(self, chunks: Iterable[Chunk]) -> Iterator[pa.RecordBatch]:
        """Record batches of at most `BATCH_ROWS` rows; when they end, table and account are complete."""
        for chunk in chunks:
            yield from self._slices(self._rows(chunk))
        if self.stated:
            self._compare_totals()

    def _rows(self, chunk: Chunk) -> pa.Table:
        layout, sheet = self.layout, self.table.sheet
        account = self.reading.account
        filled = [len(column) - column.null_count for column in chunk.columns]
        self.reading.cells_nonempty += sum(filled) + sum(bool(c) for row in chunk.loose for c in row.cells)
        given = chunk
        if layout.merged:
            chunk = self._filled_down(chunk)
        dropped, blank = self._classify(chunk)
        issues = self._too_long(chunk, dropped)
        left = Counter({position: count for position, count in enumerate(filled) if count})
        for index, rule in [*dropped.items(), *((i, "rejected") for i in issues)]:
            for position, column in enumerate(given.columns):
                if column[index].is_valid:
                    left[position] -= 1
                    account[sheet, rule] += 1
        named = {position for _, position in layout.mapped}
        for position, count in left.items():
            if count:
                account[sheet, self._class_of(position, named)] += count
        self._keep_totals(chunk, {*dropped, *blank}, dropped)
        rejected = self._judge_loose(chunk.loose, issues)
        data = len(chunk.numbers) - len(blank)
        self.table.rows_read += data + len(chunk.loose)
        self.table.rows_ignored += len(dropped) + len(chunk.loose) - len(rejected)
        out = self._assemble(chunk, {*dropped, *blank}, issues, rejected)
        self.table.rows_seen += out.num_rows
        return out

    def _filled_down(self, chunk: Chunk) -> Chunk:
        """Cells merged downwards say the same of each of their rows; a figure is said of all of them together."""
        columns = list(chunk.columns)
        first, last = (int(chunk.numbers[0]), int(chunk.numbers[-1])) if len(chunk.numbers) else (0, -1)
        lists: dict[int, list[str | None]] = {}
        for top, bottom, position in self.layout.merged:
            if bottom < first or top > last or position >= len(columns):
                continue
            low, high = np.searchsorted(chunk.numbers, [top, bottom + 1]).tolist()
            if position in self.layout.measures:
                if top >= first and columns[position][low].is_valid and position not in self._warned:
                    self._warned.add(position)
                    self._warn("value_merged", top, position)
                continue
            cells = lists.setdefault(position, columns[position].to_pylist())
            if top >= first:
                self._above[position] = cells[low]
            cells[low:high] = [self._above.get(position)] * (high - low)
        for position, cells in lists.items():
            columns[position] = pa.array(cells, pa.string())
        return Chunk(chunk.numbers, columns, chunk.loose)

    def _warn(self, code: str, row: int, position: int) -> None:
        letter = column_letter(position + 1)
        self.table.problems.append(Problem(code, "warning", self.table.sheet, row, letter))

    def _keep_totals(self, chunk: Chunk, out: set[int], dropped: dict[int, str]) -> None:
        """Remember figures and stated totals for the end, when all rows are known; free where no total stands."""
        if not self.layout.summed:
            return
        figures = [chunk.columns[position] for position in self.layout.summed]
        self._figures.append((chunk.numbers, figures, out))
        for index in (i for i, rule in dropped.items() if rule == "subtotal"):
            word = next(cell for column in chunk.columns if (cell := column[index].as_py()))
            cells = [column[index].as_py() or "" for column in figures]
            self.stated.append((int(chunk.numbers[index]), word, cells))

    def _compare_totals(self) -> None:
        totals = Totals(self.layout.summed, list(self.stated))
        for numbers, columns, out in self._figures:
            rows = zip(*(column.to_pylist() for column in columns), strict=True)
            for index, (number, cells) in enumerate(zip(numbers.tolist(), rows, strict=True)):
                if index not in out:
                    totals.add(number, [cell or "" for cell in cells])
        for number, position in totals.differing():
            self._warn("total_differs", number, position)

    def _class_of(self, position: int, named: set[int]) -> str:
        """The account class of a cell in a data row; cells without a header are reported once a column."""
        if position in named:
            return "used"
        if rule := self.layout.ignored.get(position):
            return f"ignored_{rule}"
        if position not in self.seen_columns:
            self.seen_columns.add(position)
            self.table.problems.append(
                Problem(
                    "header_empty",
                    "warning",
                    self.table.sheet,
                    self.table.header_row,
                    column_letter(position + 1),
                )
            )
        return "ignored_no_header"

    def _classify(self, chunk: Chunk) -> tuple[dict[int, str], set[int]]:
        """Rows to leave out: index → rule, and the blank ones."""
        suspects = self._suspects(chunk)
        dropped: dict[int, str] = {}
        blank: set[int] = set()
        if not len(suspects):
            self.rules.any_row = self.rules.any_row or len(chunk.numbers) > 0
            return dropped, blank
        begun = self.rules.second_table
        picked = pa.array(suspects)
        rows = zip(*(column.take(picked).to_pylist() for column in chunk.columns), strict=True)
        last = -1
        for index, row in zip(suspects.tolist(), rows, strict=True):
            if index > last + 1:
                self.rules.any_row = True
            last = index
            rule = self.rules.judge(int(chunk.numbers[index]), [cell or "" for cell in row])
            if rule == "second_table" and not begun:
                self.reading.add("second_table", "error", self.table.sheet, int(chunk.numbers[index]))
                rest = self._classify(_below(chunk, index))
                dropped.update((index + 1 + i, r) for i, r in rest[0].items())
                return {**dropped, index: rule}, blank | {index + 1 + i for i in rest[1]}
            if rule == "blank":
                blank.add(index)
            elif rule:
                dropped[index] = rule
        if last + 1 < len(chunk.numbers):
            self.rules.any_row = True
        return dropped, blank

    def _suspects(self, chunk: Chunk) -> npt.NDArray[np.int64]:
        """Indices of rows that may be something else than data."""
        if self.rules.second_table:
            return np.arange(len(chunk.numbers))
        mask = np.zeros(len(chunk.numbers), dtype=bool)
        for position in self.layout.keys:
            column = chunk.columns[position]
            if column.null_count:
                mask |= column.is_null().to_numpy(zero_copy_only=False)
        if len(self.layout.keys) < 2 <= len(self.layout.mapped):
            others = [chunk.columns[p] for _, p in self.layout.mapped if p not in self.layout.keys]
            mask |= np.logical_and.reduce([c.is_null().to_numpy(zero_copy_only=False) for c in others])
        start = self.layout.start
        for column in chunk.columns[start : start + 3]:
            if _contains(column, "计"):
                mask |= pc.fill_null(pc.match_substring(column, "计"), False).to_numpy(zero_copy_only=False)
        for column in chunk.columns[start : start + 1]:
            if _contains(column, "：") or _contains(column, ":"):
                mask |= pc.fill_null(pc.match_substring_regex(column, SIGNED), False).to_numpy(
                    zero_copy_only=False
                )
        for column in chunk.columns[start : start + 2]:
            mask |= pc.is_in(column, self.spellings).to_numpy(zero_copy_only=False)
        if not self.rules.any_row and len(mask):
            mask[0] = True
        return np.flatnonzero(mask)

    def _too_long(self, chunk: Chunk, dropped: dict[int, str]) -> dict[int, str]:
        issues: dict[int, str] = {}
        for column in chunk.columns:
            spans = (
                np.frombuffer(column.buffers()[1], dtype=np.int32)[
                    column.offset : column.offset + len(column) + 1
                ]
                if len(column)
                else np.zeros(1)
            )
            for index in np.flatnonzero(np.diff(spans) > CELL_LIMIT).tolist():
                if index not in dropped and len(column[index].as_py() or "") > CELL_LIMIT:
                    issues[index] = "cell_too_long"
        return issues

    def _judge_loose(self, loose: Sequence[Loose], issues: dict[int, str]) -> list[Loose]:
        """The loose rows that are rejected; notes, subtotals and the like are none."""
        rejected = []
        for row in loose:
            rule = self.rules.judge(row.number, row.cells) if row.code == "row_ragged" else ""
            self.reading.account[self.table.sheet, rule or "rejected"] += sum(
                bool(cell) for cell in row.cells
            )
            if not rule:
                rejected.append(row)
        return rejected

    def _assemble(
        self, chunk: Chunk, out: set[int], issues: dict[int, str], rejected: list[Loose]
    ) -> pa.Table:
        """Kept rows of the mapped columns in file order, rejected ones with their reason and no cells."""
        names = [name for name, _ in self.layout.mapped]
        columns: list[pa.Array] = [
            pa.array(chunk.numbers),
            *(chunk.columns[p] for _, p in self.layout.mapped),
        ]
        table = pa.Table.from_arrays(columns, ["row_number", *names])
        if issues or rejected:
            codes = pa.array([issues.get(i) for i in range(table.num_rows)], pa.string())
            lost = [*out, *issues]
            table = table.append_column(ISSUE_COLUMN, codes)
            bad = [(int(chunk.numbers[i]), code) for i, code in issues.items()] + [
                (r.number, r.code) for r in rejected
            ]
            keep = np.ones(table.num_rows, dtype=bool)
            keep[lost] = False
            table = pa.concat_tables([table.filter(pa.array(keep)), _rejects(table.schema, bad)]).sort_by(
                "row_number"
            )
        elif out:
            keep = np.ones(table.num_rows, dtype=bool)
            keep[list(out)] = False
            table = table.filter(pa.array(keep))
        return table

    def _slices(self, table: pa.Table) -> Iterator[pa.RecordBatch]:
        for start in range(0, table.num_rows, BATCH_ROWS):
            part = table.slice(start, BATCH_ROWS)
            if ISSUE_COLUMN in part.column_names and part[ISSUE_COLUMN].null_count == part.num_rows:
                part = part.drop_columns([ISSUE_COLUMN])
            yield from part.combine_chunks().to_batches()


def _rejects(schema: pa.Schema, bad: list[tuple[int, str]]) -> pa.Table:
    columns = {name: pa.nulls(len(bad), pa.string()) for name in schema.names}
    columns["row_number"] = pa.array([number for number, _ in bad], pa.int32())
    columns[ISSUE_COLUMN] = pa.array([code for _, code in bad], pa.string())
    return pa.table(columns, schema=schema)


def _below(chunk: Chunk, index: int) -> Chunk:
    """The rows of a chunk after one."""
    return Chunk(chunk.numbers[index + 1 :], [column.slice(index + 1) for column in chunk.columns])


def _contains(column: pa.StringArray, text: str) -> bool:
    """Whether a column holds a text anywhere."""
    return bool(text) and text.encode() in content_of(column)
