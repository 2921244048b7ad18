"""Years are scored: scheme and facts go to the engine, what comes back becomes `assess.*`.

A scheme with errors does not run, because points that a later correction of the scheme moves have been read by then.
All rows of a year are written anew from one scoring, in the caller's transaction: no table can disagree with another.
Nothing is decided here. What the data cannot settle is a row of `assess.finding`, with where to look and what to do.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import duckdb

from flows.assess.fact_queries import read_facts
from flows.assess.result_tables import result_tables
from flows.assess.scheme_gate import admit
from flows.contract.catalogue import ROOT
from flows.contract.paths import Paths
from flows.database.connect import METRIC_MEMORY, insert_rows, open_build
from flows.database.seal import seal
from flows.score.bounds.intervals import bounds
from flows.score.engine.facts import Address
from flows.score.engine.result import ScoringFinding
from flows.score.engine.scoring import YearScoring
from flows.score.engine.scoring_context import ScoringContext
from flows.score.lint import LintFinding
from flows.score.scheme.scheme_loader import years

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class AssessResult:
    """What came of a year, in counts: units with a result, those whose grade is not final yet, findings by severity."""

    year: int
    units: int
    provisional: int
    findings: dict[str, int]


def create_open(con: duckdb.DuckDBPyConnection, root: Path = ROOT) -> None:
    """Create the views with Chinese names; needs `metric.*` and `assess.*`."""
    for path in sorted((root / "sql" / "open").glob("*.sql")):
        con.execute(path.read_text(encoding="utf-8"))


def assess(paths: Paths, year: int, as_of: datetime | None = None) -> tuple[AssessResult, ...]:
    """Score a year and those before it, in one transaction; a year without a scheme is not scored yet."""
    with open_build(paths, as_of, METRIC_MEMORY) as con:
        con.execute("begin")
        results = score_years(con, year)
        create_open(con)
        con.execute("commit")
        return results


def score_years(con: duckdb.DuckDBPyConnection, year: int, root: Path = ROOT) -> tuple[AssessResult, ...]:
    """Score a year and every one before it that has a scheme: a late correction changes what the data say of any year.

    A later year that was scored before is scored again too, so that no rows of older data stay.
    """
    scored = {y for (y,) in con.execute("select year from ref.scheme").fetchall()}
    if year not in years(root):
        _miss_scheme(con, year)
    results = tuple(score_year(con, y, root) for y in years(root) if y <= year or y in scored)
    seal(con, "assess", "ref")
    return results


def _miss_scheme(con: duckdb.DuckDBPyConnection, year: int) -> None:
    """The one finding of a year that was asked for and has no scheme: the office's matter, no unit's."""
    message = (
        f"没有{year}年的考核办法（data/scheme/{year}/scheme.yml），本年未计分；由考核部门编制，单位无需更正"
    )
    con.execute("delete from assess.finding where year = $year", {"year": year})
    insert_rows(
        con,
        "assess.finding",
        ("year", "severity", "code", "message"),
        [(year, "error", "scheme_missing", message)],
    )


def score_year(con: duckdb.DuckDBPyConnection, year: int, root: Path = ROOT) -> AssessResult:
    """Score one year and replace its rows in `ref.*` and `assess.*`; needs `current.*` and `metric.value`.

    Repeatable; other years stay. `ContractError` names file and line of what is wrong with the year's folder.
    """
    scheme = admit(con, year, root)
    scoring = YearScoring(ScoringContext(scheme.year, read_facts(con, scheme.year, root)))
    scored = scoring.scored()
    within = bounds(scoring, scored)
    findings = (*scored.findings, *_odd_records(con, year, root), *_remarked(year, scheme.remarks))
    for table, rows in result_tables(scheme, replace(scored, findings=findings), within):
        columns = con.table(table).columns
        con.execute(f"delete from {table} where year = $year", {"year": year})
        insert_rows(con, table, columns, (tuple(row[c] for c in columns) for row in rows))
    severities = [f.severity for f in findings]
    result = AssessResult(
        year,
        len(scored.results),
        sum(not b.is_final for b in within.values()),
        {severity: severities.count(severity) for severity in ("error", "warning", "info")},
    )
    counts = year, result.units, result.provisional, *result.findings.values()
    _log.info("%d scored: %d units, %d provisional; %d errors, %d warnings, %d infos", *counts)
    return result


def _remarked(year: int, remarks: Sequence[LintFinding]) -> list[ScoringFinding]:
    """One finding for all warnings of the linter, so that a run does not pass over them in silence."""
    warnings = [f for f in remarks if f.severity == "warning"]
    if not warnings:
        return []
    places = "；".join(f"{Path(f.file).name}第{f.line}行 {f.code}" for f in warnings[:5])
    more = f"；另有{len(warnings) - 5}条" if len(warnings) > 5 else ""
    message = f"考核办法检查有{len(warnings)}条提醒（{places}{more}），已照办法原文计分；请运行 union-assessment lint {year} 逐条核对"
    return [ScoringFinding("warning", "scheme_warned", message)]


def _odd_records(con: duckdb.DuckDBPyConnection, year: int, root: Path) -> list[ScoringFinding]:
    """Records of the year that cannot mean what they say (`sql/assess/odd_record.sql`)."""
    sql = (root / "sql" / "assess" / "odd_record.sql").read_text(encoding="utf-8")
    return [
        ScoringFinding(severity, code, message, unit, None, Address(part_id, row_number))
        for severity, code, unit, message, part_id, row_number in con.execute(sql, {"year": year}).fetchall()
    ]
