"""What differs between two scorings of a year, unit by unit: points, places, grades, and the items they come from."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from flows.score.engine.result import Scored, ScoringFinding, UnitResult


@dataclass(frozen=True, slots=True)
class _ItemDiff:
    """Points of an item in both; None where it is open, no part of the unit's scheme, or in one of the schemes alone."""

    item: str
    before: Fraction | None
    after: Fraction | None


@dataclass(frozen=True, slots=True)
class UnitDiff:
    """A unit whose points, place or grade differ; `items` are leaves and blocks, in the order of the scheme."""

    before: UnitResult
    after: UnitResult
    items: tuple[_ItemDiff, ...]

    @property
    def unit(self) -> str:
        return self.before.unit


def score_diff(before: Scored, after: Scored) -> list[UnitDiff]:
    """The units that a change affects, in their order; none where both scorings are the same.

    A unit whose own points stand but whose place is another is affected too.
    """
    then = {result.unit: result for result in after.results}
    old, new = _points(before), _points(after)
    found = []
    for result in before.results:
        mine, its = old.get(result.unit, {}), new.get(result.unit, {})
        items = tuple(
            _ItemDiff(item, mine.get(item), its.get(item))
            for item in dict.fromkeys([*mine, *its])
            if mine.get(item) != its.get(item)
        )
        if items or result != then[result.unit]:
            found.append(UnitDiff(result, then[result.unit], items))
    return found


def new_findings(before: Scored, after: Scored) -> list[ScoringFinding]:
    """What the office would have to settle after the change and not before it."""
    known = {(f.code, f.unit, f.item) for f in before.findings}
    return [f for f in after.findings if (f.code, f.unit, f.item) not in known]


def _points(scored: Scored) -> dict[str, dict[str, Fraction | None]]:
    found: dict[str, dict[str, Fraction | None]] = {}
    for score in scored.items:
        found.setdefault(score.unit, {})[score.item] = score.points
    return found
