"""Numerals against cn2an, exact rounding against fractions."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction

import cn2an
import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.macro.batch import BATCH

BELOW_10_12 = st.one_of(st.integers(0, 99), st.integers(0, 99_999), st.integers(0, 10**12 - 1))


@given(st.lists(BELOW_10_12, min_size=200, max_size=200))
@settings(BATCH, max_examples=15)
def test_positional_numerals_agree_with_cn2an(ask, numbers):
    for style in ("low", "up"):
        texts = [cn2an.an2cn(n, style) for n in numbers]
        assert ask("parse_numeral(t)", texts) == [Decimal(n) for n in numbers]


def strict(text: str) -> Decimal | None:
    try:
        return Decimal(cn2an.cn2an(text, "smart"))
    except ValueError:
        return None


@given(st.lists(st.text("零一二三五九十百千万亿廿", min_size=1, max_size=7), min_size=300, max_size=300))
@settings(BATCH, max_examples=20)
def test_a_chinese_numeral_is_never_read_otherwise_than_by_cn2an(ask, texts):
    texts = [t for t in texts if not set(t) <= set("零一二三五九")]  # digit by digit: see the next test
    for text, value in zip(texts, ask("parse_numeral(t)", texts), strict=True):
        assert value is None or value == strict(text), text


def test_digit_by_digit(ask):
    texts = ["二〇一五", "一二三", "三〇", "三○", "一〇〇", "一二", "三四", "两三"]
    assert ask("parse_numeral(t)", texts) == [2015, 123, 30, 30, 100, None, None, None]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("廿", 20),
        ("廿一", 21),
        ("卅", 30),
        ("十", 10),
        ("十五", 15),
        ("两", 2),
        ("两万", 20000),
        ("一百十五", 115),
        ("一千二百", 1200),
        ("一万二千", 12000),
        ("肆万", 40000),
        ("肆萬", 40000),
        ("贰拾", 20),
        ("3万5千", 35000),
        ("3千万", 30000000),
        ("1亿2000万", 120000000),
        ("4.5万", 45000),
        ("1,234,567", 1234567),
        ("1,234.50", Decimal("1234.5")),
        ("007", 7),
        ("0.10", Decimal("0.1")),
        ("999999999999999999", 999999999999999999),
        ("1.0000000000", 1),
    ],
)
def test_listed_numerals(ask, text, value):
    assert ask("parse_numeral(t)", [text]) == [value]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1e2",
        "0x10",
        "1_000",
        "1,23",
        "1,2345",
        ",123",
        "1.",
        ".5",
        "1.2.3",
        "一千二",
        "一万五",
        "三四百",
        "零零",
        "零五",
        "一万五十",
        "十万十",
        "百",
        "万",
        "1.123456789",
        "12万3千",
        "半",
        "十百",
        "一十一十",
        "+1",
        "-1",
        "inf",
        "nan",
        "١٢",
        "Ⅻ",
        "⑫",
        "²",
    ],
)
def test_what_is_no_numeral(ask, text):
    assert ask("parse_numeral(t)", [text]) == [None]


@given(
    st.lists(
        st.tuples(
            st.integers(-(10**15), 10**15),
            st.integers(-(10**15), 10**15).filter(bool),
            st.integers(0, 4),
            st.integers(0, 4),
            st.integers(0, 6),
        ),
        min_size=50,
        max_size=50,
    )
)
@settings(BATCH, max_examples=10)
def test_half_up_is_exact(database: duckdb.DuckDBPyConnection, cases):
    context = Context(prec=80)
    for n, d, n_scale, d_scale, places in cases:
        top, bottom = Decimal(n).scaleb(-n_scale), Decimal(d).scaleb(-d_scale)
        exact = Fraction(top) / Fraction(bottom)
        quotient = context.divide(Decimal(exact.numerator), Decimal(exact.denominator))
        expected = quotient.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, context)
        if abs(expected) >= 10**20:
            continue
        numerator = f"cast({top} as decimal(32,{n_scale}))"
        denominator = f"cast({bottom} as decimal(32,{d_scale}))"
        sql = f"select half_up({numerator}, {denominator}, {places})"
        assert database.execute(sql).fetchone() == (expected,), (top, bottom, places)


def test_half_up_of_nothing(database: duckdb.DuckDBPyConnection):
    row = database.execute(
        "select half_up(1, 0, 2), half_up(null, 3, 2), half_up(0, 3, 2), half_up(1, 2, 0),"
        " half_up(-1, 2, 0), half_up(0.7, 0.1, 0)"
    ).fetchone()
    assert row == (None, None, 0, 1, -1, 7)
