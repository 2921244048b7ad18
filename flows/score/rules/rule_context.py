"""Where a rule is at work: what it asks of its place, and the cell of a unit and an item that answers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Protocol

from flows.score.engine.result import ResolvedInput, ScoringFinding
from flows.score.engine.scoring_context import ScoringContext, exact
from flows.score.rules.grammar import Input
from flows.score.rules.input_resolver import AS_COUNTED, BoundSide, InputResolver
from flows.score.scheme.required_inputs import period_id
from flows.score.scheme.scheme_model import Item

_ZERO = Fraction(0)


class RuleContext(Protocol):
    """What a rule asks of where it is at work: a unit's cell, or numbers that are only tried (`trial.py`)."""

    @property
    def full(self) -> Fraction:
        """Points of the item."""

    @property
    def most(self) -> Fraction | None:
        """Cap of the item; None where there is no item."""

    @property
    def label(self) -> str:
        """The item's label, for messages."""

    def read(self, number: Input) -> ResolvedInput:
        """The number as it is here."""

    def counted(self, number: Input) -> Iterable[tuple[str, Fraction]]:
        """(category, count) of its indicator."""

    def for_period(self, period: str) -> RuleContext:
        """The same place in one of the periods of an `each`."""

    def add_finding(self, code: str, message: str) -> None:
        """Remember an error of this place."""


@dataclass(frozen=True)
class UnitRuleContext:
    """Where a rule is at work: a unit, an item (none for a gate), the ends of the figures, the period of an `each`."""

    scoring: ScoringContext
    resolver: InputResolver
    unit: str
    item: Item | None
    side: BoundSide = AS_COUNTED
    period: str | None = None

    def read(self, number: Input) -> ResolvedInput:
        """The number as this unit has it."""
        return self.resolver.resolve(self.unit, self.item, number, self.side, self.period)

    @property
    def full(self) -> Fraction:
        """Points of the item."""
        return exact(self.item.full) if self.item else _ZERO

    @property
    def most(self) -> Fraction | None:
        """Cap of the item."""
        return exact(self.item.most) if self.item else None

    def add_finding(self, code: str, message: str) -> None:
        """Remember an error of this cell."""
        self.scoring.add_finding(
            ScoringFinding("error", code, message, self.unit, self.item.id if self.item else None)
        )

    @property
    def label(self) -> str:
        """The item's label, for messages."""
        return self.item.label if self.item else ""

    def for_period(self, period: str) -> UnitRuleContext:
        """The same cell in one of the periods of an `each`."""
        return replace(self, period=period)

    def counted(self, number: Input) -> tuple[tuple[str, Fraction], ...]:
        """(category, count) of the number's indicator, sorted; those without any are left out."""
        indicator = number.indicator or (self.item.indicator if self.item else None) or ""
        period = period_id(number, self.scoring.year.year, self.period)
        names = sorted(self.scoring.categories.get((self.unit, indicator, period), ()))
        amounts = ((n, self.read(self.scoring.category_number(indicator, n, period)).amount) for n in names)
        found = tuple((name, amount) for name, amount in amounts if amount)
        whole, total = sum(amount for _, amount in found), self.read(number).amount or _ZERO
        if self.scoring.is_corrected(self.unit, indicator, period):
            if total != whole:
                message = "核定（核减、裁定）的总数与各类别之和不符，得分仍按各类别计，请按类别更正记录"
                self.add_finding("correction_without_category", f"“{self.label}”按类别计分，{message}")
        elif total > whole:
            message = "有记录没有填写类别，未计分，请补报类别"
            self.add_finding("category_missing", f"“{self.label}”按类别计分，{message}")
        return found
