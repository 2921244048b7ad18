"""Totals that a table states of itself, held against the rows that were read.

A total row is never a record. What it says is compared column by column with the sums that it may mean: of
the rows since the last total, since the last one of the same name, of all rows before it, or of all rows.
One that fits none of them is reported: a row is missing or a figure was mistyped. Refuses to compare where
a cell is no plain number; of figures with decimals the last digit may be rounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from flows.contract.record import ColumnType
from flows.contract.text import compact

#: Types whose cells are figures: merged downwards, one stands for several rows together.
MEASURES = frozenset({ColumnType.MONEY, ColumnType.COUNT, ColumnType.DECIMAL, ColumnType.PCT})
#: Types whose cells add up.
SUMMED = frozenset({ColumnType.MONEY, ColumnType.COUNT})

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


@dataclass
class Totals:
    """Figures of the columns at `positions`, row by row, and the totals stated among them."""

    positions: tuple[int, ...]
    rows: list[tuple[int, str, Sequence[str]]] = field(
        default_factory=list
    )  # row number, word of the total or ''

    def add(self, number: int, cells: Sequence[str], word: str = "") -> None:
        """A data row, or with the word of a total (`小计`) what that row states."""
        self.rows.append((number, word, cells))

    def differing(self) -> Iterator[tuple[int, int]]:
        """(row number, position) of each stated total that is none of the sums it may mean."""
        if not any(word for _, word, _ in self.rows):
            return
        self.rows.sort(key=lambda row: row[0])
        for index, position in enumerate(self.positions):
            yield from ((number, position) for number in self._differing(index))

    def _differing(self, index: int) -> Iterator[int]:
        stated: list[tuple[int, Decimal, list[Decimal | None]]] = []
        running, unknown, digits = Decimal(0), False, 0
        since: dict[str, Decimal] = {}  # word of a total → sum when it last stood
        last, count = Decimal(0), 0
        for number, word, cells in self.rows:
            text = cells[index]
            value = plain_number(text) if text else None
            if word:
                if value is not None and not unknown:
                    stated.append(
                        (number, value, [running - last, running - since.get(word, Decimal(0)), running])
                    )
                last = since[word] = running
            elif text:
                unknown = unknown or value is None
                running += value or 0
                digits = max(digits, -int(value.as_tuple().exponent)) if value is not None else digits
                count += 1
        if unknown:
            return
        slack = Decimal(count + 1) / 2 / 10**digits if digits else Decimal(0)
        for number, value, sums in stated:
            if not any(s is not None and abs(s - value) <= slack for s in [*sums, running]):
                yield number


def plain_number(text: str) -> Decimal | None:
    """`1,234.5`, full-width or not, as a number; None for anything else."""
    plain = compact(text).replace(",", "")
    return Decimal(plain) if _NUMBER.fullmatch(plain) else None
