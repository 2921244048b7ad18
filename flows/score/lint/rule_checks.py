"""Checks of each rule by itself: bands, ends, what it can give, what is never reached, whether better figures earn less."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations, pairwise
from math import ceil, floor

from flows.score.lint.domains import domains
from flows.score.lint.known_names import Known
from flows.score.lint.lint_finding import LintFinding, in_scheme, plain
from flows.score.lint.places import Standing, leaves, rules
from flows.score.ranges.ranges import Domain, Reach, reach
from flows.score.rules.grammar import Band, Bands, Each, Linear, Rule, Steps, Table, Tally
from flows.score.scheme.scheme_loader import SchemeYear


def check(year: SchemeYear, known: Known) -> Iterator[LintFinding]:
    """Every leaf, then every rule inside it."""
    for at, rule in leaves(year.scheme):
        path = f"{at.path}.rule"
        shape = [f for p, r in rules(path, rule) for f in _shape(year, known, at, p, r)]
        yield from shape
        if any(f.severity == "error" for f in shape):
            continue
        found = leaf_reach(year, known, at, rule)
        yield from _ends(year, at, f"{path}.{rule.kind}", rule, found)
        yield from _never(year, path, rule, found)
        if not any(f.code == "band_hole" for f in shape):  # what falls into a hole gets less, of course
            yield from _falls(year, f"{path}.{rule.kind}", rule, found)
    if year.scheme.deductions and (factor := year.scheme.deductions.factor):
        for path, rule in rules("deductions.factor", factor):
            yield from _shape(year, known, None, path, rule)


def leaf_reach(year: SchemeYear, known: Known, at: Standing, rule: Rule) -> Reach:
    """What the rule of a leaf can give, before the item's own cap and floor."""
    return reach(rule, at.item, domains(year, known, at), f"{at.path}.rule")


def _shape(
    year: SchemeYear, known: Known, at: Standing | None, path: str, rule: Rule
) -> Iterator[LintFinding]:
    domain = domains(year, known, at)
    if rule.bands:
        yield from _bands(year, f"{path}.bands", rule.bands, domain(rule.bands.of))
    elif rule.linear:
        yield from _linear(year, f"{path}.linear", rule.linear)
    elif rule.table:
        yield from _table(year, f"{path}.table", rule.table, domain(rule.table.of))
    elif rule.mean:
        weights = sum(Fraction(part.weight) for part in rule.mean)
        if weights != 1:
            yield in_scheme(
                year, "weights_sum", f"{path}.mean", f"the weights add up to {plain(weights)}, not 1"
            )
    elif ranged := rule.steps or rule.tally or rule.each:
        yield from _ranged(year, f"{path}.{rule.kind}", ranged)
    if len(rule.parts) == 1 and (rule.sum or rule.best or rule.worst or rule.mean or rule.times):
        yield in_scheme(year, "single_part", f"{path}.{rule.kind}", f"{rule.kind} of a single part")


def _linear(year: SchemeYear, path: str, rule: Linear) -> Iterator[LintFinding]:
    if rule.zero_at == rule.full_at:
        words = f"zero_at and full_at are both {plain(rule.full_at)}: the line has no slope"
        yield in_scheme(year, "linear_flat", f"{path}.full_at", words)
    if rule.floor > rule.cap:
        words = f"floor {plain(rule.floor)} is above cap {plain(rule.cap)}"
        yield in_scheme(year, "bounds_crossed", f"{path}.floor", words)
    if not 0 <= rule.base < 1:
        yield in_scheme(
            year, "base_outside", f"{path}.base", f"base {plain(rule.base)} is no share of the points"
        )


def _ranged(year: SchemeYear, path: str, rule: Steps | Tally | Each) -> Iterator[LintFinding]:
    if rule.least is not None and rule.most is not None and rule.least > rule.most:
        words = f"least {plain(rule.least)} is above most {plain(rule.most)}"
        yield in_scheme(year, "bounds_crossed", f"{path}.least", words)
    if isinstance(rule, Steps) and _is_flat(rule):
        yield in_scheme(year, "constant", path, "neither above nor below: every figure gives the same points")


def _is_flat(steps: Steps | None) -> bool:
    return steps is not None and not steps.above and not steps.below


