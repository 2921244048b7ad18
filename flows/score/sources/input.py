"""What a rule reads of a unit: an amount or a code from a source, then what transforms made of it.

A source is a module of this folder: its keys in a scheme, the query that fetches it, its words, the values it can have and what
can be wrong with it. What is here is the same for all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, NamedTuple, TypeAlias

from pydantic import BeforeValidator, Field, model_validator

from flows.contract.catalogue import state_reasons
from flows.contract.record import Strict
from flows.score.engine.facts import FigureKey, State
from flows.score.explain.format import Measure, code_label, quoted, some
from flows.score.transforms.domain import Domain
from flows.score.transforms.transform import Transform, turned

if TYPE_CHECKING:
    from flows.score.engine.rule_context import UnitRuleContext
    from flows.score.explain.frame import Frame, Narrator
    from flows.score.lint.scope import Scope

#: A number as somebody wrote it: digits, never a binary float (0.1 in YAML stays 0.1).
Exact: TypeAlias = Annotated[Decimal, BeforeValidator(lambda v: str(v) if isinstance(v, float | int) else v)]

#: What stands for a division by zero.
StandIn: TypeAlias = Exact | Literal["not_applicable"]

#: (name, bound) of the bounds that a condition sets.
Bounds: TypeAlias = tuple[tuple[str, Decimal], ...]

#: Key in a scheme → source.
SOURCES: dict[str, type[InputBase]] = {}


class Defect(NamedTuple):
    """Something wrong with a rule or an input: a code of the linter, the path from it (empty: itself) and the words."""

    code: str
    where: str
    message: str


def unknown_code(code_list: str, code: str, known: Sequence[str], where: str = "") -> Defect:
    """A code that its list does not have.

    Args:
        code_list: the list of opinions or of grades.
        code: the code that is written.
        known: those of the list.
        where: the path to it.

    Returns:
        The defect.
    """
    name = {"rater_opinion": "unknown_opinion", "assessment_grade": "unknown_grade"}[code_list]
    return Defect(name, where, f"no {code_list} {code}; there are {some(known, 12)}")


class Named(NamedTuple):
    """What an input is called and what it is measured in. `is_own`: the item's indicator in the assessed year, as such."""

    name: str
    measure: Measure
    is_own: bool = False


class ByZero(Strict):
    """What stands for a division by zero, 0/0 and n/0 apart: no task and nothing done, no task and something done."""

    nothing: StandIn
    something: StandIn


