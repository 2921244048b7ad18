"""A rule tried with given numbers, before any figure exists: the engine's own arithmetic, asked what it would give.

Where the pieces of a rule begin (`marks`) is said here as well; `reach.py` tries them all. Nobody is scored with this, so a
number that is missing and what that costs are not its matter.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import NamedTuple, TypeAlias

from flows.score.engine.result import ResolvedInput, RuleTrace
from flows.score.rules.evaluate import evaluate, holds
from flows.score.rules.grammar import Condition, Input, Linear, Rule, Steps, Tally
from flows.score.scheme.scheme_model import Item

#: More records than any unit has in a year.
MANY = Fraction(10**9)

Counts: TypeAlias = tuple[tuple[str, Fraction], ...]
Value: TypeAlias = Fraction | str | Counts


class Axis(NamedTuple):
    """What the points of a rule depend on: a number, or the records of its categories as a tally counts them."""

    number: Input
    is_tallied: bool = False


Values: TypeAlias = Mapping[Axis, Value]


@dataclass(frozen=True)
class Trial:
    """A place where a rule finds given numbers, in every period the same."""

    item: Item | None
    values: Values

    @property
    def full(self) -> Fraction:
        """Points of the item."""
        return Fraction(self.item.full) if self.item else Fraction()

    @property
    def most(self) -> Fraction | None:
        """Cap of the item."""
        return Fraction(self.item.most) if self.item else None

    @property
    def label(self) -> str:
        """No message is written about a trial."""
        return ""

    def read(self, number: Input) -> ResolvedInput:
        """The number as given; a total that is only tallied is not looked at."""
        value = self.values.get(Axis(number), Fraction(1))
        return (
            ResolvedInput(number, "value", None, value)
            if isinstance(value, str)
            else ResolvedInput(number, "value", _amount(value))
        )

    def counted(self, number: Input) -> Iterator[tuple[str, Fraction]]:
        """The records as given."""
        counts = self.values.get(Axis(number, True), ())
        return iter(counts if isinstance(counts, tuple) else ())

    def for_period(self, period: str) -> Trial:
        """All periods alike: the ends of what they give together are reached there."""
        return self

    def add_finding(self, code: str, message: str) -> None:
        """What a trial runs into is said by the linter, with its line."""


def tried(rule: Rule, item: Item | None, values: Values) -> RuleTrace:
    """What the rule gives for these numbers. ZeroDivisionError for a line without a slope."""
    return evaluate(rule, Trial(item, values))


def is_true(condition: Condition, values: Values) -> bool:
    """Whether a condition holds for these numbers."""
    return holds(condition, Trial(None, values))[0]


def axes(rule: Rule) -> list[Axis]:
    """What the points depend on, each once."""
    found: dict[Axis, None] = {}
    for inner in rule.walk():
        found |= dict.fromkeys(
            [Axis(inner.tally.of, True)] if inner.tally else [Axis(n) for n in inner.own_inputs]
        )
    return list(found)


def records(rule: Rule, number: Input) -> list[Value]:
    """For a tally: none at all, many of what is worth most, many of what is worth least."""
    out: list[Value] = [()]
    for tally in (r.tally for r in rule.walk() if r.tally and r.tally.of == number):
        worth = _worth(tally)
        out += [
            ((name, MANY),) for name in (max(worth, key=worth.__getitem__), min(worth, key=worth.__getitem__))
        ]
    return list(dict.fromkeys(out))


def _worth(tally: Tally) -> dict[str, Fraction]:
    worth = {name: Fraction(points) for name, points in tally.points.items()}
    return worth if tally.otherwise is None else {**worth, "": Fraction(tally.otherwise)}


def marks(rule: Rule, number: Input, item: Item | None) -> Iterator[Fraction]:
    """Where the pieces of a rule begin and end along one number."""
    for inner in rule.walk():
        if inner.linear and inner.linear.of == number:
            yield from _of_linear(inner.linear)
        if inner.bands and inner.bands.of == number:
            ends = (e for b in inner.bands.points for e in (b.from_, b.above, b.to, b.upto))
            yield from (Fraction(end) for end in ends if end is not None)
        if inner.steps and inner.steps.of == number:
            yield from _of_steps(inner.steps, item)
        if inner.table and inner.table.of == number:
            yield from (Fraction(key) for key in inner.table.points if key.lstrip("-").isdecimal())
        for branch in inner.first.branches if inner.first else ():
            met = (c for _, c in conditions("if", branch.if_) if c.of == number)
            yield from (Fraction(bound) for c in met for _, bound in c.bounds)


def conditions(path: str, condition: Condition) -> Iterator[tuple[str, Condition]]:
    """The conditions on one number that a condition is made of."""
    several = [(f"{path}.all.{n}", c) for n, c in enumerate(condition.all_)]
    several += [(f"{path}.any.{n}", c) for n, c in enumerate(condition.any_)]
    if condition.not_:
        several.append((f"{path}.not", condition.not_))
    if not several:
        yield path, condition
    for below, inner in several:
        yield from conditions(below, inner)


def _of_linear(rule: Linear) -> Iterator[Fraction]:
    zero_at, full_at, base = Fraction(rule.zero_at), Fraction(rule.full_at), Fraction(rule.base)
    yield from (zero_at, full_at)
    if rule.least is not None:
        yield Fraction(rule.least)
    if base != 1:
        for share in (rule.floor, rule.cap):
            yield zero_at + (Fraction(share) - base) / (1 - base) * (full_at - zero_at)


def _of_steps(rule: Steps, item: Item | None) -> Iterator[Fraction]:
    """The mark itself, one unit beside it, and where least and most are reached."""
    place, at, per = Trial(item, {}), Fraction(rule.at), Fraction(rule.per)
    start = place.full if rule.start is None else Fraction(rule.start)
    most = place.most if rule.most is None else Fraction(rule.most)
    yield from (at, at - per, at + per)
    for end in (Fraction(rule.least), *([] if most is None else [most])):
        for slope, side in ((Fraction(rule.above), 1), (Fraction(rule.below), -1)):
            if slope and (end - start) / slope > 0:
                units = (end - start) / slope
                yield from (at + side * per * n for n in (units, floor(units), ceil(units)))


def _amount(value: Fraction | Counts) -> Fraction:
    return value if isinstance(value, Fraction) else Fraction(1)
