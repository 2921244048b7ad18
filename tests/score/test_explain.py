"""What a rule did for a unit, as the sentence the unit reads."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from flows.score.engine.facts import Address
from flows.score.engine.result import Adjustment, ItemScore, ResolvedInput, RuleTrace
from flows.score.explain.format import number, percent, term
from flows.score.explain.sentence import explain
from flows.score.rules.grammar import Band, Bands, Input, Rule
from flows.score.scheme.scheme_loader import SchemeYear
from tests.score.case import made

F = Fraction
MEDIATION: dict[str, Any] = {"indicator": "mediation_succeeded", "points": 8}
RATE: dict[str, Any] = {"indicator": "unionisation_rate", "points": 4}


def year_of(item: Mapping[str, Any], **more: Any) -> SchemeYear:
    """A scheme with one item `x` and unit `a`."""
    return made(
        {
            "item": dict(item),
            "points": {"a": 0},
            "scheme": {},
            "targets": {"a": 330} if "indicator" in item else {},
            **more,
        }
    )[0]


def reading(of: Any = "value", state: Any = "value", text: str | None = None, **steps: Any) -> ResolvedInput:
    """A reading whose steps are given by name in order; the last one is its amount."""
    made_steps = tuple((name, F(str(amount))) for name, amount in steps.items())
    amount = made_steps[-1][1] if made_steps and state in ("value", "zero") else None
    return ResolvedInput(Input.model_validate(of), state, amount, text, made_steps)


def worked(rule: Any, points: Any, *readings: ResolvedInput, **more: Any) -> RuleTrace:
    given = None if points is None else F(str(points))
    state = more.pop("state", "value" if given is not None else "not_reported")
    return RuleTrace(Rule.model_validate(rule), given, state, readings, **more)


def said(item: Mapping[str, Any], working: RuleTrace, **more: Any) -> str:
    """The sentence of the item's rule and working."""
    year = year_of({"rule": "0", **item}, **more.pop("given", {}))  # the rule that is told is the working's
    score = {
        "full": F(item["points"]),
        "points": working.points,
        "raw": working.points,
        "state": working.state,
    }
    return explain(
        year, ItemScore("a", "x", trace=working, indicator=item.get("indicator"), **{**score, **more})
    )


