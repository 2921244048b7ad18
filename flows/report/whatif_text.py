"""What reports of something supposed share: grades and further records as people say them, exact numbers, tables of 80 columns."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from fractions import Fraction
from typing import Any

from rich.table import Table

from flows.contract.catalogue import code_lists
from flows.report import terminal
from flows.score.engine.facts import Facts
from flows.score.engine.rounding import decimal_text, half_up
from flows.score.explain.format import category_label, number, percent, period_label
from flows.score.whatif.increment import Increment, Moves, with_moves


def grade_label(grade: str) -> str:
    """A grade as people say it; without one, that there is none."""
    return next((e.label for e in code_lists()["assessment_grade"] if e.code == grade), "未评定等次")


def move_words(facts: Facts, unit: str, moves: Moves, increment: Increment) -> tuple[str, str, str]:
    """The indicator (with the category or the part of the year of the records), how many further records, and its figure."""
    words = [category_label(increment.indicator.indicator, increment.category)] if increment.category else []
    words += [period_label(increment.period_id)] if increment.period_id else []
    label = increment.indicator.label + (f"（{'，'.join(words)}）" if words else "")
    change = "→".join(_figure(increment, amount) for amount in move_amounts(facts, unit, moves, increment))
    return label, _further(increment, dict(moves)[increment]), change


def _further(increment: Increment, records: int) -> str:
    """How many further records, in words: 7件, 减少2次, 分子5, 3条记录共1,500元."""
    unit, less = increment.indicator.unit, "减少" if increment.step < 0 else ""
    if increment.indicator.is_rate:
        return f"分子{less}{number(records)}"
    if abs(increment.step) == 1:
        return f"{less}{number(records)}{unit}"
    amount = f"{number(abs(increment.step) * records)}{unit}"
    return amount if increment.is_part else f"{number(records)}条记录共{amount}"


def _figure(increment: Increment, amount: Fraction | None) -> str:
    if amount is None:
        return "无"
    if increment.indicator.is_rate:
        return percent(half_up(amount, 4))
    return number(half_up(amount, 4)) + increment.indicator.unit


def move_amounts(
    facts: Facts, unit: str, moves: Moves, increment: Increment
) -> tuple[Fraction | None, Fraction | None]:
    """Before and after the moves, of the narrowest of the figures that an increment moves."""
    key = next(
        k
        for k in increment.keys
        if k.category == increment.category and increment.period_id in (None, k.period_id)
    )
    before, after = (of.figures.get((unit, key)) for of in (facts, with_moves(facts, unit, moves)))
    return before.amount if before else None, after.amount if after else None


def table(title: str, columns: Mapping[str, str]) -> Table:
    """A table with heads, without edges, of 80 columns."""
    return terminal.plain_table(title, columns, width=80)


def to_json(content: object) -> str:
    """JSON for a program: a record by its fields, a number as a decimal text as the warehouse has it."""
    return json.dumps(content, ensure_ascii=False, indent=2, default=_plain)


def _plain(value: Any) -> object:
    if isinstance(value, Fraction):
        return decimal_text(value)
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else str(value)
