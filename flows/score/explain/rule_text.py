"""A rule in words: the column 评分标准 of a printed scheme, made from the rule that is computed.

Nothing is left to be understood: which bounds are included, what parts of a unit count, where a rule stops to add or
to deduct. A phrase about one number begins with its name; `gives` is 得 for points and 系数 for a factor.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

from flows.score.explain.condition_text import condition
from flows.score.explain.format import (
    CODE,
    SHARE,
    Amount,
    Measure,
    category_label,
    number,
    numbered,
    percent,
    period_label,
)
from flows.score.explain.input_text import level, named, text_label
from flows.score.rules.grammar import (
    Band,
    Bands,
    Each,
    Exact,
    First,
    Linear,
    Rule,
    Steps,
    Table,
    Tally,
    Transform,
)
from flows.score.scheme.scheme_loader import SchemeYear
from flows.score.scheme.scheme_model import Item

#: What a rule gives that is multiplied with points.
FACTOR = "系数"


def describe_rule(year: SchemeYear, item: Item) -> str:
    """The rule of a leaf, as one sentence without its full stop."""
    if item.rule is None:
        raise ValueError(f"{item.id} is a block and has no rule")
    return phrase(item.rule, item, year)


def describe_factor(year: SchemeYear, rule: Rule, item: Item) -> str:
    """A rule whose result is a coefficient."""
    return phrase(rule, item, year, FACTOR)


def gives(points: Amount, verb: str = "得") -> str:
    """What a branch gives: 得3分, 不得分, 倒扣2分, 系数0.9."""
    if verb == FACTOR:
        return f"系数{number(points)}"
    if points == 0:
        return "不得分"
    return f"得{number(points)}分" if points > 0 else f"倒扣{number(-points)}分"


def phrase(rule: Rule, item: Item, year: SchemeYear, verb: str = "得", depth: int = 0) -> str:
    """A rule, nested ones numbered."""
    if rule.points is not None:
        return gives(rule.points, verb)
    of_kind: dict[str, Callable[[], str]] = {
        "linear": lambda: _linear(rule.linear or Linear(), item, year, verb),
        "bands": lambda: _bands(rule.bands, item, year, verb) if rule.bands else "",
        "steps": lambda: _steps(rule.steps, item, year, verb) if rule.steps else "",
        "table": lambda: _table(rule.table, item, year, verb) if rule.table else "",
        "tally": lambda: _tally(rule.tally, item, year) if rule.tally else "",
        "first": lambda: _first(rule.first, item, year, verb, depth) if rule.first else "",
        "each": lambda: _each(rule.each, item, year, depth) if rule.each else "",
    }
    if rule.kind in of_kind:
        return of_kind[rule.kind]()
    verbs = [verb, *(FACTOR for _ in rule.parts[1:])] if rule.times else [verb] * len(rule.parts)
    parts = [phrase(part, item, year, v, depth + 1) for part, v in zip(rule.parts, verbs, strict=True)]
    for at, part in enumerate(rule.mean or ()):
        parts[at] = f"{part.label}（占{percent(part.weight)}）{'：' if part.label else ''}{parts[at]}"
    listed = "；".join(numbered(at, depth) + text for at, text in enumerate(parts))
    return f"{_JOINED[rule.kind]}：{listed}"


_JOINED = {
    "sum": "下列各项相加",
    "best": "下列各项取得分最高的一项",
    "worst": "下列各项取得分最低的一项",
    "mean": "下列各项加权平均",
    "times": "下列各项相乘",
}


def full_points(points: Exact | None, item: Item) -> Decimal:
    """Points of a linear rule or start of steps: as given, or the item's."""
    return item.full if points is None else points


