"""Checks of target.csv and group.csv against the scheme: missing, useless and impossible targets, targets that are not the full mark,
and the units that are assessed in the year, each of them in a group that can be compared."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from fractions import Fraction

from flows.contract.indicator import indicators
from flows.score.explain.format import plain, some
from flows.score.lint.lint_finding import LintFinding, in_group, in_scheme, in_target, unit_name
from flows.score.lint.probe import Axis, breakpoints, probed
from flows.score.lint.scope import Scope, places
from flows.score.rules.per_unit import PerUnit
from flows.score.rules.rule import walk
from flows.score.scheme.scheme_loader import SchemeYear, Target
from flows.score.scheme.scheme_model import Item
from flows.score.sources.figure import WHOLE, IndicatorInput
from flows.score.sources.input import InputBase
from flows.score.sources.known_names import assessed, units


def check(year: SchemeYear) -> Iterator[LintFinding]:
    """Each line of the files, then each item that needs a target."""
    inputs = [(Scope(year, place), place.node) for place in places(year.scheme, InputBase)]
    divided: dict[
        str | None, bool
    ] = {}  # whether every input that divides by a target says what one of 0 means
    for scope, read in inputs:
        if any(t.name == "attainment" for t in read.as_):
            code = read.indicator_for(scope.own)
            divided[code] = divided.get(code, True) and read.undefined is not None
    latest = {id(t) for t in year.in_force().values()}
    for target in year.targets:
        if target.indicator not in indicators():
            yield in_target(year, "unknown_indicator", target, f"no indicator {target.indicator}")
        if target.effective_on > year.scheme.closing_on:
            words = f"takes effect on {target.effective_on}, after the closing day {year.scheme.closing_on}"
            yield in_target(year, "target_late", target, words)
        if id(target) in latest:
            yield from _amount(year, target, divided.get(target.indicator))
    read_codes = {read.indicator_for(scope.own) for scope, read in inputs}
    read_codes |= {item.indicator for item in year.scheme.walk()}
    yield from _lines(year, read_codes)
    for place in places(year.scheme, Item):
        if place.node.rule is not None:
            scope = Scope(year, place)
            yield from _missing(scope)
            yield from _full_mark(scope)
    yield from _groups(year, any(read.compares for _, read in inputs))


def _amount(year: SchemeYear, target: Target, is_covered: bool | None) -> Iterator[LintFinding]:
    """The latest target of a unit. `is_covered` is None where nothing divides by it."""
    indicator, amount = indicators().get(target.indicator), target.target
    if amount < 0:
        yield in_target(year, "target_negative", target, f"a target of {plain(amount)}")
    elif amount == 0 and is_covered is False:
        yield in_target(year, "target_zero", target, "a rule divides by this target and has no `undefined`")
    elif indicator and indicator.is_rate and not indicator.above_one and amount > 1:
        yield in_target(year, "target_percent", target, f"{plain(amount)} of a rate, which is at most 1")
    elif indicator and indicator.shape in WHOLE and amount != int(amount):
        yield in_target(
            year, "target_fraction", target, f"{plain(amount)} {indicator.unit} of a whole number"
        )


def _lines(year: SchemeYear, read: set[str | None]) -> Iterator[LintFinding]:
    """Units without a place in the year and indicators that no item reads, at their first lines; targets that changed without a
    document of their own."""
    of_unit: dict[str, list[Target]] = defaultdict(list)
    of_indicator: dict[str, list[Target]] = defaultdict(list)
    first: dict[tuple[str, str, str], Target] = {}
    for target in year.targets:
        of_unit[target.unit].append(target)
        of_indicator[target.indicator].append(target)
        other = first.setdefault((target.unit, target.indicator, target.document_no), target)
        if other.target != target.target:
            here, there = plain(target.target), plain(other.target)
            words = f"{target.document_no} says {here} here and {there} on line {other.line}"
            yield in_target(year, "target_document", target, words)
    for unit, targets in of_unit.items():
        more = f" ({len(targets)} lines from here on)" if len(targets) > 1 else ""
        if unit not in units():
            yield in_target(year, "unknown_unit", targets[0], f"no unit {unit}{more}")
        elif unit not in year.groups:
            words = f"{unit_name(unit)} is in no group of this year{more}"
            yield in_target(year, "target_outsider", targets[0], words)
    for indicator, targets in of_indicator.items():
        if indicator not in read:
            words = f"no item reads {indicator} ({len(targets)} lines from here on)"
            yield in_target(year, "target_unused", targets[0], words)


def _missing(scope: Scope) -> Iterator[LintFinding]:
    year, (path, item, _) = scope.year, scope.place
    if item.missing.no_target is not None:
        return
    in_force = year.in_force()
    inside = (
        place for place in walk(item, path) if isinstance(place.node, InputBase) and place.node.needs_target
    )
    for code, place in {p.node.indicator_for(item.indicator): p for p in inside}.items():
        lacking = [u for u in scope.units if u in units() and (u, code) not in in_force]
        if code is not None and lacking:
            told = [unit_name(u) for u in lacking]
            words = f"{len(told)} units have no target for {code}: {some(told)}"
            yield in_scheme(year, "target_missing", place.path, words)


def _full_mark(scope: Scope) -> Iterator[LintFinding]:
    """Where full points begin against what the units were told to reach (A9: bands of 80 %, a target of 90 %)."""
    year, (path, item, _) = scope.year, scope.place
    read = {(i, i.indicator_for(item.indicator)) for i in item.inputs}
    if len(read) != 1:
        return
    (of, code), mark = next(iter(read)), full_mark(scope)
    if mark is None:
        return
    differing = {
        unit: reached
        for (unit, indicator), target in sorted(year.in_force().items())
        if indicator == code and unit in scope.units and (reached := _reached(of, target)) != mark
    }
    if differing:
        asked, told = sorted(set(differing.values())), [unit_name(u) for u in differing]
        span = plain(asked[0]) + ("" if len(asked) == 1 else f" to {plain(asked[-1])}")
        last = of.as_[-1].name if of.as_ else "value"
        words = (
            f"full points begin at {last} {plain(mark)}, the target is reached at {span} "
            f"({len(told)} units: {some(told, 3)})"
        )
        yield in_scheme(year, "target_threshold", f"{path}.rule.{item.rule.key}", words)


def _reached(read: InputBase, target: Target) -> Fraction:
    """What the input is where the target is just reached."""
    if not read.as_:
        return Fraction(target.target)
    return Fraction(1) if read.ends_with("attainment") else Fraction()


def full_mark(scope: Scope) -> Fraction | None:
    """The worst value that gives full points, of a rule of one plain figure alone; None where it is no mark of the rule."""
    item, read = scope.item, next(iter(scope.item.inputs)) if scope.item else None
    if item is None or not isinstance(read, IndicatorInput) or scope.indicator(read) is None:
        return None
    has_start = any(isinstance(p.node, PerUnit) and p.node.start is not None for p in walk(item))
    is_plain = len(read.as_) < 2 and read.ends_with("value", "attainment", "excess")
    is_other = read.category is not None or read.children or read.period != "{year}" or read.peers != "group"
    better = scope.domain(read).better
    if item.rule is None or has_start or not is_plain or is_other or not better:
        return None
    for mark in sorted(set(breakpoints(item.rule, read, item)), reverse=better < 0):
        points = probed(item.rule, item, {Axis(read): mark}).points
        if points is not None and points >= item.full:
            return mark
    return None


def _groups(year: SchemeYear, is_compared: bool) -> Iterator[LintFinding]:
    """Each line of group.csv, then the units that have none."""
    present, sizes = assessed(year.year), Counter(year.groups.values())
    for unit, group in year.groups.items():
        if unit not in units():
            yield in_group(year, "unknown_unit", unit, f"no unit {unit}")
        elif unit not in present:
            words = f"{unit_name(unit)} is not assessed at the end of {date(year.year, 12, 31)}"
            yield in_group(year, "unit_not_assessed", unit, words)
        if sizes[group] == 1:
            more = ", and compared with nobody" if is_compared else ""
            words = f"{group} has only this unit: it is first and last{more}"
            yield in_group(year, "group_of_one", unit, words)
    if absent := [unit for unit in present if unit not in year.groups]:
        told = some([f"{unit_name(u)} ({u})" for u in absent])
        yield in_group(
            year, "unit_missing", absent[0], f"{len(absent)} assessed units are in no group: {told}"
        )
