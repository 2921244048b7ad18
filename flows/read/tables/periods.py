"""The period a text speaks of: `2015年1-9月`, `截至2015年9月30日`, `2015年第三季度`, `201509` …

Refuses to guess: a text naming two periods of which neither holds the other has none, and a bare
day counts only when the text calls it a cut-off day or the record kind is a snapshot.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from flows.contract.text import half_width

_DIGITS = str.maketrans("〇○零一二三四五六七八九", "000123456789")
_CHINESE = "〇○零一二三四五六七八九十"


@dataclass(frozen=True, order=True)
class Period:
    """Both ends included. `cutoff` marks a single day written as such (截至…)."""

    first: date
    last: date
    cutoff: bool = False


def _number(text: str) -> int:
    """A small number in digits or Chinese numerals (一〇, 十二, 二十一, 二〇一五)."""
    if text.isdigit() and text.isascii():
        return int(text)
    if "十" in text:
        tens, _, ones = text.partition("十")
        return (_number(tens) if tens else 1) * 10 + (_number(ones) if ones else 0)
    return int(text.translate(_DIGITS))


def _months(year: int, first: int, last: int, year_to: int | None = None) -> Period | None:
    end = year_to or year
    if not (1 <= first <= 12 and 1 <= last <= 12) or (end, last) < (year, first):
        return None
    return Period(date(year, first, 1), date(end, last, monthrange(end, last)[1]))


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


_N = rf"(?:\d{{1,2}}|[{_CHINESE}]{{1,3}})"
_Y = rf"(?:(?<![\d.])(?:19|20)\d\d|[一二][九〇○零][{_CHINESE}]{{2}})"
_Y4 = r"(?<!\d)(?P<y>(?:19|20)\d\d)"
_TO = r"(?:--?|—+|–|~|～|至|到)"
_HALVES = {"上半年": (1, 6), "下半年": (7, 12), "前三季度": (1, 9), "前3季度": (1, 9)}
_HALF = rf"(?P<part>{'|'.join(_HALVES)})"
_QUARTER = r"第?(?P<q>[1-4一二三四])季度?"


def _span_of_days(m: re.Match[str]) -> Period | None:
    year = _number(m["y"])
    first = _day(year, _number(m["m"]), _number(m["d"]))
    month = _number(m["m2"]) if m["m2"] else _number(m["m"])
    last = _day(_number(m["y2"]) if m["y2"] else year, month, _number(m["d2"]))
    return Period(first, last) if first and last and first <= last else None


def _cutoff(m: re.Match[str]) -> Period | None:
    day = _day(_number(m["y"]), _number(m["m"]), _number(m["d"]))
    return Period(day, day, cutoff=True) if day else None


def _cutoff_month(m: re.Match[str]) -> Period | None:
    month = _months(_number(m["y"]), _number(m["m"]), _number(m["m"]))
    return Period(month.last, month.last, cutoff=True) if month else None


def _month_span(m: re.Match[str]) -> Period | None:
    return _months(_number(m["y"]), _number(m["m"]), _number(m["m2"]), _number(m["y2"]) if m["y2"] else None)


def _month(m: re.Match[str]) -> Period | None:
    return _months(_number(m["y"]), _number(m["m"]), _number(m["m"]))


def _quarter(m: re.Match[str]) -> Period | None:
    quarter = _number(m["q"])
    return _months(_number(m["y"]), quarter * 3 - 2, quarter * 3)


def _half(m: re.Match[str]) -> Period | None:
    return _months(_number(m["y"]), *_HALVES[m["part"]])


def _years(m: re.Match[str]) -> Period | None:
    return _months(_number(m["y"]), 1, 12, _number(m["y2"]))


def _year(m: re.Match[str]) -> Period | None:
    return _months(_number(m["y"]), 1, 12)


#: In order: a longer form consumes its text before a shorter one may see it.
_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Period | None]], ...] = tuple(
    (re.compile(pattern), build)
    for pattern, build in (
        # 2015年9月1日至2015年9月30日, 2015年9月1日-30日, 2015.9.1-2015.9.30
        (rf"(?P<y>{_Y})年(?P<m>{_N})月(?P<d>{_N})[日号]{_TO}(?:(?P<y2>{_Y})年)?(?:(?P<m2>{_N})月)?(?P<d2>{_N})[日号]",
         _span_of_days),
        (rf"{_Y4}(?P<s>[-./])(?P<m>\d{{1,2}})(?P=s)(?P<d>\d{{1,2}}){_TO}"
         r"(?P<y2>(?:19|20)\d\d)(?P=s)(?P<m2>\d{1,2})(?P=s)(?P<d2>\d{1,2})(?!\d)", _span_of_days),
        (rf"(?P<y>{_Y})年(?P<m>{_N})月(?P<d>{_N})[日号]", _cutoff),
        # 2014年10月—2015年9月, 2014.10-2015.9, 2015年1-9月
        (rf"(?P<y>{_Y})年(?P<m>{_N})月?{_TO}(?P<y2>{_Y})年(?P<m2>{_N})月", _month_span),
        (rf"{_Y4}[-./](?P<m>\d{{1,2}}){_TO}(?P<y2>(?:19|20)\d\d)[-./](?P<m2>\d{{1,2}})(?!\d)", _month_span),
        (rf"(?P<y>{_Y})年度?(?P<m>{_N})月?份?{_TO}(?P<y2>)(?P<m2>{_N})月", _month_span),
        (rf"截[至止]到?(?P<y>{_Y})年(?P<m>{_N})月[底末]?", _cutoff_month),
        (rf"(?P<y>{_Y})年(?P<m>{_N})月[底末]", _cutoff_month),
        (rf"(?P<y>{_Y})年?度?{_HALF}", _half),
        (rf"(?P<y>{_Y})年?度?{_QUARTER}", _quarter),
        (rf"{_Y4}年?[-_]?[Qq](?P<q>[1-4])(?!\d)", _quarter),
        (rf"(?P<y>{_Y})年度?(?P<m>{_N})月", _month),
        (rf"(?P<y>{_Y})(?:年度?)?{_TO}(?P<y2>{_Y})年度?", _years),
        (rf"(?P<y>{_Y})年", _year),
        # Digits alone, as file names have them: 2015-09-30, 20150930, 201501-201509, 2015-09, 201509, 2015
        (rf"{_Y4}(?P<s>[-./_])(?P<m>\d{{1,2}})(?P=s)(?P<d>\d{{1,2}})(?!\d)", _cutoff),
        (rf"{_Y4}(?P<m>0[1-9]|1[0-2])(?P<d>[0-3]\d)(?!\d)", _cutoff),
        (rf"{_Y4}(?P<m>0[1-9]|1[0-2]){_TO}(?P<y2>(?:19|20)\d\d)(?P<m2>0[1-9]|1[0-2])(?!\d)", _month_span),
        (rf"{_Y4}(?:{_TO})(?P<y2>(?:19|20)\d\d)(?!\d)", _years),
        (rf"{_Y4}[-._]?(?P<m>0[1-9]|1[0-2])(?!\d)", _month),
        (rf"{_Y4}[-._](?P<m>[1-9])(?!\d)", _month),
        (rf"{_Y4}(?![\d.])", _year),
    )
)  # fmt: skip

_PARTS = re.compile(
    rf"(?<![\d年月])(?:(?P<m>{_N})月?份?{_TO})?(?P<m2>{_N})月(?!\d|[{_CHINESE}]|[日号])|{_HALF}|{_QUARTER}"
)


def months_named(text: str) -> tuple[int, int] | None:
    """The months of a text that names no year (`9月`, `1-9月`, `第三季度`, `上半年`), or None."""
    text = _plain(text)
    found = set()
    for m in _PARTS.finditer(text):
        if m["part"]:
            found.add(_HALVES[m["part"]])
        elif m["q"]:
            found.add((_number(m["q"]) * 3 - 2, _number(m["q"]) * 3))
        else:
            last = _number(m["m2"])
            found.add((_number(m["m"]) if m["m"] else last, last))
    if len(found) != 1:
        return None
    first, last = found.pop()
    return (first, last) if 1 <= first <= last <= 12 else None


def months_of(year: Period, months: tuple[int, int]) -> Period | None:
    """Months of a period that is one calendar year; None for any other period."""
    if (year.first, year.last) != (date(year.first.year, 1, 1), date(year.first.year, 12, 31)):
        return None
    return _months(year.first.year, *months)


def _plain(text: str) -> str:
    """Normal form without blanks inside a date and without document numbers (〔2015〕12号)."""
    text = re.sub(r"[〔\[(【]\s*\d{4}\s*[〕\])】]\s*第?\d+号", "", half_width(text))
    return re.sub(r"(?<=[\d年月日第至到~—–-])\s+|\s+(?=[年月日至到~—–-])", "", text)


def find_periods(text: str) -> list[Period]:
    """Every period that a text names, each stretch of text used once, in the order of the forms."""
    text = _plain(text)
    found: list[Period] = []
    for pattern, build in _FORMS:
        while match := pattern.search(text):
            period = build(match)
            # What was looked at is blanked, so that 2015年13月 is not read again as 2015.
            text = text[: match.start()] + "\x00" * (match.end() - match.start()) + text[match.end() :]
            if period is not None:
                found.append(period)
    return found


def settle(periods: Iterable[Period], snapshot: bool) -> Period | None:
    """The one period meant: for a snapshot the cut-off day; else the span that lies in all others.

    None when there is none or when two spans contradict each other.
    """
    found = set(periods)
    days = {p for p in found if p.cutoff}
    spans = found - days
    if days and (snapshot or not spans):
        return days.pop() if len(days) == 1 else None
    if not spans:
        return None
    inner = min(spans, key=lambda p: p.last - p.first)
    inside = all(p.first <= inner.first and inner.last <= p.last for p in spans)
    return inner if inside else None
