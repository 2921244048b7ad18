"""Days: every written form that districts use, and nothing else."""

from __future__ import annotations

import re
from datetime import date, timedelta

import cn2an
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.macro.batch import BATCH

DAY = date(2015, 9, 1)

FORMS = [
    "2015-09-01",
    "2015-9-1",
    "2015/9/1",
    "2015/09/01",
    "2015.9.1",
    "2015.09.01",
    "20150901",
    "2015年9月1日",
    "2015年09月01日",
    "2015年9月1号",
    "２０１５年９月１日",
    "２０１５－０９－０１",
    "2015 年 9 月 1 日",
    "2015年9月\n1日",
    "15年9月1日",
    "二〇一五年九月一日",
    "二○一五年九月一日",
    "二零一五年九月一日",
    "二O一五年九月一日",
    "2015、9、1",
    "42248",
    "42248.5",
    "2015-09-01 00:00:00",
    "2015-9-1 9:05",
    "2015/9/1 23:59:59",
    "2015-09-01T00:00:00",
    "2015年9月1日 8:30",
    "(2015.9.1)",
]

REFUSED = {
    "date_impossible": [
        "2015-02-30",
        "2015.2.29",
        "2015年13月1日",
        "2015年9月31日",
        "20150230",
        "1015年9月1日",
        "2015/0/1",
        "二〇一五年二月三十日",
    ],
    "date_month_only": [
        "2015年9月",
        "2015-09",
        "2015.9",
        "201509",
        "2015",
        "2015年",
        "2015年第三季度",
        "2015年上半年",
        "二〇一五年九月",
        "15年9月",
        "2015.9.1-2015.9.3",
        "2015年9月1日至3日",
    ],
    "date_masked": [
        "201*年",
        "20XX年",
        "20xx年9月1日",
        "20__年",
        "2015年*月*日",
        "２０１＊年",
        "2015-09-**",
        "201×年9月",
    ],
    "date_unreadable": [
        "12.7",
        "1.005",
        "1e2",
        "0x10",
        "15-9-1",
        "15.9.1",
        "1-9-15",
        "epoch",
        "infinity",
        "today",
        "now",
        "12345",
        "54789",
        "18263",
        "9月1日",
        "2015-9-1 5",
        "2015.9-1",
        "2015-9.1",
        "2015年9-1",
        "2015年9月1",
        "十五年九月一日",
        "见附件",
        "-",
        "2015-09-01年",
        "2015-09-01 BC",
        "5.00118E+17",
        "100000000",
        "2015 9 1",
    ],
}


@pytest.mark.parametrize("text", FORMS)
def test_every_written_form_is_the_day(ask, text):
    assert ask("parse_date(t)", [text]) == [DAY]
    assert ask("issue_date(t, parse_date(t))", [text]) == [None]


@pytest.mark.parametrize(
    ("code", "text"), [(code, text) for code, texts in REFUSED.items() for text in texts]
)
def test_what_is_no_day_has_a_reason(ask, code, text):
    assert ask("parse_date(t)", [text]) == [None]
    assert ask("issue_date(t, parse_date(t))", [text]) == [code]


def test_empty_is_neither_value_nor_issue(ask):
    assert ask("parse_date(t)", [None]) == [None]
    assert ask("issue_date(t, null)", [None]) == [None]


def chinese_digits(year: int) -> str:
    return "".join("〇一二三四五六七八九"[int(d)] for d in str(year))


WRITTEN = [
    lambda d: d.isoformat(),
    lambda d: f"{d.year}-{d.month}-{d.day}",
    lambda d: f"{d.year}/{d.month}/{d.day}",
    lambda d: f"{d.year}.{d.month}.{d.day}",
    lambda d: f"{d.year}.{d.month:02}.{d.day:02}",
    lambda d: f"{d.year}年{d.month}月{d.day}日",
    lambda d: f"{d.year} 年 {d.month} 月 {d.day} 号",
    lambda d: f"{d:%Y%m%d}",
    lambda d: f"{d.isoformat()} 00:00:00",
    lambda d: f"{chinese_digits(d.year)}年{cn2an.an2cn(d.month)}月{cn2an.an2cn(d.day)}日",
    lambda d: f"{d.year}年{d.month}月{d.day}日".translate(
        str.maketrans("0123456789", "０１２３４５６７８９")
    ),
]


@given(st.lists(st.dates(date(1900, 1, 1), date(2099, 12, 31)), min_size=100, max_size=100))
@settings(BATCH, max_examples=10)
def test_a_written_day_reads_back(ask, days):
    cells = [(form(day), day) for day in days for form in WRITTEN]
    assert ask("parse_date(t)", [text for text, _ in cells]) == [day for _, day in cells]


def test_excel_serial_days_of_1950_to_2049_and_no_others(ask):
    first, last = 18264, 54788
    serials = range(first - 50, last + 50)
    expected = [date(1899, 12, 30) + timedelta(n) if first <= n <= last else None for n in serials]
    assert ask("parse_date(t)", [str(n) for n in serials]) == expected


#: Independent statement of the forms with Arabic digits.
LISTED = re.compile(
    r"(?:(\d{4})-(\d{1,2})-(\d{1,2})|(\d{4})/(\d{1,2})/(\d{1,2})|(\d{4})[.、](\d{1,2})[.、](\d{1,2})"
    r"|((?:19|20)\d\d)(\d\d)(\d\d)|(\d{4})年(\d{1,2})月(\d{1,2})[日号])"
)


def listed_day(text: str) -> date | None:
    if found := LISTED.fullmatch(text):
        year, month, day = (int(g) for g in found.groups() if g)
        try:
            return date(year, month, day) if 1900 <= year < 2100 else None
        except ValueError:
            return None
    if found := re.fullmatch(r"(\d\d)年(\d{1,2})月(\d{1,2})[日号]", text):
        year, month, day = (int(g) for g in found.groups())
        try:
            return date(year + (1900 if year >= 50 else 2000), month, day)
        except ValueError:
            return None
    if re.fullmatch(r"\d{5}(\.\d+)?", text) and 18264 <= int(text[:5]) <= 54788:
        return date(1899, 12, 30) + timedelta(int(text[:5]))
    return None


@given(
    st.lists(st.text("0123456789012192021-/.年月日号、", min_size=1, max_size=11), min_size=500, max_size=500)
)
@settings(BATCH, max_examples=20)
def test_arbitrary_text_gives_no_day_that_is_not_written(ask, texts):
    assert ask("parse_date(t)", texts) == [listed_day(text) for text in texts]
