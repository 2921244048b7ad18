"""A transform: what an amount becomes beside a target, a year or its peers, with the words and the domain of the result.

A family is a module of this folder. A class in it has the name that a scheme writes, the arithmetic (`apply`), and its
words as patterns: `{of}` is the input before it, `{group}` those it is compared with, `{mean}` the kind of their mean.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from flows.score.explain.format import Measure, indicator, number

if TYPE_CHECKING:
    from flows.score.engine.rule_context import UnitRuleContext
    from flows.score.lint.scope import Scope
    from flows.score.sources.input import InputBase, ResolvedInput, Step
    from flows.score.transforms.domain import Domain

#: Name in a scheme → transform.
TRANSFORMS: dict[str, Transform] = {}


class Transform:
    """One transform; the only instance of its class, so that two of them are equal where they are the same."""

    name: ClassVar[str]
    needs_target: ClassVar[bool] = False
    looks_back: ClassVar[bool] = False  # at the same figure of the year before
    is_peer: ClassVar[bool] = False  # compares with other units, which all have been through the steps before
    is_mean: ClassVar[bool] = False  # with their mean
    is_part: ClassVar[bool] = False  # of a whole: never above 1
    may_be_undefined: ClassVar[bool] = False  # divides by what figures make, and that can be 0
    divides_peers: ClassVar[bool] = False  # by one of them: amounts below zero make no share
    better: ClassVar[int] = 0  # 1 where more of what it makes is better, -1 where less is; 0: as before it

    made_of: ClassVar[Measure | None] = (
        None  # what it is measured in; None: as a difference of what was before
    )
    phrase: ClassVar[str]  # the input after it, as a scheme names it
    short_phrase: ClassVar[str] = ""  # the same where the input is the item's own indicator
    result: ClassVar[str] = ""  # what it made
    level: ClassVar[str] = ""  # what a result of zero is called
    signed: ClassVar[tuple[str, str, str]] = ("", "", "")  # a result above, below and at zero

    def __init_subclass__(cls) -> None:
        """A class with a name can be written in a scheme."""
        if "name" in cls.__dict__:
            TRANSFORMS[cls.name] = cls()

    def __repr__(self) -> str:
        return self.name

    def apply(self, before: ResolvedInput, context: UnitRuleContext, steps: int) -> ResolvedInput:
        """The input after this transform, which is number `steps` of its transforms, from 0."""
        raise NotImplementedError

    def domain(self, of: Domain, read: InputBase, scope: Scope) -> Domain:
        """Which values it can give where the input before it has those of `of`."""
        raise NotImplementedError

    # -- words

    def measure(self, of: Measure) -> Measure:
        """What the result is measured in; differences of rates are percentage points."""
        return self.made_of or of.difference

    def describe(self, of: str, is_own: bool, read: InputBase, is_down: bool) -> str:
        """The input after it, by name.

        Args:
            of: the name before it.
            is_own: whether that is the item's own indicator.
            read: the input, for its peers and mean.
            is_down: whether less of it is better.

        Returns:
            The name: 完成率, 工会组建率在本组的名次.
        """
        pattern = self.short_phrase if is_own and self.short_phrase else self.phrases(is_down)[0]
        return self.filled(pattern, read, of)

    def phrases(self, is_down: bool) -> tuple[str, str]:
        """How the input after it is named, and what it made; other words where less is better."""
        return self.phrase, self.result

    def filled(self, pattern: str, read: InputBase, of: str = "") -> str:
        """A pattern with the words of an input in it."""
        return pattern.format(of=of, group=among(read), mean=mean_kind(read))

    def ahead(self, step: Step, of: str, measure: Measure, document: str) -> list[str]:
        """What is said before the figure itself.

        Args:
            step: the step to be told.
            of: what the figure is called; empty for the item's own.
            measure: what it is measured in.
            document: that which set the target.

        Returns:
            Clauses.
        """
        return []

    def context(self, step: Step, read: InputBase, measure: Measure) -> list[str]:
        """What it was made with."""
        return []

    def made(self, step: Step, amount: Fraction, read: InputBase, measure: Measure, is_down: bool) -> str:
        """What it made.

        Args:
            step: the step to be told.
            amount: what it made.
            read: the input, for its peers.
            measure: what the amount before was measured in.
            is_down: whether less is better.

        Returns:
            A clause: 完成率96%, 比上年增长10%.
        """
        shown = self.measure(measure).show(amount)
        if step.is_stand_in:
            return f"{self.phrases(is_down)[1]}无法计算，按规定取{shown}"
        if not self.signed[0]:
            return f"{self.phrases(is_down)[1]}{shown}"
        more, less, same = self.signed
        if amount == 0:
            return same
        return (more if amount > 0 else less) + self.distance(abs(amount), measure)

    def distance(self, amount: Fraction, measure: Measure) -> str:
        """The size of a signed result."""
        return measure.gap(amount)

    def lacking(self, step: Step, why: str, is_down: bool) -> str:
        """Why it could not be made."""
        return f"{self.phrases(is_down)[1]}无法计算"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Written by its name."""
        return core_schema.no_info_after_validator_function(
            TRANSFORMS.__getitem__,
            core_schema.literal_schema(sorted(TRANSFORMS)),
            serialization=core_schema.plain_serializer_function_ser_schema(lambda transform: transform.name),
        )


def turned(is_down: bool, transforms: Iterable[Transform]) -> bool:
    """Whether less is better after some transforms, where that is so (or not) of the figure itself: of places, less always is."""
    for transform in transforms:
        is_down = transform.better < 0 if transform.better else is_down
    return is_down


def among(read: InputBase) -> str:
    """Whom an input is held against."""
    return "本组" if read.peers == "group" else "全部单位"


def mean_kind(read: InputBase) -> str:
    """What kind of a mean it is, where that is to be said."""
    how = [] if read.with_self else ["不含本单位"]
    if read.weighted_by:
        how.append(f"按{indicator(read.weighted_by).label}加权")
    return f"（{'、'.join(how)}）" if how else ""


def peer_count(made_with: Mapping[str, Fraction]) -> str:
    """How many units were compared, in brackets."""
    return f"（共{number(made_with['peers'])}个单位有数）"
