"""The decided result of the year before: total points, overall place or grade, as it was closed."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from flows.score.explain.format import CODE, PLACE, POINTS
from flows.score.sources.input import InputBase, Named, ResolvedInput
from flows.score.sources.known_names import codes
from flows.score.transforms.domain import Domain

if TYPE_CHECKING:
    from flows.score.engine.rule_context import UnitRuleContext
    from flows.score.explain.frame import Frame
    from flows.score.lint.scope import Scope

_NAMES = {"points": ("总分", POINTS), "rank": ("总名次", PLACE), "grade": ("等次", CODE)}


class PastInput(InputBase, key="past"):
    """Result of the year before."""

    past: Literal["points", "rank", "grade"]

    @property
    def code_list(self) -> str:
        return "assessment_grade" if self.past == "grade" else ""

    def fetch(self, context: UnitRuleContext, back: int = 0) -> ResolvedInput:
        result = context.scoring.past.get((context.unit, context.year - 1))
        if result is None:
            return self.missing("not_reported")
        if self.past == "grade":
            return self.code(result.grade)
        amount = result.points if self.past == "points" else result.overall_rank
        return self.missing("not_reported") if amount is None else self.amount(Fraction(amount))

    def source(self, frame: Frame) -> Named:
        word, measure = _NAMES[self.past]
        return Named(f"{frame.year.year - 1}年度考核{word}", measure)

    def source_domain(self, scope: Scope) -> Domain:
        if self.code_list:
            return Domain(codes=codes(self.code_list))
        return Domain(Fraction(1), None, True, better=-1) if self.past == "rank" else Domain(better=1)
