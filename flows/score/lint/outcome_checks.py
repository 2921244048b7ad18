"""Checks of what follows the items: bonus, deductions, the steps of the year, ties, grades."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from flows.score.explain.format import plain, some
from flows.score.lint.lint_finding import LintFinding, at_line, grade_name, in_scheme, in_target
from flows.score.lint.reach import reach
from flows.score.lint.rule_checks import LeafReach
from flows.score.lint.scope import Scope, places
from flows.score.lint.tree_checks import most_of
from flows.score.rules.rule import Place
from flows.score.scheme.new_year import OPEN, TO_CHECK, open_lines
from flows.score.scheme.scheme_loader import SchemeYear
from flows.score.scheme.scheme_model import BonusClass, DeductionClass, Grade, Item
from flows.score.sources.known_names import codes

#: A larger factor by size is taken for a percentage (A34: 0.9 and 0.8).
_GREATEST_FACTOR = 2


def check(year: SchemeYear, reached: LeafReach) -> Iterator[LintFinding]:
    """Bonus, deductions, order, grades, and what a copied folder leaves behind."""
    yield from _bonus(year)
    yield from _deductions(year)
    yield from _order(year)
    yield from _grades(year, reached)
    yield from _copied(year)


def _copied(year: SchemeYear) -> Iterator[LintFinding]:
    """A year begins as a copy of another: what still names that one."""
    name, scheme = year.folder.name, year.scheme
    if name.isdecimal() and len(name) == 4 and int(name) != scheme.year:
        yield in_scheme(year, "year_folder", "year", f"year {scheme.year} in the folder of {name}")
    for path, text in (("label", scheme.label), ("document_no", scheme.document_no)):
        years = set(re.findall(r"(?<!\d)20\d\d(?!\d)", text))
        if years and str(scheme.year) not in years:
            yield in_scheme(
                year, "year_copied", path, f"{text} names {some(sorted(years))}, not {scheme.year}"
            )
    written = year.folder / "scheme.yml"  # a scheme that is only supposed has none
    text = written.read_text(encoding="utf-8") if written.exists() else ""
    for number, line in open_lines(text):
        mark = OPEN if OPEN in line else TO_CHECK
        yield at_line(year, "left_open", number, f"the mark {mark} is in this line")
    stale = [t for t in year.targets if t.effective_on < date(scheme.year, 1, 1)]
    if stale:
        words = f"{len(stale)} targets take effect before {scheme.year} begins"
        yield in_target(year, "year_copied", stale[0], words)


def _bonus(year: SchemeYear) -> Iterator[LintFinding]:
    bonus, kinds = year.scheme.bonus, codes("bonus_kind")
    if bonus is None:
        return
    for number, found in enumerate(bonus.classes):
        path = f"bonus.classes.{number}"
        for n, kind in enumerate(found.kinds):
            if kind not in kinds:
                words = f"no bonus kind {kind}; there are {some(kinds, 9)}"
                yield in_scheme(year, "unknown_bonus_kind", f"{path}.kinds.{n}", words)
        yield from _levels(year, path, found)
    if left := [kind for kind in kinds if not any(kind in found.kinds for found in bonus.classes)]:
        yield in_scheme(year, "bonus_kind_left", "bonus.classes", f"{some(left, 9)} are in no class")
    yield from _caps(year, "bonus", bonus.cap, bonus.classes)


def _levels(year: SchemeYear, path: str, found: BonusClass) -> Iterator[LintFinding]:
    levels = codes("honour_level")  # the highest first
    for level, points in found.levels.items():
        where = f"{path}.levels.{level}"
        if level not in levels:
            yield in_scheme(year, "unknown_level", where, f"no level {level}; there are {some(levels, 9)}")
        if found.cap is not None and points > found.cap:
            words = f"{plain(points)} points for {level}, but the class ends at {plain(found.cap)}"
            yield in_scheme(year, "level_above_cap", where, words)
    for higher, lower in pairwise([level for level in levels if level in found.levels]):
        if found.levels[lower] > found.levels[higher]:
            words = f"{lower} gives {plain(found.levels[lower])}, {higher} only {plain(found.levels[higher])}"
            yield in_scheme(year, "level_order", f"{path}.levels.{lower}", words)


def _caps(
    year: SchemeYear, section: str, cap: Decimal | None, classes: Sequence[BonusClass | DeductionClass]
) -> Iterator[LintFinding]:
    """Caps that something narrower always comes before."""
    if cap is None:
        return
    for number, found in enumerate(classes):
        if found.cap is not None and found.cap > cap:
            words = f"cap {plain(found.cap)} of the class is above {plain(cap)} of all classes together"
            yield in_scheme(year, "cap_never_binds", f"{section}.classes.{number}.cap", words)
    caps = [found.cap for found in classes if found.cap is not None]
    if len(caps) == len(classes) and (most := sum(caps)) < cap:
        words = f"cap {plain(cap)}, but the classes give at most {plain(most)}"
        yield in_scheme(year, "cap_never_binds", f"{section}.cap", words)


def _deductions(year: SchemeYear) -> Iterator[LintFinding]:
    deductions = year.scheme.deductions
    if deductions is None:
        return
    there = {at.node.id: [i.id for i in (*at.above[1:], at.node)] for at in places(year.scheme, Item)}
    named: dict[str, str] = {}
    rest: str | None = None
    for number, found in enumerate(deductions.classes):
        path = f"deductions.classes.{number}"
        for n, item in enumerate(found.items):
            earlier = [
                named[i]
                for i in there.get(item, ())
                if named.get(i, found.id) != found.id or i in found.items[:n]
            ]
            if item not in there:
                yield in_scheme(year, "unknown_item", f"{path}.items.{n}", f"no item {item}")
            elif earlier:
                words = f"{item} already belongs to class {earlier[0]}"
                yield in_scheme(year, "deduction_overlap", f"{path}.items.{n}", words)
            named.setdefault(item, found.id)
        if not found.items and rest is not None:
            words = f"class {rest} already takes what no other class names"
            yield in_scheme(year, "deduction_overlap", path, words)
        rest = rest or (None if found.items else found.id)
    left = [leaf.label for leaf in year.scheme.leaves if not set(there[leaf.id]) & set(named)]
    if rest is None and left:
        words = f"a notice about {some(left, 4)} belongs to no class"
        yield in_scheme(year, "deduction_left", "deductions.classes", words)
    yield from _caps(year, "deductions", deductions.cap, deductions.classes)
    if deductions.factor is not None:
        path = f"deductions.factor.{deductions.factor.key}"
        factors = reach(deductions.factor, None, Scope(year, Place(path, deductions.factor, ())).domain)
        if factors.low < 0 or factors.high > _GREATEST_FACTOR:
            words = f"points are multiplied with {plain(factors.low)} to {plain(factors.high)}"
            yield in_scheme(year, "factor_outside", path, words)


def _order(year: SchemeYear) -> Iterator[LintFinding]:
    """Steps and ties."""
    order = year.scheme.order
    changing = [g.id for g in year.scheme.gates if g.effect.void or g.effect.zero_score]
    if changing and order.index("gates") > order.index("rank"):
        words = f"{some(changing)} change the total after places are given by it"
        yield in_scheme(year, "gate_after_rank", f"order.{order.index('gates')}", words)
    rounded = order.index("round")
    adding = [step for step in order[rounded:] if step in ("rescale", "bonus", "deductions")]
    if adding:
        words = f"the total is rounded before {some(adding)}, so it may end with more decimals"
        yield in_scheme(year, "round_too_early", f"order.{rounded}", words)
    items = {i.id for i in year.scheme.walk()}
    for number, key in enumerate(year.scheme.rank.break_):
        path, item = f"rank.break.{number}", key.removeprefix("item:")
        if item != key and item not in items:
            yield in_scheme(year, "unknown_item", path, f"no item {item}")
        elif key == "bonus_points" and year.scheme.bonus is None:
            yield in_scheme(year, "no_effect", path, "there is no bonus")


def _grades(year: SchemeYear, reached: LeafReach) -> Iterator[LintFinding]:
    grades, known = year.scheme.grades, codes("assessment_grade")
    most = _max_total(year, reached) if any(g.min_points for g in grades.list_) else Fraction()
    if grades.no_award not in known:
        yield in_scheme(year, "unknown_grade", "grades.no_award", f"no grade {grades.no_award}")
    for number, grade in enumerate(grades.list_):
        path, before = f"grades.list.{number}", grades.list_[:number]
        if grade.grade not in known:
            words = f"no grade {grade.grade}; there are {some(known, 12)}"
            yield in_scheme(year, "unknown_grade", path, words)
        elif why := _unreachable(year, grade, before, most):
            yield in_scheme(year, "grade_unreachable", path, why)
        elif empty := [g for g, n in sorted(_sizes(year).items()) if _places(grade, n) == 0]:
            words = f"{plain(grade.share or 0)} of group {some(empty)} is no unit"
            yield in_scheme(year, "grade_none_in_group", path, words)


def _unreachable(year: SchemeYear, grade: Grade, before: tuple[Grade, ...], most: Fraction) -> str | None:
    """Why no unit can get a grade; None where one can."""
    if grade.count == 0:
        return "a count of 0"
    sizes = _sizes(year)
    if sizes and grade.share is not None and all(_places(grade, n) == 0 for n in sizes.values()):
        return f"{plain(grade.share)} of {max(sizes.values())} units is none"
    if grade.min_points is not None and grade.min_points > most:
        return f"asks for {plain(grade.min_points)} points, and no more than {plain(most)} can be had"
    for better in before:
        open_ended = better.count is None and better.share is None
        if open_ended and (better.min_points or 0) <= (grade.min_points or 0):
            return f"{grade_name(better.grade)} takes every unit that could get it"
    if sizes and before and all(_taken(before, n) >= n for n in sizes.values()):
        return f"the better grades take all of {max(sizes.values())} units"
    return None


def _sizes(year: SchemeYear) -> dict[str, int]:
    """How many units grades are given among."""
    groups = Counter(year.groups.values())
    return dict(groups) if year.scheme.grades.scope == "group" else {"all": groups.total()} if groups else {}


def _places(grade: Grade, units: int) -> int:
    """Places of a grade among so many units; all of them without a quota."""
    places = grade.quota(units)
    return units if places is None else places


def _taken(grades: tuple[Grade, ...], units: int) -> int:
    """Places of grades that any unit can fill."""
    return sum(_places(g, units) for g in grades if g.min_points is None)


def _max_total(year: SchemeYear, reached: LeafReach) -> Fraction:
    """The most points a unit can have: what the rules of its items can give, and all of the bonus."""
    top = [at for at in places(year.scheme, Item) if len(at.above) == 1]
    groups: list[str | None] = [*sorted(set(year.groups.values()))] or [None]
    base = max(sum((most_of(year, at, reached, group) for at in top), start=Fraction()) for group in groups)
    return base + (Fraction(year.scheme.bonus.cap) if year.scheme.bonus else 0)
