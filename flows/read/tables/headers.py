"""Match header cells with contract columns: exactly, after normalising, or not at all.

Refuses every near match: `核准金额` is not `批准金额`, and a wrong column is worse than a held-back
part, whose repair is one line in a contract or in a unit's own spellings. Every match says how it came
about: `own` (a spelling of the unit), `exact` (the contract's label), `synonym` (another spelling of the
contract), `parent` (only together with the merged header above it).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache

import pyarrow as pa

from flows.contract.catalogue import beside_words
from flows.contract.record import ColumnType, Record
from flows.contract.text import header_key
from flows.read.result import Mapped

#: A header is no longer than this; what is, need not be looked up.
_LONGEST = 80
_BRACKET = re.compile(r"[\[(【〔「〈《{]([^\[\](){}【】〔〕「」〈〉《》]*)[\])】〕」〉》}]$")
_PART_OF = re.compile(r"^(?:其中|内|#)[:,、]?")

#: Too general to be a column's name without the merged header above it.
_GENERAL = frozenset(("人数", "数量", "金额", "次数", "件数", "个数", "名称", "姓名", "日期", "时间", "比例"))
_GENERAL |= frozenset(("合计", "小计", "计", "总数", "数", "人", "率", "其他"))
#: Below `职工人数` each of these is just that.
_WHOLE = frozenset(("合计", "小计", "计", "总计", "总数", "人数", "数量", "数", "人"))
#: A merged header that only groups, and changes the meaning of nothing below it.
_NEUTRAL = re.compile(
    r"(?:基本|有关|相关|办理|登记|具体|主要|其他|其它)?(?:情况|信息|事项|内容|资料|数据|指标|项目)"
    r"|其[一二三四五六]"
)

_SCALE = r"(?:十万|百万|千万|十亿|百亿|万|亿|千|百)?"
_MEASURE = (
    r"(?:人民币元|元/人|元/年|元/月|元/人·?年|元|人/次|人次|人天|人|名|个|件|户|家|条|册|本|份|张|种|场次|场|次|期|届|起|宗|项|篇|部|支|对|台|套|间|所|处"
    r"|平方米|m2|㎡|亩|公里|小时|学时|课时|天|日|周|个月|岁|周岁|分|分值|%|‰|百分点|百分比|吨|种|档|队|组|班|座|只|封|幅|盏|单位)"
)
_UNIT = re.compile(rf"{_SCALE}{_MEASURE}|{_SCALE[:-1]}")
_HINT = re.compile(
    r"必填|选填|必填项|公历|年月日|年/月/日|年-月-日|年\.月\.日|年月|[yY年]{2,4}[-/.]?[mM月]{1,2}([-/.]?[dD日]{1,2})?"
    r"|是/否|有/无|是否|男/女|18位|15位|1[58]位或1[58]位|盖章|签字|全称|填全称|例.*|如.*|可不填|没有不填|填数字|阿拉伯数字|大写|小写|下拉选择|请选择"
)

#: Rules of words that are nothing but headers; a clerk's other words stand in footers too (填报人： 审核人：).
HEADERS_ALONE = frozenset(("serial", "translation", "own_spelling"))

_FACTOR = {
    "": 1, "百": 10**2, "千": 10**3, "万": 10**4, "十万": 10**5, "百万": 10**6, "千万": 10**7,
    "亿": 10**8, "十亿": 10**9, "百亿": 10**10,
}  # fmt: skip


def as_unit(text: str) -> str | None:
    """A unit of measure in its plain form (`人民币万元` → `万元`), or None if the text is none."""
    text = header_key(text).removeprefix("单位:").removeprefix("计量单位:").removeprefix("人民币")
    return text if text and _UNIT.fullmatch(text) else None


def is_neutral(parent: str) -> bool:
    """Whether a merged header changes the meaning of nothing below it: `基本情况`."""
    return _NEUTRAL.fullmatch(header_key(parent)) is not None


@lru_cache(1 << 14)
def split_unit(folded: str) -> tuple[str, str | None]:
    """`金额(万元)`, `金额:万元`, `金额/万元` → (`金额`, `万元`); a bracket with a filling hint is dropped."""
    unit = None
    while match := _BRACKET.search(folded):
        inner = match[1]
        if (found := as_unit(inner)) and unit is None:
            unit = found
        elif inner and not _HINT.fullmatch(inner):
            break
        folded = folded[: match.start()]
    if (
        unit is None
        and (match := re.search(r"[:/,、](?:单位:?)?([^:/,、()]+)$", folded))
        and (found := as_unit(match[1]))
    ):
        folded, unit = folded[: match.start()], found
    return folded, unit


def _kind(unit: str) -> str:
    if unit.endswith("元") or "元/" in unit:
        return "money"
    return "percent" if unit in ("%", "‰", "百分点", "百分比") else "quantity"


def factor(unit: str) -> int:
    """万人 → 10000; 人 → 1."""
    scale = re.match(_SCALE, unit)
    return _FACTOR[scale[0] if scale else ""]


_KIND_OF_TYPE = {
    ColumnType.MONEY: "money",
    ColumnType.PCT: "percent",
    ColumnType.COUNT: "quantity",
    ColumnType.DECIMAL: "quantity",
}


def column_unit(
    kind: ColumnType, header: str | None, notes: Sequence[str], own: str | None = None
) -> str | None:
    """The unit that bare numbers of a column have, from its header and the sheet's unit notes.

    A note speaks only to columns of its own kind (元 to money, 人 to counts). `conflict` when header and
    note, or two notes, give factors that differ: `金额(元)` under `单位：万元`. `own`: the contract's unit.
    """
    wanted = _KIND_OF_TYPE.get(kind)
    if wanted is None:
        return header
    given = [header] if header else []
    given += [unit for unit in notes if _kind(unit) == wanted]
    if len({factor(unit) for unit in given}) > 1:
        return "conflict"
    return own if own in given else given[0] if given else None


@dataclass(frozen=True)
class Match:
    """A header cell that was recognised: by which spelling, as what, and the unit of measure beside it."""

    spelling: str
    columns: Mapping[str, str]  # record → column
    unit: str | None = None
    by_parent: bool = False


@dataclass(frozen=True)
class Headers:
    """Every spelling of every contract, folded: spelling → record → column.

    `ignored`: a clerk's own columns, which are read past, by rule; a record that has such a header wins.
    `own`: those of one unit, which are among `spelled` too; `own_ignored`: spelling → records in which the
    unit says that it means nothing to us.
    """

    spelled: Mapping[str, Mapping[str, str]]
    ignored: Mapping[str, str]
    own: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    own_ignored: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @cached_property
    def texts(self) -> pa.StringArray:
        """All spellings, for looking through whole columns at once."""
        return pa.array(list(self.spelled), pa.string())

    def match(self, text: str, parent: str = "", record: str | None = None) -> Match | None:
        """What a header cell, with the merged header above it if there is one, is in a record, or in any.

        Where the pair of both means something to some record, the cell alone means nothing to the others; and
        a general word (`人数` below `女职工`) means nothing without its pair.
        """
        if len(text) > _LONGEST:
            return None
        candidates = _candidates(text, parent)
        alone = not parent or header_key(text) not in _GENERAL or is_neutral(parent)
        for by_parent in (True, False) if alone else (True,):
            found: list[Match] = []
            for candidate in (form for form, up in candidates if up == by_parent):
                plain, unit = split_unit(candidate)
                for spelling in (candidate, plain):
                    if columns := self.spelled.get(spelling):
                        found.append(Match(spelling, columns, unit, by_parent))
            if found and record is not None:
                return next((match for match in found if record in match.columns), None)
            if found:
                columns = {owner: name for match in reversed(found) for owner, name in match.columns.items()}
                return replace(found[0], columns=columns)
        return None

    def find(self, text: str, parent: str = "") -> tuple[Mapping[str, str], str | None]:
        """(record → column, unit) for a header cell, with the merged header above it if there is one."""
        match = self.match(text, parent)
        return (match.columns, match.unit) if match else ({}, None)

    def ignored_by(self, text: str, record: str | None = None) -> str | None:
        """The rule that reads past a column with this header, if any (`record`: in this record, else in one
        of them); a column without header is none."""
        folded = header_key(text[:_LONGEST])
        for form in (folded, split_unit(folded)[0]):
            owners = self.own_ignored.get(form, frozenset())
            if record in owners or (owners and record is None):
                return "own_spelling"
            if rule := self.ignored.get(form):
                return rule
        return None

    def evidence(self, match: Match, record: Record) -> str:
        """How a match for a record's column came about, in the words of this module."""
        name = match.columns[record.record]
        if self.own.get(match.spelling, {}).get(record.record) == name:
            return "own"
        if match.by_parent:
            return "parent"
        same = set(_forms(match.spelling)) & set(_forms(record.columns[name].label))
        return "exact" if same else "synonym"


