"""The clauses of a printed scheme that are no table: what every setting of `scheme.yml` means, as sentences.

Each function gives the numbered clauses of one chapter; together they say everything the engine is told, so that
nothing is computed that is not printed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from flows.contract.catalogue import state_reasons
from flows.score.explain.format import code_label, number, percent, quoted
from flows.score.explain.frame import FACTOR, Frame
from flows.score.scheme.scheme_loader import SchemeYear
from flows.score.scheme.scheme_model import BonusClass, Effect, Fixed, Gate, Grade, Missing, Policy

_POLICIES = {
    "zero": "该项计0分",
    "full": "该项计满分",
    "group_mean": "该项按本组有数单位得分的平均分计",
    "applicable_mean": "该项按全部适用单位得分的平均分计",
    "rescale": "该项不计入，其余各项得分按“全部满分÷其余各项满分”折算",
    "none": "该项不列入该单位考核，也不折算",
    "error": "该项暂不计分，补齐后再计",
}
_STEPS = {
    "items": "逐项计分，按块合计为基础分",
    "rescale": "不计入的项目按比例折算",
    "bonus": "加上加分",
    "deductions": "减去扣分",
    "gates": "执行必备条件和一票否决",
    "rank": "按总分排定名次",
    "grades": "评定等次",
}
_TIE_BREAK = {
    "base_points": "基础分高者在前",
    "bonus_points": "加分高者在前",
    "past_rank": "上年总名次靠前者在前",
    "decision": "由会议研究决定并记录",
}
_ROUND = {"floor": "不足1个的舍去", "half_up": "四舍五入", "ceil": "不足1个的按1个计"}


def general(year: SchemeYear) -> list[str]:
    """总则: the sentences of the method, the year assessed, the closing day."""
    scheme = year.scheme
    return [
        *scheme.method,
        f"考核年度为{year.year}年1月1日至12月31日；指标另有统计期的，按评分标准中写明的时期。",
        f"数据至{day(scheme.closing_on)}止；此后仍未核定、未通过审核的，不计入。",
    ]


def day(on: date) -> str:
    """A day as it is printed: 2016年2月28日."""
    return f"{on.year}年{on.month}月{on.day}日"


def missing(own: Missing) -> list[str]:
    """What becomes of an item without a number, by the reason; reasons left out are not mentioned."""
    told = [(_reason(state), getattr(own, state)) for state in Missing.model_fields]
    return [f"{words}，{_policy(policy)}。" for words, policy in told if policy is not None]


def _reason(state: str) -> str:
    return f"{state_reasons()[state]}的" + ("（不适用）" if state == "not_applicable" else "")


def _missing_of_all(year: SchemeYear) -> list[str]:
    """缺项处理 of the scheme; a missing rater score stays open unless said otherwise."""
    clauses = missing(year.scheme.missing)
    if year.scheme.missing.unscored is None:
        clauses.append(f"{_reason('unscored')}，{_POLICIES['error']}。")
    return [*clauses, "评分标准中另有规定的，从其规定。"]


def _policy(policy: Policy) -> str:
    return f"该项计{number(policy.fixed)}分" if isinstance(policy, Fixed) else _POLICIES[policy]


def _bonus(year: SchemeYear) -> list[str]:
    """加分: caps, classes, levels, evidence, attribution."""
    given = year.scheme.bonus
    if given is None:
        return []
    first = year.year - given.work_years_back
    works = f"{year.year}年" if first == year.year else f"{first}年至{year.year}年"
    clauses = [
        f"加分在基础分之外另计，由各单位逐事项申报，经核定后计入，各类合计最高加{number(given.cap)}分。"
    ]
    clauses += [_bonus_class(c) for c in given.classes]
    clauses.append(f"加分事项限于{works}的工作，以前年度已经加分的不再加分。")
    if given.needs_document:
        clauses.append("没有文件依据的，不予加分。")
    if given.highest_only:
        clauses.append("同一事项获多个级别的，只按最高级别加分一次。")
    return clauses


def _bonus_class(of: BonusClass) -> str:
    kinds = "、".join(code_label("bonus_kind", kind) for kind in of.kinds)
    levels = "、".join(f"{code_label('honour_level', level)}{number(p)}分" for level, p in of.levels.items())
    applies = "" if kinds == of.label else f"（{kinds}）"
    cap = "" if of.cap is None else f"；本类最高加{number(of.cap)}分"
    return f"{of.label}{applies}：每个事项最高加{levels}{cap}。"


def _deductions(year: SchemeYear) -> list[str]:
    """扣分: by notice, within caps of class and total, times the factor."""
    given = year.scheme.deductions
    if given is None:
        return []
    total = "" if given.cap is None else f"，各类合计最多扣{number(given.cap)}分"
    clauses = [f"扣分以正式通报为依据，从总分中扣除{total}。"]
    for of in given.classes:
        labels = "、".join(quoted(Frame(year, None).item_label(i)) for i in of.items)
        applies = f"涉及{labels}的通报" if labels else "其他各项的通报"
        cap = "按通报分值扣除" if of.cap is None else f"按通报分值扣除，本类最多扣{number(of.cap)}分"
        clauses.append(f"{of.label}：{applies}，{cap}。")
    if given.factor is not None:
        clauses.append(f"扣分按单位规模乘以系数：{given.factor.describe(Frame(year, None), FACTOR)}。")
    return clauses


def _gates(year: SchemeYear) -> list[str]:
    """一票否决与必备条件: condition and effects of each."""
    scheme = year.scheme
    if not scheme.gates:
        return []
    how = {"applies": "裁定前照常执行", "suspended": "裁定前暂缓执行"}[scheme.appealed_veto]
    return [*(_gate(gate, year) for gate in scheme.gates), f"对否决事项提出申诉的，{how}。"]


def _gate(gate: Gate, year: SchemeYear) -> str:
    condition = gate.if_.describe(Frame(year, None))
    return f"{gate.label}：{condition}的，{'，并'.join(_effects(gate.effect, year))}。"


def _effects(effect: Effect, year: SchemeYear) -> list[str]:
    """The effects of a gate, each as a clause."""
    out = []
    if effect.no_award:
        out.append("取消当年评奖资格，得分和名次保留")
    if effect.at_best is not None:
        out.append(f"等次最高为{quoted(code_label('assessment_grade', effect.at_best))}")
    if effect.lower_one:
        out.append("等次降低一等")
    if effect.lowest:
        out.append(f"等次定为{quoted(code_label('assessment_grade', year.scheme.grades.list_[-1].grade))}")
    if effect.zero_score:
        out.append("总分计0分")
    if effect.void:
        out.append(f"{'、'.join(quoted(Frame(year, None).item_label(i)) for i in effect.void)}不计分")
    if effect.claw_back is not None:
        out.append(f"追回此前{effect.claw_back}年所获等次")
    return out


def _order(year: SchemeYear) -> list[str]:
    """计分次序, as the scheme's `_order`, and what ranks are made from."""
    scheme = year.scheme
    steps = {**_STEPS, "round": f"总分四舍五入，保留{scheme.rounding.total}位小数"}
    if scheme.rounding.items is not None:
        steps["items"] = f"逐项计分，每项得分四舍五入、保留{scheme.rounding.items}位小数，按块合计为基础分"
    told = "；".join(f"第{at}步，{steps[step]}" for at, step in enumerate(scheme.order, 1))
    is_rounded = scheme.order.index("round") < scheme.order.index("rank")
    return [f"计分按以下次序进行：{told}。", f"名次按取整{'后' if is_rounded else '前'}的总分排定。"]


