"""Conditions: true or false of a unit, for the branches of a case and for gates. R18 several rates at once (A2), R19 overrides and
exemptions (A19, A24), R29 and R30 must-haves and vetoes."""

from __future__ import annotations

from decimal import Decimal
from operator import ge, gt, le, lt
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, TypeAlias

from pydantic import Discriminator, Field, Tag, model_validator

from flows.contract.record import Strict
from flows.score.explain.format import Measure, number, quoted
from flows.score.explain.frame import Frame
from flows.score.rules.rule import RuleContext, exact, walk
from flows.score.sources import Input
from flows.score.sources.figure import IndicatorInput
from flows.score.sources.input import Bounds, Exact, InputBase, ResolvedInput

_TESTS = {"at_least": ge, "more_than": gt, "at_most": le, "less_than": lt}
_OF_SHARES = {"at_least": "不低于{}", "more_than": "高于{}", "at_most": "不高于{}", "less_than": "低于{}"}
_OF_COUNTS = {"at_least": "不少于{}", "more_than": "多于{}", "at_most": "不多于{}", "less_than": "少于{}"}

#: Whether a condition holds, and every input it read.
Verdict: TypeAlias = tuple[bool, tuple[ResolvedInput, ...]]


class ConditionKind(Strict):
    """A comparison of one input, or all / any / not of further conditions."""

    @property
    def inputs(self) -> tuple[InputBase, ...]:
        """Every input it reads."""
        return tuple(place.node for place in walk(self) if isinstance(place.node, InputBase))

    def holds(self, context: RuleContext) -> Verdict:
        """Whether it holds where it is evaluated, and every input it read."""
        raise NotImplementedError

    def describe(self, frame: Frame, within: str = "") -> str:
        """A clause: 完成率不低于60%且低于80%, 前3名, 发生“弄虚作假”. `within`: the word that joins it with others, where brackets may
        be needed."""
        raise NotImplementedError

    def told(self, is_true: bool, frame: Frame) -> str:
        """That it held, or did not: 符合“…”."""
        return f"{'符合' if is_true else '不符合'}{quoted(self.describe(frame))}"


class Comparison(ConditionKind):
    """Bounds of an amount, all of which must hold, or the code that it is."""

    of: Input = IndicatorInput()
    at_least: Exact | None = None
    more_than: Exact | None = None
    at_most: Exact | None = None
    less_than: Exact | None = None
    is_: str | None = Field(None, alias="is")  # an opinion, a past grade
    if_missing: bool = False  # what it is where the input is missing

    @model_validator(mode="after")
    def _one_kind(self) -> Comparison:
        if bool(self.bounds) == (self.is_ is not None):
            raise ValueError("a condition has bounds of one input, or one of is, all, any, not")
        if self.is_ is not None and not self.of.code_list:
            raise ValueError(f"is: {self.is_} is a code, and {self.of.key} is a number")
        if self.bounds and self.of.code_list:
            raise ValueError(f"{self.of.code_list} is a code: compare with `is`")
        return self

    @property
    def bounds(self) -> Bounds:
        """(name, bound) of the bounds that are set."""
        return tuple((name, bound) for name in _TESTS if (bound := getattr(self, name)) is not None)

    def holds(self, context: RuleContext) -> Verdict:
        resolved = context.resolve(self.of)
        if not resolved.is_known:
            return self.if_missing, (resolved,)
        if resolved.amount is None:
            return resolved.text == self.is_, (resolved,)
        amount = resolved.amount
        return all(_TESTS[name](amount, exact(bound)) for name, bound in self.bounds), (resolved,)

    def describe(self, frame: Frame, within: str = "") -> str:
        text = self._bounded(frame) + ("（没有数据的视为符合）" if self.if_missing else "")
        return f"（{text}）" if within == "或" and len(self.bounds) > 1 else text

    def _bounded(self, frame: Frame) -> str:
        name, measure, _ = self.of.named(frame)
        if self.is_ is not None:
            return f"{name}为{quoted(self.of.label(self.is_))}"
        if event := self.of.happened(self.bounds):
            return event
        if measure.is_place:
            name = name.removesuffix("的名次").removesuffix("的倒数名次")
            return name + "且".join(_place(bound, value, measure) for bound, value in self.bounds)
        words = _OF_SHARES if measure.is_share or measure.unit == "分" else _OF_COUNTS
        return name + "且".join(words[bound].format(measure.show(value)) for bound, value in self.bounds)


