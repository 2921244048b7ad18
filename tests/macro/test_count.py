"""Whole numbers, measured quantities and percentages."""

from __future__ import annotations

import re
from decimal import Decimal

import cn2an
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.macro.batch import BATCH

COUNTS = [
    ("12", None, 12),
    ("12", "人", 12),
    ("12人", "人", 12),
    ("１２人", "人", 12),
    ("1,234名", "人", 1234),
    ("14.6", "万人", 146000),
    ("14.6万", "万人", 146000),
    ("14.6万人", "万人", 146000),
    ("1.2万", None, 12000),
    ("3万余"[:2], "人次", 30000),
    ("12.0", None, 12),
    ("十五人", "人", 15),
    ("两个", "个", 2),
    ("廿", None, 20),
    ("二十五", "万册", 250000),
    ("3个", "人", 3),
    ("30", "百人", 3000),
    ("0", "人", 0),
    ("零", None, 0),
    ("1050人次", "人次", 1050),
    ("12 场", "场", 12),
    ("2千册", "册", 2000),
    ("3万5千", "册", 35000),
    ("102个", None, 102),
    ("91人", "人/人次", 91),
    ("91人次", "人/人次", 91),
    ("91", "人/人次", 91),
]

NO_COUNTS = [
    ("12.5", "人", "count_fraction"),
    ("1.23456万", None, "count_fraction"),
    ("0.00001", "万人", "count_fraction"),
    ("-3", "人", "count_negative"),
    ("1050余人次", "人次", "count_approximate"),
    ("百余人", None, "count_approximate"),
    ("约20", None, "count_approximate"),
    ("近6万个", None, "count_approximate"),
    ("20多", "人", "count_approximate"),
    ("10人以上", "人", "count_approximate"),
    ("十来个", None, "count_approximate"),
    ("146000人", "万人", "count_unit_conflict"),
    ("3户", "人", "count_unit_conflict"),
    ("3人次", "人", "count_unit_conflict"),
    ("3人", "人次", "count_unit_conflict"),
    ("3", "conflict", "count_unit_conflict"),
    ("3户", "人/人次", "count_unit_conflict"),
    ("1e2", None, "count_unreadable"),
    ("0x10", None, "count_unreadable"),
    ("三四人", "人", "count_unreadable"),
    ("无", None, "count_unreadable"),
    ("-", None, "count_unreadable"),
    ("12 34", None, "count_unreadable"),
    ("3人5户", None, "count_unreadable"),
    ("一千二", None, "count_unreadable"),
    ("99999999999999999999", None, "count_unreadable"),
    ("2015年", None, "count_unreadable"),
    ("3元", None, "count_unreadable"),
]

DECIMALS = [
    ("12.5", "平方米", "12.5"),
    ("12.5㎡", "平方米", "12.5"),
    ("12.5m²", "平方米", "12.5"),
    ("12.5M2", "平方米", "12.5"),
    ("１２．５平米", "平方米", "12.5"),
    ("3.25", "万平方米", "32500"),
    ("3.25万", "平方米", "32500"),
    ("-2.5", None, "-2.5"),
    ("40小时", "小时", "40"),
    ("1,234.5678", None, "1234.5678"),
    ("12.50000", None, "12.5"),
    ("8", "千瓦时", "8"),
    ("八", "小时", "8"),
]

NO_DECIMALS = [
    ("12小时", "平方米", "decimal_unit_conflict"),
    ("12", "conflict", "decimal_unit_conflict"),
    ("1.00005", None, "decimal_precision"),
    ("0.123456789", None, "decimal_precision"),
    ("约50", "小时", "decimal_approximate"),
    ("1e2", None, "decimal_unreadable"),
    ("12.5猫", None, "decimal_unreadable"),
    ("0x10", None, "decimal_unreadable"),
    ("nan", None, "decimal_unreadable"),
    ("无", None, "decimal_unreadable"),
]