TARGET = reading("attainment", value=1650, target=330, attainment=5)
PRIMITIVES: list[tuple[Mapping[str, Any], RuleTrace, str]] = [
    (  # people counted with 名 are no places
        {"indicator": "model_workers", "points": 3},
        worked({"bands": [[2, 3]]}, 3, reading(value=2), branch=0),
        "实绩2名，落在2名及以上一档，得3分（满分3分）。",
    ),
    (
        MEDIATION,
        worked({"linear": {}}, 8, TARGET, branch="capped"),
        "目标330件（样例〔2015〕1号），实绩1650件，完成率500%，按完成率计分、封顶100%，得8分（满分8分）。",
    ),
    (
        MEDIATION,
        worked({"linear": {}}, "16/3", reading("attainment", value=220, target=330, attainment="2/3"), branch="proportional"),
        "目标330件（样例〔2015〕1号），实绩220件，完成率约66.67%，按完成率计分，得8×2/3＝约5.3333分（满分8分）。",
    ),
    (
        MEDIATION,
        worked({"linear": {"least": 0.6}}, 0, reading("attainment", value=99, target=330, attainment="0.3"), branch="below_least"),
        "目标330件（样例〔2015〕1号），实绩99件，完成率30%，低于要求的60%，得0分（满分8分）。",
    ),
    (
        {**MEDIATION, "cap": 9.6},
        worked({"linear": {"cap": 1.2}}, "9.6", TARGET, branch="capped"),
        "目标330件（样例〔2015〕1号），实绩1650件，完成率500%，按完成率计分、封顶120%，得8×120%＝9.6分（满分8分）。",
    ),
    (
        {**RATE, "floor": -2},
        worked({"linear": {"of": "value", "zero_at": 0.6, "full_at": 0.8, "floor": -0.5}}, -2, reading(value="0.4"), branch="floor"),
        "实绩40%，60%不计分、80%计满分，其间按比例计分、最多倒扣50%，得4×（-50%）＝-2分（满分4分）。",
    ),
    (
        RATE,
        worked({"linear": {"of": "value", "zero_at": 0.6, "full_at": 0.8}}, 0, reading(value="0.4"), branch="floor"),
        "实绩40%，60%不计分、80%计满分，其间按比例计分，不足60%，得0分（满分4分）。",
    ),
    (
        RATE,
        worked({"linear": {"of": "value", "zero_at": 0.6, "full_at": 0.8}}, 3, reading(value="0.75"), branch="proportional"),
        "实绩75%，60%不计分、80%计满分，其间按比例计分，得4×（75%－60%）÷（80%－60%）＝3分（满分4分）。",
    ),
    (
        MEDIATION,
        worked({"linear": {"of": "position", "base": 0.6}}, "7.2",
               reading("position", value=100, lowest=20, highest="126.66", peers=23, position="0.75"), branch="proportional"),
        "实绩100件，本组最低20件、最高126.66件（共23个单位有数），位置75%，0%计基础60%、100%计满分，其间按比例计分，"
        "得8×［60%＋40%×75%］＝7.2分（满分8分）。",
    ),
    (
        RATE,
        worked({"bands": {"points": [{"from": 0.95, "points": 4}, {"from": 0.9, "to": 0.95, "points": 3}]}}, 3,
               reading(value="0.9235"), branch=1),
        "实绩92.35%，落在90%（含）至95%（不含）一档，得3分（满分4分）。",
    ),
    (
        RATE,
        worked({"bands": [[0.9, 4]]}, 0, reading(value="0.8999"), branch=-1),
        "实绩89.99%，不在所列各档之内，得0分（满分4分）。",
    ),
    (
        MEDIATION,
        worked({"steps": {"of": "rank", "start": 4, "at": 1, "above": -0.2, "parts": "share"}}, "3.8",
               reading("rank", value=1650, peers=23, rank=2), branch="above"),
        "实绩1650件，本组内第2名（共23个单位有数），首名计4分、每降一名扣0.2分，得4－1×0.2＝3.8分（满分8分）。",
    ),
    (
        RATE,
        worked({"steps": {"at": 0.85, "per": 0.01, "below": -0.1, "parts": "share"}}, "3.92", reading(value="0.842"), branch="below"),
        "实绩84.2%，85%计4分、每低1个百分点扣0.1分，得4－0.8×0.1＝3.92分（满分4分）。",
    ),
    (
        RATE,
        worked({"steps": {"at": 0.85, "per": 0.01, "below": -0.1, "parts": "full"}}, "3.9", reading(value="0.842"), branch="below"),
        "实绩84.2%，85%计4分、每低1个百分点扣0.1分（不足1个百分点的按1个百分点计），得4－1×0.1＝3.9分（满分4分）。",
    ),
    (
        RATE,
        worked({"steps": {"at": 0.85, "per": 0.01, "below": -0.1, "parts": "drop"}}, 4, reading(value="0.842"), branch="below"),
        "实绩84.2%，85%计4分、每低1个百分点扣0.1分（不足1个百分点的不计），得4分（满分4分）。",
    ),
    (
        MEDIATION,
        worked({"steps": {"of": "excess", "below": -1, "parts": "drop"}}, 0,
               reading("excess", value=318, target=330, excess=-12), branch="below", is_clipped=True),
        "目标330件（样例〔2015〕1号），实绩318件，低于目标12件，与目标持平计8分、每少1件扣1分，8－12×1＝-4分，扣完为止，"
        "得0分（满分8分）。",
    ),
    (
        {"points": 4},
        worked({"table": {"of": {"opinion": "leader"}, "points": {"satisfied": 4, "dissatisfied": 0}}}, 4,
               reading({"opinion": "leader"}, text="satisfied"), branch="satisfied"),
        "领导评分的意见为“满意”，按满意一档，得4分（满分4分）。",
    ),
    (
        {"points": 2},
        worked({"table": {"of": {"veto": ["criticism"]}, "points": {"0": 2, "1": 1.5}, "otherwise": 0}}, 0,
               reading({"veto": ["criticism"]}, value=3), branch="otherwise"),
        "“被通报批评”发生次数3次，不在所列情形之内，得0分（满分2分）。",
    ),
    (
        {"points": 6, "indicator": "worker_pioneers"},
        worked({"tally": {"points": {"national": 3, "municipal": 2}}}, 6, reading(value=4), branch=None,
               counted=(("national", F(1), F(3)), ("municipal", F(3), F(2))), is_clipped=True),
        "实绩4个，国家级1个每1个3分、市级3个每1个2分，1×3＋3×2＝9分，最高6分，得6分（满分6分）。",
    ),
    (MEDIATION, worked(5, 5), "得5分（满分8分）。"),
    (
        {"points": 8, "indicator": "mediation_success_rate"},
        worked({"linear": {"of": "value"}}, 6, reading(value="0.75"), branch="proportional"),
        "实绩75%，按实绩计分，得8×75%＝6分（满分8分）。",
    ),
    (
        {"points": 10},
        worked({"linear": {"of": {"scores": "committee"}}}, 9, reading({"scores": "committee"}, raters=3, value="0.9"), branch="proportional"),
        "考核组评分得分率90%（3份评分平均），按得分率计分，得10×90%＝9分（满分10分）。",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("item", "working", "expected"), PRIMITIVES, ids=range(len(PRIMITIVES)))
def test_a_rule_about_one_number(item: Mapping[str, Any], working: RuleTrace, expected: str) -> None:
    assert said(item, working) == expected


TRANSFORMS: list[tuple[Mapping[str, Any], ResolvedInput, str]] = [
    (MEDIATION, reading("excess", value=350, target=330, excess=20), "目标330件（样例〔2015〕1号），实绩350件，超目标20件"),
    (MEDIATION, reading("excess", value=330, target=330, excess=0), "目标330件（样例〔2015〕1号），实绩330件，与目标持平"),
    (MEDIATION, reading("growth", value=330, before=300, growth="0.1"), "实绩330件，上年300件，比上年增长10%"),
    (MEDIATION, reading("growth", value=270, before=300, growth="-0.1"), "实绩270件，上年300件，比上年下降10%"),
    (MEDIATION, reading({"as": "growth", "undefined": 1}, value=5, before=0, undefined=0, growth=1), "实绩5件，上年0件，增长率无法计算，按规定取100%"),
    (MEDIATION, reading("change", value=270, before=300, change=-30), "实绩270件，上年300件，比上年减少30件"),
    (RATE, reading("change", value="0.925", before="0.9", change="0.025"), "实绩92.5%，上年90%，比上年增加2.5个百分点"),
    (RATE, reading("excess", value="0.9", target="0.95", excess="-0.05"), "目标95%（样例〔2015〕1号），实绩90%，低于目标5个百分点"),
    (
        MEDIATION,
        reading("share_of_best", value=330, best=1650, peers=23, share_of_best="0.2"),
        "实绩330件，本组最优1650件（共23个单位有数），与最优值之比20%",
    ),
    (
        MEDIATION,
        reading({"as": "share_of_mean", "peers": "all"}, value=330, mean="284/23", peers=23, share_of_mean="7590/284"),
        "实绩330件，全部单位平均约12.3478件（共23个单位有数），与平均值之比约2672.54%",
    ),
    (
        RATE,
        reading({"as": "excess_over_mean", "with_self": False, "weighted_by": "members"}, value="0.9", mean="0.95", peers=5, excess_over_mean="-0.05"),
        "实绩90%，本组平均（不含本单位、按工会会员加权）95%（共5个单位有数），低于平均5个百分点",
    ),
    (
        MEDIATION,
        reading(["growth", "rank"], value=330, before=300, growth="0.1", peers=23, rank=2),
        "实绩330件，上年300件，比上年增长10%，本组内第2名（共23个单位有数）",
    ),
    (MEDIATION, reading("rank_from_last", value=3, peers=23, rank_from_last=1), "实绩3件，本组内倒数第1名（共23个单位有数）"),
    ({"points": 4}, reading({"scores": "leader", "trim": 1}, raters=5, value="0.92"), "领导评分得分率（去掉1个最高分和1个最低分）92%（5份评分平均）"),
    ({"points": 4}, reading({"scores": "leader"}, "unscored"), "领导评分未齐"),
    ({"points": 4}, reading({"opinion": "peer"}, "unscored"), "互评未齐"),
    ({"points": 4}, reading({"item": "x"}, value="3.5"), "“考核项”得分3.5分"),
    ({"points": 4}, reading({"past": "rank"}, value=2), "2014年度考核总名次第2名"),
    ({"points": 4}, reading({"past": "grade"}, text="special"), "2014年度考核等次为“特等奖”"),
    ({"points": 4}, reading({"late": ["mediation"], "late_unit": "days"}, value=12), "“劳动争议调解台账”迟报天数12天"),
    (MEDIATION, reading({"children": True}, children=4, value="12.5"), "所属单位成功调解劳动争议案件的平均值12.5件（4个单位有数）"),
    (MEDIATION, reading({"period": "U{year}"}, value=12), "2015工会统计年度成功调解劳动争议案件12件"),
    (MEDIATION, reading({"years_back": 1}, value=12), "2014年成功调解劳动争议案件12件"),
    (MEDIATION, reading({"indicator": "worker_pioneers", "category": "national"}, value=2), "工人先锋号（国家级）2个"),
    (MEDIATION, reading({"indicator": "wage_recovered_yuan"}, value="6402300.5"), "讨薪兑现工资6,402,300.5元"),
    (MEDIATION, reading("growth", state="not_reported"), "未报送"),
    (MEDIATION, reading("growth", state="not_reported", value=330), "实绩330件，上年未报送"),
    (MEDIATION, reading("growth", state="not_applicable", value=330, before=0), "实绩330件，上年0件，增长率无法计算"),
    ({"points": 4, "indicator": "veto_events"}, reading("share_of_best", value=4, peers=3, best=1, share_of_best="0.25"), "实绩4项，本组最优1项（共3个单位有数），最优值与其之比25%"),
    (MEDIATION, reading({"as": "share_of_mean", "undefined": 0}, "zero", value=4, peers=3, undefined=0, share_of_mean=0), "实绩4件，与平均值之比无法计算，按规定取0%"),
    (MEDIATION, reading("attainment", state="no_target", value=330), "实绩330件，未下达目标"),
    (MEDIATION, reading({"indicator": "unionisation_rate"}, state="not_applicable"), "工会组建率没有可计算的对象"),
]  # fmt: skip


@pytest.mark.parametrize(("item", "of", "expected"), TRANSFORMS, ids=range(len(TRANSFORMS)))
def test_how_a_number_came_about(item: Mapping[str, Any], of: ResolvedInput, expected: str) -> None:
    rule = Rule(bands=Bands(of=of.input, points=(Band(points=Decimal(1)),)))
    working = RuleTrace(rule, F(1) if of.is_known else None, of.state, (of,), 0)
    sentence = said(
        item, working, policy=None if of.is_known else "zero", points=F(1) if of.is_known else F(0)
    )
    ending = "落在任何数一档，得1分" if of.is_known else "按办法计0分"
    assert sentence == f"{expected}，{ending}（满分{item['points']}分）。"


BAND = {"bands": [[0.85, 4]]}
NESTED: list[tuple[Mapping[str, Any], RuleTrace, str]] = [
    (
        {**RATE, "points": 8},
        worked({"sum": [BAND, {"points": 1}, BAND]}, 5,
               parts=(worked(BAND, 4, reading(value="0.9"), branch=0), worked(1, 1),
                      worked(BAND, None, reading({"indicator": "audit_coverage"}, "not_reported")))),
        "①实绩90%，落在85%及以上一档，得4分；②得1分；③审计面未报送，计0分，得4＋1＋0＝5分（满分8分）。",
    ),
    (
        MEDIATION,
        worked({"sum": [{"linear": {}}, {"linear": {}}]}, None, state="not_reported",
               parts=(worked({"linear": {}}, None, reading("attainment", "not_reported")),) * 2),
        "①未报送；②未报送。",
    ),
    (
        MEDIATION,
        worked({"best": [{"linear": {}}, {"linear": {"points": 4}}]}, 8,
               parts=(worked({"linear": {}}, 8, TARGET, branch="capped"), worked({"linear": {"points": 4}}, 4, TARGET, branch="capped")),
               branch=0),
        "①目标330件（样例〔2015〕1号），实绩1650件，完成率500%，按完成率计分、封顶100%，得8分；②按完成率计分、封顶100%，得4分，"
        "取最高的①，得8分（满分8分）。",
    ),
    (
        {"points": 10},
        worked({"mean": [{"weight": 0.6, "label": "领导评分", "rule": 8}, {"weight": 0.4, "rule": 7}]}, "7.6",
               parts=(worked(8, 8), worked(7, 7))),
        "①领导评分：得8分；②得7分，得8×60%＋7×40%＝7.6分（满分10分）。",
    ),
    (
        {"points": 10},
        worked({"times": [10, 0.9]}, 9, parts=(worked(10, 10), worked(0.9, "0.9"))),
        "①得10分；②系数0.9，得10×0.9＝9分（满分10分）。",
    ),
    (
        {**MEDIATION, "points": 1},
        worked({"each": {"periods": ["{year}H1", "{year}H2"], "rule": 1, "most": 1.5}}, "1.5", parts=(worked(1, 1), worked(1, 1))),
        "①2015年上半年：得1分；②2015年下半年：得1分，1＋1＝2分，合计最高1.5分，计1.5分，超过上限，按1分封顶，得1分（满分1分）。",
    ),
    (
        RATE,
        worked({"first": {"branches": [
                    {"if": {"of": {"item": "x"}, "at_least": 2}, "then": 1},
                    {"if": {"all": [{"at_least": 0.5}, {"any": [{"of": "rank", "at_most": 3}, {"of": {"veto": ["fraud"]}, "at_least": 1}]}]}, "then": BAND}],
                "otherwise": 0}}, 4, reading({"item": "x"}, value=1), reading(value="0.9"), branch=1,
               parts=(worked(BAND, 4, reading(value="0.9"), branch=0),)),
        "“考核项”得分1分，实绩90%，不符合“‘考核项’得分不低于2分”，符合“工会组建率不低于50%且（工会组建率在本组居前3名或发生‘弄虚作假’）”，"
        "落在85%及以上一档，得4分（满分4分）。",
    ),
    (
        RATE,
        worked({"first": {"branches": [{"if": {"not": {"at_least": 0.8}}, "then": 1}], "otherwise": 4}}, 4, reading(value="0.9"), branch=-1,
               parts=(worked(4, 4),)),
        "实绩90%，符合“工会组建率不低于80%”，得4分（满分4分）。",
    ),
    (
        RATE,
        worked({"first": {"branches": [{"if": {"at_least": 0.5, "less_than": 0.6}, "then": 1}], "otherwise": 0}}, 0,
               reading(value="0.9"), branch=-1, parts=(worked(0, 0),)),
        "实绩90%，不符合“工会组建率不低于50%且低于60%”，得0分（满分4分）。",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("item", "working", "expected"), NESTED, ids=range(len(NESTED)))
def test_a_rule_made_of_rules(item: Mapping[str, Any], working: RuleTrace, expected: str) -> None:
    points = working.points if working.points is None else min(working.points, F(item["points"]))
    assert said(item, working, points=points) == expected


UNREPORTED = worked({"linear": {}}, None, reading("attainment", "not_reported"))
POLICIES: list[tuple[str | None, Any, Any, str]] = [
    ("zero", 0, 8, "未报送，按办法计0分（满分8分）。"),
    ("full", 8, 8, "未报送，按办法计满分，得8分（满分8分）。"),
    ("fixed", 5, 8, "未报送，按办法计固定分，得5分（满分8分）。"),
    ("group_mean", "16/3", 8, "未报送，按办法计本组有数单位的平均分，得约5.3333分（满分8分）。"),
    ("group_mean", None, 8, "未报送，按办法计本组有数单位的平均分，但没有单位有数，暂不计分。"),
    ("applicable_mean", 6, 8, "未报送，按办法计全部适用单位的平均分，得6分（满分8分）。"),
    ("rescale", 0, 0, "未报送，按办法不计入，其余各项按满分比例折算。"),
    ("none", None, 0, "未报送，不列入本单位考核。"),
    ("error", None, 8, "未报送，待补正后再计分，目前按0分计入总分。"),
]


@pytest.mark.parametrize(("policy", "points", "full", "expected"), POLICIES)
def test_what_takes_the_place_of_a_missing_number(policy: str, points: Any, full: int, expected: str) -> None:
    given = None if points is None else F(str(points))
    assert said(MEDIATION, UNREPORTED, policy=policy, points=given, raw=given, full=F(full)) == expected


STATES = [
    ("not_applicable", "没有可计算的对象"),
    ("rejected", "报送的内容未通过审核"),
    ("no_target", "未下达目标"),
    ("unscored", "评分未齐"),
]


@pytest.mark.parametrize(("state", "expected"), STATES)
def test_each_reason_has_its_own_words(state: str, expected: str) -> None:
    working = worked({"linear": {}}, None, reading("attainment", state), state=state)
    assert (
        said(MEDIATION, working, policy="zero", points=F(0), raw=F(0))
        == f"{expected}，按办法计0分（满分8分）。"
    )


def test_a_zero_is_a_figure_and_no_missing_one() -> None:
    nothing = reading("attainment", "zero", value=0, target=330, attainment=0)
    expected = "目标330件（样例〔2015〕1号），实绩0件，完成率0%，按完成率计分，得0分（满分8分）。"
    assert said(MEDIATION, worked({"linear": {}}, 0, nothing, branch="floor")) == expected


def test_an_item_of_another_group() -> None:
    item = {**MEDIATION, "groups": ["core"]}
    given = {"scheme": {"groups": {"core": "主城片区"}}}
    working = worked({"linear": {}}, None, state="not_applicable")
    sentence = said(item, working, given=given, policy="none", full=F(0))
    assert sentence == "本项只考核主城片区，不列入本单位考核。"


def test_the_target_that_counts_is_named_with_its_document() -> None:
    sentence = said(
        MEDIATION, worked({"linear": {}}, 8, TARGET, branch="capped"), target_document="样例〔2015〕19号"
    )
    assert sentence.startswith("目标330件（样例〔2015〕19号），")


AT = Address(1, 2)
FULL = worked({"linear": {}}, 12, TARGET, branch="capped")
AFTERWARDS: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({}, {"points": F(8)}, "计12分，超过上限，按8分封顶，得8分（满分8分）。"),
    ({"floor": 2}, {"raw": F(1), "points": F(2)}, "计12分，低于下限，按2分计，得2分（满分8分）。"),
    ({"cap": 12}, {"points": F(7), "ruled": AT}, "计12分，据样例〔2016〕3号申诉裁定改计，得7分（满分8分）。"),
    ({"cap": 12}, {"points": F(0), "is_void": True}, "计12分，因“否决”本项作废，得0分（满分8分）。"),
]


@pytest.mark.parametrize(("item", "score", "expected"), AFTERWARDS)
def test_what_became_of_the_points_of_the_rule(
    item: dict[str, Any], score: dict[str, Any], expected: str
) -> None:
    year = year_of({**MEDIATION, "rule": "0", **item}, veto="fraud", effect={"void": ["x"]})
    ruling = Adjustment("a", "ruled_points", "x", None, F(7), F(12), F(7), "裁定", "样例〔2016〕3号", AT)
    given = {"points": F(12), "raw": F(12), "state": "value", "full": F(8), "trace": FULL, **score}
    sentence = explain(year, ItemScore("a", "x", **given), adjustments=[ruling] if score.get("ruled") else [])
    assert sentence.endswith("按完成率计分、封顶100%，" + expected)


def test_points_are_rounded_where_the_scheme_says_so() -> None:
    third = worked(
        {"linear": {}},
        "16/3",
        reading("attainment", value=220, target=330, attainment="2/3"),
        branch="proportional",
    )
    given = {"scheme": {"rounding": {"items": "1", "total": "2"}}}
    sentence = said(MEDIATION, third, given=given, points=F("5.3"))
    assert sentence.endswith("计8×2/3＝约5.3333分，四舍五入保留1位小数，得5.3分（满分8分）。")


def test_a_corrected_figure_is_shown_with_what_it_was_and_the_document() -> None:
    changes = [
        Adjustment(
            "a", "verified", None, "mediation_succeeded", F(1700), F(1680), F(1700), "", "样例〔2016〕1号", AT
        ),
        Adjustment(
            "a", "spot_check", None, "mediation_succeeded", F(50), F(1700), F(1650), "", "样例〔2016〕2号", AT
        ),
    ]
    year = year_of({**MEDIATION, "rule": "0"})
    working = worked({"linear": {}}, 8, TARGET, branch="capped")
    score = ItemScore("a", "x", F(8), F(8), "value", "mediation_succeeded", trace=working, raw=F(8))
    assert (
        "，实绩1650件（统计数1680件，据样例〔2016〕1号核定为1700件，据样例〔2016〕2号核减50件），"
        in explain(year, score, adjustments=changes)
    )


BLOCK = {
    "points": 10,
    "items": [
        {"id": "y", "label": "调解", "points": 8, "rule": "8"},
        {"id": "z", "label": "援助", "points": 4, "rule": "4"},
    ],
}
BLOCKS = [
    (8, 4, 10, 10, "各项合计12分（调解8分、援助4分），超过上限，按10分封顶，得10分（满分10分）。"),
    (6, 4, 10, 10, "各项合计10分（调解6分、援助4分），得10分（满分10分）。"),
    (6, None, 6, 8, "各项合计6分（调解6分），得6分（满分8分）。"),
    (None, None, 0, 0, "各项均不计入本单位考核。"),
]


@pytest.mark.parametrize(("first", "second", "points", "full", "expected"), BLOCKS)
def test_a_block_is_its_items_together(
    first: int | None, second: int | None, points: int, full: int, expected: str
) -> None:
    given = [("y", first), ("z", second)]
    below = [ItemScore("a", name, F(0), None if p is None else F(p), "value") for name, p in given]
    assert explain(year_of(BLOCK), ItemScore("a", "x", F(full), F(points), "value"), below) == expected


NUMBERS = [
    ("0", "0"), ("1650", "1650"), ("9999.5", "9999.5"), ("10000", "10,000"), ("6402300.50", "6,402,300.5"), ("-12.50", "-12.5"),
    ("0.00000001", "0.00000001"), ("1/3", "约0.3333"), ("-2/3", "约-0.6667"), ("8999/9000", "约0.9999"), ("89999/90000", "约0.99999"),
    ("1/1024", "约0.00098"),
]  # fmt: skip


@pytest.mark.parametrize(("amount", "expected"), NUMBERS)
def test_numbers_are_written_out_or_marked(amount: str, expected: str) -> None:
    assert number(F(amount)) == expected


def test_a_rounded_share_never_looks_like_a_threshold() -> None:
    assert percent(F(8999, 9999)) == "约89.999%"
    assert percent(F("0.9235")) == "92.35%"
    assert term(F(2, 3)) == "2/3"
    assert term(F(2, 3), is_share=True) == "2/3"
    assert term(F(-3)) == "（-3）"
