"""Numbers as rules read them: from a source, through transforms, first of the unit alone, then beside its peers.

Every reading is asked for at an end: `at` is the figure that counts, `low` and `high` are where it may lie once undecided
rows are decided. A unit's own end and that of its peers are asked for apart, because a place is worst when one's own
figure is low and the others' are high.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import NamedTuple

from flows.score.engine.facts import FigureKey, State
from flows.score.engine.result import ResolvedInput, ScoringFinding
from flows.score.engine.scoring_context import End, ScoringContext, exact
from flows.score.rules.grammar import Input, Transform
from flows.score.rules.peers import Peers
from flows.score.scheme.required_inputs import period_id
from flows.score.scheme.scheme_model import Item

#: Figures that go together to one end: an indicator and a category of it.
Series = tuple[str, str | None]


class BoundSide(NamedTuple):
    """At which end a unit's own figures and those of its peers are read; those of `opposite` at the opposite one."""

    own: End = "at"
    peers: End = "at"
    opposite: frozenset[Series] = frozenset()

    @property
    def of_peers(self) -> BoundSide:
        """The side at which the peers are read themselves."""
        return BoundSide(self.peers, self.peers, self.opposite)


AS_COUNTED = BoundSide()
#: (unit, item, side) → points of an item that is scored already; None where it is open or no part of the unit's scheme.
Finished = Mapping[tuple[str, str, BoundSide], Fraction | None]


