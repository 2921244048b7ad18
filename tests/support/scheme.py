"""A root with this project's SQL and the scheme that a test writes, and the units it is for."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

import duckdb

from flows.contract.catalogue import ROOT
from flows.contract.indicator import indicators
from flows.contract.reference_rows import Unit
from flows.contract.units import reference
from flows.metrics.values import fill
from tests.support import stand

#: What a scheme has beside its items, unless a test says otherwise.
FRAME = """
scheme: made
year: 2015
label: 样例考核办法
document_no: 样例〔2015〕1号
closing_on: 2016-03-31
order: [items, rescale, bonus, deductions, round, gates, rank, grades]
missing: {not_applicable: rescale, no_target: error, not_reported: zero, rejected: zero}
bonus:
  cap: 3
  classes:
    - {id: honour, label: 表彰加分, kinds: [award], levels: {national: 2, municipal: 1}, cap: 2}
    - {id: novelty, label: 创新加分, kinds: [innovation, pilot], levels: {national: 2, municipal: 1, district: 0.5}}
deductions:
  cap: 5
  classes: [{id: every, label: 扣分}]
rank: {ties: shared, break: [base_points, decision]}
grades:
  barred: passes_on
  edge_tie: decide
  list: [{grade: first, count: 1}, {grade: second}]
"""

ITEMS = """
items:
  - id: rights
    label: 维权机制
    items:
      - {id: mediation, label: 劳动争议调解, points: 60, indicator: mediation_succeeded, rule: {linear: {}}}
      - {id: aid, label: 法律援助, points: 40, indicator: legal_aid_cases, rule: {bands: [[3, 40], [1, 20]]}}
"""


def assessed() -> list[Unit]:
    """The forty units that a scheme of 2015 has to give a group."""
    return [u for u in reference().units if u.is_assessed and u.exists_on(date(2015, 12, 31))]


def all_units(con: duckdb.DuckDBPyConnection) -> None:
    """Put them in the place of the stand's few."""
    con.execute("delete from ref.unit where is_assessed")
    con.executemany(
        "insert into ref.unit select $1, $2, 'district', 'chongqing', null, null, $3, true",
        [[u.unit_code, u.name, u.short_name] for u in assessed()],
    )


def write_scheme(
    root: Path,
    items: str = ITEMS,
    *,
    frame: str = FRAME,
    groups: Mapping[str, str],
    targets: Iterable[str] = (),
    year: int = 2015,
) -> Path:
    """`root` with the project's own SQL and data/scheme/<year>; targets are lines of target.csv."""
    if not (root / "sql").exists():
        (root / "sql").symlink_to(ROOT / "sql")
    folder = root / "data" / "scheme" / str(year)
    folder.mkdir(parents=True, exist_ok=True)
    frame = frame.replace("2015", str(year)).replace("2016", str(year + 1))
    (folder / "scheme.yml").write_text(frame + textwrap.dedent(items), encoding="utf-8")
    lines = ["unit,group_id", *(f"{unit},{group}" for unit, group in groups.items())]
    (folder / "group.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    head = "unit,indicator,target,document_no,effective_on"
    (folder / "target.csv").write_text("\n".join([head, *targets]) + "\n", encoding="utf-8")
    return root


def measured_year(folder: Path, target: int) -> tuple[duckdb.DuckDBPyConnection, Path]:
    """A database with two mediations of 2015, measured, and the root of a scheme of all units with one target."""
    con = stand.empty()
    all_units(con)
    units = [u.unit_code for u in assessed()]
    goals = [f"{u},mediation_succeeded,{target},样例1号,2015-01-20" for u in units]
    root = write_scheme(folder, groups=dict.fromkeys(units, "district"), targets=goals)
    days = {"accepted_on": "2015-02-01", "closed_on": "2015-03-01", "result": "agreed"}
    stand.give(con, "mediation", [{**days, "case_no": str(n)} for n in range(2)])
    fill(con, {name: indicators()[name] for name in ("mediation_succeeded", "legal_aid_cases")})
    return con, root
