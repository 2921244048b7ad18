"""By piece: R9 points per record by level and kind, capped (A15, A23, A34), R7 with kinds of events (A9: 2 and 2 off)."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from pydantic import Field, model_validator

from flows.score.explain.format import category_label, number, term
from flows.score.explain.frame import POINTS, Derivation, Frame, Narrator, kept, limits
from flows.score.rules.rule import InputRule, RuleContext, RuleTrace, clipped, exact
from flows.score.sources.input import Exact, ResolvedInput


class PerRecord(InputRule, key="tally"):
    """Points per record by its category: count × table, added up, within least..most."""

    points: dict[str, Exact] = Field(min_length=1)  # category → points of one
    otherwise: Exact | None = None  # of one of any other category; none: those are a finding
    start: Exact = Decimal(0)
    least: Exact = Decimal(0)
    most: Exact | None = None  # default: the item's cap

    @model_validator(mode="after")
    def _bounded(self) -> PerRecord:
        if not self.of.reads_figures:
            raise ValueError(f"{self.of.key} has no categories to tally")
        if self.most is not None and self.least > self.most:
            raise ValueError(f"least {self.least} is above most {self.most}")
        return self

    def judge(self, resolved: ResolvedInput, amount: Fraction, context: RuleContext) -> RuleTrace:
        counted = []
        for category, records in context.counts(self.of):
            each = self.points.get(category, self.otherwise)
            if each is None:
                message = f"“{context.label}”有办法未列出的类别（{category}），未计分，请补充计分标准"
                context.add_finding("category_unknown", message)
            counted.append((category, records, exact(each or Decimal(0))))
        raw = exact(self.start) + sum((n * each for _, n, each in counted), start=Fraction())
        most = context.most if self.most is None else exact(self.most)
        return clipped(self, raw, self.least, most, inputs=(resolved,), counted=tuple(counted))

    @property
    def worth(self) -> dict[str, Exact]:
        """Points of one, with the empty category for all others."""
        return self.points if self.otherwise is None else {**self.points, "": self.otherwise}

    # -- words

    def describe(self, frame: Frame, verb: str = POINTS, depth: int = 0) -> str:
        name, measure, _ = self.of.named(frame)
        unit, code = measure.show(1), self.of.indicator_for(frame.indicator) or ""
        parts = [f"基础{number(self.start)}分"] if self.start else []
        for category, points in self.worth.items():
            label = category_label(code, category) if category else "其他"
            worth = f"扣{number(-points)}分" if points < 0 else f"{number(points)}分"
            parts.append(f"{label}每{unit}{worth}")
        most = frame.most if self.most is None else self.most
        return (
            f"{name}按类别累计：{'，'.join([*parts, *limits(self.least, most, list(self.worth.values()))])}"
        )

    def derive(self, trace: RuleTrace, narrator: Narrator, depth: int) -> Derivation:
        show, code = self.of.named(narrator).measure.show, self.of.indicator_for(narrator.indicator) or ""
        counted = [(category_label(code, c), n, each) for c, n, each in trace.counted if n]
        if not counted:
            return Derivation(("没有计分的类别",), limit=kept(trace, Fraction(self.start)))
        said = "、".join(f"{label}{show(n)}每{show(1)}{number(each)}分" for label, n, each in counted)
        value = Fraction(self.start) + sum((n * each for _, n, each in counted), start=Fraction())
        summands = [number(self.start)] if self.start else []
        summands += [f"{term(n)}×{term(each)}" for _, n, each in counted]
        return Derivation((said,), "＋".join(summands), value, kept(trace, value))
