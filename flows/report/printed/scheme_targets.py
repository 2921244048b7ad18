"""附件：目标任务分解表. A matrix of units and indicators per group, with the document and the day each target has effect from.

The target in force is the latest one written, as the engine takes it; what it replaced is listed below the matrices,
so that a target changed during the year is seen as changed. Wide matrices are cut into several tables of equal width.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from math import ceil
from typing import NamedTuple

from flows.contract.units import reference
from flows.score.explain.format import Measure, indicator, measure_of, number, numbered
from flows.score.scheme.scheme_loader import SchemeYear, Target

#: Columns of targets that an A4 page on its side holds without breaking numbers.
_MOST_COLUMNS = 12

_Targets = Mapping[tuple[str, str], Target]
_Paper = tuple[str, date]


class _Matrix(NamedTuple):
    """One table; `group` only above the first of a group, `padding` columns to the width of the others."""

    group: str
    heads: list[tuple[str, str]]  # indicator and unit of measure
    padding: int
    rows: dict[str, list[tuple[str, str]]]  # unit → target, or "", and the sign of its document


def day(on: date) -> str:
    """A day as it is printed: 2016年2月28日."""
    return f"{on.year}年{on.month}月{on.day}日"


def target_annex(year: SchemeYear) -> dict[str, object]:
    """What the annex shows: `matrices` (none where there are no targets), `sources`, `replaced`."""
    force = {slot: t for slot, t in year.in_force().items() if slot[0] in year.groups}
    papers = sorted({_paper(t) for t in force.values()}, key=lambda p: (p[1], p[0]))
    held = Counter(_paper(t) for t in force.values())
    commonest = max(papers, key=lambda p: held[p], default=None)  # stands without a sign
    others = [paper for paper in papers if paper != commonest]
    signs = {paper: numbered(at) for at, paper in enumerate(others)}
    groups: dict[str, list[str]] = {}
    for unit, group in year.groups.items():
        groups.setdefault(group, []).append(unit)
    in_print = sorted(papers, key=lambda p: signs.get(p, ""))
    return {
        "matrices": [m for group, units in groups.items() for m in _group(year, group, units, force, signs)],
        "sources": "；".join(f"{signs.get(p, '')}{p[0]}，自{day(p[1])}起执行" for p in in_print),
        "replaced": list(_replaced(year, force)),
    }


def _paper(target: Target) -> _Paper:
    return target.document_no, target.effective_on


def _group(
    year: SchemeYear, group: str, units: Sequence[str], force: _Targets, signs: Mapping[_Paper, str]
) -> Iterator[_Matrix]:
    def cell(unit: str, code: str, measure: Measure) -> tuple[str, str]:
        target = force.get((unit, code))
        if target is None:
            return "", ""
        shown = measure.show(target.target) if measure.is_share else number(target.target)
        return shown, signs.get(_paper(target), "")

    codes = in_order(year, {code for unit, code in force if unit in units})
    width = ceil(len(codes) / ceil(len(codes) / _MOST_COLUMNS)) if codes else 1
    for start in range(0, len(codes), width):
        part = {code: measure_of(code) for code in codes[start : start + width]}
        yield _Matrix(
            year.scheme.group_label(group) if start == 0 else "",
            [(indicator(code).label, measure.unit) for code, measure in part.items()],
            width - len(part),
            {_name(year, unit): [cell(unit, *column) for column in part.items()] for unit in units},
        )


def in_order(year: SchemeYear, codes: Collection[str]) -> list[str]:
    """Indicators in the order of the items, then those that no item is about."""
    listed = [item.indicator for item in year.scheme.leaves if item.indicator in codes]
    return list(dict.fromkeys([*(code for code in listed if code), *sorted(codes)]))


def _name(year: SchemeYear, unit: str) -> str:
    return reference().short_name_on(unit, date(year.year, 1, 1))


def _replaced(year: SchemeYear, force: _Targets) -> Iterator[tuple[str, ...]]:
    """Earlier targets that a later one took the place of: unit, indicator, then value and document, old and new."""
    places = {unit: at for at, unit in enumerate(year.groups)}
    earlier = [t for t in year.targets if t.unit in places and force[t.unit, t.indicator] != t]
    for old in sorted(earlier, key=lambda t: (places[t.unit], t.indicator, t.effective_on)):
        show = measure_of(old.indicator).show
        papers = [
            (show(t.target), f"{t.document_no}，{day(t.effective_on)}起")
            for t in (old, force[old.unit, old.indicator])
        ]
        yield (_name(year, old.unit), indicator(old.indicator).label, *papers[0], *papers[1])
