"""Checks of target.csv against the scheme: missing, useless and impossible targets, and targets that are not the full mark."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from flows.contract.indicator import Shape
from flows.score.lint.domains import domains
from flows.score.lint.known_names import Known
from flows.score.lint.lint_finding import LintFinding, in_scheme, in_target, plain, some, unit_name
from flows.score.lint.places import Standing, leaves, rule_uses, units_of, uses
from flows.score.ranges.probe import Axis, marks, tried
from flows.score.rules.grammar import Input, Rule, Transform
from flows.score.scheme.scheme_loader import SchemeYear, Target

_WHOLE = (Shape.COUNT, Shape.DISTINCT, Shape.STOCK, Shape.EDITION, Shape.STREAK)


def check(year: SchemeYear, known: Known) -> Iterator[LintFinding]:
    """Each line of the file, then each item that needs a target."""
    divided = _divided(year)
    latest = {id(t) for t in year.in_force().values()}
    for target in year.targets:
        if target.indicator not in known.indicators:
            yield in_target(year, "unknown_indicator", target, f"no indicator {target.indicator}")
        if target.effective_on > year.scheme.closing_on:
            words = f"takes effect on {target.effective_on}, after the closing day {year.scheme.closing_on}"
            yield in_target(year, "target_late", target, words)
        if id(target) in latest:
            yield from _amount(year, known, target, divided.get(target.indicator))
    yield from _units(year, known)
    yield from _unused(year)
    yield from _documents(year)
    for at, rule in leaves(year.scheme):
        yield from _missing(year, known, at, rule)
        yield from _full_mark(year, known, at, rule)


def _divided(year: SchemeYear) -> dict[str, bool]:
    """Indicators whose target is divided by, and whether every such number says what a target of 0 means."""
    out: dict[str, bool] = {}
    for use in uses(year.scheme):
        if Transform.ATTAINMENT in use.number.as_ and use.indicator is not None:
            out[use.indicator] = out.get(use.indicator, True) and use.number.undefined is not None
    return out


def _units(year: SchemeYear, known: Known) -> Iterator[LintFinding]:
    """Units that have targets and no place in the year, each at its first line."""
    lines: dict[str, list[Target]] = {}
    for target in year.targets:
        lines.setdefault(target.unit, []).append(target)
    for unit, targets in lines.items():
        more = f" ({len(targets)} lines from here on)" if len(targets) > 1 else ""
        if unit not in known.units:
            yield in_target(year, "unknown_unit", targets[0], f"no unit {unit}{more}")
        elif unit not in year.groups:
            words = f"{unit_name(unit)} is in no group of this year{more}"
            yield in_target(year, "target_outsider", targets[0], words)


def _amount(year: SchemeYear, known: Known, target: Target, is_covered: bool | None) -> Iterator[LintFinding]:
    """The latest target of a unit. `is_covered` is None where nothing divides by it."""
    indicator = known.indicators.get(target.indicator)
    if target.target < 0:
        yield in_target(year, "target_negative", target, f"a target of {plain(target.target)}")
    elif target.target == 0 and is_covered is False:
        yield in_target(year, "target_zero", target, "a rule divides by this target and has no `undefined`")
    elif indicator and indicator.is_rate and not indicator.above_one and target.target > 1:
        yield in_target(
            year, "target_percent", target, f"{plain(target.target)} of a rate, which is at most 1"
        )
    elif indicator and indicator.shape in _WHOLE and target.target != int(target.target):
        yield in_target(
            year, "target_fraction", target, f"{plain(target.target)} {indicator.unit} of a whole number"
        )


def _unused(year: SchemeYear) -> Iterator[LintFinding]:
    read = {use.indicator for use in uses(year.scheme)} | {i.indicator for i in year.scheme.walk()}
    lines: dict[str, list[Target]] = {}
    for target in year.targets:
        lines.setdefault(target.indicator, []).append(target)
    for indicator, targets in lines.items():
        if indicator not in read:
            words = f"no item reads {indicator} ({len(targets)} lines from here on)"
            yield in_target(year, "target_unused", targets[0], words)


def _documents(year: SchemeYear) -> Iterator[LintFinding]:
    """A changed target names the document that changed it."""
    seen: dict[tuple[str, str, str], Target] = {}
    for target in year.targets:
        slot = target.unit, target.indicator, target.document_no
        other = seen.setdefault(slot, target)
        if other is not target and other.target != target.target:
            words = f"{target.document_no} says {plain(target.target)} here and {plain(other.target)} on line {other.line}"
            yield in_target(year, "target_document", target, words)


def _missing(year: SchemeYear, known: Known, at: Standing, rule: Rule) -> Iterator[LintFinding]:
    if at.item.missing.no_target is not None:
        return
    set_for = year.in_force()
    needed = {u.indicator: u for u in rule_uses(f"{at.path}.rule", rule, at.item) if u.reads_target}
    for indicator, use in needed.items():
        lacking = [u for u in units_of(year, at) if u in known.units and (u, indicator) not in set_for]
        if indicator is not None and lacking:
            names = [unit_name(u) for u in lacking]
            words = f"{len(names)} units have no target for {indicator}: {some(names)}"
            yield in_scheme(year, "target_missing", use.path, words)


def _full_mark(year: SchemeYear, known: Known, at: Standing, rule: Rule) -> Iterator[LintFinding]:
    """Where full points begin against what the units were told to reach (A9: bands of 80 %, a target of 90 %)."""
    read = {(u.number, u.indicator) for u in rule_uses(f"{at.path}.rule", rule, at.item)}
    if len(read) != 1 or any(r.steps and r.steps.start is not None for r in rule.walk()):
        return
    number, indicator = read.pop()
    if indicator not in known.indicators or number.category is not None or number.children:
        return
    mark = full_mark(year, known, at, rule, number)
    if mark is None:
        return
    mine = {u: t for (u, i), t in year.in_force().items() if i == indicator and u in units_of(year, at)}
    differing = {u: t for u, t in sorted(mine.items()) if _meant(number, Fraction(t.target)) != mark}
    if not differing:
        return
    names = [unit_name(u) for u in differing]
    asked = sorted({_meant(number, Fraction(t.target)) for t in differing.values()})
    span = plain(asked[0]) + ("" if len(asked) == 1 else f" to {plain(asked[-1])}")
    words = (
        f"full points begin at {number.as_[-1]} {plain(mark)}, the target is reached at {span} "
        f"({len(names)} units: {some(names, 3)})"
    )
    yield in_scheme(year, "target_threshold", f"{at.path}.rule.{rule.kind}", words)


def _meant(number: Input, target: Fraction) -> Fraction:
    """What the number is where the target is just reached."""
    return {Transform.VALUE: target, Transform.ATTAINMENT: Fraction(1)}.get(number.as_[-1], Fraction(0))


def full_mark(year: SchemeYear, known: Known, at: Standing, rule: Rule, number: Input) -> Fraction | None:
    """The worst value that gives full points, of a rule of one number alone; None where it is no mark of the rule."""
    if number.as_ not in {(Transform.VALUE,), (Transform.ATTAINMENT,), (Transform.EXCESS,)}:
        return None
    if number.years_back or number.period != "{year}" or number.peers != "group":
        return None
    domain = domains(year, known, at)(number)
    found = sorted(set(marks(rule, number, at.item)), reverse=domain.better < 0)
    for mark in found if domain.better and not _has_no_slope(rule) else ():
        points = tried(rule, at.item, {Axis(number): mark}).points
        if points is not None and points >= at.item.full:
            return mark
    return None


def _has_no_slope(rule: Rule) -> bool:
    return any(r.linear and r.linear.zero_at == r.linear.full_at for r in rule.walk())
