"""What a score promises, held against what was handed over: a breach is a fault of ours and stops the run.

Blocks are their items within cap and floor, leaves lie within theirs, a total is its parts in the order of the scheme, bonus and
deductions keep their caps, places count the units before them, every unit has one result. Checked on every run, not
only in tests: nothing that contradicts itself is published.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction

from flows.score.engine.bonus import bonus_total
from flows.score.engine.item_scores import block_points
from flows.score.engine.result import BonusEntry, ItemScore, UnitResult
from flows.score.engine.rounding import half_up
from flows.score.engine.scoring_context import AssessmentError, ScoringContext
from flows.score.scheme.scheme_model import Item, Scheme

_ZERO = Fraction(0)


def check_invariants(
    context: ScoringContext,
    items: Sequence[ItemScore],
    results: Sequence[UnitResult],
    bonus_entries: Sequence[BonusEntry],
    zeroed: Collection[str],
) -> None:
    """Hold a scored year against what it promises.

    Args:
        context: the year's scheme and facts.
        items: scores of leaves and blocks.
        results: one per unit, in their order.
        bonus_entries: what became of each application.
        zeroed: units whose total a gate made zero.

    Raises:
        AssessmentError: a promise does not hold.
    """
    scheme = context.year.scheme
    _require([r.unit for r in results] == list(context.units), "not every unit has one result")
    scores: dict[str, dict[str, ItemScore]] = {u: {} for u in context.units}
    for score in items:
        scores[score.unit][score.item] = score
    for result in results:
        unit, own = result.unit, scores[result.unit]
        for item in scheme.walk():
            _check_item(item, own, unit)
        base = sum((own[i.id].points or _ZERO for i in scheme.items), start=_ZERO)
        _require(base * result.rescale == result.base, f"{unit}: the base is not the sum of its items")
        total = _ZERO if unit in zeroed else _total(scheme, base, result)
        _require(total == result.total, f"{unit}: the total is not its base, bonus and deductions")
        bonus = bonus_total((e for e in bonus_entries if e.unit == unit), scheme.bonus)
        _require(bonus == result.bonus, f"{unit}: bonus is not its entries")
        if scheme.deductions is not None and scheme.deductions.cap is not None:
            _require(result.deduction <= scheme.deductions.cap, f"{unit}: deductions above their cap")
    _check_places({r.unit: r.overall_rank for r in results}, scheme.rank.ties)
    for members in context.members.values():
        _check_places({r.unit: r.group_rank for r in results if r.unit in members}, scheme.rank.ties)


def _check_item(item: Item, scores: Mapping[str, ItemScore], unit: str) -> None:
    score = scores[item.id]
    if score.points is None:
        return
    if score.is_void:
        _require(score.points == 0, f"{unit}: {item.id} is void and has points")
    elif item.items:
        whole = block_points(item, [scores[i.id].points for i in item.items])
        _require(score.points == whole, f"{unit}: block {item.id} is not the sum of its items")
    else:
        within = Fraction(item.least or 0) <= score.points <= Fraction(item.most)
        _require(within, f"{unit}: {item.id} is outside of its cap and floor")


def _total(scheme: Scheme, base: Fraction, result: UnitResult) -> Fraction:
    """The total by the scheme's order, from the parts that were handed over."""
    total, bonus, deduction = base, _ZERO, _ZERO
    for step in scheme.order:
        if step == "rescale":
            total = result.base + bonus - deduction
        elif step == "bonus":
            bonus = result.bonus
            total += bonus
        elif step == "deductions":
            deduction = result.deduction
            total -= deduction
        elif step == "round":
            total = half_up(total, scheme.rounding.total)
    return total


def _check_places(places: Mapping[str, int], ties: str) -> None:
    """1, 1, 3: one more than the units before; 1, 1, 2: one more than the places before."""
    for unit, place in places.items():
        before = [p for p in places.values() if p < place]
        expected = len(before) if ties == "shared" else len(set(before))
        _require(place == expected + 1, f"{unit}: place {place} after {expected}")


def _require(holds: bool, breach: str) -> None:
    if not holds:
        raise AssessmentError(f"{breach}; nothing was published: report this with the year's folder")
