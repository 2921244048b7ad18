"""Match header cells with contract columns: exactly, after normalising, or not at all.

Refuses every near match: `核准金额` is not `批准金额`, and a wrong column is worse than one that is
held, whose repair is one line in a contract or in a unit's own spellings. Every match says how it came
about: `own` (a spelling of the unit), `exact` (the contract's label), `synonym` (another spelling of the
contract), `parent` (only together with the merged header above it), `also` (a spelling by which no kind is recognised), `same` (a
spelling of one column alone, in words that say the same; see `same_words`). The last two are believed if the cells fit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from flows.contract.catalogue import beside_words
from flows.contract.record import ColumnType, Record
from flows.contract.same_words import plain_words, without_brackets
from flows.contract.spelling import IGNORE, TABLE
from flows.contract.text import header_key
from flows.read.grid import WordSet
from flows.read.reading import MappedColumn
from flows.read.tables.columns.measures import column_unit, split_unit

#: A header is no longer than this; what is, need not be looked up.
_LONGEST = 80
_PART_OF = re.compile(r"^(?:其中|内|#)[:,、]?")
_COUNTED = re.compile(r"(?:总人数|人数|总数|数量|数|合计|情况)$")

#: Too general to be a column's name without the merged header above it.
_GENERAL = frozenset(
    [
        "人数",
        "数量",
        "金额",
        "次数",
        "件数",
        "个数",
        "名称",
        "姓名",
        "日期",
        "时间",
        "比例",
        "合计",
        "小计",
        "计",
        "总数",
        "数",
        "人",
        "率",
        "其他",
    ]
)
#: Below `职工人数` each of these is just that.
_WHOLE = frozenset(["合计", "小计", "计", "总计", "总数", "人数", "数量", "数", "人"])
#: A merged header that only groups, and changes the meaning of nothing below it.
_NEUTRAL = re.compile(
    r"(?:基本|有关|相关|办理|登记|具体|主要|其他|其它)?(?:情况|信息|事项|内容|资料|数据|指标|项目)"
    r"|其[一二三四五六]"
)

#: Columns whose header may explain itself in brackets: 企业(个体户)名称. In a number's they may name a part of it.
_TEXTS = frozenset({ColumnType.TEXT, ColumnType.NAME, ColumnType.WITHHELD, ColumnType.DIVISION})

#: Rules of words that are nothing but headers; a clerk's other words stand in footers too (填报人： 审核人：).
HEADERS_ALONE = frozenset({"serial", "translation", "own_spelling"})


def is_neutral(parent: str) -> bool:
    """Whether a merged header changes the meaning of nothing below it: `基本情况`."""
    return _NEUTRAL.fullmatch(header_key(parent)) is not None


@dataclass(frozen=True)
class HeaderMatch:
    """A spelling under which a header cell is known: as what, with which unit of measure beside it."""

    spelling: str
    columns: Mapping[str, str]  # record → column
    unit: str | None
    by_parent: bool  # only together with the merged header above
    loosely: Literal["", "also", "same"] = (
        ""  # only once the kind is known: as listed so, or in words that say the same
    )


@dataclass(frozen=True)
class HeaderCell:
    """A header cell with the merged header above it ('' without one), folded once, and all it is known as."""

    text: str
    parent: str
    key: str
    matches: tuple[HeaderMatch, ...]
    columns: Mapping[str, str]  # record → column, over all matches by which a kind is recognised
    loose: Mapping[str, str]  # record → column, for the other kinds over the other matches
    rule: str | None  # by which a column of this header is read past
    ignored_in: frozenset[
        str
    ]  # records in which the unit says that it means nothing to us, whatever it is to others

    @property
    def shown(self) -> str:
        """How the header is shown, and registered as a unit's own."""
        return f"{self.parent}/{self.text}" if self.parent and self.text else self.text or self.parent

    def match(self, record: str) -> HeaderMatch | None:
        """What the cell is in a record."""
        return next((match for match in self.matches if record in match.columns), None)

    def ignored_by(self, record: str | None = None) -> str | None:
        """The rule that reads past a column with this header, if any (in a record, else in one of them)."""
        is_own = record in self.ignored_in if record else bool(self.ignored_in)
        return "own_spelling" if is_own else self.rule

    @property
    def is_known(self) -> bool:
        """Whether it means something, or by a rule nothing."""
        return bool(self.columns or self.ignored_by())

    @property
    def is_header_word(self) -> bool:
        """Whether it is known and stands in headers alone."""
        return bool(self.columns) or self.ignored_by() in HEADERS_ALONE


