"""The quantities of a table: counted over its true rows in plain terms."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from tests.natural.spec import Quantity
from tests.natural.values import Row

_BY = re.compile(
    r"^(?P<how>count|sum|distinct)(?: (?P<of>[^ @=]+))?(?P<where>(?: [^ =@]+=[^ @]+)*)(?: @(?P<dated>[^: ]+):(?P<during>\S+))?$"
)


@dataclass(frozen=True)
class Parts:
    """A quantity taken apart: ``sum`` of 涉及人数 where 结果 is one of some words and a day lies in a period."""

    how: str
    of: str | None
    where: dict[str, list[str]]
    dated: str | None
    during: str | None


def plain(text: str) -> str:
    """A header or word without blanks, with half-width punctuation: as one compares two of them."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


def parts(by: str) -> Parts:
    match = _BY.match(by)
    if match is None:
        raise ValueError(f"not understood: {by}")
    where = dict(part.split("=") for part in match["where"].split())
    return Parts(
        match["how"],
        match["of"],
        {name: words.split("/") for name, words in where.items()},
        match["dated"],
        match["during"],
    )


def count(quantity: Quantity, rows: list[Row]) -> Decimal:
    how = parts(quantity.by)
    chosen = [row for row in rows if all(str(row[name]) in words for name, words in how.where.items())]
    if how.dated and how.during:
        chosen = [row for row in chosen if within(row[how.dated], how.during)]
    if how.of is None:
        return Decimal(len(chosen))
    values = [row[how.of] for row in chosen if row[how.of] is not None]
    match how.how:
        case "count":
            return Decimal(len(values))
        case "distinct":
            return Decimal(len(set(values)))
    return sum(values, Decimal(0))


def within(day: Any, period: str) -> bool:
    if not isinstance(day, date):
        return False
    year, _, part = period.partition("-")
    if day.year != int(year):
        return False
    months = {
        "": range(1, 13),
        "H1": range(1, 7),
        "H2": range(7, 13),
        "Q1": range(1, 4),
        "Q2": range(4, 7),
        "Q3": range(7, 10),
        "Q4": range(10, 13),
    }.get(part) or [int(part)]
    return day.month in months
