"""Points, totals, places and grades as the engine writes them, and as plain SQL makes them of the same tables: equal to the last digit.

Four schemes over the items of `oracle/items.yml` turn every switch that the shipped schemes use: rounding of items or not,
left out or no part, ties shared or dense, edges extended, dropped or
decided, groups or all, places of barred units passed on or kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from flows.assess.places_again import differences_again
from flows.assess.score_years import score_year
from flows.score.scheme.scheme_loader import load_year
from tests.assess.oracle import world
from tests.support import stand
from tests.support.scheme import write_scheme

HERE = Path(__file__).parent / "oracle"

#: (grade, count, share, least points) from the best down.
Grades = tuple[tuple[str, int | None, float | None, int | None], ...]


@dataclass(frozen=True)
class Variant:
    """The switches of one scheme."""

    left_out: str
    refused: str
    item_places: int | None
    total_places: int
    ties: str
    breaks: str
    edge: str
    scope: str
    barred: str
    grades: Grades

    @property
    def frame(self) -> str:
        """The scheme around the items."""
        breaks = {"bonus, past": "bonus_points, past_rank", "base, decision": "base_points, decision"}[
            self.breaks
        ]
        listed = ""
        for grade, count, share, least in self.grades:
            bound = f", count: {count}" if count is not None else ""
            bound += f", share: {share}, round: half_up" if share is not None else ""
            bound += f", min_points: {least}" if least is not None else ""
            listed += f"    - {{grade: {grade}{bound}}}\n"
        items = "" if self.item_places is None else f"items: {self.item_places}, "
        return f"""\
scheme: made
year: 2015
label: 样例考核办法
document_no: 样例〔2015〕1号
closing_on: 2016-03-31
order: [items, rescale, bonus, deductions, round, gates, rank, grades]
missing: {{not_applicable: {self.left_out}, no_target: error, not_reported: zero, rejected: {self.refused}}}
rounding: {{{items}total: {self.total_places}}}
bonus:
  cap: 3
  classes:
    - {{id: honour, label: 表彰加分, kinds: [award], levels: {{national: 2, municipal: 1}}, cap: 2}}
    - {{id: novelty, label: 创新加分, kinds: [innovation, pilot], levels: {{national: 2, municipal: 1, district: 0.5}}}}
deductions:
  cap: 2
  factor: {{first: {{branches: [{{if: {{of: {{indicator: legal_aid_cases}}, more_than: 20}}, then: 0.8}}], otherwise: 1}}}}
  classes: [{{id: of_work, label: 工作扣分, items: [work], cap: 1.5}}, {{id: every, label: 其他扣分}}]
gates:
  - {{id: fraud, label: 弄虚作假, if: {{of: {{veto: [fraud]}}, at_least: 1}}, effect: no_award}}
  - {{id: accident, label: 安全事故, if: {{of: {{veto: [accident]}}, at_least: 1}}, effect: lower_one}}
  - {{id: finance, label: 违反财经纪律, if: {{of: {{veto: [finance]}}, at_least: 1}}, effect: lowest}}
  - {{id: criticism, label: 被通报批评, if: {{of: {{veto: [criticism]}}, at_least: 1}}, effect: {{at_best: second}}}}
