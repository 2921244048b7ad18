"""Indicators: the definition on top of `sql/indicator/<area>/<id>.sql` and the one SELECT below it.

The header fixes every fork (case or person, accepted or closed, stock or flow), so a number is never
published without saying what it counts. It also declares which record kinds the SELECT reads and what its categories
are: whoever only wants to know that asks the header. Refuses unknown keys and a file name that is not the indicator;
that the SELECT keeps to its header is checked with DuckDB's own parser before it is ever run (`metrics/indicator_sql.py`).
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError, model_validator

from flows.contract.catalogue import ROOT, ContractError, code_lists, explain, load_yaml, records
from flows.contract.record import Strict

_FILE = re.compile(r"\A/\* ---\n(?P<header>.*?)\n--- \*/\n(?P<body>.+)\Z", re.DOTALL)

#: Category of persons without a usable ID, who are counted apart; and how it is said.
NO_ID, NO_ID_LABEL = "no_id", "无有效证件号"


class Shape(StrEnum):
    """How rows become a value. What each one does with a period is in `sql/metric/measured/<family>_measured.sql`."""

    COUNT = "count"  # rows by day
    SUM = "sum"  # amounts by day
    DISTINCT = "distinct"  # different subjects in the period
    RATIO = "ratio"  # sum of numerators over sum of denominators; `at: end` of two stocks
    STOCK = "stock"  # what stands on the last day: latest snapshot, or validity from_on..to_on
    COVERAGE = "coverage"  # subjects of the denominator that are also in the numerator
    EDITION = "edition"  # different editions held in the period
    STREAK = "streak"  # consecutive years up to the last decided one


class Indicator(Strict):
    """One indicator. `counts` is its definition in English, `basis` the same in Chinese."""

    indicator: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    label: str
    unit: str
    shape: Shape
    direction: Literal["up", "down", "none"]
    counts: str
    basis: str
    record: str  # the main record kind: a rejected row of it makes a value undecided
    reads: tuple[str, ...] = ()  # all record kinds the SELECT reads, where there are more than the main one
    category: str | tuple[str, ...] | None = (
        None  # column that is the category, or the labels that may be one
    )
    at: Literal["end"] | None = None  # ratio: of two stocks; coverage: the denominator is a stock
    above_one: bool = False  # a rate that may exceed 100 % by its definition
    needs: tuple[str, ...] = ()  # kinds whose report makes silence a zero; default: all kinds read
    area: str = ""
    body: str = ""

    @model_validator(mode="after")
    def _consistent(self) -> Indicator:
        if self.at and self.shape not in (Shape.RATIO, Shape.COVERAGE):
            raise ValueError("`at: end` belongs to shapes ratio and coverage")
        if self.above_one and not self.is_rate:
            raise ValueError("`above_one` belongs to shapes ratio and coverage")
        if self.reads and self.record not in self.reads:
            raise ValueError(f"record {self.record} is none of those it reads")
        if unread := set(self.needs) - set(self.records):
            raise ValueError(f"needs {sorted(unread)}, which it does not read")
        return self

    @property
    def is_rate(self) -> bool:
        return self.shape in (Shape.RATIO, Shape.COVERAGE)

    @property
    def records(self) -> tuple[str, ...]:
        """The record kinds it reads, sorted: a change of any of them makes its values stale."""
        return tuple(sorted(self.reads or (self.record,)))

    @property
    def reported_by(self) -> tuple[str, ...]:
        """The record kinds that must have been handed in before no rows mean zero."""
        return self.needs or self.records


def load_indicator(path: Path) -> Indicator:
    """One indicator file; `ContractError` names what is unclear."""
    match = _FILE.match(path.read_text(encoding="utf-8"))
    if match is None:
        raise ContractError(f"{path}: expected a header `/* ---` … `--- */` and one SELECT below it")
    body = match["body"].strip().removesuffix(";").rstrip()
    header = load_yaml(path, match["header"])
    if {"area", "body"} & set(header):
        raise ContractError(f"{path}: the header is a mapping without `area` and `body`")
    try:
        indicator = Indicator.model_validate({**header, "area": path.parent.name, "body": body})
    except ValidationError as error:
        raise ContractError(f"{path}: {explain(error)}") from error
    if indicator.indicator != path.stem:
        raise ContractError(f"{path}: indicator is {indicator.indicator}, expected {path.stem}")
    return indicator


def indicators(root: Path = ROOT) -> dict[str, Indicator]:
    """All indicators by id, sorted. One id in two areas is an error."""
    return _indicators(root)


@cache
def _indicators(root: Path) -> dict[str, Indicator]:
    out: dict[str, Indicator] = {}
    for path in sorted((root / "sql" / "indicator").glob("*/*.sql"), key=lambda p: p.stem):
        indicator = load_indicator(path)
        if other := out.get(indicator.indicator):
            raise ContractError(f"{path}: {indicator.indicator} is also in {other.area}")
        named = indicator.category
        if isinstance(named, str) and named not in records(root)[indicator.record].columns:
            raise ContractError(f"{path}: category {named} is no column of {indicator.record}")
        out[indicator.indicator] = indicator
    return out


def category_labels(indicator: Indicator, root: Path = ROOT) -> dict[str, str] | None:
    """Label of each category an indicator may have; None where any text of its column is one."""
    if not isinstance(indicator.category, str):
        return {label: label for label in indicator.category or ()}
    column = records(root)[indicator.record].columns[indicator.category]
    if column.list is None:
        return None
    labels = {entry.code: entry.label for entry in code_lists(root)[column.list]}
    return labels | ({NO_ID: NO_ID_LABEL} if indicator.shape is Shape.DISTINCT else {})
