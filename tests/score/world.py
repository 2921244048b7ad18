"""A small year written in few words: a scheme as a mapping, figures of units as numbers."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import yaml

from flows.score.facts import Facts, Figure, FigureKey
from flows.score.folder import SchemeYear, load_folder

YEAR = 2015


def year_of(
    items: list[dict[str, Any]],
    groups: Mapping[str, str],
    targets: Mapping[str, Mapping[str, object]] | None = None,
    **scheme: Any,
) -> SchemeYear:
    """A year with these items; `scheme` overrides the rest, `targets` are unit → indicator → target."""
    data: dict[str, Any] = {
        "scheme": "case",
        "year": YEAR,
        "label": "样例",
        "document_no": "样例〔2015〕1号",
        "closing_on": "2016-02-28",
        "missing": dict.fromkeys(("not_applicable", "no_target", "not_reported", "rejected"), "zero"),
        "rank": {"ties": "shared"},
        "grades": {
            "barred": "passes_on",
            "edge_tie": "extend",
            "list": [{"grade": "special", "count": 1}, {"grade": "first"}],
        },
        "items": items,
        **scheme,
    }
    steps = ("items", "rescale", "bonus", "deductions", "round", "gates", "rank", "grades")
    data.setdefault("order", [s for s in steps if s in data or s not in ("bonus", "deductions")])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "scheme.yml").write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
        rows = [
            f"{u},{i},{t},样例〔2015〕1号,2015-01-20\n"
            for u, own in (targets or {}).items()
            for i, t in own.items()
        ]
        (folder / "target.csv").write_text(
            "unit,indicator,target,document_no,effective_on\n" + "".join(rows), encoding="utf-8"
        )
        members = "".join(f"{u},{g}\n" for u, g in groups.items())
        (folder / "group.csv").write_text("unit,group_id\n" + members, encoding="utf-8")
        return load_folder(folder)


def figure(value: object, records: int = 1) -> Figure:
    """A count as a number, a rate as (numerator, denominator), a state as a word."""
    if isinstance(value, str):
        return Figure(value)  # type: ignore[arg-type]
    if isinstance(value, tuple):
        above, below = (Fraction(part) for part in value)
        rate = above / below
        return Figure("value" if rate else "zero", rate, above, below, rate, rate, int(below), 0)
    amount = Fraction(str(value))
    return Figure("value" if amount else "zero", amount, amount, None, amount, amount, records, 0)


def facts_of(figures: Mapping[str, Mapping[str, object]], **more: Any) -> Facts:
    """Facts of units: `mediation_succeeded`, `model_workers/national`, `tripartite_meetings@2015H1` → figure."""
    held = {}
    for unit, own in figures.items():
        for name, value in own.items():
            indicator, _, period = name.partition("@")
            indicator, _, category = indicator.partition("/")
            key = FigureKey(indicator, category or None, period or str(YEAR))
            held[unit, key] = value if isinstance(value, Figure) else figure(value)
    units = tuple(figures)
    return Facts(units, {u: f"{u}区" for u in units}, held, **{"known_on": date(2016, 1, 31), **more})
