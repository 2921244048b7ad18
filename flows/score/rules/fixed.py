"""The same points for everybody: a branch's fixed amount (R19: A19's 130), written as a bare number."""

from __future__ import annotations

from pydantic import RootModel

from flows.score.explain.frame import POINTS, Frame, gives
from flows.score.rules.rule import RuleContext, RuleKind, RuleTrace, exact
from flows.score.sources.input import Exact


class FixedPoints(RuleKind, RootModel[Exact], key="points"):
    """These points, whatever happened."""

    def evaluate(self, context: RuleContext) -> RuleTrace:
        return RuleTrace(self, exact(self.root))

    def describe(self, frame: Frame, verb: str = POINTS, depth: int = 0) -> str:
        return gives(self.root, verb)
