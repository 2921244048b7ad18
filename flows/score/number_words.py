"""What a rule reads, in words: the name of a number before the year, and how one unit came by it afterwards.

`named` is for the printed scheme (完成率, 上年名次, 增长率在本组的名次); `told` gives the clauses of one reading with
every figure it was made from (目标330件（文号），实绩1650件，完成率500%). Both follow the same list of transforms, so that
the two texts speak of the same thing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from flows.score.folder import SchemeYear
from flows.score.result import Reading
from flows.score.scheme import Item, Number, Transform
from flows.score.words import (
    CODE,
    LAST,
    PLACE,
    POINTS,
    SHARE,
    Measure,
    category_label,
    code_label,
    indicator,
    measure_of,
    number,
    percent,
    period_label,
    quoted,
    record_label,
)

_SHARES = {
    Transform.ATTAINMENT,
    Transform.GROWTH,
    Transform.SHARE_OF_BEST,
    Transform.SHARE_OF_MEAN,
    Transform.POSITION,
}
_DIFFERENCES = {Transform.EXCESS, Transform.CHANGE, Transform.EXCESS_OVER_MEAN}

#: Why a number is missing, as a clause about it.
WHY = {
    "not_applicable": "没有可计算的对象",
    "not_reported": "未报送",
    "rejected": "报送的内容未通过审核",
    "no_target": "未下达目标",
    "unscored": "评分未齐",
}


@dataclass(frozen=True, slots=True)
class Named:
    """The name of a number and what it is measured in. `is_own`: the item's indicator in the assessed year, as such."""

    name: str
    measure: Measure
    is_own: bool = False


def source(of: Number, item: Item, year: SchemeYear) -> Named:
    """A number before its transforms."""
    back = of.years_back
    match of.source:
        case "scores":
            return Named(code_label("rater_group", of.scores or "") + "得分率" + _trimmed(of), SHARE)
        case "opinion":
            return Named(code_label("rater_group", of.opinion or "") + "的意见", CODE)
        case "item":
            return Named(f"{quoted(item_label(year, of.item or ''))}得分", POINTS)
        case "past":
            word, measure = {"points": ("总分", POINTS), "rank": ("名次", PLACE), "grade": ("等次", CODE)}[
                of.past or "grade"
            ]
            return Named(f"{year.year - (back or 1)}年度考核{word}", measure)
        case "late":
            kinds = "、".join(quoted(record_label(kind)) for kind in of.late or ())
            word, unit = ("份数", "份") if of.late_unit == "reports" else ("天数", "天")
            return Named(f"{kinds}迟报{word}", Measure(unit))
        case "veto":
            events = "、".join(quoted(code_label("veto_condition", code)) for code in of.veto or ())
            return Named(f"{events}发生次数", Measure("次"))
    return _figure(of, item, year)


def _figure(of: Number, item: Item, year: SchemeYear) -> Named:
    code = of.indicator or item.indicator
    if code is None:
        raise ValueError(f"item {item.id} reads an indicator and names none")
    name = indicator(code).label
    if of.category is not None:
        name = f"{name}（{category_label(code, of.category)}）"
    period = of.period.replace("{year}", str(year.year - of.years_back))
    if period != str(year.year):
        name = period_label(period) + name
    if of.children:
        name = f"所属单位{name}的平均值"
    is_own = code == item.indicator and of.category is None and period == str(year.year) and not of.children
    return Named(name, measure_of(code), is_own)


def item_label(year: SchemeYear, item_id: str) -> str:
    """The label of an item of the scheme."""
    return next(item.label for item in year.scheme.walk() if item.id == item_id)


def _trimmed(of: Number) -> str:
    return f"（去掉{of.trim}个最高分和{of.trim}个最低分）" if of.trim else ""


def after(transform: Transform, measure: Measure) -> Measure:
    """What a number is measured in once a transform has been applied."""
    if transform in _SHARES:
        return SHARE
    if transform in _DIFFERENCES:
        return measure.difference
    return {Transform.RANK: PLACE, Transform.RANK_FROM_LAST: LAST}.get(transform, measure)


def named(of: Number, item: Item, year: SchemeYear) -> Named:
    """A number with its transforms, as a scheme names it."""
    found = source(of, item, year)
    name, measure, is_own = found.name, found.measure, found.is_own
    for transform in of.as_:
        if transform is Transform.VALUE:
            continue
        name = _PHRASE[transform].format(
            of="" if is_own and transform in _SHORT else name,
            last=_last(of, year),
            group=_among(of),
            mean=_mean(of),
        )
        measure, is_own = after(transform, measure), False
    return Named(name, measure, found.is_own)


#: Names that need no repetition of the item's own indicator in front of them.
_SHORT = frozenset({Transform.ATTAINMENT, Transform.GROWTH})
_PHRASE = {
    Transform.ATTAINMENT: "{of}完成率",
    Transform.EXCESS: "{of}超目标数",
    Transform.GROWTH: "{of}比{last}增长率",
    Transform.CHANGE: "{of}比{last}增加数",
    Transform.SHARE_OF_BEST: "{of}与{group}最优值之比",
    Transform.SHARE_OF_MEAN: "{of}与{group}平均值{mean}之比",
    Transform.EXCESS_OVER_MEAN: "{of}高于{group}平均值{mean}的数",
    Transform.POSITION: "{of}在{group}最低值与最高值之间的位置",
    Transform.RANK: "{of}在{group}的名次",
    Transform.RANK_FROM_LAST: "{of}在{group}的倒数名次",
}


