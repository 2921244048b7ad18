"""Stretches of days and years, as written."""

from __future__ import annotations

import calendar
from datetime import date

import cn2an
import pytest

SPANS = {
    "2015-09-01": (date(2015, 9, 1), date(2015, 9, 1)),
    "2015年9月1日": (date(2015, 9, 1), date(2015, 9, 1)),
    "42248": (date(2015, 9, 1), date(2015, 9, 1)),
    "2015年9月": (date(2015, 9, 1), date(2015, 9, 30)),
    "2015年9月份": (date(2015, 9, 1), date(2015, 9, 30)),
    "2015-09": (date(2015, 9, 1), date(2015, 9, 30)),
    "2015.9": (date(2015, 9, 1), date(2015, 9, 30)),
    "2015.01": (date(2015, 1, 1), date(2015, 1, 31)),
    "2015/12": (date(2015, 12, 1), date(2015, 12, 31)),
    "201502": (date(2015, 2, 1), date(2015, 2, 28)),
    "15年9月": (date(2015, 9, 1), date(2015, 9, 30)),
    "二〇一五年九月": (date(2015, 9, 1), date(2015, 9, 30)),
    "2015年第三季度": (date(2015, 7, 1), date(2015, 9, 30)),
    "2015年3季度": (date(2015, 7, 1), date(2015, 9, 30)),
    "二〇一五年第四季度": (date(2015, 10, 1), date(2015, 12, 31)),
    "2015Q1": (date(2015, 1, 1), date(2015, 3, 31)),
    "2015年上半年": (date(2015, 1, 1), date(2015, 6, 30)),
    "2015年下半年": (date(2015, 7, 1), date(2015, 12, 31)),
    "2015": (date(2015, 1, 1), date(2015, 12, 31)),
    "2015年": (date(2015, 1, 1), date(2015, 12, 31)),
    "2015年度": (date(2015, 1, 1), date(2015, 12, 31)),
    "2015年9月上旬": (date(2015, 9, 1), date(2015, 9, 10)),
    "2016年2月下旬": (date(2016, 2, 21), date(2016, 2, 29)),
    "2015.9.1-2015.9.30": (date(2015, 9, 1), date(2015, 9, 30)),
    "2015.9.1—9.3": (date(2015, 9, 1), date(2015, 9, 3)),
    "2015/9/1-2015/9/3": (date(2015, 9, 1), date(2015, 9, 3)),
    "2015-09-01至2015-09-03": (date(2015, 9, 1), date(2015, 9, 3)),
    "2015-09-01-2015-09-03": (date(2015, 9, 1), date(2015, 9, 3)),
    "2015年9月1日至9月3日": (date(2015, 9, 1), date(2015, 9, 3)),
    "2015年9月1日至3日": (date(2015, 9, 1), date(2015, 9, 3)),
    "2015年9月1-3日": (date(2015, 9, 1), date(2015, 9, 3)),
    "2015年12月30日到2016年1月2日": (date(2015, 12, 30), date(2016, 1, 2)),
    "２０１５年９月１日～９月３日": (date(2015, 9, 1), date(2015, 9, 3)),
    "2015年1-9月": (date(2015, 1, 1), date(2015, 9, 30)),
    "2015年1月至9月": (date(2015, 1, 1), date(2015, 9, 30)),
    "2014年12月－2015年2月": (date(2014, 12, 1), date(2015, 2, 28)),
    "2014.12-2015.2": (date(2014, 12, 1), date(2015, 2, 28)),
    "2011-2015": (date(2011, 1, 1), date(2015, 12, 31)),
    "2011年至2015年": (date(2011, 1, 1), date(2015, 12, 31)),
}

REFUSED = {
    "span_ambiguous": ["2015.1"],
    "span_masked": ["201*年", "20XX年上半年"[:5], "2015年*月"],
    "span_reversed": ["2015年9月3日至9月1日", "2015-2011", "2015.9.3-2015.9.1"],
    "span_impossible": ["2015-02-30", "2015年13月", "2015年9月31日至10月1日", "1015年"],
    "span_unreadable": [
        "15-9-1",
        "15年",
        "十五年",
        "9月1日至9月3日",
        "2015.1-9",
        "2015.9-10",
        "2015年底",
        "2015年第五季度",
        "12.7",
        "上半年",
        "2015年9-3日至",
    ],
}


@pytest.mark.parametrize("text", SPANS)
def test_a_span_is_what_is_written(ask, text):
    assert ask("[parse_span_from(t), parse_span_to(t)]", [text]) == [list(SPANS[text])]
    assert ask("issue_span(t, parse_span_from(t))", [text]) == [None]


@pytest.mark.parametrize(
    ("code", "text"), [(code, text) for code, texts in REFUSED.items() for text in texts]
)
def test_what_is_no_span_has_a_reason(ask, code, text):
    assert ask("[parse_span_from(t), parse_span_to(t)]", [text]) == [[None, None]]
    assert ask("issue_span(t, parse_span_from(t))", [text]) == [code]


def test_every_month_of_the_years_has_its_days(ask):
    months = [(year, month) for year in range(1900, 2100) for month in range(1, 13)]
    ends = [date(y, m, calendar.monthrange(y, m)[1]) for y, m in months]
    for form in ("{}年{}月", "{}-{:02}", "{}年{}月份"):
        texts = [form.format(y, m) for y, m in months]
        assert ask("parse_span_from(t)", texts) == [date(y, m, 1) for y, m in months]
        assert ask("parse_span_to(t)", texts) == ends


def test_years(ask):
    for year in (1949, 1987, 2008, 2010, 2015, 2020):
        digits = "".join("〇一二三四五六七八九"[int(d)] for d in str(year))
        texts = [str(year), f"{year}年", f"{year}年度", f"{digits}年", f"{digits}年度", digits, f"{year}.0"]
        assert ask("parse_year(t)", texts) == [year] * len(texts)
    assert ask("parse_year(t)", ["15年", "98年度", "１５年"]) == [2015, 1998, 2015]


def test_what_is_no_year(ask):
    texts = [
        "15",
        "215年",
        "3015年",
        "1899",
        "十五年",
        "2015-09-01",
        "2015年9月",
        "1e3",
        "0x7df",
        "2015.5",
        cn2an.an2cn(2015),
    ]
    assert ask("parse_year(t)", texts) == [None] * len(texts)
    assert ask("issue_year(t, null)", texts) == ["year_unreadable"] * len(texts)
    assert ask("issue_year(t, parse_year(t))", ["201*年", "20XX年", None]) == [
        "year_masked",
        "year_masked",
        None,
    ]
