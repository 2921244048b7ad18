"""The period a text speaks of: `2015年1-9月`, `截至2015年9月30日`, `2015年第三季度`, `201509` …

Refuses to guess: a text naming two periods of which neither holds the other has none, and a bare
day counts only when the text calls it a cut-off day or the record kind is a snapshot.
"""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

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
_TO = r"\s*(?:-{1,2}|—{1,2}|–|~|～|至|到)\s*"
_QUARTER = {"1": 1, "2": 2, "3": 3, "4": 4}
_DAY = rf"(?P<y>{_Y})年(?P<m>{_N})月(?P<d>{_N})[日号]"
_PART_OF_YEAR = {
    "上半年": (1, 6), "下半年": (7, 12), "前三季度": (1, 9), "前3季度": (1, 9), "前两季度": (1, 6), "前二季度": (1, 6),
    "全年": (1, 12), "年度": (1, 12),
}

Build = Callable[[re.Match[str]], "Period | None"]


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


def _quarter(m: re.Match[str]) -> Period | None:
    quarter = _number(m["q"])
    return _months(_number(m["y"]), quarter * 3 - 2, quarter * 3) if 1 <= quarter <= 4 else None


def _year_span(m: re.Match[str]) -> Period | None:
    return _months(_number(m["y"]), 1, 12, _number(m["y2"]))


#: In order: a longer form consumes its text before a shorter one may see it.
_FORMS: tuple[tuple[re.Pattern[str], Build], ...] = tuple(
    (re.compile(pattern), build)
    for pattern, build in (
        (rf"{_DAY}{_TO}(?:(?P<y2>{_Y})年)?(?:(?P<m2>{_N})月)?(?P<d2>{_N})[日号]", _span_of_days),
        (rf"(?P<y>{_Y})(?P<s>[-./])(?P<m>\d{{1,2}})(?P=s)(?P<d>\d{{1,2}})(?:至|到|~|～|—+|--?)"
         rf"(?:(?P<y2>{_Y})(?P=s))(?P<m2>\d{{1,2}})(?P=s)(?P<d2>\d{{1,2}})(?!\d)", _span_of_days),
        (_DAY, _cutoff),
        (rf"(?P<y>{_Y})年?(?P<m>{_N})月?{_TO}(?P<y2>{_Y})年(?P<m2>{_N})月", _month_span),
        (rf"(?P<y>{_Y})[-./](?P<m>\d{{1,2}})(?:至|到|~|～|—+|-)(?P<y2>{_Y})[-./](?P<m2>\d{{1,2}})(?![\d])", _month_span),
        (rf"(?P<y>{_Y})年度?(?P<m>{_N})月?(?:份)?{_TO}(?P<y2>)?(?P<m2>{_N})月", _month_span),
        (rf"(?:截至|截止到?|截止至|至)(?P<y>{_Y})年(?P<m>{_N})月(?:底|末)", _cutoff_month),
        (rf"(?P<y>{_Y})年?度?第?(?P<q>[1-4一二三四])季度?", _quarter),
        (rf"(?P<y>{_Y})年?[-_]?[Qq](?P<q>[1-4])(?!\d)", _quarter),
        (rf"(?P<y>{_Y})年度?(?P<part>上半年|下半年|前三季度|前3季度|前两季度|前二季度)",
         lambda m: _months(_number(m["y"]), *_PART_OF_YEAR[m["part"]])),
        (rf"(?P<y>{_Y})年(?:度)?(?P<m>{_N})月", lambda m: _months(_number(m["y"]), _number(m["m"]), _number(m["m"]))),
        (rf"(?P<y>{_Y})(?:年度?)?(?:-{{1,2}}|—{{1,2}}|–|~|～|至|到)(?P<y2>{_Y})(?:年度?)", _year_span),
        (rf"(?P<y>{_Y})年(?:度)?", lambda m: _months(_number(m["y"]), 1, 12)),
        (r"(?<!\d)(?P<y>(?:19|20)\d\d)(?P<s>[-./_])(?P<m>\d{1,2})(?P=s)(?P<d>\d{1,2})(?!\d)", _cutoff),
        (r"(?<!\d)(?P<y>(?:19|20)\d\d)(?P<m>0[1-9]|1[0-2])(?P<d>[0-3]\d)(?!\d)", _cutoff),
        (r"(?<!\d)(?P<y>(?:19|20)\d\d)[-./_](?P<m>0?[1-9]|1[0-2])[-~～至](?P<y2>)?(?P<m2>0?[1-9]|1[0-2])(?!\d)月?", _month_span),
        (r"(?<!\d)(?P<y>(?:19|20)\d\d)[-~～—至](?P<y2>(?:19|20)\d\d)(?!\d)", _year_span),
        (r"(?<!\d)(?P<y>(?:19|20)\d\d)[-._]?(?P<m>0[1-9]|1[0-2])(?!\d)",
         lambda m: _months(int(m["y"]), int(m["m"]), int(m["m"]))),
        (r"(?<!\d)(?P<y>(?:19|20)\d\d)[-./_](?P<m>[1-9])(?!\d)", lambda m: _months(int(m["y"]), int(m["m"]), int(m["m"]))),
        (r"(?<![\d.])(?P<y>(?:19|20)\d\d)(?![\d.])", lambda m: _months(int(m["y"]), 1, 12)),
    )
)


def find_periods(text: str) -> list[Period]:
    """Every period that a text names, each stretch of text used once, in the order of the forms."""
    text = re.sub(r"(?<=[\d年月日])\s+(?=[\d年月日])|\s+(?=[年月日])", "", unicodedata.normalize("NFKC", text))
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
