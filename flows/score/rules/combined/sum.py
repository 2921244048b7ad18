"""All parts together: R5 a checklist (A3), R11 a bonus on top (A10), R20 two stages (A21), R25 children added (A13)."""

from __future__ import annotations

from fractions import Fraction
from typing import ClassVar

from flows.score.rules.combined.parts import Listed


class Sum(Listed, key="sum"):
    """The parts added up."""

    joined: ClassVar[str] = "下列各项相加"

    def join(self, points: list[Fraction]) -> Fraction:
        return sum(points, start=Fraction())