def _rank(year: SchemeYear) -> list[str]:
    """并列与取整: how equal totals are told apart, and what becomes of those that stay equal."""
    scheme = year.scheme
    shared = {"shared": "名次并列，其后名次相应空出", "dense": "名次并列，其后名次不空出"}[scheme.rank.ties]
    broken = [_break(step, year) for step in scheme.rank.break_]
    first = f"总分相同的，依次按下列各项排列：{'；'.join(broken)}。仍相同的，" if broken else "总分相同的，"
    inside = "各项得分四舍五入后计入总分" if scheme.rounding.items is not None else "各项得分不作取整"
    return [f"{first}{shared}。", f"{inside}；总分四舍五入，保留{scheme.rounding.total}位小数。"]


def _break(step: str, year: SchemeYear) -> str:
    if step.startswith("item:"):
        return f"{quoted(Frame(year, None).item_label(step.removeprefix('item:')))}得分高者在前"
    return _TIE_BREAK[step]


def _grades(year: SchemeYear) -> list[str]:
    """等次评定: quota and least points of each grade, then barred units and ties at the last place."""
    given = year.scheme.grades
    scope = {"group": "等次在各组内分别评定", "all": "等次在全部单位中统一评定"}[given.scope]
    clauses = [f"{scope}，按名次自高等次起依次评定。"]
    clauses += [_grade(grade, given.scope) for grade in given.list_]
    if not any(g.count is None and g.share is None and g.min_points is None for g in given.list_):
        clauses.append(f"其余单位：{code_label('assessment_grade', given.no_award)}。")
    clauses.append(
        {
            "passes_on": "被否决或不符合条件的单位，其名额由后一名递补。",
            "keeps_place": "被否决或不符合条件的单位，其名额不递补。",
        }[given.barred]
    )
    clauses.append(
        {
            "extend": "末位名次并列的，一并评定。",
            "drop": "末位名次并列的，均不评入该等次。",
            "decide": "末位名次并列的，由会议研究决定并记录。",
        }[given.edge_tie]
    )
    return clauses


def _grade(grade: Grade, scope: str) -> str:
    units = "本组单位数" if scope == "group" else "全部单位数"
    if grade.count is not None:
        quota = f"{grade.count}个"
    elif grade.share is not None:
        least = f"，至少{grade.at_least_units}个" if grade.at_least_units else ""
        quota = f"{units}的{percent(grade.share)}（{_ROUND[grade.round]}{least}）"
    else:
        quota = "" if grade.min_points is not None else "其余单位"
    floor = "" if grade.min_points is None else f"总分不低于{number(grade.min_points)}分"
    return f"{code_label('assessment_grade', grade.grade)}：{'，且'.join(t for t in (quota, floor) if t)}。"


def chapters(year: SchemeYear) -> Mapping[str, list[str]]:
    """Title → clauses of the chapters behind the table of items, in the order they are printed; empty ones left out."""
    all_of_them = {
        "缺项处理": _missing_of_all(year),
        "加分": _bonus(year),
        "扣分": _deductions(year),
        "必备条件与一票否决": _gates(year),
        "计分次序": _order(year),
        "并列与取整": _rank(year),
        "等次评定": _grades(year),
    }
    return {title: clauses for title, clauses in all_of_them.items() if clauses}
