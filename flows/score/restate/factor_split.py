"""The difference between two publications of a year, split into data, target, scheme, decision and code: exactly, by construction.

Each publication is its scheme, its facts and the numbers it published. The year is scored again with one factor after the other
taken from the later one, and what a step changes is that factor's. The sum of the steps is the whole difference, of points as of
places and grades, because every step begins where the one before ended. The order is that in which a year is decided:

1. data: what was delivered; 2. target and 3. scheme: what it is measured by; 4. decision: what an office decided about it. A ruling takes
   the place of whatever was computed, so it comes last: before the data, it would hide what they changed and be charged with it.
5. code is what is left over at both ends: between the numbers published and those that today's code makes of the same facts and scheme,
   and where a figure differs though no delivery behind it does.

What only one side can know is the same on both, so that no step is charged with it: facts and targets of indicators that only one
scheme asks for, and of units that only one assesses; they come and go with the scheme. A unit that one side does not assess has no
difference to split. Amounts are those that were written: half up to six places. `year` and facts of a publication that today's code
cannot score are refused by the engine; `is_split=False` then says the whole as code.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import Any, Literal, NamedTuple

from flows.contract.indicator import indicators
from flows.score.engine.facts import Facts, Figure, FigureKey
from flows.score.engine.rounding import half_up
from flows.score.engine.scoring import score
from flows.score.scheme.required_inputs import required_figures
from flows.score.scheme.scheme_loader import SchemeYear, Target

Factor = Literal["data", "target", "scheme", "decision", "code"]
Kind = Literal["item", "bonus", "deduction", "other", "total", "group_rank", "overall_rank", "grade"]

FACTORS: tuple[Factor, ...] = ("data", "target", "scheme", "decision", "code")
#: What a year decides about a unit, before the points that it comes from.
RESULT: tuple[Kind, ...] = ("total", "group_rank", "overall_rank", "grade")
_KINDS: tuple[Kind, ...] = (*RESULT, "item", "bonus", "deduction", "other")
#: Which facts are whose; every field of Facts is in one of them.
FIELDS: Mapping[Factor, tuple[str, ...]] = {
    "data": ("figures", "late", "known_on"),
    "scheme": ("units", "names", "children"),
    "decision": (
        "corrections",
        "points_rulings",
        "scores",
        "bonus",
        "notices",
        "vetoes",
        "past",
        "decisions",
    ),
}
_ZERO = Fraction(0)


class Matter(NamedTuple):
    """What differs: the points of a leaf, of bonus, of deductions (as they count: negative), of what is left (scaling up, caps,
    rounding, gates) - these add up to the total - or the total, a place, a grade (its number in the scheme's list, from 1)."""

    kind: Kind
    item: str = ""


class PartInForce(NamedTuple):
    """A part in force of a delivery: about which unit, of which kind, and how it is called."""

    unit: str
    record: str
    part: int
    delivery: int
    covers_from: date | None
    covers_to: date | None
    name: str


class UnitTotal(NamedTuple):
    """A unit's line of the result, as it was written."""

    unit: str
    bonus: Fraction
    deduction: Fraction
    total: Fraction
    group_rank: int
    overall_rank: int
    grade: str


Values = Mapping[str, Mapping[Matter, Fraction]]


@dataclass(frozen=True)
class PublishedYear:
    """A year as an edition, a preview or the warehouse has it. `sources`: the parts in force then; empty where nobody knows."""

    name: str
    year: SchemeYear
    facts: Facts
    values: Values
    sources: frozenset[PartInForce] = frozenset()


@dataclass(frozen=True)
class MatterDifference:
    """A unit and matter. `by` has all five factors and adds up to after minus before; it is empty where one of them is None, because
    that side does not assess the unit. `path`: of a grade, what it became with which factor."""

    unit: str
    matter: Matter
    before: Fraction | None
    after: Fraction | None
    by: Mapping[Factor, Fraction]
    path: tuple[tuple[Factor, str], ...] = ()


def values_of(
    year: SchemeYear, points: Iterable[tuple[str, str, Fraction | None]], totals: Iterable[UnitTotal]
) -> Values:
    """The numbers of a year by unit and matter, from points (unit, leaf, points) and lines of the result."""
    names = grade_names(year)
    of_unit: dict[str, dict[Matter, Fraction]] = {}
    leaves = {leaf.id for leaf in year.scheme.leaves}
    for unit, item, amount in points:
        if item in leaves:
            of_unit.setdefault(unit, {})[Matter("item", item)] = half_up(amount or _ZERO)
    for line in totals:
        own = of_unit.setdefault(line.unit, {})
        total, bonus, deduction = half_up(line.total), half_up(line.bonus), -half_up(line.deduction)
        own[Matter("other")] = total - bonus - deduction - sum(own.values(), start=_ZERO)
        own |= {Matter("bonus"): bonus, Matter("deduction"): deduction, Matter("total"): total}
        own[Matter("group_rank")] = Fraction(line.group_rank)
        own[Matter("overall_rank")] = Fraction(line.overall_rank)
        own[Matter("grade")] = Fraction(names.index(line.grade) + 1)
    return of_unit


def grade_names(year: SchemeYear) -> list[str]:
    """The grades of a scheme, best first; what a unit without one has comes last."""
    grades = year.scheme.grades
    names = [level.grade for level in grades.list_]
    return names if grades.no_award in names else [*names, grades.no_award]


def restated(
    before: PublishedYear, after: PublishedYear, is_split: bool = True
) -> tuple[MatterDifference, ...]:
    """What differs, unit by unit, in the order of the later scheme. `ContractError` or `AssessmentError` where today's code cannot
    score one of the two."""
    swaps = Swaps(before, after)
    chain: list[tuple[Factor, SchemeYear, Values]] = [("code", before.year, before.values)]
    if is_split:
        chain += [(factor, year, _scored(year, facts)) for factor, year, facts in swaps.steps()]
    chain.append(("code", after.year, after.values))
    return tuple(_differences(chain))


def _scored(year: SchemeYear, facts: Facts) -> Values:
    scored = score(year, facts)
    lines = (
        UnitTotal(r.unit, r.bonus, r.deduction, r.total, r.group_rank, r.overall_rank, r.grade)
        for r in scored.results
    )
    return values_of(year, ((s.unit, s.item, s.points) for s in scored.items), lines)


def _differences(chain: Sequence[tuple[Factor, SchemeYear, Values]]) -> Iterator[MatterDifference]:
    (_, _, first), (_, later, last) = chain[0], chain[-1]
    order = [leaf.id for leaf in later.scheme.leaves]
    for unit in sorted({*first, *last}):
        of_unit = {m for _, _, values in chain for m in values.get(unit, {})}
        places = {m: (_KINDS.index(m.kind), order.index(m.item) if m.item in order else -1) for m in of_unit}
        for matter in sorted(of_unit, key=lambda m: (places[m], m.item)):
            ends = [values[unit].get(matter, _ZERO) if unit in values else None for values in (first, last)]
            by: dict[Factor, Fraction] = {}
            path = []
            if None not in ends:
                by = dict.fromkeys(FACTORS, _ZERO)
                at = ends[0] or _ZERO
                for factor, year, values in chain[1:]:
                    now = values.get(unit, {}).get(matter, _ZERO) if unit in values else at
                    by[factor] += now - at
                    if matter.kind == "grade" and now != at:
                        path.append((factor, grade_names(year)[int(now) - 1]))
                    at = now
            if ends[0] != ends[1] or any(by.values()):
                yield MatterDifference(unit, matter, ends[0], ends[1], by, tuple(path))


@dataclass(frozen=True)
class Swaps:
    """Two publications, each completed by what only the other can know, and the steps from one to the other."""

    before: PublishedYear
    after: PublishedYear

    @cached_property
    def own(self) -> tuple[Facts, Facts]:
        """The facts of both, completed."""
        return _completed(self.before, self.after), _completed(self.after, self.before)

    @cached_property
    def targets(self) -> tuple[tuple[Target, ...], tuple[Target, ...]]:
        """The targets of both, completed."""
        return _targets(self.before, self.after), _targets(self.after, self.before)

    def steps(self) -> Iterator[tuple[Factor, SchemeYear, Facts]]:
        """Factor, scheme and facts of each step; the first is the earlier publication as it was, the last the later one."""
        facts, later = self.own
        year, then = replace(self.before.year, targets=self.targets[0]), self.after.year
        yield "code", year, facts
        read = {key: self._figure(1, key) for key in self.reread}
        facts = replace(facts, figures=_without_none({**facts.figures, **read}))
        yield "code", year, facts
        facts = replace(facts, **_fields(later, "data"))
        yield "data", year, facts
        year = replace(year, targets=self.targets[1])
        yield "target", year, facts
        year = replace(then, targets=self.targets[1])
        facts = replace(facts, **_fields(later, "scheme"))
        yield "scheme", year, facts
        yield "decision", year, later

    @cached_property
    def changed(self) -> Mapping[tuple[str, FigureKey], bool]:
        """The figures that differ, and whether a delivery behind them does (without knowledge of deliveries: yes)."""
        facts, later = self.own
        keys = (k for k in {*facts.figures, *later.figures} if self._figure(0, k) != self._figure(1, k))
        is_known = bool(self.before.sources and self.after.sources)
        return {k: not is_known or any(self.moved(k[0], indicators()[k[1].indicator].records)) for k in keys}

    @property
    def reread(self) -> list[tuple[str, FigureKey]]:
        """Figures that differ though the same deliveries are behind them."""
        return [key for key, is_data in self.changed.items() if not is_data]

    def moved(self, unit: str, kinds: Iterable[str]) -> tuple[list[PartInForce], list[PartInForce]]:
        """The parts about a unit (and those below it) of some kinds that counted before only, and that count after only."""
        wanted, about = set(kinds), self.family(unit)
        gone, came = ([s for s in side if s.record in wanted and s.unit in about] for side in self._moved)
        return gone, came

    @cached_property
    def _moved(self) -> tuple[list[PartInForce], list[PartInForce]]:
        """By part: one that is read as something else now has not moved."""
        before, after = ({(s.unit, s.part): s for s in side.sources} for side in (self.before, self.after))
        gone, came = before.keys() - after.keys(), after.keys() - before.keys()
        return [before[key] for key in sorted(gone)], [after[key] for key in sorted(came)]

    def family(self, unit: str) -> set[str]:
        """A unit and those whose figures are its own as well."""
        return {unit}.union(*(side.facts.children.get(unit, ()) for side in (self.before, self.after)))

    def _figure(self, side: int, key: tuple[str, FigureKey]) -> Figure | None:
        return self.own[side].figures.get(key)


def _without_none(figures: Mapping[Any, Figure | None]) -> dict[Any, Figure]:
    return {key: figure for key, figure in figures.items() if figure is not None}


def _fields(facts: Facts, factor: Factor) -> dict[str, Any]:
    return {name: getattr(facts, name) for name in FIELDS[factor]}


def _asked(year: SchemeYear) -> set[tuple[str, str, bool]]:
    """What a scheme asks for: indicator, period, and whether the total or its categories."""
    return {(k.indicator, k.period_id, k.category is None) for k in required_figures(year)}


def _strangers(side: PublishedYear, other: PublishedYear) -> frozenset[str]:
    """Units that only the other side assesses."""
    return frozenset(other.facts.units) - frozenset(side.facts.units)


def _completed(side: PublishedYear, other: PublishedYear) -> Facts:
    """The facts of one side, with the other's about what that alone asks for, and about units that it alone assesses."""
    asked, strangers = _asked(other.year) - _asked(side.year), _strangers(side, other)
    lent = {
        (unit, key): figure
        for (unit, key), figure in other.facts.figures.items()
        if unit in strangers or (key.indicator, key.period_id, key.category is None) in asked
    }
    lists: dict[str, Any] = {
        name: (
            *(r for r in getattr(side.facts, name) if r.unit not in strangers),
            *(r for r in getattr(other.facts, name) if r.unit in strangers),
        )
        for name in ("late", *FIELDS["decision"])
    }
    return replace(side.facts, figures={**side.facts.figures, **lent}, **lists)


def _targets(side: PublishedYear, other: PublishedYear) -> tuple[Target, ...]:
    """The targets of one side, with the other's for indicators that it alone asks for and units that it alone assesses."""
    lacking = {i for i, _, _ in _asked(other.year)} - {i for i, _, _ in _asked(side.year)}
    strangers = _strangers(side, other)

    def is_lent(target: Target) -> bool:
        return target.unit in strangers or target.indicator in lacking

    kept = (t for t in side.year.targets if not is_lent(t))
    return (*kept, *(t for t in other.year.targets if is_lent(t)))


assert {f.name for f in fields(Facts)} == {n for names in FIELDS.values() for n in names}  # noqa: S101
