"""Small schemes and facts for tests: a scheme from a few lines of YAML, facts from a dict of figures.

`year_of` fills in what every scheme needs and the test does not care about. Figures are named as in the case files:
`x`, `x@2014` for another period, `x/national` for a category; a word instead of a number is a state, a triple is
lower, value, upper (None is an open end).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import yaml

from flows.score.bounds.intervals import Bounds, bounds
from flows.score.engine.facts import Address, Correction, Facts, Figure, FigureKey
from flows.score.engine.result import Scored
from flows.score.engine.scoring import YearScoring
from flows.score.engine.scoring_context import ScoringContext
from flows.score.scheme.scheme_loader import SchemeYear, Target
from flows.score.scheme.scheme_model import Scheme
from tests.score.case import SCHEME, STATES, YEAR

STEPS = ("items", "rescale", "bonus", "deductions", "round", "gates", "rank", "grades")
Given = str | int | Decimal | Fraction
Named = tuple[str, str]


def year_of(
    text: str, targets: Mapping[Named, Given] | None = None, groups: Mapping[str, str] | None = None
) -> SchemeYear:
    """A year whose scheme has at least `items`; every unit of `groups` (default: a, b, c, d in g) has its group."""
    data = {**SCHEME, **yaml.load(text, Loader=yaml.CBaseLoader)}  # noqa: S506 (every scalar stays a string)
    optional = [s for s in ("bonus", "deductions") if s in data]
    data.setdefault("order", [s for s in STEPS if s not in ("bonus", "deductions") or s in optional])
    rows = tuple(
        Target(unit, indicator, Decimal(str(t)), "样例〔2015〕1号", date(YEAR, 1, 20), line)
        for line, ((unit, indicator), t) in enumerate((targets or {}).items(), 2)
    )
    held = groups or dict.fromkeys("abcd", "g")
    return SchemeYear(Path("made"), Scheme.model_validate(data), rows, held)


def leaf(rule: str, points: Given = 10, more: str = "", indicator: str = "x") -> str:
    """A scheme of one leaf `x`; `more` are further keys of the leaf, in flow style."""
    return f"items: [{{id: x, label: 考核项, points: {points}, indicator: {indicator}, rule: {rule}{more and ', ' + more}}}]"


def facts_of(units: Sequence[str], figures: Mapping[Named, Any] | None = None, **more: Any) -> Facts:
    """Facts about units; `figures` by unit and name."""
    held = {(unit, key_of(name)): figure_of(value) for (unit, name), value in (figures or {}).items()}
    return Facts(units=tuple(units), names={u: f"{u}区" for u in units}, figures=held, **more)


def key_of(name: str) -> FigureKey:
    """`indicator/category@period`."""
    indicator, _, period = name.partition("@")
    indicator, _, category = indicator.partition("/")
    return FigureKey(indicator, category or None, period or str(YEAR))


def figure_of(value: Any) -> Figure:
    """A number, a state, or (lower, value, upper); a value None with ends is a figure all of whose rows are undecided."""
    if isinstance(value, str) and value in STATES:
        return Figure(value)  # type: ignore[arg-type] # one of the states
    lower, at, upper = value if isinstance(value, tuple) else (value, value, value)
    low, amount, high = (None if v is None else Fraction(v) for v in (lower, at, upper))
    state = "rejected" if amount is None else "value" if amount else "zero"
    undecided = 0 if low == high == amount else 1
    return Figure(state, amount, amount, None, low, high, 1, undecided)  # type: ignore[arg-type] # one of the states


def correction(kind: str, amount: Given | None, on: str | None = "2016-01-10", **more: Any) -> Correction:
    """A decision about figure `x` of unit a."""
    day = date.fromisoformat(on) if on else None
    given: dict[str, Any] = {"unit": "a", "indicator": "x", "reason": "核实", "document_no": "样核1号"}
    given |= {"address": Address(1, 2)} | more
    return Correction(kind, amount=None if amount is None else Fraction(amount), on=day, **given)  # type: ignore[arg-type]


def bounds_of(year: SchemeYear, facts: Facts) -> dict[str, Bounds]:
    """Bounds of each unit, by a scoring of their own."""
    scoring = YearScoring(ScoringContext(year, facts))
    return bounds(scoring, scoring.scored())


def points_of(scored: Scored, item: str = "x") -> dict[str, Fraction | None]:
    """Unit → points of an item."""
    return {s.unit: s.points for s in scored.items if s.item == item}


def codes(scored: Scored, severity: str = "error") -> list[str]:
    """Codes of the findings of a severity, sorted."""
    return sorted(f.code for f in scored.findings if f.severity == severity)
