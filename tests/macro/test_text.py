"""Text, yes and no, telephone numbers, and what holds for every macro."""

from __future__ import annotations

import csv
import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.contract.catalogue import ROOT
from flows.read.formats.number_formats import ERRORS, NOT_CALCULATED, cell_issue
from tests.macro.batch import BATCH

KINDS = {
    "date": "",
    "year": "",
    "bool": "",
    "citizen_id": "",
    "credit_code": "",
    "phone": "",
    "money": ", unit",
    "count": ", unit",
    "decimal": ", unit",
    "pct": ", unit",
}
UNITS = [None, "元", "万元", "人", "万人", "%", "平方米", "conflict", "小数", "亿元", "斤"]

#: Cells like those of real sheets: pieces that mean something, in any order, and some that mean nothing.
PIECES = st.lists(
    st.sampled_from(
        [
            *"0123456789０５〇一二三十百千万亿廿两元角分年月日号人户次余约半",
            *"%‰.-/~、,*xXE+￥$（）()' \t\n\u3000\u200b",
            *[
                "2015",
                "500118",
                "19900101",
                "第三季度",
                "上半年",
                "至",
                "美元",
                "百分之",
                "整",
                "见附件",
                "是",
                "无",
            ],
            *["13912345678", "00", "1e2", "0x"],
        ]
    ),
    min_size=1,
    max_size=9,
).map("".join)


@given(st.lists(st.one_of(PIECES, st.text(max_size=12)), min_size=120, max_size=120), st.sampled_from(UNITS))
@settings(BATCH, max_examples=8)
def test_a_cell_has_a_value_or_a_reason_and_never_raises(ask, texts, unit):
    texts = [stripped for text in texts if (stripped := text.replace("\0", "").strip())]
    for kind, more in KINDS.items():
        parsed = f"parse_{kind}(t{more})"
        judged = ask(
            f"[cast({parsed} as varchar), issue_{kind}(t{more}, {parsed})]", texts, [unit] * len(texts)
        )
        for text, (value, code) in zip(texts, judged, strict=True):
            no_value = {
                "citizen_id": code not in (None, "id_prefix"),
                "credit_code": code == "credit_code_form",
            }
            assert (value is None) == no_value.get(kind, code is not None), (kind, unit, text)


@given(st.lists(PIECES, min_size=200, max_size=200))
@settings(BATCH, max_examples=8)
def test_a_span_has_both_ends_or_a_reason(ask, texts):
    texts = [stripped for text in texts if (stripped := text.strip())]
    first, last = "cast(parse_span_from(t) as varchar)", "cast(parse_span_to(t) as varchar)"
    spans = ask(f"[{first}, {last}, issue_span(t, parse_span_from(t))]", texts)
    for text, (from_on, to_on, code) in zip(texts, spans, strict=True):
        assert (from_on is None) == (to_on is None) == (code is not None), text
        assert from_on is None or from_on <= to_on, text


def test_an_empty_cell_is_neither_value_nor_issue(ask):
    for kind, more in KINDS.items():
        assert ask(f"[cast(parse_{kind}(t{more}) as varchar), issue_{kind}(t{more}, null)]", [None]) == [
            [None, None]
        ]
    assert ask("[clean_text(t), key_text(t)]", [None]) == [[None, None]]


def test_every_code_a_macro_gives_has_its_message():
    with (ROOT / "sql/code/issue.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    codes = [row["code"] for row in rows]
    given_codes = {
        code
        for path in (ROOT / "sql/macro").glob("*.sql")
        for code in re.findall(r"(?:then|else) '([a-z]+_[a-z_]+)'", path.read_text(encoding="utf-8"))
    }
    assert len(given_codes) > 40
    assert given_codes <= set(codes)
    assert codes == sorted(set(codes))
    for row in rows:
        assert row["severity"] in {"error", "warning", "info"}, row
        assert set(re.findall(r"{(.*?)}", row["message"])) <= {"column", "header", "hint", "place"}, row
        assert re.search("[一-鿿]", row["message"]), row


@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20),
        min_size=150,
        max_size=150,
    )
)
@settings(BATCH, max_examples=15)
def test_clean_text_is_stable_and_has_no_stray_blanks(ask, texts):
    once = ask("clean_text(t)", texts)
    assert ask("clean_text(t)", once) == once
    for text in filter(None, once):
        assert text == text.strip()
        assert not re.search(r"\s\s|[\n\t\u3000\u200b！-～]", text), text


