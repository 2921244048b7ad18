"""Rules at work: what a rule gives one unit, as a tree that says which branch was taken and why.

Each primitive cites the real schemes whose rules it expresses. A rule whose number is missing gives no points but the
reason; what that costs is the item's policy, decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from flows.score.engine.facts import State
from flows.score.engine.result import ResolvedInput, RuleTrace
from flows.score.engine.scoring_context import exact
from flows.score.rules.grammar import Condition, Rule, Steps, Tally
from flows.score.rules.rule_context import RuleContext

_ZERO = Fraction(0)


def evaluate(rule: Rule, context: RuleContext) -> RuleTrace:
    """What `rule` gives the unit of the context."""
    worker = {
        "linear": _linear, "bands": _bands, "steps": _steps, "table": _table, "tally": _tally, "first": _first,
        "sum": _sum, "best": _best, "worst": _best, "mean": _mean, "times": _times, "each": _each,
        "points": _points,
    }[rule.kind]  # fmt: skip
    return worker(rule, context)


def holds(condition: Condition, context: RuleContext) -> tuple[bool, tuple[ResolvedInput, ...]]:
    """Whether a condition holds, and every number it read (A19 overrides, A24 exemptions, A2 several rates at once)."""
    inner = condition.all_ or condition.any_ or ((condition.not_,) if condition.not_ else ())
    if inner:
        found = [holds(c, context) for c in inner]
        readings = tuple(r for _, several in found for r in several)
        if condition.not_:
            return not found[0][0], readings
        return (all if condition.all_ else any)(is_true for is_true, _ in found), readings
    reading = context.read(condition.of)
    if not reading.is_known:
        return condition.if_missing, (reading,)
    if condition.is_ is not None:
        return reading.text == condition.is_, (reading,)
    if reading.amount is None:
        return condition.if_missing, (reading,)
    tests = {
        "at_least": lambda a, b: a >= b, "more_than": lambda a, b: a > b,
        "at_most": lambda a, b: a <= b, "less_than": lambda a, b: a < b,
    }  # fmt: skip
    return all(tests[n](reading.amount, exact(b)) for n, b in condition.bounds), (reading,)


def _points(rule: Rule, _cell: RuleContext) -> RuleTrace:
    """The same for everybody, or a branch's fixed amount (R19: A19's 130)."""
    points = Fraction(rule.points or 0)
    return RuleTrace(rule, points, _state(points))


def _linear(rule: Rule, context: RuleContext) -> RuleTrace:
    """R1 in proportion, capped (A22, A23, A26); R2 with a cliff; R14 of share_of_best (A19); R15 with a base (A20); R28 of a
    borrowed score (A24)."""
    spec = rule.linear
    if spec is None:
        raise ValueError("not a linear rule")
    reading = context.read(spec.of)
    if reading.amount is None:
        return _missing(rule, reading)
    points = context.full if spec.points is None else exact(spec.points)
    zero, full, base = exact(spec.zero_at), exact(spec.full_at), exact(spec.base)
    if spec.least is not None:
        least = exact(spec.least)
        if reading.amount < least if full >= zero else reading.amount > least:
            return RuleTrace(rule, _ZERO, "zero", (reading,), "below_least")
    share = (reading.amount - zero) / (full - zero)
    share = base + (1 - base) * share if base else share
    floor, cap = exact(spec.floor), exact(spec.cap)
    branch = "capped" if share > cap else "floor" if share < floor else "proportional"
    share = min(max(share, floor), cap)
    return RuleTrace(rule, share * points, _state(share * points), (reading,), branch)


def _bands(rule: Rule, context: RuleContext) -> RuleTrace:
    """R3 all or nothing (A9, A21); R4 step bands (A9: 80/75/70/65 % → 4/3/2/1; A10; A19 with its bounds)."""
    spec = rule.bands
    if spec is None:
        raise ValueError("no bands")
    reading = context.read(spec.of)
    if reading.amount is None:
        return _missing(rule, reading)
    for index, band in enumerate(spec.points):
        if (
            (band.from_ is None or reading.amount >= exact(band.from_))
            and (band.above is None or reading.amount > exact(band.above))
            and (band.to is None or reading.amount < exact(band.to))
            and (band.upto is None or reading.amount <= exact(band.upto))
        ):
            return _given(rule, band.points, reading, index)
    if spec.otherwise is None:
        context.add_finding("no_band", f"“{context.label}”的数值不在任何一档之内，办法未规定得分，请补充档次")
        return RuleTrace(rule, None, "unscored", (reading,))
    return _given(rule, spec.otherwise, reading, -1)


def _steps(rule: Rule, context: RuleContext) -> RuleTrace:
    """R6 less per unit short (A10, A24), R7 per event (A9, A23), R11 more per unit above (A22), R12 around a base (A22), R13 by
    place (A19, A21, A34), R16 below the mean (A24), R17 by change (A24), R24 by days late (A33), R31 below zero (A25)."""
    spec = rule.steps
    if spec is None:
        raise ValueError("no steps")
    reading = context.read(spec.of)
    if reading.amount is None:
        return _missing(rule, reading)
    away = (reading.amount - exact(spec.at)) / exact(spec.per)
    units = abs(away)
    if spec.parts != "share":
        whole = Fraction(units.numerator // units.denominator)
        units = whole + 1 if spec.parts == "full" and units != whole else whole
    start = context.full if spec.start is None else exact(spec.start)
    raw = start + units * exact(spec.above if away > 0 else spec.below)
    points = _kept(raw, spec, context)
    branch = "at" if away == 0 else "above" if away > 0 else "below"
    return RuleTrace(rule, points, _state(points), (reading,), branch, is_clipped=points != raw)


def _table(rule: Rule, context: RuleContext) -> RuleTrace:
    """R8 escalating events (A24: once 0.5 off, then nothing); R13 a ladder of places (A24); R22 opinions (A10: 4/2/0)."""
    spec = rule.table
    if spec is None:
        raise ValueError("no table")
    reading = context.read(spec.of)
    if not reading.is_known:
        return _missing(rule, reading)
    key = reading.text if reading.amount is None else _whole(reading.amount)
    if key in spec.points:
        return _given(rule, spec.points[key], reading, key)
    if spec.otherwise is None:
        context.add_finding("no_entry", f"“{context.label}”的结果不在计分表内，办法未规定得分，请补充")
        return RuleTrace(rule, None, "unscored", (reading,))
    return _given(rule, spec.otherwise, reading, "otherwise")


def _tally(rule: Rule, context: RuleContext) -> RuleTrace:
    """R9 points per piece by level and kind, capped (A15, A23, A34); R7 with kinds of events (A9: 2 and 2 off)."""
    spec = rule.tally
    if spec is None:
        raise ValueError("no tally")
    reading = context.read(spec.of)
    if reading.amount is None:
        return _missing(rule, reading)
    counted = []
    for category, amount in context.counted(spec.of):
        each = spec.points.get(category, spec.otherwise)
        if each is None:
            context.add_finding(
                "category_unknown",
                f"“{context.label}”有办法未列出的类别（{category}），未计分，请补充计分标准",
            )
            each = Decimal(0)
        counted.append((category, amount, exact(each)))
    raw = exact(spec.start) + sum((n * each for _, n, each in counted), start=_ZERO)
    points = _kept(raw, spec, context)
    return RuleTrace(
        rule, points, _state(points), (reading,), counted=tuple(counted), is_clipped=points != raw
    )


def _first(rule: Rule, context: RuleContext) -> RuleTrace:
    """R19 an override or exemption (A19, A24); R20 a threshold, then places (A21); R18 several rates at once (A2)."""
    spec = rule.first
    if spec is None:
        raise ValueError("no branches")
    readings: tuple[ResolvedInput, ...] = ()
    for index, branch in enumerate(spec.branches):
        is_true, read = holds(branch.if_, context)
        readings += read
        if is_true:
            part = evaluate(branch.then, context)
            return RuleTrace(rule, part.points, part.state, readings, index, (part,))
    part = evaluate(spec.otherwise, context)
    return RuleTrace(rule, part.points, part.state, readings, -1, (part,))


def _sum(rule: Rule, context: RuleContext) -> RuleTrace:
    """R5 a checklist (A3), R11 a bonus on top (A10), R20 two stages (A21), R25 children added (A13)."""
    parts = tuple(evaluate(part, context) for part in rule.sum or ())
    if lost := _all_missing(rule, parts):
        return lost
    points = sum((p.points or _ZERO for p in parts), start=_ZERO)
    return RuleTrace(rule, points, _state(points), parts=parts)


def _best(rule: Rule, context: RuleContext) -> RuleTrace:
    """The part that gives most, or least, the first of equals: the highest only (A30)."""
    parts = tuple(evaluate(part, context) for part in rule.best or rule.worst or ())
    if lost := _all_missing(rule, parts):
        return lost
    known = [(p.points, n) for n, p in enumerate(parts) if p.points is not None]
    points, at = max(known, key=lambda k: (k[0], -k[1])) if rule.best else min(known)
    return RuleTrace(rule, points, _state(points), branch=at, parts=parts)


def _mean(rule: Rule, context: RuleContext) -> RuleTrace:
    """R21 weighted mean of parts or raters (A17 60/40, A18 40/30/30, A20 80/20); a missing part leaves it open."""
    parts = tuple(evaluate(part.rule, context) for part in rule.mean or ())
    if lost := _any_missing(rule, parts):
        return lost
    points = sum(
        (exact(m.weight) * (p.points or _ZERO) for m, p in zip(rule.mean or (), parts, strict=True)),
        start=_ZERO,
    )
    return RuleTrace(rule, points, _state(points), parts=parts)


def _times(rule: Rule, context: RuleContext) -> RuleTrace:
    """R26 a coefficient by size (A34: more than 1000 people 0.9, more than 2000 0.8)."""
    parts = tuple(evaluate(part, context) for part in rule.times or ())
    if lost := _any_missing(rule, parts):
        return lost
    points = Fraction(1)
    for part in parts:
        points *= part.points or _ZERO
    return RuleTrace(rule, points, _state(points), parts=parts)


def _each(rule: Rule, context: RuleContext) -> RuleTrace:
    """R27 points of the periods of a year carried in (A21: monthly places give 0.5, 0.3, 0.1)."""
    spec = rule.each
    if spec is None:
        raise ValueError("no periods")
    parts = tuple(evaluate(spec.rule, context.for_period(period)) for period in spec.periods)
    if lost := _all_missing(rule, parts):
        return lost
    raw = sum((p.points or _ZERO for p in parts), start=_ZERO)
    points = raw if spec.least is None else max(raw, exact(spec.least))
    points = points if spec.most is None else min(points, exact(spec.most))
    return RuleTrace(rule, points, _state(points), parts=parts, is_clipped=points != raw)


def _kept(points: Fraction, spec: Steps | Tally, context: RuleContext) -> Fraction:
    """Points within least..most; without a `most`, within the item's cap."""
    most = context.most if spec.most is None else exact(spec.most)
    points = max(points, exact(spec.least))
    return points if most is None else min(points, most)


def _given(rule: Rule, points: Decimal, reading: ResolvedInput, branch: str | int) -> RuleTrace:
    given = exact(points)
    return RuleTrace(rule, given, _state(given), (reading,), branch)


def _missing(rule: Rule, reading: ResolvedInput) -> RuleTrace:
    return RuleTrace(rule, None, reading.state, (reading,))


def _all_missing(rule: Rule, parts: Sequence[RuleTrace]) -> RuleTrace | None:
    """A rule of parts without any known one, or with one that a rater still owes."""
    owed = next((p for p in parts if p.points is None and p.state == "unscored"), None)
    if owed is None and any(p.points is not None for p in parts):
        return None
    return RuleTrace(rule, None, (owed or parts[0]).state, parts=tuple(parts))


def _any_missing(rule: Rule, parts: Sequence[RuleTrace]) -> RuleTrace | None:
    owed = [p for p in parts if p.points is None]
    if not owed:
        return None
    first = next((p for p in owed if p.state == "unscored"), owed[0])
    return RuleTrace(rule, None, first.state, parts=tuple(parts))


def _state(points: Fraction) -> State:
    return "value" if points else "zero"


def _whole(amount: Fraction) -> str:
    return str(amount.numerator) if amount.denominator == 1 else str(amount)
