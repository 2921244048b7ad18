"""R26: points times a coefficient by size (A34: more than 1000 people 0.9, more than 2000 0.8)."""

from __future__ import annotations

from fractions import Fraction
from math import prod
from typing import ClassVar

from flows.score.explain.frame import FACTOR
from flows.score.rules.combined.parts import Listed


class Product(Listed, key="times"):
    """The parts multiplied: points, then coefficients. A missing part leaves it open."""

    joined: ClassVar[str] = "下列各项相乘"
    needs_all: ClassVar[bool] = True
    sign: ClassVar[str] = "×"

    def join(self, points: list[Fraction]) -> Fraction:
        return prod(points, start=Fraction(1))

    def verb(self, at: int, verb: str) -> str:
        return FACTOR if at else verb
