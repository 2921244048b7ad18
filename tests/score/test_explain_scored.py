"""Sentences of scored schemes: their arithmetic gives the points, and they are fit to be read."""

from __future__ import annotations

import re
from datetime import date
from fractions import Fraction
from itertools import count
from random import Random
from typing import Any

import pytest

from flows.contract.catalogue import ROOT
from flows.contract.indicator import indicators
from flows.score.engine.facts import (
    Address,
    Correction,
    Facts,
    Figure,
    FigureKey,
    LateReport,
    PointsRuling,
    RaterScore,
    VetoEvent,
)
from flows.score.engine.result import ItemScore
from flows.score.engine.scoring import score
from flows.score.explain.sentence import explanations
from flows.score.scheme.required_inputs import required_figures
from flows.score.scheme.scheme_loader import SchemeYear, load_folder
from tests.score.arithmetic import final_points, formulas, is_shown_as, value
from tests.score.case import cases, made

F = Fraction

#: Words that the reader must not meet; 约 stands only before a number.
UNFIT = re.compile(r"[A-Za-z_]{2,}|[，。；：、]{2,}|，；|（）|None|约(?!-?\d)|^，|(?<!的)[①-⑳]，")


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


def printed() -> tuple[SchemeYear, Facts]:
    """The scheme that has one of everything, with figures of all states for its 25 units."""
    year = load_folder(ROOT / "tests" / "case" / "printed")
    draw = Random(2015)  # noqa: S311 (figures, not secrets)
    units, at = tuple(year.groups), (Address(7, row) for row in count(2))
    figures = {(unit, key): _figure(draw, key) for unit in units for key in required_figures(year)}
    figures["fuling", FigureKey("collective_contract_rate", None, "2015")] = Figure("not_applicable")
    scores = [
        RaterScore(u, item, group, None if opinion else F(draw.randint(50, 100)), F(100), opinion, next(at))
        for u in units
        for item, group, opinion, raters in (
            ("raters", "leader", None, 5),
            ("综合评议", "department", None, 3),
            ("opinion", "grassroots", draw.choice(["very_satisfied", "fairly_satisfied", "dissatisfied"]), 1),
        )
        for _ in range(raters if (u, group) != ("banan", "department") else 0)
    ]
    facts = Facts(
        units=units,
        names=dict.fromkeys(units, "某区"),
        figures=figures,
        scores=tuple(scores),
        late=tuple(LateReport(u, "mediation", "2015-03", draw.randint(1, 9)) for u in units[::3]),
        vetoes=(VetoEvent("yubei", "fraud", False, "样例〔2015〕9号", next(at)),),
        corrections=(
            Correction(
                "verified",
                "yongchuan",
                "mediation_succeeded",
                F(1650),
                date(2016, 1, 9),
                "",
                "样例〔2016〕1号",
                next(at),
            ),
            Correction(
                "spot_check",
                "yongchuan",
                "mediation_succeeded",
                F(20),
                date(2016, 1, 20),
                "",
                "样例〔2016〕2号",
                next(at),
            ),
        ),
        points_rulings=(
            PointsRuling(
                True, "nanan", "职工书屋", F("3.5"), date(2016, 2, 1), "补交材料", "样例〔2016〕3号", next(at)
            ),
        ),
        known_on=date(2016, 1, 31),
    )
    return year, facts


def _figure(draw: Random, key: FigureKey) -> Figure:
    state = draw.choices(["value", "not_reported", "rejected", "not_applicable"], [90, 4, 3, 3])[0]
    if state != "value":
        return Figure(state)
    if indicators()[key.indicator].is_rate:
        of = draw.randint(1, 400)
        amount = F(draw.randint(of // 2, of), of)
    else:
        amount = F(draw.choice([0, draw.randint(1, 12), draw.randint(100, 300_000)]))
    return Figure("value" if amount else "zero", amount)


YEAR, FACTS = printed()
SCORED = score(YEAR, FACTS)
TOLD = explanations(YEAR, SCORED)
REACHED = re.compile(r"目标([\d,.]+%?)[^，]*，实绩([\d,.]+%?)[^，]*，完成率(约?)([\d,.]+)%")
GROWN = re.compile(r"实绩([\d,.]+%?)[^，]*，上年([\d,.]+%?)[^，]*，比上年(增长|下降)(约?)([\d,.]+)%")


def of_item(item: str) -> dict[str, str]:
    return {unit: sentence for (unit, name), sentence in TOLD.items() if name == item}


def test_every_unit_and_item_has_a_sentence_whose_arithmetic_holds() -> None:
    assert len(TOLD) == len(SCORED.items) == len(YEAR.groups) * len(list(YEAR.scheme.walk()))
    for of in SCORED.items:
        sentence = TOLD[of.unit, of.item]
        assert fit(sentence), sentence
        proves(sentence, of)
    assert sum(len(formulas(sentence)) for sentence in TOLD.values()) > 200


def test_attainment_and_growth_follow_from_the_figures_beside_them() -> None:
    found = 0
    for sentence in TOLD.values():
        for target, actual, approx, shown in REACHED.findall(sentence):
            assert is_shown_as(100 * value(actual) / value(target), approx, shown), sentence
            found += 1
        for now, before, way, approx, shown in GROWN.findall(sentence):
            if "/" not in now + before and "约" not in sentence.partition("比上年")[0]:
                change = (value(now) - value(before)) / value(before) * (1 if way == "增长" else -1)
                assert is_shown_as(100 * change, approx, shown), sentence
                found += 1
    assert found > 40


def test_every_shape_of_an_answer_occurs() -> None:
    everything = "".join(TOLD.values())
    for words in (
        "封顶100%",
        "低于要求的60%",
        "落在80%及以上一档",
        "不在所列各档之内",
        "扣完为止",
        "首名",
        "前3名满分",
        "最优",
        "位置",
        "按办法计0分",
        "按办法不计入",
        "按办法计本组有数单位的平均分",
        "待补正后再计分",
        "本项只考核主城片区、渝西片区",
        "部门评分未齐",
        "因“数据造假”本项作废",
        "申诉裁定改计",
        "系数0.9",
        "取最高的",
        "2015年上半年：",
        "各项合计",
        "最高8分",
    ):
        assert words in everything, words


def test_a_corrected_figure_leads_to_its_documents() -> None:
    assert of_item("mediation")["yongchuan"].startswith("目标330件（样例〔2015〕19号），实绩1630件（")
    assert "据样例〔2016〕1号核定为1650件，据样例〔2016〕2号核减20件）" in of_item("mediation")["yongchuan"]
    assert of_item("libraries")["nanan"].endswith("据样例〔2016〕3号申诉裁定改计，得3.5分（满分4分）。")


def test_a_block_names_its_items() -> None:
    sentence = of_item("dispute")["yongchuan"]
    assert re.match(r"各项合计约?[\d.]+分（成功调解劳动争议8分、调解成功率", sentence), sentence


def test_a_score_as_of_a_day_names_the_target_of_that_day() -> None:
    on = date(2015, 6, 30)
    told = explanations(YEAR, score(YEAR, FACTS, on=on), on)
    assert told["yongchuan", "mediation"].startswith("目标300件（样例〔2015〕1号），")
