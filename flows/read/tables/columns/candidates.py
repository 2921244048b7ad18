"""Which columns of its contract a held column may be: by what its cells are, then by how its header is spelled.

For a person to choose from, and for figures to know what a held column could add to them: never applied. Doubt
keeps a column; only one that no cell fits is none, because a figure that does not read any candidate is final.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache

from rapidfuzz import fuzz

from flows.contract.catalogue import ROOT, code_lists
from flows.contract.indicator import indicators
from flows.contract.record import Column, ColumnType
from flows.contract.text import compact, header_key, name_key
from flows.contract.units import reference
from flows.read.tables.columns.measures import as_unit, split_unit

#: Similarity of spellings (shared characters in order, of all characters; 0 to 100) that says something by itself.
NEAR = 76.0
#: … and that makes a text column worth naming.
_PLAUSIBLE = 45.0
#: Columns that are named to a person.
MOST_NAMED = 3

_FREE = frozenset({ColumnType.TEXT, ColumnType.NAME, ColumnType.WITHHELD})
#: What is about a person and never stored: any text may be that, which says nothing.
_PERSONAL = frozenset({ColumnType.NAME, ColumnType.WITHHELD, ColumnType.PHONE})

_NUMBERS = frozenset({ColumnType.COUNT, ColumnType.MONEY, ColumnType.DECIMAL, ColumnType.PCT})

_NUMERAL = "〇零○一二两三四五六七八九十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟廿卅"
_FIGURE = re.compile(r"[¥$]?-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?")
_MEANT_AS_FIGURE = re.compile(
    rf"(?:约|近|共|计|超过?|大概|至少|最多|人民币|[<>≥≤(~-])*(?:[¥$]?\d|[{_NUMERAL}]+(?:[余多]|$|[^{_NUMERAL}]{{1,2}}$))"
)
_DAY = re.compile(
    r"(?:\d{2}|\d{4})(?P<s>[-./])\d{1,2}(?P=s)\d{1,2}.*|(?:\d{2,4}年)?\d{1,2}月\d{1,2}[日号]?.*|(?:19|20)\d{6}"
)
_MONTH_AND_DAY = re.compile(r"(?:0?[1-9]|1[0-2])[./-](?:0?[1-9]|[12]\d|3[01])")
_TIME = re.compile(rf"\d{{1,4}}[-./]\d{{1,2}}|[\d*{_NUMERAL}]+[年月日号]|季度|半年|(?:19|20)\d\d")
_YEAR = re.compile(rf"(?:19|20)\d\d年?度?|[一二][九〇○零][{_NUMERAL}]{{2}}年?度?")
_PHONE = re.compile(r"1[\d*]{10}|(?:0\d{2,3}-?)?\d{7,8}(?:-\d+)?")
_ID = re.compile(r"\d{15}|\d{17}[\dX]")
_CREDIT_CODE = re.compile(r"[0-9A-Z]{18}|[0-9A-Z]{8}-?[0-9A-Z]|\d{15}")


def candidates(
    header: str, cells: Sequence[str], free: Iterable[Column]
) -> tuple[tuple[Column, ...], tuple[Column, ...]]:
    """What a held column may be.

    Args:
        header: its header.
        cells: those of its cells that are looked at; without any it is nothing.
        free: the contract's columns that nothing in the table fills.

    Returns:
        every column that one of the cells fits, best first; and of these the few worth naming to a person.
    """
    texts = [compact(cell).upper() for cell in cells if cell]
    ranked = []
    for order, column in enumerate(free if texts else ()):
        near = likeness(header, column)
        fits = [_fit(column, text) for text in texts]
        proper = sum(fit == 2 for fit in fits) * 2 >= len(fits)
        # words of no code list under a header that is like the column's are still the column's words
        is_named = near >= NEAR and (column.type is ColumnType.CODE or any(fits))
        if not any(fits) and not is_named:
            continue
        group = 0 if is_named or (proper and column.type not in _FREE) else 1 if column.type in _FREE else 2
        is_plausible = group == 0 or (near >= _PLAUSIBLE and (proper or column.type in _FREE))
        group = 3 if column.type in _PERSONAL else group
        ranked.append((group, -near, order, is_plausible, column))
    ranked.sort(key=lambda line: line[:3])
    every = tuple(column for *_, column in ranked)
    return every, tuple(column for *_, named, column in ranked if named)[:MOST_NAMED]


def likeness(header: str, column: Column) -> float:
    """How near a header comes to a column's spellings, 0 to 100."""
    asked = {split_unit(header_key(text))[0] for text in (header, header.rpartition("/")[2])}
    listed = [split_unit(header_key(spelling))[0] for spelling in (column.label, *column.spellings)]
    return max(fuzz.ratio(text, spelling) for spelling in listed for text in asked)


