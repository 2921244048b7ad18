"""Checks of group.csv: the units that are assessed in the year, each of them, and in groups that can be compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date

from flows.score.lint.known_names import Known
from flows.score.lint.lint_finding import LintFinding, in_group, some, unit_name
from flows.score.lint.places import uses
from flows.score.scheme.scheme_loader import SchemeYear


def check(year: SchemeYear, known: Known) -> Iterator[LintFinding]:
    """Each line, then the units that have none."""
    assessed = known.assessed(year.year)
    for unit in year.groups:
        if unit not in known.units:
            yield in_group(year, "unknown_unit", unit, f"no unit {unit}")
        elif unit not in assessed:
            words = f"{unit_name(unit)} is not assessed at the end of {date(year.year, 12, 31)}"
            yield in_group(year, "unit_not_assessed", unit, words)
    if absent := [unit for unit in assessed if unit not in year.groups]:
        words = (
            f"{len(absent)} assessed units are in no group: {some([f'{unit_name(u)} ({u})' for u in absent])}"
        )
        yield in_group(year, "unit_missing", absent[0], words)
    sizes = Counter(year.groups.values())
    compared = any(t.is_peer for use in uses(year.scheme) for t in use.number.as_)
    for unit, group in year.groups.items():
        if sizes[group] == 1:
            words = f"{group} has only this unit: it is first and last" + (
                ", and compared with nobody" if compared else ""
            )
            yield in_group(year, "group_of_one", unit, words)