class HeaderIndex:
    """Every spelling of every contract, folded: spelling → record → column.

    `ignored`: a clerk's own columns, which are read past, by rule; a record that has such a header wins.
    `own`: those of one unit, which are among `spelled` too; `own_ignored`: spelling → records in which the
    unit says that it means nothing to us; `own_tables`: see `line_key` → the record that a table of such a header is.
    """

    def __init__(
        self,
        spelled: Mapping[str, Mapping[str, str]],
        own: Mapping[str, Mapping[str, str]] | None = None,
        own_ignored: Mapping[str, frozenset[str]] | None = None,
        own_tables: Mapping[str, str] | None = None,
        also: Mapping[str, Mapping[str, str]] | None = None,
        same: Mapping[tuple[str, bool], Mapping[str, str]] | None = None,
    ) -> None:
        self.spelled, self._own, self._own_ignored = spelled, own or {}, own_ignored or {}
        self._also, self._same = also or {}, same or {}
        self.own_tables = own_tables or {}
        self.ignored = beside_words()
        #: All spellings, and those of columns that are read past, for looking through whole columns at once.
        self.spellings = WordSet(spelled)
        self.known_words = WordSet([*spelled, *self.ignored])
        self.cell = lru_cache(1 << 14)(self._cell)

    def cells(self, texts: Sequence[str], parents: Sequence[str] = ()) -> tuple[HeaderCell, ...]:
        """The cells of a header row, with the merged headers above them."""
        return tuple(self.cell(text, parents[i] if i < len(parents) else "") for i, text in enumerate(texts))

    def _cell(self, text: str, parent: str = "") -> HeaderCell:
        key, above = header_key(text), header_key(parent)
        matches = self._matches(key, above) if len(text) <= _LONGEST else ()
        named = header_key((text or parent)[:_LONGEST])
        forms = (named, split_unit(named)[0])
        rule = next((self.ignored[form] for form in forms if form in self.ignored), None)
        columns = {owner: name for match in reversed(matches) for owner, name in match.columns.items()}
        loose: dict[str, str] = {}
        if rule is None and len(text) <= _LONGEST and not any(match.by_parent for match in matches):
            more = self._loosely(key, above)
            loose = {owner: name for match in reversed(more) for owner, name in match.columns.items()}
            loose = {owner: name for owner, name in loose.items() if owner not in columns}
            matches += more
        # said of a header below another, it is said of that pair; said of the lower text, of all that no pair means
        pairs = {form for form, is_pair in _forms(key, above) if is_pair} if above else set()
        own = (*forms, *pairs) if not any(match.by_parent for match in matches) else pairs
        ignored_in = frozenset[str]().union(*(self._own_ignored.get(form, ()) for form in own))
        return HeaderCell(text, parent, key, matches, columns, loose, rule, ignored_in)

    def _matches(self, key: str, above: str) -> tuple[HeaderMatch, ...]:
        """Where the pair of a cell and the header above means something to some record, the cell alone means
        nothing to the others; and a general word (`人数` below `女职工`) means nothing without its pair."""
        stands_alone = _stands_alone(key, above)
        if pairs := self._found((form for form, is_pair in _forms(key, above) if is_pair), by_parent=True):
            return pairs
        parts = self._found(_parts_of(key, above), by_parent=True)
        alone = (form for form, is_pair in _forms(key, above) if not is_pair) if stands_alone else ()
        return parts + self._found(alone, by_parent=False)

    def _found(self, forms: Iterable[str], by_parent: bool) -> tuple[HeaderMatch, ...]:
        """The forms that are spellings, whole or without their unit."""
        return tuple(
            HeaderMatch(spelling, self.spelled[spelling], unit, by_parent)
            for form in forms
            for plain, unit in (split_unit(form),)
            for spelling in (form, plain)
            if self.spelled.get(spelling)
        )

    def _loosely(self, key: str, above: str) -> tuple[HeaderMatch, ...]:
        """What the cell, with the header above or alone, means to a kind that is known: what it lists so, then words that say
        the same, of texts also without brackets."""
        out = []
        for form, is_pair in _forms(key, above):
            if not is_pair and not _stands_alone(key, above):
                continue
            plain, unit = split_unit(form)
            out += [
                HeaderMatch(text, columns, unit, is_pair, "also")
                for text in (form, plain)
                if (columns := self._also.get(text))
            ]
            out += [
                HeaderMatch(text, columns, unit, is_pair, "same")
                for text, is_cut in ((plain, False), (without_brackets(plain), True))
                if text and (columns := self._same.get((plain_words(text), is_cut)))
            ]
        return tuple(sorted(out, key=lambda match: match.loosely))

    def part(self, record: Record, whole: str, key: str) -> HeaderMatch | None:
        """What a header that begins with 其中 is as part of another column: 其中农民工 after 会员人数 is 农民工会员."""
        column = record.columns[whole]
        called = {split_unit(header_key(text))[0] for text in (column.label, *column.spellings)}
        found = (m for name in sorted(called) for m in self._found(_parts_of(key, name), by_parent=True))
        return next((match for match in found if record.record in match.columns), None)

    def evidence(self, match: HeaderMatch, record: Record) -> str:
        """How a match for a record's column came about, in the words of this module."""
        name = match.columns[record.record]
        if self._own.get(match.spelling, {}).get(record.record) == name:
            return "own"
        if match.loosely:
            return match.loosely
        if match.by_parent:
            return "parent"
        same = set(_spellings(match.spelling)) & set(_spellings(record.columns[name].label))
        return "exact" if same else "synonym"

    def with_own(self, records: Sequence[Record], spellings: Mapping[str, str]) -> HeaderIndex:
        """The same with a unit's own spellings, see `headers_of`."""
        spelled = {key: dict(value) for key, value in self.spelled.items()}
        own: dict[str, dict[str, str]] = {}
        ignored: dict[str, frozenset[str]] = {}
        tables: dict[str, str] = {}
        for header, meant in spellings.items():
            key = header_key(header)
            for owner, _, name in (target.rpartition(".") for target in meant.split()):
                owners = [record for record in records if owner in ("", record.record)]
                if name == TABLE:
                    tables[key] = owner
                elif name == IGNORE:
                    ignored[key] = ignored.get(key, frozenset()) | {record.record for record in owners}
                    for record in owners:
                        spelled.get(key, {}).pop(record.record, None)
                else:
                    columns = {record.record: name for record in owners if name in record.columns}
                    own.setdefault(key, {}).update(columns)
                    spelled.setdefault(key, {}).update(columns)
        return HeaderIndex(
            {key: columns for key, columns in spelled.items() if columns},
            own,
            ignored,
            tables,
            self._also,
            self._same,
        )