def is_filled_as(column: Column, cells: Sequence[str]) -> bool:
    """Whether cells are, in most, what a column holds: a text is no number, of the words of a code list one is there."""
    texts = [compact(cell).upper() for cell in cells if cell]
    if column.type in _FREE:
        fits = [_FIGURE.fullmatch(text) is None for text in texts]
    else:
        fits = [_fit(column, text) == 2 for text in texts]
    return (any(fits) or not texts) if column.type is ColumnType.CODE else sum(fits) * 2 >= len(fits)


def may_be_filled_as(column: Column, cells: Sequence[str]) -> bool:
    """Whether one of the cells may be meant as the number that a column holds; of other columns anything may be meant."""
    return column.type not in _NUMBERS or any(_fit(column, compact(cell).upper()) for cell in cells)


def _fit(column: Column, text: str) -> int:
    """2 where a cell is what a column holds, 1 where it may be meant so, 0 where it cannot be."""
    if column.type is ColumnType.CODE:
        return _in_list(_spellings(column.list or ""), text)
    return _FITS[column.type](text)


def _number(text: str) -> int:
    figure = _FIGURE.match(text)
    rest = text[figure.end() :] if figure else text
    if figure and len(figure[0]) <= 16 and (not rest or as_unit(rest) or rest in ("元整", "%")):
        return 2
    if _DAY.fullmatch(text) or re.search(r"\d{12}", text):
        return 0
    return int(_MEANT_AS_FIGURE.match(text) is not None)


def _amount(text: str) -> int:
    return 0 if text.endswith(("%", "‰")) else _number(text)


def _share(text: str) -> int:
    return _number(text)


def _day(text: str) -> int:
    if re.fullmatch(r"(?:19|20)\d\d", text):
        return 0  # a year, or a figure
    serial = re.fullmatch(r"\d{5}(?:\.\d+)?", text) is not None and "18264" <= text[:5] <= "54788"
    return (
        2
        if _DAY.fullmatch(text) or _MONTH_AND_DAY.fullmatch(text)
        else int(serial or _TIME.search(text) is not None)
    )


def _span(text: str) -> int:
    return (
        2 if re.search(rf"\d{{4}}年|[\d{_NUMERAL}]月|季度|半年", text) else max(_day(text), _year(text) // 2)
    )


def _year(text: str) -> int:
    return 2 if _YEAR.fullmatch(text) else int(_TIME.search(text) is not None)


def _yes_or_no(text: str) -> int:
    return 2 if text in _words_of_yes_and_no() else int(text in ("○", "X", "V"))


def _town(text: str) -> int:
    return 2 if text in _towns() else int(text.endswith(("镇", "乡", "街道", "办事处", "区", "县")))


def _unit(text: str) -> int:
    return 2 if text in _units() else int(text.endswith(("总工会", "区", "县")))


def _in_list(listed: frozenset[str], text: str) -> int:
    if text in listed:
        return 2
    return int(any(len(word) > 1 and (word in text or (len(text) > 1 and text in word)) for word in listed))


@cache
def _spellings(name: str) -> frozenset[str]:
    entries = code_lists()[name]
    return frozenset(name_key(text) for e in entries for text in (e.code, e.label, *e.synonyms))


@cache
def _words_of_yes_and_no() -> frozenset[str]:
    """What the macro that reads such cells knows."""
    parse, _, _ = (
        (ROOT / "sql" / "macro" / "bool.sql").read_text(encoding="utf-8").partition("macro issue_bool")
    )
    return frozenset(re.findall("'([^']+)'", parse))


@cache
def _towns() -> frozenset[str]:
    known = reference()
    return frozenset(name.key for unit in known.units for name in known.localities_of(unit.unit_code))


@cache
def _units() -> frozenset[str]:
    return frozenset(name.key for name in reference().unit_names)


@cache
def _indicator_names() -> frozenset[str]:
    return frozenset(name_key(text) for i in indicators().values() for text in (i.indicator, i.label))


_FITS: dict[ColumnType, Callable[[str], int]] = {
    ColumnType.TEXT: lambda _: 2,
    ColumnType.NAME: lambda _: 2,
    ColumnType.WITHHELD: lambda _: 2,
    ColumnType.DATE: _day,
    ColumnType.SPAN: _span,
    ColumnType.YEAR: _year,
    ColumnType.MONEY: _amount,
    ColumnType.COUNT: _amount,
    ColumnType.DECIMAL: _amount,
    ColumnType.PCT: _share,
    ColumnType.BOOL: _yes_or_no,
    ColumnType.CITIZEN_ID: lambda t: 2 if _ID.fullmatch(t) else int(bool(re.fullmatch(r"[\dX*.+E]{11,}", t))),
    ColumnType.CREDIT_CODE: lambda t: 2 if _CREDIT_CODE.fullmatch(t) else 0,
    ColumnType.PHONE: lambda t: 2 if _PHONE.fullmatch(t) else int(bool(re.search(r"\d{7}", t))),
    ColumnType.UNIT: _unit,
    ColumnType.DIVISION: _town,
    ColumnType.INDICATOR: lambda t: 2 * (t in _indicator_names()),
}
