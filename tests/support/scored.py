"""A data folder whose results of 2015 can be closed: two units, one item, nothing open."""

from __future__ import annotations

from pathlib import Path

import duckdb

from flows.contract.paths import Paths
from flows.database.connect import open_build
from flows.database.seal import seal
from flows.metrics.refresh import measure
from flows.score.scheme.scheme_loader import load_year, scheme_text
from flows.warehouse.publish import publish
from tests.support.world import World, case

GROUPS = {"yongchuan": "g", "dazu": "g"}


def score(folder: Path, root: Path, name: str = "2015年调解台账.csv") -> Paths:
    """One file, built, measured and published, with the scheme below `root`: yongchuan first, dazu second."""
    world = World(folder)
    world.send("2016-01-05", name, case(1), case(2))
    world.build()
    measure(world.paths)
    with open_build(world.paths) as con:
        year = load_year(2015, root)
        fill(con, year.fingerprint, scheme_text(year.folder))
        seal(con, "ref", "assess")
    publish(world.paths)
    return world.paths


def fill(con: duckdb.DuckDBPyConnection, fingerprint: str, text: str) -> None:
    con.execute(
        "insert into ref.scheme by name select 2015 as year, 'made' as scheme, '' as judged_by, '[]' as remarks, $2 as text, '样例' as label, '1号' as document_no, "
        "date '2016-03-31' as closing_on, 100 as full_points, 2 as total_places, $1 as fingerprint",
        [fingerprint, text],
    )
    con.execute(
        "insert into ref.item by name select 2015 as year, 'mediation' as item_id, 1 as position, '劳动争议调解' as label, "
        "100 as full_points, 100 as most_points, true as is_leaf"
    )
    con.execute(
        "insert into ref.target values (2015, 'yongchuan', 'mediation_succeeded', 2, '1号', date '2015-01-01')"
    )
    con.execute(
        "insert into assess.figure by name select 2015 as year, 'yongchuan' as unit_code, 'mediation_succeeded' as indicator_id, "
        "'2015-03' as period_id, 'value' as state, 2 as computed, 2 as actual, 2 as lower, 2 as upper"
    )
    state(con, {"yongchuan": 90, "dazu": 70})


def state(con: duckdb.DuckDBPyConnection, points: dict[str, int]) -> None:
    """What scoring says of 2015: one item; the first is graded first, the others second."""
    con.execute("delete from ref.unit_group; delete from assess.item_score; delete from assess.result")
    for rank, unit in enumerate(sorted(points, key=lambda u: -points[u]), 1):
        con.execute("insert into ref.unit_group values (2015, $1, 'g')", [unit])
        con.execute(
            "insert into assess.item_score by name select 2015 as year, $1 as unit_code, 'mediation' as item_id, "
            "true as is_leaf, 100 as full_points, 2 as target, $2 / 45 as actual, $2 as points, $2 as points_low, "
            "$2 as points_high, 'value' as state, '说明' as explanation",
            [unit, points[unit]],
        )
        con.execute(
            "insert into assess.result by name select 2015 as year, $1 as unit_code, 'g' as group_id, $2 as base_points, "
            "0 as bonus_points, 0 as deduction_points, $2 as total_points, $3 as group_rank, $3 as overall_rank, "
            "$4 as grade, 'final' as status, ['veto'] as gates, $2 as points_low, $2 as points_high, "
            "$3 as group_rank_best, $3 as group_rank_worst, $4 as grade_best, $4 as grade_worst, 1 as rescale",
            [unit, points[unit], rank, "first" if rank == 1 else "second"],
        )
