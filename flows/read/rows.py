"""From the grid below a header to batches of data rows, and the account of every cell on the way.

A row that is no data is left out by a named rule (blank, subtotal, note, repeated header, numbers of
the columns, serial number alone) or handed on as rejected with its reason; nothing else disappears.
Only rows that lack a key cell or show a word of a rule are looked at one by one.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from flows.read.grid import Chunk, Loose, content_of
from flows.read.header import Headers, fold
from flows.read.reading import BATCH_ROWS, ISSUE_COLUMN, FileReading, Problem, Table, column_letter

#: A spreadsheet cell holds 32,767 characters; a longer one is a broken quote or not a cell.
CELL_LIMIT = 32_767

_TOTAL = re.compile(
    r"(?:(?:本|上|当|各|全)?[页月年季市区县国省镇]{0,2}|[一二三四五六七八九十、.]{0,4}.{0,8}?)(?:合计|小计|总计|累计|共计)(?:数|人数|金额|\(.*\))?:?"
)
_NOTE = re.compile(
    r"(?:备?注|附注|说明|填表说明|填报说明|数据来源|资料来源|来源|注释)[:：\d一二(.、]|(?:注|说明|备注)$|[※*]"
    r"|(?:填表|填报|制表|编制|统计|审核|复核|审批|核准|批准|经办|经手|报送|上报|联系|负责|主管|分管|单位负责|工会负责|部门负责|工会主席|主席|领导)"
    r"(?:人|单位|部门|日期|时间|电话|方式|领导|签字|签名|签章|意见|主席|副主席|负责人)?(?:\(?(?:签字|签名|签章|盖章|公章)\)?)*[:：]"
    r"|(?:单位|填报单位|工会|部门)?\(?(?:盖章|公章|签章|签字)\)?[:：)]?|以下空白|以下无正文|以下为空|此表一式|本表一式|第\d+页(?:,?共\d+页)?$|共\d+页"
)
_DATE_LINE = re.compile(r"(?:\d{4}|[二〇○零一九]{4}|_*)年(?:\d{1,2}|_*)月(?:(?:\d{1,2}|_*)日)?")
_SERIAL = re.compile(r"[(（]?\d{1,7}[)）.、]?")
_ITEM = re.compile(r"[(（]?\d{1,2}[)）.、．:：]|[①-⑳]")


@dataclass(frozen=True)
class Layout:
    """Where things stand below a header of `width` columns (0-based positions)."""

    width: int
    mapped: tuple[tuple[str, int], ...]  # (contract column, position) in contract order
    keys: tuple[int, ...]  # positions that every data row is expected to fill
    ignored: dict[int, str]  # position → rule
    headers: tuple[str, ...]  # folded header cells, '' where there is none


@dataclass
class Rows:
    """The body of one table. `batches` drives it; counts go into the table and the file's account."""

    layout: Layout
    table: Table
    reading: FileReading
    known: Headers  # of all contracts: what looks like a header may begin another table
    notes: dict[int, int] = field(default_factory=dict)  # row number of a note → position of its text
    any_row: bool = False
    second_table: bool = False
    seen_columns: set[int] = field(default_factory=set)
    spellings: pa.StringArray = field(init=False)

    def __post_init__(self) -> None:
        own = [mapped.header for mapped in self.table.columns]
        self.spellings = pa.concat_arrays([self.known.texts, pa.array(own, pa.string())])

    def batches(self, chunks: Iterable[Chunk]) -> Iterator[pa.RecordBatch]:
        """Record batches of at most 8192 rows; when they end, table and account are complete."""
        for chunk in chunks:
            yield from self._slices(self._rows(chunk))

    @property
    def _fewest(self) -> int:
        """A row with fewer mapped cells than this may be a note even if the key cells are filled."""
        return min(2, len(self.layout.mapped))

    def _rows(self, chunk: Chunk) -> pa.Table:
        account, layout = self.reading.account, self.layout
        filled = [len(column) - column.null_count for column in chunk.columns]
        self.reading.cells_nonempty += sum(filled) + sum(bool(c) for row in chunk.loose for c in row.cells)
        dropped, blank = self._classify(chunk)
        issues = self._too_long(chunk, dropped)
        left = Counter({position: count for position, count in enumerate(filled) if count})
        for index, rule in [*dropped.items(), *((i, "rejected") for i in issues)]:
            for position, column in enumerate(chunk.columns):
                if column[index].is_valid:
                    left[position] -= 1
                    account[rule] += 1
        named = {position for _, position in layout.mapped}
        for position, count in left.items():
            if count:
                account[self._class_of(position, named)] += count
        rejected = self._judge_loose(chunk.loose, issues)
        data = len(chunk.numbers) - len(blank)
        self.table.rows_read += data + len(chunk.loose)
        self.table.rows_ignored += len(dropped) + len(chunk.loose) - len(rejected)
        out = self._assemble(chunk, {*dropped, *blank}, issues, rejected)
        self.table.rows_seen += out.num_rows
        return out

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
            self.any_row = self.any_row or len(chunk.numbers) > 0
            return dropped, blank
        picked = pa.array(suspects)
        rows = zip(*(column.take(picked).to_pylist() for column in chunk.columns), strict=True)
        last = -1
        for index, row in zip(suspects.tolist(), rows, strict=True):
            if index > last + 1:
                self.any_row = True
            last = index
            rule = self._rule(int(chunk.numbers[index]), [cell or "" for cell in row])
            if rule == "second_table" and not self.second_table:
                self.second_table = True
                self.reading.add("second_table", "error", self.table.sheet, int(chunk.numbers[index]))
                rest = self._classify(_below(chunk, index))
                dropped.update((index + 1 + i, r) for i, r in rest[0].items())
                return {**dropped, index: rule}, blank | {index + 1 + i for i in rest[1]}
            if rule == "blank":
                blank.add(index)
            elif rule:
                dropped[index] = rule
        if last + 1 < len(chunk.numbers):
            self.any_row = True
        return dropped, blank

    def _suspects(self, chunk: Chunk) -> npt.NDArray[np.int64]:
        """Indices of rows that may be something else than data."""
        if self.second_table:
            return np.arange(len(chunk.numbers))
        mask = np.zeros(len(chunk.numbers), dtype=bool)
        for position in self.layout.keys:
            column = chunk.columns[position]
            if column.null_count:
                mask |= column.is_null().to_numpy(zero_copy_only=False)
        if len(self.layout.keys) < 2 <= len(self.layout.mapped):
            others = [chunk.columns[p] for _, p in self.layout.mapped if p not in self.layout.keys]
            mask |= np.logical_and.reduce([c.is_null().to_numpy(zero_copy_only=False) for c in others])
        for column in chunk.columns[:3]:
            if _contains(column, "计"):
                mask |= pc.fill_null(pc.match_substring(column, "计"), False).to_numpy(zero_copy_only=False)
        for column in chunk.columns[:2]:
            mask |= pc.is_in(column, self.spellings).to_numpy(zero_copy_only=False)
        if not self.any_row and len(mask):
            mask[0] = True
        return np.flatnonzero(mask)

    def _rule(self, number: int, row: Sequence[str]) -> str:
        """The rule by which a row is no data; '' for data. Sees every row that lacks a key cell."""
        filled = [position for position, cell in enumerate(row) if cell]
        if not filled:
            return "blank"
        if self.second_table:
            return "second_table"
        texts = [_plain(row[position]) for position in filled]
        mapped = sum(1 for _, p in self.layout.mapped if p < len(row) and row[p])
        has_keys = (
            len(row) >= self.layout.width and mapped >= self._fewest and all(row[p] for p in self.layout.keys)
        )
        rule = self._rule_of_text(row, filled, texts, has_keys)
        if not rule and not has_keys and self._runs_on(number, filled, texts[0]):
            rule = "note"
        if rule == "note":
            self.notes[number] = filled[0]
        if not rule and not self.any_row and _column_numbers(texts):
            return "column_numbers"
        self.any_row = self.any_row or not rule
        return rule

    def _rule_of_text(self, row: Sequence[str], filled: list[int], texts: list[str], has_keys: bool) -> str:
        layout = self.layout
        folded = [fold(row[position]) for position in filled]
        same = sum(
            1
            for p, text in zip(filled, folded, strict=True)
            if p < len(layout.headers) and text == layout.headers[p]
        )
        if same >= 2 and same == len(filled):
            return "repeated_header"
        if len(filled) >= 3 and all(
            text in self.known.spelled or text in self.known.ignored for text in folded
        ):
            return "second_table"
        if all(position in layout.ignored for position in filled):
            if all(_SERIAL.fullmatch(text) for text in texts):
                return "serial_only"
            if not any(layout.ignored[position] == "serial" for position in filled):
                return "ignored_columns_only"
        if self._is_total(filled, texts):
            return "subtotal"
        if has_keys:
            return ""
        if _NOTE.match(texts[0]) or (_DATE_LINE.fullmatch(texts[-1]) and len(filled) <= 2):
            return "note"
        return ""

    def _is_total(self, filled: list[int], texts: list[str]) -> bool:
        """Whether a row's first word is 合计 or the like; the second, where a group or a serial leads."""
        lead = 1 if filled[0] in self.layout.keys else 2
        words = [text for position, text in zip(filled, texts, strict=True) if position < 3][:lead]
        return any(len(word) <= 16 and _TOTAL.fullmatch(word) for word in words)

    def _runs_on(self, number: int, filled: list[int], text: str) -> bool:
        """Whether a row with a single cell goes on with the note above it, or is a numbered remark."""
        if len(filled) > 1 or self.layout.width < 3:
            return False
        if (above := self.notes.get(number - 1)) is not None and filled[0] <= max(above, 1):
            return True
        return filled[0] == 0 and len(text) > 8 and _ITEM.match(text) is not None

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
            rule = self._rule(row.number, row.cells) if row.code == "row_ragged" else ""
            self.reading.account[rule or "rejected"] += sum(bool(cell) for cell in row.cells)
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


def _plain(text: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def _contains(column: pa.StringArray, text: str) -> bool:
    """Whether a column holds a text anywhere."""
    return bool(text) and text.encode() in content_of(column)


def _column_numbers(texts: Sequence[str]) -> bool:
    """The row `甲 乙 1 2 3` or `1 2 3 4` that forms put below their header."""
    stems = [text for text in texts if text not in ("甲", "乙", "丙", "丁", "戊", "-", "—")]
    numbers = [text.strip("()[]") for text in stems]
    return len(texts) >= 3 and len(numbers) >= 2 and numbers == [str(n) for n in range(1, len(numbers) + 1)]
