"""Columns of a contract that a table does not have under a header that is known.

A header that nobody knows may be one of several columns: what it may be is *held*, and nothing that depends on it is
settled. A column that no header may be is *absent*: an indicator counts without it what its definition says of an empty
cell, and nothing else. No table is refused for either.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flows.contract.record import Record
from flows.read import Table, own_words


@dataclass(frozen=True)
class OpenColumn:
    """A column of the contract that is open in a table; `header` and `position` of the held column that may be it."""

    column_name: str
    why: str  # held | absent
    header: str | None = None
    position: int | None = None


def open_columns(record: Record, table: Table) -> Iterator[OpenColumn]:
    """Every column that a table's headers and facts do not give, in contract order; one line per held column it may be."""
    known = {mapped.column for mapped in table.columns} | set(table.filled)
    for column in record.read_columns:
        if column.name in known:
            continue
        held = [m for m in table.columns if m.is_held and column.name in m.candidates]
        for mapped in held:
            yield OpenColumn(column.name, "held", own_words(mapped.header) or None, mapped.position)
        if not held:
            yield OpenColumn(column.name, "absent")
