"""The grammar of rules: numbers, conditions, and the primitives that nest, as strict models.

A rule is one of a dozen primitives over a number; the 32 kinds of scoring rules that real schemes use are written with
them (tests/case/rule), so that a new scheme needs no Python. Unknown keys are errors: a misspelt cap must never be silently
without effect. What a rule does is `rule.py`; the tree it hangs on is `scheme.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

from pydantic import BeforeValidator, Field, model_validator

from flows.contract.record import Strict

if TYPE_CHECKING:
    from flows.score.engine.result import ResolvedInput, RuleTrace
    from flows.score.rules.rule_context import RuleContext

#: A number as somebody wrote it: digits, never a binary float (0.1 in YAML stays 0.1).
Exact: TypeAlias = Annotated[Decimal, BeforeValidator(lambda v: str(v) if isinstance(v, float | int) else v)]


class Transform(StrEnum):
    """What is done to a figure before a rule reads it; several are applied from left to right.

    The first group looks at the unit alone, the second at its peers (all that have a figure).
    """

    VALUE = "value"  # x
    ATTAINMENT = "attainment"  # x / t
    EXCESS = "excess"  # x - t
    GROWTH = "growth"  # (x - x₋₁) / x₋₁
    CHANGE = "change"  # x - x₋₁
    SHARE_OF_BEST = "share_of_best"  # x / max; least / x where less is better
    SHARE_OF_MEAN = "share_of_mean"  # x / mean
    EXCESS_OVER_MEAN = "excess_over_mean"  # x - mean
    POSITION = "position"  # (x - min) / (max - min); reversed where less is better
    RANK = "rank"  # 1 is the best; equal figures share the better place
    RANK_FROM_LAST = "rank_from_last"  # 1 is the worst

    @property
    def is_peer(self) -> bool:
        return self not in OWN


OWN = frozenset({Transform.VALUE, Transform.ATTAINMENT, Transform.EXCESS, Transform.GROWTH, Transform.CHANGE})


class Input(Strict):
    """A number a rule reads: where it comes from (one source; default: the item's indicator) and what is done to it.

    Written short as the name of a transform (`of: growth`) or a list of them (`of: [growth, rank]`).
    """

    indicator: str | None = None  # value of the unit in `period`
    category: str | None = None  # of the indicator: level, kind …; none is the total
    scores: str | None = None  # mean share (0..1) of full points by raters of this group, for this item
    trim: int = Field(0, ge=0)  # scores: highest and lowest left out, this many each
    opinion: str | None = None  # opinion (a code) of the raters of this group; several must agree
    item: str | None = None  # points of another item of this scheme
    past: Literal["points", "rank", "grade"] | None = None  # the decided result of the year before
    late: tuple[str, ...] | None = None  # record kinds whose reports were late in the year …
    late_unit: Literal["reports", "days"] = "reports"  # … counted as reports or summed as calendar days
    veto: tuple[str, ...] | None = None  # how many recorded events of these veto conditions are in force
    children: bool = False  # mean over the units below this one, those that have the number
    period: str = "{year}"  # id in ref.period, {year} filled in: "U{year}", "{year}H1", "{year}-03"
    years_back: int = Field(0, ge=0)
    as_: tuple[Transform, ...] = Field((Transform.VALUE,), alias="as")
    peers: Literal["group", "all"] = "group"
    with_self: bool = True  # mean: whether the unit itself is among its peers
    weighted_by: str | None = None  # mean: weighted by this indicator of each peer
    undefined: Exact | Literal["not_applicable"] | None = None  # in place of a division by zero

    @model_validator(mode="before")
    @classmethod
    def _short(cls, data: Any) -> Any:
        if isinstance(data, str):
            return {"as": (data,)}
        if isinstance(data, list | tuple):
            return {"as": tuple(data)}
        if isinstance(data, dict) and isinstance(data.get("as"), str):
            return {**data, "as": (data["as"],)}
        return data

    @model_validator(mode="after")
    def _one_source(self) -> Input:
        named = [
            n
            for n in ("indicator", "scores", "opinion", "item", "past", "late", "veto")
            if getattr(self, n) is not None
        ]
        if len(named) > 1:
            raise ValueError(f"a number has one source, here are {' and '.join(named)}")
        return self

    @property
    def source(self) -> str:
        """Name of the source: `indicator` unless another is named."""
        return next(
            (
                n
                for n in ("scores", "opinion", "item", "past", "late", "veto")
                if getattr(self, n) is not None
            ),
            "indicator",
        )


class Condition(Strict):
    """True or false of a unit. Bounds of one number (all must hold), or all / any / not of further conditions."""

    of: Input = Input()
    at_least: Exact | None = None
    more_than: Exact | None = None
    at_most: Exact | None = None
    less_than: Exact | None = None
    is_: str | None = Field(None, alias="is")  # a code: an opinion, a past grade
    all_: tuple[Condition, ...] = Field((), alias="all")
    any_: tuple[Condition, ...] = Field((), alias="any")
    not_: Condition | None = Field(None, alias="not")
    if_missing: bool = False  # what it is where the number is missing

    @property
    def bounds(self) -> tuple[tuple[str, Decimal], ...]:
        """(name, bound) of the bounds that are given."""
        named = ("at_least", "more_than", "at_most", "less_than")
        return tuple((n, getattr(self, n)) for n in named if getattr(self, n) is not None)

    @property
    def inputs(self) -> tuple[Input, ...]:
        """Every input it reads."""
        inner = [*self.all_, *self.any_, *([self.not_] if self.not_ else [])]
        return tuple(i for c in inner for i in c.inputs) if inner else (self.of,)

    def holds(self, context: RuleContext) -> tuple[bool, tuple[ResolvedInput, ...]]:
        """Whether it holds where it is evaluated, and every input it read."""
        from flows.score.rules.evaluate import holds

        return holds(self, context)

    @model_validator(mode="after")
    def _one_kind(self) -> Condition:
        kinds = [
            bool(self.bounds) or self.is_ is not None,
            bool(self.all_),
            bool(self.any_),
            self.not_ is not None,
        ]
        if sum(kinds) != 1:
            raise ValueError("a condition has bounds of one number, or one of all, any, not")
        return self


class Linear(Strict):
    """Points in proportion: none at `zero_at`, all at `full_at`, `base` of them as a start (功效系数).

    share = base + (1 - base) * (n - zero_at) / (full_at - zero_at), kept within floor..cap; nothing below `least`
    (above it, where full_at < zero_at).
    """

    of: Input = Input.model_validate("attainment")
    points: Exact | None = None  # default: the item's
    zero_at: Exact = Decimal(0)
    full_at: Exact = Decimal(1)
    base: Exact = Decimal(0)
    floor: Exact = Decimal(0)  # as a share of the points
    cap: Exact = Decimal(1)  # as a share of the points
    least: Exact | None = None  # of the number itself


class Band(Strict):
    """One step of `bands`: [from, to) unless `above`, `upto` say otherwise. An open end is left out."""

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
        return self


class Bands(Strict):
    """Points by the band the number lies in. Short: `[[0.80, 4], [0.75, 3]]`, each from its threshold to the next."""

    of: Input = Input()
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
        tops: list[Any] = [None, *(row[0] for row in rows)]
        made = [
            {"from": low, "to": top, "points": points}
            for (low, points), top in zip(rows, tops[:-1], strict=True)
        ]
        return {"otherwise": 0, **data, "points": made}


class Steps(Strict):
    """Points per unit away from a mark: `start` at `at`, `above` for each `per` more, `below` for each `per` less.

    `parts` of a unit count in proportion (`share`), not at all (`drop`) or as a whole one (`full`): whether 84.2 against
    85 is 0.8, no or one unit of "每低1%" must be said. Kept within least..most.
    """

    of: Input = Input()
    start: Exact | None = None  # default: the item's points
    at: Exact = Decimal(0)
    per: Exact = Field(Decimal(1), gt=0)
    above: Exact = Decimal(0)
    below: Exact = Decimal(0)
    parts: Literal["share", "drop", "full"]
    least: Exact = Decimal(0)
    most: Exact | None = None  # default: the item's cap


class Table(Strict):
    """Points by a code or a whole number: an opinion, a number of events, a rank."""

    of: Input = Input()
    points: dict[str, Exact] = Field(min_length=1)
    otherwise: Exact | None = None

    @model_validator(mode="before")
    @classmethod
    def _keys(cls, data: Any) -> Any:
        if isinstance(data, dict) and isinstance(data.get("points"), dict):
            return {**data, "points": {str(k): v for k, v in data["points"].items()}}
        return data


class Tally(Strict):
    """Points per record by its category: count × table, added up, within least..most."""

    of: Input = Input()
    points: dict[str, Exact] = Field(min_length=1)  # category → points of one
    otherwise: Exact | None = None  # of one of any other category; none: those are a finding
    start: Exact = Decimal(0)
    least: Exact = Decimal(0)
    most: Exact | None = None  # default: the item's cap


class Branch(Strict):
    """`if` a condition holds, `then` this rule."""

    if_: Condition = Field(alias="if")
    then: Rule


class First(Strict):
    """The rule of the first branch whose condition holds, else `otherwise`."""

    branches: tuple[Branch, ...] = Field(min_length=1)
    otherwise: Rule


class Weighted(Strict):
    """One part of a mean."""

    weight: Exact = Field(gt=0)
    rule: Rule
    label: str = ""


class Each(Strict):
    """The rule in each of several periods of the year, added up within least..most."""

    periods: tuple[str, ...] = Field(min_length=1)  # like Input.period
    rule: Rule
    least: Exact | None = None
    most: Exact | None = None


class Rule(Strict):
    """Exactly one primitive. A bare number is a rule that gives these points whatever happened."""

    linear: Linear | None = None
    bands: Bands | None = None
    steps: Steps | None = None
    table: Table | None = None
    tally: Tally | None = None
    first: First | None = None
    sum: tuple[Rule, ...] | None = None  # all parts together
    best: tuple[Rule, ...] | None = None  # the part that gives most
    worst: tuple[Rule, ...] | None = None  # the part that gives least
    mean: tuple[Weighted, ...] | None = None  # weights add up to 1
    times: tuple[Rule, ...] | None = None  # product: a coefficient by size, say
    each: Each | None = None
    points: Exact | None = None

    @model_validator(mode="before")
    @classmethod
    def _short(cls, data: Any) -> Any:
        if isinstance(data, str | int | float | Decimal) and not isinstance(data, bool):
            return {"points": data}
        return data

    @model_validator(mode="after")
    def _one(self) -> Rule:
        if len(self.model_fields_set) != 1 or getattr(self, self.kind) is None:
            raise ValueError(f"a rule is exactly one of {', '.join(type(self).model_fields)}")
        return self

    @property
    def kind(self) -> str:
        """Name of the primitive."""
        return next(iter(self.model_fields_set), "")

    @property
    def parts(self) -> tuple[Rule, ...]:
        """The rules directly inside this one."""
        if self.first:
            return (*(b.then for b in self.first.branches), self.first.otherwise)
        if self.mean:
            return tuple(part.rule for part in self.mean)
        if self.each:
            return (self.each.rule,)
        return self.sum or self.best or self.worst or self.times or ()

    def evaluate(self, context: RuleContext) -> RuleTrace:
        """What it gives where it is evaluated."""
        from flows.score.rules.evaluate import evaluate

        return evaluate(self, context)

    @property
    def inputs(self) -> tuple[Input, ...]:
        """Every input that this rule and those inside it read, those of conditions too."""
        return tuple(i for rule in self.walk() for i in rule.own_inputs)

    @property
    def own_inputs(self) -> tuple[Input, ...]:
        """The inputs read by this rule itself, without those of its parts; of conditions all."""
        own = self.linear or self.bands or self.steps or self.table or self.tally
        found = [own.of] if own else []
        for branch in self.first.branches if self.first else ():
            found += branch.if_.inputs
        return tuple(found)

    def walk(self) -> Iterator[Rule]:
        """This rule and all inside it."""
        yield self
        for part in self.parts:
            yield from part.walk()


for _model in (Condition, Branch, First, Weighted, Each, Rule):
    _model.model_rebuild()
