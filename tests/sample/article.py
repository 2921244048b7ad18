"""The article's countable claims as the plan of the sample has them."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from fractions import Fraction

from flows.sample.plan import PLAN

#: The two readings of the article's five years.
READINGS = ("F201011-201510", "F201101-201510")


@dataclass(frozen=True)
class Claim:
    """A claim's number, the indicator that answers it, the category if it names one, and the figure.

    Where the article gives an interval, the figure is one inside it (`at_least`, `below`).
    """

    number: int
    indicator: str
    category: str | None
    figure: int
    out_of: int
    at_least: int | None
    below: int | None

    @property
    def value(self) -> Fraction:
        return Fraction(self.figure, self.out_of)


def claims() -> list[Claim]:
    """All claims that records can answer, in order."""
    with (PLAN / "claims.csv").open(encoding="utf-8", newline="") as stream:
        return [
            Claim(
                int(row["claim"]),
                row["indicator"],
                row["category"] or None,
                int(row["figure"]),
                int(row["out_of"] or 1),
                int(row["at_least"]) if row["at_least"] else None,
                int(row["below"]) if row["below"] else None,
            )
            for row in csv.DictReader(stream)
        ]
