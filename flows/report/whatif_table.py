"""What a change would do to every unit, for people and programs: supposed, and written nowhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from rich.console import Console
from rich.markup import escape

from flows.report.whatif_text import dumped, exact, grade_label, say, table
from flows.score.engine.facts import Facts
from flows.score.engine.result import ScoringFinding, UnitResult
from flows.score.engine.scoring_context import half_up
from flows.score.explain.format import number
from flows.score.scheme.scheme_loader import SchemeYear
from flows.score.whatif.score_diff import UnitDifference

#: Items of a unit that are shown; `--json` has all.
ITEMS = 3


def show_difference(
    console: Console,
    year: SchemeYear,
    facts: Facts,
    changes: Sequence[str],
    found: Sequence[UnitDifference],
    findings: Sequence[ScoringFinding],
) -> None:
    """Every unit that a change affects: points, place and grade before and after, and the items it comes from."""
    say(console, f"{year.year}年度：这是假设的重算，没有写入任何结果。假设：{'；'.join(changes)}。")
    if not found:
        say(console, "没有一个单位受影响。")
    else:
        regraded = sum(d.before.grade != d.after.grade for d in found)
        say(console, f"{len(found)}个单位受影响，其中{regraded}个等次改变。")
        labels = {item.id: item.label for item in year.scheme.leaves}
        made = table(
            "",
            ("单位", "left"),
            ("得分", "right"),
            ("组内名次", "right"),
            ("等次", "left"),
            ("变化的项目", "left"),
        )
        for one in found:
            before, after = one.before, one.after
            made.add_row(
                escape(facts.names.get(one.unit, one.unit)),
                _arrow(number(before.total, 2), number(after.total, 2)),
                _arrow(str(before.group_rank), str(after.group_rank)),
                escape(_arrow(grade_label(before.grade), grade_label(after.grade))),
                escape(_items(one, labels)),
            )  # fmt: skip
        console.print(made)
    for finding in findings:
        whose = facts.names.get(finding.unit, finding.unit) if finding.unit else ""
        say(console, f"改变后新出现的问题：{whose}{'：' if whose else ''}{finding.message}")


def _items(one: UnitDifference, labels: Mapping[str, str]) -> str:
    """ItemScorer that differ, the largest difference first."""
    changed = [
        (labels[d.item], Fraction(d.after or 0) - Fraction(d.before or 0))
        for d in one.items
        if d.item in labels
    ]
    changed.sort(key=lambda held: -abs(held[1]))
    shown = [f"{label} {'+' if by > 0 else ''}{number(half_up(by, 4))}" for label, by in changed[:ITEMS]]
    if len(changed) > ITEMS:
        shown.append(f"等{len(changed)}项")
    return "\n".join(shown)


def _arrow(before: str, after: str) -> str:
    return before if before == after else f"{before}→{after}"


def difference_json(
    changes: Sequence[str], found: Sequence[UnitDifference], findings: Sequence[ScoringFinding]
) -> str:
    """One object: changes, units (before, after, items), findings that the change brings."""

    def result(held: UnitResult) -> dict[str, Any]:
        return {
            "base_points": exact(held.base), "bonus_points": exact(held.bonus), "deduction_points": exact(held.deduction),
            "total_points": exact(held.total), "group_rank": held.group_rank, "overall_rank": held.overall_rank,
            "grade": held.grade,
        }  # fmt: skip

    return dumped({
        "changes": list(changes),
        "units": [
            {
                "unit": d.unit, "group": d.after.group, "before": result(d.before), "after": result(d.after),
                "items": [{"item": i.item, "before": exact(i.before), "after": exact(i.after)} for i in d.items],
            }
            for d in found
        ],
        "findings": [
            {"severity": f.severity, "code": f.code, "unit": f.unit, "item": f.item, "message": f.message} for f in findings
        ],
    })  # fmt: skip
