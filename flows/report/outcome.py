"""What a finished run shows: the figures of one unit, the number of issues, the paths of what was written."""

from __future__ import annotations

import json

import pandas as pd

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
        frame = metrics(published.path, unit, year)
        silent = (frame["状态"] == "not_reported") & frame["目标"].isna()
        frame["完成率"] = [None if pd.isna(v) else f"{v:.2%}" for v in frame["完成率"]]
        terminal.show(out, frame[~silent], f"{unit} {year}")
        if silent.any():
            out.print(f"and {silent.sum()} indicators without a target or a report of this unit")
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
