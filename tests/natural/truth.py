"""The quantities of a table: counted over its true rows in plain terms."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

from tests.natural.spec import Quantity
from tests.natural.values import Row

_BY = re.compile(
    r"^(?P<how>count|sum|distinct)(?: (?P<of>[^ @=]+))?(?P<where>(?: [^ =@]+=[^ @]+)*)(?: @(?P<dated>[^: ]+):(?P<during>\S+))?$"
)


def count(quantity: Quantity, rows: list[Row]) -> Decimal:
    match = _BY.match(quantity.by)
    if match is None:
        raise ValueError(f"{quantity.name}: not understood: {quantity.by}")
    chosen = rows
    for part in match["where"].split():
        name, words = part.split("=")
        chosen = [row for row in chosen if str(row[name]) in words.split("/")]
    if match["dated"]:
        chosen = [row for row in chosen if within(row[match["dated"]], match["during"])]
    values = [row[match["of"]] for row in chosen if row[match["of"]] is not None] if match["of"] else []
    match match["how"]:
        case "count":
            return Decimal(len(values) if match["of"] else len(chosen))
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
