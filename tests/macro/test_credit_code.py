"""Unified social credit codes against python-stdnum; organisation codes by the standard's arithmetic."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.cn import uscc

from tests.macro.batch import BATCH

CHARSET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
BODY = st.one_of(
    st.text(CHARSET, min_size=17, max_size=17),
    st.text("0123456789", min_size=17, max_size=17),
    st.text("0123456789AM", min_size=17, max_size=17),
)


@given(st.lists(BODY, min_size=80, max_size=80))
@settings(BATCH, max_examples=15)
def test_check_characters_agree_with_stdnum(ask, bodies):
    # stdnum wants digits in the first 8 places; the check character itself does not
    assert ask("credit_check(t)", [b + "0" for b in bodies]) == [uscc.calc_check_digit(b) for b in bodies]


@given(st.lists(st.tuples(BODY, st.sampled_from(CHARSET)), min_size=80, max_size=80))
@settings(BATCH, max_examples=5)
def test_a_failed_check_is_a_flag_not_a_refusal(ask, pairs):
    codes = [body + last for body, last in pairs]
    assert ask("parse_credit_code(t)", codes) == codes
    expected = [None if uscc.calc_check_digit(c[:17]) == c[17] else "credit_code_check" for c in codes]
    assert ask("issue_credit_code(t, parse_credit_code(t))", codes) == expected


@pytest.mark.parametrize(
    ("text", "value", "code"),
    [
        ("91110000101623741K", "91110000101623741K", None),
        ("911101066976941872", "911101066976941872", None),
        ("91350100M000100Y43", "91350100M000100Y43", None),
        ("91350100m000100y43", "91350100M000100Y43", None),
        ("９１３５０１００Ｍ０００１００Ｙ４３", "91350100M000100Y43", None),
        ("9135 0100 M000 100Y 43", "91350100M000100Y43", None),
        ("91350211M0000XUF46", "91350211M0000XUF46", "credit_code_check"),
        ("10162374-1", "10162374-1", "credit_code_legacy"),
        ("101623741", "10162374-1", "credit_code_legacy"),
        ("10162374－1", "10162374-1", "credit_code_legacy"),
        ("10162374-2", "10162374-2", "credit_code_check"),
        ("101623742", None, "credit_code_form"),
        ("9111000010162374IK", None, "credit_code_form"),
        ("9.1110000101624E+17", None, "credit_code_form"),
        ("500118000012345", None, "credit_code_form"),
        ("无", None, "credit_code_form"),
        (None, None, None),
    ],
)
def test_spellings(ask, text, value, code):
    assert ask("parse_credit_code(t)", [text]) == [value]
    assert ask("issue_credit_code(t, parse_credit_code(t))", [text]) == [code]


def organisation_check(body: str) -> str:
    """GB 11714: weights 3 7 9 10 5 8 4 2 over 0-9A-Z, modulo 11."""
    values = [int(c, 36) for c in body]
    rest = 11 - sum(w * v for w, v in zip((3, 7, 9, 10, 5, 8, 4, 2), values, strict=True)) % 11
    return {10: "X", 11: "0"}.get(rest, str(rest))


@given(
    st.lists(
        st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=8, max_size=8), min_size=80, max_size=80
    )
)
@settings(BATCH, max_examples=5)
def test_organisation_codes(ask, bodies):
    codes = [f"{b}-{organisation_check(b)}" for b in bodies]
    assert ask("parse_credit_code(t)", codes) == codes
    assert ask("issue_credit_code(t, t)", codes) == ["credit_code_legacy"] * len(codes)


def test_codes_of_trade_unions(ask):
    assert ask(
        "is_union_credit_code(t)", ["81500118MC0000001X", "89500118MC0000001X", "91110000101623741K", None]
    ) == [True, True, False, None]
