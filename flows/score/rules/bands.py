"""By the band an amount lies in: R3 all or nothing (A9, A21, A23), R4 step bands (A9: 80/75/70/65 % give 4/3/2/1; A10; A19 with its
bounds), R26 a coefficient by size (A34)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from itertools import combinations, pairwise
from math import ceil, floor
from typing import Any

from pydantic import Field, model_validator

from flows.contract.record import Strict
from flows.score.explain.format import Measure, plain
from flows.score.explain.frame import POINTS, Derivation, Frame, Narrator, gives
from flows.score.rules.rule import Choice, Domains, InputRule, RuleContext, RuleTrace, exact
from flows.score.sources.input import Defect, Exact, ResolvedInput
from flows.score.transforms.domain import Domain


class Band(Strict):
    """One band: [from, to) unless `above`, `upto` say otherwise. An open end is left out."""

    from_: Exact | None = Field(None, alias="from")  # included
    above: Exact | None = None  # not included
    to: Exact | None = None  # not included
    upto: Exact | None = None  # included
    points: Exact

    @model_validator(mode="after")
    def _ends(self) -> Band:
        if self.from_ is not None and self.above is not None:
            raise ValueError("a band begins either `from` or `above`")
        if self.to is not None and self.upto is not None:
            raise ValueError("a band ends either `to` or `upto`")
        if self.low is not None and self.high is not None:
            is_point = self.low == self.high and self.has_low and self.has_high
            if self.low >= self.high and not is_point:
                raise ValueError(f"{self} holds no number: put the lower end below the upper one")
        return self

    @property
    def low(self) -> Fraction | None:
        """Lower end."""
        end = self.from_ if self.from_ is not None else self.above
        return None if end is None else exact(end)

    @property
    def high(self) -> Fraction | None:
        """Upper end."""
        end = self.to if self.to is not None else self.upto
        return None if end is None else exact(end)

    @property
    def has_low(self) -> bool:
        """Whether its lower end is included."""
        return self.from_ is not None

    @property
    def has_high(self) -> bool:
        """Whether its upper end is included."""
        return self.upto is not None

    def __contains__(self, amount: Fraction) -> bool:
        is_above = self.low is None or amount > self.low or (amount == self.low and self.has_low)
        return is_above and (
            self.high is None or amount < self.high or (amount == self.high and self.has_high)
        )

    def __str__(self) -> str:
        left = "" if self.low is None else f"{plain(self.low)} {'≤' if self.has_low else '<'} "
        right = "" if self.high is None else f" {'≤' if self.has_high else '<'} {plain(self.high)}"
        return f"[{left}x{right}]"

    def shared(self, other: Band) -> tuple[Fraction | None, Fraction | None] | None:
        """The stretch in both, None where there is none; an end that is not included is the narrower one."""
        lows = [(b.low, not b.has_low) for b in (self, other) if b.low is not None]
        highs = [(b.high, b.has_high) for b in (self, other) if b.high is not None]
        if not lows or not highs:
            return (lows[0][0] if lows else None), (highs[0][0] if highs else None)
        (low, is_open), (high, is_closed) = max(lows), min(highs)
        return (low, high) if low < high or (low == high and is_closed and not is_open) else None

    def leaves_room(self, upper: Band, domain: Domain) -> bool:
        """Whether a value of the domain lies between this band and one above it."""
        if self.high is None or upper.low is None or (domain.high is not None and self.high > domain.high):
            return False
        if not domain.whole:
            return self.high < upper.low or not (self.has_high or upper.has_low)
        first = floor(self.high) + 1 if self.has_high or self.high.denominator > 1 else ceil(self.high)
        last = ceil(upper.low) - 1 if upper.has_low or upper.low.denominator > 1 else floor(upper.low)
        return first <= last

    def describe(self, measure: Measure) -> str:
        """Both bounds told: 90%（含）至95%（不含）, 95%及以上, 第1名至第3名."""
        low, high = self.low, self.high
        if measure.is_place and low is not None and high is not None:
            first, last = low + (not self.has_low), high - (not self.has_high)
            return measure.show(first) if first >= last else f"{measure.show(first)}至{measure.show(last)}"
        lower = "" if low is None else measure.show(low)
        upper = "" if high is None else measure.show(high)
        if lower and upper:
            ends = "含" if self.has_low else "不含", "含" if self.has_high else "不含"
            return lower if low == high else f"{lower}（{ends[0]}）至{upper}（{ends[1]}）"
        if lower:
            return f"{lower}及以上" if self.has_low else f"{lower}以上（不含）"
        return (f"{upper}及以下" if self.has_high else f"{upper}以下（不含）") if upper else "任何数"


class Bands(InputRule, key="bands"):
    """Points by the band the amount lies in. Short: `[[0.80, 4], [0.75, 3]]`, each from its threshold to the next."""

    points: tuple[Band, ...] = Field(min_length=1)
    otherwise: Exact | None = None  # outside of every band; short form: 0

    @model_validator(mode="before")
    @classmethod
    def _short(cls, data: Any) -> Any:
        if isinstance(data, list | tuple):
            data = {"points": data}
        if not isinstance(data, dict) or not isinstance(data.get("points"), list | tuple):
            return data
        rows = data["points"]
        if not rows or not all(isinstance(row, list | tuple) and len(row) == 2 for row in rows):
            return data
        try:
            falling = sorted(rows, key=lambda row: Decimal(str(row[0])), reverse=True)
        except InvalidOperation as error:
            raise ValueError("a threshold of the short form is a number") from error
        if [r[0] for r in falling] != [r[0] for r in rows]:
            raise ValueError("thresholds of the short form go from the highest to the lowest")
        tops = [None, *(row[0] for row in rows[:-1])]
        made = [{"from": low, "to": top, "points": p} for (low, p), top in zip(rows, tops, strict=True)]
        return {"otherwise": 0, **data, "points": made}

    def judge(self, resolved: ResolvedInput, amount: Fraction, context: RuleContext) -> RuleTrace:
        for at, band in enumerate(self.points):
            if amount in band:
                return RuleTrace(self, exact(band.points), (resolved,), at)
        if self.otherwise is not None:
            return RuleTrace(self, exact(self.otherwise), (resolved,), -1)
        context.add_finding("no_band", f"“{context.label}”的数值不在任何一档之内，办法未规定得分，请补充档次")
        return RuleTrace(self, None, (resolved,), missing="unscored")

    def breakpoints(self, full: Fraction, most: Fraction | None) -> Iterator[Fraction]:
        yield from (end for band in self.points for end in (band.low, band.high) if end is not None)

    def choices(self) -> Iterator[Choice]:
        for at, band in enumerate(self.points):
            yield Choice(at, Defect("band_unreachable", f"points.{at}", f"no figure lies in {band}"))

    def check(self, domain: Domains) -> Iterator[Defect]:
        touching = False
        for (_, one), (at, other) in combinations(enumerate(self.points), 2):
            if shared := one.shared(other):
                touching = True
                if shared[0] is not None and shared[0] == shared[1]:
                    words = f"{plain(shared[0])} is in both {one} and {other}"
                    yield Defect("boundary_twice", f"points.{at}", words)
                else:
                    yield Defect("band_overlap", f"points.{at}", f"{one} and {other} overlap")
        if not touching:
            yield from self._gaps(domain(self.of))

    def _gaps(self, domain: Domain) -> Iterator[Defect]:
        rising = sorted(
            enumerate(self.points), key=lambda b: (b[1].low is not None, b[1].low or 0, not b[1].has_low)
        )
        for (one, lower), (other, upper) in pairwise(rising):
            if not lower.leaves_room(upper, domain):
                continue
            where, words = f"points.{max(one, other)}", f"no band between {lower} and {upper}"
            if self.otherwise is None:
                yield Defect("band_gap", where, words)
            else:
                yield Defect("band_hole", where, f"{words}: such a figure gets {plain(self.otherwise)}")
        if self.otherwise is not None:
            return
        (at, first), (end, last) = rising[0], rising[-1]
        if first.low is not None and _reaches(domain.low, first.low, first.has_low, -1):
            yield Defect("band_gap", f"points.{at}", f"no band below {first}, and no otherwise")
        if last.high is not None and _reaches(domain.high, last.high, last.has_high, 1):
            yield Defect("band_gap", f"points.{end}", f"no band above {last}, and no otherwise")

    def describe(self, frame: Frame, verb: str = POINTS, depth: int = 0) -> str:
        name, measure, _ = self.of.named(frame)
        parts = [band.describe(measure) + gives(band.points, verb) for band in self.points]
        if self.otherwise is not None:
            parts.append(f"其余{gives(self.otherwise, verb)}")
        return f"{name}{'：' if len(parts) > 2 else ''}{'，'.join(parts)}"

    def derive(self, trace: RuleTrace, narrator: Narrator, depth: int) -> Derivation:
        if not isinstance(trace.branch, int):
            return Derivation()
        if trace.branch < 0:
            return Derivation(("不在所列各档之内",))
        measure = self.of.named(narrator).measure
        return Derivation((f"落在{self.points[trace.branch].describe(measure)}一档",))


def _reaches(limit: Fraction | None, end: Fraction, has_end: bool, side: int) -> bool:
    """Whether a domain goes on beyond the outermost end of the bands, up (1) or down (-1)."""
    return limit is None or limit * side > end * side or (limit == end and not has_end)
