"""Facts as a file: whatever the engine can be given comes back as it was, and what is no such file is refused."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from flows.assess.facts_file import FactsUnreadable, read_facts, write_facts
from flows.score.engine.facts import (
    Address,
    BonusApplication,
    Correction,
    Decision,
    Facts,
    Figure,
    FigureKey,
    LateReport,
    Notice,
    PastResult,
    PointsRuling,
    RaterScore,
    VetoEvent,
)

HERE = Address(100_002, 7)
THIRD, DAY = Fraction(1, 3), date(2016, 1, 20)
EVERY = Facts(
    units=("b", "a"),
    names={"b": "乙区", "a": "甲区"},
    figures={
        ("b", FigureKey("x", None, "2015")): Figure(
            "value", THIRD, Fraction(1), Fraction(3), None, THIRD, 3, 1
        ),
        ("a", FigureKey("x", "national", "2015-03")): Figure("not_reported"),
    },
    children={"a": ("a-town", "a-mill")},
    corrections=(Correction("appealed", "a", "x", None, None, '引号“"”\n换行', "", HERE),),
    points_rulings=(PointsRuling(True, "a", "items", THIRD, DAY, "", "样〔2016〕1号", HERE),),
    scores=(RaterScore("a", "item", "leaders", THIRD, Fraction(100), "good", HERE),),
    late=(LateReport("a", "mediation", "2015-Q1", None), LateReport("b", "member", "2015", 3)),
    bonus=(BonusApplication("a", None, "matter", "city", 2014, 2015, Fraction(3), None, None, HERE),),
    notices=(Notice("a", "item", Fraction(1, 2), "r", "d", HERE),),
    vetoes=(VetoEvent("b", "safety", False, "d", HERE),),
    past=(PastResult("a", 2014, None, None, 2, "first"),),
    decisions=(Decision("a", 2, "r", "d", HERE),),
    known_on=DAY,
)


def test_every_kind_of_fact_comes_back_as_it_was(tmp_path: Path) -> None:
    bare = Facts((), {}, {})
    same = [f.name for f in fields(Facts) if getattr(EVERY, f.name) == getattr(bare, f.name)]
    assert not same, "give EVERY one of the new fact: only what is there can be lost"
    for name, facts in {"every": EVERY, "bare": bare}.items():
        write_facts(facts, tmp_path / name)
        assert read_facts(tmp_path / name) == facts
    assert isinstance(read_facts(tmp_path / "every").corrections[0].address, Address)


def test_the_same_facts_give_the_same_bytes(tmp_path: Path) -> None:
    turned = replace(EVERY, figures=dict(reversed(EVERY.figures.items())), names={"a": "甲区", "b": "乙区"})
    write_facts(EVERY, tmp_path / "one")
    write_facts(turned, tmp_path / "two")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    assert json.loads((tmp_path / "one").read_text(encoding="utf-8"))["known_on"] == "2016-01-20"


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ('"form": 1', '"form": 2'),
        ('"known_on"', '"known_until"'),
        ('"1/3"', "0.3333"),
        ('"2016-01-20"', "20160120"),
        ('"safety", false', '"safety", "no"'),
        ('"safety", false', '"safety"'),
        ('"appealed"', '"guessed"'),
        ("{", "<"),
    ],
)
def test_what_is_no_file_of_facts_is_refused(tmp_path: Path, was: str, becomes: str, chinese: None) -> None:
    file = tmp_path / "facts.json"
    write_facts(EVERY, file)
    text = file.read_text(encoding="utf-8")
    assert was in text
    file.write_text(text.replace(was, becomes), encoding="utf-8")
    with pytest.raises(FactsUnreadable, match=r"facts\.json.*程序版本"):
        read_facts(file)
