"""Points of items: the rule's, or what a policy gives where its number is missing; clipped, ruled, added up to blocks.

The policies are the contradictory ones of real schemes, side by side: nothing (A22), fixed or full points (A25), the mean of
the group's units or of all to which the item applies (A24), left out and the rest scaled up; and none at all for an item of
other groups (A2, A23). A rater score that is missing leaves the item open: no points, and no zero.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from flows.score.engine.facts import PointsRuling, State
from flows.score.engine.result import Adjustment, ItemScore, ScoringFinding
from flows.score.engine.rounding import half_up
from flows.score.engine.rule_context import AS_COUNTED, BoundSide, InputResolver, UnitRuleContext
from flows.score.engine.scoring_context import AssessmentError, ScoringContext
from flows.score.rules.rule import RuleTrace, exact
from flows.score.scheme.scheme_model import Fixed, Item, Policy
from flows.score.sources.input import InputBase, ResolvedInput
from flows.score.sources.item import ItemInput

_ZERO = Fraction(0)


@dataclass(frozen=True, slots=True)
class ItemPoints:
    """Points of a leaf before rulings: `points` None is open or no part; `full` 0 where it is left out."""

    points: Fraction | None
    full: Fraction
    trace: RuleTrace | None
    state: State
    policy: str | None = None
    raw: Fraction | None = None


class ItemScorer:
    """What each leaf gives each unit, worked out once per side of its bounds.

    What a rule reads of other items is scored before the rule is evaluated and handed to it as data (`finished`).
    """

    def __init__(self, context: ScoringContext) -> None:
        self.context = context
        self._finished: dict[tuple[str, str, BoundSide], Fraction | None] = {}
        self._resolver = InputResolver(self._finished)
        self._traces: dict[tuple[str, str, BoundSide], RuleTrace] = {}
        self._points: dict[tuple[str, str, BoundSide], ItemPoints] = {}
        self._rulings = self._decided_rulings()

    def keep(self, done: ItemScorer, but: Collection[tuple[str, str]]) -> None:
        """Take over what another context's leaves give, but for some (unit, leaf) that differ there."""
        self._points = {key: points for key, points in done._points.items() if key[:2] not in but}

    def rule_context(
        self, unit: str, item: Item | None, inputs: Iterable[InputBase], side: BoundSide = AS_COUNTED
    ) -> UnitRuleContext:
        """Where a rule over these inputs is evaluated; the points of items that they name are finished first.

        Args:
            unit: the unit that is scored.
            item: the leaf whose rule it is; None for a gate or a factor.
            inputs: everything the rule or condition reads.
            side: at which end figures are read.

        Returns:
            The context to hand to the rule.
        """
        for one in inputs:
            if isinstance(one, ItemInput):
                read = self.context.items[one.item]
                self._finish(unit, read, side)
                if one.compares:
                    for peer in self.context.peers(unit, item, one.peers):
                        self._finish(peer, read, side.of_peers)
        return UnitRuleContext(self.context, self._resolver, unit, item, side)

    def _finish(self, unit: str, item: Item, side: BoundSide) -> Fraction | None:
        """Points of any item, as another item or a gate reads them."""
        key = (unit, item.id, side)
        if key not in self._finished:
            self._finished[key] = (
                self.points(unit, item, side).points
                if item.rule is not None
                else block_points(item, [self._finish(unit, inner, side) for inner in item.items])
            )
        return self._finished[key]

    def trace(self, unit: str, item: Item, side: BoundSide = AS_COUNTED) -> RuleTrace:
        """What the rule of a leaf does for a unit."""
        key = (unit, item.id, side)
        if key not in self._traces:
            if item.rule is None:
                raise AssessmentError(f"{item.id} is a block: it has no rule")
            where = self.rule_context(unit, item, self.context.inputs[item.id], side)
            self._traces[key] = item.rule.evaluate(where)
        return self._traces[key]

    def points(self, unit: str, item: Item, side: BoundSide = AS_COUNTED) -> ItemPoints:
        """Points of a leaf with policy, cap and floor, and the ruling that may have set them."""
        key = (unit, item.id, side)
        if key not in self._points:
            self._points[key] = self._ruled(unit, item, self._by_rule(unit, item, side))
        return self._points[key]

    def _by_rule(self, unit: str, item: Item, side: BoundSide) -> ItemPoints:
        """What the rule gives, or the policy for the reason why it gives nothing."""
        if not self.context.applies(unit, item):
            policy = item.missing.not_applicable or "none"
            return self._by_policy(unit, item, side, policy, None)
        trace = self.trace(unit, item, side)
        if trace.points is None:
            policy = self.context.year.scheme.policy(item, trace.state)
            return self._by_policy(unit, item, side, policy, trace)
        points = self._rounded(clip(trace.points, item))
        return ItemPoints(points, exact(item.full), trace, _data_state(trace), None, trace.points)

    def _by_policy(
        self, unit: str, item: Item, side: BoundSide, policy: Policy, trace: RuleTrace | None
    ) -> ItemPoints:
        state: State = trace.state if trace else "not_applicable"
        if policy == "rescale":
            return ItemPoints(_ZERO, _ZERO, trace, state, policy)
        if policy == "none":
            return ItemPoints(None, _ZERO, trace, state, policy)
        full = exact(item.full)
        name = "fixed" if isinstance(policy, Fixed) else policy
        points: Fraction | None
        if isinstance(policy, Fixed):
            points = exact(policy.fixed)
        elif policy in ("group_mean", "applicable_mean"):
            points = self._mean(unit, item, side, "group" if policy == "group_mean" else "all")
        else:
            points = {"zero": _ZERO, "full": full}.get(policy)
        counted = None if points is None else self._rounded(clip(points, item))
        return ItemPoints(counted, full, trace, state, name, points)

    def _mean(self, unit: str, item: Item, side: BoundSide, scope: str) -> Fraction | None:
        """Mean of the points, as they count, of the units whose points come from a number (A24)."""
        others = side.of_peers
        known = [
            points
            for peer in self.context.peers(unit, item, scope)
            if peer != unit
            and self.trace(peer, item, others).points is not None
            and (points := self.points(peer, item, others).points) is not None
        ]
        if not known:
            message = f"“{item.label}”按有数单位的平均分计分，但没有一个单位有数，无法计分"
            self.context.add_finding(ScoringFinding("error", "no_peers", message, unit, item.id))
            return None
        return sum(known, start=_ZERO) / len(known)

    def _rounded(self, points: Fraction) -> Fraction:
        places = self.context.year.scheme.rounding.items
        return points if places is None else half_up(points, places)

    # -- rulings

    def _decided_rulings(self) -> dict[tuple[str, str], PointsRuling]:
        """The latest decided ruling of each unit and leaf."""
        context = self.context
        decided: dict[tuple[str, str], PointsRuling] = {}
        in_order = sorted(
            context.facts.points_rulings, key=lambda r: (r.on is not None, r.on or 0, r.address)
        )
        for ruling in in_order:
            item = context.item_named(ruling.item)
            if item is None or item.rule is None:
                message = f"申诉的考核项目“{ruling.item}”不是考核办法中的计分项，裁定未生效，请核对项目名称"
                code, where = "ruling_item_unknown", (ruling.unit, None, ruling.address)
                context.add_finding(ScoringFinding("error", code, message, *where))
            elif not ruling.is_decided:
                message = f"“{item.label}”的申诉尚未裁定，得分暂按原分计算"
                about = (ruling.unit, item.id, ruling.address)
                context.add_finding(ScoringFinding("info", "appeal_open", message, *about))
            elif ruling.points is not None:
                decided[ruling.unit, item.id] = ruling
        return decided

    def ruling(self, unit: str, item: Item) -> PointsRuling | None:
        """The ruling that set the points of a leaf."""
        return self._rulings.get((unit, item.id))

    def _ruled(self, unit: str, item: Item, by_rule: ItemPoints) -> ItemPoints:
        ruling = self.ruling(unit, item)
        if ruling is None or ruling.points is None:
            return by_rule
        points = clip(ruling.points, item)
        if points != ruling.points:
            message = f"“{item.label}”的裁定分超出本项分值范围，已按范围计分，请核对"
            about = (unit, item.id, ruling.address)
            self.context.add_finding(ScoringFinding("warning", "ruling_outside", message, *about))
        policy = None if by_rule.policy in ("rescale", "none") else by_rule.policy
        state: State = "value" if points else "zero"
        return replace(by_rule, points=points, full=exact(item.full), state=state, policy=policy)

    def ruled_adjustments(self) -> Iterator[Adjustment]:
        """Each ruling on points of an assessed unit as a change from what the rule gave."""
        for (unit, name), ruling in self._rulings.items():
            if unit in self.context.facts.units and ruling.points is not None:
                item = self.context.items[name]
                before, after = self._by_rule(unit, item, AS_COUNTED).points, self.points(unit, item).points
                about = (ruling.reason, ruling.document_no, ruling.address, name, item.indicator)
                yield Adjustment(unit, "ruled_points", ruling.points, *about, before, after)

    # -- what is handed over

    def item_score(self, unit: str, item: Item, is_void: bool) -> ItemScore:
        """The score of a leaf, with the target and figure of its own indicator."""
        points, ruling = self.points(unit, item), self.ruling(unit, item)
        target = self.context.targets.get((unit, item.indicator or ""))
        goal = None if target is None else exact(target.target)
        actual = self.context.own_actual(unit, item)
        return ItemScore(
            unit=unit,
            item=item.id,
            full=points.full,
            points=_ZERO if is_void and points.points is not None else points.points,
            state=points.state,
            indicator=item.indicator,
            target=goal,
            target_document=target.document_no if target else None,
            actual=actual,
            attainment=actual / goal if actual is not None and goal else None,
            trace=points.trace,
            policy=points.policy,
            raw=points.raw,
            ruled=ruling.address if ruling else None,
            is_void=is_void,
        )


def _data_state(trace: RuleTrace) -> State:
    """What is known of a leaf, whatever it gave: a figure of 5 that earns nothing is a value, not a zero.

    Of several numbers: a value if one is, zero if all known ones are, else why the first is missing.
    """
    resolved = tuple(_resolved(trace))
    known = [r for r in resolved if r.is_known]
    if resolved and not known:
        return resolved[0].state
    is_zero = known and all(r.text is None and r.source_amount == 0 for r in known)
    return "zero" if is_zero else "value"


def _resolved(trace: RuleTrace) -> Iterator[ResolvedInput]:
    yield from trace.inputs
    for part in trace.parts:
        yield from _resolved(part)


def clip(points: Fraction, item: Item) -> Fraction:
    """Points kept within the item's floor and cap (R31: a negative floor)."""
    capped = min(points, exact(item.most))
    return capped if item.least is None else max(capped, exact(item.least))


def block_points(item: Item, points: Sequence[Fraction | None]) -> Fraction:
    """Points of a block: the sum of its items, kept within its cap and floor."""
    return clip(sum((p for p in points if p is not None), start=_ZERO), item)
