"""Totals that a table states of itself, held against the rows that were read.

A total row is never a record. What it says is compared column by column with the sums that it may mean: of
the rows since the last total, since the last one of the same name, of all rows before it, or of all rows.
One that fits none of them is reported: a row is missing or a figure was mistyped. Refuses to compare where
a cell is no plain number; of figures with decimals the last digit may be rounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from decimal import Decimal

from flows.contract.record import ColumnType
from flows.contract.text import compact
from flows.read.grid import Chunk

#: Types whose cells are figures: merged downwards, one stands for several rows together.
FIGURES = frozenset({ColumnType.MONEY, ColumnType.COUNT, ColumnType.DECIMAL, ColumnType.PCT})
#: Types whose cells add up.
SUMMED = frozenset({ColumnType.MONEY, ColumnType.COUNT})

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


@dataclass
class StatedTotals:
    """The columns at `positions`, and the total rows among their rows; they cost nothing where no total stands."""

    positions: tuple[int, ...]
    _rows: list[tuple[Chunk, Set[int], Mapping[int, str]]] = field(default_factory=list)

    def keep(self, chunk: Chunk, left_out: Set[int], dropped: Mapping[int, str]) -> None:
        """Remember figures until all rows are known.

        Args:
            chunk: the rows.
            left_out: indices of those that are no data.
            dropped: index → the rule by which a row is none; `subtotal` is a total.
        """
        if self.positions:
            figures = Chunk(chunk.numbers, [chunk.columns[position] for position in self.positions])
            words = {
                index: next(cell for cell in chunk.row(index) if cell)
                for index, rule in dropped.items()
                if rule == "subtotal"
            }
            self._rows.append((figures, left_out, words))

    def differing(self) -> Iterator[tuple[int, int]]:
        """(row number, position) of each stated total that is none of the sums it may mean."""
        if not any(words for _, _, words in self._rows):
            return
        for column, position in enumerate(self.positions):
            rows = [
                (number, words.get(index, ""), text or "")
                for chunk, left_out, words in self._rows
                for index, (number, text) in enumerate(
                    zip(chunk.numbers.tolist(), chunk.columns[column].to_pylist(), strict=True)
                )
                if index in words or index not in left_out
            ]
            yield from ((number, position) for number in _differing(rows))


def _differing(rows: list[tuple[int, str, str]]) -> Iterator[int]:
    """Of the rows of a column (row number, word of a total or '', cell), the totals that are no sum."""
    stated: list[tuple[int, Decimal, list[Decimal]]] = []
    total, decimals = Decimal(0), 0
    since: dict[str, Decimal] = {}  # word of a total → sum when it last stood
    last, count = Decimal(0), 0
    for number, word, text in rows:
        value = plain_number(text) if text else None
        if word:
            if value is not None:
                stated.append((number, value, [total - last, total - since.get(word, Decimal(0)), total]))
            last = since[word] = total
        elif text:
            if value is None:
                return
            total += value
            decimals = max(decimals, -int(value.as_tuple().exponent))
            count += 1
    slack = Decimal(count + 1) / 2 / 10**decimals if decimals else Decimal(0)
    for number, value, sums in stated:
        if not any(abs(meant - value) <= slack for meant in [*sums, total]):
            yield number


def plain_number(text: str) -> Decimal | None:
    """A text as a number, or None if it is anything else.

    >>> plain_number("１,234.50")
    Decimal('1234.50')
    """
    plain = compact(text).replace(",", "")
    return Decimal(plain) if _NUMBER.fullmatch(plain) else None
