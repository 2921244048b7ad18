"""The shape of a year's scheme (`data/scheme/<year>/scheme.yml`), as strict models.

A scheme is a tree of items; a leaf has a rule, and a rule is one of ten primitives that nest. All 32 kinds
of scoring rules that real schemes use are written with them (tests/case/rule), so that a new scheme needs no
Python. Unknown keys are errors: a misspelt cap must never be silently without effect. What is *recorded* during
the year (bonus applications, deductions, rater scores, verified figures, vetoes, appeals) is not written here;
it arrives through intake like every other record.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BeforeValidator, Field, model_validator

from flows.contract.model import Strict

#: A number as somebody wrote it: digits, never a binary float (0.1 in YAML stays 0.1).
Exact: TypeAlias = Annotated[Decimal, BeforeValidator(lambda v: str(v) if isinstance(v, float | int) else v)]

ID = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


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


class Number(Strict):
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
    def _one_source(self) -> Number:
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

    of: Number = Number()
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

    of: Number = Number.model_validate("attainment")
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

    of: Number = Number()
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

    of: Number = Number()
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

    of: Number = Number()
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

    of: Number = Number()
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

    periods: tuple[str, ...] = Field(min_length=1)  # like Number.period
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

    @property
    def numbers(self) -> tuple[Number, ...]:
        """The numbers read by this rule itself, without those of its parts; of conditions all."""
        own = self.linear or self.bands or self.steps or self.table or self.tally
        found = [own.of] if own else []
        for branch in self.first.branches if self.first else ():
            found += condition_numbers(branch.if_)
        return tuple(found)

    def walk(self) -> Iterator[Rule]:
        """This rule and all inside it."""
        yield self
        for part in self.parts:
            yield from part.walk()


def condition_numbers(condition: Condition) -> list[Number]:
    """Every number a condition reads."""
    inner = [*condition.all_, *condition.any_, *([condition.not_] if condition.not_ else [])]
    return [n for c in inner for n in condition_numbers(c)] if inner else [condition.of]


#: What an item without a usable number gives. zero, full, {fixed: n}: those points · group_mean: mean of the points of its
#: group's units that have a number · applicable_mean: the same over all groups the item applies to · rescale: the item is left
#: out and the others are scaled up to the full total · none: the item is no part of this unit's scheme · error: open until known.
class Fixed(Strict):
    """Fixed points for an item that has no number."""

    fixed: Exact


Policy = Literal["zero", "full", "group_mean", "applicable_mean", "rescale", "none", "error"] | Fixed


class Missing(Strict):
    """What becomes of an item whose number is missing, by the reason; a reason left out is the scheme's."""

    not_applicable: Policy | None = (
        None  # nothing to measure: a rate of nothing, a class it does not apply to
    )
    no_target: Policy | None = None  # a rule asks for a target and the unit was set none
    not_reported: Policy | None = None
    rejected: Policy | None = None  # reported, but no row passed the checks
    unscored: Policy | None = None  # a rater score is missing; `error` unless said otherwise


class Item(Strict):
    """A node of the tree: a block of `items`, or a leaf with a `rule`."""

    id: ID
    label: str
    points: Exact | None = None  # full points; a block without them has the sum of its items
    items: tuple[Item, ...] = ()
    rule: Rule | None = None
    indicator: str | None = None  # what the rule reads unless it names something else
    cap: Exact | None = None  # most it gives; default: points
    floor: Exact | None = (
        None  # least it gives; a leaf: 0, negative where a scheme deducts below zero (倒扣); a block: none
    )
    groups: tuple[str, ...] = ()  # applies to these only; default: all
    missing: Missing = Missing()
    department: str = ""  # 考核人
    evidence: str = ""  # 考核办法: how it is checked
    standard: str = ""  # words for the printed document where the rule's own sentence would not do

    @model_validator(mode="after")
    def _leaf_or_block(self) -> Item:
        if bool(self.items) == (self.rule is not None):
            raise ValueError(f"item {self.id} has either items or a rule")
        if self.rule is not None and self.points is None:
            raise ValueError(f"item {self.id}: a leaf has points")
        return self

    @property
    def full(self) -> Decimal:
        """Its full points: as given, or the sum of its items."""
        return self.points if self.points is not None else sum((i.full for i in self.items), start=Decimal(0))

    @property
    def most(self) -> Decimal:
        """Its cap."""
        return self.full if self.cap is None else self.cap

    @property
    def least(self) -> Decimal | None:
        """Its floor; None for a block without one."""
        return Decimal(0) if self.floor is None and not self.items else self.floor

    def walk(self) -> Iterator[Item]:
        """This item and all below it, in order."""
        yield self
        for item in self.items:
            yield from item.walk()


