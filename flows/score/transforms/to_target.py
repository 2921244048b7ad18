"""Beside the unit's target: the share of it that was reached (R1, R12), and the distance from it (R6, R11)."""

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


class _ToTarget(Transform):
    needs_target = True

    def apply(self, before: ResolvedInput, context: UnitRuleContext, steps: int) -> ResolvedInput:
        """Without a target there is nothing to compare with."""
        target = context.target(before.input)
        if target is None:
            return before.lacking(self, "no_target")
        return self.compare(before, target)

    def compare(self, before: ResolvedInput, target: Fraction) -> ResolvedInput:
        raise NotImplementedError

    def ahead(self, step: Step, of: str, measure: Measure, document: str) -> list[str]:
        """The target, with the document that set it."""
        if "target" not in step.made_with:
            return []
        shown = f"{of}目标{measure.show(step.made_with['target'])}"
        return [shown + (f"（{document}）" if document else "")]

    def lacking(self, step: Step, why: str, is_down: bool) -> str:
        return super().lacking(step, why, is_down) if "target" in step.made_with else why


class Attainment(_ToTarget):
    """x / t."""

    made_of = SHARE
    name = "attainment"
    phrase, short_phrase, result = "{of}完成率", "完成率", "完成率"

    def compare(self, before: ResolvedInput, target: Fraction) -> ResolvedInput:
        return before.divided(self, before.known, target, target=target)

    def domain(self, of: Domain, read: InputBase, scope: Scope) -> Domain:
        """A rate ends at 1, and its attainment where the lowest target is reached so far."""
        targets = [t for t in scope.targets(read) if t > 0]
        high = of.high / min(targets) if of.high is not None and targets else None
        return Domain(Fraction(), read.with_stand_in(high), better=of.better)


class Excess(_ToTarget):
    """x - t."""

    name = "excess"
    phrase, result, level = "{of}超目标数", "超目标数", "与目标持平"
    signed = "超目标", "低于目标", "与目标持平"

    def compare(self, before: ResolvedInput, target: Fraction) -> ResolvedInput:
        return before.after(self, before.known - target, target=target)

    def domain(self, of: Domain, read: InputBase, scope: Scope) -> Domain:
        """From the least figure less the greatest target on."""
        targets = scope.targets(read)
        low = of.low - max(targets) if of.low is not None and targets else None
        high = of.high - min(targets) if of.high is not None and targets else None
        return Domain(low, high, better=of.better)
