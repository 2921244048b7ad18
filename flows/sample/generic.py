"""Rows of any record kind from its contract alone: types, `sample:` hints and checks.

This is why a new kind needs no Python: without a maker of its own its rows come from here. Rules
between columns are kept by leaving optional columns of a rule empty (NULL passes); where a rule
compares two required dates or amounts, the values are put in the order it asks for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from flows.contract.record import Column, ColumnType, Record
from flows.sample import people
from flows.sample.model import Mark, Raw, Row, Span, Value
from flows.sample.scene import Scene, codes

_COMPARE = re.compile(r"^\s*([a-z_0-9]+)\s*(<=|>=|<|>)\s*([a-z_0-9]+)\s*$")
#: Rules that a made-up person satisfies by construction.
_PERSONAL_RULE = re.compile(r"id_sex|id_birth_on\((person_id)\) = birth_on")


def rows(scene: Scene, record: Record) -> list[Row]:
    """A few rows per year that the unit lived, each a thing of its own."""
    out, keys = [], set()
    for year in scene.lived_years():
        for n in range(scene.rng.randint(3, 6)):
            day = date(year, 12, 31) if record.snapshot else scene.day_in(year)
            made = fill(scene, record, day, (year - 2011) * 100 + n + 1)
            key = key_of(record, made.values)
            if key is not None and key in keys:  # a kind with one row a year, say
                continue
            keys.add(key)
            made.marks = (Mark(record.record, day),)
            out.append(made)
    return out


def fill(
    scene: Scene, record: Record, day: date, serial: int, given: Mapping[str, Value] | None = None
) -> Row:
    """A row with the `given` values, everything else made up, its person consistent, its rules kept."""
    given = given or {}
    plan = _plan(record)
    values: dict[str, Value] = {}
    for column in plan.columns:
        if column.name in given:
            values[column.name] = given[column.name]
        elif column.name not in plan.skipped:
            values[column.name] = value(scene, column, day, serial)
    _one_person(plan, values, given)
    _keep_order(plan, values, given)
    return Row(values, ident=f"{scene.unit.code}/{record.record}/{serial}", on=day)


def rejected(row: Row, change: Mapping[str, Value], issue: str) -> Row:
    """A good row made bad: it must be rejected for that issue and stands for nothing."""
    row.values.update(change)
    row.state, row.issues, row.marks = "rejected", (issue,), ()
    return row


@dataclass(frozen=True)
class _Plan:
    """What a contract says about making rows, worked out once."""

    columns: tuple[Column, ...]
    skipped: frozenset[str]
    sexes: tuple[str, ...]
    orders: tuple[tuple[str, str], ...]  # (small, large)


_PLANS: dict[int, tuple[Record, _Plan]] = {}


def _plan(record: Record) -> _Plan:
    # The record is kept beside its plan, so that an id is never that of another object.
    found = _PLANS.get(id(record))
    if found is None:
        orders = []
        for check in record.checks:
            if match := _COMPARE.match(check.rule):
                small, sign, large = match.groups()
                orders.append((large, small) if sign.startswith(">") else (small, large))
        columns = record.read_columns
        plan = _Plan(
            columns,
            frozenset(skipped_columns(record)),
            tuple(c.name for c in columns if c.list == "sex"),
            tuple(o for o in orders if set(o) <= {c.name for c in columns}),
        )
        found = _PLANS[id(record)] = (record, plan)
    return found[1]


def _one_person(plan: _Plan, values: dict[str, Value], given: Mapping[str, Value]) -> None:
    person = values.get("person_id")
    if not isinstance(person, str) or len(person) != 18:
        return
    for name in plan.sexes:
        if name in values and name not in given:
            values[name] = people.sex_of(person)
    if "birth_on" in values and "birth_on" not in given:
        values["birth_on"] = people.birth_of(person)


def key_of(record: Record, values: dict[str, Value]) -> tuple[object, ...] | None:
    """What makes a row one of a kind, as far as its cells say; None where a part of the key is blank."""
    key: list[object] = []
    for name in record.key:
        source = _source(record, name)
        if source is None:
            continue
        part: list[Value] = [values.get(column) for column in source]
        if all(p is None for p in part) and not _may_be_blank(record, name):
            return None
        if record.columns.get(name) is not None and (record.columns[name].derive or "").startswith("year("):
            part = [
                p.first.year if isinstance(p, Span) else p.year if isinstance(p, date) else p for p in part
            ]
        key.append(tuple(map(str, part)))
    return tuple(key)


def distinct(record: Record, rows: list[Row]) -> list[Row]:
    """Rows whose key nothing before them has: chance makes no duplicate that the truth does not know."""
    seen, out = set(), []
    for row in rows:
        key = key_of(record, row.values) if row.state == "accepted" else None
        if key is None or key not in seen:
            seen.add(key)
            out.append(row)
    return out


def _source(record: Record, name: str) -> tuple[str, ...] | None:
    """The columns a key column comes from; None for the sender."""
    column = record.columns.get(name)
    if column is not None and column.derive is None:
        return (name,)
    if column is not None and column.derive is not None:
        words = re.findall(r"[a-z_0-9]+", column.derive)
        return tuple(s for w in words for s in (w, re.sub(r"_(from|to)_on$", "", w)) if s in record.columns)
    for ending, start in (("_key", "_id"), ("_key", ""), ("_from_on", ""), ("_to_on", ""), ("_year", "_on")):
        if name.endswith(ending) and name.removesuffix(ending) + start in record.columns:
            return (name.removesuffix(ending) + start,)
    return None


def _may_be_blank(record: Record, name: str) -> bool:
    column = record.columns.get(name)
    return (
        column is not None
        and column.derive is not None
        and ("coalesce" in column.derive or "is null" in column.derive)
    )


def skipped_columns(record: Record) -> set[str]:
    """Optional columns that a rule names: who does not know the rule leaves them empty (NULL passes)."""
    names = {
        word
        for check in record.checks
        if not _COMPARE.match(check.rule) and not _PERSONAL_RULE.search(check.rule)
        for word in re.findall(r"[a-z_0-9]+", check.rule)
    }
    names |= {re.sub(r"_(from|to)_on$", "", name) for name in names}
    required = {c.name for c in record.read_columns if c.required}
    return (
        {c.name for c in record.read_columns if c.name in names}
        - required
        - set(record.recognise.columns)
        - {"person_id"}
    )


def _keep_order(plan: _Plan, values: dict[str, Value], given: Mapping[str, Value]) -> None:
    """Where a rule says a <= b and the made-up values do not, swap them, or drop the one not given."""
    for small, large in plan.orders:
        a, b = values.get(small), values.get(large)
        comparable = (isinstance(a, date) and isinstance(b, date)) or (
            isinstance(a, int | Decimal) and isinstance(b, int | Decimal)
        )
        if not comparable or a <= b:  # type: ignore[operator]
            continue
        if small in given and large not in given:
            values[large] = None
        elif large in given and small not in given:
            values[small] = None
        elif small not in given:
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
            return rng.randint(low, high) * (1 if hint and hint.high is not None else 100)
        case ColumnType.COUNT | ColumnType.DECIMAL:
            return rng.randint(low, high)
        case ColumnType.PCT:
            return rng.randint(max(low, 2), min(high, 99))
        case ColumnType.BOOL:
            return rng.random() < 0.5
        case ColumnType.CODE:
            return rng.choice(codes(column.list or "", day.year))
        case ColumnType.CITIZEN_ID:
            return scene.citizen(scene.person(serial))
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
