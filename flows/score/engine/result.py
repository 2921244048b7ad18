"""What scoring gives: points, places, grades, and everything needed to explain each of them.

Exact fractions throughout; the store rounds once, half up, when it writes them. `RuleTrace` is the tree of what a rule
did for one unit; `flows/score/explain/sentence.py` turns it into a Chinese sentence.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from flows.score.engine.facts import Address, BonusApplication, FigureKey, State
from flows.score.rules.rule import RuleTrace


@dataclass(frozen=True, slots=True)
class ItemScore:
    """One unit and item. Blocks have no indicator, target or working; their points are the sum of their items, capped.

    `points` is None where the item is open (a missing rater score) or no part of this unit's scheme (`policy` none).
    """

    unit: str
    item: str
    full: Fraction  # 0 where the item is left out (rescale, none)
    points: Fraction | None
    state: State
    indicator: str | None = None
    target: Fraction | None = None
    target_document: str | None = None
    actual: Fraction | None = None  # the figure that counted
    attainment: Fraction | None = None
    trace: RuleTrace | None = None
    policy: str | None = None  # the policy that took the place of the rule
    raw: Fraction | None = None  # before cap and floor, ruling and void
    ruled: Address | None = None  # the appeal that set the points
    is_void: bool = False


@dataclass(frozen=True, slots=True)
class FinalValue:
    """The figure of an indicator that counts for a unit and how it came about: computed, then corrected."""

    unit: str
    key: FigureKey
    state: State
    computed: Fraction | None
    actual: Fraction | None
    lower: Fraction | None
    upper: Fraction | None
    numerator: Fraction | None = None
    denominator: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Adjustment:
    """One recorded change of a figure (before, after in its unit) or of points (before, after in points)."""

    unit: str
    kind: Literal["verified", "spot_check", "ruled_figure", "ruled_points", "deduction"]
    amount: Fraction
    reason: str
    document_no: str
    address: Address
    item: str | None = None
    indicator: str | None = None
    before: Fraction | None = None
    after: Fraction | None = None


@dataclass(frozen=True, slots=True)
class BonusEntry(BonusApplication):
    """What became of one application: `counted` points of it, before the caps of class and total."""

    class_id: str | None
    counted: Fraction
    #: granted, undecided, no_document, lower_level, counted_before, out_of_years, above_level, class_unknown, level_unknown
    why: str


@dataclass(frozen=True, slots=True)
class GateHit:
    """A gate that holds for a unit; `effect` is its short name, `detail` what it names (a grade, items, years)."""

    unit: str
    gate: str
    effect: str
    detail: str
    addresses: tuple[Address, ...] = ()


@dataclass(frozen=True, slots=True)
class UnitResult:
    """One unit's year. Totals are as the scheme's order leaves them; `rescale` is the factor (1 where nothing was left out)."""

    unit: str
    group: str
    base: Fraction
    bonus: Fraction
    deduction: Fraction
    total: Fraction
    rescale: Fraction
    group_rank: int
    overall_rank: int
    grade: str
    open_items: tuple[str, ...]  # items without points: the total is not final


@dataclass(frozen=True, slots=True)
class ScoringFinding:
    """Something the office has to settle: never a guess. An error keeps the year from being closed."""

    severity: Literal["error", "warning", "info"]
    code: str
    message: str  # Chinese: what, where, what to do
    unit: str | None = None
    item: str | None = None
    address: Address | None = None


@dataclass(frozen=True)
class Scored:
    """A scored year. Lists are sorted (unit, item in the order of the scheme), whatever the order of the facts."""

    items: tuple[ItemScore, ...]
    results: tuple[UnitResult, ...]
    figures: tuple[FinalValue, ...]
    adjustments: tuple[Adjustment, ...]
    bonus: tuple[BonusEntry, ...]
    gates: tuple[GateHit, ...]
    findings: tuple[ScoringFinding, ...]
