"""The rows of `data/reference/*.csv` as dataclasses, and how they are read.

Refuses a line with a missing field, a day that is none, a code of the wrong form, with file and line.
What the rows mean together — overlaps, parents, names — is judged in `reference.py`.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, TypeVar

from flows.contract.catalogue import ContractError
from flows.contract.text import name_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

Row = TypeVar("Row")

#: Open ends of a validity; real days, so that `between` works on them.
EARLIEST, LATEST = date(1, 1, 1), date(9999, 12, 31)

UNIT_KINDS = ("nation", "province", "city", "district", "zone")
DIVISION_LEVELS = ("city", "district")
#: What rows are held against: those of the last publication, those of the same period a year before.
FALL_AGAINST = ("publication", "year")


@dataclass(frozen=True)
class Division:
    """A division, or an earlier name of one, and the days its code (6 or 9 digits) meant it."""

    code: str
    name: str
    level: str
    parent_code: str | None
    valid_from: date
    valid_to: date
    source: str


@dataclass(frozen=True)
class Town:
    """A street, town or township of a district.

    `code` is that of the first table that lists it. A code alone means the town only where two tables agree on it and
    none gives it another name (`is_code_sure`). `zone` is the federation it belongs to where that is not the district's.
    """

    code: str
    name: str
    parent_code: str
    zone: str | None
    source: str
    is_code_sure: bool


@dataclass(frozen=True)
class Unit:
    """A trade-union federation that sends or is assessed; `name` is the one it bore at the end of 2015."""

    unit_code: str
    name: str
    short_name: str
    aliases: tuple[str, ...]
    kind: str
    parent_code: str | None
    is_assessed: bool
    valid_from: date
    valid_to: date

    def exists_on(self, day: date) -> bool:
        """Whether the unit exists on a day, both ends included."""
        return self.valid_from <= day <= self.valid_to


@dataclass(frozen=True)
class Name:
    """One spelling of a unit or division (`code`), normalised by `name_key`, and the days it is good for."""

    key: str
    code: str
    valid_from: date
    valid_to: date


@dataclass(frozen=True)
class UnitChange:
    """From `on_date`, `to_unit` continues `from_unit`: a span of the successor includes the predecessor."""

    from_unit: str
    to_unit: str
    on_date: date


@dataclass(frozen=True)
class Period:
    """A named span of days, both ends included."""

    period_id: str
    label: str
    from_on: date
    to_on: date


@dataclass(frozen=True)
class Due:
    """The last day on which a record kind for a period is in time."""

    record: str
    period_id: str
    due_on: date


@dataclass(frozen=True)
class FallLimit:
    """Rows that fall by more than a share of at least so many let a publication wait for a person."""

    record: str | None  # None: every kind without a limit of its own
    against: str
    fall_share: Decimal
    least_rows: int


def read_rows(path: Path, make: Callable[[dict[str, str]], Row]) -> Iterator[Row]:
    """One object per line of a CSV file with a header."""
    with path.open(encoding="utf-8", newline="") as stream:
        for line, row in enumerate(csv.DictReader(stream, strict=True), 2):
            if None in row or None in row.values():
                raise ContractError(f"{path}:{line}: not as many fields as the header has")
            try:
                yield make(row)
            except (KeyError, ValueError) as error:
                raise ContractError(f"{path}:{line}: {error}") from error


def day(text: str) -> date:
    """A day written YYYY-MM-DD."""
    return date.fromisoformat(text)


def _span(row: dict[str, str]) -> tuple[date, date]:
    first, last = row["valid_from"], row["valid_to"]
    return (day(first) if first else EARLIEST, day(last) if last else LATEST)


def division_row(row: dict[str, str]) -> Division:
    """A line of division.csv."""
    if row["level"] not in DIVISION_LEVELS:
        raise ValueError(f"level {row['level']} is none of {', '.join(DIVISION_LEVELS)}")
    if not re.fullmatch(r"\d{6}", row["code"]):
        raise ValueError(f"{row['code']} is not a division code of 6 digits")
    first, last = _span(row)
    parent = row["parent_code"] or None
    return Division(row["code"], row["name"], row["level"], parent, first, last, row["source"])


def towns_of_rows(rows: Iterable[dict[str, str]]) -> Iterator[Town]:
    """The towns of town_code.csv, whose lines are what one table says of one town."""
    listed = list(rows)
    named: dict[tuple[str, str], list[dict[str, str]]] = {}
    tables: dict[str, set[str]] = {}
    names: dict[str, set[str]] = {}
    for row in listed:
        named.setdefault((row["parent_code"], row["name"]), []).append(row)
        tables.setdefault(row["code"], set()).add(row["source"])
        names.setdefault(row["code"], set()).add(row["name"])
    for (parent, name), lines in named.items():
        code = lines[0]["code"]
        is_sure = len(tables[code]) > 1 and len(names[code]) == 1
        yield Town(code, name, parent, lines[0]["zone"] or None, lines[0]["source"], is_sure)


def unit_row(row: dict[str, str]) -> Unit:
    """A line of unit.csv."""
    if row["kind"] not in UNIT_KINDS:
        raise ValueError(f"kind {row['kind']} is none of {', '.join(UNIT_KINDS)}")
    if row["assessed"] not in ("true", "false"):
        raise ValueError(f"assessed is {row['assessed']}, expected true or false")
    first, last = _span(row)
    return Unit(
        unit_code=row["unit_code"],
        name=row["name"],
        short_name=row["short_name"],
        aliases=tuple(a for a in row["aliases"].split("|") if a),
        kind=row["kind"],
        parent_code=row["parent_code"] or None,
        is_assessed=row["assessed"] == "true",
        valid_from=first,
        valid_to=last,
    )


def dated_name_row(row: dict[str, str]) -> Name:
    """A line of unit_name.csv."""
    return Name(name_key(row["name"]), row["unit_code"], *_span(row))


def period_row(row: dict[str, str]) -> Period:
    """A line of period.csv."""
    return Period(row["period_id"], row["label"], day(row["from_on"]), day(row["to_on"]))


def fall_limit_row(row: dict[str, str]) -> FallLimit:
    """A line of fall_limit.csv."""
    if row["against"] not in FALL_AGAINST:
        raise ValueError(f"against is {row['against']}, expected {' or '.join(FALL_AGAINST)}")
    try:
        share, rows = Decimal(row["fall_share"]), int(row["least_rows"])
    except (InvalidOperation, ValueError):
        raise ValueError(f"{row['fall_share']} or {row['least_rows']} is no number") from None
    if not 0 < share <= 1 or rows < 1:
        raise ValueError(
            f"fall_share is {share} and least_rows {rows}, expected 0 < fall_share <= 1 and least_rows >= 1"
        )
    return FallLimit(row["record"] or None, row["against"], share, rows)
