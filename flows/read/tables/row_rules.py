"""Which rows below a header are no data: subtotals, notes, headers again, numbers of the columns.

Refuses to drop what a named rule does not cover: a row that only looks odd stays data, and is rejected
for what it lacks.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from flows.contract.text import compact, header_key
from flows.read.grid import Grid
from flows.read.tables.detect import DetectedTable
from flows.read.tables.headers import HEADERS_ALONE, HeaderIndex
from flows.read.tables.totals import FIGURES, SUMMED

_TOTAL = re.compile(
    r"(?:(?:本|上|当|各|全)?[页月年季市区县国省镇]{0,2}|[一二三四五六七八九十、.]{0,4}.{0,8}?)"
    r"(?:合计|小计|总计|累计|共计)(?:数|人数|金额|\(.*\))?:?"
)
_NOTE = re.compile(
    r"(?:备?注|附注|说明|填表说明|填报说明|数据来源|资料来源|来源|注释)[:：\d一二(.、]|(?:注|说明|备注)$|[※*]"
    r"|(?:填表|填报|制表|编制|统计|审核|复核|审批|核准|批准|经办|经手|报送|上报|联系|负责|主管|分管|单位负责|工会负责"
    r"|部门负责|工会主席|主席|领导)"
    r"(?:人|单位|部门|日期|时间|电话|方式|领导|签字|签名|签章|意见|主席|副主席|负责人)?"
    r"(?:\(?(?:签字|签名|签章|盖章|公章)\)?)*[:：]"
    r"|(?:单位|填报单位|工会|部门)?\(?(?:盖章|公章|签章|签字)\)?[:：)]?|.{2,20}\((?:盖章|公章|签章)\)[:：]?$"
    r"|以下空白|以下无正文|以下为空|此表一式|本表一式|第\d+页(?:,?共\d+页)?$|共\d+页"
)
#: What no data row begins with, even where all its key cells are filled.
SIGNED = r"^(?:填表|填报|制表|编制|审核|复核|审批|核准|经办|报送|上报)(?:人|单位|部门|日期|时间)?(?:\(.{2,3}\))?[:：]"
_SIGNED = re.compile(SIGNED)
#: What stands alone before a note in the next cell.
NOTE_WORDS = tuple(
    word + colon
    for word in ("注", "备注", "附注", "说明", "注释", "来源", "资料来源", "数据来源")
    for colon in ("", ":", "：")
)
#: What a note can begin with: a row that begins otherwise and is well filled is not looked at closely.
_NOTE_STARTS = frozenset("备注附说填数资来※*制编统审复核批经报上联负主分单工部领盖公签以此本第共(")
_DATE_LINE = re.compile(r"(?:\d{4}|[二〇○零一九]{4}|_*)年(?:\d{1,2}|_*)月(?:(?:\d{1,2}|_*)日)?")
#: `一、市级`, `（二）区县级`, `主城区(9所)`, `永川区：`: a heading within the table.
_GROUP = re.compile(
    r"(?:[一二三四五六七八九十]{1,3}[、.]|\([一二三四五六七八九十]{1,3}\)).{1,30}"
    r"|.{1,20}\([共计]?\d+[所个家户人件项名场]\):?|.{1,20}:"
)
_FIGURE = re.compile(r"-?[\d,.]+%?")
_SERIAL = re.compile(r"[(（]?\d{1,7}[)）.、]?")
_ITEM = re.compile(r"[(（]?\d{1,2}[)）.、．:：]|[①-⑳]")
#: Cells from which on a row counts as well filled.
_MANY = 5


def is_footer(cells: Sequence[str]) -> bool:
    """Whether a row begins as the notes, signatures and totals below a table do."""
    first = next((compact(cell) for cell in cells if cell), "")
    return bool(_NOTE.match(first) or _DATE_LINE.fullmatch(first) or _TOTAL.fullmatch(first))


@dataclass(frozen=True)
class RowLayout:
    """Where things stand below a header of `width` columns (0-based positions)."""

    width: int
    mapped: tuple[tuple[str, int], ...]  # (contract column, position) in contract order
    keys: tuple[int, ...]  # positions that every data row is expected to fill
    ignored: dict[int, str]  # position → rule
    held: frozenset[int]  # positions of columns that nobody knows yet
    said: dict[str, str]  # contract column → the text that every row has by what the table says of all
    names: tuple[str, ...]  # of all columns of a batch that are read or said, in contract order
    headers: tuple[str, ...]  # folded header cells, '' where there is none
    is_gapped: bool  # a column is hidden
    start: int  # the first position with a header
    words: frozenset[str]  # all cells of all header rows, folded
    raw_words: frozenset[str]  # the same as they are written
    titles: frozenset[str]  # the cells above the header, folded
    figures: tuple[int, ...]  # positions of figures
    summed: tuple[int, ...]  # positions of figures that totals are made of
    merged: tuple[tuple[int, int, int], ...]  # first row, last row, position of cells merged downwards
    total_row: int | None  # the row that counts, where all others are its parts
    wide: frozenset[int]  # rows with a cell merged over three columns or more

    @classmethod
    def of(cls, table: DetectedTable, is_streamed: bool = False) -> RowLayout:
        """The layout of a table; of one that is `is_streamed` no rows are kept until the last is known."""
        grid, record = table.grid, table.record
        position = {m.column: m.position - 1 for m in table.columns if m.column}
        types = {c.name: c.type for c in record.read_columns if c.name in position}
        required = {c.name for c in record.read_columns if c.required} | set(record.recognise.columns)
        mapped = tuple((name, position[name]) for name in types)
        keys = tuple(sorted(position[name] for name in required if name in position))
        figures = tuple(position[name] for name, kind in types.items() if kind in FIGURES)
        summed = tuple(position[name] for name, kind in types.items() if kind in SUMMED)
        names = tuple(c.name for c in record.read_columns if c.name in position or c.name in table.filled)
        if table.years and table.subject:
            keys, figures, summed = (table.subject.position - 1,), tuple(p - 1 for p in table.years), ()
            mapped = (("subject", keys[0]), *((f"{year}", p - 1) for p, year in table.years.items()))
            names = tuple(name for name, _ in mapped)
        width = table.width
        header = [cells for row, cells in grid.head if table.header_row <= row <= table.last_header_row]
        above = [cells for row, cells in grid.head if row < table.header_row]
        merges = [m for m in grid.structure.merges if m[0] > table.last_header_row]
        taken = {p for _, p in mapped}
        return cls(
            width,
            mapped,
            keys,
            {
                m.position - 1: m.ignored_by
                for m in table.columns
                if m.ignored_by and m.position - 1 not in taken
            },
            frozenset(m.position - 1 for m in table.columns if m.is_held),
            {name: text for name, (text, _) in table.filled.items()},
            names,
            table.headers + ("",) * (width - len(table.headers)),
            is_gapped=bool(grid.structure.hidden_columns),
            start=min((i for cells in header for i, cell in enumerate(cells) if cell), default=0),
            words=frozenset(header_key(cell) for cells in header for cell in cells if cell),
            raw_words=frozenset(cell for cells in header for cell in cells if cell),
            titles=frozenset(header_key(cell) for cells in above for cell in cells if cell),
            figures=figures,
            summed=() if is_streamed else summed,
            merged=tuple((top, bottom, left - 1) for top, left, bottom, _ in merges if bottom > top),
            total_row=table.total_row,
            wide=frozenset(top for top, left, _, right in merges if right - left >= 2),
        )

    @classmethod
    def of_unknown(cls, grid: Grid, header: int, cells: Sequence[str], width: int) -> RowLayout:
        """The layout of a table of no known kind, of whose columns nothing is expected.

        Args:
            grid: where it stands.
            header: its header row.
            cells: of that row.
            width: columns of its body.
        """
        named = tuple((cell, position) for position, cell in enumerate(cells) if cell)
        merges = [m for m in grid.structure.merges if m[0] > header]
        above = [cell for row, texts in grid.head if row < header for cell in texts if cell]
        return cls(
            width,
            mapped=named,
            keys=(),
            ignored={},
            held=frozenset(),
            said={},
            names=(),
            headers=tuple(header_key(cell) for cell in cells) + ("",) * (width - len(cells)),
            is_gapped=bool(grid.structure.hidden_columns),
            start=min((position for _, position in named), default=0),
            words=frozenset(header_key(cell) for cell, _ in named),
            raw_words=frozenset(cell for cell, _ in named),
            titles=frozenset(map(header_key, above)),
            figures=(),
            summed=(),
            merged=(),
            total_row=None,
            wide=frozenset(top for top, left, _, right in merges if right - left >= 2),
        )


@dataclass
class RowRules:
    """Judges rows one after the other; what came before (a note, a data row) decides on what follows."""

    layout: RowLayout
    known: HeaderIndex  # of all contracts: what looks like a header may begin another table
    notes: dict[int, int] = field(default_factory=dict)  # row number of a note → position of its text
    in_header: bool = False  # whether the row before was a header come again
    any_row: bool = False  # whether a data row came before
    second_table: bool = False  # whether another table has begun

    def judge(self, number: int, row: Sequence[str]) -> str:
        """The rule by which a row (trimmed cells, '' for empty) is no data; '' for data."""
        rule = self._judged(number, row)
        if self.layout.total_row is None or (rule and number != self.layout.total_row):
            return rule
        return "" if number == self.layout.total_row else "part_of_total"

    def _judged(self, number: int, row: Sequence[str]) -> str:
        filled = [position for position, cell in enumerate(row) if cell]
        if not filled:
            return "blank"
        if self.second_table:
            return "second_table"
        if self.any_row and len(filled) >= _MANY and not self._is_suspect(row, filled[0]):
            return ""
        texts = [compact(row[position]) for position in filled]
        rule = self._rule(number, row, filled, texts)
        if rule == "note" and not _DATE_LINE.fullmatch(texts[-1]):  # nothing goes on below a day
            self.notes[number] = filled[0]
        if not rule and not self.any_row:
            places = [position - self.layout.start + 1 for position in filled]
            if _column_numbers(texts, places, self.layout.is_gapped):
                return "column_numbers"
        self.any_row = self.any_row or not rule
        self.second_table = rule == "second_table"
        return rule

    def _is_suspect(self, row: Sequence[str], first: int) -> bool:
        """Whether a well filled row shows a word of any rule."""
        start = header_key(row[first][:80])
        if start[:1] in _NOTE_STARTS or start in self.known.spelled or start in self.layout.words:
            return True
        return start in self.known.ignored or any("计" in cell for cell in row[: self.layout.start + 3])

    def _has_keys(self, row: Sequence[str]) -> bool:
        """Whether every key cell is filled; a lone filled cell is no row of a table with several."""
        mapped = sum(1 for _, p in self.layout.mapped if p < len(row) and row[p])
        whole = len(row) >= self.layout.width and all(row[p] for p in self.layout.keys)
        return whole and mapped >= min(2, len(self.layout.mapped))

    def _rule(self, number: int, row: Sequence[str], filled: list[int], texts: list[str]) -> str:
        layout, keys = self.layout, [header_key(row[position]) for position in filled]
        is_in_place = keys == [layout.headers[p] if p < layout.width else None for p in filled]
        self.in_header = (len(filled) >= 2 or self.in_header) and (
            is_in_place or layout.words.issuperset(keys)
        )
        if self.in_header:
            return "repeated_header"
        if layout.titles.issuperset(keys):
            return "repeated_title"
        spelled, ignored = self.known.spelled, self.known.ignored
        if len(filled) >= 3 and all(key in spelled or ignored.get(key) in HEADERS_ALONE for key in keys):
            return "second_table"
        if self._is_total(filled, texts):
            return "subtotal"
        is_note = _NOTE.match(texts[0]) or (_DATE_LINE.fullmatch(texts[-1]) and len(filled) <= 2)
        if len(filled) == 1 and layout.ignored.get(filled[0]) == "serial" and not _SERIAL.fullmatch(texts[0]):
            # words where rows are counted head a section
            return "note" if is_note or self._runs_on(number, filled, texts[0]) else "group"
        if layout.ignored.keys() >= set(filled):
            if all(_SERIAL.fullmatch(text) for text in texts):
                return "serial_only"
            if not any(layout.ignored[position] == "serial" for position in filled):
                return "ignored_columns_only"
        if len(filled) == 2 and texts[0] in NOTE_WORDS:
            return "note"  # its text stands in the next cell
        if self._has_keys(row):
            return "note" if _SIGNED.match(texts[0]) else ""
        if is_note:
            return "note"
        if len(filled) == 1 and (number in layout.wide or _GROUP.fullmatch(texts[0])):
            return "group"
        return "note" if self._runs_on(number, filled, texts[0]) else ""

    def _is_total(self, filled: list[int], texts: list[str]) -> bool:
        """Whether a row's first word is 合计 or the like; the second, where a group or a serial leads."""
        near = [text for p, text in zip(filled, texts, strict=True) if p < self.layout.start + 3]
        words = [text for text in near if not _FIGURE.fullmatch(text)]
        leading = words[: 1 if filled[0] in self.layout.keys else 2]
        return any(len(word) <= 16 and _TOTAL.fullmatch(word) for word in leading)

    def _runs_on(self, number: int, filled: list[int], text: str) -> bool:
        """Whether a row with a single cell goes on with the note above it, or is a numbered remark."""
        if len(filled) > 1 or sum(map(bool, self.layout.headers)) < 3:
            return False
        if (above := self.notes.get(number - 1)) is not None and filled[0] <= max(above, 1):
            return True
        return filled[0] == 0 and len(text) > 8 and _ITEM.match(text) is not None


def _column_numbers(texts: Sequence[str], places: Sequence[int], is_gapped: bool) -> bool:
    """The row `甲 乙 1 2 3` or `1 2 3 4` that forms put below their header; a number may be hidden with its column."""
    stems = [text for text in texts if text not in ("甲", "乙", "丙", "丁", "戊", "-", "—")]
    numbers = [text.strip("()[]") for text in stems]
    least = 1 if len(texts) > len(stems) else 2
    if is_gapped:
        ordered = [int(number) for number in numbers if number.isdigit()]
        enough = len(texts) >= 2 and len(ordered) == len(numbers) >= least
        return enough and ordered[0] <= 2 and ordered == sorted(set(ordered))
    counted = numbers in ([str(n) for n in range(1, len(numbers) + 1)], [str(place) for place in places])
    return len(texts) >= 3 and len(numbers) >= least and counted
