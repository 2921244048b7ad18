"""The cells of a row: those that a plan names, and everything else from the contract alone.

This is why a new kind needs no Python: types and `sample:` hints of its contract make its rows. Rules between columns
are kept by leaving the optional columns that a rule names empty (NULL passes); a plan that knows the rule fills them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from zlib import crc32

from flows.contract.catalogue import code_lists
from flows.contract.record import Column, ColumnType, Record
from flows.sample import people
from flows.sample.cell_forms import Draft, Form, Maker, between, maker_of, reads_cells
from flows.sample.intent import DaySpan, Value, Verbatim

_WORD = re.compile(r"[a-z_0-9]+")
#: Rules that a made-up person satisfies by construction.
_PERSONAL_RULE = re.compile(r"id_sex|id_birth_on\(person_id\) = birth_on")
_PERSON = (ColumnType.NAME, ColumnType.CITIZEN_ID)


class RowFiller:
    """Fills rows of one kind: `forms` for the columns that a plan names, the contract for the others."""

    def __init__(self, record: Record, forms: Mapping[str, Form], blank: bool = False) -> None:
        """`blank` leaves all else as it is: of a row that continues one of its kind, or is to be made bad."""
        columns = () if blank else record.read_columns
        left_empty = _named_in_rules(record)
        named = [c.name for c in columns if c.type in _PERSON and c.name != "person_id"]
        self._cells: list[tuple[str, Maker]] = [
            # The first one named is the person of the row, the others are somebody else.
            (c.name, _by_contract(record, c, max(0, named.index(c.name) if c.name in named else 0)))
            for c in columns
            if c.name not in forms and c.name not in left_empty
        ]
        for name, form in sorted(forms.items(), key=lambda item: reads_cells(item[1])):
            self._cells.append((name, maker_of(form, record.columns[name])))
        self._sexes = [c.name for c in columns if c.list == "sex" and c.name not in forms]
        self._has_birth = "birth_on" not in forms and any(c.name == "birth_on" for c in columns)

    def fill(self, draft: Draft, values: dict[str, Value]) -> dict[str, Value]:
        """`values` with every cell of the row, its person consistent."""
        draft.values = values
        for name, make in self._cells:
            values[name] = make(draft)
        person = values.get("person_id")
        if isinstance(person, str) and len(person) == 18:
            for name in self._sexes:
                values[name] = people.sex_of(person)
            if self._has_birth:
                values["birth_on"] = date.fromisoformat(f"{person[6:10]}-{person[10:12]}-{person[12:14]}")
        return values


def _named_in_rules(record: Record) -> set[str]:
    """Optional columns that a rule names: who does not know the rule leaves them empty."""
    rules = [check.rule for check in record.checks if not _PERSONAL_RULE.search(check.rule)]
    words = {word for rule in rules for word in _WORD.findall(rule)}
    words |= {re.sub(r"_(from|to)_on$", "", word) for word in words}
    needed = {c.name for c in record.read_columns if c.required} | set(record.recognise.columns)
    return words - needed - {"person_id"}


def _by_contract(record: Record, column: Column, other: int) -> Maker:
    """One made-up value of a column: the contract's hint, else what its type asks for."""
    hint = column.sample
    make = _one_of([Verbatim(v) for v in hint.values]) if hint and hint.values else None
    filled = make or _BY_TYPE.get(column.type) or _by_type(record, column, other)
    if not hint or not hint.blank or column.required:
        return filled
    blank = hint.blank
    return lambda draft: None if draft.dice.random() < blank else filled(draft)


def _one_of(choices: list[Verbatim]) -> Maker:
    return lambda draft: choices[between(draft.dice, 0, len(choices) - 1)]


