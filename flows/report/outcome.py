"""What a finished run shows: the figures of one unit, the number of issues, the paths of what was written."""

from __future__ import annotations

import json

from flows.report import terminal
from flows.store.edition import Edition, busiest_unit
from flows.store.publish import Published
from flows.store.query import metrics


def show(year: int, unit: str | None, edition: Edition, published: Published) -> None:
    """Print the figures of `unit` (default: the one with the most records) and what the run leaves behind."""
    out = terminal.results()
    unit = unit or busiest_unit(published.path, year)
    if unit is None:
        out.print(f"no unit has records of {year}", markup=False)
    else:
        terminal.show(out, metrics(published.path, unit, year), f"{unit} {year}")
    found = ", ".join(f"{n:,} {severity}" for severity, n in edition.issues.items())
    out.print(f"issues     {found}; each with file, sheet and row in meta.issue", markup=False)
    out.print(f"warehouse  {published.path} ({published.bytes / 1e6:.1f} MB, read-only)", markup=False)


def as_json(year: int, unit: str | None, edition: Edition, published: Published) -> str:
    """The same as one JSON object."""
    unit = unit or busiest_unit(published.path, year)
    figures = metrics(published.path, unit, year) if unit else None
    report = {
        "year": year,
        "unit": unit,
        "counts": dict(edition.counts),
        "issues": edition.issues,
        "changed": dict(edition.changed),
        "warehouse": str(published.path),
        "metrics": [] if figures is None else json.loads(terminal.as_json(figures)),
    }
    return json.dumps(report, ensure_ascii=False, indent=2)
