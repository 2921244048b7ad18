"""How far places and grades depend on the weights: the same year under other weights around the scheme's.

Weights are rules, not noise: an office decided them, and a unit is graded by them alone. This is for analysts who ask how
much of an order is the work and how much the scheme; it judges no score. Redrawn are the full points of the leaves that a
group has; what a unit reached of each, bonus, deductions and gates stand. Totals then take the scheme's own steps to places
and grades. The draws are whole numbers of a seeded generator: the same on every machine.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate, pairwise
from math import floor, lcm
from random import Random

from flows.score.engine import ranking
from flows.score.engine.scoring import RunningTotal, YearScoring
from flows.score.scheme.scheme_model import Item

#: Draws that are made unless asked otherwise: a rate of a half is then known to 3 percentage points (standard deviation).
DRAWS = 300

#: Pieces that the total of the weights is cut into. With 400 an item of 5 % of the total keeps 5 % ± 1.1 (standard
#: deviation), one of 20 % ± 2: what offices shift between two years' schemes, not a different assessment.
_PIECES = 400

#: A weight is a whole number of steps, so many to a point or more; what is reached of a step is told apart in so many parts.
_STEPS = 1000
_PARTS = 10**10

_Weights = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class WeightSensitivity:
    """A unit under redrawn weights: 5th, 50th and 95th percentile of its place in the group (places that occurred).

    `grade_flip_rate` is the share of draws that give it another grade than the scheme does.
    """

    unit: str
    draws: int
    group_rank_low: int
    group_rank_median: int
    group_rank_high: int
    grade_flip_rate: Fraction


def weight_sensitivity(
    scoring: YearScoring, draws: int = DRAWS, seed: int = 2015
) -> tuple[WeightSensitivity, ...]:
    """One row per unit, in their order; the same for the same seed."""
    reweighted = Reweighted(scoring)
    random = Random(seed)  # noqa: S311 (a seeded draw, no secret)
    outcomes = [reweighted.outcome(drawn) for drawn in _draws(reweighted.written, draws, random)]
    grades = reweighted.outcome(reweighted.written)[1]
    tail = (draws - 1) // 20
    rows = []
    for unit in reweighted.units:
        places = sorted(ranks[unit] for ranks, _ in outcomes)
        flips = sum(drawn[unit] != grades[unit] for _, drawn in outcomes)
        ends = places[tail], places[(draws - 1) // 2], places[draws - 1 - tail]
        rows.append(WeightSensitivity(unit, draws, *ends, Fraction(flips, draws)))
    return tuple(rows)


def _draws(written: Mapping[str, _Weights], draws: int, random: Random) -> Iterator[dict[str, _Weights]]:
    """So many times other weights of every group; groups with the same leaves are weighed alike."""
    for _ in range(draws):
        of_leaves: dict[tuple[str, ...], _Weights] = {}
        for weights in written.values():
            if tuple(weights) not in of_leaves:
                redrawn = redraw(list(weights.values()), random)
                of_leaves[tuple(weights)] = dict(zip(weights, redrawn, strict=True))
        yield {group: of_leaves[tuple(weights)] for group, weights in written.items()}


def redraw(weights: Sequence[int], random: Random) -> list[int]:
    """Random weights (all positive) around these, with the same sum.

    The sum is cut at random whole places, and each weight gets as many neighbouring pieces as it calls for: a Dirichlet
    distribution around the scheme, drawn without a binary float.
    """
    total = sum(weights)
    pieces = [max(1, (2 * _PIECES * weight + total) // (2 * total)) for weight in weights]
    cuts = sorted(random.choices(range(total + 1), k=sum(pieces) - 1)) if weights else []
    ends = [cuts[end - 1] for end in accumulate(pieces[:-1])]
    return [high - low for low, high in pairwise((0, *ends, total))] if weights else []


class Reweighted:
    """A scored year under other weights: what a unit reached of each leaf stands, as a share of the leaf's weight.

    Caps and floors of blocks grow and shrink with the weights inside them; so does the factor for leaves left out. A total
    is moved by the difference that the weights make, so that the scheme's own give its own to the last digit. Whole numbers
    of parts of a step.
    """

    def __init__(self, scoring: YearScoring) -> None:
        self._scoring, scheme, context = scoring, scoring.scheme, scoring.context
        self.units = context.units
        steps = lcm(_STEPS, *(Fraction(leaf.full).denominator for leaf in scheme.leaves))
        self._point = steps * _PARTS
        self._whole, self._is_placed_rounded = int(10**scheme.rounding.total), scheme.is_placed_rounded
        self._totals = {unit: scoring.run_steps(unit) for unit in context.units}
        order = ranking.rank(ranking.comparable({u: t.placed[1:] for u, t in self._totals.items()}), "dense")
        for unit, total in self._totals.items():
            total.placed = (total.placed[0], Fraction(-order[unit]))
        self.written: dict[str, _Weights] = {
            group: {
                leaf.id: int(leaf.full * steps)
                for leaf in scheme.leaves
                if leaf.full > 0 and context.applies(units[0], leaf)
            }
            for group, units in context.members.items()
        }
        self._trees = {group: _Node(None, scheme.items, written) for group, written in self.written.items()}
        self._reached = {unit: self._reached_by(unit) for unit in context.units}
        self._before = self._worths(self.written)
        raw = {unit: floor(total.raw * self._point) for unit, total in self._totals.items()}
        self._raw = {unit: (amount, self._rounded(amount)) for unit, amount in raw.items()}

    def outcome(self, weights: Mapping[str, _Weights]) -> tuple[dict[str, int], dict[str, str]]:
        """Place in the group and grade of each unit; `weights` are those of the leaves of each group."""
        worths = self._worths(weights)
        totals = {unit: self._moved(total, worths[unit]) for unit, total in self._totals.items()}
        ranks = self._scoring.ranks(totals)
        return {unit: place for unit, (place, _) in ranks.items()}, self._scoring.grades(totals, ranks)

    def _reached_by(self, unit: str) -> _Reached:
        items, written = self._scoring.context.items, self.written[self._group(unit)]
        void = {leaf.id for name in self._totals[unit].void for leaf in items[name].walk()}
        points = {leaf.id: self._scoring.leaf_points(unit, leaf) for leaf in self._scoring.scheme.leaves}
        part = [name for name in written if points[name].policy != "none"]
        return _Reached(
            {
                name: 0 if name in void else floor((p.points or 0) * self._point / written.get(name, 1))
                for name, p in points.items()
            },
            part,
            [name for name in part if points[name].full == 0],
        )

    def _group(self, unit: str) -> str:
        return self._scoring.context.year.groups[unit]

    def _worths(self, weights: Mapping[str, _Weights]) -> dict[str, int]:
        """What the items of each unit are worth, scaled up for what is left out."""
        worths = {}
        for unit, reached in self._reached.items():
            group = self._group(unit)
            worth = self._trees[group].worth(reached.shares, weights[group], self._point)
            if reached.left_out:
                whole = sum(weights[group][name] for name in reached.part)
                left_out = sum(weights[group][name] for name in reached.left_out)
                worth = worth * whole // max(whole - left_out, 1)
            worths[unit] = worth
        return worths

    def _moved(self, total: RunningTotal, worth: int) -> RunningTotal:
        """A unit's total as its items are worth more or less; what breaks a tie stands as scored."""
        raw, rounded = self._raw[total.unit]
        by = worth - self._before[total.unit]
        by_rounded = Fraction(self._rounded(raw + by) - rounded, self._whole)
        return total.moved(None if self._is_placed_rounded else Fraction(by, self._point), by_rounded)

    def _rounded(self, raw: int) -> int:
        """Half up, away from zero at the half, in units of a total's last decimal place."""
        unit = self._point // self._whole
        rounded = (2 * abs(raw) + unit) // (2 * unit)
        return rounded if raw >= 0 else -rounded


