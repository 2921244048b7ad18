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

from flows.database.connect import open_published, sql_text


@dataclass(frozen=True)
class FaultyDelivery:
    """A delivery with open errors or warnings; `state` changes whenever what is said about it does."""

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
class DeliveredTable:
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
class DeliveryIssue:
    """One error or warning; `column_name` is a contract column, a column's letter, or a label."""

    sheet: str
    row_number: int | None
    column_name: str | None
    issue_code: str
    severity: str
    message: str


@dataclass(frozen=True)
class SoundTable:
    """A table of a delivery with which nothing is open; `state`: whether its rows count, in words."""

    sender: str
    unit: str
    delivery_id: int
    name: str
    sha256: str
    received_at: datetime
    label: str
    sheet: str
    covers_from: date | None
    covers_to: date | None
    rows_accepted: int
    state: str


class _DeliveryIssues:
    """Questions to one edition, opened read-only."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self._con = con

    def deliveries(self) -> list[FaultyDelivery]:
        """Deliveries of known units with open errors or warnings, by number."""
        return [
            FaultyDelivery(*row) for row in self._con.execute(sql_text("ask", "faulty_deliveries")).fetchall()
        ]

    def sound(self) -> list[SoundTable]:
        """The tables of deliveries of known units with which nothing is open, by unit and delivery."""
        return [SoundTable(*row) for row in self._con.execute(sql_text("ask", "sound_deliveries")).fetchall()]

    def parts(self, delivery_id: int) -> list[DeliveredTable]:
        """The tables of a delivery in their order."""
        return [
            DeliveredTable(*row)
            for row in self._con.execute(sql_text("ask", "delivered_tables"), {"id": delivery_id}).fetchall()
        ]

    def findings(self, delivery_id: int, most: int) -> list[DeliveryIssue]:
        """At most `most` open errors and warnings of a delivery: those without a row, then errors, then warnings, by place."""
        rows = self._con.execute(
            sql_text("ask", "delivery_issues"), {"id": delivery_id, "most": most}
        ).fetchall()
        return [DeliveryIssue(row[0] or "", *row[1:]) for row in rows]


@contextmanager
def open_findings(warehouse: Path) -> Iterator[_DeliveryIssues]:
    """The findings of a warehouse; `NoWarehouse` if there is none."""
    with open_published(warehouse) as con:
        yield _DeliveryIssues(con)
