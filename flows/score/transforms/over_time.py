"""Beside the same figure of the year before: growth (R17: A10, A27) and change (A24: each one more, each one less)."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from flows.score.explain.format import SHARE, Measure
from flows.score.transforms.domain import Domain
from flows.score.transforms.transform import Transform

if TYPE_CHECKING:
    from flows.score.engine.rule_context import UnitRuleContext
    from flows.score.lint.scope import Scope
    from flows.score.sources.input import InputBase, ResolvedInput, Step


class _OverTime(Transform):
    looks_back = True

    def apply(self, before: ResolvedInput, context: UnitRuleContext, steps: int) -> ResolvedInput:
        """A year that is over is read as it counted, whatever end the year itself is read at."""
        earlier = before.input.fetch(context.as_counted(), back=1)
        if earlier.amount is None:
            return before.lacking(self, earlier.state)
        return self.compare(before, earlier.amount)

    def compare(self, before: ResolvedInput, earlier: Fraction) -> ResolvedInput:
        raise NotImplementedError

    def context(self, step: Step, read: InputBase, measure: Measure) -> list[str]:
        return [f"上年{measure.show(step.made_with['before'])}"] if "before" in step.made_with else []

    def lacking(self, step: Step, why: str, is_down: bool) -> str:
        return super().lacking(step, why, is_down) if "before" in step.made_with else f"上年{why}"


class Growth(_OverTime):
    """(x - x₋₁) / x₋₁."""

    made_of = SHARE
    name = "growth"
    may_be_undefined = True
    phrase, short_phrase, result = "{of}比上年增长率", "比上年增长率", "增长率"
    signed = "比上年增长", "比上年下降", "与上年持平"

    def compare(self, before: ResolvedInput, earlier: Fraction) -> ResolvedInput:
        return before.divided(self, before.known - earlier, earlier, before=earlier)

    def distance(self, amount: Fraction, measure: Measure) -> str:
        """A rate, not points of one."""
        return SHARE.show(amount)

    def domain(self, of: Domain, read: InputBase, scope: Scope) -> Domain:
        """What was there can be lost and no more."""
        return Domain(None if of.low is None else Fraction(-1), None, better=of.better)


class Change(_OverTime):
    """x - x₋₁."""

    name = "change"
    phrase, result, level = "{of}比上年增加数", "增加数", "与上年持平"
    signed = "比上年增加", "比上年减少", "与上年持平"

    def compare(self, before: ResolvedInput, earlier: Fraction) -> ResolvedInput:
        return before.after(self, before.known - earlier, before=earlier)

    def domain(self, of: Domain, read: InputBase, scope: Scope) -> Domain:
        return Domain(None if of.spread is None else -of.spread, of.spread, of.whole, better=of.better)
