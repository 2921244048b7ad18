"""Checks of each rule: what its kind says, what it can give, what is never reached, whether better figures earn less."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction

from flows.score.explain.format import plain
from flows.score.lint.lint_finding import LintFinding, in_scheme
from flows.score.lint.reach import Reach, reach
from flows.score.lint.scope import Scope, places
from flows.score.rules.linear import Linear
from flows.score.rules.rule import Place, RuleKind, walk
from flows.score.scheme.scheme_loader import SchemeYear
from flows.score.scheme.scheme_model import Item

#: What the rule of a leaf can give, before the item's own cap and floor.
LeafReach = Callable[[Place], Reach]


def leaf_reach(year: SchemeYear) -> LeafReach:
    """Asked for a leaf what its rule can give; each is worked out once."""
    known: dict[str, Reach] = {}

    def of(leaf: Place) -> Reach:
        if leaf.path not in known:
            known[leaf.path] = reach(leaf.node.rule, leaf.node, Scope(year, leaf).domain, f"{leaf.path}.rule")
        return known[leaf.path]

    return of


def check(year: SchemeYear, reached: LeafReach) -> Iterator[LintFinding]:
    """Every rule by itself, then every leaf."""
    shape: dict[str, list[LintFinding]] = {}
    for place in places(year.scheme, RuleKind):
        base, domain = f"{place.path}.{place.node.key}", Scope(year, place).domain
        found = [
            in_scheme(year, code, f"{base}.{where}" if where else base, message)
            for code, where, message in place.node.check(domain)
        ]
        yield from found
        outermost = place.rules_above[0] if place.rules_above else place.node
        shape.setdefault(str(id(outermost)), []).extend(found)
    for place in places(year.scheme, Item):
        if place.node.rule is None:
            continue
        found = shape[str(id(place.node.rule))]
        if not any(f.severity == "error" for f in found):
            is_holed = any(
                f.code == "band_hole" for f in found
            )  # what falls into a hole gets less, of course
            yield from _leaf(year, place, reached(place), is_holed)


def _leaf(year: SchemeYear, place: Place, whole: Reach, is_holed: bool) -> Iterator[LintFinding]:
    rule, path = place.node.rule, f"{place.path}.rule"
    yield from _ends(year, place, f"{path}.{rule.key}", whole)
    yield from _never(year, path, rule, whole)
    if not is_holed:
        yield from _falls(year, f"{path}.{rule.key}", rule, whole)


def _ends(year: SchemeYear, place: Place, path: str, whole: Reach) -> Iterator[LintFinding]:
    """The range of points against the item's full points, cap and floor."""
    item, low, high = place.node, whole.low, whole.high
    full, most, least = Fraction(item.full), Fraction(item.most), Fraction(item.least or 0)
    if low == high:
        yield in_scheme(year, "constant", path, f"every figure gives {plain(high)} points")
    elif min(high, most) < full:
        words = f"{plain(full)} points, but the rule gives at most {plain(min(high, most))}"
        yield in_scheme(year, "full_unreachable", path, words)
    elif item.cap is not None and high < most:
        words = f"cap {plain(most)}, but the rule gives at most {plain(high)}"
        yield in_scheme(year, "cap_never_binds", f"{place.path}.cap", words)
    elif item.cap is None and high > most:
        words = f"the rule gives up to {plain(high)}, of which the item counts {plain(most)}"
        yield in_scheme(year, "above_cap", path, words)
    if item.floor is not None and least < min(low, Fraction()):
        words = f"floor {plain(least)}, but the rule gives at least {plain(low)}"
        yield in_scheme(year, "floor_never_binds", f"{place.path}.floor", words)
    elif (
        item.floor is None and low < 0 and not item.rule.parts
    ):  # parts may take off until nothing is left (A9)
        words = f"the rule goes down to {plain(low)}, the item ends at 0"
        yield in_scheme(year, "below_floor", path, words)


def _never(year: SchemeYear, path: str, rule: RuleKind, whole: Reach) -> Iterator[LintFinding]:
    """Bands, entries and branches that no figure leads to; behind a branch that is never taken nothing more is said."""
    taken = whole.taken
    for place in walk(rule, path) if taken is not None else ():
        for choice in place.node.choices() if isinstance(place.node, RuleKind) else ():
            if (place.path, choice.branch) not in (taken or ()):
                code, where, words = choice.unreachable
                yield in_scheme(year, code, f"{place.path}.{place.node.key}.{where}", words)
                if code == "branch_unreachable":
                    return


def _falls(year: SchemeYear, path: str, rule: RuleKind, whole: Reach) -> Iterator[LintFinding]:
    for fall in whole.falls:
        is_plain = isinstance(rule, Linear) and rule.of == fall.read and fall.read.ends_with("attainment")
        code = "down_attainment" if is_plain and fall.better < fall.worse else "not_monotone"
        worse, better = plain(fall.worse), plain(fall.better)
        better = f"just past {worse}" if better == worse else better
        words = (
            f"{worse} gives {plain(fall.worse_points)}, the better {better} gives {plain(fall.better_points)}"
        )
        yield in_scheme(year, code, path, words)
