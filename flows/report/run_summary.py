"""What a finished run shows: one unit's figures, points and grade, how much is open, the paths of what was written."""

from __future__ import annotations

import json
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pandas as pd
from rich.console import Console

from flows.report import terminal
from flows.warehouse.counts import PublicationCounts, busiest_unit
from flows.warehouse.publish import Publication
from flows.warehouse.query import findings, leaf_scores, metrics, result


def show(year: int, unit: str | None, edition: PublicationCounts, published: Publication) -> None:
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
        _show_result(out, published.path, unit, year)
    issues, open_matters = edition.issues, findings(published.path, year)
    out.print(
        f"issues     {_counted(issues)} open; each with file, sheet and row in open.问题清单", markup=False
    )
    out.print(
        f"findings   {_counted(open_matters)} about the scores of {year}, in assess.finding", markup=False
    )
    out.print(f"warehouse  {published.path} ({published.bytes / 1e6:.1f} MB, read-only)", markup=False)


def _show_result(out: Console, warehouse: Path, unit: str, year: int) -> None:
    """Points item by item, then total, place and grade: narrow enough for 80 columns."""
    found = result(warehouse, unit, year).to_dict("records")
    if not found:
        out.print(f"{year} is not scored: there is no data/scheme/{year}/scheme.yml", markup=False)
        return
    scores = leaf_scores(warehouse, unit, year)
    for column in ("满分", "得分", "失分"):
        scores[column] = [_points(v) for v in scores[column]]
    terminal.show(out, scores, f"{unit} {year}, points")
    [r] = found
    may = "" if r["最好等次"] == r["最差等次"] else f", may become {r['最好等次']} to {r['最差等次']}"
    out.print(
        f"result     {_points(r['总分'])} points, {r['组内名次']} of {r['组内单位数']} in {r['分组']}, "
        f"{r['总名次']} of all, {r['等次']} ({r['状态']}{may})",
        markup=False,
    )


def _tables(warehouse: Path, unit: str, year: int) -> dict[str, list[dict[str, object]]]:
    asked = {"metrics": metrics, "result": result, "scores": leaf_scores}
    return {name: json.loads(terminal.as_json(ask(warehouse, unit, year))) for name, ask in asked.items()}


def _points(value: float) -> str | None:
    """Two places, half up; the warehouse has six."""
    return None if pd.isna(value) else str(Decimal(str(value)).quantize(Decimal("0.01"), ROUND_HALF_UP))


def _counted(severities: dict[str, int]) -> str:
    return ", ".join(f"{n:,} {severity}" for severity, n in severities.items())


def as_json(year: int, unit: str | None, edition: PublicationCounts, published: Publication) -> str:
    """The same as one JSON object."""
    unit = unit or busiest_unit(published.path, year)
    tables = {} if unit is None else _tables(published.path, unit, year)
    report = {
        "year": year,
        "unit": unit,
        "counts": dict(edition.counts),
        "issues": edition.issues,
        "changed": dict(edition.changed),
        "changed_results": dict(edition.changed_results),
        "findings": findings(published.path, year),
        "warehouse": str(published.path),
        "metrics": tables.get("metrics", []),
        "result": next(iter(tables.get("result", [])), None),
        "scores": tables.get("scores", []),
    }
    return json.dumps(report, ensure_ascii=False, indent=2)
