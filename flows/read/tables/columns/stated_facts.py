"""What a table says of all its rows at once, for columns that no header fills: its year, 新建, 个人, 春节, the county.

A word counts only where it is a spelling of the column's own code list, stands in title, sheet name or note, and
no other code of the list does. Refuses what qualifies (`市级以上`, `不含新建`), what is only the name of the kind
of table, and, for a table of several rows, whatever would make one record of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from flows.contract.catalogue import code_lists
from flows.contract.record import Column, ColumnType, Record
from flows.contract.text import compact, name_key
from flows.contract.units import reference
from flows.read.grid import sheet_name
from flows.read.tables.caption import read_caption
from flows.read.tables.detect import DetectedTable, Search

Places = Sequence[tuple[str, Sequence[str]]]

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
_IS_WORD = re.compile(r"[\u4e00-\u9fff]{2}")
#: Notes about who sends a form, or when: `填报单位：合川区困难职工帮扶中心` says nothing of its rows.
_ABOUT_THE_FORM = re.compile(r"^[^:：]*(?:单位|部门|人|时间|日期|时点|电话)\s*(?:[(（][^:：]*)?[:：]")
_SENDER = re.compile(r"(?:重庆市|市)?[\u4e00-\u9fff]{0,8}?总工会")
_QUALIFIED = re.compile(r"(?:及其?)?以[上下外]|除外")
_DENIED = ("不含", "除", "非", "不包括", "未", "不")


def facts_of(table: DetectedTable, search: Search) -> dict[str, tuple[str, str]]:
    """Column → (text, evidence) of what is said of all rows, for columns that no header fills."""
    if table.years:
        return {}
    record = table.record
    mapped = {m.column for m in table.columns}
    caption = read_caption([row for row in table.grid.head if row[0] < table.header_row])
    about = [note for note in caption.notes if not _ABOUT_THE_FORM.match(note)]
    near = [("title", [*caption.titles, *search.titles]), ("sheet", [sheet_name(search.grid)])]
    folders = [("folder", [part]) for part in reversed(search.path.parts[:-1])]
    out: dict[str, tuple[str, str]] = {}
    for column in record.read_columns:
        said = None
        if column.name in mapped:
            continue
        if column.type is ColumnType.YEAR:
            said = _year(table, column)
        elif column.type is ColumnType.CODE:
            said = _code(record, column, [*near, ("note", about)])
        elif column.type is ColumnType.UNIT and _is_single(table):
            said = _county(table, [*near, ("note", caption.notes), ("name", [search.path.stem]), *folders])
        if said:
            out[column.name] = said
    return out


def _year(table: DetectedTable, column: Column) -> tuple[str, str] | None:
    """The year of the covered period, for the one column of a record that says to which year a row belongs."""
    record, covered = table.record, table.covers.period
    if covered is None or covered.first.year != covered.last.year:
        return None
    if [c for c in record.read_columns if c.type is ColumnType.YEAR and c.required] != [column]:
        return None
    if not set(record.key) - {"unit_code", column.name} and not _is_single(table):
        return None  # rows of months or bodies are not each the record of the year
    return f"{covered.first.year}", table.covers.evidence


def _is_single(table: DetectedTable) -> bool:
    """Whether a table has one row that counts, as far as its first rows show."""
    if table.total_row is not None:
        return True
    figures = [m.position - 1 for m in table.columns if m.column]
    rows = [cells for number, cells in table.grid.head if number > table.last_header_row]
    return sum(sum(p < len(cells) and bool(cells[p]) for p in figures) >= 2 for cells in rows) == 1


def _code(record: Record, column: Column, places: Places) -> tuple[str, str] | None:
    """The word for the one code that the nearest place names; a word of the kind's own name rules others out."""
    own = frozenset(name_key(record.label))  # 三方会议 is 三方协商会议 said short
    for evidence, texts in places:
        named: dict[str, str] = {}
        for word, code in _named(column.list or "", _SENDER.sub(" ", "\n".join(map(compact, texts)))):
            if code not in named or own.issuperset(named[code]):
                named[code] = word
        if named:
            [word, *others] = named.values()
            return None if others or own.issuperset(word) or _QUALIFIED.search(word) else (word, evidence)
    return None


def _named(listed: str, text: str) -> Iterator[tuple[str, str]]:
    """(word, code) of every spelling of a list in a text, the longest first, each stretch of text used once.

    A word that is qualified names no code, and rules out that another does.
    """
    text = text.upper()
    for word, code in _words(listed):
        while (at := text.find(word)) >= 0:
            before, after = text[:at], text[at + len(word) :]
            text = f"{before}\x00{after}"
            if word in _EVERYWHERE or code == "other":
                continue
            if match := _QUALIFIED.match(after):
                yield word + match[0], word + match[0]
            elif not before.endswith(_DENIED):
                yield word, code


@cache
def _words(listed: str) -> tuple[tuple[str, str], ...]:
    spelled = {name_key(text): e.code for e in code_lists()[listed] for text in (e.label, *e.synonyms)}
    words = [(word, code) for word, code in spelled.items() if _IS_WORD.search(word)]
    return tuple(sorted(words, key=lambda pair: -len(pair[0])))


def _county(table: DetectedTable, places: Places) -> tuple[str, str] | None:
    """The one unit that the nearest place names, on the last day of the covered period."""
    day = table.covers.period.last if table.covers.period else None
    known = reference()
    for evidence, texts in places:
        joined = name_key("\n".join(texts))
        named: dict[str, str] = {}
        for name in sorted(known.unit_names, key=lambda n: -len(n.key)):
            is_valid = day is None or name.valid_from <= day <= name.valid_to
            if len(name.key) > 2 and name.key in joined and is_valid:
                named.setdefault(name.code, name.key)
                joined = joined.replace(name.key, "\x00")
        below = [code for code in named if known.unit(code).parent_code in named or len(named) == 1]
        if len(below) == 1:
            return named[below[0]], "unit" if evidence == "note" else evidence
        if named:
            return None
    return None
