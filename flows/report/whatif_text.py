"""What reports of something supposed share: grades as people say them, exact numbers, tables of 80 columns."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Literal

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from flows.contract.catalogue import code_lists
from flows.score.engine.scoring_context import half_up

WIDTH = 80


def grade_label(grade: str) -> str:
    """A grade as people say it; without one, that there is none."""
    return next((e.label for e in code_lists()["assessment_grade"] if e.code == grade), "未评定等次")


def exact(amount: Fraction | None) -> str | None:
    """A number for a program: a decimal text, half up at six places, as the warehouse has it."""
    if amount is None:
        return None
    scaled = int(half_up(amount, 6) * 10**6)
    text = f"{abs(scaled) // 10**6}.{abs(scaled) % 10**6:06d}".rstrip("0").rstrip(".")
    return f"-{text}" if scaled < 0 else text


def say(console: Console, line: str) -> None:
    """One sentence, wrapped."""
    console.print(escape(line), width=WIDTH, soft_wrap=False)


def table(title: str, *columns: tuple[str, Literal["left", "right"]]) -> Table:
    """A table with heads, without edges."""
    made = Table(title=title or None, title_justify="left", show_edge=False, width=WIDTH, pad_edge=False)
    for head, side in columns:
        made.add_column(head, justify=side, overflow="fold")
    return made


def dumped(found: object) -> str:
    """JSON for a program."""
    return json.dumps(found, ensure_ascii=False, indent=2)
