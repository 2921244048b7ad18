"""What a change, or other weights, would do to every unit, for people and programs: supposed, and written nowhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from rich.console import Console
from rich.markup import escape

from flows.language import _
from flows.report.terminal import sentence as say
from flows.report.whatif_text import grade_label, table, to_json
from flows.score.engine.facts import Facts
from flows.score.engine.result import ScoringFinding, UnitResult
from flows.score.engine.rounding import half_up
from flows.score.explain.format import number, percent
from flows.score.scheme.scheme_loader import SchemeYear
from flows.score.whatif.score_diff import UnitDiff
from flows.score.whatif.sensitivity import WeightSensitivity

#: Items of a unit that are shown; `--json` has all.
_ITEMS = 3


def show_diff(
    console: Console,
    year: SchemeYear,
    facts: Facts,
    changes: Sequence[str],
    diffs: Sequence[UnitDiff],
    findings: Sequence[ScoringFinding],
) -> None:
    """Every unit that a change affects: points, place and grade before and after, and the items it comes from.

    Args:
        console: where to show it.
        year: the changed year.
        facts: for the names of units.
        changes: what was supposed, in words.
        diffs: the units that it affects.
        findings: what it brings up that was not there before.
    """
    say(
        console,
        _(
            "{year}: supposed and scored anew, written nowhere. Supposed: {changes}.",
            year=year.year,
            changes=_("; ").join(changes),
        ),
    )
    if not diffs:
        say(console, _("No unit is affected."))
    else:
        regraded = sum(d.before.grade != d.after.grade for d in diffs)
        say(
            console,
            _(
                "{n} units are affected, {regraded} of them get another grade.",
                n=len(diffs),
                regraded=regraded,
            ),
        )
        labels = {item.id: item.label for item in year.scheme.leaves}
        shown = table(
            "",
            {
                _("unit"): "left",
                _("points"): "right",
                _("in group"): "right",
                _("grade"): "left",
                _("items that change"): "left",
            },
        )
        for diff in diffs:
            before, after = diff.before, diff.after
            shown.add_row(
                escape(facts.names.get(diff.unit, diff.unit)),
                _arrow(number(before.total, 2), number(after.total, 2)),
                _arrow(str(before.group_rank), str(after.group_rank)),
                escape(_arrow(grade_label(before.grade), grade_label(after.grade))),
                escape(_items(diff, labels)),
            )
        console.print(shown)
    for finding in findings:
        whose = facts.names.get(finding.unit, finding.unit) if finding.unit else ""
        say(
            console,
            _("New after the change: {finding}", finding=": ".join(filter(None, (whose, finding.message)))),
        )


def _items(diff: UnitDiff, labels: Mapping[str, str]) -> str:
    """Leaves that differ, the largest difference first."""
    changed = [
        (labels[d.item], Fraction(d.after or 0) - Fraction(d.before or 0))
        for d in diff.items
        if d.item in labels
    ]
    changed.sort(key=lambda change: -abs(change[1]))
    shown = [f"{label} {'+' if by > 0 else ''}{number(half_up(by, 4))}" for label, by in changed[:_ITEMS]]
    if len(changed) > _ITEMS:
        shown.append(_("… {n} items", n=len(changed)))
    return "\n".join(shown)


def _arrow(before: str, after: str) -> str:
    return before if before == after else f"{before}→{after}"


def diff_json(changes: Sequence[str], diffs: Sequence[UnitDiff], findings: Sequence[ScoringFinding]) -> str:
    """One object: changes, units (before, after, items), findings that the change brings."""

    def result(of: UnitResult) -> dict[str, Any]:
        points = {"base": of.base, "bonus": of.bonus, "deduction": of.deduction, "total": of.total}
        ranks = {"group_rank": of.group_rank, "overall_rank": of.overall_rank, "grade": of.grade}
        return {f"{name}_points": amount for name, amount in points.items()} | ranks

    return to_json(
        {
            "changes": changes,
            "units": [
                {
                    "unit": d.unit,
                    "group": d.after.group,
                    "before": result(d.before),
                    "after": result(d.after),
                    "items": d.items,
                }
                for d in diffs
            ],
            "findings": [
                {name: getattr(f, name) for name in ("severity", "code", "unit", "item", "message")}
                for f in findings
            ],
        }
    )


def show_sensitivity(
    console: Console, year: SchemeYear, facts: Facts, rows: Sequence[WeightSensitivity]
) -> None:
    """Where each unit stands in its group under other weights, and how often its grade would be another."""
    draws = rows[0].draws if rows else 0
    say(
        console,
        _(
            "{year}: the points of the items drawn anew {draws} times around those of the scheme, all else unchanged. "
            "Weights are decided: this judges no score.",
            year=year.year,
            draws=draws,
        ),
    )
    heads = (_("median place"), _("place in 9 of 10"), _("another grade in"))
    shown = table("", {_("unit"): "left", **dict.fromkeys(heads, "right")})
    for one in sorted(rows, key=lambda r: (year.groups[r.unit], r.group_rank_median, r.unit)):
        shown.add_row(
            escape(facts.names.get(one.unit, one.unit)),
            str(one.group_rank_median),
            f"{one.group_rank_low}～{one.group_rank_high}",
            percent(half_up(one.grade_flip_rate, 3)),
        )
    console.print(shown)