class _Several(ConditionKind):
    word: ClassVar[str]

    @property
    def inner(self) -> tuple[Condition, ...]:
        raise NotImplementedError

    def describe(self, frame: Frame, within: str = "") -> str:
        text = self.word.join(c.describe(frame, self.word) for c in self.inner)
        return f"（{text}）" if within and within != self.word else text

    def verdicts(self, context: RuleContext) -> tuple[list[bool], tuple[ResolvedInput, ...]]:
        """Whether each holds, and every input that was read: all are, also where the first has decided."""
        found = [condition.holds(context) for condition in self.inner]
        return [is_true for is_true, _ in found], tuple(read for _, several in found for read in several)


class AllOf(_Several):
    """All of several conditions."""

    word: ClassVar[str] = "且"
    all_: tuple[Condition, ...] = Field(alias="all", min_length=1)

    @property
    def inner(self) -> tuple[Condition, ...]:
        return self.all_

    def holds(self, context: RuleContext) -> Verdict:
        found, inputs = self.verdicts(context)
        return all(found), inputs


class AnyOf(_Several):
    """Any of several conditions."""

    word: ClassVar[str] = "或"
    any_: tuple[Condition, ...] = Field(alias="any", min_length=1)

    @property
    def inner(self) -> tuple[Condition, ...]:
        return self.any_

    def holds(self, context: RuleContext) -> Verdict:
        found, inputs = self.verdicts(context)
        return any(found), inputs


class Not(ConditionKind):
    """Where a condition does not hold."""

    not_: Condition = Field(alias="not")

    def holds(self, context: RuleContext) -> Verdict:
        is_true, inputs = self.not_.holds(context)
        return not is_true, inputs

    def describe(self, frame: Frame, within: str = "") -> str:
        return f"不符合{quoted(self.not_.describe(frame))}"

    def told(self, is_true: bool, frame: Frame) -> str:
        return self.not_.told(not is_true, frame)


#: The key that says which kind a condition is → its kind.
CONDITIONS: dict[str, type[ConditionKind]] = {"of": Comparison, "all": AllOf, "any": AnyOf, "not": Not}


def _key_of(data: Any) -> str:
    """The key that says which kind it is."""
    if isinstance(data, ConditionKind):
        return next(key for key, kind in CONDITIONS.items() if isinstance(data, kind))
    return next((key for key in ("all", "any", "not") if isinstance(data, dict) and key in data), "of")


if TYPE_CHECKING:
    Condition = ConditionKind
else:
    Condition = Annotated[
        Annotated[Comparison, Tag("of")]
        | Annotated[AllOf, Tag("all")]
        | Annotated[AnyOf, Tag("any")]
        | Annotated[Not, Tag("not")],
        Discriminator(_key_of),
    ]
for _kind in (AllOf, AnyOf, Not):
    _kind.model_rebuild(_types_namespace={"Condition": Condition})


def _place(bound: str, value: Decimal, measure: Measure) -> str:
    """Bounds of a whole-numbered place: 前3名, 后3名, 在第4名及以后."""
    ahead, behind = ("前", "后") if measure.unit == "名次" else ("后", "前")
    if bound in ("at_most", "less_than"):
        places = value if bound == "at_most" else value - 1
        return f"居{ahead}{number(places)}名" if places != 1 else f"为{measure.show(1)}"
    first = value if bound == "at_least" else value + 1
    return f"为{measure.show(first)}及以{behind}"
