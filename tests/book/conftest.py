"""A closed book small enough to read: three units, a block of two items, a bonus, two deductions, a tie, a second edition."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from flows.book.close_year import close
from flows.contract.paths import Paths
from flows.database.connect import open_build
from flows.database.seal import seal
from flows.score.scheme.scheme_loader import load_year
from flows.warehouse.publish import publish
from tests.support import scored
from tests.support.scheme import write_scheme

_UNITS = {  # mediation, aid, bonus, deduction, place
    "yongchuan": (60, 40, 1.5, 0, 1, "first"),
    "dazu": (30, 20, 0, 2, 2, "second"),
    "fuling": (30, 20, 0, 2, 2, "second"),
}
_ROWS = """
insert into ref.item by name select 2015 as year, 'rights' as item_id, 1 as position, '维权机制' as label, 100 as full_points,
  100 as most_points, false as is_leaf;
insert into ref.item by name select 2015 as year, unnest(['mediation', 'aid']) as item_id, 'rights' as parent_id, 2 as position,
  '项目' as label, unnest([60, 40]) as full_points, unnest([60, 40]) as most_points, true as is_leaf;
insert into ref.bonus_class values (2015, 'honour', '表彰加分', 2);
update ref.scheme set bonus_cap = 3;
insert into assess.bonus by name select 2015 as year, 'yongchuan' as unit_code, 'honour' as class_id, '=1+1' as matter,
  'municipal' as level, 2015 as work_year, 2015 as counted_year, 1.5 as claimed, 1.5 as granted, 1.5 as counted,
  'granted' as why, 1 as part_id, 1 as row_number;
insert into assess.adjustment by name select 2015 as year, unnest(['dazu', 'fuling']) as unit_code, 'deduction' as kind,
  'aid' as item_id, 2 as amount, 1 as part_id, 1 as row_number;
"""


@pytest.fixture(scope="session")
def book_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_scheme(tmp_path_factory.mktemp("root"), groups=dict.fromkeys(_UNITS, "g"))


@pytest.fixture(scope="session")
def closed(book_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Paths:
    """A data folder with two signed editions of 2015; its one file is called after a person. Whoever changes it copies it."""
    folder = tmp_path_factory.mktemp("closed")
    paths = Paths(folder / "data", folder / "outside" / "key.pem")
    scored.score(paths.data, book_root, name="2015年调解台账孟冬梅13900001234.csv")
    with open_build(paths) as con:
        con.execute("delete from ref.item; delete from ref.unit_group; delete from assess.item_score")
        con.execute("delete from assess.result; " + _ROWS)
        for unit, (mediation, aid, bonus, deduction, place, grade) in _UNITS.items():
            con.execute("insert into ref.unit_group values (2015, $1, 'g')", [unit])
            for item, points in {"mediation": mediation, "aid": aid, "rights": mediation + aid}.items():
                full = {"mediation": 60, "aid": 40, "rights": 100}[item]
                con.execute(
                    "insert into assess.item_score by name select 2015 as year, $1 as unit_code, $2 as item_id, $2 <> 'rights' as is_leaf, "
                    "$3 as full_points, $4 as points, $4 as points_low, $4 as points_high, 'value' as state, '说明' as explanation",
                    [unit, item, full, points],
                )
            base, total = mediation + aid, mediation + aid + bonus - deduction
            con.execute(
                "insert into assess.result by name select 2015 as year, $1 as unit_code, 'g' as group_id, $2 as base_points, "
                "$3 as bonus_points, $4 as deduction_points, $5 as total_points, $6 as group_rank, $6 as overall_rank, $7 as grade, "
                "'final' as status, []::varchar[] as gates, $5 as points_low, $5 as points_high, $6 as group_rank_best, "
                "$6 as group_rank_worst, $7 as grade_best, $7 as grade_worst, 1 as rescale",
                [unit, base, bonus, deduction, total, place, grade],
            )
        con.execute("update ref.scheme set fingerprint = $1", [load_year(2015, book_root).fingerprint])
        seal(con, "ref", "assess")
    publish(Paths(paths.data))
    close(paths, 2015, datetime(2016, 4, 1, 12), root=book_root)
    close(paths, 2015, datetime(2016, 5, 1, 12), "复议", again=True, root=book_root)
    return paths