@dataclass(frozen=True)
class _Reached:
    """Of each leaf what a step of its weight gave a unit (of one without weight its points), the weighted leaves that are
    part of the unit's scheme, and those of them that are left out."""

    shares: _Weights
    part: list[str]
    left_out: list[str]


class _Node:
    """Items that are added up, and the block whose cap or floor holds for the sum, if one can bind."""

    def __init__(self, block: Item | None, items: Iterable[Item], written: _Weights) -> None:
        self._block = block
        self._inside = [leaf.id for leaf in (block.walk() if block else ()) if leaf.id in written]
        self._before = sum(written[name] for name in self._inside)
        self._weighted: list[str] = []
        self._fixed: list[str] = []
        self._inner: list[_Node] = []
        for item in items:
            self._add(item, written)

    def _add(self, item: Item, written: _Weights) -> None:
        if item.rule is not None:
            (self._weighted if item.id in written else self._fixed).append(item.id)
        elif item.least is not None or item.most < sum(inner.most for inner in item.items):
            self._inner.append(_Node(item, item.items, written))
        else:
            for inner in item.items:
                self._add(inner, written)

    def worth(self, shares: _Weights, weights: _Weights, point: int) -> int:
        """The sum under some weights, in parts of which `point` make a point."""
        worth = sum([shares[name] * weights[name] for name in self._weighted])
        worth += sum(shares[name] for name in self._fixed)
        worth += sum(inner.worth(shares, weights, point) for inner in self._inner)
        if self._block is not None:
            now = sum(weights[name] for name in self._inside)
            for bound, keep in ((self._block.least, max), (self._block.most, min)):
                if bound is not None:
                    edge = int(bound * point)
                    worth = keep(worth, edge * now // self._before if self._before else edge)
        return worth
