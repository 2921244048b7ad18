"""How one unit came by a number: 目标330件（文号），实绩1650件，完成率500%.

Every figure that went into it is a clause of its own, in the order of the transforms; where one could not be made, the
clauses up to it and why. What is not said here cannot be recomputed by the reader.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from flows.score.engine.result import ResolvedInput
from flows.score.explain.format import SHARE, Measure, code_label, number, quoted
from flows.score.explain.input_text import (
    Named,
    after,
    among,
    lower_is_better,
    mean_kind,
    source,
    text_label,
    year_before,
)
from flows.score.rules.grammar import Input, Transform
from flows.score.scheme.scheme_loader import SchemeYear
from flows.score.scheme.scheme_model import Item

#: Why a number is missing, as a clause about it.
WHY = {
    "not_applicable": "没有可计算的对象",
    "not_reported": "未报送",
    "rejected": "报送的内容未通过审核",
    "no_target": "未下达目标",
    "unscored": "评分未齐",
}
_RESULT = {
    Transform.ATTAINMENT: "完成率",
    Transform.EXCESS: "超目标数",
    Transform.GROWTH: "增长率",
    Transform.CHANGE: "增加数",
    Transform.SHARE_OF_BEST: "与最优值之比",
    Transform.SHARE_OF_MEAN: "与平均值之比",
    Transform.EXCESS_OVER_MEAN: "与平均值之差",
    Transform.POSITION: "位置",
}
_RESULT_DOWN = {Transform.SHARE_OF_BEST: "最优值与其之比", Transform.POSITION: "位置（低者为优）"}
_TO_TARGET = (Transform.ATTAINMENT, Transform.EXCESS)


def told(
    reading: ResolvedInput,
    item: Item,
    year: SchemeYear,
    documents: Mapping[str, str],
    notes: Mapping[str, str],
) -> list[str]:
    """The clauses of one reading. `documents`: indicator → document of its target; `notes`: indicator → how its figure
    was corrected."""
    of, base = reading.input, source(reading.input, item, year)
    own, code = "实绩" if base.is_own else base.name, of.indicator or item.indicator or ""
    if reading.text is not None:
        return [f"{own}为{quoted(text_label(of, reading.text))}"]
    clauses: list[str] = []
    measure, needed = base.measure, dict[str, Fraction]()
    ahead = [t for t in of.as_ if t is not Transform.VALUE]
    for name, amount in reading.steps:
        if name == Transform.VALUE.value:
            note = notes.get(code, "") if base.is_own else ""
            clauses.append(f"{own}{measure.show(amount)}{_averaged(needed)}{note}")
        elif ahead and name == ahead[0].value:
            transform = ahead.pop(0)
            if transform in _TO_TARGET:
                clauses.insert(0, _target(base, measure, needed["target"], documents.get(code, "")))
            clauses += _context(transform, needed, of, year, measure)
            clauses.append(_made(transform, amount, needed, of, item, year, measure))
            measure = after(transform, measure)
        else:
            needed[name] = amount
            continue
        needed = {}
    if reading.is_known:
        return clauses
    if reading.state == "unscored" and (group := of.scores or of.opinion):
        return [f"{code_label('rater_group', group)}未齐"]
    if not clauses or not ahead:
        return [("" if base.is_own else base.name) + WHY[reading.state]]
    if "target" in needed:
        clauses.insert(0, _target(base, measure, needed["target"], documents.get(code, "")))
    context = _context(ahead[0], needed, of, year, measure)
    return [*clauses, *context, _lacking(ahead[0], reading, needed, of, item, year)]


def _target(base: Named, measure: Measure, amount: Fraction, document: str) -> str:
    shown = ("" if base.is_own else base.name) + f"目标{measure.show(amount)}"
    return shown + (f"（{document}）" if document else "")


def _averaged(needed: Mapping[str, Fraction]) -> str:
    """Of how many a source is the mean."""
    if "raters" in needed:
        return f"（{number(needed['raters'])}份评分平均）"
    return f"（{number(needed['children'])}个单位有数）" if "children" in needed else ""


def short_name(of: Input, item: Item) -> str:
    """What a proportion is taken of, after the clauses have named it in full: 完成率, 得分率, 与最优值之比."""
    last = of.as_[-1]
    if last is Transform.VALUE:
        return "得分率" if of.source == "scores" else "实绩"
    return _word(last, of, item)


def _peers(needed: Mapping[str, Fraction]) -> str:
    return f"（共{number(needed['peers'])}个单位有数）" if "peers" in needed else ""


def _context(
    transform: Transform, needed: Mapping[str, Fraction], of: Input, year: SchemeYear, unit: Measure
) -> list[str]:
    """What a transform was made with, besides the target."""
    group, peers = among(of), _peers(needed)
    if "before" in needed:
        return [f"{year_before(of, year)}{unit.show(needed['before'])}"]
    if "best" in needed:
        return [f"{group}最优{unit.show(needed['best'])}{peers}"]
    if "mean" in needed:
        return [f"{group}平均{mean_kind(of)}{unit.show(needed['mean'])}{peers}"]
    if "lowest" in needed:
        lowest, highest = unit.show(needed["lowest"]), unit.show(needed["highest"])
        return [f"{group}最低{lowest}、最高{highest}{peers}"]
    return []


def _word(transform: Transform, of: Input, item: Item) -> str:
    words = _RESULT_DOWN if transform in _RESULT_DOWN and lower_is_better(of, item) else _RESULT
    return words[transform]


def _made(
    transform: Transform, amount: Fraction, needed: Mapping[str, Fraction], of: Input, item: Item, year: SchemeYear,
    unit: Measure,
) -> str:  # fmt: skip
    """What a transform made."""
    shown = after(transform, unit).show(amount)
    if "undefined" in needed:
        return f"{_word(transform, of, item)}无法计算，按规定取{shown}"
    before = year_before(of, year)
    match transform:
        case Transform.EXCESS:
            return _signed(amount, unit, "超目标", "低于目标", "与目标持平")
        case Transform.GROWTH:
            return _signed(
                amount, Measure(SHARE.unit), f"比{before}增长", f"比{before}下降", f"与{before}持平", True
            )
        case Transform.CHANGE:
            return _signed(amount, unit, f"比{before}增加", f"比{before}减少", f"与{before}持平")
        case Transform.EXCESS_OVER_MEAN:
            return _signed(amount, unit, "高于平均", "低于平均", "与平均持平")
        case Transform.RANK | Transform.RANK_FROM_LAST:
            return f"{among(of)}内{shown}{_peers(needed)}"
    return f"{_word(transform, of, item)}{shown}"


def _signed(amount: Fraction, unit: Measure, more: str, less: str, same: str, is_rate: bool = False) -> str:
    if amount == 0:
        return same
    size = unit.show(abs(amount)) if is_rate else unit.gap(abs(amount))
    return (more if amount > 0 else less) + size


def _lacking(
    transform: Transform,
    reading: ResolvedInput,
    needed: Mapping[str, Fraction],
    of: Input,
    item: Item,
    year: SchemeYear,
) -> str:
    """Why a transform could not be made."""
    if reading.state == "no_target":
        return WHY["no_target"]
    if transform in (Transform.GROWTH, Transform.CHANGE) and "before" not in needed:
        return year_before(of, year) + WHY[reading.state]
    return f"{_word(transform, of, item)}无法计算"
