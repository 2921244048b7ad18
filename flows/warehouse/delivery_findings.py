"""What a published edition says about each delivery: its tables, whether they count, and what is wrong in them.

For people who answer a district. Addresses and messages only; whoever wants a cell reads the vault.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import duckdb

from flows.database.connect import open_published

_DELIVERIES = """
with found as (
  select delivery_id, count(*) filter (severity = 'error') as errors,
    count(*) filter (severity = 'warning') as warnings,
    sum(hash(sheet, row_number, column_name, issue_code, severity, message)) as state
  from meta.issue where severity <> 'info' group by delivery_id
),
counted as (
  select p.delivery_id, sum(hash(p.part_id, p.in_force, p.held, p.replaced_by, p.rows_read)) as state
  from meta.part as p group by p.delivery_id
)
select d.delivery_id, d.sender, u.name as unit, d.name, d.sha256, d.received_at, f.errors, f.warnings,
  r.code_fingerprint || hash(f.state, c.state, u.name) as state
from found as f
join meta.delivery as d using (delivery_id)
join ref.unit as u on u.unit_code = d.sender
left join counted as c using (delivery_id)
cross join meta.run as r
where d.withdrawn_at is null
order by d.delivery_id
"""

_PARTS = """
select p.sheet, p.covers_from, p.covers_to, p.covers_evidence, p.rows_read, p.rows_accepted, p.rows_rejected,
  p.rows_duplicate, p.rows_ignored, p.in_force, p.held, n.delivery_id, d.received_at, p.record
from meta.part as p
left join meta.part as n on n.part_id = p.replaced_by
left join meta.delivery as d on d.delivery_id = n.delivery_id
where p.delivery_id = $id order by p.part_id
"""

_FINDINGS = """
select sheet, row_number, column_name, issue_code, severity, message from meta.issue
where delivery_id = $id and severity <> 'info'
order by row_number is not null, severity, sheet, row_number, column_name, issue_code, message limit $most
"""


@dataclass(frozen=True)
class Found:
    """A delivery with errors or warnings; `state` changes whenever what is said about it does."""

    delivery_id: int
    sender: str
    unit: str  # its name
    name: str  # path of the file below its sender's folder
    sha256: str
    received_at: datetime
    errors: int
    warnings: int
    state: str


@dataclass(frozen=True)
class Part:
    """A table of a delivery; `replaced_by`: number of the delivery that counts in its place."""

    sheet: str
    covers_from: date | None
    covers_to: date | None
    covers_evidence: str
    rows_read: int
    rows_accepted: int
    rows_rejected: int
    rows_duplicate: int
    rows_ignored: int
    in_force: bool
    held: str | None
    replaced_by: int | None
    replaced_on: datetime | None
    record: str


@dataclass(frozen=True)
class Finding:
    """One error or warning; `column_name` is a contract column, a column's letter, or a label."""

    sheet: str
    row_number: int | None
    column_name: str | None
    issue_code: str
    severity: str
    message: str


class Findings:
    """Questions to one edition, opened read-only."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self._con = con

    def deliveries(self) -> list[Found]:
        """Deliveries of known units with errors or warnings, withdrawn ones left out, by number."""
        return [Found(*row) for row in self._con.execute(_DELIVERIES).fetchall()]

    def parts(self, delivery_id: int) -> list[Part]:
        """The tables of a delivery in their order."""
        return [Part(*row) for row in self._con.execute(_PARTS, {"id": delivery_id}).fetchall()]

    def findings(self, delivery_id: int, most: int) -> list[Finding]:
        """At most `most` errors and warnings of a delivery: those without a row, then errors, then warnings, by place."""
        rows = self._con.execute(_FINDINGS, {"id": delivery_id, "most": most}).fetchall()
        return [Finding(row[0] or "", *row[1:]) for row in rows]


@contextmanager
def open_findings(warehouse: Path) -> Iterator[Findings]:
    """The findings of a warehouse; `NoWarehouse` if there is none."""
    with open_published(warehouse) as con:
        yield Findings(con)
