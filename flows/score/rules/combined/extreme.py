"""The part that gives most (就高不重复: A30), or least (both rates of A2, where one falls short)."""

from __future__ import annotations

from fractions import Fraction
from typing import ClassVar

from flows.score.explain.format import numbered
from flows.score.explain.frame import Derivation
from flows.score.rules.combined.parts import Listed
from flows.score.rules.rule import RuleTrace


class Max(Listed, key="best"):
    """The part that gives most, the first of equals."""

    joined: ClassVar[str] = "下列各项取得分最高的一项"
    taken: ClassVar[str] = "取最高的"

    def join(self, points: list[Fraction]) -> Fraction:
        return max(points)

    def whole(self, parts: tuple[RuleTrace, ...]) -> RuleTrace:
        points = self.join([p.points for p in parts if p.points is not None])
        branch = next(at for at, part in enumerate(parts) if part.points == points)
        return RuleTrace(self, points, branch=branch, parts=parts)

    def derive_whole(self, trace: RuleTrace, listed: str, depth: int) -> Derivation:
        return Derivation((listed, f"{self.taken}{numbered(int(trace.branch or 0), depth)}"))


class Min(Max, key="worst"):
    """The part that gives least, the first of equals."""

    joined: ClassVar[str] = "下列各项取得分最低的一项"
    taken: ClassVar[str] = "取最低的"

    def join(self, points: list[Fraction]) -> Fraction:
        return min(points)
