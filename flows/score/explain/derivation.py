"""How a rule about one number came to its points: the branch it took and the arithmetic, for one unit.

The formula is written with exact numbers (fractions where decimals do not end), so that it gives the points.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

from flows.score.engine.result import RuleTrace
from flows.score.explain.format import SHARE, Measure, category_label, number, percent, term
from flows.score.explain.input_text import level, named
from flows.score.explain.reading_text import short_name
from flows.score.explain.rule_text import band_range, full_points, key_label, parts_words, step_words
from flows.score.rules.grammar import Linear, Steps
from flows.score.scheme.scheme_loader import SchemeYear
from flows.score.scheme.scheme_model import Item


@dataclass(frozen=True, slots=True)
class Course:
    """Clauses about the branch; a formula with what it comes to; why the points are not that (扣完为止)."""

    clauses: tuple[str, ...] = ()
    formula: str = ""
    value: Fraction | None = None
    limit: str = ""


def course(working: RuleTrace, item: Item, year: SchemeYear) -> Course:
    """The course of a rule that reads one number (linear, bands, steps, table, tally) or none (points)."""
    tell = _COURSES.get(working.rule.kind)
    return tell(working, item, year) if tell else Course()


def _linear(working: RuleTrace, item: Item, year: SchemeYear) -> Course:
    rule = working.rule.linear or Linear()
    of, most = named(rule.of, item, year), Fraction(full_points(rule.points, item))
    show, amount = of.measure.show, _amount(working)
    is_rising, how = rule.full_at > rule.zero_at, _line_words(rule, of.measure, item)
    match working.branch:
        case "below_least":
            return Course((f"{'低于' if is_rising else '高于'}要求的{show(rule.least or 0)}",))
        case "capped" if rule.cap == 1:
            return Course((f"{how}、封顶100%",))
        case "capped":
            worked = f"{term(most)}×{percent(rule.cap)}", most * Fraction(rule.cap)
            return Course((f"{how}、封顶{percent(rule.cap)}",), *worked)
        case "floor" if rule.floor == 0:
            reached = amount == Fraction(rule.zero_at)
            return Course((how, "" if reached else f"{'不足' if is_rising else '超过'}{show(rule.zero_at)}"))
        case "floor":
            kept = "保底" if rule.floor > 0 else "最多倒扣"
            worked = f"{term(most)}×{term(rule.floor, True)}", most * Fraction(rule.floor)
            return Course((f"{how}、{kept}{percent(abs(rule.floor))}",), *worked)
    if amount is None:
        return Course((how,))
    return Course((how,), _line(rule, most, amount, of.measure), working.points)


def _line_words(rule: Linear, measure: Measure, item: Item) -> str:
    if rule.zero_at == 0 and rule.full_at == 1 and rule.base == 0 and measure.is_share:
        return f"按{short_name(rule.of, item)}计分"
    zero = f"计基础{percent(rule.base)}" if rule.base else "不计分"
    return f"{measure.show(rule.zero_at)}{zero}、{measure.show(rule.full_at)}计满分，其间按比例计分"


def _line(rule: Linear, most: Fraction, amount: Fraction, measure: Measure) -> str:
    """points × (base + (1 - base) × (n - zero) ÷ (full - zero)), without the parts that do nothing."""
    n, zero, full = (measure.term(x) for x in (amount, rule.zero_at, rule.full_at))
    if rule.zero_at == 0:
        share = n if rule.full_at == 1 else f"{n}÷{full}"
    else:
        share = f"（{n}－{zero}）÷（{full}－{zero}）"
    if rule.base:
        share = f"［{percent(rule.base)}＋{percent(1 - rule.base)}×{share}］"
    return f"{term(most)}×{share}"


def _bands(working: RuleTrace, item: Item, year: SchemeYear) -> Course:
    rule = working.rule.bands
    if rule is None or not isinstance(working.branch, int):
        return Course()
    if working.branch < 0:
        return Course(("不在所列各档之内",))
    band, measure = rule.points[working.branch], named(rule.of, item, year).measure
    return Course((f"落在{band_range(band, measure)}一档",))


def _steps(working: RuleTrace, item: Item, year: SchemeYear) -> Course:
    rule, amount = working.rule.steps, _amount(working)
    if rule is None or amount is None:
        return Course()
    measure, start = named(rule.of, item, year).measure, Fraction(full_points(rule.start, item))
    how = _step_how(rule, measure, start, item, year)
    pro_rata = (amount - Fraction(rule.at)) / Fraction(rule.per)
    units = _whole(pro_rata, rule.parts)
    worth = Fraction(rule.above if units > 0 else rule.below)
    if units != pro_rata:
        how += f"（{parts_words(rule, measure)}）"
    if units == 0 or worth == 0:
        return Course((how,), limit=_kept(working, start))
    value = start + abs(units) * worth
    formula = f"{term(start)}{'＋' if worth > 0 else '－'}{term(abs(units))}×{number(abs(worth))}"
    return Course((how,), formula, value, _kept(working, value))


def _step_how(rule: Steps, measure: Measure, start: Fraction, item: Item, year: SchemeYear) -> str:
    if measure.unit == "名次" and rule.below == 0 and rule.per == 1 and rule.above < 0:
        first = "首名" if rule.at == 1 else f"前{number(rule.at)}名"
        return f"{first}{'满分' if start == item.full else f'计{number(start)}分'}、每降一名扣{number(-rule.above)}分"
    mark = measure.show(rule.at)
    if rule.at == 0 and measure != SHARE:
        mark = level(rule.of, item, year)[1]
    return "、".join([f"{mark}计{number(start)}分", *step_words(rule, measure)])


def _whole(units: Fraction, parts: str) -> Fraction:
    """Units of a step as they count: in proportion, whole ones only, or every begun one."""
    if parts == "share":
        return units
    is_outward = (parts == "full") == (units > 0)
    return Fraction(ceil(units) if is_outward else floor(units))


def _kept(working: RuleTrace, value: Fraction) -> str:
    """What kept the points away from the value of their formula."""
    if not working.is_clipped or working.points is None or value == working.points:
        return ""
    if value > working.points:
        return f"最高{number(working.points)}分"
    return "扣完为止" if working.points == 0 else f"最低{number(working.points)}分"


def _table(working: RuleTrace, item: Item, year: SchemeYear) -> Course:
    rule = working.rule.table
    if rule is None or working.branch is None:
        return Course()
    if working.branch == "otherwise":
        return Course(("不在所列情形之内",))
    return Course((f"按{key_label(str(working.branch), rule, item, year)}一档",))


def _tally(working: RuleTrace, item: Item, year: SchemeYear) -> Course:
    rule = working.rule.tally
    if rule is None:
        return Course()
    measure, code = named(rule.of, item, year).measure, rule.of.indicator or item.indicator or ""
    counted = [(category_label(code, c), n, each) for c, n, each in working.counted if n]
    if not counted:
        return Course(("没有计分的类别",), limit=_kept(working, Fraction(rule.start)))
    said = "、".join(
        f"{label}{measure.show(n)}每{measure.show(1)}{number(each)}分" for label, n, each in counted
    )
    value = Fraction(rule.start) + sum((n * each for _, n, each in counted), start=Fraction(0))
    summands = [number(rule.start)] if rule.start else []
    summands += [f"{term(n)}×{term(each)}" for _, n, each in counted]
    return Course((said,), "＋".join(summands), value, _kept(working, value))


def _amount(working: RuleTrace) -> Fraction | None:
    return working.inputs[-1].amount if working.inputs else None


_COURSES: dict[str, Callable[[RuleTrace, Item, SchemeYear], Course]] = {
    "linear": _linear,
    "bands": _bands,
    "steps": _steps,
    "table": _table,
    "tally": _tally,
}
