"""Amounts in yuan: exact for every spelling and unit, refused where spelling and unit disagree."""

from __future__ import annotations

import re
from decimal import Decimal

import cn2an
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.macro.batch import BATCH

FACTOR = {None: 1, "元": 1, "千元": 1000, "万元": 10_000, "百万元": 1_000_000, "亿元": 100_000_000}

READ = [
    ("4万", None, "40000"),
    ("4万", "元", "40000"),
    ("4万元", None, "40000"),
    ("4万元", "元", "40000"),
    ("4万元", "万元", "40000"),
    ("4万", "万元", "40000"),
    ("40000", None, "40000"),
    ("40000元", "元", "40000"),
    ("￥40,000.00", None, "40000"),
    ("¥40,000.00", "元", "40000"),
    ("肆万元整", "元", "40000"),
    ("肆万元整", "万元", "40000"),
    ("人民币肆万元正", None, "40000"),
    ("4.0", "万元", "40000"),
    ("４．０", "万元", "40000"),
    ("4 万", "元", "40000"),
    ("1.00", "元", "1"),
    ("12.7", "元", "12.70"),
    ("0", "万元", "0"),
    ("肆万零伍佰元伍角贰分", "元", "40500.52"),
    ("壹拾贰元零伍分", None, "12.05"),
    ("伍角", "元", "0.50"),
    ("3元5角", "元", "3.50"),
    ("3万5千元", "元", "35000"),
    ("3亿元", "亿元", "300000000"),
    ("640万", "元", "6400000"),
    ("10.48", "亿元", "1048000000"),
    ("22.68", "万元", "226800"),
    ("0.000001", "万元", "0.01"),
    ("1.000", "元", "1"),
    ("1,234.50元", "元", "1234.50"),
    ("二十五", "万元", "250000"),
    ("40000(元)", "元", None),
]

REFUSED = [
    ("40000元", "万元", "money_unit_conflict"),
    ("4千元", "万元", "money_unit_conflict"),
    ("4万元", "千元", "money_unit_conflict"),
    ("肆万零伍佰元伍角", "万元", "money_unit_conflict"),
    ("4", "conflict", "money_unit_conflict"),
    ("4", "人", "money_unit_conflict"),
    ("100美元", "元", "money_foreign"),
    ("USD100", None, "money_foreign"),
    ("$100", "元", "money_foreign"),
    ("＄100", "元", "money_foreign"),
    ("港币100元", "元", "money_foreign"),
    ("100欧元", "元", "money_foreign"),
    ("-5", "元", "money_negative"),
    ("－5元", "元", "money_negative"),
    ("(5.00)", "元", "money_negative"),
    ("-4", "万元", "money_negative"),
    ("1.005", "元", "money_precision"),
    ("0.0000001", "万元", "money_precision"),
    ("22.680000000000003", "万元", "money_precision"),
    ("20多万元", "元", "money_approximate"),
    ("640余万元", None, "money_approximate"),
    ("约5万", "元", "money_approximate"),
    ("近4000万", None, "money_approximate"),
    ("5万元以上", None, "money_approximate"),
    ("1e2", "元", "money_unreadable"),
    ("0x10", "元", "money_unreadable"),
    ("5.00118E+17", "元", "money_unreadable"),
    ("无", "元", "money_unreadable"),
    ("12 34", "元", "money_unreadable"),
    ("1,23", "元", "money_unreadable"),
    ("0。5", "元", "money_unreadable"),
    ("元", "元", "money_unreadable"),
    ("万元", None, "money_unreadable"),
    ("99999999999999999", "元", "money_unreadable"),
    ("3.5.1", "元", "money_unreadable"),
    ("慰问金5000", "元", "money_unreadable"),
    ("5角3", "元", "money_unreadable"),
    ("infinity", "元", "money_unreadable"),
]


