"""What sums, means, products and extremes have in common: parts that are worked out one by one, then joined."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import RootModel, model_validator

from flows.score.explain.format import numbered, term
from flows.score.explain.frame import POINTS, Derivation, Frame, Narrator
from flows.score.rules.rule import RuleContext, RuleKind, RuleTrace

if TYPE_CHECKING:
    from flows.score.rules import Rule


class Joined(RuleKind):
    """A rule whose points are made of those of its parts."""

    joined: ClassVar[str] = ""  # 下列各项相加
    sign: ClassVar[str] = "＋"
    needs_all: ClassVar[bool] = (
        False  # a part without points leaves the whole open; else it counts nothing beside others
    )

    @model_validator(mode="after")
    def _several(self) -> Joined:
        if len(self.parts) < 2 and self.joined:
            raise ValueError(f"{self.key} of a single part: write the part by itself, or add the others")
        return self

    @property
    def parts(self) -> tuple[Rule, ...]:
        """The rules inside, as often as they count."""
        raise NotImplementedError

    def join(self, points: list[Fraction]) -> Fraction:
        """What the points of the parts make together."""
        raise NotImplementedError

    def evaluate(self, context: RuleContext) -> RuleTrace:
        return self.trace(tuple(part.evaluate(context) for part in self.parts))

    def trace(self, parts: tuple[RuleTrace, ...]) -> RuleTrace:
        """The whole, or why there is none: a part that a rater still owes, else the first that is missing."""
        owed = [p for p in parts if p.points is None and (self.needs_all or p.state == "unscored")]
        if owed or all(p.points is None for p in parts):
            first = next((p for p in owed if p.state == "unscored"), (*owed, *parts)[0])
            return RuleTrace(self, None, parts=parts, missing=first.state)
        return self.whole(parts)

    def whole(self, parts: tuple[RuleTrace, ...]) -> RuleTrace:
        """The trace where there are points."""
        return RuleTrace(self, self.join([p.points or Fraction() for p in parts]), parts=parts)

    # -- words

    def label(self, at: int, frame: Frame) -> str:
        """What a part is called."""
        return ""

    def verb(self, at: int, verb: str) -> str:
        """What a part gives."""
        return verb

    def describe(self, frame: Frame, verb: str = POINTS, depth: int = 0) -> str:
        parts = [part.describe(frame, self.verb(at, verb), depth + 1) for at, part in enumerate(self.parts)]
        listed = (numbered(at, depth) + self.head(at) + text for at, text in enumerate(parts))
        return f"{self.joined}：{'；'.join(listed)}"

    def head(self, at: int) -> str:
        """What stands before a part where the rule is printed."""
        return ""

    def derive(self, trace: RuleTrace, narrator: Narrator, depth: int) -> Derivation:
        parts = range(len(trace.parts))
        told = (
            narrator.part(trace, at, depth, self.label(at, narrator), self.verb(at, POINTS)) for at in parts
        )
        listed = "；".join(told)
        return Derivation((listed,)) if trace.points is None else self.derive_whole(trace, listed, depth)

    def derive_whole(self, trace: RuleTrace, listed: str, depth: int) -> Derivation:
        """The formula over the parts."""
        terms = (term(part.points or 0) + self.factor(at) for at, part in enumerate(trace.parts))
        return Derivation((listed,), self.sign.join(terms), trace.points)

    def factor(self, at: int) -> str:
        """What a part is multiplied with in the formula."""
        return ""


class Listed(Joined, RootModel[Any]):
    """Parts written as a list."""

    root: tuple[Rule, ...]

    @property
    def parts(self) -> tuple[Rule, ...]:
        return self.root
