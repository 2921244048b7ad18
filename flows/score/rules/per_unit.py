"""More or less for each unit away from a mark: R6 short of a target (A10, A24), R7 per event (A9, A23), R11 above it (A22), R12 around a
base (A10, A22), R13 by place (A19, A21, A34), R16 below the mean (A24), R17 by change (A24), R24 by days late (A33), R31 below
zero (A25)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from typing import Literal

from pydantic import Field, model_validator

from flows.score.explain.format import SHARE, Measure, number, term
from flows.score.explain.frame import POINTS, Derivation, Frame, Narrator, gives, kept, limits
from flows.score.rules.rule import InputRule, RuleContext, RuleTrace, clipped, exact
from flows.score.sources.input import Exact, ResolvedInput


class PerUnit(InputRule, key="steps"):
    """Points per unit away from a mark: `start` at `at`, `above` for each `per` more, `below` for each `per` less.

    `parts` of a unit count in proportion (`share`), not at all (`drop`) or as a whole one (`full`): whether 84.2 against
    85 is 0.8, no or one unit of "每低1%" must be said. Kept within least..most.
    """

    start: Exact | None = None  # default: the item's points
    at: Exact = Decimal(0)
    per: Exact = Field(Decimal(1), gt=0)
    above: Exact = Decimal(0)
    below: Exact = Decimal(0)
    rounding: Literal["share", "drop", "full"] = Field(alias="parts")
    least: Exact = Decimal(0)
    most: Exact | None = None  # default: the item's cap

    @model_validator(mode="after")
    def _bounded(self) -> PerUnit:
        if self.most is not None and self.least > self.most:
            raise ValueError(f"least {self.least} is above most {self.most}")
        return self

    def judge(self, resolved: ResolvedInput, amount: Fraction, context: RuleContext) -> RuleTrace:
        start = context.full if self.start is None else exact(self.start)
        units = self._units(amount)
        raw = start + abs(units) * exact(self.above if units > 0 else self.below)
        away = amount - exact(self.at)
        branch = "at" if away == 0 else "above" if away > 0 else "below"
        most = context.most if self.most is None else exact(self.most)
        return clipped(self, raw, self.least, most, inputs=(resolved,), branch=branch)

    def _units(self, amount: Fraction) -> Fraction:
        """Units away from the mark as they count: in proportion, whole ones only, or every begun one."""
        units = (amount - exact(self.at)) / exact(self.per)
        if self.rounding == "share":
            return units
        is_outward = (self.rounding == "full") == (units > 0)
        return Fraction(ceil(units) if is_outward else floor(units))

    def breakpoints(self, full: Fraction, most: Fraction | None) -> Iterator[Fraction]:
        """The mark itself, one unit beside it, and where least and most are reached."""
        at, per = Fraction(self.at), Fraction(self.per)
        start = full if self.start is None else Fraction(self.start)
        most = most if self.most is None else Fraction(self.most)
        yield from (at, at - per, at + per)
        for end in (Fraction(self.least), *([] if most is None else [most])):
            for slope, side in ((Fraction(self.above), 1), (Fraction(self.below), -1)):
                if slope and (end - start) / slope > 0:
                    units = (end - start) / slope
                    yield from (at + side * per * n for n in (units, floor(units), ceil(units)))

    # -- words

    def _start(self, frame: Frame) -> Decimal:
        return frame.full if self.start is None else self.start

    def _changes(self, measure: Measure) -> list[str]:
        """每低1个百分点扣0.1分, for each of the two sides that count."""
        unit = measure.gap(self.per)
        up, down = ("高", "低") if measure.is_share else ("多", "少")
        if measure.is_place:
            up, down = ("降", "升") if measure.unit == "名次" else ("升", "降")
        sides = [(up, self.above), (down, self.below)]
        return [f"每{side}{unit}{'加' if k > 0 else '扣'}{number(abs(k))}分" for side, k in sides if k != 0]

    def _parts(self, measure: Measure) -> str:
        """What becomes of a part of a unit; nothing to say where there are whole numbers only."""
        unit = measure.gap(self.per)
        if measure.is_place or (
            self.per == 1 and not measure.is_share and measure.unit in ("次", "份", "天")
        ):
            return ""
        how = {"share": "按比例计", "drop": "不计", "full": f"按{unit}计"}[self.rounding]
        return f"不足{unit}的{how}"

    def describe(self, frame: Frame, verb: str = POINTS, depth: int = 0) -> str:
        name, measure, _ = self.of.named(frame)
        start = gives(self._start(frame), verb)
        if measure.unit == "名次" and self.below == 0 and self.at >= 1:
            places = "首名" if self.at == 1 else f"前{number(self.at)}名"
            text = f"{name.removesuffix('的名次')}居{places}{start}，此后"
        elif self.at == 0 and measure != SHARE:
            text = f"{self.of.zero(frame)}{start}，"
        else:
            text = f"{name}为{measure.show(self.at)}{start}，"
        words = [w for w in (*self._changes(measure), self._parts(measure)) if w]
        most = frame.most if self.most is None else self.most
        return text + "，".join([*words, *limits(self.least, most, (self.above, self.below))])

    def derive(self, trace: RuleTrace, narrator: Narrator, depth: int) -> Derivation:
        amount = trace.inputs[-1].amount
        if amount is None:
            return Derivation()
        measure, start = self.of.named(narrator).measure, Fraction(self._start(narrator))
        how, units = self._how(measure, start, narrator), self._units(amount)
        worth = Fraction(self.above if units > 0 else self.below)
        if units != (amount - exact(self.at)) / exact(self.per):
            how += f"（{self._parts(measure)}）"
        if units == 0 or worth == 0:
            return Derivation((how,), limit=kept(trace, start))
        value = start + abs(units) * worth
        formula = f"{term(start)}{'＋' if worth > 0 else '－'}{term(abs(units))}×{number(abs(worth))}"
        return Derivation((how,), formula, value, kept(trace, value))

    def _how(self, measure: Measure, start: Fraction, frame: Frame) -> str:
        if measure.unit == "名次" and self.below == 0 and self.per == 1 and self.above < 0:
            first = "首名" if self.at == 1 else f"前{number(self.at)}名"
            points = "满分" if start == frame.full else f"计{number(start)}分"
            return f"{first}{points}、每降一名扣{number(-self.above)}分"
        mark = self.of.zero_mark if self.at == 0 and measure != SHARE else measure.show(self.at)
        return "、".join([f"{mark}计{number(start)}分", *self._changes(measure)])
