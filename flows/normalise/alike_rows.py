"""Rows that say the same in every cell, in a table without the columns that tell its rows apart.

Where a table has its key a repeat counts once. Without it nobody knows whether two alike lines are one thing told twice or two
things: both count, and the second is said.
"""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from flows.contract.record import Record
from flows.read import Problem, Table

#: Rows that are compared; a longer list without a key is a roll of something else.
_MOST_ROWS = 50_000


def batches_with_repeats_said(table: Table, record: Record) -> Iterator[pa.RecordBatch]:
    """The batches of a table; a warning at each row that repeats an earlier one, if the table lacks a part of its key."""
    known = {mapped.column for mapped in table.columns} | set(table.filled)
    has_key = all(
        name in known for part in record.key for name in record.sources(part) if part != "unit_code"
    )
    seen: set[int] = set()
    for batch in table.batches():
        if not has_key and len(seen) < _MOST_ROWS:
            names = [name for name in batch.schema.names if name in record.columns]
            columns = [batch.column(batch.schema.get_field_index(name)).to_pylist() for name in names]
            for number, cells in zip(
                batch.column("row_number").to_pylist(), zip(*columns, strict=True), strict=True
            ):
                if any(cells) and hash(cells) in seen:
                    table.problems.append(Problem("row_alike", "warning", table.sheet, number))
                seen.add(hash(cells))
        yield batch
