"""Years as mappings instead of YAML, for tests that draw schemes: the rest is as in `made.py`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any

import yaml

from flows.score.engine.facts import Facts, Figure
from flows.score.scheme.scheme_loader import SchemeYear
from tests.score import made

DEFAULT: dict[str, Any] = {
    "missing": dict.fromkeys(("not_applicable", "no_target", "not_reported", "rejected"), "zero"),
    "grades": {
        "barred": "passes_on",
        "edge_tie": "extend",
        "list": [{"grade": "special", "count": 1}, {"grade": "first"}],
    },
}


def year_of(
    items: list[dict[str, Any]],
    groups: Mapping[str, str],
    targets: Mapping[str, Mapping[str, Any]] | None = None,
    **scheme: Any,
) -> SchemeYear:
    """A year with these items; `scheme` overrides the rest, `targets` are unit → indicator → target."""
    flat = {(unit, indicator): t for unit, own in (targets or {}).items() for indicator, t in own.items()}
    return made.year_of(yaml.safe_dump({**DEFAULT, "items": items, **scheme}), flat, groups)


def figure(value: object) -> Figure:
    """As in `made.py`; two numbers are numerator and denominator of a rate, a figure is itself."""
    if isinstance(value, Figure):
        return value
    if isinstance(value, tuple) and len(value) == 2:
        above, below = (Fraction(part) for part in value)
        rate = above / below
        return Figure("value" if rate else "zero", rate, above, below, rate, rate, int(below), 0)
    return made.figure_of(value)


def facts_of(figures: Mapping[str, Mapping[str, object]], **more: Any) -> Facts:
    """Facts of units: unit → named figures."""
    found = made.facts_of(tuple(figures), **{"known_on": date(2016, 1, 31), **more})
    held = {
        (u, made.key_of(name)): figure(value) for u, own in figures.items() for name, value in own.items()
    }
    return Facts(**{**vars(found), "figures": held})