class InputBase(Strict):
    """An input, written short as the name of a transform (`of: growth`) or a list of them, applied from left to right."""

    key: ClassVar[str]
    never_missing: ClassVar[bool] = False  # nothing recorded is a plain 0
    plain_name: ClassVar[str] = "实绩"  # what a proportion is taken of, without transforms
    reads_figures: ClassVar[bool] = False  # of an indicator: with a target, a year before, a direction

    as_: tuple[Transform, ...] = Field((), alias="as")
    peers: Literal["group", "all"] = "group"
    with_self: bool = True  # mean: whether the unit itself is among its peers
    weighted_by: str | None = None  # mean: weighted by this indicator of each peer
    undefined: StandIn | ByZero | None = None  # in place of a division by zero

    def __init_subclass__(cls, key: str, **more: Any) -> None:
        """A class with a key is a source."""
        super().__init_subclass__(**more)
        cls.key = key
        SOURCES[key] = cls

    @model_validator(mode="before")
    @classmethod
    def _short(cls, data: Any) -> Any:
        data = {"as": data} if isinstance(data, str | list | tuple) else data
        if not isinstance(data, dict) or "as" not in data:
            return data
        named = [data["as"]] if isinstance(data["as"], str) else data["as"]
        return {**data, "as": tuple(n for n in named if n != "value")}  # the amount itself is no transform

    @model_validator(mode="after")
    def _fits(self) -> InputBase:
        """Transforms that follow from each other, and no option that none of them looks at."""
        for at, transform in enumerate(self.as_):
            if self.code_list:
                raise ValueError(f"{transform.name}: a code is no number")
            if at and not transform.is_peer:
                raise ValueError(
                    f"{transform.name} comes after {self.as_[at - 1].name}: it reads the figure itself"
                )
            if transform.divides_peers and any(earlier.signed[0] for earlier in self.as_[:at]):
                raise ValueError(
                    f"{transform.name} comes after {self.as_[at - 1].name}: amounts below zero make no share"
                )
            if not self.reads_figures and (transform.needs_target or transform.looks_back):
                what = "target" if transform.needs_target else "figure of the year before"
                raise ValueError(f"{transform.name}: {self.key} has no {what}")
        needed = {
            "peers": self.compares,
            "with_self": any(t.is_mean for t in self.as_),
            "weighted_by": any(t.is_mean for t in self.as_),
            "undefined": any(t.may_be_undefined or t.name == "attainment" for t in self.as_),
        }
        default = type(self).model_fields
        unread = [n for n in needed if not needed[n] and getattr(self, n) != default[n].default]
        if unread:
            raise ValueError(f"{' and '.join(unread)}: no transform of this input looks at it")
        return self

    # -- what it is

    @property
    def compares(self) -> bool:
        """Whether other units move it."""
        return any(t.is_peer for t in self.as_)

    def ends_with(self, *names: str) -> bool:
        """Whether its last transform is one of these; `value` stands for none at all."""
        return (self.as_[-1].name if self.as_ else "value") in names

    @property
    def needs_target(self) -> bool:
        """Whether it needs the unit's target."""
        return any(t.needs_target for t in self.as_)

    @property
    def looks_back(self) -> bool:
        """Whether it reads the year before as well."""
        return any(t.looks_back for t in self.as_)

    @property
    def rated_by(self) -> str:
        """The group of raters who judge; empty where nobody does."""
        return ""

    @property
    def code_list(self) -> str:
        """The list its codes are of; empty where it is an amount."""
        return ""

    def indicator_for(self, own: str | None) -> str | None:
        """The indicator whose figure it is, where its item has the indicator `own`; None of another source."""
        return None

    def period_id(self, year: int, period: str | None = None) -> str:
        """Id in ref.period; `period` is that of an `each` around it."""
        return (period or "{year}").replace("{year}", str(year))

    def figure_keys(self, own: str | None, year: int, period: str | None) -> Iterator[FigureKey]:
        """Every figure that is read for it."""
        if self.weighted_by is not None:
            yield FigureKey(self.weighted_by, None, self.period_id(year, period))

    def with_stand_in(self, end: Fraction | None) -> Fraction | None:
        """An upper end, moved out to the value that stands for a division by zero."""
        given = (self.stand_in(is_nothing) for is_nothing in (True, False))
        return end if end is None else max([end, *(Fraction(g) for g in given if isinstance(g, Decimal))])

    def stand_in(self, is_nothing: bool) -> StandIn:
        """What stands for a division of nothing, or of something, by zero; without a word of it, not applicable."""
        given = self.undefined
        if isinstance(given, ByZero):
            given = given.nothing if is_nothing else given.something
        return "not_applicable" if given is None else given

    def by_zero(self, frame: Frame) -> str:
        """What the scheme prints of a division by zero; empty where it says nothing, or nothing is divided."""
        dividing = next(
            (at for at, t in enumerate(self.as_) if t.may_be_undefined or t.name == "attainment"), None
        )
        if dividing is None or self.undefined is None:
            return ""
        before = self.model_copy(update={"as_": self.as_[: dividing + 1]}).named(frame)
        nothing, something = (
            "不适用" if given == "not_applicable" else f"按{before.measure.show(given)}计"
            for given in map(self.stand_in, (True, False))
        )
        if nothing == something:
            return f"{before.name}因除数为零无法计算的，{nothing}"
        return f"{before.name}因除数为零无法计算的，两数都为零时{nothing}，只有除数为零时{something}"

    # -- what each source has of its own

    def fetch(self, context: UnitRuleContext, back: int = 0) -> ResolvedInput:
        """What the unit of the context has, `back` years before."""
        raise NotImplementedError

    def source(self, frame: Frame) -> Named:
        """What it is called before its transforms."""
        raise NotImplementedError

    def source_domain(self, scope: Scope) -> Domain:
        """Which values it can have before its transforms."""
        raise NotImplementedError

    def check(self, scope: Scope) -> Iterator[Defect]:
        """What it names and nobody knows; what cannot be computed or is not meant."""
        if self.weighted_by is not None:
            yield from scope.unknown_indicator(self.weighted_by)
        if self.rated_by:
            yield from scope.unknown_code("unknown_rater_group", "rater group", "rater_group", self.rated_by)
            if scope.item is None:
                yield Defect("scores_outside_item", "", "raters score items, and this is not inside one")

    def averaged(self, made_with: Mapping[str, Fraction]) -> str:
        """Of how many a source is the mean, in brackets."""
        return ""

    def happened(self, bounds: Bounds) -> str | None:
        """What is said of these bounds where the amount is a number of events."""
        return None

    # -- an input of this source

    def amount(self, amount: Fraction, **made_with: Fraction) -> ResolvedInput:
        """The source's amount."""
        return ResolvedInput(self, _state(amount), amount, steps=(Step(None, amount, made_with),))

    def code(self, code: str) -> ResolvedInput:
        """The source's code."""
        return ResolvedInput(self, "value", None, code)

    def missing(self, state: State) -> ResolvedInput:
        """No amount, and why."""
        return ResolvedInput(self, state)

    # -- words and domain with the transforms

    def named(self, frame: Frame) -> Named:
        """With its transforms, as a scheme names it."""
        name, measure, is_own = source = self.source(frame)
        is_down = frame.is_down(self)
        for transform in self.as_:
            name = transform.describe(name, is_own, self, is_down)
            measure, is_own, is_down = transform.measure(measure), False, turned(is_down, (transform,))
        return Named(name, measure, source.is_own)

    def zero(self, frame: Frame) -> str:
        """The input at zero, in words: 发放宣传资料与目标持平, 迟报天数为零."""
        if not self.as_ or not self.as_[-1].level:
            return f"{self.named(frame).name}为零"
        before = self.model_copy(update={"as_": self.as_[:-1]})
        return before.named(frame).name + self.zero_mark

    @property
    def zero_mark(self) -> str:
        """What an amount of zero is called."""
        level = self.as_[-1].level if self.as_ else ""
        return self.as_[-1].filled(level, self) if level else "为零"

    def short_name(self, frame: Frame) -> str:
        """What a proportion is taken of, after the clauses have named it in full: 完成率, 与最优值之比."""
        if not self.as_:
            return self.plain_name
        return self.as_[-1].phrases(turned(frame.is_down(self), self.as_[:-1]))[1]

    def label(self, code: str) -> str:
        """The label of a code that it can be."""
        return code_label(self.code_list, code)

    def domain(self, scope: Scope) -> Domain:
        """Which values it can have."""
        domain = self.source_domain(scope)
        for transform in self.as_:
            domain = transform.domain(domain, self, scope)
        return domain