@given(st.lists(st.text("重庆永川（）()ＡＢaｂ１2 \u3000-－", max_size=12), min_size=150, max_size=150))
@settings(BATCH, max_examples=10)
def test_keys_fold_width_blanks_and_case(ask, texts):
    expected = [re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).upper() or None for text in texts]
    assert [key or None for key in ask("key_text(t)", texts)] == expected


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("重庆市永川区总工会", "重庆市永川区总工会"),
        ("重庆（永川）公司", "重庆(永川)公司"),
        ("姓 名", "姓 名"),
        ("身份证\n号", "身份证 号"),
        ("a \u3000 b", "a b"),
        ("中\u200b文", "中文"),
        ("ＡＢＣ－１２", "ABC-12"),
        ("①Ⅳ㎡", "①Ⅳ㎡"),
        ("\u3000", None),
    ],
)
def test_clean_text(ask, text, clean):
    assert ask("clean_text(t)", [text]) == [clean]


def test_yes_and_no(ask):
    yes = ["已建会", "是", "有", "√", "✓", "☑", "对", "Y", "y", "Ｙ", "yes", "TRUE", "1", "１", "是 "]
    yes += ["已组建", "已挂牌", "已备案"]
    no = [
        "未组建",
        "筹备中",
        "正在筹建",
        "否",
        "未建会",
        "无",
        "没有",
        "不是",
        "×",
        "✗",
        "N",
        "no",
        "False",
        "0",
        "０",
    ]
    neither = ["○", "X", "x", "不详", "2", "10", "是否", "未知", "-", "01", "V"]
    assert ask("parse_bool(t)", yes + no + neither) == [True] * len(yes) + [False] * len(no) + [None] * len(
        neither
    )
    assert ask("issue_bool(t, parse_bool(t))", [*neither, "是"]) == ["bool_unreadable"] * len(neither) + [
        None
    ]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("13912345678", "13912345678"),
        ("+8613912345678", "13912345678"),
        ("86 139 1234 5678", "13912345678"),
        ("139-1234-5678", "13912345678"),
        ("１３９１２３４５６７８", "13912345678"),
        ("'13912345678", "13912345678"),
        ("023-49812345", "023-49812345"),
        ("(023)49812345", "023-49812345"),
        ("02349812345", "023-49812345"),
        ("023—49812345", "023-49812345"),
        ("0839-3261234", "0839-3261234"),
        ("49812345", "49812345"),
        ("023-49812345转801", "023-49812345-801"),
        ("13912345678/13812345678", "13912345678/13812345678"),
        ("4008123456", "4008123456"),
        ("13912345678、023-49812345", "13912345678/023-49812345"),
        ("13912345678 13812345678", "13912345678/13812345678"),
        ("12351", None),
        ("1391234567", None),
        ("139123456789", None),
        ("12912345678", None),
        ("1.39E+10", None),
        ("无", None),
        ("13912345678/", None),
        ("1391234567813812345678", None),
    ],
)
def test_telephone_numbers(ask, text, value):
    assert ask("parse_phone(t)", [text]) == [value]
    assert ask("issue_phone(t, parse_phone(t))", [text]) == [None if value else "phone_unreadable"]


CELL_TYPES = {**KINDS, "citizen_id": "", "text": "", "span": ""}


@pytest.mark.parametrize("kind", CELL_TYPES)
def test_an_error_in_place_of_a_value_is_called_that(ask, kind):
    cells = [*sorted(ERRORS), "#n/a", NOT_CALCULATED]
    value = "parse_span_from(t)" if kind == "span" else f"parse_{kind}(t{CELL_TYPES[kind]})"
    argument = f"t{CELL_TYPES[kind]}, {value}"
    assert set(ask(value, cells)) == {None}
    assert ask(f"issue_{kind}({argument})", cells) == [cell_issue(cell) for cell in cells]
    assert {cell_issue(cell) for cell in cells} == {"cell_error", "cell_not_calculated"}


def test_a_number_sign_alone_is_text(ask):
    assert ask("parse_text(t)", ["#3楼", "#", "N/A"]) == ["#3楼", "#", "N/A"]
    assert ask("issue_text(t, parse_text(t))", ["#3楼", "#", "N/A"]) == [None, None, None]


def test_a_stroke_is_none(ask):
    assert ask("stated(t)", ["/", "-", "——", "－", "0", "-5", "1/2", "无", None]) == [
        *[None] * 4,
        "0",
        "-5",
        "1/2",
        "无",
        None,
    ]


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("4月2日至4月5日", "2015-04-02", "2015-04-05"),
        ("6月28-30日", "2015-06-28", "2015-06-30"),
        ("3月至5月", "2015-03-01", "2015-05-31"),
        ("3.5-3.7", "2015-03-05", "2015-03-07"),
        ("3月中旬", "2015-03-11", "2015-03-20"),
        ("13月2日至4月5日", None, None),
    ],
)
def test_a_range_of_days_without_a_year_is_in_the_covered_year(ask, text, first, last):
    within = "in_covered_year(t, date '2015-01-01', date '2015-12-31')"
    spans = ask(f"[parse_span_from({within}), parse_span_to({within})]::varchar[]", [text])
    assert spans == [[first, last]]
    assert ask("in_covered_year(t, date '2014-12-01', date '2015-02-28')", [text]) == [text]  # of which year?