def _candidates(text: str, parent: str) -> list[tuple[str, bool]]:
    """The forms under which a header is looked up, and whether each needs the merged header above."""
    own, above = header_key(text), header_key(parent)
    forms = [(own or above, False)]
    if above and own:
        plain_above = split_unit(above)[0]
        inner = _PART_OF.sub("", own)
        # The last form is how an unknown header is shown, and registered as a unit's own.
        joined = (plain_above + own, plain_above + inner, f"{plain_above}-{inner}", f"{above}/{own}")
        forms = [*((form, True) for form in joined), (own, False)]
        forms += [(plain_above, True)] if own in _WHOLE else []
    return forms + [(_PART_OF.sub("", form), up) for form, up in forms if _PART_OF.match(form)]


def _forms(header: str) -> tuple[str, str]:
    """A spelling as it is looked up: whole, and without its unit."""
    folded = header_key(header)
    return folded, split_unit(folded)[0]


_CACHE: dict[tuple[object, ...], tuple[tuple[Record, ...], Headers]] = {}


def headers_of(kinds: Mapping[str, Record], spellings: Mapping[str, str]) -> Headers:
    """The index of all contracts, with a unit's own `spellings`: header → what it means, one or several of
    `column` or `ignore` (in every record that has it) and `record.column` or `record.ignore`, with blanks between.
    """
    # The records are kept beside the index, so that an id is never that of another object.
    records = tuple(kinds.values())
    key = (*map(id, records), *spellings.items())
    if key not in _CACHE:
        if len(_CACHE) > 64:
            _CACHE.clear()
        base = headers_of(kinds, {}) if spellings else _contract_headers(records)
        _CACHE[key] = records, _with_own(base, records, spellings) if spellings else base
    return _CACHE[key][1]