class Step(NamedTuple):
    """One step on the way to an input: from its source (no transform), or through a transform.

    `amount` is None where the transform could not be made; `made_with` are amounts it needed, by name.
    """

    transform: Transform | None
    amount: Fraction | None
    made_with: Mapping[str, Fraction]
    is_stand_in: bool = False  # what the scheme says in place of a division by zero


@dataclass(frozen=True, slots=True)
class ResolvedInput:
    """An input as one unit has it, with the steps to it. `text` is a code instead of an amount."""

    input: InputBase
    state: State
    amount: Fraction | None = None
    text: str | None = None
    steps: tuple[Step, ...] = ()

    @property
    def is_known(self) -> bool:
        """Whether there is an amount (or code) to go by."""
        return self.state in ("value", "zero")

    @property
    def known(self) -> Fraction:
        """The amount, where a transform is asked for: there is one."""
        if self.amount is None:
            raise ValueError("a transform is asked of an input that is not known")
        return self.amount

    def is_down(self, is_down: bool) -> bool:
        """Whether less of what it is by now is better, where that is so (or not) of the figure itself."""
        return turned(is_down, (step.transform for step in self.steps if step.transform))

    @property
    def source_amount(self) -> Fraction | None:
        """The amount before the transforms."""
        return self.steps[0].amount if self.steps else self.amount

    def after(self, transform: Transform, amount: Fraction, **made_with: Fraction) -> ResolvedInput:
        """The same after a transform."""
        return self._with(Step(transform, amount, made_with))

    def divided(
        self, transform: Transform, above: Fraction, below: Fraction, **made_with: Fraction
    ) -> ResolvedInput:
        """The same after a transform that divides."""
        return (
            self.after(transform, above / below, **made_with)
            if below
            else self.undefined(transform, not above, **made_with)
        )

    def undefined(self, transform: Transform, is_nothing: bool, **made_with: Fraction) -> ResolvedInput:
        """What the scheme says in place of a division by zero."""
        stand_in = self.input.stand_in(is_nothing)
        if stand_in == "not_applicable":
            return self.lacking(transform, "not_applicable", **made_with)
        return self._with(Step(transform, Fraction(stand_in), made_with, is_stand_in=True))

    def lacking(self, transform: Transform, state: State, **made_with: Fraction) -> ResolvedInput:
        """No amount, because a transform could not be made."""
        return replace(self, state=state, amount=None, steps=(*self.steps, Step(transform, None, made_with)))

    def _with(self, step: Step) -> ResolvedInput:
        return replace(self, state=_state(step.amount), amount=step.amount, steps=(*self.steps, step))

    def explain(self, narrator: Narrator) -> list[str]:
        """Clauses: 目标330件（文号），实绩1650件，完成率500%. Every figure that went into it, in the order of the transforms; where
        one could not be made, the clauses up to it and why."""
        read, base, is_down = self.input, self.input.source(narrator), narrator.is_down(self.input)
        if self.text is not None:
            return [f"{'实绩' if base.is_own else base.name}为{quoted(read.label(self.text))}"]
        if self.state == "unscored" and read.rated_by:
            return [f"{code_label('rater_group', read.rated_by)}未齐"]
        prefix = "" if base.is_own else base.name
        if not self.steps:
            return [prefix + state_reasons()[self.state]]
        clauses: list[str] = []
        measure, code = base.measure, read.indicator_for(narrator.indicator) or ""
        for step in self.steps:
            if step.transform is None:
                note = narrator.notes.get(code, "") if base.is_own else ""
                shown = measure.show(step.amount or 0)
                clauses.append(
                    f"{'实绩' if base.is_own else base.name}{shown}{read.averaged(step.made_with)}{note}"
                )
                continue
            clauses = [
                *step.transform.ahead(step, prefix, measure, narrator.documents.get(code, "")),
                *clauses,
            ]
            clauses += step.transform.context(step, read, measure)
            if step.amount is None:
                clauses.append(step.transform.lacking(step, state_reasons()[self.state], is_down))
            else:
                clauses.append(step.transform.made(step, step.amount, read, measure, is_down))
            measure, is_down = step.transform.measure(measure), turned(is_down, (step.transform,))
        return clauses


def _state(amount: Fraction | None) -> State:
    return "value" if amount else "zero"
