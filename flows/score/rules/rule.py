"""What every kind of rule has: what it gives a unit, how it is printed, how it is told to a district, what can be wrong with it.

A kind is a module of this folder or of `combined/`: a strict model, written in a scheme as a mapping with its key alone, and
these methods. Unknown keys are errors: a misspelt cap must never be silently without effect. A rule whose input is missing
gives no points but the reason; what that costs is the item's policy, decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Protocol, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, model_validator

from flows.contract.record import Strict
from flows.score.engine.facts import State
from flows.score.explain.frame import POINTS, Derivation, Frame, Narrator
from flows.score.sources import Input
from flows.score.sources.figure import IndicatorInput
from flows.score.sources.input import Defect, Exact, InputBase, ResolvedInput
from flows.score.transforms.domain import Domain

if TYPE_CHECKING:
    from flows.score.rules import Rule

Node = TypeVar("Node")

#: Key in a scheme → kind of rule.
KINDS: dict[str, type[RuleKind]] = {}

#: The values that an input can have.
Domains: TypeAlias = Callable[[InputBase], Domain]


class RuleContext(Protocol):
    """Where a rule is evaluated: a unit and an item, or a probe that only tries values (`lint/probe.py`)."""

    @property
    def full(self) -> Fraction:
        """Points of the item."""

    @property
    def most(self) -> Fraction | None:
        """Cap of the item; None where there is no item."""

    @property
    def label(self) -> str:
        """The item's label, for messages."""

    def resolve(self, read: InputBase) -> ResolvedInput:
        """An input as it is here."""

    def counts(self, read: InputBase) -> Iterable[tuple[str, Fraction]]:
        """(category, records of it) of an input's indicator."""

    def for_period(self, period: str) -> RuleContext:
        """The same context in one of the periods of a year."""

    def add_finding(self, code: str, message: str) -> None:
        """Remember an error of this place."""


@dataclass(frozen=True, slots=True)
class RuleTrace:
    """What a rule did: the points it gave (None where its input is missing), what it read, the branch it took.

    `branch` is the kind's own: an index, a key, a word. `counted` are (category, records, points of one) of a rule per record;
    `inputs` of a case are those of its conditions.
    """

    rule: Rule
    points: Fraction | None
    inputs: tuple[ResolvedInput, ...] = ()
    branch: str | int | None = None
    parts: tuple[RuleTrace, ...] = ()
    counted: tuple[tuple[str, Fraction, Fraction], ...] = ()
    is_clipped: bool = False  # kept within least..most
    missing: State | None = None  # why there are no points

    @property
    def state(self) -> State:
        """Whether there are points, and why not."""
        return self.missing or ("value" if self.points else "zero")


class Choice(NamedTuple):
    """A branch that a trace may name, and what is wrong where no value leads to it."""

    branch: str | int
    unreachable: Defect


class RuleKind:
    """One kind of rule."""

    key: ClassVar[str]
    model_config = ConfigDict(frozen=True)

    def __init_subclass__(cls, key: str | None = None, **more: Any) -> None:
        """A class with a key is a kind."""
        super().__init_subclass__(**more)
        if key is not None:
            cls.key = key
            KINDS[key] = cls

    def evaluate(self, context: RuleContext) -> RuleTrace:
        """What it gives where it is evaluated."""
        raise NotImplementedError

    def describe(self, frame: Frame, verb: str = POINTS, depth: int = 0) -> str:
        """The rule in words, as the column 评分标准 prints it: which ends are included, what a part of a unit counts, where it stops."""
        raise NotImplementedError

    def derive(self, trace: RuleTrace, narrator: Narrator, depth: int) -> Derivation:
        """How it came to its points for one unit, behind the inputs it read: the branch it took and the arithmetic, exactly."""
        return Derivation()

    def check(self, domain: Domains) -> Iterator[Defect]:
        """What is wrong with it by itself, beside what its model refuses."""
        return iter(())

    def choices(self) -> Iterator[Choice]:
        """The branches it can take."""
        return iter(())

    @property
    def inputs(self) -> tuple[InputBase, ...]:
        """Every input that it and the rules inside it read, those of conditions too."""
        return tuple(place.node for place in walk(self) if isinstance(place.node, InputBase))

    @property
    def parts(self) -> tuple[Rule, ...]:
        """The rules directly inside it."""
        return tuple(place.node for place in walk(self) if place.rules_above == (self,))


class InputRule(RuleKind, Strict):
    """A rule about one amount."""

    reads_codes: ClassVar[bool] = False

    of: Input = IndicatorInput()

    @model_validator(mode="after")
    def _reads(self) -> InputRule:
        if self.of.code_list and not self.reads_codes:
            raise ValueError(f"{self.of.code_list} is a code: look it up in a table")
        return self

    def evaluate(self, context: RuleContext) -> RuleTrace:
        resolved = context.resolve(self.of)
        if resolved.amount is None:
            return RuleTrace(self, None, (resolved,), missing=resolved.state)
        return self.judge(resolved, resolved.amount, context)

    def judge(self, resolved: ResolvedInput, amount: Fraction, context: RuleContext) -> RuleTrace:
        """What an amount gives."""
        raise NotImplementedError

    def breakpoints(self, full: Fraction, most: Fraction | None) -> Iterator[Fraction]:
        """Where its pieces begin and end along its input; `full` and `most` are those of the item."""
        return iter(())


class Place(NamedTuple):
    """A node of a scheme with its path, as its files write it, and what it is in, outermost first."""

    path: str
    node: Any
    above: tuple[Any, ...]

    def nearest(self, kind: type[Node]) -> Node | None:
        """The innermost node of a kind that this is in, or is."""
        return next((n for n in (self.node, *reversed(self.above)) if isinstance(n, kind)), None)

    @property
    def rules_above(self) -> tuple[Rule, ...]:
        """The rules that a rule is in."""
        return (
            tuple(n for n in self.above if isinstance(n, RuleKind)) if isinstance(self.node, RuleKind) else ()
        )


def walk(node: Any, path: str = "", above: tuple[Any, ...] = ()) -> Iterator[Place]:
    """Everything that a scheme, an item, a rule or a condition is made of: each model in it, outer ones first.

    The only walk there is: it follows the fields of the models, so that a new kind is walked without a word about it.
    """
    yield Place(path, node, above)
    body = _joined(path, node.key) if isinstance(node, RuleKind) else path
    for name, model_field in type(node).model_fields.items():
        inner = getattr(node, name)
        below = body if name == "root" else _joined(body, model_field.alias or name)
        if isinstance(inner, BaseModel):
            yield from walk(inner, below, (*above, node))
        for at, part in enumerate(inner if isinstance(inner, tuple) else ()):
            if isinstance(part, BaseModel):
                yield from walk(part, f"{below}.{at}", (*above, node))


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


@lru_cache(maxsize=10_000)
def exact(written: Exact) -> Fraction:
    """A number as written in a scheme, as a fraction: the same few numbers are asked for in every context."""
    return Fraction(written)


def clipped(rule: Rule, raw: Fraction, least: Exact | None, most: Fraction | None, **more: Any) -> RuleTrace:
    """The trace of points kept within least..most.

    Args:
        rule: what gave them.
        raw: the points before.
        least: the lower end; None: none.
        most: the upper end; None: none.
        more: what else the trace has.

    Returns:
        The trace, which says whether the points were changed.
    """
    points = raw if least is None else max(raw, exact(least))
    points = points if most is None else min(points, most)
    return RuleTrace(rule, points, is_clipped=points != raw, **more)