def _linear(rule: Linear, item: Item, year: SchemeYear, verb: str) -> str:
    of, most = named(rule.of, item, year), full_points(rule.points, item)
    zero, full = of.measure.show(rule.zero_at), of.measure.show(rule.full_at)
    is_plain = rule.zero_at == 0 and rule.full_at == 1 and rule.base == 0 and of.measure.is_share
    if is_plain:
        text = f"按{of.name}的比例计分，{full}{gives(most, verb)}"
    elif rule.base == 0:
        text = f"{of.name}为{full}{gives(most, verb)}，为{zero}不得分，其间按比例计分"
    else:
        text = (
            f"按功效系数计分：{of.name}为{zero}得基础分{number(most * rule.base)}分（{percent(rule.base)}），"
            f"为{full}{gives(most, verb)}，其间按比例计分"
        )
    better, worse = ("超过", "不足") if rule.full_at > rule.zero_at else ("低于", "高于")
    if rule.cap == 1:
        text += "" if _ends_there(rule, of.measure) else f"，{better}的按{full}计"
    else:
        text += f"，{better}{full}的同比例加分，最高得{number(most * rule.cap)}分"
    if rule.floor > 0:
        text += f"，最低得{number(most * rule.floor)}分"
    elif rule.floor < 0:
        text += f"，{worse}{zero}的同比例倒扣，最多倒扣{number(-most * rule.floor)}分"
    if rule.least is not None:
        text += f"；{'低于' if rule.full_at > rule.zero_at else '高于'}{of.measure.show(rule.least)}的不得分"
    return text


def _ends_there(rule: Linear, measure: Measure) -> bool:
    """Whether no number can lie beyond the mark of all points: a count below 0, a share of the best above 1."""
    if rule.full_at == 0:
        return measure.difference == measure
    is_part = rule.of.scores is not None or rule.of.as_[-1] in (Transform.SHARE_OF_BEST, Transform.POSITION)
    return is_part and rule.full_at == 1


def band_range(band: Band, measure: Measure) -> str:
    """The range of a band with both bounds told: 90%（含）至95%（不含）, 95%及以上, 第1名至第3名."""
    low, high = (
        band.from_ if band.from_ is not None else band.above,
        band.to if band.to is not None else band.upto,
    )
    if measure.is_place and low is not None and high is not None:
        first, last = low + (band.above is not None), high - (band.to is not None)
        return measure.show(first) if first >= last else f"{measure.show(first)}至{measure.show(last)}"
    lower = "" if low is None else measure.show(low)
    upper = "" if high is None else measure.show(high)
    if lower and upper:
        ends = ("含" if band.from_ is not None else "不含", "含" if band.upto is not None else "不含")
        return lower if low == high else f"{lower}（{ends[0]}）至{upper}（{ends[1]}）"
    if lower:
        return f"{lower}及以上" if band.from_ is not None else f"{lower}以上（不含）"
    return (f"{upper}及以下" if band.upto is not None else f"{upper}以下（不含）") if upper else "任何数"


def _bands(rule: Bands, item: Item, year: SchemeYear, verb: str) -> str:
    of = named(rule.of, item, year)
    parts = [band_range(band, of.measure) + gives(band.points, verb) for band in rule.points]
    if rule.otherwise is not None:
        parts.append(f"其余{gives(rule.otherwise, verb)}")
    return f"{of.name}{'：' if len(parts) > 2 else ''}{'，'.join(parts)}"


def step_words(rule: Steps, measure: Measure) -> list[str]:
    """每低1个百分点扣0.1分, for each of the two sides that count."""
    unit = measure.gap(rule.per)
    up, down = ("高", "低") if measure.is_share else ("多", "少")
    if measure.is_place:
        up, down = ("降", "升") if measure.unit == "名次" else ("升", "降")
    sides = [(up, rule.above), (down, rule.below)]
    return [
        f"每{side}{unit}{'加' if k > 0 else '扣'}{number(abs(k))}分" for side, k in sides if k != 0
    ]  # fmt: skip


def parts_words(rule: Steps, measure: Measure) -> str:
    """What becomes of a part of a unit; nothing to say where there are whole numbers only."""
    unit = measure.gap(rule.per)
    if measure.is_place or (rule.per == 1 and not measure.is_share and measure.unit in ("次", "份", "天")):
        return ""
    how = {"share": "按比例计", "drop": "不计", "full": f"按{unit}计"}[rule.parts]
    return f"不足{unit}的{how}"


