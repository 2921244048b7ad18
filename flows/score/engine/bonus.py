"""Points outside the items: bonus by application, deduction by notice, each within class caps, then the total cap.

Every application and every notice is accounted for: what it gave or took, and if nothing, why (A30: no document, no points;
one matter at its highest level only; work of the year before may count now, but once).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import fields, replace
from decimal import Decimal
from fractions import Fraction

from flows.contract.text import name_key
from flows.score.engine.facts import BonusApplication, Notice
from flows.score.engine.item_scores import ItemScorer
from flows.score.engine.result import Adjustment, BonusEntry, ScoringFinding
from flows.score.engine.scoring_context import ScoringContext
from flows.score.rules import Rule
from flows.score.scheme.scheme_model import Bonus, BonusClass, DeductionClass, Deductions, Item

_ZERO = Fraction(0)


def bonus_entries(context: ScoringContext) -> list[BonusEntry]:
    """What became of each application of the year, sorted by unit and address."""
    spec = context.year.scheme.bonus
    if spec is None:
        return []
    applications = sorted(context.facts.bonus, key=lambda a: (a.unit, a.address))
    year = context.year.year
    earlier = {_work(a) for a in applications if a.counted_year < year and a.granted}
    entries = [
        _entry(a, spec, year, _work(a) in earlier)
        for a in applications
        if a.counted_year == year and a.unit in context.facts.units
    ]
    return _highest(entries) if spec.highest_only else entries


def _work(a: BonusApplication) -> tuple[str, str, int]:
    return a.unit, name_key(a.matter), a.work_year


def _entry(a: BonusApplication, spec: Bonus, year: int, was_counted: bool) -> BonusEntry:
    bonus_class = _class_of(a.kind, spec)
    why, counted = _refusal(a, bonus_class, spec, year, was_counted), _ZERO
    if why is None and bonus_class is not None and a.granted is not None:
        most = Fraction(bonus_class.levels[a.level])
        why, counted = "above_level" if a.granted > most else "granted", min(a.granted, most)
    applied = {field.name: getattr(a, field.name) for field in fields(a)}
    return BonusEntry(
        **applied, class_id=bonus_class.id if bonus_class else None, counted=counted, why=why or "granted"
    )


def _refusal(
    a: BonusApplication, bonus_class: BonusClass | None, spec: Bonus, year: int, was_counted: bool
) -> str | None:
    """Why an application gives nothing; None where it gives something."""
    if bonus_class is None:
        return "class_unknown"
    if a.level not in bonus_class.levels:
        return "level_unknown"
    if not year - spec.work_years_back <= a.work_year <= year:
        return "out_of_years"
    if spec.needs_document and not a.document_no:
        return "no_document"
    if a.granted is None:
        return "undecided"
    return "counted_before" if was_counted else None


def _class_of(kind: str | None, spec: Bonus) -> BonusClass | None:
    return next((c for c in spec.classes if kind in c.kinds), None)


def _highest(entries: Sequence[BonusEntry]) -> list[BonusEntry]:
    """Of one matter only the application that gives most, the first of equals (就高不重复)."""
    best: dict[tuple[str, str], BonusEntry] = {}
    for entry in entries:
        matter = (entry.unit, name_key(entry.matter))
        if entry.counted and (matter not in best or entry.counted > best[matter].counted):
            best[matter] = entry
    return [
        replace(e, counted=_ZERO, why="lower_level")
        if e.counted and best[e.unit, name_key(e.matter)] is not e
        else e
        for e in entries
    ]


def with_undecided(entries: Iterable[BonusEntry], spec: Bonus) -> list[BonusEntry]:
    """The entries with what is undecided granted as claimed, up to its level."""
    opened = []
    for entry in entries:
        bonus_class = _class_of(entry.kind, spec)
        if entry.why == "undecided" and bonus_class is not None and entry.level in bonus_class.levels:
            entry = replace(entry, counted=min(entry.claimed, Fraction(bonus_class.levels[entry.level])))
        opened.append(entry)
    return _highest(opened) if spec.highest_only else opened


def bonus_total(entries: Iterable[BonusEntry], spec: Bonus | None) -> Fraction:
    """The entries of a unit within the caps of the classes, then of the whole."""
    if spec is None:
        return _ZERO
    caps = {c.id: c.cap for c in spec.classes}
    sums: dict[str | None, Fraction] = defaultdict(Fraction)
    for entry in entries:
        sums[entry.class_id] += entry.counted
    within = [_capped(amount, caps.get(class_id or "")) for class_id, amount in sums.items()]
    return _capped(sum(within, start=_ZERO), spec.cap)


def deductions(context: ScoringContext, scorer: ItemScorer) -> tuple[dict[str, Fraction], list[Adjustment]]:
    """Points taken off each unit, and each notice as an adjustment. A notice about no item of the scheme takes nothing off."""
    spec = context.year.scheme.deductions
    deducted = dict.fromkeys(context.units, _ZERO)
    adjustments: list[Adjustment] = []
    by_class: dict[tuple[str, str], Fraction] = defaultdict(Fraction)
    for notice in sorted(context.facts.notices, key=lambda n: (n.unit, n.address)):
        counted = _item_and_class(context, notice, spec)
        if isinstance(counted, ScoringFinding):
            context.add_finding(counted)
            continue
        item, class_id = counted
        by_class[notice.unit, class_id] += notice.points
        about = (notice.reason, notice.document_no, notice.address)
        adjustments.append(Adjustment(notice.unit, "deduction", notice.points, *about, item.id))
    if spec is not None:
        caps = {c.id: c.cap for c in spec.classes}
        for (unit, class_id), points in by_class.items():
            deducted[unit] += _capped(points, caps[class_id])
        for unit in deducted:
            if spec.factor is not None and deducted[unit]:
                deducted[unit] *= _factor(spec.factor, scorer, unit)
            deducted[unit] = _capped(deducted[unit], spec.cap)
    return deducted, adjustments


def _item_and_class(
    context: ScoringContext, notice: Notice, spec: Deductions | None
) -> tuple[Item, str] | ScoringFinding:
    """What a notice is about and under which class it counts, or why it takes nothing off."""
    if spec is None or notice.unit not in context.units:
        message = "考核办法没有扣分规定或该单位不在考核范围，通知未扣分，请核对"
        return _notice_finding(notice, "deductions_not_in_scheme", message)
    item = context.item_named(notice.item)
    if item is None:
        message = f"扣分通知的考核项目“{notice.item}”不在考核办法内，未扣分，请核对项目名称"
        return _notice_finding(notice, "item_unknown", message)
    deduction_class = _deduction_class(spec, {i.id for i in context.above[item.id]})
    if deduction_class is None:
        message = f"“{item.label}”不属于任何扣分类别，未扣分，请补充扣分类别"
        return _notice_finding(notice, "deduction_class_unknown", message)
    return item, deduction_class.id


def _factor(rule: Rule, scorer: ItemScorer, unit: str) -> Fraction:
    """R26: what deductions are multiplied with, by size (A34); 1 and an error where the size is not known."""
    where = scorer.rule_context(unit, None, rule.inputs)
    points = rule.evaluate(where).points
    if points is None:
        where.add_finding("factor_missing", "扣分系数所用的数据缺失，扣分暂未乘系数，请补齐数据")
    return Fraction(1) if points is None else points


def _deduction_class(spec: Deductions, path: set[str]) -> DeductionClass | None:
    """The first class that names the item or a block it is in, else the first for all others."""
    named = next((c for c in spec.classes if path & set(c.items)), None)
    return named or next((c for c in spec.classes if not c.items), None)


def _notice_finding(notice: Notice, code: str, message: str) -> ScoringFinding:
    return ScoringFinding("error", code, message, notice.unit, None, notice.address)


def _capped(points: Fraction, cap: Decimal | None) -> Fraction:
    return points if cap is None else min(points, Fraction(cap))