_BY_TYPE: Mapping[ColumnType, Maker] = {
    ColumnType.WITHHELD: lambda draft: "样例内容",
    ColumnType.DATE: lambda draft: draft.day,
    ColumnType.SPAN: lambda draft: DaySpan(draft.day, draft.day),
    ColumnType.YEAR: lambda draft: draft.day.year,
    ColumnType.BOOL: lambda draft: draft.dice.random() < 0.5,
    ColumnType.UNIT: lambda draft: (draft.subject or draft.sender).short,
    ColumnType.DIVISION: lambda draft: (t := draft.sender.towns)[between(draft.dice, 0, len(t) - 1)],
    ColumnType.INDICATOR: lambda draft: draft.checked[0] or None,
}


def _by_type(record: Record, column: Column, other: int) -> Maker:
    """What a type asks for that needs more than the row: a label, a range, a list of codes, somebody."""
    hint, label = column.sample, column.label
    low = hint.low if hint and hint.low is not None else 1
    high = hint.high if hint and hint.high is not None else max(low, 60)
    if column.type is ColumnType.TEXT:
        return lambda draft: f"{draft.sender.short}{label}{draft.n + 1:04d}"
    if column.type is ColumnType.CODE:
        entries = [(e.code, e.valid_from or 0, e.valid_to or 9999) for e in code_lists()[column.list or ""]]
        valid = {y: [code for code, a, b in entries if a <= y <= b] for y in range(2005, 2020)}
        return lambda draft: (v := valid[draft.day.year])[between(draft.dice, 0, len(v) - 1)]
    if column.type is ColumnType.MONEY and (hint is None or hint.high is None):
        return lambda draft: between(draft.dice, low, high) * 100
    if column.type is ColumnType.PCT:
        return lambda draft: between(draft.dice, max(low, 2), min(high, 99))
    if column.type in (ColumnType.MONEY, ColumnType.COUNT, ColumnType.DECIMAL):
        return lambda draft: between(draft.dice, low, high)
    # Kinds do not share people, nor do the columns of a kind.
    first = (crc32(record.record.encode()) % 230 + 10) * 20_000 + other * 1_009
    if column.type is ColumnType.NAME:
        return lambda draft: people.name(first + draft.n + draft.sender.number)
    if column.type is ColumnType.CITIZEN_ID:
        return lambda draft: draft.sender.citizen(first + draft.n + draft.sender.number)
    if column.type is ColumnType.PHONE:
        return lambda draft: people.phone(first + draft.n + draft.sender.number)
    head = "81" if "union" in column.name else "91"
    return lambda draft: people.credit_code(first + draft.n, draft.sender.division, head)


class KeyReader:
    """What makes a row one of its kind, as far as its cells say."""

    def __init__(self, record: Record) -> None:
        self._parts: list[tuple[list[str], bool, bool]] = []  # columns, may be blank, is a year
        for name in record.key:
            derive = (record.columns[name].derive if name in record.columns else None) or ""
            if columns := _columns_behind(record, name, derive):
                may_be_blank = "coalesce" in derive or "is null" in derive
                self._parts.append((columns, may_be_blank, derive.startswith("year(")))

    def of(self, values: Mapping[str, Value]) -> tuple[object, ...] | None:
        """The key of a row; None where a part of it is blank."""
        key: list[object] = []
        for columns, may_be_blank, is_year in self._parts:
            part: list[object] = [values.get(column) for column in columns]
            if not may_be_blank and part.count(None) == len(part):
                return None
            days = [p.first if isinstance(p, DaySpan) else p for p in part] if is_year else []
            key += [d.year if isinstance(d, date) else d for d in days] if is_year else part
        return tuple(key)


def _columns_behind(record: Record, name: str, derive: str) -> list[str]:
    """The columns that a key column comes from; none for the sender."""
    if derive:
        words = [w for word in _WORD.findall(derive) for w in (word, re.sub(r"_(from|to)_on$", "", word))]
        return [word for word in words if word in record.columns]
    stem = re.sub(r"_(key|from_on|to_on|year)$", "", name)
    return [c for c in (name, f"{stem}_id", stem, f"{stem}_on") if c in record.columns][:1]
