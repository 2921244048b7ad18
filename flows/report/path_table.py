"""Paths to a better grade, for people and programs.

Chinese, in tables of 80 columns. The first sentence says what it is: a path, no advice, others standing still.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

from rich.console import Console
from rich.markup import escape

from flows.report.whatif_text import dumped, exact, grade_label, say, table
from flows.score.engine.facts import Facts, FigureKey
from flows.score.engine.scoring_context import half_up
from flows.score.explain.format import category_label, indicator, number, percent, period_label
from flows.score.scheme.scheme_loader import SchemeYear
from flows.score.whatif.evaluator import Moves, Standing
from flows.score.whatif.increment import Lever, moved
from flows.score.whatif.path_to_grade import Headroom, Near, Path

#: Indicators that do not reach the grade alone, as many as are shown; `--json` has all.
NEAREST = 5


def show_headroom(console: Console, year: SchemeYear, facts: Facts, found: Headroom) -> None:
    """What a unit could reach, the nearest first."""
    name = facts.names.get(found.unit, found.unit)
    say(
        console,
        f"{name}{year.year}年度：以下是一条可行的路径，不是建议；假定其他单位的数据都不变，每条路径都已代入重算。",
    )
    now = found.now
    say(
        console,
        f"现状：{number(now.points, 2)}分，组内第{now.group_rank}名，总第{now.overall_rank}名，{grade_label(now.grade)}。",
    )
    for gate in year.scheme.gates:
        if any(hit.gate == gate.id for hit in found.bars):
            say(
                console,
                f"受限：“{gate.label}”成立，{_effect([h.effect for h in found.bars if h.gate == gate.id])}。",
            )
    if not found.better:
        say(console, "已经达到这一等次，不需要再增加。")
        return
    if found.short is not None:
        say(
            console,
            f"其他单位得分不变时，还差{number(half_up(found.short, 4))}分到{grade_label(found.better[-1])}。",
        )
    elif found.bars:
        say(console, "只靠增加得分不能改变等次，要先消除上述限制。")
    if found.singles or found.pairs:
        _show_paths(console, facts, found.unit, "只增加一项", found.singles)
        _show_paths(console, facts, found.unit, "两项一起增加（比单独一项少的）", found.pairs)
    else:
        say(console, "增加任何一项或两项的记录，都达不到更好的等次。")
    _show_near(console, facts, found)
    for refused in found.not_offered:
        say(console, f"未列入：{indicator(refused.indicator).label}（{refused.reason}）。")


def _show_paths(console: Console, facts: Facts, unit: str, title: str, paths: Sequence[Path]) -> None:
    if not paths:
        return
    made = table(
        title, ("指标", "left"), ("再增加", "right"), ("数据", "right"), ("得分", "right"), ("名次", "right"), ("等次", "left")
    )  # fmt: skip
    for path in paths:
        after = path.after
        reached = (number(after.points, 2), str(after.group_rank), escape(grade_label(after.grade)))
        for at, (lever, records) in enumerate(path.moves):
            change = _change(facts, unit, path.moves, lever)
            cells = (escape(text) for text in (_named(lever), _further(lever, records), change))
            made.add_row(
                *cells, *(reached if at == 0 else ("", "", "")), end_section=at == len(path.moves) - 1 > 0
            )
    console.print(made)


def _show_near(console: Console, facts: Facts, found: Headroom) -> None:
    if not found.near:
        return
    made = table(
        "单独达不到的，最多能增加的得分",
        ("指标", "left"),
        ("再增加", "right"),
        ("数据", "right"),
        ("增加得分", "right"),
    )
    for near in found.near[:NEAREST]:
        move = ((near.lever, near.records),)
        made.add_row(
            escape(_named(near.lever)), escape(_further(near.lever, near.records)),
            escape(_change(facts, found.unit, move, near.lever)), number(half_up(near.gain, 4)),
        )  # fmt: skip
    console.print(made)
    if len(found.near) > NEAREST:
        say(console, f"另有{len(found.near) - NEAREST}项，见 --json。")


def _named(lever: Lever) -> str:
    """The indicator, with the category or the part of the year that the records belong to."""
    parts = [category_label(lever.indicator.indicator, lever.category)] if lever.category else []
    parts += [period_label(lever.period_id)] if lever.period_id else []
    return lever.indicator.label + (f"（{'，'.join(parts)}）" if parts else "")


def _further(lever: Lever, records: int) -> str:
    """How many further records, in words: 7件, 减少2次, 分子5, 3条记录共1,500元."""
    unit = lever.indicator.unit
    if lever.indicator.is_rate:
        return f"{'分子减少' if lever.step < 0 else '分子'}{number(records)}"
    if abs(lever.step) == 1:
        return f"{'减少' if lever.step < 0 else ''}{number(records)}{unit}"
    amount = f"{number(abs(lever.step) * records)}{unit}"
    return amount if lever.is_part else f"{number(records)}条记录共{amount}"


def _change(facts: Facts, unit: str, moves: Moves, lever: Lever) -> str:
    """The figure before and after the moves."""
    return "→".join("无" if a is None else _shown(lever, a) for a in _amounts(facts, unit, moves, lever))


def _shown(lever: Lever, amount: Fraction) -> str:
    if lever.indicator.is_rate:
        return percent(half_up(amount, 4))
    return number(half_up(amount, 4)) + lever.indicator.unit


def _amounts(facts: Facts, unit: str, moves: Moves, lever: Lever) -> tuple[Fraction | None, Fraction | None]:
    other = facts
    for each, records in moves:
        other = moved(other, unit, each, records)
    key = _key(lever)
    found = (held.figures.get((unit, key)) for held in (facts, other))
    before, after = (figure.amount if figure else None for figure in found)
    return before, after


def _key(lever: Lever) -> FigureKey:
    """The narrowest of the figures that a lever moves."""
    return next(
        k for k in lever.keys if k.category == lever.category and lever.period_id in (None, k.period_id)
    )


def _effect(effects: Iterable[str]) -> str:
    words = {
        "no_award": "不得评定等次", "at_best": "等次受限", "lower_one": "降低一个等次", "lowest": "只能评最低等次",
        "zero_score": "总分计零分", "void": "有关项目不计分", "claw_back": "追回往年等次",
    }  # fmt: skip
    return "、".join(words[effect] for effect in effects)


def headroom_json(facts: Facts, found: Headroom) -> str:
    """One object; points and figures as decimal texts."""

    def move(moves: Moves, lever: Lever, records: int) -> dict[str, Any]:
        before, after = _amounts(facts, found.unit, moves, lever)
        return {
            "indicator": lever.indicator.indicator, "category": lever.category, "period": lever.period_id,
            "records": records, "per_record": exact(lever.step), "is_part_of_target": lever.is_part,
            "figure_before": exact(before), "figure_after": exact(after),
        }  # fmt: skip

    def path(held: Path) -> dict[str, Any]:
        moves = [move(held.moves, lever, records) for lever, records in held.moves]
        return {"moves": moves, "records": held.records, "after": _standing(held.after)}

    def near(held: Near) -> dict[str, Any]:
        return {**move(((held.lever, held.records),), held.lever, held.records), "gain": exact(held.gain)}

    return dumped({
        "unit": found.unit,
        "now": _standing(found.now),
        "grades": list(found.better),
        "bars": [{"gate": hit.gate, "effect": hit.effect, "detail": hit.detail} for hit in found.bars],
        "short": exact(found.short),
        "singles": [path(p) for p in found.singles],
        "pairs": [path(p) for p in found.pairs],
        "near": [near(n) for n in found.near],
        "not_offered": [{"indicator": n.indicator, "reason": n.reason} for n in found.not_offered],
    })  # fmt: skip


def _standing(held: Standing) -> dict[str, Any]:
    return {
        "points": exact(held.points), "group_rank": held.group_rank, "overall_rank": held.overall_rank,
        "grade": held.grade,
    }  # fmt: skip
