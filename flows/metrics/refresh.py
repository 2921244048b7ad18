"""Indicators of a build: which are stale, and their values anew.

Stale is what reads a record kind whose rows changed; everything is, when a definition or the aggregation
itself changed. What is stale is remembered in the build until its values are there, so a run that is cut
off between the two cannot leave old values beside new rows.
"""

from __future__ import annotations

import hashlib
import logging
from datetime import datetime
from pathlib import Path

from flows.contract.catalogue import ROOT
from flows.contract.paths import Paths
from flows.database.connect import METRIC_MEMORY, open_build
from flows.metrics.values import MetricResult, build_metrics, create_views

_log = logging.getLogger(__name__)

#: What a value means beside the rows it is made from.
_DEFINITION = (
    "sql/indicator/**/*.sql", "sql/metric/**/*.sql", "flows/metrics/**/*.py",
)  # fmt: skip


def measure(paths: Paths, as_of: datetime | None = None) -> MetricResult:
    """Recompute the stale indicators of the build database, all in one transaction."""
    with open_build(paths, as_of, METRIC_MEMORY) as con:
        con.execute("begin")
        con.execute("create table if not exists meta.measured (definition_fingerprint varchar not null)")
        made = con.execute("select definition_fingerprint from meta.measured").fetchall()
        definition = fingerprint()
        kinds = None
        if made == [(definition,)]:
            kinds = [record for (record,) in con.execute("select record from meta.stale").fetchall()]
        if kinds is None:
            create_views(con)
        result = build_metrics(con, kinds)
        con.execute("delete from meta.stale")
        con.execute("delete from meta.measured")
        con.execute("insert into meta.measured values ($definition)", {"definition": definition})
        con.execute("commit")
    _log.info("%d indicators measured, %d values", result.indicators, result.values)
    return result


def fingerprint(root: Path = ROOT) -> str:
    """Hash of all definitions; 64 hex digits."""
    digest = hashlib.sha256()
    for pattern in _DEFINITION:
        for path in sorted(root.glob(pattern)):
            digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