def _bands(year: SchemeYear, path: str, rule: Bands, domain: Domain) -> Iterator[LintFinding]:
    spans = [_Span.of(band, n) for n, band in enumerate(rule.points)]
    for span in spans:
        if span.is_empty:
            words = f"{span} holds no number"
            yield in_scheme(year, "band_empty", f"{path}.points.{span.number}", words)
    solid = [s for s in spans if not s.is_empty]
    touching = False
    for one, other in combinations(solid, 2):
        if shared := one.shared(other):
            touching = True
            both = f"{one} and {other}"
            where = f"{path}.points.{other.number}"
            if shared[0] is not None and shared[0] == shared[1]:
                yield in_scheme(year, "boundary_twice", where, f"{plain(shared[0])} is in both {both}")
            else:
                yield in_scheme(year, "band_overlap", where, f"{both} overlap")
    if not touching:
        yield from _gaps(year, path, rule, sorted(solid, key=_Span.order), domain)


def _gaps(
    year: SchemeYear, path: str, rule: Bands, solid: list[_Span], domain: Domain
) -> Iterator[LintFinding]:
    for lower, upper in pairwise(solid):
        if not _gap(lower, upper, domain):
            continue
        where = f"{path}.points.{max(lower.number, upper.number)}"
        words = f"no band between {lower} and {upper}"
        if rule.otherwise is None:
            yield in_scheme(year, "band_gap", where, words)
        else:
            words += f": such a figure gets {plain(rule.otherwise)}"
            yield in_scheme(year, "band_hole", where, words)
    if rule.otherwise is not None or not solid or domain.codes:
        return
    first, last = solid[0], solid[-1]
    if first.low is not None and _reaches(domain, first.low, first.has_low, -1):
        yield in_scheme(
            year, "band_gap", f"{path}.points.{first.number}", f"no band below {first}, and no otherwise"
        )
    if last.high is not None and _reaches(domain, last.high, last.has_high, 1):
        yield in_scheme(
            year, "band_gap", f"{path}.points.{last.number}", f"no band above {last}, and no otherwise"
        )


def _gap(lower: _Span, upper: _Span, domain: Domain) -> bool:
    """Whether a number the indicator can have lies between two bands."""
    if lower.high is None or upper.low is None or (domain.high is not None and lower.high > domain.high):
        return False
    if domain.whole:
        first = floor(lower.high) + 1 if lower.has_high or lower.high.denominator > 1 else ceil(lower.high)
        last = ceil(upper.low) - 1 if upper.has_low or upper.low.denominator > 1 else floor(upper.low)
        return first <= last
    return lower.high < upper.low or not (lower.has_high or upper.has_low)


def _reaches(domain: Domain, end: Fraction, has_end: bool, side: int) -> bool:
    """Whether the domain goes on beyond the outermost end of the bands."""
    limit = domain.high if side > 0 else domain.low
    if limit is None:
        return True
    return limit * side > end * side or (limit == end and not has_end)


class _Span:
    """The ends of a band as numbers, and how they read."""

    def __init__(self, band: Band, number: int) -> None:
        low = band.from_ if band.from_ is not None else band.above
        high = band.to if band.to is not None else band.upto
        self.number = number
        self.low = None if low is None else Fraction(low)
        self.high = None if high is None else Fraction(high)
        self.has_low, self.has_high = band.from_ is not None, band.upto is not None

    @classmethod
    def of(cls, band: Band, number: int) -> _Span:
        return cls(band, number)

    @property
    def is_empty(self) -> bool:
        if self.low is None or self.high is None:
            return False
        return self.low > self.high or (self.low == self.high and not (self.has_low and self.has_high))

    def order(self) -> tuple[bool, Fraction, bool]:
        return (self.low is not None, self.low or Fraction(), not self.has_low)

    def shared(self, other: _Span) -> tuple[Fraction | None, Fraction | None] | None:
        """The stretch in both, None where there is none; an end that is not included is the narrower one."""
        lows = [(s.low, not s.has_low) for s in (self, other) if s.low is not None]
        highs = [(s.high, s.has_high) for s in (self, other) if s.high is not None]
        if not lows or not highs:
            return (lows[0][0] if lows else None), (highs[0][0] if highs else None)
        (low, is_open), (high, is_closed) = max(lows), min(highs)
        return (low, high) if low < high or (low == high and is_closed and not is_open) else None

    def __str__(self) -> str:
        left = "" if self.low is None else f"{plain(self.low)} {'≤' if self.has_low else '<'} "
        right = "" if self.high is None else f" {'≤' if self.has_high else '<'} {plain(self.high)}"
        return f"[{left}x{right}]"