def _stands_alone(key: str, above: str) -> bool:
    return not above or key not in _GENERAL or is_neutral(above)


def line_key(cells: Iterable[str]) -> str:
    """A whole header line as a unit's own, by which it says what its table is."""
    return header_key("|".join(filter(None, cells)))


def _forms(key: str, above: str) -> list[tuple[str, bool]]:
    """The forms under which a header is looked up, and whether each needs the merged header above."""
    forms = [(key or above, False)]
    if above and key:
        plain = split_unit(above)[0]
        inner = _PART_OF.sub("", key)
        # The last form is how an unknown header is shown, and registered as a unit's own.
        joined = (plain + key, plain + inner, f"{plain}-{inner}", f"{above}/{key}")
        forms = [*((form, True) for form in joined), (key, False)]
        forms += [(plain, True)] if key in _WHOLE else []
    return forms + [(_PART_OF.sub("", form), pair) for form, pair in forms if _PART_OF.match(form)]


def _parts_of(key: str, above: str) -> tuple[str, ...]:
    """What a part of a whole is called: 农民工 below 会员人数 are 农民工会员."""
    whole = _COUNTED.sub("", split_unit(above)[0])
    return (_PART_OF.sub("", key) + whole,) if key and whole else ()


def _spellings(header: str) -> tuple[str, str]:
    """A spelling as it is looked up: whole, and without its unit."""
    key = header_key(header)
    return key, split_unit(key)[0]


