"""Which column an unknown header may have meant: said to a person, never applied.

Refuses far guesses, because a wrong hint costs a district a second round. Over the contracts' own spellings,
each taken away once and asked for, the cut-off names a column for half of them, six times in seven the right
one; of the labels of other record kinds it takes one in thirty-five for a column.
"""

from __future__ import annotations

from collections.abc import Sequence

from rapidfuzz import fuzz

from flows.contract.record import Column, Record
from flows.contract.text import header_key
from flows.read.reading import MappedColumn
from flows.read.tables.headers import split_unit

#: Similarity (shared characters in order, of all characters; 0 to 100) from which a column is named.
CUTOFF = 70.0
#: Columns named at most where several are equally near.
MOST = 2


def nearest(record: Record, columns: Sequence[MappedColumn], unknown: MappedColumn) -> tuple[Column, ...]:
    """The record's columns that no header of the table has and whose spellings come nearest to one that is
    unknown, in contract order; none if all are far or too many are equally near."""
    used = {mapped.column for mapped in columns}
    asked = {split_unit(header_key(text))[0] for text in (unknown.header, unknown.header.rpartition("/")[2])}
    scores = {
        column.name: max(
            fuzz.ratio(text, split_unit(header_key(spelling))[0])
            for spelling in (column.label, *column.header)
            for text in asked
        )
        for column in record.read_columns
        if column.name not in used
    }
    best = max(scores.values(), default=0.0)
    found = tuple(record.columns[name] for name, score in scores.items() if score == best)
    return found if best >= CUTOFF and len(found) <= MOST else ()


def hint(record: Record, columns: Sequence[MappedColumn], unknown: MappedColumn) -> str:
    """The labels of the nearest columns for a problem's `hint`; '' if there are none."""
    return "、".join(column.label for column in nearest(record, columns, unknown))