def _last(of: Number, year: SchemeYear) -> str:
    return "上年" if not of.years_back else f"{year.year - of.years_back - 1}年"


def _among(of: Number) -> str:
    return "本组" if of.peers == "group" else "全部单位"


def _mean(of: Number) -> str:
    how = "" if of.with_self else "不含本单位"
    if of.weighted_by:
        how += ("、" if how else "") + f"按{indicator(of.weighted_by).label}加权"
    return f"（{how}）" if how else ""


def told(
    reading: Reading, item: Item, year: SchemeYear, documents: Mapping[str, str], notes: Mapping[str, str]
) -> list[str]:
    """The clauses of what one unit had, in order; of a missing number, why. `documents`: indicator → document of its
    target; `notes`: indicator → how its figure was corrected."""
    of = reading.number
    base = source(of, item, year)
    own = "实绩" if base.is_own else base.name
    if not reading.is_known:
        return [
            *_before_missing(reading, own, base.measure),
            ("" if base.is_own else base.name) + WHY[reading.state],
        ]
    code = of.indicator or item.indicator or ""
    if reading.amount is None:
        return [f"{own}为{quoted(text_label(of, reading.text or ''))}"]
    clauses: list[str] = []
    measure, needed, at = base.measure, dict[str, Fraction](), 0
    for transform in (Transform.VALUE, *(t for t in of.as_ if t is not Transform.VALUE)):
        amount = None
        while at < len(reading.steps) and amount is None:
            name, found = reading.steps[at]
            at += 1
            if name == transform.value:
                amount = found
            else:
                needed[name] = found
        if amount is None:  # the source of a number without steps
            amount = reading.amount
        if transform is Transform.VALUE:
            note = notes.get(code, "") if base.is_own else ""
            clauses.append(f"{own}{measure.show(amount)}{note}")
        else:
            if "target" in needed and transform in (Transform.ATTAINMENT, Transform.EXCESS):
                document = documents.get(code, "")
                target = ("" if base.is_own else base.name) + f"目标{measure.show(needed['target'])}"
                clauses.insert(0, target + (f"（{document}）" if document else ""))
            clauses += _step(transform, amount, needed, of, year, measure)
            measure = after(transform, measure)
    return clauses


def _before_missing(reading: Reading, own: str, measure: Measure) -> list[str]:
    """What is known of a number that a later transform made impossible."""
    known = dict(reading.steps).get("value")
    return (
        []
        if known is None or reading.state in ("not_reported", "rejected")
        else [f"{own}{measure.show(known)}"]
    )


def text_label(of: Number, code: str) -> str:
    """The label of a code that a number can be: an opinion or a grade."""
    return code_label("rater_opinion" if of.source == "opinion" else "assessment_grade", code)


def _step(
    transform: Transform,
    amount: Fraction,
    needed: Mapping[str, Fraction],
    of: Number,
    year: SchemeYear,
    unit: Measure,
) -> list[str]:
    """The clauses of one transform: what it needed, what it made."""
    group, peers = _among(of), f"（共{number(needed['peers'])}个单位有数）" if "peers" in needed else ""
    last, shown = _last(of, year), after(transform, unit).show
    match transform:
        case Transform.ATTAINMENT:
            return (
                ["目标为零，完成率按规定取" + percent(amount)]
                if needed.get("target") == 0
                else [f"完成率{percent(amount)}"]
            )
        case Transform.EXCESS:
            return [_signed(amount, unit, "超目标", "低于目标", "与目标持平")]
        case Transform.GROWTH:
            before = f"{last}{unit.show(needed['before'])}"
            if needed["before"] == 0:
                return [before, f"增长率按规定取{percent(amount)}"]
            return [
                before,
                _signed(amount, SHARE, f"比{last}增长", f"比{last}下降", f"与{last}持平", is_gap=False),
            ]
        case Transform.CHANGE:
            before = f"{last}{unit.show(needed['before'])}"
            return [before, _signed(amount, unit, f"比{last}增加", f"比{last}减少", f"与{last}持平")]
        case Transform.SHARE_OF_BEST:
            return [f"{group}最优{unit.show(needed['best'])}{peers}", f"与最优值之比{percent(amount)}"]
        case Transform.SHARE_OF_MEAN:
            return [
                f"{group}平均{_mean(of)}{unit.show(needed['mean'])}{peers}",
                f"与平均值之比{percent(amount)}",
            ]
        case Transform.EXCESS_OVER_MEAN:
            mean = f"{group}平均{_mean(of)}{unit.show(needed['mean'])}{peers}"
            return [mean, _signed(amount, unit, "高于平均", "低于平均", "与平均持平")]
        case Transform.POSITION:
            ends = f"{group}最低{unit.show(needed['lowest'])}、最高{unit.show(needed['highest'])}{peers}"
            return [ends, f"位置{percent(amount)}"]
    return [f"{group}内{shown(amount)}{peers}"]


def _signed(amount: Fraction, unit: Measure, more: str, less: str, same: str, is_gap: bool = True) -> str:
    if amount == 0:
        return same
    size = unit.gap(abs(amount)) if is_gap else unit.show(abs(amount))
    return (more if amount > 0 else less) + size
