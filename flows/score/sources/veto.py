"""How many recorded events of some veto conditions are in force (R7: A23; R30: A1, A7, A10, A12)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, ClassVar

from flows.score.explain.format import Measure, code_label, quoted
from flows.score.sources.input import Bounds, Defect, InputBase, Named, ResolvedInput
from flows.score.transforms.domain import Domain

if TYPE_CHECKING:
    from flows.score.engine.rule_context import UnitRuleContext
    from flows.score.explain.frame import Frame
    from flows.score.lint.scope import Scope


class VetoInput(InputBase, key="veto"):
    """Recorded events; what an appeal against one does until it is ruled is the scheme's `appealed_veto`."""

    never_missing: ClassVar[bool] = True

    veto: tuple[str, ...]  # veto_condition

    def fetch(self, context: UnitRuleContext, back: int = 0) -> ResolvedInput:
        return self.amount(Fraction(context.scoring.vetoes(context.unit, self.veto, context.side.own)))

    def source(self, frame: Frame) -> Named:
        return Named(f"{self._events('、')}发生次数", Measure("次"))

    def happened(self, bounds: Bounds) -> str | None:
        """A condition that asks for one event or more, in words."""
        is_any = bounds in ((("at_least", Decimal(1)),), (("more_than", Decimal(0)),))
        return f"发生{self._events('或')}" if is_any else None

    def _events(self, joined_by: str) -> str:
        return joined_by.join(quoted(code_label("veto_condition", code)) for code in self.veto)

    def source_domain(self, scope: Scope) -> Domain:
        return Domain(Fraction(0), None, True, better=-1)

    def check(self, scope: Scope) -> Iterator[Defect]:
        yield from super().check(scope)
        for condition in self.veto:
            yield from scope.unknown_code("unknown_veto", "veto condition", "veto_condition", condition)
