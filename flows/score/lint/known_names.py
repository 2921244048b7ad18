"""What a scheme may name: indicators and their categories, codes, periods, record kinds with a due day, units.

Read from the contracts and reference data alone; a scheme that names anything else refers to nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from flows.contract.catalogue import ROOT, code_lists, records
from flows.contract.indicator import Indicator, Shape, indicators
from flows.contract.record import Record
from flows.contract.units import Unit, reference

_CATEGORY = re.compile(r"(case\b.*?\bend|\w+)\s+as\s+category\b", re.DOTALL)
_LITERAL = re.compile(r"\b(?:then|else)\s+'([^']*)'")

#: Category in which metric.value counts persons without a usable ID.
_NO_ID = "no_id"


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
    categories = {i.indicator: _categories(i, kinds, root) for i in indicators(root).values()}
    return Known(
        indicators=indicators(root),
        categories={name: found for name, (has, found) in categories.items() if has},
        codes={name: tuple(e.code for e in entries) for name, entries in code_lists(root).items()},
        periods=frozenset(p.period_id for p in data.periods),
        due={record: frozenset(periods) for record, periods in due.items()},
        records=frozenset(kinds),
        units={u.unit_code: u for u in data.units},
    )


def _categories(
    indicator: Indicator, kinds: Mapping[str, Record], root: Path
) -> tuple[bool, frozenset[str] | None]:
    """Whether an indicator has categories, and which; None where any text may be one."""
    written = _CATEGORY.findall(indicator.body)
    found: set[str] = {_NO_ID} if written and indicator.shape is Shape.DISTINCT else set()
    for expression in written:
        if literals := _LITERAL.findall(expression):
            found |= set(literals)
            continue
        columns = [kinds[r].columns[expression] for r in indicator.records if expression in kinds[r].columns]
        lists = [column.list for column in columns if column.list]
        if not lists:
            return True, None
        found |= {entry.code for name in lists for entry in code_lists(root)[name]}
    return bool(written), frozenset(found)
