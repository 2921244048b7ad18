"""Rows of any record kind from its contract alone: types, `sample:` hints and checks.

This is why a new kind needs no Python: without a maker of its own its rows come from here. Rules
between columns are kept by leaving optional columns of a rule empty (NULL passes); where a rule
compares two required dates or amounts, the values are put in the order it asks for.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from flows.contract.model import Column, ColumnType, Record
from flows.sample import people
from flows.sample.model import Mark, Raw, Row, Span, Value
from flows.sample.scene import Scene, codes

_COMPARE = re.compile(r"^\s*([a-z_0-9]+)\s*(<=|>=|<|>)\s*([a-z_0-9]+)\s*$")


def rows(scene: Scene, record: Record) -> list[Row]:
    """A few rows per year that the unit lived, each a thing of its own."""
    out = []
    for year in scene.lived_years():
        for n in range(scene.rng.randint(3, 7)):
            out.append(row(scene, record, year, n))
    return out


def row(scene: Scene, record: Record, year: int, n: int) -> Row:
    """The n-th made-up row of a year."""
    day = date(year, 12, 31) if record.snapshot else scene.day_in(year)
    skipped = skipped_columns(record)
    serial = (year - 2011) * 100 + n + 1
    values = {c.name: value(scene, c, day, serial) for c in record.read_columns if c.name not in skipped}
    person = next((v for c in record.read_columns if c.type is ColumnType.CITIZEN_ID and (v := values.get(c.name))), None)
    if isinstance(person, str):
        for column in record.read_columns:
            if column.list == "sex" and column.name in values:
                values[column.name] = people.sex_of(person)
            if column.type is ColumnType.DATE and "birth" in column.name and column.name in values:
                values[column.name] = people.birth_of(person)
    _keep_order(record, values)
    return Row(values, ident=f"{scene.unit.code}/{record.record}/{serial}", on=day, marks=(Mark(record.record, day),))


def skipped_columns(record: Record) -> set[str]:
    """Optional columns that a rule names: a maker that does not know the rule leaves them empty."""
    names = {
        word
        for check in record.checks
        for word in re.findall(r"[a-z_0-9]+", check.rule)
        if not (_COMPARE.match(check.rule) and _both_required(record, check.rule))
    }
    names |= {re.sub(r"_(from|to)_on$", "", name) for name in names}
    required = {c.name for c in record.read_columns if c.required}
    return {c.name for c in record.read_columns if c.name in names} - required - set(record.recognise.columns)


def _both_required(record: Record, rule: str) -> bool:
    match = _COMPARE.match(rule)
    sides = [record.columns.get(name) for name in (match.group(1), match.group(3))] if match else []
    return len(sides) == 2 and all(side is not None and side.required for side in sides)


def _keep_order(record: Record, values: dict[str, Value]) -> None:
    for check in record.checks:
        match = _COMPARE.match(check.rule)
        if not match:
            continue
        small, sign, large = match.groups()
        if sign.startswith(">"):
            small, large = large, small
        a, b = values.get(small), values.get(large)
        if isinstance(a, date) and isinstance(b, date) and a > b:
            values[small], values[large] = b, a
        elif isinstance(a, int | Decimal) and isinstance(b, int | Decimal) and a > b:
            values[small], values[large] = b, a


def value(scene: Scene, column: Column, day: date, serial: int) -> Value:
    """One made-up value of a column: the contract's hint, else what its type asks for."""
    rng, hint = scene.rng, column.sample
    if hint and hint.blank and not column.required and rng.random() < hint.blank:
        return None
    if hint and hint.values:
        return Raw(hint.values[rng.randrange(len(hint.values))])
    low = hint.low if hint and hint.low is not None else 1
    high = hint.high if hint and hint.high is not None else max(low, 60)
    match column.type:
        case ColumnType.TEXT:
            return f"{scene.unit.short}{column.label}{serial:04d}"
        case ColumnType.NAME:
            return people.name(scene.person(serial))
        case ColumnType.WITHHELD:
            return "样例内容"
        case ColumnType.DATE:
            return day
        case ColumnType.SPAN:
            return Span(day, day)
        case ColumnType.YEAR:
            return day.year
        case ColumnType.MONEY:
            return rng.randint(low, high) * 100
        case ColumnType.COUNT | ColumnType.DECIMAL:
            return rng.randint(low, high)
        case ColumnType.PCT:
            return rng.randint(max(low, 2), min(high, 99))
        case ColumnType.BOOL:
            return rng.random() < 0.5
        case ColumnType.CODE:
            return rng.choice(codes(column.list or "", day.year))
        case ColumnType.CITIZEN_ID:
            return people.citizen_id(scene.unit.division, scene.person(serial))
        case ColumnType.CREDIT_CODE:
            head = "81" if "union" in column.name else "91"
            return people.credit_code(scene.person(serial), scene.unit.division, head)
        case ColumnType.PHONE:
            return people.phone(scene.person(serial))
        case ColumnType.UNIT:
            return scene.unit.short
        case ColumnType.DIVISION:
            return scene.town() or None
        case ColumnType.INDICATOR:
            return None
