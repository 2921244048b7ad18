"""Indicators of a build: which are stale, and their values anew.

Stale is what reads a record kind whose rows changed; everything is, when a definition, the aggregation
itself, or the span of days that anything in force is about changed: outside of it no period has a row. What is stale is remembered in the build until its values are there, so a run that is cut
off between the two cannot leave old values beside new rows.
"""

from __future__ import annotations

import logging
from datetime import datetime

import duckdb

from flows.contract.fingerprint import VALUE_MEANING, fingerprint
from flows.contract.paths import Paths
from flows.database.connect import METRIC_MEMORY, open_build
from flows.database.seal import seal
from flows.metrics.values import MetricResult, build_metrics, create_views

_log = logging.getLogger(__name__)


def measure(paths: Paths, as_of: datetime | None = None) -> MetricResult:
    """Recompute the stale indicators of the build database."""
    with open_build(paths, as_of, METRIC_MEMORY) as con:
        return measure_stale(con)


def measure_stale(con: duckdb.DuckDBPyConnection) -> MetricResult:
    """Recompute the stale indicators of an open build, all in one transaction."""
    con.execute("begin")
    made = con.execute("select definition_fingerprint from meta.measured").fetchall()
    [span] = con.execute("select min(covers_from), max(covers_to) from meta.part_in_force").fetchall()
    definition = " ".join([fingerprint(VALUE_MEANING), *map(str, span)])
    kinds = None
    if made == [(definition,)]:
        kinds = [record for (record,) in con.execute("select record from meta.stale").fetchall()]
    if kinds is None or kinds:  # also where a column has come to lack: which rows count is in the views
        create_views(con)
    result = build_metrics(con, kinds)
    con.execute("delete from meta.stale")
    con.execute("delete from meta.measured")
    con.execute(
        "insert into meta.measured (definition_fingerprint) values ($definition)",
        {"definition": definition},
    )
    seal(con, "metric", "meta", "ref")
    con.execute("commit")
    _log.info("%d indicators measured, %d values", result.indicators, result.values)
    return result
