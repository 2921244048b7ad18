"""How years stand: which are closed, and how far units are within one that is not."""

from __future__ import annotations

from fractions import Fraction

import pandas as pd
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from flows.assess.progress import ItemProgress, Progress
from flows.assess.result_tables import row
from flows.contract.catalogue import state_labels
from flows.contract.paths import Paths
from flows.language import _, later
from flows.report import terminal
from flows.warehouse.books import BookDamaged, books

#: Word and colour of a light; without a figure there is none.
_LIGHTS = {
    "green": (later("G"), "green"),
    "yellow": (later("Y"), "yellow"),
    "red": (later("R"), "red"),
    None: (later("-"), "dim"),
}

_BASES = {
    "past": later("what adds up goes by past years"),
    "elapsed": later("what has no past goes by days"),
    "target": later("a rate or a stock by the whole target (100%)"),
}


def show_editions(console: Console, paths: Paths) -> None:
    """The editions of closed years, and of others the last preview; one that is damaged is said, with what to do, and stops nothing here."""
    folder = paths.books
    try:
        held = books(folder)
        shown = {p.manifest.year: p for p in books(paths.previews)}
    except BookDamaged as error:
        console.print(_("closed years: {error}", error=error), markup=False)
        return
    for year in sorted(shown.keys() - {book.manifest.year for book in held}):
        until = shown[year].manifest.until
        told = _("preview {label}: objections until {day}", label=shown[year].label, day=until)
        console.print(told, markup=False)
    if not held:
        console.print(_("closed years: none"))
        return
    rows = [
        {
            _("edition"): book.name,
            _("closed on"): pd.Timestamp(book.manifest.closed_on),
            _("scheme"): book.manifest.scheme,
            _("units"): f"{book.manifest.rows.get('result', 0):,}",
            _("fingerprint"): book.fingerprint[:16],
            _("manifest"): book.manifest_hash[:16],
            _("signed by"): (book.manifest.signed_by or "")[:16],
            _("reason"): book.manifest.reason,
        }
        for book in held
    ]
    terminal.show(
        console,
        pd.DataFrame(rows),
        _("Closed years ({folder}; in the warehouse: book.edition)", folder=folder),
    )


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
        console.print(_("no item has a target on {day}: nothing is expected yet", day=found.day))
        return
    table = Table(
        title=_title(found), title_justify="left", header_style="bold", show_edge=console.is_terminal
    )
    table.add_column(_("unit"), no_wrap=True)
    # one cell of two columns per light, so that 26 items and the names fit 80 columns
    numbers = range(1, len(items) + 1)
    tens = "".join(f" {n // 10 or ' '}" for n in numbers)
    ones = "".join(f" {n % 10}" for n in numbers)
    table.add_column(f"{tens}\n{ones}" if tens.strip() else ones, overflow="fold")
    for unit in dict.fromkeys(of for of, _item in lit):
        table.add_row(escape(found.units[unit]), "".join(_light(lit.get((unit, item))) for item in items))
    console.print(table)
    for number, item in enumerate(items, 1):
        lights = [s.light for (_, of), s in lit.items() if of == item]
        counts = _(", ").join(f"{_(word)} {lights.count(name)}" for name, (word, _colour) in _LIGHTS.items())  # type: ignore[arg-type]
        told = _(
            "{number:>3} {label} ({item}): {counts}",
            number=number,
            label=found.items[item],
            item=item,
            counts=counts,
        )
        console.print(told, markup=False)


def show_unit(console: Console, found: Progress, unit: str) -> None:
    """One unit in full: what was expected of each item, and what it gives so far."""
    table = Table(
        title=_("{unit}, {title}", unit=escape(found.units[unit]), title=_title(found)),
        title_justify="left",
        header_style="bold",
        show_edge=console.is_terminal,
    )
    table.add_column(
        _("item"), overflow="fold"
    )  # the one column that may take two lines, so that 80 columns suffice
    for name in (_("light"), _("actual"), _("expected"), _("target"), _("pace"), _("points")):
        table.add_column(name, justify="left" if name == _("light") else "right", no_wrap=True)
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
        _(
            "expected = target × pace. Pace: {bases}.",
            bases=_("; ").join(_(text) for name, text in _BASES.items() if name in bases),
        )
    )


def _title(found: Progress) -> str:
    if found.known_on:
        return _(
            "progress on {day}, with what was known on {known_on}", day=found.day, known_on=found.known_on
        )
    return _("progress on {day}", day=found.day)


def _light(entry: ItemProgress | None) -> str:
    if entry is None:
        return "\u3000"  # as wide as a light
    word, colour = _(_LIGHTS[entry.light][0]), _LIGHTS[entry.light][1]
    return f"[{colour}]{word}{' ' if word.isascii() else ''}[/]"


def _points(points: Fraction | None) -> str:
    return "" if points is None else f"{float(points):.2f}".rstrip("0").rstrip(".")


def _amount(amount: Fraction | None) -> str:
    """At most two places, without trailing zeros; none from a thousand on; a rate is a fraction of 1 and keeps four."""
    if amount is None:
        return ""
    places = 4 if abs(amount) < 1 else 2 if abs(amount) < 1000 else 0
    text = f"{float(amount):,.{places}f}"
    return text.rstrip("0").rstrip(".") if places else text
