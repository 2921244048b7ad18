"""What a finished run shows: the first places of the year or one unit, how much is open, what was written where."""

from __future__ import annotations

import json
from pathlib import Path

from flows.language import _
from flows.report import terminal
from flows.report.results import screen
from flows.report.results.scored_year import scored_years, year_results
from flows.warehouse.counts import PublicationCounts, busiest_unit
from flows.warehouse.publish import Publication
from flows.warehouse.query import findings, leaf_scores, metrics, result

#: Places of the ranking that a run ends with; `results` shows all.
_FIRST = 10


def show(year: int, unit: str | None, edition: PublicationCounts, published: Publication) -> None:
    """Print the first places of the year, or one unit in full, and what the run leaves behind."""
    out = terminal.results()
    if year in scored_years(published.path):
        found = year_results(published.path, year)
        if unit is None:
            screen.show_ranking(out, found, _FIRST)
        else:
            screen.show_unit(out, found, unit)
    elif unit := unit or busiest_unit(published.path, year):
        frame = metrics(published.path, unit, year)
        silent = frame["状态"] == "not_reported"
        terminal.show(out, frame[~silent], f"{unit} {year}")
        if silent.any():
            out.print(_("and {n} indicators without a report of this unit", n=silent.sum()))
    else:
        out.print(_("no unit has records of {year}", year=year), markup=False)
    issues, open_matters = edition.issues, findings(published.path, year)
    told = (
        _(
            "open issues: {counts}; each with file, sheet and row in {view}",
            counts=_counted(issues),
            view="open.问题清单",
        ),
        _(
            "findings about the scores of {year}: {counts}, in assess.finding",
            year=year,
            counts=_counted(open_matters),
        ),
        _("warehouse: {file} ({size:.1f} MB, read-only)", file=published.path, size=published.bytes / 1e6),
    )
    for line in told:
        out.print(line, markup=False)


def _tables(warehouse: Path, unit: str, year: int) -> dict[str, list[dict[str, object]]]:
    asked = {"metrics": metrics, "result": result, "scores": leaf_scores}
    return {name: json.loads(terminal.as_json(ask(warehouse, unit, year))) for name, ask in asked.items()}


def _counted(severities: dict[str, int]) -> str:
    """3 errors, or that there is nothing."""
    told = (f"{terminal.severity(code)} {n:,}" for code, n in severities.items() if n)
    return _(", ").join(told) or _("none")


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
