"""Figures as they count: computed from records, then corrected by what the office decided.

A ruling on appeal takes the place of everything; a verified figure takes the place of the computed one; a spot check takes
its amount off, unless the verified figure was fixed on or after the day of the check and so knew it already. Each
applied correction is an `Adjustment` with before and after, so that a figure that differs from the records says why.
Self-reported, verified and final figures are three (A6); this is where they meet.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Literal

from flows.score.engine.facts import Correction, Facts, FigureKey, State
from flows.score.engine.result import Adjustment, FinalValue, ScoringFinding

_Kind = Literal["verified", "spot_check", "ruled_figure"]
Figures = dict[tuple[str, FigureKey], FinalValue]


def apply_corrections(
    year: int, facts: Facts, read: Collection[str]
) -> tuple[Figures, list[Adjustment], list[ScoringFinding]]:
    """The figure that counts for every (unit, key) of the facts or a correction, how each was changed, and what is unclear.

    `read` are the indicators that the scheme of the year reads; a correction of another moves nothing.
    """
    figures: Figures = {
        (unit, key): FinalValue(
            unit, key, f.state, f.amount, f.amount, f.lower, f.upper, f.numerator, f.denominator
        )
        for (unit, key), f in facts.figures.items()
    }
    adjustments: list[Adjustment] = []
    findings: list[ScoringFinding] = []
    by_figure: dict[tuple[str, str], list[Correction]] = defaultdict(list)
    for correction in facts.corrections:
        by_figure[correction.unit, correction.indicator].append(correction)
    for (unit, indicator), corrections in sorted(by_figure.items()):
        if indicator not in read:
            message = "该指标不在本年度考核办法内，核定或核减不影响得分"
            findings += [_finding("info", "correction_unused", c, message) for c in corrections]
            continue
        key = FigureKey(indicator, None, str(year))
        now = figures.get((unit, key)) or FinalValue(unit, key, "not_reported", None, None, None, None)
        figures[unit, key] = _corrected(now, corrections, adjustments, findings)
    return figures, adjustments, findings


def _corrected(
    now: FinalValue,
    corrections: Iterable[Correction],
    adjustments: list[Adjustment],
    findings: list[ScoringFinding],
) -> FinalValue:
    kinds: dict[str, list[Correction]] = defaultdict(list)
    for correction in sorted(corrections, key=lambda c: (c.on or date.min, c.address)):
        kinds[correction.kind].append(correction)
    ruled, verified = kinds["ruled"], kinds["verified"]
    if ruled:
        now = _replaced(now, ruled[-1], "ruled_figure", adjustments)
    else:
        if verified:
            now = _replaced(now, verified[-1], "verified", adjustments)
        for check in kinds["spot_check"]:
            if _is_due(now, check, verified, findings):
                now = _reduced(now, check, adjustments, findings)
    for appeal in kinds["appealed"]:
        findings.append(_finding("info", "appeal_open", appeal, "申诉尚未裁定，得分暂按原数计算"))
        now = _widened(now, appeal.amount)
    return now


def _replaced(now: FinalValue, by: Correction, kind: _Kind, adjustments: list[Adjustment]) -> FinalValue:
    if by.amount is None:
        return now
    adjustments.append(_adjustment(by, kind, by.amount, now.actual, by.amount))
    state: State = "value" if by.amount else "zero"
    return replace(now, state=state, actual=by.amount, lower=by.amount, upper=by.amount)


def _is_due(
    now: FinalValue, check: Correction, verified: list[Correction], findings: list[ScoringFinding]
) -> bool:
    """Whether a spot check still takes something off, and not the figure that was verified after it."""
    if check.amount is None:
        return False
    if now.actual is None:
        message = "抽查核减的指标没有数据，未作核减，请核对"
        findings.append(_finding("warning", "spot_check_without_figure", check, message))
        return False
    if verified and (verified[-1].on is None or check.on is None):
        message = "核定或抽查缺日期，已按核定后抽查核减，请补日期"
        findings.append(_finding("warning", "spot_check_undated", check, message))
        return True
    return not verified or _day(verified[-1]) < _day(check)


def _day(correction: Correction) -> date:
    return correction.on or date.min


def _reduced(
    now: FinalValue, check: Correction, adjustments: list[Adjustment], findings: list[ScoringFinding]
) -> FinalValue:
    amount, actual = check.amount or Fraction(0), now.actual or Fraction(0)
    if amount > actual:
        findings.append(_finding("warning", "reduction_exceeds", check, "核减数大于原数，按0计，请核对"))
    after = max(actual - amount, Fraction(0))
    adjustments.append(_adjustment(check, "spot_check", amount, actual, after))
    lower = None if now.lower is None else max(now.lower - amount, Fraction(0))
    upper = None if now.upper is None else max(now.upper - amount, Fraction(0))
    return replace(now, state="value" if after else "zero", actual=after, lower=lower, upper=upper)


def _widened(now: FinalValue, claimed: Fraction | None) -> FinalValue:
    """The bounds with what an appeal claims inside; where nothing is known, the claim is all there is."""
    if claimed is None:
        return now
    is_known = now.actual is not None
    lower = now.lower if is_known or now.lower is not None else claimed
    upper = now.upper if is_known or now.upper is not None else claimed
    return replace(
        now,
        lower=None if lower is None else min(lower, claimed),
        upper=None if upper is None else max(upper, claimed),
    )


def _adjustment(
    c: Correction, kind: _Kind, amount: Fraction, before: Fraction | None, after: Fraction
) -> Adjustment:
    about = (c.reason, c.document_no, c.address, None, c.indicator)
    return Adjustment(c.unit, kind, amount, *about, before, after)


def _finding(severity: Literal["warning", "info"], code: str, c: Correction, message: str) -> ScoringFinding:
    return ScoringFinding(severity, code, message, c.unit, None, c.address)
