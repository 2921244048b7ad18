"""A year's folder begun from another's: what moves with the calendar is moved, what nobody can know is marked.

The text of `scheme.yml` is kept, with its comments: a reviewer sees the real difference. Days are one year later and marked
`【待核】`, the document number is `【待定】`, targets are none: they come with the signed letters. The linter refuses a
scheme as long as a mark is in it. Refuses to write over a folder that is there.
"""

from __future__ import annotations

import csv
import io
import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from flows.contract.catalogue import ContractError
from flows.contract.units import Reference

#: What a line says while it waits for somebody: to be filled in, to be looked at.
OPEN, TO_CHECK = "【待定】", "【待核】"
_DAY = re.compile(r"(?<!\d)(\d{4})-(\d{2})-(\d{2})(?!\d)")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


@dataclass(frozen=True)
class NewYear:
    """A folder that was begun: lines that are marked, lines that name the year before in their words, units that ended or are new."""

    folder: Path
    marked: tuple[tuple[int, str], ...]
    mentions: tuple[tuple[int, str], ...]
    left_out: tuple[str, ...]
    without_group: tuple[str, ...]
    periods: int
    due_days: int


def begin_year(year: int, source: Path, reference: Path, known: Reference) -> NewYear:
    """Write `data/scheme/<year>` beside another year's, and the year's periods and due days into the reference data.

    Args:
        year: the new year.
        source: the folder of the year it begins with.
        reference: the folder of period.csv and calendar.csv.
        known: which units are assessed in the new year.

    Returns:
        What was written, and what waits.
    """
    folder, before = source.parent / str(year), int(source.name)
    if folder.exists():
        raise ContractError(f"{folder} is there: it is left as it is")
    text = _scheme((source / "scheme.yml").read_text(encoding="utf-8"), before, year)
    groups, left_out, without = _groups((source / "group.csv").read_text(encoding="utf-8-sig"), year, known)
    periods = _added(reference / "period.csv", lambda row: _period(row, before, year))
    due = _added(reference / "calendar.csv", lambda row: _due(row, before, year))
    folder.mkdir()
    (folder / "scheme.yml").write_text(text, encoding="utf-8")
    (folder / "group.csv").write_text(groups, encoding="utf-8")
    head = (source / "target.csv").read_text(encoding="utf-8-sig").splitlines()[0]
    (folder / "target.csv").write_text(f"{head}\n", encoding="utf-8")
    lines = tuple(enumerate(text.splitlines(), 1))
    named = tuple(
        (n, line.strip())
        for n, line in lines
        if str(before) in _YEAR.findall(line) and not line.lstrip().startswith("#") and TO_CHECK not in line
    )
    return NewYear(folder, tuple(open_lines(text)), named, left_out, without, periods, due)


def open_lines(text: str) -> list[tuple[int, str]]:
    """Lines that wait for somebody."""
    return [
        (n, line.strip()) for n, line in enumerate(text.splitlines(), 1) if OPEN in line or TO_CHECK in line
    ]


def _scheme(text: str, before: int, year: int) -> str:
    """The text of the scheme, moved on.

    >>> print(_scheme("year: 2015\\nlabel: 2015年度办法\\ndocument_no: 1号\\nclosing_on: 2016-02-29\\nnote: 2015年起", 2015, 2016))
    year: 2016
    label: 2016年度办法
    document_no: 【待定】
    closing_on: 2017-02-28  # 【待核】
    note: 2015年起
    """
    out = []
    for line in text.splitlines():
        key = line.partition(":")[0]
        if key in ("scheme", "year", "label"):
            line = re.sub(rf"(?<!\d){before}(?!\d)", str(year), line)
            if key == "label" and str(year) not in line:
                line += f"  # {TO_CHECK}"
        elif key == "document_no":
            line = f"document_no: {OPEN}"
        elif key in ("closing_on", "objections") and _DAY.search(line):
            moved = _DAY.sub(lambda found: _later(date.fromisoformat(found[0]), year - before), line)
            line = f"{moved}  # {TO_CHECK}"
        out.append(line)
    return "\n".join(out) + ("\n" if text.endswith("\n") else "")


def _later(day: date, years: int) -> str:
    """The same day years later; the last of February stays the last."""
    last = monthrange(day.year + years, day.month)[1]
    is_last = (day + timedelta(1)).day == 1
    return date(day.year + years, day.month, last if is_last else min(day.day, last)).isoformat()


def _groups(text: str, year: int, known: Reference) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """group.csv without units that are no more at the end of the year; those that are assessed and have no group."""
    end = date(year, 12, 31)
    assessed = {u.unit_code for u in known.units if u.is_assessed and u.exists_on(end)}
    head, *rows = list(csv.reader(text.splitlines()))
    kept = [row for row in rows if row and row[0] in assessed]
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([head, *kept])
    there = {row[0] for row in rows if row}
    return out.getvalue(), tuple(sorted(there - assessed)), tuple(sorted(assessed - there))


def _added(path: Path, later: Callable[[dict[str, str]], dict[str, str] | None]) -> int:
    """Append what a file of reference data lacks of the new year, in its order; how many lines."""
    text = path.read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(text.splitlines()))
    there = {(row.get("record"), row["period_id"]) for row in rows}
    new = [row for row in map(later, rows) if row and (row.get("record"), row["period_id"]) not in there]
    if new:
        out = io.StringIO()
        csv.DictWriter(out, list(rows[0]), lineterminator="\n").writerows(new)
        path.write_text(text + ("" if text.endswith("\n") else "\n") + out.getvalue(), encoding="utf-8")
    return len(new)


def _period(row: dict[str, str], before: int, year: int) -> dict[str, str] | None:
    """A period of the year before, moved; None for others and for those of several years."""
    first, last = date.fromisoformat(row["from_on"]), date.fromisoformat(row["to_on"])
    if last.year != before or (last - first).days > 366 or row["period_id"].startswith("F"):
        return None
    moved = {k: _YEAR.sub(lambda y: str(int(y[0]) + year - before), row[k]) for k in ("period_id", "label")}
    days = {"from_on": _later_start(first, year - before), "to_on": _later(last, year - before)}
    return row | moved | days


def _later_start(day: date, years: int) -> str:
    return day.replace(year=day.year + years, day=min(day.day, 28)).isoformat()


def _due(row: dict[str, str], before: int, year: int) -> dict[str, str] | None:
    """A due day about the year before, one year later."""
    if str(before) not in _YEAR.findall(row["period_id"]) or row["period_id"].startswith("F"):
        return None
    period = _YEAR.sub(lambda y: str(int(y[0]) + year - before), row["period_id"])
    return row | {"period_id": period, "due_on": _later(date.fromisoformat(row["due_on"]), year - before)}
