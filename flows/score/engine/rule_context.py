"""Where a rule is evaluated for a unit: what sources, transforms and kinds of rules ask, answered from the facts of the year.

Every input is read at a side: `at` is the figure that counts, `low` and `high` are where it may lie once undecided rows are
decided. A unit's own side and that of its peers are named apart, because a place is worst when one's own figure is low and
the others' are high.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal, NamedTuple, TypeAlias

from flows.score.engine.facts import Address, FigureKey, RaterScore, State
from flows.score.engine.peers import Peers
from flows.score.engine.result import ScoringFinding
from flows.score.engine.scoring_context import End, ScoringContext
from flows.score.rules.rule import exact
from flows.score.scheme.scheme_model import Item
from flows.score.sources.input import InputBase, ResolvedInput

#: Figures that go together to one end: an indicator and a category of it.
Series: TypeAlias = tuple[str, str | None]


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
_Finished: TypeAlias = Mapping[tuple[str, str, BoundSide], Fraction | None]
#: Unit or group, item, input, period, side, number of transforms.
_Key: TypeAlias = tuple[str, str | None, int, str | None, BoundSide, int]


class InputResolver:
    """The inputs of one scoring and the peers they are compared with, each worked out once."""

    def __init__(self, finished: _Finished) -> None:
        self.finished = finished
        self.inputs: dict[_Key, ResolvedInput] = {}
        self.peers: dict[_Key, Peers] = {}


@dataclass(frozen=True)
class UnitRuleContext:
    """A unit and an item (none for a gate), the side of the figures, the period of an `each`."""

    scoring: ScoringContext
    resolver: InputResolver
    unit: str
    item: Item | None
    side: BoundSide = AS_COUNTED
    period: str | None = None

    # -- for rules

    @property
    def full(self) -> Fraction:
        """Points of the item."""
        return exact(self.item.full) if self.item else Fraction()

    @property
    def most(self) -> Fraction | None:
        """Cap of the item."""
        return exact(self.item.most) if self.item else None

    @property
    def label(self) -> str:
        """The item's label, for messages."""
        return self.item.label if self.item else ""

    def resolve(self, read: InputBase) -> ResolvedInput:
        """The input as this unit has it."""
        return self._after(read, len(read.as_))

    def counts(self, read: InputBase) -> tuple[tuple[str, Fraction], ...]:
        """(category, records) of the input's indicator, sorted; those without any are left out."""
        code, period = read.indicator_for(self.indicator) or "", read.period_id(self.year, self.period)
        names = sorted(self.scoring.categories.get((self.unit, code, period), ()))
        amounts = ((name, self.figure(FigureKey(code, name, period))) for name in names)
        found = tuple((name, amount) for name, amount in amounts if amount)
        whole, total = sum(amount for _, amount in found), self.resolve(read).amount or 0
        if self.scoring.is_corrected(self.unit, code, period):
            if total != whole:
                message = "核定（核减、裁定）的总数与各类别之和不符，得分仍按各类别计，请按类别更正记录"
                self.add_finding("correction_without_category", f"“{self.label}”按类别计分，{message}")
        elif total > whole:
            message = "有记录没有填写类别，未计分，请补报类别"
            self.add_finding("category_missing", f"“{self.label}”按类别计分，{message}")
        return found

    def for_period(self, period: str) -> UnitRuleContext:
        """The same in one of the periods of an `each`."""
        return replace(self, period=period)

    def add_finding(
        self,
        code: str,
        message: str,
        severity: Literal["error", "warning"] = "error",
        address: Address | None = None,
    ) -> None:
        """Remember what the office has to settle about this unit and item.

        Args:
            code: of the finding.
            message: Chinese; what, where, what to do.
            severity: an error keeps the year from being closed.
            address: the record that it is about.
        """
        item = self.item.id if self.item else None
        self.scoring.add_finding(ScoringFinding(severity, code, message, self.unit, item, address))

    # -- for sources

    @property
    def year(self) -> int:
        """The assessed year."""
        return self.scoring.year.year

    @property
    def indicator(self) -> str | None:
        """The item's own indicator."""
        return self.item.indicator if self.item else None

    def figure(self, key: FigureKey) -> Fraction | None:
        """A figure at this side; an end that nobody knows is the figure that counts."""
        final = self.scoring.figures.get((self.unit, key))
        if final is None:
            return None
        if self.side.own == "at":
            return final.actual
        is_low = (self.side.own == "low") != ((key.indicator, key.category) in self.side.opposite)
        end = final.lower if is_low else final.upper
        return final.actual if end is None else end

    def figure_state(self, key: FigureKey) -> State:
        """Why there is no figure."""
        final = self.scoring.figures.get((self.unit, key))
        return final.state if final else "not_reported"

    def ratings(self, group: str) -> Sequence[RaterScore]:
        """What raters of a group said of this item."""
        return self.scoring.scores.get((self.unit, self.item.id if self.item else "", group), [])

    def add_unscored(self, group: str, needed: int) -> None:
        """Remember that a rater owes something."""
        message = f"“{self.label}”缺评分（评分主体{group}，至少{needed}份），该项暂无得分，请补齐评分表"
        self.add_finding("rater_missing", message)

    def points_of(self, item: str) -> Fraction | None:
        """Points of another item, which is scored already."""
        return self.resolver.finished[self.unit, item, self.side]

    # -- for transforms

    def as_counted(self) -> UnitRuleContext:
        """The same with every figure as it counts."""
        return replace(self, side=AS_COUNTED)

    def target(self, read: InputBase) -> Fraction | None:
        """The unit's target for the input's indicator."""
        target = self.scoring.targets.get((self.unit, read.indicator_for(self.indicator) or ""))
        return None if target is None else exact(target.target)

    def is_down(self, read: InputBase) -> bool:
        """Whether less of an input is better."""
        return self.scoring.lower_is_better(read.indicator_for(self.indicator))

    def peers(self, read: InputBase, steps: int) -> Peers:
        """The peers after so many transforms, at their own side; this unit among them at its own."""
        side = self.side.of_peers
        group = "" if read.peers == "all" else self.scoring.year.groups[self.unit]
        key = (group, self.item.id if self.item else None, id(read), self.period, side, steps)
        if key not in self.resolver.peers:
            units = self.scoring.peers(self.unit, self.item, read.peers)
            beside = [replace(self, unit=unit, side=side) for unit in units]
            amounts = {peer.unit: peer._after(read, steps).amount for peer in beside}
            known = {unit: amount for unit, amount in amounts.items() if amount is not None}
            weights = {peer.unit: peer._weight(read) or Fraction() for peer in beside if peer.unit in known}
            self.resolver.peers[key] = Peers(known, weights if read.weighted_by else None)
        own = self._after(read, steps).known
        return self.resolver.peers[key].with_own(self.unit, own, self._weight(read))

    def _weight(self, read: InputBase) -> Fraction | None:
        """What the unit weighs in a mean: another indicator's figure."""
        if read.weighted_by is None:
            return None
        return self.figure(FigureKey(read.weighted_by, None, read.period_id(self.year, self.period)))

    def _after(self, read: InputBase, steps: int) -> ResolvedInput:
        """The input after so many of its transforms."""
        key = (self.unit, self.item.id if self.item else None, id(read), self.period, self.side, steps)
        if key not in self.resolver.inputs:
            if steps == 0:
                resolved = read.fetch(self)
            else:
                resolved = self._after(read, steps - 1)
                if resolved.amount is not None:
                    resolved = read.as_[steps - 1].apply(resolved, self, steps - 1)
            self.resolver.inputs[key] = resolved
        return self.resolver.inputs[key]
