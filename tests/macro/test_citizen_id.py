"""Citizen numbers against python-stdnum; every number here is made up."""

from __future__ import annotations

import string
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.cn import ric

from flows.contract.units import reference
from tests.macro.batch import BATCH

VECTOR = "11010519491231002X"  # the standard's own example


def valid(prefix: str, born: date, serial: int) -> str:
    body = f"{prefix}{born:%Y%m%d}{serial:03}"
    return body + ric.calc_check_digit(body + "0")


PREFIX = st.sampled_from(["500118", "510229", "500383", "512201", "110105", "440303", "650102"])
NUMBER = st.builds(valid, PREFIX, st.dates(date(1900, 1, 1), date(2049, 12, 31)), st.integers(0, 999))


def oracle(number: str) -> bool:
    """Check character and birth day as python-stdnum sees them (its places lack history)."""
    if (
        len(number) != 18
        or not set(number[:17]) <= set(string.digits)
        or number[0] == "0"
        or number[17] not in "0123456789X"
    ):
        return False
    try:
        born = ric.get_birth_date(number)
    except ric.ValidationError:
        return False
    return ric.calc_check_digit(number) == number[17] and 1900 <= born.year < 2100


@given(st.lists(NUMBER, min_size=150, max_size=150))
@settings(BATCH, max_examples=10)
def test_valid_numbers_are_kept_with_birthday_and_sex(ask, numbers):
    assert ask("parse_citizen_id(t)", numbers) == numbers
    assert ask("id_birth_on(t)", numbers) == [ric.get_birth_date(n) for n in numbers]
    assert ask("id_sex(t)", numbers) == [
        {"M": "1", "F": "2"}["M" if int(n[16]) % 2 else "F"] for n in numbers
    ]
    assert ask("issue_citizen_id(t, t)", numbers) == [None] * len(numbers)


def spoil(number: str, at: int, character: str) -> str:
    return number[:at] + character + number[at + 1 :]


@given(
    st.lists(
        st.builds(spoil, NUMBER, st.integers(0, 17), st.sampled_from("0123456789X")),
        min_size=200,
        max_size=200,
    )
)
@settings(BATCH, max_examples=10)
def test_one_wrong_character_is_always_seen(ask, numbers):
    assert ask("parse_citizen_id(t)", numbers) == [n if oracle(n) else None for n in numbers]


@given(st.lists(st.text("0123456789X", min_size=18, max_size=18), min_size=80, max_size=80))
@settings(BATCH, max_examples=10)
def test_arbitrary_characters_agree_with_the_oracle(ask, numbers):
    assert ask("parse_citizen_id(t)", numbers) == [n if oracle(n) else None for n in numbers]


@given(
    st.lists(
        st.builds(valid, PREFIX, st.dates(date(1900, 1, 1), date(1999, 12, 31)), st.integers(0, 999)),
        min_size=150,
        max_size=150,
    )
)
@settings(BATCH, max_examples=5)
def test_fifteen_digits_become_eighteen(ask, numbers):
    assert ask("parse_citizen_id(t)", [n[:6] + n[8:17] for n in numbers]) == numbers


@pytest.mark.parametrize(
    "text",
    [
        "11010519491231002x",
        "１１０１０５１９４９１２３１００２Ｘ",
        "'11010519491231002X",
        "110105 19491231 002X",
        "110105\u300019491231002X",
        "11010519491231002X\u200b",
        "110105491231002",
        "110105 491231 002",
    ],
)
def test_spellings_of_the_standards_example(ask, text):
    assert ask("parse_citizen_id(t)", [text]) == [VECTOR]
    assert ask("issue_citizen_id(t, parse_citizen_id(t))", [text]) == [None]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("110105194912310029", "id_checksum"),
        ("110105194912310020", "id_checksum"),
        ("500118199001011000", "id_checksum"),
        ("110105194913310029", "id_birth"),
        ("110105194902300021", "id_birth"),
        ("110105491331002", "id_birth"),
        ("11010519491231001", "id_length"),
        ("5.00118E+17", "id_lossy"),
        ("5.00118199001011E+17", "id_lossy"),
        ("5.00118199001011e17", "id_lossy"),
        ("500118199001011000.0", "id_lossy"),
        ("500118********1234", "id_masked"),
        ("500118＊＊＊＊＊＊＊＊1234", "id_masked"),
        ("500118XXXXXXXX1234", "id_masked"),
        ("无", "id_length"),
        ("500118", "id_length"),
        ("1101051949123100X2", "id_masked"),
        ("护照G12345678", "id_length"),
        ("+1010519491231002X", "id_length"),
    ],
)
def test_unusable_numbers(ask, text, code):
    assert ask("parse_citizen_id(t)", [text]) == [None]
    assert ask("issue_citizen_id(t, parse_citizen_id(t))", [text]) == [code]


def test_a_number_typed_as_a_number_is_lossy_even_if_its_check_character_fits(ask):
    rounded = [valid("500118", date(1990, 1, 1), 100)[:15] + "000"]
    fits = [n for day in range(1, 29) for n in [f"500118199001{day:02}1000"] if oracle(n)]
    assert fits, "the example needs a number that ends in 000 and passes"
    texts = [f"{int(n):.14E}".replace("0E", "E") for n in rounded + fits]
    assert ask("parse_citizen_id(t)", texts) == [None] * len(texts)
    assert ask("issue_citizen_id(t, null)", texts) == ["id_lossy"] * len(texts)


def test_division_prefixes(ask):
    known = [
        "510229",
        "519005",
        "510281",
        "500183",
        "500383",
        "500118",
        "512201",
        "511222",
        "512330",
        "500243",
        "500156",
        "110105",
        "810000",
        "820000",
        "830000",
    ]
    unknown = ["500199", "500244", "510299", "512299", "990101", "160101", "810101", "000000"[:5] + "1"]
    numbers = [valid(prefix, date(1980, 5, 5), 11) for prefix in known + unknown[:-1]]
    assert ask("parse_citizen_id(t)", numbers) == numbers
    assert ask("issue_citizen_id(t, t)", numbers) == [None] * len(known) + ["id_prefix"] * (len(unknown) - 1)


def test_the_macro_knows_every_division_of_the_reference_data(ask):
    prefixes = reference().id_prefixes
    assert ask("id_prefix_known(cast(t as integer))", prefixes) == [True] * len(prefixes)
