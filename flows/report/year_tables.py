"""How years stand: which are closed, and how far units are within one that is not."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from flows.assess.progress import ItemProgress, Progress
from flows.assess.result_tables import row
from flows.contract.catalogue import state_labels
from flows.report import terminal
from flows.warehouse.books import BookDamaged, books

#: Word and colour of a light; without a figure there is none.
_LIGHTS = {"green": ("绿", "green"), "yellow": ("黄", "yellow"), "red": ("红", "red"), None: ("－", "dim")}

_BASES = {
    "past": "全年累计的按历年同期",
    "elapsed": "没有往年数据的按天数",
    "target": "比率、时点数按全年目标（100%）",
}


def show_editions(console: Console, folder: Path) -> None:
    """The editions of closed years; one that is damaged is said, with what to do, and stops nothing here."""
    try:
        held = books(folder)
    except BookDamaged as error:
        console.print(f"closed years: {error}", markup=False)
        return
    if not held:
        console.print("closed years: none")
        return
    rows = [
        {
            "edition": book.name,
            "closed on": pd.Timestamp(book.manifest.closed_on),
            "scheme": book.manifest.scheme,
            "units": f"{book.manifest.rows.get('result', 0):,}",
            "fingerprint": book.fingerprint[:16],
            "reason": book.manifest.reason,
        }
        for book in held
    ]
    terminal.show(console, pd.DataFrame(rows), f"Closed years ({folder}; in the warehouse: book.edition)")


def progress_frame(found: Progress, unit: str | None = None) -> pd.DataFrame:
    """One row per unit and item, in the order of the scheme; amounts as in `assess.progress`."""
    columns = {
        "unit": "unit_code",
        "name": "name",
        "item": "item_id",
        "label": "label",
        "indicator": "indicator_id",
        **dict.fromkeys(("state", "target", "actual", "pace", "pace_basis", "expected", "light", "points")),
        "full_points": "full_points",
    }
    rows = [
        row(e, name=found.units[e.unit], label=found.items[e.item])
        for e in found.entries
        if unit in (e.unit, None)
    ]
    lines = [[one[column or name] for name, column in columns.items()] for one in rows]
    return pd.DataFrame(lines, columns=list(columns), dtype=object)


def show_lights(console: Console, found: Progress) -> None:
    """Units down, items with a target across, by number; the numbers are said below."""
    lit = {(s.unit, s.item): s for s in found.entries if s.target is not None}
    items = [item for item in found.items if any(of == item for _, of in lit)]
    if not items:
        console.print(f"no item has a target on {found.day}: nothing is expected yet")
        return
    table = Table(
        title=_title(found), title_justify="left", header_style="bold", show_edge=console.is_terminal
    )
    table.add_column("单位", no_wrap=True)
    # one cell of two columns per light, so that 26 items and the names fit 80 columns
    numbers = range(1, len(items) + 1)
    tens = "".join(f" {n // 10 or ' '}" for n in numbers)
    ones = "".join(f" {n % 10}" for n in numbers)
    table.add_column(f"{tens}\n{ones}" if tens.strip() else ones, overflow="fold")
    for unit in dict.fromkeys(of for of, _ in lit):
        table.add_row(escape(found.units[unit]), "".join(_light(lit.get((unit, item))) for item in items))
    console.print(table)
    for number, item in enumerate(items, 1):
        lights = [s.light for (_, of), s in lit.items() if of == item]
        counts = "，".join(f"{word} {lights.count(name)}" for name, (word, _) in _LIGHTS.items())  # type: ignore[arg-type]
        console.print(f"{number:>3} {found.items[item]}（{item}）：{counts}", markup=False)


def show_unit(console: Console, found: Progress, unit: str) -> None:
    """One unit in full: what was expected of each item, and what it gives so far."""
    table = Table(
        title=f"{escape(found.units[unit])}，{_title(found)}",
        title_justify="left",
        header_style="bold",
        show_edge=console.is_terminal,
    )
    table.add_column(
        "项目", overflow="fold"
    )  # the one column that may take two lines, so that 80 columns suffice
    for name in ("灯", "实绩", "应达", "目标", "进度", "得分"):
        table.add_column(name, justify="left" if name == "灯" else "right", no_wrap=True)
    for s in found.entries:
        if s.unit == unit:
            table.add_row(
                escape(found.items[s.item]),
                _light(s) if s.light else "" if s.state in ("value", "zero") else state_labels()[s.state],
                _amount(s.actual),
                _amount(s.expected),
                _amount(s.target),
                f"{float(s.pace):.0%}" if s.pace else "",
                f"{_points(s.points)}/{_points(s.full)}",
            )
    console.print(table)
    bases = {s.pace_basis for s in found.entries if s.unit == unit}
    console.print(
        "应达＝目标×进度。进度：" + "；".join(text for name, text in _BASES.items() if name in bases)
    )


def _title(found: Progress) -> str:
    known = f"，资料截至 {found.known_on}" if found.known_on else ""
    return f"{found.day} 进度{known}"


def _light(entry: ItemProgress | None) -> str:
    if entry is None:
        return "\u3000"  # as wide as a light
    word, colour = _LIGHTS[entry.light]
    return f"[{colour}]{word}[/]"


def _points(points: Fraction | None) -> str:
    return "" if points is None else f"{float(points):.2f}".rstrip("0").rstrip(".")


def _amount(amount: Fraction | None) -> str:
    """At most two places, without trailing zeros; none from a thousand on; a rate is a fraction of 1 and keeps four."""
    if amount is None:
        return ""
    places = 4 if abs(amount) < 1 else 2 if abs(amount) < 1000 else 0
    text = f"{float(amount):,.{places}f}"
    return text.rstrip("0").rstrip(".") if places else text
