"""Find the table in a sheet: title rows, unit notes, header rows, record kind, covered period.

Refuses to choose where two kinds or two periods fit equally well, and to read past a header it does
not know: such a table is returned with its findings and held back, because half a table is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from flows.contract.model import ColumnType, Record
from flows.read.header import Headers, as_unit, fold, map_columns, split_unit
from flows.read.period import Period, find_periods, settle
from flows.read.reading import Mapped, Problem, column_letter

_UNIT_NOTE = re.compile(r"(?:计量|金额|货币)?单位[:：]?\s*(.+)")
_NOTE_KEY = re.compile(r"^[^:：]{1,12}[:：]")
#: Notes whose date says when the form was filled in, not what it covers.
_FILLED_ON = re.compile(r"^(?:填报|填表|制表|报送|上报|打印|导出|编制|更新|提交|查询|下载|发布)[^:：]{0,6}[:：]|最近\d+年")
_YEAR_HEADER = re.compile(r"((?:19|20)\d\d)年?度?")
#: Too general to be a column's name without the merged header above it.
_GENERIC = frozenset(["人数", "数量", "金额", "次数", "件数", "个数", "名称", "姓名", "日期", "时间", "比例", "合计", "小计", "计", "数", "人", "率", "备注", "其他"])


@dataclass
class Region:
    """A table as found. `held` names why no row may be read; `years` lists (position, year) across."""

    record: Record
    header_row: int
    last_header_row: int
    columns: tuple[Mapped, ...]
    headers: tuple[str, ...]
    titles: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    units: list[str] = field(default_factory=list)
    period: Period | None = None
    evidence: str = ""
    problems: list[Problem] = field(default_factory=list)
    held: bool = False
    years: tuple[tuple[int, int], ...] = ()
    measure: Mapped | None = None


@dataclass(frozen=True)
class _Candidate:
    """One record on one header row (or two joined ones), with what ranks it."""

    rank: tuple[int, ...]
    record: Record
    row: int  # index into the head
    span: int  # header rows: 1 or 2
    cells: tuple[str, ...]
    parents: tuple[str, ...]


Head = Sequence[tuple[int, list[str]]]


def find_region(
    sheet: str, head: Head, name: str, kinds: Mapping[str, Record], headers: Headers
) -> Region | Problem:
    """The table of a sheet, or the problem why there is none. `name`: the delivery's relative path."""
    across = _years_across(sheet, head, kinds, headers)
    if across is not None:
        return across
    candidates = _candidates(sheet, head, name, kinds, headers)
    if not candidates:
        return Problem("table_unrecognised", "error", sheet)
    best = max(candidates, key=lambda c: (c.rank, -c.row))
    rivals = {c.record.record for c in candidates if c.rank == best.rank and c.row == best.row}
    if len(rivals) > 1:
        return Problem("record_ambiguous", "error", sheet, head[best.row][0])
    region = _region(sheet, head, best, headers)
    _set_period(region, sheet, name)
    return region


def _candidates(sheet: str, head: Head, name: str, kinds: Mapping[str, Record], headers: Headers) -> list[_Candidate]:
    out = []
    for index, (_, cells) in enumerate(head):
        if sum(1 for cell in cells if cell) < 2 and len(cells) > 1:
            continue
        single = _judge(sheet, head, index, 1, tuple(cells), ("",) * len(cells), name, kinds, headers)
        out += single
        if index + 1 < len(head):
            joined = _join(cells, head[index + 1][1], headers)
            if joined:
                out += _judge(sheet, head, index, 2, *joined, name, kinds, headers)
    return out


