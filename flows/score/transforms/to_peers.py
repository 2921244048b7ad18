"""Beside the units of the group, or all: place (R13), share of the best (R14), position (R15), beside the mean (R16).

Peers are the units to which the item applies and that have the figure. Where less is better, the best is the lowest: of an
indicator that says so, and of places, whatever was placed.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, ClassVar

from flows.score.explain.format import LAST, PLACE, SHARE, Measure
from flows.score.transforms.domain import Domain
from flows.score.transforms.transform import Transform, among, mean_kind, peer_count

if TYPE_CHECKING:
    from flows.score.engine.peers import Peers
    from flows.score.engine.rule_context import UnitRuleContext
    from flows.score.lint.scope import Scope
    from flows.score.sources.input import InputBase, ResolvedInput, Step

_ONE = Fraction(1)


class _ToPeers(Transform):
    is_peer = True

    def apply(self, before: ResolvedInput, context: UnitRuleContext, steps: int) -> ResolvedInput:
        peers = context.peers(before.input, steps)
        return self.compare(before, peers, context)

    def compare(self, before: ResolvedInput, peers: Peers, context: UnitRuleContext) -> ResolvedInput:
        raise NotImplementedError


class Rank(_ToPeers):
    """1 is the best; equal amounts share the better place."""

    name = "rank"
    phrase = "{of}在{group}的名次"
    made_of, better = PLACE, -1

    def compare(self, before: ResolvedInput, peers: Peers, context: UnitRuleContext) -> ResolvedInput:
        is_upward = (self.better < 0) != before.is_down(context.is_down(before.input))
        ahead = peers.above(before.known) if is_upward else peers.below(before.known)
        return before.after(self, Fraction(1 + ahead), peers=peers.count)

    def made(self, step: Step, amount: Fraction, read: InputBase, measure: Measure, is_down: bool) -> str:
        return f"{among(read)}内{self.measure(measure).show(amount)}{peer_count(step.made_with)}"

    def domain(self, of: Domain, read: InputBase, scope: Scope) -> Domain:
        """A place ends at the size of the largest group."""
        return Domain(_ONE, Fraction(scope.most_peers(read)), True, better=self.better if of.better else 0)


class RankFromLast(Rank):
    """1 is the worst (A28: the last three)."""

    name = "rank_from_last"
    phrase = "{of}在{group}的倒数名次"
    made_of, better = LAST, 1


class _Share(_ToPeers):
    """What is already turned to 'more is better', from 0 to 1."""

    made_of, better = SHARE, 1
    is_part = may_be_undefined = True
    phrase_down: ClassVar[str]
    result_down: ClassVar[str]

    def phrases(self, is_down: bool) -> tuple[str, str]:
        return (self.phrase_down, self.result_down) if is_down else (self.phrase, self.result)

    def domain(self, of: Domain, read: InputBase, scope: Scope) -> Domain:
        return Domain(Fraction(), read.with_stand_in(_ONE), better=self.better if of.better else 0)


class ShareOfBest(_Share):
    """x / best; best / x where less is better, and all of it where there is none at all."""

    name = "share_of_best"
    divides_peers = True
    phrase, result = "{of}与{group}最优值之比", "与最优值之比"
    phrase_down, result_down = "{group}最优值与{of}之比", "最优值与其之比"

    def compare(self, before: ResolvedInput, peers: Peers, context: UnitRuleContext) -> ResolvedInput:
        if not before.is_down(context.is_down(before.input)):
            return before.divided(self, before.known, peers.highest, peers=peers.count, best=peers.highest)
        share = peers.lowest / before.known if before.known else _ONE
        return before.after(self, share, peers=peers.count, best=peers.lowest)

    def context(self, step: Step, read: InputBase, measure: Measure) -> list[str]:
        return [f"{among(read)}最优{measure.show(step.made_with['best'])}{peer_count(step.made_with)}"]


class Position(_Share):
    """(x - lowest) / (highest - lowest): 功效系数; reversed where less is better."""

    name = "position"
    phrase, result = "{of}在{group}最低值与最高值之间的位置", "位置"
    phrase_down, result_down = "{of}在{group}最高值与最低值之间的位置（低者为优）", "位置（低者为优）"

    def compare(self, before: ResolvedInput, peers: Peers, context: UnitRuleContext) -> ResolvedInput:
        low, high = peers.lowest, peers.highest
        is_down = before.is_down(context.is_down(before.input))
        above = high - before.known if is_down else before.known - low
        return before.divided(self, above, high - low, peers=peers.count, lowest=low, highest=high)

    def context(self, step: Step, read: InputBase, measure: Measure) -> list[str]:
        low, high = (measure.show(step.made_with[end]) for end in ("lowest", "highest"))
        return [f"{among(read)}最低{low}、最高{high}{peer_count(step.made_with)}"]


class _ToMean(_ToPeers):
    is_mean = True

    def compare(self, before: ResolvedInput, peers: Peers, context: UnitRuleContext) -> ResolvedInput:
        """Undefined where nothing weighs anything."""
        mean = peers.mean(None if before.input.with_self else context.unit)
        if mean is None:
            return before.undefined(self, not before.known, peers=peers.count)
        return self.beside(before, mean, peers.count)

    def beside(self, before: ResolvedInput, mean: Fraction, count: Fraction) -> ResolvedInput:
        raise NotImplementedError

    def context(self, step: Step, read: InputBase, measure: Measure) -> list[str]:
        if "mean" not in step.made_with:
            return []
        shown = measure.show(step.made_with["mean"])
        return [f"{among(read)}平均{mean_kind(read)}{shown}{peer_count(step.made_with)}"]


class ShareOfMean(_ToMean):
    """x / mean."""

    made_of = SHARE
    name = "share_of_mean"
    may_be_undefined = divides_peers = True
    phrase, result = "{of}与{group}平均值{mean}之比", "与平均值之比"

    def beside(self, before: ResolvedInput, mean: Fraction, count: Fraction) -> ResolvedInput:
        return before.divided(self, before.known, mean, peers=count, mean=mean)

    def domain(self, of: Domain, read: InputBase, scope: Scope) -> Domain:
        return Domain(Fraction(), None, better=of.better)


class ExcessOverMean(_ToMean):
    """x - mean."""

    name = "excess_over_mean"
    phrase, result = "{of}高于{group}平均值{mean}的数", "与平均值之差"
    level = "与{group}平均值{mean}持平"
    signed = "高于平均", "低于平均", "与平均持平"

    def beside(self, before: ResolvedInput, mean: Fraction, count: Fraction) -> ResolvedInput:
        return before.after(self, before.known - mean, peers=count, mean=mean)

    def domain(self, of: Domain, read: InputBase, scope: Scope) -> Domain:
        return Domain(None if of.spread is None else -of.spread, of.spread, better=of.better)
