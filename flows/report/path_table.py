"""Paths to a better grade, for people and programs.

In tables of 80 columns. The first sentence says what it is: a path, no advice, others standing still.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape

from flows.language import _, later
from flows.report.terminal import sentence as say
from flows.report.whatif_text import grade_label, move_amounts, move_words, table, to_json
from flows.score.engine.facts import Facts
from flows.score.engine.rounding import half_up
from flows.score.explain.format import indicator, number
from flows.score.scheme.scheme_loader import SchemeYear
from flows.score.whatif.increment import Increment, Moves
from flows.score.whatif.path_to_grade import GradePath, PathsToGrade

#: Indicators that do not reach the grade alone, as many as are shown; `--json` has all.
_NEAREST = 5

_EFFECTS = {
    "no_award": later("no grade may be given"),
    "at_best": later("the grade is limited"),
    "lower_one": later("one grade lower"),
    "lowest": later("the lowest grade only"),
    "zero_score": later("the points are zero"),
    "void": later("the items do not count"),
    "claw_back": later("grades of earlier years are taken back"),
}


def show_paths(console: Console, year: SchemeYear, facts: Facts, paths: PathsToGrade) -> None:
    """What a unit could reach, the nearest first."""
    name, now = facts.names.get(paths.unit, paths.unit), paths.now
    for line in (
        _(
            "{unit} {year}: what follows is a path, not advice; all others stand still, and each path was scored.",
            unit=name,
            year=year.year,
        ),
        _(
            "Now: {points} points, {in_group} in its group, {place} of all, {grade}.",
            points=number(now.points, 2),
            in_group=now.group_rank,
            place=now.overall_rank,
            grade=grade_label(now.grade),
        ),
        *_bars(year, paths),
        *_short(paths),
    ):
        say(console, line)
    if not paths.better:
        return
    _show(console, facts, paths.unit, _("More of one indicator"), paths.singles)
    _show(console, facts, paths.unit, _("More of two together (none does it alone)"), paths.pairs)
    if not (paths.singles or paths.pairs):
        say(console, _("Further records of no one and no two indicators reach a better grade."))
    _show_near(console, facts, paths)
    for refused in paths.not_offered:
        label = indicator(refused.indicator).label
        say(console, _("Not offered: {indicator} ({reason}).", indicator=label, reason=refused.reason))


def _bars(year: SchemeYear, paths: PathsToGrade) -> list[str]:
    effects = {
        gate.label: [_EFFECTS[hit.effect] for hit in paths.bars if hit.gate == gate.id]
        for gate in year.scheme.gates
    }
    return [
        _("Barred: “{gate}” holds: {effects}.", gate=label, effects=_(", ").join(map(_, words)))
        for label, words in effects.items()
        if words
    ]


def _short(paths: PathsToGrade) -> list[str]:
    if not paths.better:
        return [_("This grade is reached: nothing more is needed.")]
    if paths.short is not None:
        points, grade = number(half_up(paths.short, 4)), grade_label(paths.better[-1])
        return [
            _(
                "While the others stand still, {points} points are missing to {grade}.",
                points=points,
                grade=grade,
            )
        ]
    return [_("More points alone do not change the grade; the bars above come first.")] if paths.bars else []


def _show(console: Console, facts: Facts, unit: str, title: str, paths: Sequence[GradePath]) -> None:
    if not paths:
        return
    shown = table(
        title,
        {
            _("indicator"): "left",
            _("further"): "right",
            _("figure"): "right",
            _("points"): "right",
            _("place"): "right",
            _("grade"): "left",
        },
    )
    for path in paths:
        after = path.after
        reached = (number(after.points, 2), str(after.group_rank), escape(grade_label(after.grade)))
        for position, (increment, _records) in enumerate(path.moves):
            is_last = position == len(path.moves) - 1 > 0
            cells = move_words(facts, unit, path.moves, increment)
            shown.add_row(
                *map(escape, cells), *(reached if position == 0 else ("", "", "")), end_section=is_last
            )
    console.print(shown)


def _show_near(console: Console, facts: Facts, paths: PathsToGrade) -> None:
    if not paths.near:
        return
    shown = table(
        _("Not enough alone; the most points each can add"),
        {_("indicator"): "left", _("further"): "right", _("figure"): "right", _("more points"): "right"},
    )
    for near in paths.near[:_NEAREST]:
        cells = move_words(facts, paths.unit, ((near.increment, near.records),), near.increment)
        shown.add_row(*map(escape, cells), number(half_up(near.gain, 4)))
    console.print(shown)
    if len(paths.near) > _NEAREST:
        say(console, _("{n} more: see --json.", n=len(paths.near) - _NEAREST))


def paths_json(facts: Facts, paths: PathsToGrade) -> str:
    """One object; points and figures as decimal texts."""

    def move(moves: Moves, increment: Increment) -> dict[str, Any]:
        before, after = move_amounts(facts, paths.unit, moves, increment)
        return {
            "indicator": increment.indicator.indicator,
            "category": increment.category,
            "period": increment.period_id,
            "records": dict(moves)[increment],
            "per_record": increment.step,
            "is_part_of_target": increment.is_part,
            "figure_before": before,
            "figure_after": after,
        }

    def listed(found: Sequence[GradePath]) -> list[dict[str, Any]]:
        return [
            {"moves": [move(p.moves, i) for i, _ in p.moves], "records": p.records, "after": p.after}
            for p in found
        ]

    return to_json(
        {
            "unit": paths.unit,
            "now": paths.now,
            "grades": paths.better,
            "bars": [{"gate": hit.gate, "effect": hit.effect, "detail": hit.detail} for hit in paths.bars],
            "short": paths.short,
            "singles": listed(paths.singles),
            "pairs": listed(paths.pairs),
            "near": [move(((n.increment, n.records),), n.increment) | {"gain": n.gain} for n in paths.near],
            "not_offered": paths.not_offered,
        }
    )