def _judge(
    sheet: str, head: Head, index: int, span: int, cells: tuple[str, ...], parents: tuple[str, ...], name: str,
    kinds: Mapping[str, Record], headers: Headers,
) -> list[_Candidate]:  # fmt: skip
    """The records that a header row may belong to."""
    columns: dict[str, set[str]] = {}
    unknown_to: dict[str, int] = {}
    found = [headers.find(c, p)[0] for c, p in zip(cells, parents, strict=True) if c or p]
    ignored = sum(1 for c, p in zip(cells, parents, strict=True) if (c or p) and headers.ignored_by(c or p))
    for match in found:
        for record, column in match.items():
            columns.setdefault(record, set()).add(column)
            unknown_to[record] = unknown_to.get(record, 0) + 1
    out = []
    for record_name, mapped in columns.items():
        record = kinds.get(record_name)
        if record is None:
            continue
        complete = set(record.recognise.columns) <= mapped
        titled, length = _titled(sheet, head[:index], name, record)
        known = unknown_to[record_name]
        if not complete and not (titled and len(mapped) >= 2 and known * 2 >= len(found)):
            continue
        unknown = len(found) - known - ignored
        missing = sum(1 for c in record.read_columns if c.required and c.name not in mapped)
        rank = (int(complete), titled, -missing, -unknown, length, len(mapped), -span)
        out.append(_Candidate(rank, record, index, span, cells, parents))
    return out


def _titled(sheet: str, above: Head, name: str, record: Record) -> tuple[int, int]:
    """(strength, length of the longest word): title rows speak louder than sheet, file or folder names."""
    path = PurePosixPath(name)
    places = (
        (4, "".join(cell for _, cells in above for cell in cells)), (3, sheet), (2, path.stem), (1, "/".join(path.parts[:-1])),
    )  # fmt: skip
    for strength, text in places:
        if words := [word for word in record.recognise.title if fold(word) in fold(text)]:
            return strength, max(map(len, words))
    return 0, 0


def _join(upper: Sequence[str], lower: Sequence[str], headers: Headers) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """Two header rows as (cells, parents), if the lower one holds nothing but names of sub-columns."""
    width = max(len(upper), len(lower))
    top = [*upper, *[""] * (width - len(upper))]
    low = [*lower, *[""] * (width - len(lower))]
    if not any(low) or not any(top):
        return None
    cells, parents, parent = [], [], ""
    for above, below in zip(top, low, strict=True):
        parent = above or (parent if below else "")
        if below and not parent:
            return None
        if below and not headers.find(below, parent)[0] and not headers.ignored_by(below):
            return None
        if below and fold(below) in _GENERIC and headers.find(below, parent)[0] == headers.find(below)[0]:
            return None  # only the general word matched, not the pair
        cells.append(below or above)
        parents.append(parent if below else "")
    return tuple(cells), tuple(parents)


def _region(sheet: str, head: Head, best: _Candidate, headers: Headers) -> Region:
    record = best.record
    header_row, last = head[best.row][0], head[best.row + best.span - 1][0]
    titles, notes, units = _above(head[: best.row])
    columns = map_columns(headers, record, best.cells, best.parents, units)
    problems, held = _judge_columns(sheet, header_row, record, columns)
    folded = tuple(fold(cell) for cell in best.cells)
    return Region(record, header_row, last, columns, folded, titles, notes, units, problems=problems, held=held)


def _judge_columns(sheet: str, row: int, record: Record, columns: Sequence[Mapped]) -> tuple[list[Problem], bool]:
    """Unknown, repeated and missing columns; whether the table is held back for them."""
    problems = []
    seen: set[str] = set()
    for mapped in columns:
        letter = column_letter(mapped.position)
        if mapped.column is None and mapped.ignored_by is None:
            problems.append(Problem("header_unknown", "error", sheet, row, letter))
        elif mapped.column is not None and mapped.column in seen:
            problems.append(Problem("header_repeated", "error", sheet, row, letter))
        seen.add(mapped.column or "")
    for column in record.read_columns:
        if column.required and column.name not in seen:
            problems.append(Problem("column_missing", "error", sheet, row, column.label))
    held = bool(problems)
    problems += [
        Problem("unit_conflict", "warning", sheet, row, column_letter(mapped.position))
        for mapped in columns
        if mapped.unit == "conflict"
    ]
    return problems, held


def _above(rows: Head) -> tuple[list[str], list[str], list[str]]:
    """What stands above a header: titles, notes, units of measure."""
    titles, notes, units = [], [], []
    for _, cells in rows:
        for cell in cells:
            found = _units(cell)
            if found:
                units += found
                notes.append(cell)
            elif cell and _NOTE_KEY.match(cell) and not re.match(r"^[^:：]*(?:统计|情况|台账|报表|一览|名单|花名册)[^:：]*[:：]", cell):
                notes.append(cell)
            elif cell:
                titles.append(cell)
    return titles, notes, units


