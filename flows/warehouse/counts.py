"""What an edition holds, in counts, and what changed since the edition before it.

Counts and indicator names only: this is what schedulers, logs and terminals are shown, so no cell,
no name and no key may pass through here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from flows.database.connect import attach_read_only, open_published, sql_text
from flows.language import later

#: Each line is one count: its name and the query that gives it.
_COUNTS = {
    later("deliveries"): "select count(*) from meta.delivery where withdrawn_at is null",
    later("deliveries withdrawn"): "select count(*) from meta.delivery where withdrawn_at is not null",
    later("parts in force"): "select count(*) from meta.part where in_force",
    later("parts held back"): "select count(*) from meta.part where held is not null",
    later("rows read"): "select coalesce(sum(rows_read), 0) from meta.part",
    later("rows accepted"): "select coalesce(sum(rows_accepted), 0) from meta.part",
    later("rows rejected"): "select coalesce(sum(rows_rejected), 0) from meta.part",
    later("rows duplicate"): "select coalesce(sum(rows_duplicate), 0) from meta.part",
    later("rows ignored"): "select coalesce(sum(rows_ignored), 0) from meta.part",
    later("issues: error"): "select count(*) from meta.issue where state = 'open' and severity = 'error'",
    later("issues: warning"): "select count(*) from meta.issue where state = 'open' and severity = 'warning'",
    later("issues: info"): "select count(*) from meta.issue where state = 'open' and severity = 'info'",
    later("issues settled"): "select count(*) from meta.issue where state <> 'open'",
    later("metric values"): "select count(*) from metric.value",
    later("results"): "select count(*) from assess.result",
    later("results: provisional"): "select count(*) from assess.result where status = 'provisional'",
    later("findings: error"): "select count(*) from assess.finding where severity = 'error'",
    later("findings: warning"): "select count(*) from assess.finding where severity = 'warning'",
    later("findings: info"): "select count(*) from assess.finding where severity = 'info'",
}


@dataclass(frozen=True)
class PublicationCounts:
    """Counts of one edition; how many values by indicator, and results by year, differ from the edition before."""

    counts: Mapping[str, int]
    before: Mapping[str, int] = field(default_factory=dict)
    changed: Mapping[str, int] = field(default_factory=dict)
    changed_results: Mapping[int, int] = field(default_factory=dict)

    @property
    def issues(self) -> dict[str, int]:
        """Number of open issues by severity."""
        return {
            name.removeprefix("issues: "): n for name, n in self.counts.items() if name.startswith("issues: ")
        }

    def rows(self) -> list[dict[str, str | int]]:
        """One row per count: now, before, and the difference; an edition without a past has no `before`."""
        return [
            {"count": name, "now": now, "before": before, "difference": now - before}
            if (before := self.before.get(name)) is not None
            else {"count": name, "now": now}
            for name, now in self.counts.items()
        ]


def compare(database: Path, before: Path | None) -> PublicationCounts:
    """The counts of `database` and its differences to the edition at `before`, if there is one.

    An edition that older code made, without the tables asked for, counts as none.
    """
    with open_published(database) as con:
        counts = _counts(con)
        if before is None or not before.exists():
            return PublicationCounts(counts)
        try:
            attach_read_only(con, before, "before")
            changed = dict(con.execute(sql_text("ask", "changed_values")).fetchall())
            results = dict(con.execute(sql_text("ask", "changed_results")).fetchall())
            con.execute("use before")
            return PublicationCounts(counts, _counts(con), changed, results)
        except duckdb.Error:
            return PublicationCounts(counts)


def busiest_unit(database: Path, year: int) -> str | None:
    """The unit with the most records of a calendar year, among those that have nobody below them."""
    with open_published(database) as con:
        busiest = con.execute(sql_text("ask", "busiest_unit"), {"year": str(year)}).fetchone()
    return None if busiest is None else str(busiest[0])


def _counts(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    return {name: int(con.execute(query).fetchall()[0][0]) for name, query in _COUNTS.items()}
