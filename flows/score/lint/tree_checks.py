"""Checks of the tree of items: sums, names, caps and floors, policies for missing numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from fractions import Fraction

from flows.contract.text import compact
from flows.score.lint.known_names import Known
from flows.score.lint.lint_finding import LintFinding, in_scheme, plain, some
from flows.score.lint.places import Standing, Use, full_for, rule_uses, standings
from flows.score.lint.rule_checks import leaf_reach
from flows.score.scheme.scheme_loader import SchemeYear
from flows.score.scheme.scheme_model import BonusClass, DeductionClass, Fixed, Missing, Policy

#: Policies with which a unit gains by handing in nothing.
_GENEROUS = ("full", "group_mean", "applicable_mean", "rescale")


def check(year: SchemeYear, known: Known) -> Iterator[LintFinding]:
    """Everything that can be said of the items without looking into their rules."""
    yield from _names(year)
    yield from _total(year)
    yield from _general_policies(year)
    yield from _group_names(year)
    for at in standings(year.scheme):
        if at.item.points is not None and at.item.points < 0:
            words = f"{plain(at.item.points)} points; what takes points off is a rule with a floor below 0"
            yield in_scheme(year, "not_positive", f"{at.path}.points", words)
        yield from _groups(year, at)
        if at.item.items:
            yield from _block(year, known, at)
        else:
            yield from _unused(year, at)
            yield from _own_policies(year, at)


def _names(year: SchemeYear) -> Iterator[LintFinding]:
    scheme = year.scheme
    items = [(at.path, at.item.id, at.item.label) for at in standings(scheme)]
    yield from _twice(year, items)
    yield from _twice(year, [(f"gates.{n}", g.id, g.label) for n, g in enumerate(scheme.gates)])
    sections: dict[str, tuple[BonusClass | DeductionClass, ...]] = {
        "bonus": scheme.bonus.classes if scheme.bonus else (),
        "deductions": scheme.deductions.classes if scheme.deductions else (),
    }
    for section, classes in sections.items():
        yield from _twice(year, [(f"{section}.classes.{n}", c.id, c.label) for n, c in enumerate(classes)])


def _twice(year: SchemeYear, named: Iterable[tuple[str, str, str]]) -> Iterator[LintFinding]:
    """Records name an item by id or label: either must lead to one."""
    ids: dict[str, str] = {}
    labels: dict[str, str] = {}
    for path, name, label in named:
        key = compact(label)
        if name in ids:
            line = year.line(ids[name])
            yield in_scheme(year, "duplicate_id", f"{path}.id", f"id {name} is also that of line {line}")
        elif key in labels:
            line = year.line(labels[key])
            yield in_scheme(
                year, "duplicate_label", f"{path}.label", f"{label} is also the label of line {line}"
            )
        if not key:
            yield in_scheme(year, "label_empty", f"{path}.label", f"{name} has no label")
        ids.setdefault(name, path)
        labels.setdefault(key, path)


def _total(year: SchemeYear) -> Iterator[LintFinding]:
    scheme = year.scheme
    for group in sorted(set(year.groups.values())):
        full = sum((full_for(item, group) for item in scheme.items), start=Decimal(0))
        if full != scheme.total:
            words = f"the items of group {group} add up to {plain(full)}, the total is {plain(scheme.total)}"
            yield in_scheme(year, "total_differs", "total" if "total" in year.lines else "items", words)
            return


def _block(year: SchemeYear, known: Known, at: Standing) -> Iterator[LintFinding]:
    item = at.item
    if item.missing.model_fields_set:
        words = "a block has no number of its own that could be missing"
        yield in_scheme(year, "no_effect", f"{at.path}.missing", words)
    if item.indicator is not None:
        yield in_scheme(
            year, "no_effect", f"{at.path}.indicator", "a block has no rule that reads its indicator"
        )
    for group in sorted({g for g in year.groups.values() if at.is_for(g)}):
        inner = sum((full_for(i, group) for i in item.items), start=Decimal(0))
        if item.points is not None and (inner < item.points or (inner > item.points and item.cap is None)):
            words = (
                f"{plain(item.points)} points, but what is in it adds up to {plain(inner)} for group {group}"
            )
            yield in_scheme(year, "children_sum", f"{at.path}.points", words)
            break
    if item.cap is not None and item.floor is not None and item.cap < item.floor:
        words = f"cap {plain(item.cap)} is below floor {plain(item.floor)}"
        yield in_scheme(year, "bounds_crossed", f"{at.path}.cap", words)
    elif item.cap is not None and item.cap < item.full:
        words = f"{plain(item.full)} points, but it ends at cap {plain(item.cap)}"
        yield in_scheme(year, "full_unreachable", f"{at.path}.cap", words)
    elif item.cap is not None and (most := _most_inside(year, known, at)) < item.cap:
        words = f"cap {plain(item.cap)}, but its items give at most {plain(most)}"
        yield in_scheme(year, "cap_never_binds", f"{at.path}.cap", words)


def _most_inside(year: SchemeYear, known: Known, at: Standing) -> Fraction:
    inner = (s for s in standings(year.scheme) if s.above and s.above[-1] is at.item)
    return sum((most_of(year, known, s) for s in inner), start=Fraction())


def most_of(year: SchemeYear, known: Known, at: Standing, group: str | None = None) -> Fraction:
    """Most points an item can give (to units of a group), in words of its rules and caps."""
    if group is not None and not at.is_for(group):
        return Fraction()
    if at.item.rule is None:
        inner = (s for s in standings(year.scheme) if s.above and s.above[-1] is at.item)
        most = sum((most_of(year, known, s, group) for s in inner), start=Fraction())
    else:
        most = leaf_reach(year, known, at, at.item.rule).high
    return min(most, Fraction(at.item.most))


def _group_names(year: SchemeYear) -> Iterator[LintFinding]:
    there = sorted(set(year.groups.values()))
    for group in year.scheme.groups:
        if group not in there:
            words = f"group.csv has no group {group}, only {some(there)}"
            yield in_scheme(year, "unknown_group", f"groups.{group}", words)
    if left := [g for g in there if g not in year.scheme.groups]:
        yield in_scheme(year, "group_unnamed", "groups", f"{some(left)} would be printed by id")


def _groups(year: SchemeYear, at: Standing) -> Iterator[LintFinding]:
    there = set(year.groups.values())
    for number, group in enumerate(at.item.groups):
        if group not in there:
            words = f"group.csv has no group {group}, only {some(sorted(there))}"
            yield in_scheme(year, "unknown_group", f"{at.path}.groups.{number}", words)
    if at.item.groups and set(at.item.groups) & there and not any(at.is_for(g) for g in there):
        words = "the block it is in applies to none of its groups"
        yield in_scheme(year, "item_for_nobody", f"{at.path}.groups", words)


def _unused(year: SchemeYear, at: Standing) -> Iterator[LintFinding]:
    item = at.item
    if item.indicator is not None and not any(use.indicator == item.indicator for use in _read(at)):
        yield in_scheme(
            year, "indicator_unused", f"{at.path}.indicator", f"no part of the rule reads {item.indicator}"
        )


def _general_policies(year: SchemeYear) -> Iterator[LintFinding]:
    yield from _silence(year, "missing", year.scheme.missing, None)
    rated = any(_is_rated(at) and at.item.missing.unscored is None for at in standings(year.scheme))
    if rated and year.scheme.missing.unscored not in (None, "error"):
        words = "a missing rater score is passed over instead of being settled"
        yield in_scheme(year, "unscored_policy", "missing.unscored", words)


def _own_policies(year: SchemeYear, at: Standing) -> Iterator[LintFinding]:
    missing, path = at.item.missing, f"{at.path}.missing"
    if any(use.indicator for use in _read(at)):
        yield from _silence(year, path, missing, Fraction(at.item.full))
    if missing.unscored not in (None, "error") and _is_rated(at):
        words = "a missing rater score is passed over instead of being settled"
        yield in_scheme(year, "unscored_policy", f"{path}.unscored", words)
    if missing.no_target is not None and not any(u.reads_target for u in _read(at)):
        yield in_scheme(year, "no_effect", f"{path}.no_target", "the rule reads no target")
    if missing.unscored is not None and not _is_rated(at):
        yield in_scheme(year, "no_effect", f"{path}.unscored", "the rule reads no rater score")
    for reason in missing.model_fields_set:
        policy: Policy | None = getattr(missing, reason)
        if isinstance(policy, Fixed) and not (at.item.least or 0) <= policy.fixed <= at.item.most:
            words = f"fixed {plain(policy.fixed)} lies outside {plain(at.item.least or 0)} to {plain(at.item.most)}"
            yield in_scheme(year, "fixed_outside", f"{path}.{reason}", words)


def _silence(year: SchemeYear, path: str, missing: Missing, full: Fraction | None) -> Iterator[LintFinding]:
    """Who reports nothing, or nothing that holds, must not fare better than who reports little."""
    for reason in ("not_reported", "rejected"):
        policy: Policy | None = getattr(missing, reason)
        whole = isinstance(policy, Fixed) and full is not None and policy.fixed >= full
        if whole or policy in _GENEROUS:
            words = (
                f"{reason}: {'full points' if whole else policy} rewards a unit for what it did not hand in"
            )
            yield in_scheme(year, "silence_pays", f"{path}.{reason}", words)


def _is_rated(at: Standing) -> bool:
    return any(use.number.source in ("scores", "opinion") for use in _read(at))


def _read(at: Standing) -> list[Use]:
    return list(rule_uses("", at.item.rule, at.item)) if at.item.rule else []