def _units(cell: str) -> list[str]:
    """The measures in `单位：万元、人`; none in `填报单位：…` or in `单位：某某总工会`."""
    match = re.search(r"(?:^|[\s(（,，;；])(?:计量|金额|货币)?单位[:：]\s*([^()（）;；]+)[)）]?\s*$", cell)
    if not match:
        return []
    parts = [as_unit(part) for part in re.split(r"[、,，/\s]+", match[1].strip()) if part]
    return [part for part in parts if part] if parts and all(parts) else []


def is_note(cell: str) -> bool:
    """Whether a cell above the header counts as a note rather than a title."""
    return bool(_above([(0, [cell])])[1])


def _set_period(region: Region, sheet: str, name: str) -> None:
    """The covered period from the nearest place that names one; a place that contradicts itself ends the search."""
    path = PurePosixPath(name)
    snapshot = region.record.snapshot
    places = [
        ("title", region.titles), ("note", [note for note in region.notes if not _FILLED_ON.search(note)]),
        ("title", [sheet]), ("name", [path.stem]), *(("folder", [part]) for part in reversed(path.parts[:-1])),
    ]  # fmt: skip
    for evidence, texts in places:
        found = [p for text in texts for p in find_periods(text)]
        if evidence in ("name", "folder") and not snapshot:
            # A bare day in a file name is the day of sending; only a roll is as of a day.
            found = [p for p in found if not p.cutoff]
        if not found:
            continue
        period = settle(found, snapshot)
        if period is None:
            region.problems.append(Problem("period_ambiguous", "error", sheet, region.header_row))
        else:
            region.period, region.evidence = period, evidence
        return
    region.problems.append(Problem("period_unknown", "error", sheet, region.header_row))


def _years_across(sheet: str, head: Head, kinds: Mapping[str, Record], headers: Headers) -> Region | None:
    """A table with years as columns and one measure, named above it: `指标：会员人数(万人)`."""
    for index, (row, cells) in enumerate(head):
        years = [(i + 1, int(m[1])) for i, cell in enumerate(cells) if (m := _YEAR_HEADER.fullmatch(fold(cell)))]
        if len(years) < 2:
            continue
        titles, notes, units = _above(head[:index])
        for record in kinds.values():
            subject = next((c.name for c in record.read_columns if c.type is ColumnType.UNIT), None)
            if not record.years_across or subject is None:
                continue
            measure = _measure(titles + notes, units, record, headers)
            columns = map_columns(headers, record, cells, (), ())
            if measure is None or sum(1 for m in columns if m.column == subject) != 1:
                continue
            at = dict(years)
            shown = tuple(Mapped(m.position, m.header, m.column, None, "year_across" if m.position in at else m.ignored_by) for m in columns)
            region = Region(record, row, row, shown, tuple(map(fold, cells)), titles, notes, units, years=tuple(years), measure=measure)
            region.problems = [
                Problem("header_unknown", "error", sheet, row, column_letter(m.position))
                for m in shown if m.column is None and m.ignored_by is None
            ]  # fmt: skip
            region.held = bool(region.problems)
            region.evidence = "column"
            if len({year for _, year in years}) < len(years):
                region.problems.append(Problem("header_repeated", "error", sheet, row))
                region.held = True
            return region
    return None


def _measure(texts: Sequence[str], units: Sequence[str], record: Record, headers: Headers) -> Mapped | None:
    """The one measure that the lines above name, as if it were a column."""
    found: dict[str, Mapped] = {}
    for text in texts:
        bare = re.sub(r"^(?:指标|指标名称|项目|统计指标)[:：]\s*", "", text)
        for mapped in map_columns(headers, record, [bare], (), units):
            kind = record.columns[mapped.column].type if mapped.column else None
            if mapped.column and kind in (ColumnType.COUNT, ColumnType.MONEY, ColumnType.DECIMAL, ColumnType.PCT):
                unit = mapped.unit or split_unit(fold(bare))[1]
                found.setdefault(mapped.column, Mapped(0, bare, mapped.column, unit))
    return next(iter(found.values())) if len(found) == 1 else None
