"""What the rows of a table say as they are written, before they are typed: days without a year, lines that repeat.

Where a table has its key a repeat counts once. Without it nobody knows whether two alike lines are one thing told twice or two
things: both count, and the second is said. A number loses its last zero: 2.1 may have been 2.10 or 2.1. A column in which 1.30 or
10.20 still stands holds texts, and then 2.1 is the first of February; without such a cell it stays as it is, and is asked about.
"""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from flows.contract.record import Column, Record
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
        names = [name for name in batch.schema.names if name in record.columns]
        if names and not has_key and len(seen) < _MOST_ROWS:
            columns = [batch.column(batch.schema.get_field_index(name)).to_pylist() for name in names]
            for number, cells in zip(
                batch.column("row_number").to_pylist(), zip(*columns, strict=True), strict=True
            ):
                if any(cells) and hash(cells) in seen:
                    table.problems.append(Problem("row_alike", "warning", table.sheet, number))
                seen.add(hash(cells))
        yield batch


#: A cell with a last zero that a number would have lost; the form of all of them.
_TEXT = r"^(?:1[0-2]|0?[1-9])\.[1-3]0$"
_MONTH_DAY = r"^(1[0-2]|0?[1-9])\.([0-3]?[0-9])$"
#: Longest cell of this form.
_LONGEST = 5


def with_month_days(column: Column, cells: pa.Array) -> pa.Array:
    """The cells of a column of days, `2.2` as `2月2日` where the column holds texts.

    >>> from flows.contract.catalogue import records
    >>> day = records()["mediation"].columns["accepted_on"]
    >>> with_month_days(day, pa.array(["2.1", "10.20", None])).to_pylist()
    ['2月1日', '10月20日', None]
    >>> with_month_days(day, pa.array(["2.1", "11.3"])).to_pylist()
    ['2.1', '11.3']
    """
    if column.personal:
        return cells
    shortest = pc.min(pc.binary_length(cells)).as_py()
    if shortest is None or shortest > _LONGEST or not pc.any(pc.match_substring_regex(cells, _TEXT)).as_py():
        return cells
    return pc.replace_substring_regex(cells, _MONTH_DAY, r"\1月\2日")
