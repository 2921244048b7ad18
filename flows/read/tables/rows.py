"""From the grid below a header to batches of data rows, and the account of every cell on the way.

A row that is no data is left out by a named rule (blank, subtotal, note, repeated header, numbers of
the columns, serial number alone) or handed on as rejected with its reason; nothing else disappears.
Only rows that lack a key cell or show a word of a rule are looked at one by one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from flows.contract.text import column_letter
from flows.read.grid import Chunk, IrregularRow, WordSet, content_of, text_ends
from flows.read.reading import BATCH_ROWS, ISSUE_COLUMN, FileReading, Problem, Table
from flows.read.tables.headers import HeaderIndex
from flows.read.tables.row_rules import NOTE_WORDS, SIGNED, RowLayout, RowRules
from flows.read.tables.totals import StatedTotals

#: A spreadsheet cell holds 32,767 characters; a longer one is a broken quote or not a cell.
CELL_LIMIT = 32_767
_NOTE_WORDS = WordSet(NOTE_WORDS)


class BodyReader:
    """The body of one table. `batches` drives it; counts go into the table and the file's account."""

    def __init__(self, layout: RowLayout, table: Table, reading: FileReading, known: HeaderIndex) -> None:
        """A reader.

        Args:
            layout: where things stand.
            table: takes problems and counts of rows.
            reading: takes the account of cells.
            known: spellings of all contracts, for headers within the body.
        """
        self.layout, self.table, self.reading = layout, table, reading
        self._rules = RowRules(layout, known)
        self._header_words = (known.spellings, WordSet(layout.raw_words))
        self._totals = StatedTotals(layout.summed)
        self._above: dict[int, str | None] = {}  # position → cell of a merged range begun before
        self._warned: set[tuple[str, int]] = set()

    def batches(self, chunks: Iterable[Chunk]) -> Iterator[pa.RecordBatch]:
        """Record batches of at most `BATCH_ROWS` rows; when they end, table and account are complete."""
        for chunk in chunks:
            rows = self._rows(chunk)
            for start in range(0, rows.num_rows, BATCH_ROWS):
                part = rows.slice(start, BATCH_ROWS)
                if ISSUE_COLUMN in part.column_names and part[ISSUE_COLUMN].null_count == part.num_rows:
                    part = part.drop_columns([ISSUE_COLUMN])
                yield from part.combine_chunks().to_batches()
        for number, position in self._totals.differing():
            self._warn("total_differs", number, position)

    def _rows(self, written: Chunk) -> pa.Table:
        self.reading.cells_nonempty += written.cells()
        chunk = self._filled_down(written) if self.layout.merged else written
        dropped, blank = self._classify(chunk)
        if "repeated_header" in dropped.values():
            self._find_repeated(chunk, dropped, blank)
        issues = self._too_long(chunk, dropped)
        self._account(written, {**dropped, **dict.fromkeys(issues, "rejected")})
        if self.layout.total_row is None:  # else it was held against its parts before
            self._totals.keep(chunk, {*dropped, *blank}, dropped)
        rejected = self._judge_irregular(chunk.irregular)
        self.table.rows_read += len(chunk.numbers) - len(blank) + len(chunk.irregular)
        self.table.rows_ignored += len(dropped) + len(chunk.irregular) - len(rejected)
        bad = [(int(chunk.numbers[index]), "cell_too_long") for index in issues]
        rows = self._assemble(chunk, [*dropped, *blank, *issues], bad + rejected)
        self.table.rows_seen += rows.num_rows
        return rows

    def _account(self, chunk: Chunk, rules: Mapping[int, str]) -> None:
        """Account for the cells of all rows: those with a rule by it, others by what their column is."""
        account, sheet = self.reading.account, self.table.sheet
        picked = pa.array(list(rules), pa.int64())
        named = {position for _, position in self.layout.mapped}
        of_rules = np.zeros(len(rules), dtype=np.int64)
        for position, column in enumerate(chunk.columns):
            count = len(column) - column.null_count
            if rules and count:
                valid = column.take(picked).is_valid().to_numpy(zero_copy_only=False)
                of_rules += valid
                count -= int(valid.sum())
            if count:
                account[sheet, self._class_of(position, named)] += count
        for rule, count in zip(rules.values(), of_rules.tolist(), strict=True):
            if count:
                account[sheet, rule] += count

    def _class_of(self, position: int, named: set[int]) -> str:
        """The account class of a cell in a data row; cells without a header are reported once a column."""
        if position in named:
            return "used"
        if rule := self.layout.ignored.get(position):
            return f"ignored_{rule}"
        if position in self.layout.held:
            return "held"
        self._warn_once("header_empty", self.table.header_row, position)
        return "ignored_no_header"

    def _warn_once(self, code: str, row: int, position: int) -> None:
        """A warning about a column as a whole."""
        if (code, position) not in self._warned:
            self._warned.add((code, position))
            self._warn(code, row, position)

    def _warn(self, code: str, row: int, position: int) -> None:
        letter = column_letter(position + 1)
        self.table.problems.append(Problem(code, "warning", self.table.sheet, row, letter))

    def _filled_down(self, chunk: Chunk) -> Chunk:
        """Cells merged downwards say the same of each of their rows; a figure is said of all of them together."""
        columns = list(chunk.columns)
        first, last = (int(chunk.numbers[0]), int(chunk.numbers[-1])) if len(chunk.numbers) else (0, -1)
        lists: dict[int, list[str | None]] = {}
        for top, bottom, position in self.layout.merged:
            if bottom < first or top > last or position >= len(columns):
                continue
            low, high = np.searchsorted(chunk.numbers, [top, bottom + 1]).tolist()
            if position in self.layout.figures:
                if top >= first and columns[position][low].is_valid:
                    self._warn_once("value_merged", top, position)
                continue
            cells = lists.setdefault(position, columns[position].to_pylist())
            if top >= first:
                self._above[position] = cells[low]
            cells[low:high] = [self._above.get(position)] * (high - low)
        for position, cells in lists.items():
            columns[position] = pa.array(cells, pa.string())
        return Chunk(chunk.numbers, columns, chunk.irregular)

    def _classify(self, chunk: Chunk) -> tuple[dict[int, str], set[int]]:
        """Rows to leave out: index → rule, and the blank ones."""
        dropped: dict[int, str] = {}
        blank: set[int] = set()
        suspects = self._suspects(chunk)
        picked = pa.array(suspects)
        rows = zip(*(column.take(picked).to_pylist() for column in chunk.columns), strict=True)
        last, was_second = -1, self._rules.second_table
        for index, row in zip(suspects.tolist(), rows, strict=True):
            self._rules.any_row = self._rules.any_row or index > last + 1
            last = index
            rule = self._rules.judge(int(chunk.numbers[index]), [cell or "" for cell in row])
            if rule == "blank":
                blank.add(index)
            elif rule:
                dropped[index] = rule
            if rule == "second_table" and not was_second:
                self.reading.add("second_table", "error", self.table.sheet, int(chunk.numbers[index]))
                filled = chunk.filled()[index + 1 :] > 0
                dropped |= dict.fromkeys((np.flatnonzero(filled) + index + 1).tolist(), rule)
                return dropped, blank | set((np.flatnonzero(~filled) + index + 1).tolist())
        self._rules.any_row = self._rules.any_row or last + 1 < len(chunk.numbers)
        return dropped, blank

    def _find_repeated(self, chunk: Chunk, dropped: Mapping[int, str], blank: Set[int]) -> None:
        """Say where the rows after a header come again are those of the header before, cell by cell."""
        starts = [index for index, rule in sorted(dropped.items()) if rule == "repeated_header"]
        left_out = np.ones(len(chunk.numbers), dtype=bool)
        left_out[[*dropped, *blank]] = False
        pages = [np.flatnonzero(left_out[a:b]) + a for a, b in pairwise([0, *starts, len(chunk.numbers)])]
        seen: list[pa.Table] = []
        for page in (page for page in pages if len(page)):
            cells = [chunk.columns[position].take(pa.array(page)) for _, position in self.layout.mapped]
            rows = pa.table(cells, [name for name, _ in self.layout.mapped])
            if any(rows.equals(before) for before in seen):
                number = int(chunk.numbers[page[0]])
                self.table.problems.append(Problem("table_repeated", "warning", self.table.sheet, number))
            seen.append(rows)

    def _suspects(self, chunk: Chunk) -> npt.NDArray[np.int64]:
        """Indices of rows that may be something else than data."""
        if self._rules.second_table or self.layout.total_row is not None:
            return np.arange(len(chunk.numbers))
        layout, mask = self.layout, np.zeros(len(chunk.numbers), dtype=bool)
        for position in layout.keys:
            if chunk.columns[position].null_count:
                mask |= _flags(chunk.columns[position].is_null())
        if len(layout.keys) < 2 <= len(layout.mapped):
            others = [chunk.columns[p] for _, p in layout.mapped if p not in layout.keys]
            mask |= np.logical_and.reduce([_flags(column.is_null()) for column in others])
        for offset, column in enumerate(chunk.columns[layout.start : layout.start + 3]):
            content = content_of(column)
            if "计".encode() in content:
                mask |= _flags(pc.match_substring(column, "计"))
            if offset == 0:
                mask |= _NOTE_WORDS.flags(column)
            if offset == 0 and (b":" in content or "：".encode() in content):
                mask |= _flags(pc.match_substring_regex(column, SIGNED))
            if offset < 2:
                mask |= self._is_header_word(column)
        for position in layout.keys[
            :1
        ]:  # the lower row of a header come again begins where its upper row does not
            if position >= layout.start + 2:
                mask |= self._is_header_word(chunk.columns[position])
        if not self._rules.any_row and len(mask):
            mask[0] = True
        return np.flatnonzero(mask)

    def _is_header_word(self, column: pa.StringArray) -> npt.NDArray[np.bool_]:
        spelled, own = self._header_words
        return spelled.flags(column) | own.flags(column)

    def _too_long(self, chunk: Chunk, dropped: Mapping[int, str]) -> list[int]:
        """Indices of data rows with a cell that no spreadsheet holds."""
        long = {
            index
            for column in chunk.columns
            for index in np.flatnonzero(np.diff(text_ends(column)) > CELL_LIMIT).tolist()
            if len(column[index].as_py() or "") > CELL_LIMIT
        }
        return sorted(long - dropped.keys())

    def _judge_irregular(self, rows: Sequence[IrregularRow]) -> list[tuple[int, str]]:
        """(row number, code) of the irregular rows that are rejected; notes, subtotals and the like are none."""
        rejected = []
        for row in rows:
            is_lone = (
                row.code == "row_misquoted" and sum(map(bool, row.cells)) == 1
            )  # a note of several lines
            cells = [cell.strip('"') for cell in row.cells] if is_lone else row.cells
            rule = self._rules.judge(row.number, cells) if is_lone or row.code == "row_ragged" else ""
            rule = "" if is_lone and rule != "note" else rule
            self.reading.account[self.table.sheet, rule or "rejected"] += sum(map(bool, row.cells))
            if not rule:
                rejected.append((row.number, row.code))
        return rejected

    def _assemble(
        self, chunk: Chunk, left_out: Sequence[int], rejected: Sequence[tuple[int, str]]
    ) -> pa.Table:
        """Kept rows of the mapped columns in file order, rejected ones with their reason and no cells."""
        columns = [pa.array(chunk.numbers), *(chunk.columns[p] for _, p in self.layout.mapped)]
        table = pa.Table.from_arrays(columns, ["row_number", *(name for name, _ in self.layout.mapped)])
        if left_out:
            keep = np.ones(table.num_rows, dtype=bool)
            keep[left_out] = False
            table = table.filter(pa.array(keep))
        for name, text in self.layout.said.items():
            table = table.append_column(name, pa.repeat(pa.scalar(text), table.num_rows))
        if self.layout.said:
            table = table.select(["row_number", *self.layout.names])
        if rejected:
            numbers, codes = zip(*rejected, strict=True)
            reasons = pa.table({"row_number": pa.array(numbers, pa.int32()), ISSUE_COLUMN: pa.array(codes)})
            table = pa.concat_tables([table, reasons], promote_options="default").sort_by("row_number")
        return table


def _flags(array: pa.BooleanArray) -> npt.NDArray[np.bool_]:
    """Booleans with null as no."""
    return pc.fill_null(array, False).to_numpy(zero_copy_only=False)  # type: ignore[no-any-return]
