"""What a scheme may name: indicators and their categories, codes, periods, record kinds with a due day, units.

Read from the contracts and reference data alone; a scheme that names anything else refers to nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from flows.contract.catalogue import ROOT, code_lists, records
from flows.contract.indicator import Indicator, category_labels, indicators
from flows.contract.units import Unit, reference


@dataclass(frozen=True)
class Known:
    """Names that mean something. `categories`: of each indicator that has any; None where its values are no code list."""

    indicators: Mapping[str, Indicator]
    categories: Mapping[str, frozenset[str] | None]
    codes: Mapping[str, tuple[str, ...]]
    periods: frozenset[str]
    due: Mapping[str, frozenset[str]]  # record kind → periods it has a due day for
    records: frozenset[str]
    units: Mapping[str, Unit]

    def assessed(self, year: int) -> list[str]:
        """Units that are assessed for a year: those that exist on its last day."""
        day = date(year, 12, 31)
        return [u.unit_code for u in self.units.values() if u.is_assessed and u.exists_on(day)]


@cache
def known(root: Path = ROOT) -> Known:
    """Everything a scheme may name, from the files below `root`."""
    data = reference(root)
    due: dict[str, set[str]] = {}
    for day in data.calendar:
        due.setdefault(day.record, set()).add(day.period_id)
    kinds = records(root)
    categories = {i.indicator: category_labels(i, root) for i in indicators(root).values() if i.category}
    return Known(
        indicators=indicators(root),
        categories={
            name: None if labels is None else frozenset(labels) for name, labels in categories.items()
        },
        codes={name: tuple(e.code for e in entries) for name, entries in code_lists(root).items()},
        periods=frozenset(p.period_id for p in data.periods),
        due={record: frozenset(periods) for record, periods in due.items()},
        records=frozenset(kinds),
        units={u.unit_code: u for u in data.units},
    )
