"""What a proof shows: a published number, the rows it is made of with their addresses, and every difference.

Plain data for `flows/report/trace`. A cell of a person never gets here: its value is None.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction


class NotPublishedError(LookupError):
    """The published edition has no such unit, period or item; the text names it."""


@dataclass(frozen=True)
class StreakYear:
    """One year of a streak: whether it is in the run that counts."""

    year: int
    is_awarded: bool
    in_run: bool


@dataclass(frozen=True)
class RowSum:
    """What rows come to. `numerator` None: no row says anything; `records` as in metric.value.record_count."""

    numerator: Fraction | None = None
    denominator: Fraction | None = None
    records: int = 0
    straddling: int = 0  # rows that lie in the period only in part: undecided
    subjects: int = 0  # different ones
    anonymous: int = 0  # rows without a usable subject, each counted for itself
    repeats: int = 0  # rows of a subject that counts already
    hits: int = 0  # coverage: rows that reach somebody of the population
    editions: tuple[str, ...] = ()
    years: tuple[StreakYear, ...] = ()


@dataclass(frozen=True)
class PublishedValue:
    """A number as metric.value has it."""

    state: str
    value: Fraction | None
    numerator: Fraction | None
    denominator: Fraction | None
    record_count: int
    undecided_count: int
    lower: Fraction | None
    upper: Fraction | None


@dataclass(frozen=True)
class SourceTable:
    """A table of a delivery that was read again; `counted` of its rows are in the number."""

    part_id: int
    delivery_id: int
    name: str  # path below the sender's folder
    sheet: str
    sender: str
    record: str
    label: str
    covers_from: date | None
    covers_to: date | None
    received_at: datetime
    sha256: str
    is_turned: bool  # records stand in columns: a row number is a column
    is_in_force: bool
    counted: int = 0


@dataclass(frozen=True)
class ShownCell:
    """What the definition reads of a row; `value` is None where the column is about a person."""

    label: str
    value: str | None


@dataclass(frozen=True)
class CountedRow:
    """A row that counts. `subject`: number of a person within this proof, an edition, or a year."""

    part_id: int
    row_number: int
    unit: str
    since_on: date | None
    until_on: date | None
    category: str | None
    numerator: Fraction | None
    denominator: Fraction | None
    subject: str | None
    role: str | None
    cells: tuple[ShownCell, ...] = ()


@dataclass(frozen=True)
class UncountedRow:
    """A row of the same deliveries and unit that does not count; `row_number` None: nothing of the table does."""

    part_id: int
    row_number: int | None
    reason: str
    detail: str = ""  # in Chinese: findings of the row, the row that counts instead
    cells: tuple[ShownCell, ...] = ()

    @property
    def place(self) -> int:
        """What rows of a table are sorted by: the whole table first."""
        return self.row_number or 0


@dataclass(frozen=True)
class Difference:
    """Something that is not as published; `code` names it, the two sides are as text."""

    code: str
    published: str = ""
    found: str = ""
    part_id: int | None = None
    row_number: int | None = None
    delivery_id: int | None = None


@dataclass
class ValueProof:
    """A published number and what reading its deliveries again says about it."""

    unit: str
    unit_name: str
    indicator: str
    label: str
    measure: str  # unit of measure
    shape: str
    basis: str
    statement: str  # the SELECT
    period: str
    period_label: str
    first_on: date
    last_on: date
    category: str | None
    predecessors: dict[str, str] = field(default_factory=dict)  # unit → name
    published: PublishedValue | None = None
    remarks: list[str] = field(default_factory=list)  # what metric.flag says of it
    tally: RowSum = field(default_factory=RowSum)
    sources: list[SourceTable] = field(default_factory=list)
    standing: list[int] = field(default_factory=list)  # parts that are the rolls of the last day
    reported: list[SourceTable] = field(default_factory=list)  # a zero: what was handed in and names nothing
    lines: list[CountedRow] = field(default_factory=list)  # the first of them
    counted: int = 0  # all of them
    passed: list[UncountedRow] = field(default_factory=list)
    passed_by_reason: Counter[str] = field(default_factory=Counter)
    differences: list[Difference] = field(default_factory=list)
    differing_rows: int = 0
    withdrawn: list[int] = field(
        default_factory=list
    )  # deliveries withdrawn since; the next edition lacks them
    is_older_code: bool = False  # the edition was built by other definitions or other code

    @property
    def is_proven(self) -> bool:
        """Whether the published number is what the vault's files say; a category without a row is not published."""
        return not self.differences and (self.published is not None or self.category is not None)