class BonusClass(Strict):
    """One class of bonus: which kinds of applications (code list bonus_kind), most points per level, cap of the class."""

    id: ID
    label: str
    kinds: tuple[str, ...] = Field(min_length=1)
    levels: dict[str, Exact] = Field(min_length=1)  # honour_level → most points one matter can be granted
    cap: Exact | None = None


class Bonus(Strict):
    """Points outside the items, by applications (record kind bonus_application), each granted with its document."""

    classes: tuple[BonusClass, ...] = Field(min_length=1)
    cap: Exact
    needs_document: bool = True
    highest_only: bool = True  # one matter counts once, at its highest level
    work_years_back: int = Field(1, ge=0)  # how long before the assessed year the work may have been done


class DeductionClass(Strict):
    """One class of deductions: notices about these items (or anything below them); without items: all others."""

    id: ID
    label: str
    items: tuple[str, ...] = ()
    cap: Exact | None = None


class Deductions(Strict):
    """Points taken off the total by notices (record kind deduction), within class caps, then the total cap."""

    classes: tuple[DeductionClass, ...] = Field(min_length=1)
    cap: Exact | None = None
    factor: Rule | None = None  # multiplied with, by size


class Effect(Strict):
    """What a gate does. One of these."""

    no_award: bool = False  # 取消评优资格: no grade; points and rank stay
    at_best: str | None = None  # 一票否优: no better grade than this
    lower_one: bool = False  # one grade lower
    lowest: bool = False  # the lowest grade of the list
    zero_score: bool = False  # total points 0
    void: tuple[str, ...] = ()  # these items give nothing (弄虚作假)
    claw_back: int | None = Field(None, ge=1)  # the grades of this many years before are withdrawn as well

    @model_validator(mode="before")
    @classmethod
    def _short(cls, data: Any) -> Any:
        return {data: True} if isinstance(data, str) else data

    @model_validator(mode="after")
    def _some(self) -> Effect:
        if not self.model_fields_set:
            raise ValueError(f"an effect is some of {', '.join(type(self).model_fields)}")
        return self


class Gate(Strict):
    """A must-have, bar or veto: `if` it holds, the effect follows. Vetoes read recorded events (`of: {veto: […]}`)."""

    id: ID
    label: str
    if_: Condition = Field(alias="if")
    effect: Effect


class Grade(Strict):
    """One grade, best first: by number of units, share of units, least points, or what is left."""

    grade: str  # code of assessment_grade
    count: int | None = Field(None, ge=0)
    share: Exact | None = Field(None, gt=0, le=1)
    round: Literal["floor", "half_up", "ceil"] = "floor"  # of share × units
    at_least_units: int = Field(0, ge=0)  # of a share
    min_points: Exact | None = None

    @model_validator(mode="after")
    def _one_quota(self) -> Grade:
        if self.count is not None and self.share is not None:
            raise ValueError(f"grade {self.grade} has either a count or a share")
        return self


class Grades(Strict):
    """How ranks become grades: places are filled from the best grade down, within `scope`."""

    scope: Literal["group", "all"] = "group"
    list_: tuple[Grade, ...] = Field(min_length=1, alias="list")
    no_award: str = "none"  # grade of a unit that may have none
    barred: Literal[
        "passes_on", "keeps_place"
    ]  # whether the place of a barred unit goes to the next; among equals it gives way
    edge_tie: Literal[
        "extend", "drop", "decide"
    ]  # equal ranks at the last place: all, none, or by recorded decision


