"""What a year is scored on: its scheme and facts, looked up by unit and item, each list indexed once.

Texts that name an item (notices, scores, rulings) are matched by id or label, half-width and without blanks; a text that
matches none is a finding, never the nearest guess.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from typing import Literal

from flows.contract.catalogue import ContractError
from flows.contract.indicator import indicators
from flows.contract.text import name_key
from flows.score.engine.corrections import Figures, apply_corrections
from flows.score.engine.facts import Facts, FigureKey, OfficeRecord, PastResult, RaterScore
from flows.score.engine.result import Adjustment, ScoringFinding
from flows.score.scheme.required_inputs import leaves_read, required_figures
from flows.score.scheme.scheme_loader import SchemeYear, Target
from flows.score.scheme.scheme_model import Item, Scheme
from flows.score.sources.input import InputBase

#: Where a figure is read: as it counts, or with its undecided rows so that it is least or most.
End = Literal["at", "low", "high"]


class AssessmentError(RuntimeError):
    """A score that contradicts itself: a fault of the engine or of what it was given, never published."""


@dataclass
class ScoringContext:
    """The year's scheme and facts, indexed. `findings` and `adjustments` collect what comes up while scoring."""

    year: SchemeYear
    facts: Facts
    directions: Mapping[str, str] | None = None
    on: date | None = None  # targets in effect by then; None: all that are written
    findings: dict[tuple[str, str | None, str | None, str], ScoringFinding] = field(default_factory=dict)
    adjustments: list[Adjustment] = field(default_factory=list)
    figures: Figures = field(default_factory=dict)
    targets: dict[tuple[str, str], Target] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Correct the figures, take the targets in effect.

        `ContractError` for a unit without a group, `AssessmentError` for items that need each other's points.
        """
        _refuse_rings(self.year.scheme)
        if lost := sorted(set(self.facts.units) - set(self.year.groups)):
            raise ContractError(
                f"{self.year.folder / 'group.csv'}: no group for {', '.join(lost)}: add a line for each"
            )
        if self.directions is None:
            self.directions = {name: i.direction for name, i in indicators().items()}
        self.figures, self.adjustments, findings = apply_corrections(
            self.year.year, self.facts, self._indicators_read
        )
        for finding in findings:
            self.add_finding(finding)
        self.targets = self.year.in_force(self.on)

    def with_figures(self, unit: str, facts: Facts) -> ScoringContext:
        """The same context with other figures and corrections of one unit; what is found there is its own."""
        own = {key: figure for key, figure in facts.figures.items() if key[0] == unit}
        about = tuple(c for c in facts.corrections if c.unit == unit)
        other = copy(self)
        other.facts, other.findings = facts, {}
        own_facts = replace(facts, figures=own, corrections=about)
        changed, _, _ = apply_corrections(self.year.year, own_facts, self._indicators_read)
        other.figures = self.figures | changed
        if len(other.figures) > len(self.figures):
            other.__dict__.pop("categories", None)
        return other

    @cached_property
    def _indicators_read(self) -> frozenset[str]:
        return frozenset(key.indicator for key in required_figures(self.year))

    def add_finding(self, finding: ScoringFinding) -> None:
        """Remember a finding once."""
        key = (finding.code, finding.unit, finding.item, f"{finding.message}{finding.address}")
        self.findings.setdefault(key, finding)

    def sorted_findings(self) -> tuple[ScoringFinding, ...]:
        """The findings so far, by code, unit and item."""
        in_order = sorted(self.findings, key=lambda key: tuple(part or "" for part in key))
        return tuple(self.findings[key] for key in in_order)

    def add_unassessed_records(self) -> None:
        """A warning for every record about a unit that is not assessed: it moves nothing."""
        facts = self.facts
        known = {*facts.units, *(child for below in facts.children.values() for child in below)}
        records: dict[str, Sequence[OfficeRecord]] = {
            "核定、核减或申诉": facts.corrections,
            "申诉": facts.points_rulings,
            "评分": facts.scores,
            "加分申报": [a for a in facts.bonus if a.counted_year == self.year.year],
            "否决情形登记": facts.vetoes,
            "名次裁定": facts.decisions,
        }
        for what, rows in records.items():
            message = f"{what}所列单位不在本年度考核范围，未使用，请核对单位"
            for row in rows:
                if row.unit not in known:
                    about = (row.unit, None, row.address)
                    self.add_finding(ScoringFinding("warning", "unit_not_assessed", message, *about))

    def lower_is_better(self, indicator: str | None) -> bool:
        """Whether less of an indicator is better."""
        return bool(indicator) and (self.directions or {}).get(indicator or "") == "down"

    @cached_property
    def units(self) -> tuple[str, ...]:
        """Assessed units, sorted."""
        return tuple(sorted(self.facts.units))

    @cached_property
    def members(self) -> dict[str, tuple[str, ...]]:
        """Units of each group, sorted."""
        held: dict[str, list[str]] = defaultdict(list)
        for unit in self.units:
            held[self.year.groups[unit]].append(unit)
        return {group: tuple(found) for group, found in sorted(held.items())}

    def peers(self, unit: str, item: Item | None, scope: str) -> tuple[str, ...]:
        """Units of the group (or all) to which the item applies."""
        units = self.units if scope == "all" else self.members[self.year.groups[unit]]
        return units if item is None else tuple(u for u in units if self.applies(u, item))

    def applies(self, unit: str, item: Item) -> bool:
        """Whether the item is one of the unit's group."""
        groups = self._groups[item.id]
        return groups is None or self.year.groups[unit] in groups

    @cached_property
    def _groups(self) -> dict[str, frozenset[str] | None]:
        """Item → the groups it is for by itself and the blocks it is in; None: all."""
        limits = {name: [frozenset(i.groups) for i in path if i.groups] for name, path in self.above.items()}
        return {name: frozenset.intersection(*found) if found else None for name, found in limits.items()}

    @cached_property
    def items(self) -> dict[str, Item]:
        """Items by id."""
        return {item.id: item for item in self.year.scheme.walk()}

    @cached_property
    def inputs(self) -> dict[str, tuple[InputBase, ...]]:
        """Leaf → every input its rule reads."""
        return {leaf.id: leaf.inputs for leaf in self.year.scheme.leaves}

    @cached_property
    def above(self) -> dict[str, tuple[Item, ...]]:
        """Item → itself and the blocks it is in, the top one last."""
        out: dict[str, tuple[Item, ...]] = {}

        def walk(item: Item, path: tuple[Item, ...]) -> None:
            out[item.id] = (item, *path)
            for inner in item.items:
                walk(inner, out[item.id])

        for item in self.year.scheme.items:
            walk(item, ())
        return out

    @cached_property
    def named(self) -> dict[str, Item]:
        """Items by what a record may call them: id or label; a label of two items names none."""
        out: dict[str, Item] = {}
        twice: set[str] = set()
        for item in self.items.values():
            label = name_key(item.label)
            twice |= {label} if label in out else set()
            out[label] = item
        for label in twice:
            del out[label]
        return out | {name_key(item.id): item for item in self.items.values()}

    def item_named(self, text: str) -> Item | None:
        """The item that a record means."""
        return self.named.get(name_key(text))

    @cached_property
    def scores(self) -> dict[tuple[str, str, str], list[RaterScore]]:
        """(unit, item, rater group) → scores, in order of address."""
        out: dict[tuple[str, str, str], list[RaterScore]] = defaultdict(list)
        for score in sorted(self.facts.scores, key=lambda s: s.address):
            item = self.item_named(score.item)
            if item is None:
                message = f"评分表的考核项目“{score.item}”不在考核办法内，未使用，请核对项目名称"
                about = (score.unit, None, score.address)
                self.add_finding(ScoringFinding("warning", "rater_item_unknown", message, *about))
                continue
            out[score.unit, item.id, score.group].append(score)
        return dict(out)

    def own_actual(self, unit: str, item: Item) -> Fraction | None:
        """The amount that counts of the item's own indicator in the year."""
        own = self.figures.get((unit, FigureKey(item.indicator or "", None, str(self.year.year))))
        return own.actual if own else None

    @cached_property
    def categories(self) -> dict[tuple[str, str, str], set[str]]:
        """(unit, indicator, period) → categories that have a figure."""
        out: dict[tuple[str, str, str], set[str]] = defaultdict(set)
        for unit, key in self.figures:
            if key.category is not None:
                out[unit, key.indicator, key.period_id].add(key.category)
        return dict(out)

    @cached_property
    def past(self) -> dict[tuple[str, int], PastResult]:
        """(unit, year) → decided result."""
        return {(p.unit, p.year): p for p in self.facts.past}

    def vetoes(self, unit: str, conditions: tuple[str, ...], end: End = "at") -> int:
        """How many recorded events of these conditions are in force; appealed ones may be lifted (low) or stand (high)."""
        with_appealed = end == "high" or (end == "at" and self.year.scheme.appealed_veto == "applies")
        return sum(
            v.unit == unit and v.condition in conditions and (with_appealed or not v.is_appealed)
            for v in self.facts.vetoes
        )

    def is_corrected(self, unit: str, indicator: str, period: str) -> bool:
        """Whether a decision changed the figure of the year."""
        return period == str(self.year.year) and (unit, indicator) in self._corrected

    @cached_property
    def _corrected(self) -> frozenset[tuple[str, str | None]]:
        return frozenset((a.unit, a.indicator) for a in self.adjustments)


def _refuse_rings(scheme: Scheme) -> None:
    """`AssessmentError` where items need each other's points, so that no order of scoring them would do."""
    try:
        TopologicalSorter({leaf.id: leaves_read(scheme, leaf) for leaf in scheme.leaves}).prepare()
    except CycleError as error:
        raise AssessmentError(f"items that need each other's points: {' → '.join(error.args[1])}") from None
