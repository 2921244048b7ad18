"""R27: points of the periods of a year carried in (A21: monthly places give 0.5, 0.3, 0.1; half-years each for itself)."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from pydantic import Field, model_validator

from flows.contract.record import Strict
from flows.score.explain.format import number, period_label, term
from flows.score.explain.frame import POINTS, Derivation, Frame, Narrator
from flows.score.rules.combined.parts import Joined
from flows.score.rules.rule import RuleContext, RuleTrace, clipped, exact
from flows.score.sources.input import Exact

if TYPE_CHECKING:
    from flows.score.rules import Rule


class PerPeriod(Joined, Strict, key="each"):
    """The rule in each of several periods of the year, added up within least..most."""

    periods: tuple[str, ...] = Field(min_length=1)  # like the period of an input
    rule: Rule
    least: Exact | None = None
    most: Exact | None = None

    @model_validator(mode="after")
    def _once(self) -> PerPeriod:
        if len(set(self.periods)) < len(self.periods):
            raise ValueError("a period is named twice")
        if self.least is not None and self.most is not None and self.least > self.most:
            raise ValueError(f"least {self.least} is above most {self.most}")
        return self

    @property
    def parts(self) -> tuple[Rule, ...]:
        return (self.rule,) * len(self.periods)

    def join(self, points: list[Fraction]) -> Fraction:
        return self._clipped(points).points or Fraction()

    def evaluate(self, context: RuleContext) -> RuleTrace:
        return self.trace(tuple(self.rule.evaluate(context.for_period(period)) for period in self.periods))

    def whole(self, parts: tuple[RuleTrace, ...]) -> RuleTrace:
        return self._clipped([p.points or Fraction() for p in parts], parts)

    def _clipped(self, points: list[Fraction], parts: tuple[RuleTrace, ...] = ()) -> RuleTrace:
        most = None if self.most is None else exact(self.most)
        return clipped(self, sum(points, start=Fraction()), self.least, most, parts=parts)

    def label(self, at: int, frame: Frame) -> str:
        return period_label(self.periods[at].replace("{year}", str(frame.year.year)))

    def describe(self, frame: Frame, verb: str = POINTS, depth: int = 0) -> str:
        names = "、".join(self.label(at, frame) for at in range(len(self.periods)))
        text = f"{names}分别计分后相加：{self.rule.describe(frame, POINTS, depth + 1)}"
        if self.least is not None:
            text += f"，合计最低{number(self.least)}分"
        return text + (f"，合计最高{number(self.most)}分" if self.most is not None else "")

    def derive(self, trace: RuleTrace, narrator: Narrator, depth: int) -> Derivation:
        told = []
        for at in range(len(trace.parts)):
            narrator.said.clear()  # every period has figures of its own, equal or not
            told.append(narrator.part(trace, at, depth, self.label(at, narrator)))
        listed = "；".join(told)
        return Derivation((listed,)) if trace.points is None else self.derive_whole(trace, listed, depth)

    def derive_whole(self, trace: RuleTrace, listed: str, depth: int) -> Derivation:
        points = [part.points or Fraction() for part in trace.parts]
        value, given = sum(points, start=Fraction()), trace.points or Fraction()
        limit = "" if value == given else f"合计{'最高' if value > given else '最低'}{number(given)}分"
        return Derivation((listed,), "＋".join(term(p) for p in points), value, limit)