def _steps(rule: Steps, item: Item, year: SchemeYear, verb: str) -> str:
    of, start = named(rule.of, item, year), full_points(rule.start, item)
    mark = of.measure.show(rule.at)
    if of.measure.unit == "名次" and rule.below == 0 and rule.at >= 1:
        places = "首名" if rule.at == 1 else f"前{number(rule.at)}名"
        text = f"{of.name.removesuffix('的名次')}居{places}{gives(start, verb)}，此后"
    elif rule.at == 0 and of.measure != SHARE:
        text = f"{''.join(level(rule.of, item, year))}{gives(start, verb)}，"
    else:
        text = f"{of.name}为{mark}{gives(start, verb)}，"
    words = [*step_words(rule, of.measure), parts_words(rule, of.measure)]
    return text + "，".join(
        [w for w in words if w] + limits(rule.least, rule.most, item, rule.above, rule.below)
    )


def limits(least: Exact | None, most: Exact | None, item: Item, *changes: Decimal) -> list[str]:
    """Where a rule that adds and deducts stops. `changes`: what one unit adds on each side."""
    out = []
    if any(k > 0 for k in changes):
        out.append(f"最高得{number(item.most if most is None else most)}分")
    if any(k < 0 for k in changes) and least is not None:
        out.append(
            "扣完为止"
            if least == 0
            else f"最低得{number(least)}分"
            if least > 0
            else f"最多倒扣{number(-least)}分"
        )
    return out


def key_label(key: str, rule: Table, item: Item, year: SchemeYear) -> str:
    """A key of a table: a code in words, or a whole number with its unit."""
    measure = named(rule.of, item, year).measure
    return text_label(rule.of, key) if measure == CODE else measure.show(Fraction(key))


def _table(rule: Table, item: Item, year: SchemeYear, verb: str) -> str:
    name = named(rule.of, item, year).name
    parts = [
        f"{key_label(key, rule, item, year)}{gives(points, verb)}" for key, points in rule.points.items()
    ]
    if rule.otherwise is not None:
        parts.append(f"其他{gives(rule.otherwise, verb)}")
    return f"{name}：{'，'.join(parts)}"


def _tally(rule: Tally, item: Item, year: SchemeYear) -> str:
    of, code = named(rule.of, item, year), rule.of.indicator or item.indicator or ""
    unit = of.measure.show(1)
    parts = [f"{category_label(code, key)}每{unit}{_worth(points)}" for key, points in rule.points.items()]
    if rule.otherwise is not None:
        parts.append(f"其他每{unit}{_worth(rule.otherwise)}")
    start = [f"基础{number(rule.start)}分"] if rule.start else []
    changes = [*rule.points.values(), *([] if rule.otherwise is None else [rule.otherwise])]
    return (
        f"{of.name}按类别累计：{'，'.join([*start, *parts, *limits(rule.least, rule.most, item, *changes)])}"
    )


def _worth(points: Decimal) -> str:
    return f"扣{number(-points)}分" if points < 0 else f"{number(points)}分"


def _first(rule: First, item: Item, year: SchemeYear, verb: str, depth: int) -> str:
    parts = [
        f"{condition(branch.if_, item, year)}的，{phrase(branch.then, item, year, verb, depth + 1)}"
        for branch in rule.branches
    ]
    return "；".join([*parts, f"其他情形，{phrase(rule.otherwise, item, year, verb, depth + 1)}"])


def period_names(rule: Each, year: SchemeYear) -> list[str]:
    """The labels of the periods, in order."""
    return [period_label(p.replace("{year}", str(year.year))) for p in rule.periods]


def _each(rule: Each, item: Item, year: SchemeYear, depth: int) -> str:
    text = f"{'、'.join(period_names(rule, year))}分别计分后相加：{phrase(rule.rule, item, year, '得', depth + 1)}"
    if rule.least is not None:
        text += f"，合计最低{number(rule.least)}分"
    return text + (f"，合计最高{number(rule.most)}分" if rule.most is not None else "")