def _contract_headers(records: Sequence[Record]) -> Headers:
    spelled: dict[str, dict[str, str]] = {}
    for record in records:
        # A label is a spelling too; where another column lists it among its headers, that one has it.
        headers = [(header, c.name) for c in record.read_columns for header in c.header]
        for header, name in [*headers, *((c.label, c.name) for c in record.read_columns)]:
            for form in _forms(header):
                spelled.setdefault(form, {}).setdefault(record.record, name)
    return Headers(spelled, beside_words())


def _with_own(base: Headers, records: Sequence[Record], spellings: Mapping[str, str]) -> Headers:
    spelled = {key: dict(value) for key, value in base.spelled.items()}
    own: dict[str, dict[str, str]] = {}
    ignored: dict[str, frozenset[str]] = {}
    for header, meant in spellings.items():
        key = header_key(header)
        for owner, _, name in (target.rpartition(".") for target in meant.split()):
            owners = [record for record in records if owner in ("", record.record)]
            if name == "ignore":
                ignored[key] = ignored.get(key, frozenset()) | {record.record for record in owners}
                for record in owners:
                    spelled.get(key, {}).pop(record.record, None)
            else:
                new = {record.record: name for record in owners if name in record.columns}
                own.setdefault(key, {}).update(new)
                spelled.setdefault(key, {}).update(new)
    return Headers({key: columns for key, columns in spelled.items() if columns}, base.ignored, own, ignored)


def map_columns(
    headers: Headers, record: Record, cells: Sequence[str], parents: Sequence[str], notes: Sequence[str]
) -> tuple[Mapped, ...]:
    """What each header cell means in a record; cells without text and without parent are left out."""
    out = []
    for index, text in enumerate(cells):
        parent = parents[index] if index < len(parents) else ""
        if not text and not parent:
            continue
        match = headers.match(text, parent, record.record)
        shown = f"{parent}/{text}" if parent and text else text or parent
        if match is None:
            rule = headers.ignored_by(text or parent, record.record)
            out.append(Mapped(index + 1, shown, None, None, rule))
        else:
            column = record.columns[match.columns[record.record]]
            unit = column_unit(column.type, match.unit, notes, column.unit)
            evidence = headers.evidence(match, record)
            out.append(Mapped(index + 1, shown, column.name, unit, evidence=evidence))
    return tuple(out)
