"""Indicators: the definition on top of `sql/indicator/<area>/<id>.sql` and the one SELECT below it.

The header fixes every fork (case or person, accepted or closed, stock or flow), so a number is never
published without saying what it counts. Refuses unknown keys, a file name that is not the indicator,
a second statement, and a SELECT that reads anything but `current.*` and `ref.*`: a definition that
looked past `current` would count rows that are rejected, replaced or withdrawn.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError, model_validator

from flows.contract.catalogue import ROOT, ContractError, explain, load_yaml
from flows.contract.record import Strict

_FILE = re.compile(r"\A/\* ---\n(?P<header>.*?)\n--- \*/\n(?P<body>.+)\Z", re.DOTALL)
_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_STRING = re.compile(r"'(?:[^']|'')*'")
_TABLE = re.compile(r"\b(?:from|join)\s+(?!\()([a-z_]+)\.([a-z_]+)\b")
_BARE_TABLE = re.compile(r"\b(?:from|join)\s+([a-z_]+)\b(?!\s*\.)")


class Shape(StrEnum):
    """How rows become a value. What each one does with a period is in `sql/metric/<family>.sql`."""

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
    at: Literal["end"] | None = None  # ratio: of two stocks; coverage: the denominator is a stock
    claims: tuple[int, ...] = ()  # numbers of the article's claims that it answers
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
        if self.record not in self.records:
            raise ValueError(f"record {self.record} is not read by the SELECT")
        if unread := set(self.needs) - set(self.records):
            raise ValueError(f"needs {sorted(unread)}, which the SELECT does not read")
        return self

    @property
    def is_rate(self) -> bool:
        return self.shape in (Shape.RATIO, Shape.COVERAGE)

    @property
    def records(self) -> tuple[str, ...]:
        """The record kinds it reads, sorted: a change of any of them makes its values stale."""
        return tuple(
            sorted({name for schema, name in _TABLE.findall(_plain(self.body)) if schema == "current"})
        )

    @property
    def reported_by(self) -> tuple[str, ...]:
        """The record kinds that must have been handed in before no rows mean zero."""
        return self.needs or self.records


def _plain(sql: str) -> str:
    """SQL without comments and string contents, lower-case."""
    return _STRING.sub("''", _COMMENT.sub(" ", sql)).lower()


def load_indicator(path: Path) -> Indicator:
    """One indicator file; `ContractError` names what is unclear."""
    match = _FILE.match(path.read_text(encoding="utf-8"))
    if match is None:
        raise ContractError(f"{path}: expected a header `/* ---` … `--- */` and one SELECT below it")
    body = match["body"].strip().removesuffix(";").rstrip()
    _check_body(path, body)
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


def _check_body(path: Path, body: str) -> None:
    plain = _plain(body).strip()
    if ";" in plain:
        raise ContractError(f"{path}: one SELECT, nothing after it")
    if not plain.startswith("select"):
        raise ContractError(
            f"{path}: the body starts with `select` (no CTE: its rows must lead back to records)"
        )
    if schemas := {schema for schema, _ in _TABLE.findall(plain)} - {"current", "ref"}:
        raise ContractError(f"{path}: reads {sorted(schemas)}; an indicator reads current and ref")
    if bare := set(_BARE_TABLE.findall(plain)):
        raise ContractError(f"{path}: tables need their schema: {sorted(bare)}")


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
        out[indicator.indicator] = indicator
    return out
