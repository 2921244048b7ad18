"""A rule as the column 评分标准 prints it, and a condition as a clause."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from pydantic import TypeAdapter

from flows.score.explain.frame import Frame
from flows.score.rules.condition import Condition
from tests.score.case import made

CASES = "mediation_succeeded"
RATE = "unionisation_rate"

#: (indicator, rule, words); every item has 8 points and may give 10.
RULES: list[tuple[str, Any, str]] = [
    (CASES, {"linear": {}}, "按完成率的比例计分，100%得8分，超过的按100%计"),
    (
        CASES,
        {"linear": {"least": 0.6, "cap": 1.25}},
        "按完成率的比例计分，100%得8分，超过100%的同比例加分，最高得10分；低于60%的不得分",
    ),
    (CASES, {"linear": {"floor": 0.25}}, "按完成率的比例计分，100%得8分，超过的按100%计，最低得2分"),
    (
        RATE,
        {"linear": {"of": "value", "zero_at": 0.6, "full_at": 0.8, "floor": -0.5}},
        "工会组建率为80%得8分，为60%不得分，其间按比例计分，超过的按80%计，不足60%的同比例倒扣，最多倒扣4分",
    ),
    (
        "veto_events",
        {"linear": {"of": "value", "zero_at": 10, "full_at": 0, "least": 6}},
        "一票否决事项为0项得8分，为10项不得分，其间按比例计分；高于6项的不得分",
    ),
    (
        CASES,
        {"linear": {"of": "position", "base": 0.6}},
        "按功效系数计分：成功调解劳动争议案件在本组最低值与最高值之间的位置为0%得基础分4.8分（60%），为100%得8分，其间按比例计分",
    ),
    (
        CASES,
        {"linear": {"of": {"as": "share_of_best", "peers": "all"}}},
        "按成功调解劳动争议案件与全部单位最优值之比的比例计分，100%得8分",
    ),
    (
        "veto_events",
        {"linear": {"of": "share_of_best"}},
        "按本组最优值与一票否决事项之比的比例计分，100%得8分",
    ),
    (
        RATE,
        {"bands": [[0.8, 4], [0.75, 3]]},
        "工会组建率：80%及以上得4分，75%（含）至80%（不含）得3分，其余不得分",
    ),
    (
        RATE,
        {"bands": {"points": [{"above": 0.8, "upto": 0.9, "points": 4}, {"upto": 0.5, "points": -1}]}},
        "工会组建率80%（不含）至90%（含）得4分，50%及以下倒扣1分",
    ),
    (
        CASES,
        {
            "bands": {
                "of": "rank",
                "points": [
                    {"from": 1, "upto": 3, "points": 8},
                    {"above": 3, "to": 6, "points": 4},
                    {"from": 6, "to": 7, "points": 1},
                ],
            }
        },
        "成功调解劳动争议案件在本组的名次：第1名至第3名得8分，第4名至第5名得4分，第6名得1分",
    ),
    (
        CASES,
        {"steps": {"of": "rank", "at": 3, "above": -0.2, "parts": "share"}},
        "成功调解劳动争议案件在本组居前3名得8分，此后每降1名扣0.2分，扣完为止",
    ),
    (
        CASES,
        {"steps": {"of": "excess", "start": 6, "above": 0.5, "below": -1, "parts": "drop"}},
        "成功调解劳动争议案件与目标持平得6分，每多1件加0.5分，每少1件扣1分，不足1件的不计，最高得10分，扣完为止",
    ),
    (
        RATE,
        {"steps": {"of": "change", "per": 0.01, "below": -1, "parts": "full", "least": -2}},
        "工会组建率与上年持平得8分，每低1个百分点扣1分，不足1个百分点的按1个百分点计，最多倒扣2分",
    ),
    (
        RATE,
        {
            "steps": {
                "of": {"as": "excess_over_mean", "with_self": False},
                "per": 0.01,
                "below": -0.1,
                "parts": "share",
                "least": 1,
            }
        },
        "工会组建率与本组平均值（不含本单位）持平得8分，每低1个百分点扣0.1分，不足1个百分点的按比例计，最低得1分",
    ),
    (
        CASES,
        {"steps": {"of": {"late": ["mediation"]}, "above": -0.5, "parts": "full"}},
        "“劳动争议调解台账”迟报份数为零得8分，每多1份扣0.5分，扣完为止",
    ),
    (
        CASES,
        {"table": {"of": {"opinion": "leader"}, "points": {"satisfied": 4}, "otherwise": 0}},
        "领导评分的意见：满意得4分，其他不得分",
    ),
    (
        CASES,
        {"table": {"of": {"past": "grade"}, "points": {"first": 4, "second": 2}}},
        "2014年度考核等次：一等奖得4分，二等奖得2分",
    ),
    (
        CASES,
        {"table": {"of": {"veto": ["accident"]}, "points": {"0": 8, "1": 4}}},
        "“安全生产责任事故”发生次数：0次得8分，1次得4分",
    ),
    (
        "worker_pioneers",
        {"tally": {"points": {"national": 3}, "otherwise": 0.5, "start": 1, "most": 5}},
        "工人先锋号按类别累计：基础1分，国家级每1个3分，其他每1个0.5分，最高得5分",
    ),
    (
        "worker_pioneers",
        {"tally": {"points": {"district": -1}, "start": 8}},
        "工人先锋号按类别累计：基础8分，区级每1个扣1分，扣完为止",
    ),
    (
        RATE,
        {"first": {"branches": [{"if": {"at_least": 0.9}, "then": 8}], "otherwise": {"sum": [1, 2]}}},
        "工会组建率不低于90%的，得8分；其他情形，下列各项相加：（1）得1分；（2）得2分",
    ),
    (
        CASES,
        {"worst": [1, {"best": [2, 3]}]},
        "下列各项取得分最低的一项：①得1分；②下列各项取得分最高的一项：（1）得2分；（2）得3分",
    ),
    (
        CASES,
        {"mean": [{"weight": 0.6, "label": "平时", "rule": 8}, {"weight": 0.4, "rule": 7}]},
        "下列各项加权平均：①平时（占60%）：得8分；②（占40%）得7分",
    ),
    (CASES, {"times": [8, 0.9]}, "下列各项相乘：①得8分；②系数0.9"),
    (
        CASES,
        {"each": {"periods": ["{year}Q1", "{year}Q2"], "rule": 1, "least": 0, "most": 1.5}},
        "2015年第一季度、2015年第二季度分别计分后相加：得1分，合计最低0分，合计最高1.5分",
    ),
    (CASES, 5, "得5分"),
]


def frame_of(indicator: str, rule: Any) -> Frame:
    year = made(
        {
            "item": {"points": 8, "cap": 10, "indicator": indicator, "rule": rule},
            "points": {"a": 0},
            "scheme": {},
        }
    )[0]
    return Frame(year, year.scheme.leaves[0])


@pytest.mark.parametrize(("indicator", "rule", "expected"), RULES, ids=range(len(RULES)))
def test_a_rule_in_words(indicator: str, rule: Any, expected: str) -> None:
    frame = frame_of(indicator, rule)
    assert frame.item is not None and frame.item.rule is not None
    assert frame.item.rule.describe(frame) == expected


CONDITIONS: list[tuple[Mapping[str, Any], str]] = [
    ({"at_least": 0.6, "less_than": 0.8}, "工会组建率不低于60%且低于80%"),
    ({"more_than": 0.6}, "工会组建率高于60%"),
    ({"at_most": 0.6, "if_missing": True}, "工会组建率不高于60%（没有数据的视为符合）"),
    (
        {"of": {"indicator": CASES}, "at_least": 10, "less_than": 20},
        "成功调解劳动争议案件不少于10件且少于20件",
    ),
    ({"of": {"indicator": CASES}, "more_than": 10}, "成功调解劳动争议案件多于10件"),
    ({"of": "rank", "at_most": 3}, "工会组建率在本组居前3名"),
    ({"of": "rank", "less_than": 4}, "工会组建率在本组居前3名"),
    ({"of": "rank", "at_most": 1}, "工会组建率在本组为第1名"),
    ({"of": "rank", "at_least": 4}, "工会组建率在本组为第4名及以后"),
    ({"of": "rank", "more_than": 4}, "工会组建率在本组为第5名及以后"),
    ({"of": "rank_from_last", "at_most": 3}, "工会组建率在本组居后3名"),
    ({"of": "rank_from_last", "more_than": 3}, "工会组建率在本组为倒数第4名及以前"),
    ({"of": {"veto": ["fraud", "funds"]}, "at_least": 1}, "发生“弄虚作假”或“未完成经费上解”"),
    ({"of": {"veto": ["fraud"]}, "more_than": 1}, "“弄虚作假”发生次数多于1次"),
    ({"of": {"opinion": "leader"}, "is": "dissatisfied"}, "领导评分的意见为“不满意”"),
    ({"of": {"past": "points"}, "at_least": 90}, "2014年度考核总分不低于90分"),
    ({"not": {"at_least": 0.9}}, "不符合“工会组建率不低于90%”"),
    (
        {
            "any": [
                {"at_least": 0.9, "at_most": 1},
                {"all": [{"at_least": 0.8}, {"of": "rank", "at_most": 3}]},
            ]
        },
        "（工会组建率不低于90%且不高于100%）或（工会组建率不低于80%且工会组建率在本组居前3名）",
    ),
]


@pytest.mark.parametrize(("test", "expected"), CONDITIONS, ids=range(len(CONDITIONS)))
def test_a_condition_in_words(test: Mapping[str, Any], expected: str) -> None:
    condition = TypeAdapter(Condition).validate_python(test)
    assert condition.describe(frame_of(RATE, 5)) == expected
