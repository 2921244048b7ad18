"""Scored leaves of a year from a published warehouse, as the linter weighs them."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import duckdb

from flows.database.connect import open_published, sql_text
from flows.language import _
from flows.score.lint.weights import LeafScore


class NotScored(RuntimeError):
    """The warehouse holds no scores of a year."""


def scored_cells(warehouse: Path, year: int) -> list[LeafScore]:
    """Every unit and leaf of a year; `NotScored` where it was not scored, `NoWarehouse` without a warehouse."""
    with open_published(warehouse) as con:
        try:
            rows = con.execute(
                sql_text("ask", "scored_items"),
                {"year": year},
            ).fetchall()
        except duckdb.CatalogException:
            rows = []
    if not rows:
        raise NotScored(
            _(
                "{warehouse} has no scores of {year}: run `union-assessment run --year {year}` first",
                warehouse=warehouse,
                year=year,
            )
        )
    return [
        LeafScore(unit, item, _exact(points), Fraction(full), _exact(actual))
        for unit, item, points, full, actual in rows
    ]


def _exact(value: object) -> Fraction | None:
    return None if value is None else Fraction(str(value))
