"""The plan of the sample (`data/plan/`): which kinds hold how many rows of what, and what they add up to.

A kind is a list of lots, rows that are alike: how many, on which days, what their cells hold and which figures
they count for. What the plan leaves out comes from the contracts, so that a kind without a plan has rows too.
Refuses unknown keys, kinds, columns and lots. A value may differ between Yongchuan and the others, or be the figure of
one of the article's claims (`claims.csv`); both are settled before the plan is read, so that nothing below knows of it.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError, model_validator

from flows.contract.catalogue import ROOT, ContractError, explain, load_yaml, records
from flows.contract.record import Strict
from flows.sample.cell_forms import Form

PLAN = ROOT / "data" / "plan"


class CountedFor(Strict):
    """What a row adds to a figure. `dated`, `amount` and `until` name columns; `category` a column or the category itself.

    With `until` it stands to that day; `until: day` on the row's own day alone.
    """

    dated: str | None = None
    amount: str | int = 1
    category: str | None = None
    subject: str | None = None  # text with `{…}`: what a distinct figure counts once
    until: str | None = None
    stock: bool = False


class Continued(Strict):
    """Rows that go on from those of another lot (`kind.lot`): some days after the day in a column, or after its own."""

    lot: str
    dated: str | None = None
    days: int = 0


class Lot(Strict):
    """Rows of a kind that are alike.

    `rows` is their number, or a span to draw it from, over all years; with `per` of each year, or of each day of a
    register at its full size. `about` says which units an office's rows are about: all, some, or those whose figures it
    checks.
    """

    id: str = ""
    rows: tuple[int, int] = (0, 0)
    per: Literal["year", "snapshot"] | None = None
    first: date | None = None
    last: date | None = None
    within: tuple[str, str] = ("01-01", "12-31")  # of every year
    days: tuple[date, ...] = ()  # exactly these, instead of drawn ones
    about: Literal["all", "some", "checked"] | None = None
    start: int = 0  # number of what the first row is about
    of: int = 0  # how many things take turns in the rows; 0: each row is about another one
    continues: Continued | None = None
    cells: dict[str, Form] = Field(default_factory=dict)
    figures: dict[str, CountedFor | None] = Field(default_factory=dict)
    faults: dict[str, dict[str, Form]] = Field(default_factory=dict)  # issue → cells that make a row bad

    @model_validator(mode="before")
    @classmethod
    def _one_number(cls, data: dict[str, object]) -> dict[str, object]:
        rows = data.get("rows") or 0
        return {**data, "rows": [rows, rows]} if isinstance(rows, int) else data


class KindPlan(Strict):
    """All lots of a kind, and the cells that they share."""

    sent_by: Literal["units", "city"] = "units"
    cells: dict[str, Form] = Field(default_factory=dict)
    lots: tuple[Lot, ...]


class Plan(Strict):
    """The whole plan as it is for Yongchuan, or as it is for the others."""

    first: date
    last: date
    counted_to: date  # what the article counts happened by this day
    snapshots: dict[date, int]  # days of registers → thousandths of the full size
    rolls: dict[date, tuple[int, int]]  # member rolls: members, migrant workers among them
    roll_size: tuple[int, int]  # of units without `rolls`
    checked: dict[str, str]  # indicators that the office checks → item
    kinds: dict[str, KindPlan]

    @model_validator(mode="after")
    def _named(self) -> Plan:
        lots = [(f"{kind}.{lot.id}", lot.continues) for kind, plan in self.kinds.items() for lot in plan.lots]
        named = [name for name, _ in lots if not name.endswith(".")]
        unknown = {continues.lot for _, continues in lots if continues} - set(named)
        if unknown or len(named) != len(set(named)):
            raise ValueError(f"lots that are not there, or two of one name: {sorted(unknown) or named}")
        if odd := self.kinds.keys() - records().keys():
            raise ValueError(f"no record kinds: {sorted(odd)}")
        for kind, plan in self.kinds.items():
            cells = [plan.cells, *(c for lot in plan.lots for c in (lot.cells, *lot.faults.values()))]
            counted = [counted for lot in plan.lots for counted in lot.figures.values() if counted]
            named_columns = {name for each in cells for name in each}
            named_columns |= {
                name for c in counted for name in (c.dated, c.until) if name not in (None, "day")
            }
            if odd := named_columns - records()[kind].columns.keys():
                raise ValueError(f"{kind}: no columns {sorted(odd)}")
        return self


@cache
def load_plan(is_article: bool, folder: Path = PLAN) -> Plan:
    """The plan for Yongchuan (`is_article`) or for the others; `ContractError` says what is wrong in it."""
    shared = folder / "sample.yml"
    areas = [load_yaml(path) for path in sorted(folder.glob("*.yml")) if path != shared]
    content = load_yaml(shared) | {"kinds": {kind: lots for area in areas for kind, lots in area.items()}}
    with (folder / "claims.csv").open(encoding="utf-8", newline="") as stream:
        figures = {int(row["claim"]): int(row["figure"]) for row in csv.DictReader(stream)}
    try:
        return Plan.model_validate(_settled(content, "yongchuan" if is_article else "others", figures))
    except ValidationError as error:
        raise ContractError(f"{folder}: {explain(error)}") from error


def _settled(node: object, audience: str, figures: Mapping[int, int]) -> object:
    """A part of the plan with one audience's values and the figures of claims in place."""
    if isinstance(node, Mapping):
        if node.keys() and node.keys() <= {"yongchuan", "others"}:
            return _settled(node.get(audience), audience, figures)
        if "claim" in node:
            return figures[node["claim"]] - int(node.get("less", 0))
        return {key: _settled(value, audience, figures) for key, value in node.items()}
    return [_settled(value, audience, figures) for value in node] if isinstance(node, list) else node