PERCENTAGES = [
    ("85%", None, "85"),
    ("８５％", None, "85"),
    ("85", "%", "85"),
    ("85", None, "85"),
    ("85.5%", "%", "85.5"),
    ("0.85%", "%", "0.85"),
    ("1%", None, "1"),
    ("0.85", "小数", "85"),
    ("1", "小数", "100"),
    ("0", "%", "0"),
    ("0%", None, "0"),
    ("175", "%", "175"),
    ("-3.2%", "%", "-3.2"),
    ("5‰", None, "0.5"),
    ("5", "‰", "0.5"),
    ("百分之八十五", None, "85"),
    ("百分之85", None, "85"),
    ("3个百分点", None, "3"),
    ("100.00%", None, "100"),
    ("1.5", None, "1.5"),
]

NO_PERCENTAGES = [
    ("0.85", None, "pct_ambiguous"),
    ("0.85", "%", "pct_ambiguous"),
    ("1", "%", "pct_ambiguous"),
    ("1.0", None, "pct_ambiguous"),
    ("-0.5", "%", "pct_ambiguous"),
    ("85.12345%", None, "pct_precision"),
    ("约85%", None, "pct_approximate"),
    ("90%以上", None, "pct_approximate"),
    ("50%左右", None, "pct_approximate"),
    ("85", "conflict", "pct_unit_conflict"),
    ("85", "人", "pct_unit_conflict"),
    ("85人", None, "pct_unreadable"),
    ("八五", None, "pct_unreadable"),
    ("1e2", None, "pct_unreadable"),
    ("百分之85%", None, "pct_unreadable"),
    ("全部", None, "pct_unreadable"),
]


@pytest.mark.parametrize(
    ("kind", "cases"),
    [("count", COUNTS), ("decimal", DECIMALS), ("pct", PERCENTAGES)],
    ids=["count", "decimal", "pct"],
)
def test_listed_values(ask, kind, cases):
    texts, units = [c[0] for c in cases], [c[1] for c in cases]
    got = ask(f"parse_{kind}(t, unit)", texts, units)
    assert dict(zip(zip(texts, units, strict=True), got, strict=True)) == {
        (t, u): Decimal(v) for t, u, v in cases
    }
    assert ask(f"issue_{kind}(t, unit, parse_{kind}(t, unit))", texts, units) == [None] * len(cases)


@pytest.mark.parametrize(
    ("kind", "cases"),
    [("count", NO_COUNTS), ("decimal", NO_DECIMALS), ("pct", NO_PERCENTAGES)],
    ids=["count", "decimal", "pct"],
)
def test_refusals(ask, kind, cases):
    texts, units = [c[0] for c in cases], [c[1] for c in cases]
    got = ask(f"parse_{kind}(t, unit)", texts, units)
    assert dict(zip(zip(texts, units, strict=True), got, strict=True)) == {(t, u): None for t, u, _ in cases}
    codes = ask(f"issue_{kind}(t, unit, parse_{kind}(t, unit))", texts, units)
    assert dict(zip(zip(texts, units, strict=True), codes, strict=True)) == {(t, u): c for t, u, c in cases}


@given(st.lists(st.integers(0, 10**11), min_size=100, max_size=100))
@settings(BATCH, max_examples=10)
def test_a_written_count_reads_back(ask, numbers):
    for form in (str, "{:,}".format, "{}人".format, cn2an.an2cn, lambda n: cn2an.an2cn(n, "up") + "名"):
        assert ask("parse_count(t, '人')", [form(n) for n in numbers]) == numbers
    scaled = [f"{Decimal(n) / 10_000:f}" for n in numbers]
    assert ask("parse_count(t, '万人')", scaled) == numbers
    assert ask("parse_count(t, '人')", [text + "万" for text in scaled]) == numbers


@given(st.lists(st.text("0123456789.,万人-x ", min_size=1, max_size=8), min_size=200, max_size=200))
@settings(BATCH, max_examples=20)
def test_arbitrary_text_gives_no_count_that_is_not_written(ask, texts):
    texts = [text for text in texts if text.strip() == text and text]
    for text, value in zip(texts, ask("parse_count(t, '人')", texts), strict=True):
        bare = text if re.search(r"[\d.,] +[\d.,]", text) else text.replace(" ", "")
        found = re.fullmatch(r"(\d{1,18}|\d{1,3}(?:,\d{3})+)(\.\d+)?(万)?人?", bare)
        number = (
            Decimal(found[1].replace(",", "") + (found[2] or "")) * (10_000 if found[3] else 1)
            if found
            else None
        )
        assert value == (number if number is not None and number == int(number) else None), text