# The records are kept beside their index, so that an id is never that of another object.
_INDICES: dict[tuple[object, ...], tuple[tuple[Record, ...], HeaderIndex]] = {}


def headers_of(kinds: Mapping[str, Record], spellings: Mapping[str, str]) -> HeaderIndex:
    """The index of all contracts, with a unit's own `spellings`: header → what it means, one or several of
    `column` or `ignore` (in every record that has it) and `record.column` or `record.ignore`, with blanks between.
    """
    records = tuple(kinds.values())
    key = (*map(id, records), *spellings.items())
    if key not in _INDICES:
        if len(_INDICES) > 64:
            _INDICES.clear()
        _INDICES[key] = (
            records,
            _index(records) if not spellings else headers_of(kinds, {}).with_own(records, spellings),
        )
    return _INDICES[key][1]


def _index(records: Sequence[Record]) -> HeaderIndex:
    spelled: dict[str, dict[str, str]] = {}
    for record in records:
        # A label is a spelling too; where another column lists it among its headers, that one has it.
        headers = [(header, c.name) for c in record.read_columns for header in c.header]
        for header, name in [*headers, *((c.label, c.name) for c in record.read_columns)]:
            for form in _spellings(header):
                spelled.setdefault(form, {}).setdefault(record.record, name)
    also: dict[str, dict[str, str]] = {}
    for record in records:
        for column in record.read_columns:
            for form in (form for text in column.also for form in _spellings(text)):
                also.setdefault(form, {}).setdefault(record.record, column.name)
    return HeaderIndex(spelled, also=also, same=_same(records))


def _same(records: Sequence[Record]) -> dict[tuple[str, bool], dict[str, str]]:
    """(plain words, whether brackets were left out) → record → the one column that any spelling of the record gives them.

    Without brackets only texts are looked up. What belongs to the assessment itself is read by its exact words alone.
    """
    meant: dict[tuple[str, bool], dict[str, set[str]]] = {}
    for record in records:
        for column in () if record.is_decision else record.read_columns:
            for spelling in (*column.spellings, column.label):
                text = plain_words(split_unit(header_key(spelling))[0])
                for is_cut in (False, True):
                    meant.setdefault((text, is_cut), {}).setdefault(record.record, set()).add(
                        column.name if column.type in _TEXTS or not is_cut else ""
                    )
    return {
        key: {owner: name for owner, names in owners.items() if len(names) == 1 for name in names if name}
        for key, owners in meant.items()
    }


def map_columns(
    headers: HeaderIndex, record: Record, cells: Sequence[HeaderCell], unit_notes: Sequence[str]
) -> tuple[MappedColumn, ...]:
    """What each header cell means in a record; cells without text and without parent are left out.

    Args:
        headers: the spellings that the cells were looked up in.
        record: the kind of the table.
        cells: of the header, from column A on.
        unit_notes: units of measure that stand above the table.
    """
    out: list[MappedColumn] = []
    whole: str | None = None  # the column that the header before names, of which a 其中 is part
    for position, cell in enumerate(cells, 1):
        if not cell.shown:
            continue
        match = cell.match(record.record)
        if not _PART_OF.match(cell.key):
            whole = match.columns[record.record] if match else None
        elif whole and (part := headers.part(record, whole, cell.key)):
            match = part
        if match is None or record.record in cell.ignored_in:
            out.append(MappedColumn(position, cell.shown, None, None, cell.ignored_by(record.record)))
        else:
            column = record.columns[match.columns[record.record]]
            unit = column_unit(column.type, match.unit, unit_notes, column.unit)
            evidence = headers.evidence(match, record)
            out.append(MappedColumn(position, cell.shown, column.name, unit, evidence=evidence))
    return tuple(out)
