"""In proportion: R1 capped (A22, A23, A26), R2 with a cliff, R14 of the share of the best (A19), R15 功效系数 with a base (A20),
R28 of a borrowed score (A24)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from pydantic import Field, model_validator

from flows.score.explain.format import Amount, Measure, number, percent, term
from flows.score.explain.frame import POINTS, Derivation, Frame, Narrator, gives
from flows.score.rules.rule import InputRule, RuleContext, RuleTrace, exact
from flows.score.sources import Input
from flows.score.sources.figure import IndicatorInput
from flows.score.sources.input import Exact, ResolvedInput


class Linear(InputRule, key="linear"):
    """Points in proportion: none at `zero_at`, all at `full_at`, `base` of them as a start (功效系数).

    share = base + (1 - base) * (n - zero_at) / (full_at - zero_at), kept within floor..cap; nothing below `least`
    (above it, where full_at < zero_at).
    """

    of: Input = IndicatorInput.model_validate("attainment")
    points: Exact | None = None  # default: the item's
    zero_at: Exact = Decimal(0)
    full_at: Exact = Decimal(1)
    base: Exact = Field(Decimal(0), ge=0, lt=1)
    floor: Exact = Decimal(0)  # as a share of the points
    cap: Exact = Decimal(1)  # as a share of the points
    least: Exact | None = None  # of the input itself

    @model_validator(mode="after")
    def _sloped(self) -> Linear:
        if self.zero_at == self.full_at:
            raise ValueError(f"zero_at and full_at are both {self.full_at}: the line has no slope")
        if self.floor > self.cap:
            raise ValueError(f"floor {self.floor} is above cap {self.cap}")
        return self

    @property
    def _is_rising(self) -> bool:
        return self.full_at > self.zero_at

    def judge(self, resolved: ResolvedInput, amount: Fraction, context: RuleContext) -> RuleTrace:
        points = context.full if self.points is None else exact(self.points)
        zero, full, base = exact(self.zero_at), exact(self.full_at), exact(self.base)
        if self.least is not None:
            least = exact(self.least)
            if amount < least if self._is_rising else amount > least:
                return RuleTrace(self, Fraction(), (resolved,), "below_least")
        share = base + (1 - base) * (amount - zero) / (full - zero)
        floor, cap = exact(self.floor), exact(self.cap)
        branch = "capped" if share > cap else "floor" if share < floor else "proportional"
        return RuleTrace(self, min(max(share, floor), cap) * points, (resolved,), branch)

    def breakpoints(self, full: Fraction, most: Fraction | None) -> Iterator[Fraction]:
        zero_at, full_at, base = Fraction(self.zero_at), Fraction(self.full_at), Fraction(self.base)
        yield from (zero_at, full_at)
        if self.least is not None:
            yield Fraction(self.least)
        for share in (self.floor, self.cap):
            yield zero_at + (Fraction(share) - base) / (1 - base) * (full_at - zero_at)

    # -- words

    def _points(self, frame: Frame) -> Decimal:
        return frame.full if self.points is None else self.points

    def _is_plain(self, measure: Measure) -> bool:
        return self.zero_at == 0 and self.full_at == 1 and self.base == 0 and measure.is_share

    def describe(self, frame: Frame, verb: str = POINTS, depth: int = 0) -> str:
        name, measure, _ = self.of.named(frame)
        points = self._points(frame)
        zero, full = measure.show(self.zero_at), measure.show(self.full_at)
        if self._is_plain(measure):
            text = f"按{name}的比例计分，{full}{gives(points, verb)}"
        elif self.base == 0:
            text = f"{name}为{full}{gives(points, verb)}，为{zero}不得分，其间按比例计分"
        else:
            text = (
                f"按功效系数计分：{name}为{zero}得基础分{number(points * self.base)}分（{percent(self.base)}），"
                f"为{full}{gives(points, verb)}，其间按比例计分"
            )
        better, worse = ("超过", "不足") if self._is_rising else ("低于", "高于")
        if self.cap != 1:
            text += f"，{better}{full}的同比例加分，最高得{number(points * self.cap)}分"
        elif not self._ends_at_full(measure):
            text += f"，{better}的按{full}计"
        if self.floor > 0:
            text += f"，最低得{number(points * self.floor)}分"
        elif self.floor < 0:
            text += f"，{worse}{zero}的同比例倒扣，最多倒扣{number(-points * self.floor)}分"
        if self.least is not None:
            text += f"；{'低于' if self._is_rising else '高于'}{measure.show(self.least)}的不得分"
        return text

    def _ends_at_full(self, measure: Measure) -> bool:
        """Whether no amount can lie beyond the mark of all points: a count below 0, a share of the best above 1."""
        if self.full_at == 0:
            return measure.difference == measure
        is_part = self.of.key == "scores" or (bool(self.of.as_) and self.of.as_[-1].is_part)
        return is_part and self.full_at == 1

    def derive(self, trace: RuleTrace, narrator: Narrator, depth: int) -> Derivation:
        points, measure = Fraction(self._points(narrator)), self.of.named(narrator).measure
        show, amount, how = measure.show, trace.inputs[-1].amount, self._how(narrator, measure)
        if trace.branch == "below_least":
            return Derivation((f"{'低于' if self._is_rising else '高于'}要求的{show(self.least or 0)}",))
        if trace.branch == "capped":
            return self._at_end(f"{how}、封顶{percent(self.cap)}", points, self.cap, self.cap == 1)
        if trace.branch == "floor" and self.floor:
            kept = f"保底{percent(self.floor)}" if self.floor > 0 else f"最多倒扣{percent(-self.floor)}"
            return self._at_end(f"{how}、{kept}", points, self.floor)
        if trace.branch == "floor":
            reached = amount == Fraction(self.zero_at)
            return Derivation(
                (how, "" if reached else f"{'不足' if self._is_rising else '超过'}{show(self.zero_at)}")
            )
        if amount is None:
            return Derivation((how,))
        return Derivation((how,), self._formula(points, amount, measure), trace.points)

    def _how(self, narrator: Narrator, measure: Measure) -> str:
        if self._is_plain(measure):
            return f"按{self.of.short_name(narrator)}计分"
        zero = f"计基础{percent(self.base)}" if self.base else "不计分"
        return f"{measure.show(self.zero_at)}{zero}、{measure.show(self.full_at)}计满分，其间按比例计分"

    def _at_end(self, how: str, points: Fraction, share: Exact, is_all: bool = False) -> Derivation:
        """Cap or floor as a share of the points; all of them need no formula."""
        if is_all:
            return Derivation((how,))
        return Derivation((how,), f"{term(points)}×{_share(share)}", points * Fraction(share))

    def _formula(self, points: Fraction, amount: Fraction, measure: Measure) -> str:
        """points × (base + (1 - base) × (n - zero) ÷ (full - zero)), without the parts that do nothing."""
        n, zero, full = (measure.term(x) for x in (amount, self.zero_at, self.full_at))
        if self.zero_at == 0:
            share = n if self.full_at == 1 else f"{n}÷{full}"
        else:
            share = f"（{n}－{zero}）÷（{full}－{zero}）"
        if self.base:
            share = f"［{percent(self.base)}＋{percent(1 - self.base)}×{share}］"
        return f"{term(points)}×{share}"


def _share(share: Amount) -> str:
    return term(share, is_share=True)
