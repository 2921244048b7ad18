"""A rule probed with chosen values, before any figure exists: the engine's own arithmetic, asked what it would give.

Nobody is scored with this, so an input that is missing and what that costs are not its matter.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple, TypeAlias

from flows.score.rules import Rule
from flows.score.rules.condition import Comparison
from flows.score.rules.per_record import PerRecord
from flows.score.rules.rule import InputRule, RuleTrace, walk
from flows.score.scheme.scheme_model import Item
from flows.score.sources.input import InputBase, ResolvedInput

#: More records than any unit has in a year.
_MANY = Fraction(10**9)

_Counts: TypeAlias = tuple[tuple[str, Fraction], ...]
Value: TypeAlias = Fraction | str | _Counts


class Axis(NamedTuple):
    """What the points of a rule depend on: an input, or the records of its categories."""

    read: InputBase
    is_by_category: bool = False


_Values: TypeAlias = Mapping[Axis, Value]


@dataclass(frozen=True)
class ProbeContext:
    """A context in which a rule finds chosen values, in every period the same."""

    item: Item | None
    values: _Values

    @property
    def full(self) -> Fraction:
        return Fraction(self.item.full) if self.item else Fraction()

    @property
    def most(self) -> Fraction | None:
        return Fraction(self.item.most) if self.item else None

    @property
    def label(self) -> str:
        return ""

    def resolve(self, read: InputBase) -> ResolvedInput:
        """The chosen value; a total of which only the categories count is not looked at."""
        value = self.values.get(Axis(read), Fraction(1))
        if isinstance(value, str):
            return ResolvedInput(read, "value", None, value)
        return ResolvedInput(read, "value", value if isinstance(value, Fraction) else Fraction(1))

    def counts(self, read: InputBase) -> Iterator[tuple[str, Fraction]]:
        counts = self.values.get(Axis(read, is_by_category=True), ())
        return iter(counts if isinstance(counts, tuple) else ())

    def for_period(self, period: str) -> ProbeContext:
        return self

    def add_finding(self, code: str, message: str) -> None:
        """What a probe runs into is said by the linter, with its line."""


def probed(rule: Rule, item: Item | None, values: _Values) -> RuleTrace:
    """What the rule gives for these values."""
    return rule.evaluate(ProbeContext(item, values))


def axes(rule: Rule) -> list[Axis]:
    """What the points depend on, each once."""
    readers = [(p.node, p.above[-1]) for p in walk(rule) if isinstance(p.node, InputBase)]
    return list(dict.fromkeys(Axis(read, isinstance(by, PerRecord)) for read, by in readers))


def records(rule: Rule, read: InputBase) -> list[Value]:
    """For a rule per record: none at all, many of what is worth most, many of what is worth least."""
    out: list[Value] = [()]
    for inner in (p.node for p in walk(rule) if isinstance(p.node, PerRecord) and p.node.of == read):
        ends = (end(inner.worth, key=inner.worth.__getitem__) for end in (max, min))
        out += [((category, _MANY),) for category in ends]
    return list(dict.fromkeys(out))


def breakpoints(rule: Rule, read: InputBase, item: Item | None) -> Iterator[Fraction]:
    """Where the pieces of a rule begin and end along one input."""
    context = ProbeContext(item, {})
    for place in walk(rule):
        node = place.node
        if isinstance(node, InputRule) and node.of == read:
            yield from node.breakpoints(context.full, context.most)
        if isinstance(node, Comparison) and node.of == read:
            yield from (Fraction(bound) for _, bound in node.bounds)
