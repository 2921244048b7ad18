"""Charts as inline SVG: a line of years for a unit's item, the spread of a figure over all units through the years.

A year without a figure is a gap, never a zero. Colours are of the page's style, so that light and dark both hold.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from statistics import median

from markupsafe import Markup

_WIDTH, _HEIGHT = 60, 16
_WIDE, _HIGH, _EDGE = 220, 84, 16


def spark(years: Sequence[int], values: Mapping[int, Decimal | None]) -> Markup:
    """A line through the years that have a value, with a dot at its end by the page's style; '' where fewer than two have one."""
    known = [v for y in years if (v := values.get(y)) is not None]
    if len(known) < 2:
        return Markup()
    low, high = min(known), max(known)
    path, pen = "", "M"
    for at, year in enumerate(years):
        value = values.get(year)
        if value is None:
            pen = "M"
            continue
        x, y = _place(at, len(years), _WIDTH - 4), _level(value, low, high, _HEIGHT - 4)
        path += f"{pen}{x + 2:.0f} {y + 2:.0f}"
        pen = " "
    if path.rpartition("M")[2].count(" ") == 1:  # a point alone has no end to put the dot on
        path += "h0"
    return Markup(f'<svg class=s aria-hidden=true><path d="{path}"/></svg>')  # noqa: S704 (numbers alone)


def spread(years: Sequence[int], by_unit: Sequence[Mapping[int, Decimal | None]]) -> Markup:
    """The band from the lower to the upper quarter of all units and the line of their median, year by year."""
    columns = {y: sorted(v for of in by_unit if (v := of.get(y)) is not None) for y in years}
    known = [y for y in years if columns[y]]
    if not known:
        return Markup()
    quarters = {y: _quarters(columns[y]) for y in known}
    low = min(q[0] for q in quarters.values())
    high = max(q[2] for q in quarters.values())

    def point(year: int, value: Decimal) -> str:
        x = _place(years.index(year), len(years), _WIDE - 2 * _EDGE) + _EDGE
        return f"{x:.0f},{_level(value, low, high, _HIGH - 26) + 6:.0f}"

    band = " ".join(
        [point(y, quarters[y][2]) for y in known] + [point(y, quarters[y][0]) for y in known[::-1]]
    )
    line = " ".join(point(y, quarters[y][1]) for y in known)
    labels = "".join(
        f'<text x="{_place(at, len(years), _WIDE - 2 * _EDGE) + _EDGE:.0f}" y="{_HIGH - 4}">{year}</text>'
        for at, year in enumerate(years)
    )
    return Markup(  # noqa: S704 (numbers alone)
        f'<svg class="m" viewBox="0 0 {_WIDE} {_HIGH}" aria-hidden="true"><polygon points="{band}"/>'
        f'<polyline points="{line}"/>{labels}</svg>'
    )


def _quarters(values: Sequence[Decimal]) -> tuple[Decimal, Decimal, Decimal]:
    middle = len(values) // 2
    lower, upper = values[: middle or 1], values[-middle or None :]
    return median(lower), median(values), median(upper)


def _place(at: int, of: int, width: int) -> Decimal:
    return Decimal(width) * at / max(of - 1, 1)


def _level(value: Decimal, low: Decimal, high: Decimal, height: int) -> Decimal:
    return Decimal(height) / 2 if low == high else (high - value) / (high - low) * height
