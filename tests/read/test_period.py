"""Covered periods from every written form, and none where the text does not say."""

from datetime import date

import pytest

from flows.read.tables.periods import NamedPeriod, find_periods, months_named, months_of, settle

YEAR = (date(2015, 1, 1), date(2015, 12, 31))
TO_SEPTEMBER = (date(2015, 1, 1), date(2015, 9, 30))
SEPTEMBER = (date(2015, 9, 1), date(2015, 9, 30))
THIRD = (date(2015, 7, 1), date(2015, 9, 30))
DAY = (date(2015, 9, 30), date(2015, 9, 30))


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("2015年度工会统计", YEAR),
        ("２０１５年", YEAR),
        ("二〇一五年", YEAR),
        ("二○一五年度", YEAR),
        ("members-2015", YEAR),
        ("2015年1-9月", TO_SEPTEMBER),
        ("2015年1月至9月", TO_SEPTEMBER),
        ("2015 年 1 — 9 月", TO_SEPTEMBER),
        ("2015年1－9月份", TO_SEPTEMBER),
        ("2015年前三季度", TO_SEPTEMBER),
        ("201501-201509", TO_SEPTEMBER),
        ("2015.01-2015.09", TO_SEPTEMBER),
        ("2015年9月", SEPTEMBER),
        ("二〇一五年九月", SEPTEMBER),
        ("2015-09", SEPTEMBER),
        ("201509", SEPTEMBER),
        ("2015年9月1日至9月30日", SEPTEMBER),
        ("2015.9.1-2015.9.30", SEPTEMBER),
        ("2015年9月1日-30日", SEPTEMBER),
        ("2015年第三季度", THIRD),
        ("2015年三季度", THIRD),
        ("2015Q3", THIRD),
        ("2015年上半年", (date(2015, 1, 1), date(2015, 6, 30))),
        ("2015年下半年", (date(2015, 7, 1), date(2015, 12, 31))),
        ("2014年10月—2015年9月", (date(2014, 10, 1), date(2015, 9, 30))),
        ("2014.10-2015.9", (date(2014, 10, 1), date(2015, 9, 30))),
        ("2011-2015年", (date(2011, 1, 1), date(2015, 12, 31))),
        ("2016年2月", (date(2016, 2, 1), date(2016, 2, 29))),
    ],
)
def test_span(text: str, span: tuple[date, date]) -> None:
    assert find_periods(text) == (NamedPeriod(*span),)


@pytest.mark.parametrize(
    "text", ["截至2015年9月30日", "2015.09.30", "20150930", "截至2015年9月底", "截止2015年9月"]
)
def test_day(text: str) -> None:
    assert find_periods(text) == (NamedPeriod(*DAY, cutoff=True),)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "最近20年",
        "2015年13月",
        "永工发〔2015〕12号",
        "第三季度",
        "2015年9月31日",
        "12015",
        "19999",
        "电话20158888",
    ],
)
def test_none(text: str) -> None:
    assert find_periods(text) == ()


def test_day_counts_for_a_snapshot_and_the_span_for_a_flow() -> None:
    found = find_periods("2015年度花名册（截至2015年9月30日）")
    assert settle(found, snapshot=True) == NamedPeriod(*DAY, cutoff=True)
    assert settle(found, snapshot=False) == NamedPeriod(*YEAR)


def test_nested_spans_mean_the_inner_one_and_others_mean_nothing() -> None:
    assert settle(find_periods("2015年工作 2015年9月台账"), snapshot=False) == NamedPeriod(*SEPTEMBER)
    assert settle(find_periods("2014年与2015年台账"), snapshot=False) is None
    assert settle([], snapshot=False) is None


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("9月", (9, 9)),
        ("9月份", (9, 9)),
        ("1-9月", (1, 9)),
        ("第三季度", (7, 9)),
        ("上半年", (1, 6)),
        ("十二月", (12, 12)),
    ],
)
def test_months_without_year(text: str, months: tuple[int, int]) -> None:
    assert months_named(text) == months


@pytest.mark.parametrize("text", ["", "会员", "9月30日", "13月", "8月和9月"])
def test_no_months(text: str) -> None:
    assert months_named(text) is None


def test_months_narrow_one_calendar_year_only() -> None:
    assert months_of(NamedPeriod(*YEAR), (7, 9)) == NamedPeriod(*THIRD)
    assert months_of(NamedPeriod(date(2011, 1, 1), date(2015, 12, 31)), (7, 9)) is None
