"""What a table says of all its rows at once, for columns that no header fills: its year, 新建, 个人, 春节, the county.

A word counts only where it is a spelling of the column's own code list, stands in title, sheet name or note, and
no other code of the list does. Refuses what qualifies (`市级以上`, `不含新建`), what is only the name of the kind
of table, and, for a table of several rows, whatever would make one record of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache

from flows.contract.catalogue import code_lists
from flows.contract.record import Column, ColumnType, Record
from flows.contract.text import compact, name_key
from flows.contract.units import reference
from flows.read.grid import sheet_name
from flows.read.tables.caption import read_caption
from flows.read.tables.detect import DetectedTable, Search

#: Column of the contract → (text, where it stands: title, sheet, note, unit, name or folder).
Facts = Mapping[str, tuple[str, str]]

#: Words that titles of a trade union are made of: none of them says what the rows are.
_EVERYWHERE = frozenset(
    (
        "企业",
        "单位",
        "职工",
        "工会",
        "系统",
        "基层",
        "困难",
        "活动",
        "培训",
        "服务",
        "其他",
        "其它",
        "发放",
        "工资",
    )
)
_SENDER = re.compile(r"(?:重庆市|市)?[\u4e00-\u9fff]{0,8}?总工会")
_QUALIFIED = re.compile(r"(?:及其?)?(?:以上|以下|以外|除外)|[和与及、]")
_DENIED = ("不含", "除", "非", "不包括", "未", "不", "和", "与", "及", "、")


def facts_of(table: DetectedTable, search: Search) -> dict[str, tuple[str, str]]:
    """Column → (text, evidence) of what is said of all rows, for columns that no header fills."""
    if table.years:
        return {}
    record = table.record
    mapped = {m.column for m in table.columns}
    caption = read_caption([row for row in table.grid.head if row[0] < table.header_row])
    titles = [*caption.titles, *search.titles]
    places = [("title", titles), ("sheet", [sheet_name(search.grid)]), ("note", caption.notes)]
    out: dict[str, tuple[str, str]] = {}
    for column in record.read_columns:
        if column.name in mapped:
            continue
        said = None
        if column.type is ColumnType.YEAR:
            said = _year(table, column)
        elif column.type is ColumnType.CODE:
            said = _code(record, column, places)
        elif column.type is ColumnType.UNIT and _is_single(table):
            further = [
                ("name", [search.path.stem]),
                *(("folder", [p]) for p in reversed(search.path.parts[:-1])),
            ]
            said = _county(table, [*places, *further])
        if said:
            out[column.name] = said
    return out


def _year(table: DetectedTable, column: Column) -> tuple[str, str] | None:
    """The year of the covered period, for the one column of a record that says to which year a row belongs."""
    record, covered = table.record, table.covers.period
    years = [c for c in record.read_columns if c.type is ColumnType.YEAR]
    if covered is None or covered.first.year != covered.last.year:
        return None
    if [c for c in years if c.required] != [column]:
        return None
    if not set(record.key) - {"unit_code", column.name}:
        is_whole = (covered.first.month, covered.last.month) == (1, 12)
        if not (_is_single(table) and (is_whole or covered.cutoff)):
            return None  # rows of months or bodies are not each the record of the year
    return f"{covered.first.year}", table.covers.evidence


def _is_single(table: DetectedTable) -> bool:
    """Whether a table has one row of data, as far as its first rows show."""
    figures = [m.position - 1 for m in table.columns if m.column]
    rows = [cells for number, cells in table.grid.head if number > table.last_header_row]
    return sum(sum(p < len(cells) and bool(cells[p]) for p in figures) >= 2 for cells in rows) == 1


def _code(
    record: Record, column: Column, places: Iterable[tuple[str, Sequence[str]]]
) -> tuple[str, str] | None:
    for evidence, texts in places:
        named: dict[str, str] = {}
        for text in texts:
            for word, code in _named(column.list or "", _SENDER.sub(" ", compact(text))):
                named.setdefault(code, word)
                if word not in name_key(record.label):
                    named[code] = word
        if named:
            [word, *others] = named.values()
            return None if others or word in name_key(record.label) else (word, evidence)
    return None


def _named(listed: str, text: str) -> Iterator[tuple[str, str]]:
    """(word, code) of every spelling of a list in a text, the longest first, each stretch of text used once."""
    text = name_key(text)
    for word, code in _words(listed):
        while (at := text.find(word)) >= 0:
            before, after = text[:at], text[at + len(word) :]
            is_plain = word not in _EVERYWHERE and code != "other"
            if (
                is_plain
                and not before.endswith(_DENIED[:6])
                and not re.match(r"(?:及其?)?以[上下外]|除外", after)
            ):
                yield word, code
            elif is_plain:
                yield word, f"{code} qualified"
            text = f"{before}\x00{after}"


@cache
def _words(listed: str) -> tuple[tuple[str, str], ...]:
    spelled = {
        name_key(text): entry.code
        for entry in code_lists()[listed]
        for text in (entry.label, *entry.synonyms)
    }
    long = [(word, code) for word, code in spelled.items() if len(word) > 1]
    return tuple(sorted(long, key=lambda pair: -len(pair[0])))


def _county(table: DetectedTable, places: Iterable[tuple[str, Sequence[str]]]) -> tuple[str, str] | None:
    """The one unit that the nearest place names, on the last day of the covered period."""
    day = table.covers.period.last if table.covers.period else None
    known = reference()
    for evidence, texts in places:
        joined = name_key("\n".join(texts))
        named: dict[str, str] = {}
        for name in sorted(known.unit_names, key=lambda n: -len(n.key)):
            if (
                len(name.key) > 2
                and name.key in joined
                and (day is None or name.valid_from <= day <= name.valid_to)
            ):
                named.setdefault(name.code, name.key)
                joined = joined.replace(name.key, "\x00")
        below = [code for code in named if known.unit(code).parent_code in named or len(named) == 1]
        if len(below) == 1:
            return named[below[0]], "unit" if evidence == "note" else evidence
        if named:
            return None
    return None
