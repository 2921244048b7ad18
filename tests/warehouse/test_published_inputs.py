"""What is tried out is read from the published warehouse, and nothing in it changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.assess.fact_queries import read_facts
from flows.database.connect import NoWarehouse
from flows.score.scheme.scheme_loader import load_year
from flows.warehouse.published_inputs import known_facts, known_scheme
from tests.support import stand
from tests.support.scheme import all_units, assessed, write_scheme


def test_the_year_and_its_facts_are_those_of_the_warehouse(tmp_path: Path) -> None:
    units = [unit.unit_code for unit in assessed()]
    goals = [f"{unit},mediation_succeeded,5,样例1号,2015-01-20" for unit in units]
    root = write_scheme(tmp_path, groups=dict.fromkeys(units, "district"), targets=goals)
    path = tmp_path / "w.duckdb"
    con = stand.empty()
    all_units(con)
    con.execute(f"attach '{path}' as published")
    con.execute("copy from database memory to published")
    expected = read_facts(con, load_year(2015, root), root)
    con.execute("detach published")
    before = path.read_bytes()
    year = known_scheme(path, 2015, root).year
    assert year == load_year(2015, root)
    assert known_facts(path, year, root) == expected
    assert len(expected.units) == 40
    assert path.read_bytes() == before


def test_without_a_run_it_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(NoWarehouse, match="union-assessment run --year YEAR"):
        known_scheme(tmp_path / "w.duckdb", 2015)
