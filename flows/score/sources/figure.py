"""The value of an indicator: of the unit in a period, or the mean over the units below it. What nearly every rule reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, ClassVar

from pydantic import model_validator

from flows.contract.catalogue import ContractError
from flows.contract.indicator import Shape
from flows.score.engine.facts import FigureKey
from flows.score.explain.format import category_label, indicator, measure_of, number, period_label
from flows.score.sources.input import Defect, InputBase, Named, ResolvedInput
from flows.score.transforms.domain import Domain

if TYPE_CHECKING:
    from flows.score.engine.rule_context import UnitRuleContext
    from flows.score.explain.frame import Frame
    from flows.score.lint.scope import Scope

#: Shapes whose values are whole numbers.
WHOLE = (Shape.COUNT, Shape.DISTINCT, Shape.STOCK, Shape.EDITION, Shape.STREAK)
_SIGN = {"up": 1, "down": -1, "none": 0}


class IndicatorInput(InputBase, key="indicator"):
    """An indicator's figure; without `indicator` the item's own."""

    reads_figures: ClassVar[bool] = True

    indicator: str | None = None
    category: str | None = None  # level, kind …; none is the total
    children: bool = False  # mean over the units below this one, those that have it (R25: A13)
    period: str = "{year}"  # id in ref.period, {year} filled in: "U{year}", "{year}H1", "{year}-03"

    @model_validator(mode="after")
    def _target_of_the_whole(self) -> IndicatorInput:
        if self.category is not None and self.needs_target:
            raise ValueError(f"the target is for the whole indicator, not for category {self.category}")
        return self

    def indicator_for(self, own: str | None) -> str | None:
        return self.indicator or own

    def period_id(self, year: int, period: str | None = None) -> str:
        template = period if period is not None and self.period == "{year}" else self.period
        return template.replace("{year}", str(year))

    def figure_keys(self, own: str | None, year: int, period: str | None) -> Iterator[FigureKey]:
        yield from super().figure_keys(own, year, period)
        if (code := self.indicator_for(own)) is not None:
            for of_year in (year, year - 1) if self.looks_back else (year,):
                yield FigureKey(code, self.category, self.period_id(of_year, period))

    def fetch(self, context: UnitRuleContext, back: int = 0) -> ResolvedInput:
        if self.children:
            return self._of_children(context, back)
        key = self._key(context, back)
        amount = context.figure(key)
        return self.missing(context.figure_state(key)) if amount is None else self.amount(amount)

    def _of_children(self, context: UnitRuleContext, back: int) -> ResolvedInput:
        below = context.scoring.facts.children.get(context.unit, ())
        amounts = [replace(context, unit=child).figure(self._key(context, back)) for child in below]
        known = [amount for amount in amounts if amount is not None]
        if not known:
            return self.missing("not_applicable")
        return self.amount(sum(known, start=Fraction()) / len(known), children=Fraction(len(known)))

    def _key(self, context: UnitRuleContext, back: int) -> FigureKey:
        code = self.indicator_for(context.indicator) or ""
        return FigureKey(code, self.category, self.period_id(context.year - back, context.period))

    def source(self, frame: Frame) -> Named:
        code = self.indicator_for(frame.indicator)
        if code is None:
            raise ContractError(f"{frame.label} reads an indicator and names none")
        name, period = indicator(code).label, self.period_id(frame.year.year)
        is_plain = self.category is None and period == str(frame.year.year) and not self.children
        if self.category is not None:
            name = f"{name}（{category_label(code, self.category)}）"
        if period != str(frame.year.year):
            name = period_label(period) + name
        if self.children:
            name = f"所属单位{name}的平均值"
        return Named(name, measure_of(code), is_plain and code == frame.indicator)

    def averaged(self, made_with: Mapping[str, Fraction]) -> str:
        return f"（{number(made_with['children'])}个单位有数）" if "children" in made_with else ""

    def source_domain(self, scope: Scope) -> Domain:
        found = scope.indicator(self)
        if found is None:
            return Domain()
        high = Fraction(1) if found.is_rate and not found.above_one else None
        is_whole = found.shape in WHOLE and not self.children
        return Domain(Fraction(), high, is_whole, better=_SIGN[found.direction])

    def check(self, scope: Scope) -> Iterator[Defect]:
        yield from super().check(scope)
        code = self.indicator_for(scope.own)
        if code is None:
            yield Defect("no_indicator", "", "neither this input nor its item names an indicator")
        elif self.indicator is not None:
            yield from scope.unknown_indicator(self.indicator)
        if code is not None and self.category is not None:
            yield from scope.unknown_category(code, self.category)
        yield from scope.unknown_period(self.period, int(self.looks_back))
        found = scope.indicator(self)
        ordering = [t for t in self.as_ if t.is_peer and not t.is_mean]
        if found and found.direction == "none" and ordering:
            yield Defect("no_direction", "", f"{code} is neither better high nor low, so no unit is the best")
