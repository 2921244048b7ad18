"""Checks of the tree of items: sums, names, caps and floors, policies for missing inputs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from fractions import Fraction

from flows.contract.text import compact
from flows.score.explain.format import plain, some
from flows.score.lint.lint_finding import LintFinding, in_scheme
from flows.score.lint.rule_checks import LeafReach
from flows.score.lint.scope import is_for, places
from flows.score.rules.rule import Place
from flows.score.scheme.scheme_loader import SchemeYear
from flows.score.scheme.scheme_model import BonusClass, DeductionClass, Fixed, Gate, Item, Missing, Policy

#: Policies with which a unit gains by handing in nothing.
_GENEROUS = ("full", "group_mean", "applicable_mean", "rescale")


def check(year: SchemeYear, reached: LeafReach) -> Iterator[LintFinding]:
    """Everything that can be said of the items without looking into their rules."""
    for kind in (Item, Gate, BonusClass, DeductionClass):
        yield from _twice(year, places(year.scheme, kind))
    yield from _total(year)
    yield from _silence(year, "missing", year.scheme.missing, None)
    if any(_is_rated(leaf) and leaf.missing.unscored is None for leaf in year.scheme.leaves):
        yield from _unscored(year, "missing", year.scheme.missing)
    yield from _group_names(year)
    for at in places(year.scheme, Item):
        item = at.node
        yield from _groups(year, at)
        if item.items:
            yield from _block(year, at, reached)
            continue
        if item.indicator is not None and item.indicator not in _read(item):
            words = f"no part of the rule reads {item.indicator}"
            yield in_scheme(year, "indicator_unused", f"{at.path}.indicator", words)
        yield from _own_policies(year, at)


def _twice(year: SchemeYear, named: Iterable[Place]) -> Iterator[LintFinding]:
    """Records name an item by id or label: either must lead to one."""
    ids: dict[str, str] = {}
    labels: dict[str, str] = {}
    for path, node, _ in named:
        key = compact(node.label)
        if node.id in ids:
            line = year.line(ids[node.id])
            yield in_scheme(year, "duplicate_id", f"{path}.id", f"id {node.id} is also that of line {line}")
        elif key in labels:
            words = f"{node.label} is also the label of line {year.line(labels[key])}"
            yield in_scheme(year, "duplicate_label", f"{path}.label", words)
        ids.setdefault(node.id, path)
        labels.setdefault(key, path)


def _full_for(item: Item, group: str) -> Decimal:
    """Full points of an item for the units of a group. Items for other groups are left out of the sum, unless they say
    what these units get in their place (the mean of those it applies to, say)."""
    if item.groups and group not in item.groups and item.missing.not_applicable in (None, "none"):
        return Decimal(0)
    if item.points is not None:
        return item.points
    return sum((_full_for(i, group) for i in item.items), start=Decimal(0))


def _total(year: SchemeYear) -> Iterator[LintFinding]:
    scheme = year.scheme
    for group in sorted(set(year.groups.values())):
        full = sum((_full_for(item, group) for item in scheme.items), start=Decimal(0))
        if full != scheme.total:
            words = f"the items of group {group} add up to {plain(full)}, the total is {plain(scheme.total)}"
            yield in_scheme(year, "total_differs", "total" if "total" in year.lines else "items", words)
            return


def _block(year: SchemeYear, at: Place, reached: LeafReach) -> Iterator[LintFinding]:
    item = at.node
    for group in sorted({g for g in year.groups.values() if is_for(at, g)}):
        inner = sum((_full_for(i, group) for i in item.items), start=Decimal(0))
        if item.points is not None and (inner < item.points or (inner > item.points and item.cap is None)):
            words = (
                f"{plain(item.points)} points, but what is in it adds up to {plain(inner)} for group {group}"
            )
            yield in_scheme(year, "children_sum", f"{at.path}.points", words)
            break
    if item.cap is None:
        return
    if item.cap < item.full:
        words = f"{plain(item.full)} points, but it ends at cap {plain(item.cap)}"
        yield in_scheme(year, "full_unreachable", f"{at.path}.cap", words)
    elif (most := sum(most_of(year, s, reached) for s in _inside(at))) < item.cap:
        words = f"cap {plain(item.cap)}, but its items give at most {plain(most)}"
        yield in_scheme(year, "cap_never_binds", f"{at.path}.cap", words)


def _inside(at: Place) -> Iterator[Place]:
    """The items of a block."""
    for number, item in enumerate(at.node.items):
        yield Place(f"{at.path}.items.{number}", item, (*at.above, at.node))


def most_of(year: SchemeYear, at: Place, reached: LeafReach, group: str | None = None) -> Fraction:
    """Most points an item can give, in words of its rules and caps.

    Args:
        year: the year.
        at: the item.
        reached: what the rules of leaves can give.
        group: only to units of this group; None: to any.

    Returns:
        Points, 0 where the item is for none of the group.
    """
    if group is not None and not is_for(at, group):
        return Fraction()
    if at.node.rule is not None:
        most = reached(at).high
    else:
        most = sum((most_of(year, s, reached, group) for s in _inside(at)), start=Fraction())
    return min(most, Fraction(at.node.most))


def _group_names(year: SchemeYear) -> Iterator[LintFinding]:
    there = sorted(set(year.groups.values()))
    for group in year.scheme.groups:
        if group not in there:
            words = f"group.csv has no group {group}, only {some(there)}"
            yield in_scheme(year, "unknown_group", f"groups.{group}", words)
    if left := [g for g in there if g not in year.scheme.groups]:
        yield in_scheme(year, "group_unnamed", "groups", f"{some(left)} would be printed by id")


def _groups(year: SchemeYear, at: Place) -> Iterator[LintFinding]:
    there, item = set(year.groups.values()), at.node
    for number, group in enumerate(item.groups):
        if group not in there:
            words = f"group.csv has no group {group}, only {some(sorted(there))}"
            yield in_scheme(year, "unknown_group", f"{at.path}.groups.{number}", words)
    if set(item.groups) & there and not any(is_for(at, g) for g in there):
        words = "the block it is in applies to none of its groups"
        yield in_scheme(year, "item_for_nobody", f"{at.path}.groups", words)


def _own_policies(year: SchemeYear, at: Place) -> Iterator[LintFinding]:
    """What an item says of its own missing data: what its rule cannot lack, and points it cannot have."""
    item, path = at.node, f"{at.path}.missing"
    missing, least = item.missing, item.least or 0
    if _read(item):
        yield from _silence(year, path, missing, Fraction(item.full))
    if _is_rated(item):
        yield from _unscored(year, path, missing)
    elif missing.unscored is not None:
        yield in_scheme(year, "no_effect", f"{path}.unscored", "the rule reads no rater score")
    if missing.no_target is not None and not any(i.needs_target for i in item.inputs):
        yield in_scheme(year, "no_effect", f"{path}.no_target", "the rule reads no target")
    for reason in sorted(missing.model_fields_set):
        policy: Policy | None = getattr(missing, reason)
        if isinstance(policy, Fixed) and not least <= policy.fixed <= item.most:
            words = f"fixed {plain(policy.fixed)} lies outside {plain(least)} to {plain(item.most)}"
            yield in_scheme(year, "fixed_outside", f"{path}.{reason}", words)


def _unscored(year: SchemeYear, path: str, missing: Missing) -> Iterator[LintFinding]:
    """A missing rater score is an error, not a zero."""
    if missing.unscored not in (None, "error"):
        words = "a missing rater score is passed over instead of being settled"
        yield in_scheme(year, "unscored_policy", f"{path}.unscored", words)


def _silence(year: SchemeYear, path: str, missing: Missing, full: Fraction | None) -> Iterator[LintFinding]:
    """Who reports nothing, or nothing that holds, must not fare better than who reports little."""
    for reason in ("not_reported", "rejected"):
        policy: Policy | None = getattr(missing, reason)
        is_full = isinstance(policy, Fixed) and full is not None and policy.fixed >= full
        if is_full or policy in _GENEROUS:
            words = (
                f"{reason}: {'full points' if is_full else policy} rewards a unit for what it did not hand in"
            )
            yield in_scheme(year, "silence_pays", f"{path}.{reason}", words)


def _is_rated(item: Item) -> bool:
    return any(read.rated_by for read in item.inputs)


def _read(item: Item) -> set[str]:
    """The indicators that the rule of a leaf reads."""
    return {code for i in item.inputs if (code := i.indicator_for(item.indicator)) is not None}