class InputResolver:
    """Readings of one scoring, each worked out once."""

    def __init__(self, scoring: ScoringContext, finished: Finished) -> None:
        self._scoring = scoring
        self._finished = finished
        self._held: dict[tuple[str, str | None, int, str | None, BoundSide, int], ResolvedInput] = {}
        self._peers_held: dict[tuple[str, str | None, int, str | None, BoundSide, int], Peers] = {}

    def resolve(
        self,
        unit: str,
        item: Item | None,
        number: Input,
        side: BoundSide = AS_COUNTED,
        period: str | None = None,
    ) -> ResolvedInput:
        """The number as the unit has it; `period` is that of an `each` around the rule."""
        return self._after(unit, item, number, side, period, len(number.as_))

    def _after(
        self, unit: str, item: Item | None, number: Input, side: BoundSide, period: str | None, steps: int
    ) -> ResolvedInput:
        key = (unit, item.id if item else None, id(number), period, side, steps)
        if key not in self._held:
            self._held[key] = self._worked_out(unit, item, number, side, period, steps)
        return self._held[key]

    def _worked_out(
        self, unit: str, item: Item | None, number: Input, side: BoundSide, period: str | None, steps: int
    ) -> ResolvedInput:
        if steps == 0:
            return self._source(unit, item, number, side, period)
        before = self._after(unit, item, number, side, period, steps - 1)
        transform = number.as_[steps - 1]
        if before.amount is None or transform is Transform.VALUE:
            return before
        if transform in (Transform.ATTAINMENT, Transform.EXCESS):
            return self._to_target(unit, item, number, before, transform)
        if transform in (Transform.GROWTH, Transform.CHANGE):
            earlier = self._source(unit, item, number, AS_COUNTED, period, back=1)
            return _over_time(number, before, earlier, transform)
        peers = self._peers(unit, item, number, side.of_peers, period, steps - 1)
        peers = peers.with_own(unit, before.amount, self._weight(unit, number, side, period))
        return self._to_peers(unit, item, number, before, transform, peers)

    # -- sources

    def _source(
        self, unit: str, item: Item | None, number: Input, side: BoundSide, period: str | None, back: int = 0
    ) -> ResolvedInput:
        if number.children:
            return self._of_children(unit, item, number, side, period, back)
        match number.source:
            case "scores":
                return self._scores(unit, item, number)
            case "opinion":
                return self._opinion(unit, item, number)
            case "item":
                points = self._finished[unit, number.item or "", side]
                return _known(number, points) if points is not None else ResolvedInput(number, "unscored")
            case "past":
                return self._past(unit, number, back)
            case "late":
                return self._late(unit, number)
            case "veto":
                return _known(number, Fraction(self._scoring.vetoes(unit, number.veto or (), side.own)))
        return self._figure(unit, item, number, side, period, back)

    def _figure(
        self, unit: str, item: Item | None, number: Input, side: BoundSide, period: str | None, back: int
    ) -> ResolvedInput:
        indicator = number.indicator or (item.indicator if item else None) or ""
        key = FigureKey(indicator, number.category, period_id(number, self._scoring.year.year - back, period))
        amount = self._amount_at(unit, key, side)
        if amount is not None:
            return _known(number, amount)
        found = self._scoring.figures.get((unit, key))
        return ResolvedInput(number, found.state if found else "not_reported")

    def _amount_at(self, unit: str, key: FigureKey, side: BoundSide) -> Fraction | None:
        """A figure at an end; an end that nobody knows is the figure that counts."""
        found = self._scoring.figures.get((unit, key))
        if found is None:
            return None
        if side.own == "at":
            return found.actual
        is_low = (side.own == "low") != ((key.indicator, key.category) in side.opposite)
        at_end = found.lower if is_low else found.upper
        return found.actual if at_end is None else at_end

    def _of_children(
        self, unit: str, item: Item | None, number: Input, side: BoundSide, period: str | None, back: int
    ) -> ResolvedInput:
        """Mean over the units below that have the number (A13)."""
        plain = number.model_copy(update={"children": False})
        found = [
            r.amount
            for child in self._scoring.facts.children.get(unit, ())
            if (r := self._source(child, item, plain, side, period, back)).amount is not None
        ]
        if not found:
            return ResolvedInput(number, "not_applicable")
        return _known(
            number, sum(found, start=Fraction(0)) / len(found), (("children", Fraction(len(found))),)
        )

    def _scores(self, unit: str, item: Item | None, number: Input) -> ResolvedInput:
        """Mean share of full points over the raters of a group, highest and lowest left out (A1, A17, A18)."""
        found = self._scoring.scores.get((unit, item.id if item else "", number.scores or ""), [])
        shares = []
        for score in found:
            if score.points is None:
                continue
            full = score.full_points
            if full is None and item is not None:
                full = Fraction(item.full)
                self._scoring.add_finding(
                    ScoringFinding("warning", "rater_without_full", f"“{item.label}”的评分未写满分，按本项分值{item.full}分计，请核对",
                            unit, item.id, score.address)
                )  # fmt: skip
            if full:
                shares.append(score.points / full)
        shares.sort()
        if len(shares) <= 2 * number.trim:
            return self._unscored(unit, item, number, number.scores or "", 2 * number.trim + 1)
        kept = shares[number.trim : len(shares) - number.trim]
        steps = (("raters", Fraction(len(kept))),)
        return _known(number, sum(kept, start=Fraction(0)) / len(kept), steps)

    def _opinion(self, unit: str, item: Item | None, number: Input) -> ResolvedInput:
        """The opinion all raters of the group agree on (A10)."""
        found = self._scoring.scores.get((unit, item.id if item else "", number.opinion or ""), [])
        opinions = sorted({s.opinion for s in found if s.opinion is not None})
        if not opinions:
            return self._unscored(unit, item, number, number.opinion or "", 1)
        if len(opinions) > 1:
            label = item.label if item else ""
            self._scoring.add_finding(
                ScoringFinding("error", "opinion_disagrees", f"“{label}”有不同的评价意见，不能确定按哪一个计分，请确定后重新报送",
                        unit, item.id if item else None, found[0].address)
            )  # fmt: skip
            return ResolvedInput(number, "unscored")
        return ResolvedInput(number, "value", None, opinions[0])

    def _unscored(
        self, unit: str, item: Item | None, number: Input, group: str, needed: int
    ) -> ResolvedInput:
        label = item.label if item else ""
        self._scoring.add_finding(
            ScoringFinding("error", "rater_missing", f"“{label}”缺评分（评分主体{group}，至少{needed}份），该项暂无得分，请补齐评分表",
                    unit, item.id if item else None)
        )  # fmt: skip
        return ResolvedInput(number, "unscored")

    def _past(self, unit: str, number: Input, back: int) -> ResolvedInput:
        year = self._scoring.year.year - (number.years_back or 1) - back
        result = self._scoring.past.get((unit, year))
        if result is None:
            return ResolvedInput(number, "not_reported")
        if number.past == "grade":
            return ResolvedInput(number, "value", None, result.grade)
        amount = result.points if number.past == "points" else result.overall_rank
        return (
            _known(number, Fraction(amount)) if amount is not None else ResolvedInput(number, "not_reported")
        )

    def _late(self, unit: str, number: Input) -> ResolvedInput:
        """Reports that came late, or their days (A33)."""
        late = [r for r in self._scoring.facts.late if r.unit == unit and r.record in (number.late or ())]
        if number.late_unit == "reports":
            return _known(number, Fraction(len(late)))
        if any(r.days is None for r in late):
            return ResolvedInput(number, "not_reported")
        return _known(number, Fraction(sum(r.days or 0 for r in late)))

    # -- transforms

    def _to_target(
        self, unit: str, item: Item | None, number: Input, before: ResolvedInput, transform: Transform
    ) -> ResolvedInput:
        indicator = number.indicator or (item.indicator if item else None) or ""
        target = self._scoring.targets.get((unit, indicator))
        if target is None:
            return ResolvedInput(number, "no_target", None, None, before.steps)
        goal, amount = exact(target.target), _amount(before)
        steps = (*before.steps, ("target", goal))
        if transform is Transform.EXCESS:
            return _next(number, amount - goal, steps, transform)
        return _divided(number, amount, goal, steps, transform)

    def _peers(
        self, unit: str, item: Item | None, number: Input, side: BoundSide, period: str | None, steps: int
    ) -> Peers:
        """The peers of a unit after some steps, at their own side; the same for all units of its group."""
        group = "" if number.peers == "all" else self._scoring.year.groups[unit]
        key = (group, item.id if item else None, id(number), period, side, steps)
        if key not in self._peers_held:
            units = self._scoring.peers(unit, item, number.peers)
            found = {u: self._after(u, item, number, side, period, steps).amount for u in units}
            known = {u: amount for u, amount in found.items() if amount is not None}
            weights = {u: self._weight(u, number, side, period) or Fraction(0) for u in known}
            self._peers_held[key] = Peers(known, weights if number.weighted_by else None)
        return self._peers_held[key]

    def _weight(self, unit: str, number: Input, side: BoundSide, period: str | None) -> Fraction | None:
        """What a unit weighs in a mean: another indicator's figure."""
        if number.weighted_by is None:
            return None
        key = FigureKey(number.weighted_by, None, period_id(number, self._scoring.year.year, period))
        return self._amount_at(unit, key, side)

    def _to_peers(
        self, unit: str, item: Item | None, number: Input, before: ResolvedInput, transform: Transform, peers: Peers
    ) -> ResolvedInput:  # fmt: skip
        amount = _amount(before)
        steps = (*before.steps, ("peers", peers.count))
        is_down = self._scoring.lower_is_better(number.indicator or (item.indicator if item else None))
        is_down = is_down and number.source == "indicator"
        match transform:
            case Transform.RANK | Transform.RANK_FROM_LAST:
                upward = (transform is Transform.RANK) != is_down
                before_it = peers.above(amount) if upward else peers.below(amount)
                return _next(number, Fraction(1 + before_it), steps, transform)
            case Transform.SHARE_OF_BEST if is_down:
                steps = (*steps, ("best", peers.lowest))
                if amount == 0:
                    return _next(number, Fraction(1), steps, transform)
                return _next(number, peers.lowest / amount, steps, transform)
            case Transform.SHARE_OF_BEST:
                steps = (*steps, ("best", peers.highest))
                return _divided(number, amount, peers.highest, steps, transform)
            case Transform.POSITION:
                steps = (*steps, ("lowest", peers.lowest), ("highest", peers.highest))
                above = peers.highest - amount if is_down else amount - peers.lowest
                return _divided(number, above, peers.highest - peers.lowest, steps, transform)
        mean = peers.mean(None if number.with_self else unit)
        if mean is None:
            return _undefined(number, steps, transform)
        steps = (*steps, ("mean", mean))
        if transform is Transform.EXCESS_OVER_MEAN:
            return _next(number, amount - mean, steps, transform)
        return _divided(number, amount, mean, steps, transform)


