"""R21: the weighted mean of parts or raters (A17 60/40, A18 40/30/30, A20 80/20). A missing part leaves it open."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field, RootModel, model_validator

from flows.contract.record import Strict
from flows.score.explain.format import percent, plain
from flows.score.explain.frame import Frame
from flows.score.rules.combined.parts import Joined
from flows.score.rules.rule import exact
from flows.score.sources.input import Exact

if TYPE_CHECKING:
    from flows.score.rules import Rule


class Weighted(Strict):
    """One part of a mean."""

    weight: Exact = Field(gt=0)
    rule: Rule
    label: str = ""


class Mean(Joined, RootModel[Any], key="mean"):
    """The parts by their weights, which add up to 1."""

    joined: ClassVar[str] = "下列各项加权平均"
    needs_all: ClassVar[bool] = True

    root: tuple[Weighted, ...]

    @model_validator(mode="after")
    def _whole(self) -> Mean:
        if (weights := sum(Fraction(part.weight) for part in self.root)) != 1:
            raise ValueError(f"the weights add up to {plain(weights)}, not 1 (60 % is 0.6)")
        return self

    @property
    def parts(self) -> tuple[Rule, ...]:
        return tuple(part.rule for part in self.root)

    def join(self, points: list[Fraction]) -> Fraction:
        parts = zip(self.root, points, strict=True)
        return sum((exact(part.weight) * p for part, p in parts), start=Fraction())

    def label(self, at: int, frame: Frame) -> str:
        return self.root[at].label

    def head(self, at: int) -> str:
        part = self.root[at]
        return f"{part.label}（占{percent(part.weight)}）{'：' if part.label else ''}"

    def factor(self, at: int) -> str:
        return f"×{percent(self.root[at].weight)}"
