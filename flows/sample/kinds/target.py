"""Signed target letters: what each year's table of targets (`data/scheme/<year>/target.csv`) says, as units signed it.

The one part of the sample that is not made up here: a letter and the table must say the same, and
`union-assessment targets` shows that they do.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal

from flows.contract.catalogue import ROOT
from flows.contract.indicator import indicators
from flows.sample.kinds.assessed import Entry, Figures, alive
from flows.sample.mess import plain_number
from flows.sample.model import Value
from flows.sample.scene import YEARS, Scene, Unit


def entries(scene: Scene, units: Sequence[Unit], figures: Figures) -> Iterator[Entry]:
    """One per line of a year's table; a rate is written as a percentage."""
    for year in YEARS:
        path = ROOT / "data" / "scheme" / str(year) / "target.csv"
        by_code = {unit.code: unit for unit in alive(units, year)}
        with path.open(encoding="utf-8", newline="") as stream:
            for line in csv.DictReader(stream):
                if line["unit"] in by_code:
                    yield _entry(by_code[line["unit"]], line)


def _entry(unit: Unit, line: dict[str, str]) -> Entry:
    indicator = indicators()[line["indicator"]]
    is_rate, amount = indicator.is_rate, Decimal(line["target"])
    effective = date.fromisoformat(line["effective_on"])
    cells: dict[str, Value] = {
        "indicator": indicator.label,
        "target_written": f"{plain_number(amount * 100)}%" if is_rate else plain_number(amount),
        "measure": None if is_rate else indicator.unit,
        "document_no": line["document_no"],
        "effective_on": effective,
        "signed_on": effective,
    }
    return Entry(unit, effective, cells)
