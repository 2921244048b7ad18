"""The period a text speaks of: `2015年1-9月`, `截至2015年9月30日`, `2015年第三季度`, `201509` …

Refuses to guess: a text naming two periods of which neither holds the other has none, and a bare
day counts only when the text calls it a cut-off day or the record kind is a snapshot.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from flows.contract.text import half_width

_DIGITS = str.maketrans("〇○零一二三四五六七八九", "000123456789")
_CHINESE = "〇○零一二三四五六七八九十"


@dataclass(frozen=True, order=True)
class NamedPeriod:
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


#: Parts of a form; in file names a year is not part of a longer number, and months and days have two digits.
_PARTS = {
    "Y": rf"(?:(?<![\d.])(?:19|20)\d\d|[一二][九〇○零][{_CHINESE}]{{2}})",
    "N": rf"(?:\d{{1,2}}|[{_CHINESE}]{{1,3}})",
    "YYYY": r"(?:19|20)\d\d",
    "MM": r"(?:0[1-9]|1[0-2])",
    "DD": r"[0-3]\d",
    "D": r"\d{1,2}",
    "TO": r"(?:--?|—+|–|~|～|至|到)",
    "HALF": "上半年|下半年|前三季度|前3季度",
    "Q": "[1-4一二三四]",
}
_MONTHS_OF_HALF = {"上半年": (1, 6), "下半年": (7, 12), "前三季度": (1, 9), "前3季度": (1, 9)}


def _form(text: str) -> re.Pattern[str]:
    """A form as a pattern: `<y:Y>` is the part Y under the name y, `<TO>` one without a name."""
    named = re.sub(r"<(\w+):(\w+)>", lambda m: f"(?P<{m[1]}>{_PARTS[m[2]]})", text)
    return re.compile(re.sub(r"<([A-Z]+)>", lambda m: _PARTS[m[1]], named))


#: In order: a longer form consumes its text before a shorter one may see it.
_FORMS = [
    _form(text)
    for text in (
        # 2015年9月1日至2015年9月30日, 2015年9月1日-30日, 2015.9.1-2015.9.30
        "<y:Y>年<m:N>月<d:N>[日号]<TO>(?:<y2:Y>年)?(?:<m2:N>月)?<d2:N>[日号]",
        r"(?<!\d)<y:YYYY>(?P<s>[-./])<m:D>(?P=s)<d:D><TO><y2:YYYY>(?P=s)<m2:D>(?P=s)<d2:D>(?!\d)",
        "<y:Y>年<m:N>月<d:N>[日号]",
        # 2014年10月—2015年9月, 2014.10-2015.9, 2015年1-9月
        "<y:Y>年<m:N>月?<TO><y2:Y>年<m2:N>月",
        r"(?<!\d)<y:YYYY>[-./]<m:D><TO><y2:YYYY>[-./]<m2:D>(?!\d)",
        "<y:Y>年度?<m:N>月?份?<TO><m2:N>月",
        "(?P<end>截)[至止]到?<y:Y>年<m:N>月[底末]?",
        "<y:Y>年<m:N>月(?P<end>[底末])",
        "<y:Y>年?度?<half:HALF>",
        "<y:Y>年?度?第?<q:Q>季度?",
        r"(?<!\d)<y:YYYY>年?[-_]?[Qq]<q:Q>(?!\d)",
        "<y:Y>年度?<m:N>月",
        "<y:Y>(?:年度?)?<TO><y2:Y>年度?",
        "<y:Y>年",
        # Digits alone, as file names have them: 2015-09-30, 20150930, 201501-201509, 2015-09, 201509, 2015
        r"(?<!\d)<y:YYYY>(?P<s>[-./_])<m:D>(?P=s)<d:D>(?!\d)",
        r"(?<!\d)<y:YYYY><m:MM><d:DD>(?!\d)",
        r"(?<!\d)<y:YYYY><m:MM><TO><y2:YYYY><m2:MM>(?!\d)",
        r"(?<!\d)<y:YYYY><TO><y2:YYYY>(?!\d)",
        r"(?<!\d)<y:YYYY>[-._]?<m:MM>(?!\d)",
        r"(?<!\d)<y:YYYY>[-._](?P<m>[1-9])(?!\d)",
        r"(?<!\d)<y:YYYY>(?![\d.])",
    )
]
#: What every form begins with, looked for first.
_YEAR = _form("<Y>|<YYYY>")
_MONTHS_ALONE = _form(
    rf"(?<![\d年月])(?:<m:N>月?份?<TO>)?<m2:N>月(?!\d|[{_CHINESE}]|[日号])|<half:HALF>|第?<q:Q>季度?"
)


def _months_in(match: re.Match[str]) -> tuple[int, int]:
    """The months that the parts of a match say; a whole year where they say none."""
    part = match.groupdict()
    if part.get("half"):
        return _MONTHS_OF_HALF[part["half"]]
    if part.get("q"):
        quarter = _number(part["q"])
        return quarter * 3 - 2, quarter * 3
    last = part.get("m2") or part.get("m")
    return (_number(part.get("m") or last), _number(last)) if last else (1, 12)


def _period_in(match: re.Match[str]) -> NamedPeriod | None:
    """The period that the parts of a match say, or None for one that no calendar has."""
    part = match.groupdict()
    year = _number(part["y"])
    last_year = _number(part["y2"]) if part.get("y2") else year
    first_month, last_month = _months_in(match)
    try:
        first = date(year, first_month, _number(part["d"]) if part.get("d") else 1)
        last_day = part.get("d2") or part.get("d")
        end = _number(last_day) if last_day else monthrange(last_year, last_month)[1]
        last = date(last_year, last_month, end)
    except ValueError:
        return None
    is_cutoff = bool(part.get("end") or (part.get("d") and not part.get("d2")))
    return NamedPeriod(last if is_cutoff else first, last, is_cutoff) if first <= last else None


def months_named(text: str) -> tuple[int, int] | None:
    """The months of a text that names no year, or None.

    >>> months_named("第三季度"), months_named("1-9月")
    ((7, 9), (1, 9))
    """
    spans = set(map(_months_in, _MONTHS_ALONE.finditer(_plain(text))))
    first, last = spans.pop() if len(spans) == 1 else (0, 0)
    return (first, last) if 1 <= first <= last <= 12 else None


def months_of(year: NamedPeriod, months: tuple[int, int]) -> NamedPeriod | None:
    """Months of a period that is one calendar year; None for any other period."""
    number = year.first.year
    if (year.first, year.last) != (date(number, 1, 1), date(number, 12, 31)):
        return None
    return NamedPeriod(date(number, months[0], 1), date(number, months[1], monthrange(number, months[1])[1]))


def _plain(text: str) -> str:
    """Normal form without blanks inside a date and without document numbers (〔2015〕12号)."""
    text = re.sub(r"[〔\[(【]\s*\d{4}\s*[〕\])】]\s*第?\d+号", "", half_width(text))
    return re.sub(r"(?<=[\d年月日第至到~—–-])\s+|\s+(?=[年月日至到~—–-])", "", text)


@lru_cache(1 << 10)
def find_periods(text: str) -> tuple[NamedPeriod, ...]:
    """Every period that a text names, each stretch of text used once, in the order of the forms."""
    text = _plain(text)
    periods: list[NamedPeriod] = []
    for form in _FORMS if _YEAR.search(text) else ():
        while match := form.search(text):
            if (period := _period_in(match)) is not None:
                periods.append(period)
            # What was looked at is blanked, so that 2015年13月 is not read again as 2015.
            text = text[: match.start()] + "\x00" * (match.end() - match.start()) + text[match.end() :]
    return tuple(periods)


def settle(periods: Iterable[NamedPeriod], snapshot: bool) -> NamedPeriod | None:
    """The one period meant: for a snapshot the cut-off day; else the span that lies in all others.

    None when there is none or when two spans contradict each other.
    """
    named = set(periods)
    days = {p for p in named if p.cutoff}
    spans = named - days
    if days and (snapshot or not spans):
        return days.pop() if len(days) == 1 else None
    if not spans:
        return None
    inner = min(spans, key=lambda p: p.last - p.first)
    return inner if all(p.first <= inner.first and inner.last <= p.last for p in spans) else None
