"""A delivery with what was found in it, and which of its tables can be loaded."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from flows.contract.catalogue import records
from flows.ingest.delivery import Delivery
from flows.normalise.open_columns import open_columns
from flows.read import FileReading, Problem, Table

PARTS_PER_DELIVERY = 1000


@dataclass
class Arrival:
    """One delivery with what the reader found in it."""

    delivery: Delivery
    reading: FileReading | None = None
    problems: list[Problem] = field(default_factory=list)
    only: Collection[str] | None = None

    def parts(self) -> Iterator[tuple[int, Table]]:
        """(part_id, table) of every recognised table, or of those of the kinds in `only`."""
        for table in self.reading.tables if self.reading else ():
            if table.record is not None and (self.only is None or table.record in self.only):
                yield self.delivery.delivery_id * PARTS_PER_DELIVERY + table.ordinal, table


def held(table: Table) -> str | None:
    """Why a recognised table cannot be loaded: the code of its first error, `period_unknown`, or that a decision of the
    assessment itself lacks a column or has one that nobody knows: it is read as a whole or not at all."""
    for problem in table.problems:
        if problem.severity == "error":
            return problem.code
    if table.covers_from is None or table.covers_to is None:
        return "period_unknown"
    record = records()[table.record or ""]
    if not record.is_decision:
        return None
    columns = [(record.columns[c.column_name], c.why) for c in open_columns(record, table)]
    if any(why == "held" for _, why in columns):
        return "header_unknown"
    return "column_missing" if any(column.required for column, _ in columns) else None


def span(arrivals: Sequence[Arrival]) -> dict[str, int]:
    """First and last part id that a batch can have. Deliveries are loaded in the order of their ids, so that
    no other part lies between; a range lets DuckDB pass over the rows of earlier batches unread."""
    ids = [arrival.delivery.delivery_id for arrival in arrivals]
    return {"first": min(ids) * PARTS_PER_DELIVERY, "last": (max(ids) + 1) * PARTS_PER_DELIVERY - 1}