rank: {{ties: {self.ties}, break: [{breaks}]}}
grades:
  scope: {self.scope}
  barred: {self.barred}
  edge_tie: {self.edge}
  list:
{listed}"""


VARIANTS = {
    "rounded items, shared places, extended edges": Variant(
        "rescale",
        "zero",
        4,
        0,
        "shared",
        "bonus, past",
        "extend",
        "group",
        "passes_on",
        (("first", 2, None, None), ("second", None, 0.25, 50), ("third", None, None, 40)),
    ),
    "nothing rounded, dense places, decided edges": Variant(
        "none",
        "full",
        None,
        0,
        "dense",
        "base, decision",
        "decide",
        "all",
        "passes_on",
        (("first", 5, None, None), ("second", None, 0.3, None), ("third", 9, None, 30)),
    ),
    "two places, barred units keep theirs": Variant(
        "rescale",
        "zero",
        2,
        0,
        "shared",
        "base, decision",
        "decide",
        "group",
        "keeps_place",
        (("first", 3, None, None), ("second", None, 0.3, 40), ("third", 4, None, None)),
    ),
    "two places, dropped edges": Variant(
        "rescale",
        "full",
        2,
        1,
        "shared",
        "bonus, past",
        "drop",
        "all",
        "passes_on",
        (("first", None, 0.2, 55), ("second", 8, None, None), ("third", None, 0.4, 45)),
    ),
}


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    shared = stand.shared()
    shared.execute("begin")
    yield shared
    shared.execute("rollback")


@pytest.mark.parametrize("variant", VARIANTS.values(), ids=VARIANTS)
@pytest.mark.parametrize("seed", [1, 2])
def test_engine_and_sql_agree(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, variant: Variant, seed: int
) -> None:
    groups = world.fill(con, seed)
    items = (HERE / "items.yml").read_text(encoding="utf-8")
    root = write_scheme(tmp_path, items, frame=variant.frame, groups=groups, targets=world.targets(seed))
    score_year(con, 2015, root)
    _solve(con, variant)
    assert con.execute(POINTS_DIFFER).fetchall() == []
    assert con.execute(FIGURES_DIFFER).fetchall() == []
    assert con.execute(TOTALS_DIFFER, {"places": variant.total_places}).fetchall() == []
    names = {"names": [grade for grade, *_ in variant.grades]}
    assert con.execute(GRADES_DIFFER, names).fetchall() == []
    year = load_year(2015, root)
    assert differences_again(con, year) == []  # what a close holds places and grades against
    [(unit, place, grade)] = con.execute(
        "select unit_code, overall_rank, grade from assess.result order by all limit 1"
    ).fetchall()
    con.execute("update assess.result set grade = 'other' where unit_code = $unit", {"unit": unit})
    assert differences_again(con, year) == [(unit, "grade", "other", grade)]
    con.execute(
        "update assess.result set overall_rank = overall_rank + 1 where unit_code = $unit", {"unit": unit}
    )
    assert (unit, "rank", str(place + 1), str(place)) in differences_again(con, year)
    assert con.execute("select count(*) from oracle_points").fetchone() == (40 * 23,)
    assert con.execute("select count(*) from oracle_total").fetchone() == (40,)


def _solve(con: duckdb.DuckDBPyConnection, v: Variant) -> None:
    def run(name: str, **values: object) -> None:
        for statement in con.extract_statements((HERE / f"{name}.sql").read_text(encoding="utf-8")):
            con.execute(
                statement, {k: x for k, x in values.items() if k in statement.named_parameters} or None
            )

    item_places = -1 if v.item_places is None else v.item_places
    run("leaf")
    run("points", item_places=item_places, left_out=v.left_out, refused=v.refused)
    run("total", total_places=v.total_places, breaks=v.breaks, ties=v.ties)
    con.execute(
        "create or replace temporary table oracle_placed (unit_code varchar, nth integer, is_barred boolean)"
    )
    for nth, (_, count, share, least) in enumerate(v.grades, 1):
        run(
            "grade",
            nth=nth,
            barred=v.barred,
            count=count,
            share=share,
            least=least,
            edge=v.edge,
            scope=v.scope,
            total_places=v.total_places,
        )


# The state of a leaf of several numbers, or of none of the year's figures, is a table of its own (tests/score/test_policy.py).
POINTS_DIFFER = """
select o.unit_code, o.item_id, o.f, o.state, o.full_points, s.points, s.state, s.full_points
from oracle_points as o
full join (from assess.item_score where is_leaf) as s on s.unit_code = o.unit_code and s.item_id = o.item_id
where half_up_whole(o.f, 6) is distinct from cast(s.points * 1000000 as hugeint)
  or (o.state is distinct from s.state and coalesce(o.item_id, '') not in ('first', 'grown', 'halves', 'late', 'sum', 'weaker'))
  or o.full_points is distinct from s.full_points
"""

FIGURES_DIFFER = """
select o.unit_code, o.indicator_id, o.amount, o.state, f.actual, f.state
from oracle_figure as o
full join (from assess.figure where category is null and period_id = '2015') as f
  on f.unit_code = o.unit_code and f.indicator_id = o.indicator_id
where half_up_whole(o.amount, 6) is distinct from cast(f.actual * 1000000 as hugeint) or o.state is distinct from f.state
"""

TOTALS_DIFFER = """
select o.*, r.*
from oracle_total as o
full join assess.result as r on r.unit_code = o.unit_code
where half_up_whole(o.base, 6) is distinct from cast(r.base_points * 1000000 as hugeint)
  or o.bonus is distinct from r.bonus_points or o.deduction is distinct from r.deduction_points
  or o.total is distinct from cast(r.total_points * pow(10, $places) as hugeint)
  or half_up_whole({'n': o.whole::hugeint, 'd': o.kept::hugeint}, 6) is distinct from cast(r.rescale * 1000000 as hugeint)
  or o.group_rank is distinct from r.group_rank or o.overall_rank is distinct from r.overall_rank
"""

GRADES_DIFFER = """
with lowered as (
  -- 安全事故: one grade lower, past the last one none
  select p.unit_code, p.nth + count(e.condition) as nth
  from oracle_placed as p
  left join current.veto_event as e
    on e.unit_code = p.unit_code and e.year = 2015 and e.condition = 'accident' and e.status is distinct from 'lifted'
  where not p.is_barred
  group by p.unit_code, p.nth
)

select r.unit_code, r.total_points, r.group_rank, r.overall_rank, r.grade, l.nth, r.gates
from assess.result as r
left join lowered as l on l.unit_code = r.unit_code
where r.grade is distinct from coalesce($names[l.nth::integer], 'none')
"""
