"""For whom and for which period a form is handed out, in the words that the reader understands again.

Refuses a period that the reader would not find in a form, or would find to be two.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from flows.language import _
from flows.read.tables.periods import NamedPeriod, find_periods


@dataclass(frozen=True)
class Handout:
    """For whom and for when templates are: shown at their top, blank where it is for the district to fill in."""

    unit_name: str = ""
    period: NamedPeriod | None = None

    @property
    def years(self) -> tuple[int, int]:
        """The years whose codes are offered, both included."""
        return (self.period.first.year, self.period.last.year) if self.period else (1, 9999)


def covered(text: str) -> NamedPeriod:
    """The one period a text names, as the reader understands it; `ValueError` if it names none or several."""
    found = find_periods(text)
    if len(found) != 1:
        raise ValueError(
            _("{text} is not one period; write e.g. 2015, 2015-09, 2015年1-9月, 截至2015年9月30日", text=text)
        )
    return found[0]


def spoken(period: NamedPeriod) -> str:
    """A period as a form says it: 2015年, 2015年9月, 2015年1-9月, 截至2015年9月30日."""
    a, b = period.first, period.last
    if period.cutoff:
        return f"截至{b.year}年{b.month}月{b.day}日"
    if a.day != 1 or (b + timedelta(days=1)).day != 1:
        return f"{a.year}年{a.month}月{a.day}日至{b.year}年{b.month}月{b.day}日"
    if a.year != b.year:
        return f"{a.year}年{a.month}月至{b.year}年{b.month}月"
    if (a.month, b.month) == (1, 12):
        return f"{a.year}年"
    return f"{a.year}年{a.month}月" if a.month == b.month else f"{a.year}年{a.month}-{b.month}月"
