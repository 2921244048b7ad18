"""Paths to a better grade, for people and programs.

Chinese, in tables of 80 columns. The first sentence says what it is: a path, no advice, others standing still.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape

from flows.report.whatif_text import grade_label, move_amounts, move_words, say, table, to_json
from flows.score.engine.facts import Facts
from flows.score.engine.rounding import half_up
from flows.score.explain.format import indicator, number
from flows.score.scheme.scheme_loader import SchemeYear
from flows.score.whatif.increment import Increment, Moves
from flows.score.whatif.path_to_grade import GradePath, PathsToGrade

#: Indicators that do not reach the grade alone, as many as are shown; `--json` has all.
_NEAREST = 5

_EFFECTS = {
    "no_award": "不得评定等次",
    "at_best": "等次受限",
    "lower_one": "降低一个等次",
    "lowest": "只能评最低等次",
    "zero_score": "总分计零分",
    "void": "有关项目不计分",
    "claw_back": "追回往年等次",
}


def show_paths(console: Console, year: SchemeYear, facts: Facts, paths: PathsToGrade) -> None:
    """What a unit could reach, the nearest first."""
    name, now = facts.names.get(paths.unit, paths.unit), paths.now
    for line in (
        f"{name}{year.year}年度：以下是一条可行的路径，不是建议；假定其他单位的数据都不变，每条路径都已代入重算。",
        f"现状：{number(now.points, 2)}分，组内第{now.group_rank}名，总第{now.overall_rank}名，{grade_label(now.grade)}。",
        *_bars(year, paths),
        *_short(paths),
    ):
        say(console, line)
    if not paths.better:
        return
    _show(console, facts, paths.unit, "只增加一项", paths.singles)
    _show(console, facts, paths.unit, "两项一起增加（单独一项都达不到）", paths.pairs)
    if not (paths.singles or paths.pairs):
        say(console, "增加任何一项或两项的记录，都达不到更好的等次。")
    _show_near(console, facts, paths)
    for refused in paths.not_offered:
        say(console, f"未列入：{indicator(refused.indicator).label}（{refused.reason}）。")


def _bars(year: SchemeYear, paths: PathsToGrade) -> list[str]:
    effects = {
        gate.label: [_EFFECTS[hit.effect] for hit in paths.bars if hit.gate == gate.id]
        for gate in year.scheme.gates
    }
    return [f"受限：“{label}”成立，{'、'.join(words)}。" for label, words in effects.items() if words]


def _short(paths: PathsToGrade) -> list[str]:
    if not paths.better:
        return ["已经达到这一等次，不需要再增加。"]
    if paths.short is not None:
        points, grade = number(half_up(paths.short, 4)), grade_label(paths.better[-1])
        return [f"其他单位得分不变时，还差{points}分到{grade}。"]
    return ["只靠增加得分不能改变等次，要先消除上述限制。"] if paths.bars else []


def _show(console: Console, facts: Facts, unit: str, title: str, paths: Sequence[GradePath]) -> None:
    if not paths:
        return
    shown = table(title, 指标="left", 再增加="right", 数据="right", 得分="right", 名次="right", 等次="left")
    for path in paths:
        after = path.after
        reached = (number(after.points, 2), str(after.group_rank), escape(grade_label(after.grade)))
        for position, (increment, _) in enumerate(path.moves):
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
        "单独达不到的，最多能增加的得分", 指标="left", 再增加="right", 数据="right", 增加得分="right"
    )
    for near in paths.near[:_NEAREST]:
        cells = move_words(facts, paths.unit, ((near.increment, near.records),), near.increment)
        shown.add_row(*map(escape, cells), number(half_up(near.gain, 4)))
    console.print(shown)
    if len(paths.near) > _NEAREST:
        say(console, f"另有{len(paths.near) - _NEAREST}项，见 --json。")


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
