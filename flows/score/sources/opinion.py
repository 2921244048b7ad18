"""The opinion that the raters of a group agree on, a code (R22: A10)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows.score.explain.format import CODE, code_label
from flows.score.sources.input import InputBase, Named, ResolvedInput
from flows.score.sources.known_names import codes
from flows.score.transforms.domain import Domain

if TYPE_CHECKING:
    from flows.score.engine.rule_context import UnitRuleContext
    from flows.score.explain.frame import Frame
    from flows.score.lint.scope import Scope


class OpinionInput(InputBase, key="opinion"):
    """Opinion of the raters of a group about this item; several that differ are an error, never a choice."""

    opinion: str  # rater_group

    @property
    def code_list(self) -> str:
        return "rater_opinion"

    @property
    def rated_by(self) -> str:
        return self.opinion

    def fetch(self, context: UnitRuleContext, back: int = 0) -> ResolvedInput:
        ratings = context.ratings(self.opinion)
        opinions = sorted({r.opinion for r in ratings if r.opinion is not None})
        if len(opinions) == 1:
            return self.code(opinions[0])
        if opinions:
            message = f"“{context.label}”有不同的评价意见，不能确定按哪一个计分，请确定后重新报送"
            context.add_finding("opinion_disagrees", message, address=ratings[0].address)
        else:
            context.add_unscored(self.opinion, 1)
        return self.missing("unscored")

    def source(self, frame: Frame) -> Named:
        return Named(f"{code_label('rater_group', self.opinion)}的意见", CODE)

    def source_domain(self, scope: Scope) -> Domain:
        return Domain(codes=codes(self.code_list))
