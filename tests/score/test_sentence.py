"""What stands around the rule in a sentence: corrections of the figure, bounds, rounding, ruling, void, and the items of a block."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from flows.score.engine.facts import Address, PointsRuling, VetoEvent
from flows.score.engine.scoring import score
from flows.score.explain.sentence import explanations
from tests.score.made import correction, facts_of, leaf, year_of

AT = Address(1, 2)
CODE = "mediation_succeeded"
TARGET = {("a", CODE): 330}


def said(text: str, item: str = "x", x: Any = 1650, **facts: Any) -> str:
    """The sentence of unit a about an item."""
    year = year_of(text, TARGET, {"a": "g"})
    scored = score(year, facts_of("a", {("a", CODE): x}, **facts))
    return explanations(year, scored)["a", item]


def ruling(points: int) -> PointsRuling:
    return PointsRuling(True, "a", "x", Fraction(points), date(2016, 2, 1), "", "样例〔2016〕3号", AT)


VOID = "gates: [{id: v, label: 否决, if: {of: {veto: [fraud]}, at_least: 1}, effect: {void: [x]}}]"
EVENT = VetoEvent("a", "fraud", False, "样例〔2016〕4号", AT)
LINE = "{linear: {points: 12}}"
AFTERWARDS: list[tuple[str, dict[str, Any], str]] = [
    (leaf(LINE, 8, "", CODE), {}, "计12分，超过上限，按8分封顶，得8分（满分8分）。"),
    (leaf("{linear: {points: 1}}", 8, "floor: 2", CODE), {}, "计1分，低于下限，按2分计，得2分（满分8分）。"),
    (
        leaf(LINE, 8, "cap: 12", CODE),
        {"points_rulings": (ruling(7),)},
        "计12分，据样例〔2016〕3号申诉裁定改计，得7分（满分8分）。",
    ),
    (
        leaf(LINE, 8, "cap: 12", CODE) + "\n" + VOID,
        {"vetoes": (EVENT,)},
        "计12分，因“否决”本项作废，得0分（满分8分）。",
    ),
]


@pytest.mark.parametrize(("text", "facts", "expected"), AFTERWARDS)
def test_what_became_of_the_points_of_the_rule(text: str, facts: dict[str, Any], expected: str) -> None:
    assert said(text, **facts).endswith(f"，按完成率计分、封顶100%，{expected}")


def test_points_are_rounded_where_the_scheme_says_so() -> None:
    text = leaf("{linear: {}}", 8, "", CODE) + "\nrounding: {items: 1, total: 2}"
    assert said(text, x=220).endswith("计8×2/3＝约5.3333分，四舍五入保留1位小数，得5.3分（满分8分）。")


def test_a_corrected_figure_is_shown_with_what_it_was_and_the_document() -> None:
    changes = (
        correction("verified", 1700, "2016-01-09", indicator=CODE, document_no="样例〔2016〕1号"),
        correction("spot_check", 50, "2016-01-20", indicator=CODE, document_no="样例〔2016〕2号"),
    )
    told = said(leaf("{linear: {}}", 8, "", CODE), x=1680, corrections=changes)
    figure = "实绩1650件（统计数1680件，据样例〔2016〕1号核定为1700件，据样例〔2016〕2号核减50件）"
    assert f"，{figure}，" in told


BLOCKS = [
    (8, 4, "cap: 10", "各项合计12分（调解8分、援助4分），超过上限，按10分封顶，得10分（满分12分）。"),
    (6, 4, "cap: 10", "各项合计10分（调解6分、援助4分），得10分（满分12分）。"),
    (6, "of_others", "", "各项合计6分（调解6分），得6分（满分8分）。"),
    ("of_others", "of_others", "", "各项均不计入本单位考核。"),
]


@pytest.mark.parametrize(("first", "second", "cap", "expected"), BLOCKS)
def test_a_block_is_its_items_together(first: Any, second: Any, cap: str, expected: str) -> None:
    leaves = [
        f"{{id: {name}, label: {label}, points: {full}, rule: {0 if points == 'of_others' else points}"
        f"{', groups: [h]' if points == 'of_others' else ''}}}"
        for name, label, full, points in (("y", "调解", 8, first), ("z", "援助", 4, second))
    ]
    block = f"{{id: x, label: 考核块, {cap + ',' if cap else ''} items: [{', '.join(leaves)}]}}"
    assert said(f"items: [{block}, {{id: w, label: 其他, points: 1, rule: 1}}]") == expected
