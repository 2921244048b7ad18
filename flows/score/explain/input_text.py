"""What a rule reads, by name: 完成率, 上年名次, 比上年增长率在本组的名次.

The printed scheme and the sentences about a score name a number alike, so that both texts speak of the same thing.
How one unit came by it is told in `reading_words`.
"""

from __future__ import annotations

from dataclasses import dataclass

from flows.contract.catalogue import ContractError
from flows.score.explain.format import (
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
    period_label,
    quoted,
    record_label,
)
from flows.score.rules.grammar import Input, Transform
from flows.score.scheme.scheme_loader import SchemeYear
from flows.score.scheme.scheme_model import Item

_SHARES = {
    Transform.ATTAINMENT,
    Transform.GROWTH,
    Transform.SHARE_OF_BEST,
    Transform.SHARE_OF_MEAN,
    Transform.POSITION,
}
_DIFFERENCES = {Transform.EXCESS, Transform.CHANGE, Transform.EXCESS_OVER_MEAN}


@dataclass(frozen=True, slots=True)
class Named:
    """The name of a number and what it is measured in. `is_own`: the item's indicator in the assessed year, as such."""

    name: str
    measure: Measure
    is_own: bool = False


def source(of: Input, item: Item, year: SchemeYear) -> Named:
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
            word, measure = {"points": ("总分", POINTS), "rank": ("总名次", PLACE), "grade": ("等次", CODE)}[
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


def _figure(of: Input, item: Item, year: SchemeYear) -> Named:
    code = of.indicator or item.indicator
    if code is None:
        raise ContractError(f"{item.label} reads an indicator and names none")
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


def _trimmed(of: Input) -> str:
    return f"（去掉{of.trim}个最高分和{of.trim}个最低分）" if of.trim else ""


def after(transform: Transform, measure: Measure) -> Measure:
    """What a number is measured in once a transform has been applied."""
    if transform in _SHARES:
        return SHARE
    if transform in _DIFFERENCES:
        return measure.difference
    return {Transform.RANK: PLACE, Transform.RANK_FROM_LAST: LAST}.get(transform, measure)


def named(of: Input, item: Item, year: SchemeYear) -> Named:
    """A number with its transforms, as a scheme names it."""
    found = source(of, item, year)
    name, measure, is_own = found.name, found.measure, found.is_own
    for transform in of.as_:
        if transform is Transform.VALUE:
            continue
        phrase = _PHRASE_DOWN if lower_is_better(of, item) and transform in _PHRASE_DOWN else _PHRASE
        name = phrase[transform].format(
            of="" if is_own and transform in _SHORT else name,
            last=year_before(of, year),
            group=among(of),
            mean=mean_kind(of),
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
#: The same for an indicator of which less is better.
_PHRASE_DOWN = {
    Transform.SHARE_OF_BEST: "{group}最优值与{of}之比",
    Transform.POSITION: "{of}在{group}最高值与最低值之间的位置（低者为优）",
}


def lower_is_better(of: Input, item: Item) -> bool:
    """Whether peers are compared with the least in front."""
    code = of.indicator or item.indicator
    return of.source == "indicator" and code is not None and indicator(code).direction == "down"


_LEVEL = {
    Transform.EXCESS: "与目标持平",
    Transform.CHANGE: "与{last}持平",
    Transform.EXCESS_OVER_MEAN: "与{group}平均值{mean}持平",
}


def level(of: Input, item: Item, year: SchemeYear) -> tuple[str, str]:
    """What a number of zero is called, as (name, words): (发放宣传资料, 与目标持平), (迟报天数, 为零)."""
    last = of.as_[-1]
    if last not in _LEVEL:
        return named(of, item, year).name, "为零"
    before = of.model_copy(update={"as_": of.as_[:-1] or (Transform.VALUE,)})
    words = _LEVEL[last].format(last=year_before(of, year), group=among(of), mean=mean_kind(of))
    return named(before, item, year).name, words


def year_before(of: Input, year: SchemeYear) -> str:
    """The year that growth and change look back to."""
    return "上年" if not of.years_back else f"{year.year - of.years_back - 1}年"


def among(of: Input) -> str:
    """Whom a number is held against."""
    return "本组" if of.peers == "group" else "全部单位"


def mean_kind(of: Input) -> str:
    """What kind of a mean it is, where that is to be said."""
    how = "" if of.with_self else "不含本单位"
    if of.weighted_by:
        how += ("、" if how else "") + f"按{indicator(of.weighted_by).label}加权"
    return f"（{how}）" if how else ""


def text_label(of: Input, code: str) -> str:
    """The label of a code that a number can be: an opinion or a grade."""
    return code_label("rater_opinion" if of.source == "opinion" else "assessment_grade", code)