class Rank(Strict):
    """How totals become places. `break` is tried in order among equal totals; what is still equal shares a place."""

    ties: Literal["shared", "dense"]  # 1, 1, 3 or 1, 1, 2
    break_: tuple[str, ...] = Field(
        (), alias="break"
    )  # base_points, bonus_points, item:<id>, past_rank, decision


class Rounding(Strict):
    """Decimal places, half up; nothing is rounded where none are given."""

    items: int | None = Field(None, ge=0, le=6)
    total: int = Field(2, ge=0, le=6)


class Pace(Strict):
    """When progress within the year is green or yellow: share of what was expected by that day."""

    green: Exact = Decimal(1)
    yellow: Exact = Decimal("0.8")


Step = Literal["items", "rescale", "bonus", "deductions", "round", "gates", "rank", "grades"]


class Scheme(Strict):
    """A year's assessment: `data/scheme/<year>/scheme.yml`."""

    scheme: str
    year: int
    label: str
    document_no: str
    note: str = ""  # printed in front: that it is a sample, say
    method: tuple[str, ...] = ()  # sentences of the 考核办法 that no rule expresses: purpose, procedure
    groups: dict[str, str] = Field(default_factory=dict)  # group_id of group.csv → how it is printed
    closing_on: date  # after this day undecided rows stay out
    total: Exact = Decimal(100)  # what the items are meant to add up to
    order: tuple[Step, ...]  # the composition; `round` before or after `rank` says what ranks are made from
    items: tuple[Item, ...] = Field(min_length=1)
    missing: Missing  # for every reason
    bonus: Bonus | None = None
    deductions: Deductions | None = None
    gates: tuple[Gate, ...] = ()
    appealed_veto: Literal["applies", "suspended"] = "applies"
    rank: Rank
    grades: Grades
    rounding: Rounding = Rounding()
    pace: Pace = Pace()

    @model_validator(mode="after")
    def _order(self) -> Scheme:
        needed: set[Step] = {"items", "round", "gates", "rank", "grades", "rescale"}
        needed |= {"bonus"} if self.bonus else set()
        needed |= {"deductions"} if self.deductions else set()
        if set(self.order) != needed or len(self.order) != len(needed):
            raise ValueError(f"order names each of {', '.join(sorted(needed))} once")
        at = {step: n for n, step in enumerate(self.order)}
        if at["items"] != 0 or at["grades"] != len(self.order) - 1:
            raise ValueError("order begins with items and ends with grades")
        if any(at[s] > at["rank"] for s in ("rescale", "bonus", "deductions") if s in at):
            raise ValueError("rescale, bonus and deductions come before rank")
        open_reasons = [
            r
            for r in ("not_applicable", "no_target", "not_reported", "rejected")
            if getattr(self.missing, r) is None
        ]
        if open_reasons:
            raise ValueError(f"missing: say what becomes of an item that is {', '.join(open_reasons)}")
        return self

    def walk(self) -> Iterator[Item]:
        """All items, blocks before what is in them."""
        for item in self.items:
            yield from item.walk()

    def group_label(self, group_id: str) -> str:
        """How a group is printed: as named, else by its id."""
        return self.groups.get(group_id, group_id)

    @property
    def leaves(self) -> tuple[Item, ...]:
        """Items with a rule, in order."""
        return tuple(i for i in self.walk() if i.rule is not None)

    def policy(self, item: Item, reason: str) -> Policy:
        """What becomes of an item whose number is missing for a reason."""
        own: Policy | None = getattr(item.missing, reason)
        general: Policy | None = getattr(self.missing, reason)
        return own or general or "error"


for _model in (Condition, Branch, First, Weighted, Each, Rule, Item):
    _model.model_rebuild()
