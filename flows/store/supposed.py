"""A year's folder and facts from the published warehouse, for what is tried out on copies: read, never written."""

from __future__ import annotations

from pathlib import Path

import duckdb

from flows.contract.load import ROOT
from flows.score.facts import Facts
from flows.score.folder import SchemeYear
from flows.store.assess import load_checked
from flows.store.facts import read_facts
from flows.store.query import NoWarehouse


def known_year(warehouse: Path, year: int, root: Path = ROOT) -> SchemeYear:
    """The folder of a year as the last run scored it. Refused with errors; `NoWarehouse` without a run."""
    with _opened(warehouse, year) as con:
        return load_checked(con, year, root)


def known_facts(warehouse: Path, year: SchemeYear, root: Path = ROOT) -> Facts:
    """What a scheme reads of the published figures and records; another scheme may read others."""
    with _opened(warehouse, year.year) as con:
        return read_facts(con, year, root)


def _opened(warehouse: Path, year: int) -> duckdb.DuckDBPyConnection:
    if not warehouse.exists():
        raise NoWarehouse(
            f"no warehouse at {warehouse}: run `union-assessment run --year {year} --inbox DIR` first"
        )
    return duckdb.connect(str(warehouse), read_only=True)