def _state(amount: Fraction) -> State:
    return "value" if amount else "zero"


def _known(number: Input, amount: Fraction, before: tuple[tuple[str, Fraction], ...] = ()) -> ResolvedInput:
    return ResolvedInput(number, _state(amount), amount, None, (*before, (Transform.VALUE.value, amount)))


def _amount(reading: ResolvedInput) -> Fraction:
    if reading.amount is None:
        raise ValueError("a transform is asked of a number that is not known")
    return reading.amount


def _next(
    number: Input, amount: Fraction, steps: tuple[tuple[str, Fraction], ...], transform: Transform
) -> ResolvedInput:
    return ResolvedInput(number, _state(amount), amount, None, (*steps, (transform.value, amount)))


def _divided(
    number: Input,
    above: Fraction,
    below: Fraction,
    steps: tuple[tuple[str, Fraction], ...],
    transform: Transform,
) -> ResolvedInput:
    if below == 0:
        return _undefined(number, steps, transform)
    return _next(number, above / below, steps, transform)


def _undefined(number: Input, steps: tuple[tuple[str, Fraction], ...], transform: Transform) -> ResolvedInput:
    """What the scheme says in place of a division by zero; without a word of it, not applicable."""
    if number.undefined is None or number.undefined == "not_applicable":
        return ResolvedInput(number, "not_applicable", None, None, steps)
    return _next(number, Fraction(number.undefined), (*steps, ("undefined", Fraction(0))), transform)


def _over_time(
    number: Input, now: ResolvedInput, earlier: ResolvedInput, transform: Transform
) -> ResolvedInput:
    if earlier.amount is None:
        return ResolvedInput(number, earlier.state, None, None, now.steps)
    steps = (*now.steps, ("before", earlier.amount))
    difference = _amount(now) - earlier.amount
    if transform is Transform.CHANGE:
        return _next(number, difference, steps, transform)
    return _divided(number, difference, earlier.amount, steps, transform)