@pytest.mark.parametrize(("text", "unit", "value"), [case for case in READ if case[2]])
def test_an_amount(ask, text, unit, value):
    assert ask("parse_money(t, unit)", [text], [unit]) == [Decimal(value)]
    assert ask("issue_money(t, unit, parse_money(t, unit))", [text], [unit]) == [None]


@pytest.mark.parametrize(("text", "unit", "code"), REFUSED)
def test_no_amount_and_why(ask, text, unit, code):
    assert ask("parse_money(t, unit)", [text], [unit]) == [None]
    assert ask("issue_money(t, unit, parse_money(t, unit))", [text], [unit]) == [code]


AMOUNT = st.tuples(st.integers(0, 10**9), st.integers(0, 6)).map(lambda p: Decimal(p[0]).scaleb(-p[1]))


def spellings(amount: Decimal, unit: str | None) -> list[str]:
    plain = f"{amount:f}"
    suffix = unit or "元"
    return [
        plain,
        f"{amount:,f}",
        plain + suffix,
        f"￥{plain}",
        plain.translate(str.maketrans("0123456789.", "０１２３４５６７８９．")),
        f" {plain} ",
    ]


@given(st.lists(st.tuples(AMOUNT, st.sampled_from(list(FACTOR))), min_size=80, max_size=80))
@settings(BATCH, max_examples=12)
def test_amount_times_unit_is_exact_or_refused(ask, cases):
    rows = [(text, unit, amount * FACTOR[unit]) for amount, unit in cases for text in spellings(amount, unit)]
    got = ask("parse_money(trim(t), unit)", [r[0] for r in rows], [r[1] for r in rows])
    codes = ask(
        "issue_money(trim(t), unit, parse_money(trim(t), unit))", [r[0] for r in rows], [r[1] for r in rows]
    )
    for (text, unit, yuan), value, code in zip(rows, got, codes, strict=True):
        if yuan != yuan.quantize(Decimal("0.01")):
            assert (value, code) == (None, "money_precision"), (text, unit)
        elif yuan < 10**16:
            assert (value, code) == (yuan, None), (text, unit)


@given(st.lists(st.integers(1, 10**13), min_size=200, max_size=200))
@settings(BATCH, max_examples=10)
def test_capital_amounts_as_on_a_receipt(ask, fens):
    amounts = [Decimal(fen) / 100 for fen in fens]
    texts = [cn2an.an2cn(f"{amount:f}", "rmb") for amount in amounts]
    assert ask("parse_money(t, '元')", texts) == amounts


def listed_amount(text: str, unit: str | None) -> Decimal | None:
    """Independent statement of the forms with Arabic digits."""
    text = re.sub("^([￥¥]?)-(?=[0.,]+(万?元?)$)", r"\1", text.replace("-￥", "￥-"))  # minus nought
    found = re.fullmatch(r"[￥¥]?(\d{1,18}|\d{1,3}(?:,\d{3})+)(\.\d+)?(万)?(元)?", text)
    if not found:
        return None
    number = Decimal(found[1].replace(",", "") + (found[2] or ""))
    if unit == "万元":
        yuan = None if found[4] and not found[3] else number * 10_000
    else:
        yuan = number * (10_000 if found[3] else 1)
    return yuan if yuan is not None and yuan < 10**16 and yuan == yuan.quantize(Decimal("0.01")) else None


@given(
    st.lists(st.text("0123456789.,万元￥e-x ", min_size=1, max_size=9), min_size=200, max_size=200),
    st.sampled_from([None, "元", "万元"]),
)
@settings(BATCH, max_examples=15)
def test_arbitrary_text_gives_no_amount_that_is_not_written(ask, texts, unit):
    texts = [text for text in texts if text == text.strip() and text]
    got = ask("parse_money(t, unit)", texts, [unit] * len(texts))
    for text, value in zip(texts, got, strict=True):
        assert value == listed_amount(
            text if re.search(r"[\d.,] +[\d.,]", text) else text.replace(" ", ""), unit
        ), (text, unit)
