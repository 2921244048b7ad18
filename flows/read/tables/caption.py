"""What stands above a header and around a table: titles, notes, units of measure, the covered period.

Refuses a day on which a form was filled in, printed or sent as a covered period, and refuses to choose
between periods that contradict each other.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from flows.read.grid import Head
from flows.read.tables.columns.measures import as_unit
from flows.read.tables.periods import NamedPeriod, find_periods, months_named, months_of, settle

_UNIT = re.compile(r"(?:^|[\s(（,，;；])(?:计量|金额|货币)?单位[:：]\s*([^()（）;；]+)[)）]?\s*$")
_KEY = re.compile(r"^[^:：]{1,12}[:：]")
#: `工会统计：各地区会员（2000年）` is a title; `统计时间：2015年9月` is none.
_TITLE_KEY = re.compile(
    r"^(?![^:：]*(?:时间|日期|期|期间|区间|年度|单位|部门|人|范围|口径)\s*[:：])"
    r"[^:：]*(?:统计|情况|台账|报表|一览|名单|花名册)[^:：]*[:：]"
)
_FILLED_ON = re.compile(
    r"^(?:填报|填表|制表|报送|上报|打印|导出|编制|更新|提交|查询|下载|发布)[^:：]{0,6}[:：]|最近\d+年"
    r"|^(?:有效期|批准|制定|表号|文号|备案)[^:：]{0,6}[:：]"
)


@dataclass
class Caption:
    """The cells above a header, by what they are; `units` are the measures of the unit notes."""

    titles: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    units: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class CoveredPeriod:
    """The covered period with the place that named it, or the code of the problem with it."""

    period: NamedPeriod | None = None
    evidence: str = ""  # title | note | name | folder | column
    problem: str | None = None


def read_caption(rows: Head) -> Caption:
    """Sort the cells above a header."""
    caption = Caption()
    for cell in (cell for _, cells in rows for cell in cells if cell):
        units = _units(cell)
        is_note = bool(units) or (_KEY.match(cell) and not _TITLE_KEY.match(cell))
        (caption.notes if is_note else caption.titles).append(cell)
        caption.units += units
    return caption


def _units(cell: str) -> list[str]:
    """The measures in `单位：万元、人`; none in `填报单位：…` or in `单位：某某总工会`."""
    match = _UNIT.search(cell)
    if not match:
        return []
    units = [as_unit(part) for part in re.split(r"[、,，/\s]+", match[1].strip()) if part]
    return [unit for unit in units if unit] if all(units) else []


def covered_period(
    caption: Caption, sheet: str, path: PurePosixPath, snapshot: bool, titles: Sequence[str] = ()
) -> CoveredPeriod:
    """The covered period from the nearest place that names one.

    A place that contradicts itself ends the search. Months without a year (`9月` as a sheet's name) wait
    for the year that a place farther out names; a sheet's months also narrow its title's year. A title of
    another year than the file's name is mostly last year's form used again, and reported.

    Args:
        caption: what stands above the header.
        sheet: what the sheet is called.
        path: of the delivery, relative to its sender's folder.
        snapshot: whether the record kind is a stock on a day.
        titles: those at the top of the sheet, where the table stands below another.
    """
    notes = [note for note in caption.notes if not _FILLED_ON.search(note)]
    places = [("title", caption.titles), ("note", notes), ("title", [*titles]), ("title", [sheet])]
    places += [("name", [path.stem]), *(("folder", [part]) for part in reversed(path.parts[:-1]))]
    months, months_from = months_named(sheet), "title"
    for evidence, texts in places:
        periods = [period for text in texts for period in find_periods(text)]
        if evidence in ("name", "folder") and not snapshot:
            # A bare day in a file name is the day of sending; only a roll is as of a day.
            periods = [period for period in periods if not period.cutoff]
        period = settle(periods, snapshot)
        if periods and period is None:
            return CoveredPeriod(problem="period_ambiguous")
        if period is None:
            named = {m for m in map(months_named, texts) if m}
            if months is None and len(named) == 1:
                months, months_from = named.pop(), evidence
            continue
        narrowed = months_of(period, months) if months else None
        differs = evidence in ("title", "note") and _lies_apart(period, path.stem)
        problem = "period_differs" if differs else None
        return CoveredPeriod(narrowed or period, months_from if narrowed else evidence, problem)
    return CoveredPeriod(problem="period_unknown")


def _lies_apart(period: NamedPeriod, stem: str) -> bool:
    """Whether a file's name speaks of periods, and all of them lie outside a given one."""
    spans = [named for named in find_periods(stem) if not named.cutoff]
    return bool(spans) and all(s.last < period.first or period.last < s.first for s in spans)
