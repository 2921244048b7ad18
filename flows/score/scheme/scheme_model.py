"""The shape of a year's scheme (`data/scheme/<year>/scheme.yml`), as strict models.

A scheme is a tree of items whose leaves have rules (`grammar.py`), and what follows from their points: bonus, deductions, gates,
places, grades, in an order that it lists itself. Unknown keys are errors. What is *recorded* during the year (bonus applications, deductions, rater scores, verified figures, vetoes, appeals) is not written here;
it arrives through intake like every other record.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from flows.contract.record import Strict
from flows.score.rules import Rule
from flows.score.rules.condition import Condition
from flows.score.sources.input import Exact, InputBase

ID = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Label = Annotated[str, Field(pattern=r"\S")]  # under which it is printed
Positive = Annotated[Exact, Field(gt=0)]


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
    rejected: Policy | None = None  # reported, but no row counts: none passed, or a column is not understood
    unscored: Policy | None = None  # a rater score is missing; `error` unless said otherwise


class Item(Strict):
    """A node of the tree: a block of `items`, or a leaf with a `rule`."""

    id: ID
    label: Label
    points: Annotated[Exact, Field(ge=0)] | None = (
        None  # full points; a block without them has the sum of its items
    )
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
        if self.items and (self.indicator is not None or self.missing.model_fields_set):
            raise ValueError(f"item {self.id}: a block has no figure of its own, so none can be missing")
        if self.rule is not None and self.points is None:
            raise ValueError(f"item {self.id}: a leaf has points")
        if self.cap is not None and self.floor is not None and self.cap < self.floor:
            raise ValueError(f"cap {self.cap} is below floor {self.floor}")
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

    @property
    def inputs(self) -> tuple[InputBase, ...]:
        """Every input that the rule of a leaf reads; none of a block."""
        return self.rule.inputs if self.rule is not None else ()

    def walk(self) -> Iterator[Item]:
        """This item and all below it, in order."""
        yield self
        for item in self.items:
            yield from item.walk()


class BonusClass(Strict):
    """One class of bonus: which kinds of applications (code list bonus_kind), most points per level, cap of the class."""

    id: ID
    label: Label
    kinds: tuple[str, ...] = Field(min_length=1)
    levels: dict[str, Positive] = Field(min_length=1)  # honour_level → most points one matter can be granted
    cap: Positive | None = None


class Bonus(Strict):
    """Points outside the items, by applications (record kind bonus_application), each granted with its document."""

    classes: tuple[BonusClass, ...] = Field(min_length=1)
    cap: Positive
    needs_document: bool = True
    highest_only: bool = True  # one matter counts once, at its highest level
    work_years_back: int = Field(1, ge=0)  # how long before the assessed year the work may have been done

    @model_validator(mode="after")
    def _kinds_once(self) -> Bonus:
        kinds = [kind for found in self.classes for kind in found.kinds]
        if twice := {kind for kind in kinds if kinds.count(kind) > 1}:
            raise ValueError(f"{', '.join(sorted(twice))} in two classes")
        return self


class DeductionClass(Strict):
    """One class of deductions: notices about these items (or anything below them); without items: all others."""

    id: ID
    label: Label
    items: tuple[str, ...] = ()
    cap: Positive | None = None


class Deductions(Strict):
    """Points taken off the total by notices (record kind deduction), within class caps, then the total cap."""

    classes: tuple[DeductionClass, ...] = Field(min_length=1)
    cap: Positive | None = None
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
        grading = [n for n in ("no_award", "lowest", "lower_one", "at_best") if getattr(self, n)]
        if len(grading) > 1 and grading[0] in ("no_award", "lowest"):
            raise ValueError(f"{', '.join(grading[1:])}: {grading[0]} already decides the grade")
        return self


class Gate(Strict):
    """A must-have, bar or veto: `if` it holds, the effect follows. Vetoes read recorded events (`of: {veto: […]}`)."""

    id: ID
    label: Label
    if_: Condition = Field(alias="if")
    effect: Effect

    @property
    def inputs(self) -> tuple[InputBase, ...]:
        """Every input its condition reads."""
        return self.if_.inputs


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
        if self.share is None and {"round", "at_least_units"} & self.model_fields_set:
            raise ValueError(f"grade {self.grade}: round and at_least_units belong to a share")
        return self

    def quota(self, units: int) -> int | None:
        """How many places it has among so many units; None: as many as reach it."""
        if self.share is None:
            return self.count
        places = Fraction(self.share) * units
        whole = {"floor": floor(places), "ceil": ceil(places), "half_up": floor(places + Fraction(1, 2))}
        return max(whole[self.round], self.at_least_units)


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

    @model_validator(mode="after")
    def _falling(self) -> Grades:
        names = [grade.grade for grade in self.list_] + [self.no_award]
        if twice := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"{', '.join(sorted(twice))} is given twice")
        floors = [grade.min_points for grade in self.list_ if grade.min_points is not None]
        if floors != sorted(floors, reverse=True):
            raise ValueError("the better grade comes first and asks for more points")
        return self


TieBreak = Annotated[str, Field(pattern="^(base_points|bonus_points|past_rank|decision|item:.+)$")]


class PlaceRule(Strict):
    """How totals become places. `break` is tried in order among equal totals; what is still equal shares a place."""

    ties: Literal["shared", "dense"]  # 1, 1, 3 or 1, 1, 2
    break_: tuple[TieBreak, ...] = Field((), alias="break")

    @model_validator(mode="after")
    def _once(self) -> PlaceRule:
        if len(set(self.break_)) < len(self.break_):
            raise ValueError("what was compared before breaks no tie")
        return self


class Rounding(Strict):
    """Decimal places, half up; nothing is rounded where none are given."""

    items: int | None = Field(None, ge=0, le=6)
    total: int = Field(2, ge=0, le=6)


class PaceMarks(Strict):
    """When progress within the year is green or yellow: share of what was expected by that day."""

    green: Exact = Decimal(1)
    yellow: Exact = Decimal("0.8")

    @model_validator(mode="after")
    def _ordered(self) -> PaceMarks:
        if not 0 < self.yellow <= self.green:
            raise ValueError(f"yellow from {self.yellow}, green from {self.green}: yellow begins below green")
        return self


class Objections(Strict):
    """Until when a unit may object to its score, and to whom: printed in the scheme and in the letter to the unit."""

    until: date
    to: str


Step = Literal["items", "rescale", "bonus", "deductions", "round", "gates", "rank", "grades"]


class Scheme(Strict):
    """A year's assessment: `data/scheme/<year>/scheme.yml`."""

    scheme: str
    year: int
    label: str
    document_no: Label  # by which it was decided
    note: str = ""  # printed in front: that it is a sample, say
    method: tuple[str, ...] = ()  # sentences of the 考核办法 that no rule expresses: purpose, procedure
    groups: dict[str, str] = Field(default_factory=dict)  # group_id of group.csv → how it is printed
    closing_on: date  # after this day undecided rows stay out
    objections: Objections | None = None
    total: Exact = Decimal(100)  # what the items are meant to add up to
    order: tuple[Step, ...]  # the composition; `round` before or after `rank` says what ranks are made from
    items: tuple[Item, ...] = Field(min_length=1)
    missing: Missing  # for every reason
    bonus: Bonus | None = None
    deductions: Deductions | None = None
    gates: tuple[Gate, ...] = ()
    appealed_veto: Literal["applies", "suspended"] = "applies"
    rank: PlaceRule
    grades: Grades
    rounding: Rounding = Rounding()
    pace: PaceMarks = PaceMarks()

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
        if not date(self.year, 12, 31) < self.closing_on <= date(self.year + 1, 12, 31):
            raise ValueError(f"closing_on {self.closing_on} is not in the year after {self.year}")
        if self.objections and self.objections.until < self.closing_on:
            raise ValueError(
                f"objections until {self.objections.until}, before the closing day {self.closing_on}"
            )
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
    def is_placed_rounded(self) -> bool:
        """Whether places are made from rounded totals."""
        return self.order.index("round") < self.order.index("rank")

    @property
    def leaves(self) -> tuple[Item, ...]:
        """Items with a rule, in order."""
        return tuple(i for i in self.walk() if i.rule is not None)

    def policy(self, item: Item, reason: str) -> Policy:
        """What becomes of an item whose number is missing for a reason; an unsettled one was reported, and nothing counts."""
        reason = "rejected" if reason == "unsettled" else reason
        own: Policy | None = getattr(item.missing, reason)
        general: Policy | None = getattr(self.missing, reason)
        return own or general or "error"


Item.model_rebuild()
