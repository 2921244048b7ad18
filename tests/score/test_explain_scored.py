"""Sentences of scored schemes: their arithmetic gives the points, and they are fit to be read."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

import pytest

from flows.contract.load import ROOT
from flows.score.engine import score
from flows.score.explain import explanations
from flows.score.folder import load_folder
from flows.score.result import ItemScore, Scored
from tests.score.arithmetic import final_points, formulas, is_shown_as, value
from tests.score.case import cases, made

#: Words that the reader must not meet; 约 stands only before a number.
UNFIT = re.compile(r"[A-Za-z_]{2,}|[，。；：、]{2,}|，；|（）|None|约(?!-?\d)|^，")


def fit(sentence: str) -> bool:
    return not UNFIT.search(sentence) and sentence.endswith("。") and sentence.count("。") == 1


def proves(sentence: str, of: ItemScore) -> None:
    """Every formula holds, and the last number is the points."""
    for amount, approx, shown in formulas(sentence):
        assert is_shown_as(amount, approx, shown), sentence
    if of.points is None:
        return
    ending = final_points(sentence)
    assert ending is not None or of.policy in ("rescale", "zero"), sentence
    if ending is not None:
        assert is_shown_as(of.points, *ending), sentence


KINDS = list(cases(ROOT / "tests" / "case" / "rule"))


@pytest.mark.parametrize(("name", "case"), KINDS, ids=[name for name, _ in KINDS])
def test_every_kind_of_rule_is_told_by_numbers_that_give_its_points(name: str, case: dict[str, Any]) -> None:
    year, facts = made(case)
    scored = score(year, facts)
    told = explanations(year, scored)
    for of in scored.items:
        sentence = told[of.unit, of.item]
        assert fit(sentence), sentence
        proves(sentence, of)
