"""What a scheme may name: categories of indicators, codes, periods, record kinds with a due day, units.

Read from the contracts and reference data alone; a scheme that names anything else refers to nothing.
"""

from __future__ import annotations

from datetime import date
from functools import cache

from flows.contract.catalogue import code_lists
from flows.contract.indicator import category_labels, indicators
from flows.contract.units import Unit, reference


@cache
def categories(indicator: str) -> frozenset[str] | None:
    """Categories of a known indicator, empty where it has none; None where any text may be one."""
    found = indicators()[indicator]
    labels = category_labels(found) if found.category else {}
    return None if labels is None else frozenset(labels)


@cache
def codes(code_list: str) -> tuple[str, ...]:
    """The codes of a list, in its order."""
    return tuple(entry.code for entry in code_lists()[code_list])


@cache
def periods() -> frozenset[str]:
    """Ids of data/reference/period.csv."""
    return frozenset(period.period_id for period in reference().periods)


def is_due(record: str, year: int) -> bool:
    """Whether the calendar has a day by which reports of a kind of a year are due."""
    return any(day.record == record and day.period_id.startswith(str(year)) for day in reference().calendar)


@cache
def units() -> dict[str, Unit]:
    """Units by code."""
    return {unit.unit_code: unit for unit in reference().units}


def assessed(year: int) -> list[str]:
    """Units that are assessed for a year: those that exist on its last day."""
    day = date(year, 12, 31)
    return [u.unit_code for u in units().values() if u.is_assessed and u.exists_on(day)]
