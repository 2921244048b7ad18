"""The points of another item of the scheme, or of a block, as they count (gates of A10 bar by an item's points)."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from flows.score.explain.format import POINTS, quoted
from flows.score.sources.input import Defect, InputBase, Named, ResolvedInput
from flows.score.transforms.domain import Domain

if TYPE_CHECKING:
    from flows.score.engine.rule_context import UnitRuleContext
    from flows.score.explain.frame import Frame
    from flows.score.lint.scope import Scope


class ItemInput(InputBase, key="item"):
    """Points of another item."""

    item: str

    def fetch(self, context: UnitRuleContext, back: int = 0) -> ResolvedInput:
        points = context.points_of(self.item)
        return self.missing("unscored") if points is None else self.amount(points)

    def source(self, frame: Frame) -> Named:
        return Named(f"{quoted(frame.item_label(self.item))}得分", POINTS)

    def source_domain(self, scope: Scope) -> Domain:
        item = scope.items.get(self.item)
        if item is None:
            return Domain(better=1)
        return Domain(None if item.least is None else Fraction(item.least), Fraction(item.most), better=1)

    def check(self, scope: Scope) -> Iterator[Defect]:
        yield from super().check(scope)
        if self.item not in scope.items:
            yield Defect("unknown_item", "", f"no item {self.item}")