def _table(year: SchemeYear, path: str, rule: Table, domain: Domain) -> Iterator[LintFinding]:
    if domain.codes:  # codes are looked up by source, in sources.py
        return
    keys: set[int] = set()
    for key in rule.points:
        if not key.lstrip("-").isdecimal():
            words = f"{key} is no whole number, and what the table reads is a number"
            yield in_scheme(year, "table_key", f"{path}.points.{key}", words)
            return
        keys.add(int(key))
    if not domain.whole:
        words = "a table looks up whole numbers, and what it reads need not be one: write bands"
        yield in_scheme(year, "table_key", path, words)
    elif rule.otherwise is None:
        low, high = domain.low, domain.high
        if low is None or high is None:
            yield in_scheme(year, "table_gap", path, f"no points beyond {max(keys)}, and no otherwise")
        elif lacking := sorted(set(range(ceil(low), floor(high) + 1)) - keys):
            yield in_scheme(year, "table_gap", path, f"no points for {lacking[0]}, and no otherwise")


def _ends(year: SchemeYear, at: Standing, path: str, rule: Rule, found: Reach) -> Iterator[LintFinding]:
    """The range of points against the item's full points, cap and floor."""
    item, low, high = at.item, found.low, found.high
    full, most, least = Fraction(item.full), Fraction(item.most), Fraction(item.least or 0)
    if item.cap is not None and least > most:
        words = f"cap {plain(most)} is below floor {plain(least)}"
        yield in_scheme(year, "bounds_crossed", f"{at.path}.cap", words)
        return
    if low == high and not _is_flat(rule.steps):
        yield in_scheme(year, "constant", path, f"every figure gives {plain(high)} points")
    elif min(high, most) < full:
        words = f"{plain(full)} points, but the rule gives at most {plain(min(high, most))}"
        yield in_scheme(year, "full_unreachable", path, words)
    elif item.cap is not None and high < most:
        words = f"cap {plain(most)}, but the rule gives at most {plain(high)}"
        yield in_scheme(year, "cap_never_binds", f"{at.path}.cap", words)
    elif item.cap is None and high > most:
        words = f"the rule gives up to {plain(high)}, of which the item counts {plain(most)}"
        yield in_scheme(year, "above_cap", path, words)
    if item.floor is not None and least < min(low, Fraction()):
        words = f"floor {plain(least)}, but the rule gives at least {plain(low)}"
        yield in_scheme(year, "floor_never_binds", f"{at.path}.floor", words)
    elif item.floor is None and low < 0 and not rule.parts:  # parts may take off until nothing is left (A9)
        words = f"the rule goes down to {plain(low)}, the item ends at 0"
        yield in_scheme(year, "below_floor", path, words)


def _never(year: SchemeYear, path: str, rule: Rule, found: Reach) -> Iterator[LintFinding]:
    """Bands, entries and branches that no figure leads to."""
    if found.taken is None:
        return
    for at, inner in rules(path, rule):
        if inner.first:
            for number in range(len(inner.first.branches)):
                if (f"{at}.first", number) not in found.taken:
                    where = f"{at}.first.branches.{number}"
                    words = "no unit comes here: a branch before it takes all, or its condition never holds"
                    yield in_scheme(year, "branch_unreachable", where, words)
                    return
        if inner.bands:
            for number, band in enumerate(inner.bands.points):
                if (f"{at}.bands", number) not in found.taken:
                    words = f"no figure lies in {_Span.of(band, number)}"
                    yield in_scheme(year, "band_unreachable", f"{at}.bands.points.{number}", words)
        if inner.table:
            for key in inner.table.points:
                if (f"{at}.table", key) not in found.taken and key.isdecimal():  # codes: source.py
                    words = f"what the table reads is never {key}"
                    yield in_scheme(year, "entry_unreachable", f"{at}.table.points.{key}", words)


def _falls(year: SchemeYear, path: str, rule: Rule, found: Reach) -> Iterator[LintFinding]:
    for fall in found.falls:
        is_plain = rule.linear and rule.linear.of == fall.number and fall.number.as_[-1] == "attainment"
        down = is_plain and fall.better < fall.worse
        worse, better = plain(fall.worse), plain(fall.better)
        better = f"just past {worse}" if better == worse else better
        words = (
            f"{worse} gives {plain(fall.worse_points)}, the better {better} gives {plain(fall.better_points)}"
        )
        yield in_scheme(year, "down_attainment" if down else "not_monotone", path, words)
