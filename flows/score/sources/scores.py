"""Scores by raters of a group, as the mean share of full points (R21, R23: A1, A17, A18; R28: a borrowed score, A24)."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from flows.score.explain.format import SHARE, code_label, number
from flows.score.sources.input import InputBase, Named, ResolvedInput
from flows.score.transforms.domain import Domain

if TYPE_CHECKING:
    from flows.score.engine.rule_context import UnitRuleContext
    from flows.score.explain.frame import Frame
    from flows.score.lint.scope import Scope


class ScoresInput(InputBase, key="scores"):
    """Mean share (0..1) of full points by raters of a group, for this item, highest and lowest left out."""

    plain_name: ClassVar[str] = "得分率"

    scores: str  # rater_group
    trim: int = Field(0, ge=0)  # highest and lowest left out, this many each

    @property
    def rated_by(self) -> str:
        return self.scores

    def fetch(self, context: UnitRuleContext, back: int = 0) -> ResolvedInput:
        shares = []
        for score in context.ratings(self.scores):
            full = score.full_points
            if score.points is None:
                continue
            if full is None and context.item is not None:
                full = context.full
                message = f"“{context.label}”的评分未写满分，按本项分值{context.item.full}分计，请核对"
                context.add_finding("rater_without_full", message, "warning", score.address)
            if full:
                shares.append(score.points / full)
        kept = sorted(shares)[self.trim : len(shares) - self.trim]
        if not kept:
            context.add_unscored(self.scores, 2 * self.trim + 1)
            return self.missing("unscored")
        return self.amount(sum(kept, start=Fraction()) / len(kept), raters=Fraction(len(kept)))

    def source(self, frame: Frame) -> Named:
        trimmed = f"（去掉{self.trim}个最高分和{self.trim}个最低分）" if self.trim else ""
        return Named(f"{code_label('rater_group', self.scores)}得分率{trimmed}", SHARE)

    def averaged(self, made_with: Mapping[str, Fraction]) -> str:
        return f"（{number(made_with['raters'])}份评分平均）"

    def source_domain(self, scope: Scope) -> Domain:
        return Domain(Fraction(0), Fraction(1), better=1)