@dataclass(frozen=True)
class RecordedDecision:
    """A recorded decision or score about a unit, with where it stands and what it says."""

    kind: (
        str  # verified, spot_check, ruled_figure, ruled_points, deduction, rater_score, bonus, veto, decision
    )
    part_id: int
    row_number: int
    amount: Fraction | None
    before: Fraction | None = None
    after: Fraction | None = None
    reason: str = ""
    document_no: str = ""
    source: SourceTable | None = None
    cells: tuple[ShownCell, ...] = ()


@dataclass
class UsedFigure:
    """A figure as the rule read it: computed from records, then corrected. `proof` is that of the computed one."""

    indicator: str
    category: str | None
    period: str
    state: str
    computed: Fraction | None
    actual: Fraction | None
    proof: ValueProof
    corrections: list[RecordedDecision] = field(default_factory=list)


@dataclass(frozen=True)
class SubItem:
    """An item of a block, with its points."""

    item: str
    label: str
    full: Fraction
    points: Fraction | None


@dataclass(frozen=True)
class PeersRead:
    """How many other units a result depends on, and whether their figures were read again too or are as published."""

    number: int
    are_read: bool


@dataclass(frozen=True)
class DueReport:
    """A report that was due: by when, in time until (an accepted excuse added), when it came and by which deliveries, days late."""

    label: str
    period: str
    due_on: date
    in_time_until_on: date
    came_on: date | None
    reached_on: date | None  # the day that its tables reach where none reaches the last
    days: int | None
    deliveries: Sequence[int]


@dataclass
class ScoreProof:
    """The published points of one item, and what following them back to the records says about them."""

    unit: str
    unit_name: str
    year: int
    scheme: str  # label and document
    item: str
    label: str
    above: Sequence[str]  # labels of the blocks it is in, outermost first
    full: Fraction
    points: Fraction | None
    points_low: Fraction | None
    points_high: Fraction | None
    state: str
    target: Fraction | None
    target_document: str
    actual: Fraction | None
    attainment: Fraction | None
    explanation: str
    parts: list[SubItem] = field(default_factory=list)
    figures: list[UsedFigure] = field(default_factory=list)
    recorded: list[RecordedDecision] = field(default_factory=list)  # scores of raters, rulings on points
    due: list[DueReport] = field(default_factory=list)  # where points depend on when reports came
    peers: PeersRead = PeersRead(0, True)
    again: Fraction | None = None  # points of the rule over the proven figures, or sum of the parts
    differences: list[Difference] = field(default_factory=list)

    @property
    def is_proven(self) -> bool:
        """Whether the points follow from what the vault's files say; of peers that were not read again, from what was published."""
        return not self.differences and all(used.proof.is_proven for used in self.figures)

    @property
    def is_complete(self) -> bool:
        """Whether nothing in it is as published."""
        return self.is_proven and self.peers.are_read


@dataclass(frozen=True)
class ProofStep:
    """A line of the reckoning of something decided: as published, as it comes again, and how; `item`: what can be traced by itself."""

    label: str
    published: str
    again: str
    detail: str = ""
    item: str = ""
    is_proven: bool = True

    @property
    def agrees(self) -> bool:
        """Whether it is as published and what it is made of is proven."""
        return self.is_proven and self.published == self.again


@dataclass
class DecidedProof:
    """What was decided about a unit beside its items (a total, place, grade, gates, bonus, deductions), and what reading again says of it."""

    kind: str
    unit: str
    unit_name: str
    year: int
    scheme: str  # label and document
    published: str
    again: str
    steps: list[ProofStep] = field(default_factory=list)
    figures: list[UsedFigure] = field(default_factory=list)
    recorded: list[RecordedDecision] = field(default_factory=list)
    peers: PeersRead = PeersRead(0, True)
    differences: list[Difference] = field(default_factory=list)

    @property
    def is_proven(self) -> bool:
        """Whether it follows from what the vault's files say; of units that were not read again, from what was published."""
        return (
            self.published == self.again
            and not self.differences
            and all(step.agrees for step in self.steps)
            and all(used.proof.is_proven for used in self.figures)
        )

    @property
    def is_complete(self) -> bool:
        """Whether nothing in it is as published."""
        return self.is_proven and self.peers.are_read
