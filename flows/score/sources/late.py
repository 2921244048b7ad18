"""How many reports came late, or by how many days together (R24: A33, A12)."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, ClassVar, Literal

from flows.contract.catalogue import records
from flows.score.explain.format import Measure, quoted, record_label
from flows.score.sources.input import Defect, InputBase, Named, ResolvedInput
from flows.score.sources.known_names import is_due
from flows.score.transforms.domain import Domain

if TYPE_CHECKING:
    from flows.score.engine.rule_context import UnitRuleContext
    from flows.score.explain.frame import Frame
    from flows.score.lint.scope import Scope


class LateInput(InputBase, key="late"):
    """Late reports of some record kinds in the year, counted, or their calendar days summed."""

    never_missing: ClassVar[bool] = True

    late: tuple[str, ...]  # record kinds
    late_unit: Literal["reports", "days"] = "reports"

    def fetch(self, context: UnitRuleContext, back: int = 0) -> ResolvedInput:
        reports = context.scoring.facts.late
        days = [r.days for r in reports if r.unit == context.unit and r.record in self.late]
        if self.late_unit == "reports":
            return self.amount(Fraction(len(days)))
        return (
            self.missing("not_reported") if None in days else self.amount(Fraction(sum(d or 0 for d in days)))
        )

    def source(self, frame: Frame) -> Named:
        kinds = "、".join(quoted(record_label(kind)) for kind in self.late)
        word, unit = ("份数", "份") if self.late_unit == "reports" else ("天数", "天")
        return Named(f"{kinds}迟报{word}", Measure(unit))

    def source_domain(self, scope: Scope) -> Domain:
        return Domain(Fraction(0), None, True, better=-1)

    def check(self, scope: Scope) -> Iterator[Defect]:
        yield from super().check(scope)
        for record in self.late:
            if record not in records():
                yield Defect("unknown_record", "", f"no record kind {record}")
            elif not is_due(record, scope.year.year):
                words = (
                    f"data/reference/calendar.csv has no day by which {record} of {scope.year.year} is due"
                )
                yield Defect("no_due_day", "", words)
