"""By condition: R19 an override or exemption (A19, A24), R20 a threshold, then places (A21), R18 several rates at once (A2)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pydantic import Field

from flows.contract.record import Strict
from flows.score.explain.frame import POINTS, Derivation, Frame, Narrator
from flows.score.rules.condition import Condition
from flows.score.rules.rule import Choice, RuleContext, RuleKind, RuleTrace
from flows.score.sources.input import Defect, ResolvedInput

if TYPE_CHECKING:
    from flows.score.rules import Rule


class Branch(Strict):
    """`if` a condition holds, `then` this rule."""

    if_: Condition = Field(alias="if")
    then: Rule


class Case(RuleKind, Strict, key="first"):
    """The rule of the first branch whose condition holds, else `otherwise`."""

    branches: tuple[Branch, ...] = Field(min_length=1)
    otherwise: Rule

    def evaluate(self, context: RuleContext) -> RuleTrace:
        inputs: tuple[ResolvedInput, ...] = ()
        for at, branch in enumerate(self.branches):
            is_true, read = branch.if_.holds(context)
            inputs += read
            if is_true:
                return self._taken(branch.then, at, inputs, context)
        return self._taken(self.otherwise, -1, inputs, context)

    def _taken(
        self, rule: Rule, branch: int, inputs: tuple[ResolvedInput, ...], context: RuleContext
    ) -> RuleTrace:
        part = rule.evaluate(context)
        return RuleTrace(self, part.points, inputs, branch, (part,), missing=part.missing)

    def choices(self) -> Iterator[Choice]:
        words = "no unit comes here: a branch before it takes all, or its condition never holds"
        for at in range(len(self.branches)):
            yield Choice(at, Defect("branch_unreachable", f"branches.{at}", words))

    def describe(self, frame: Frame, verb: str = POINTS, depth: int = 0) -> str:
        parts = [
            f"{branch.if_.describe(frame)}的，{branch.then.describe(frame, verb, depth + 1)}"
            for branch in self.branches
        ]
        return "；".join([*parts, f"其他情形，{self.otherwise.describe(frame, verb, depth + 1)}"])

    def derive(self, trace: RuleTrace, narrator: Narrator, depth: int) -> Derivation:
        at, part = int(trace.branch or 0), trace.parts[0]
        said = [b.if_.told(False, narrator) for b in (self.branches if at < 0 else self.branches[:at])]
        if at >= 0:
            said.append(self.branches[at].if_.told(True, narrator))
        read = narrator.read(part.inputs)
        inner = part.rule.derive(part, narrator, depth)
        return inner._replace(clauses=(*said, *read, *inner.clauses))
