"""What reports of something supposed share: grades as people say them, exact numbers, tables of 80 columns."""

from __future__ import annotations

import json
from dataclasses import asdict, is_dataclass
from fractions import Fraction
from typing import Any, Literal

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from flows.contract.catalogue import code_lists
from flows.score.engine.rounding import decimal_text

_WIDTH = 80


def grade_label(grade: str) -> str:
    """A grade as people say it; without one, that there is none."""
    return next((e.label for e in code_lists()["assessment_grade"] if e.code == grade), "未评定等次")


def say(console: Console, line: str) -> None:
    """One sentence, wrapped."""
    console.print(escape(line), width=_WIDTH, soft_wrap=False)


def table(title: str, **columns: Literal["left", "right"]) -> Table:
    """A table with heads, without edges."""
    made = Table(title=title or None, title_justify="left", show_edge=False, width=_WIDTH, pad_edge=False)
    for head, side in columns.items():
        made.add_column(head, justify=side, overflow="fold")
    return made


def to_json(content: object) -> str:
    """JSON for a program: a record by its fields, a number as a decimal text as the warehouse has it."""
    return json.dumps(content, ensure_ascii=False, indent=2, default=_plain)


def _plain(value: Any) -> object:
    if isinstance(value, Fraction):
        return decimal_text(value)
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else str(value)
