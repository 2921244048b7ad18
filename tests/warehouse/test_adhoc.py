"""The example questions run as they stand, and each says in Chinese and English what it asks."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from flows.assess.score_years import create_open, score_year
from flows.contract.catalogue import ROOT
from flows.contract.indicator import indicators
from flows.metrics.values import fill
from tests.support import stand
from tests.support.scheme import all_units, assessed, write_scheme

QUESTIONS = sorted((ROOT / "sql" / "adhoc").glob("*.sql"))
_NEEDED = (
    "mediation_succeeded",
    "members",
    "migrant_members",
    "consolation_money_yuan",
    "consolation_visits",
)

_AGREED = {"accepted_on": "2015-02-01", "closed_on": "2015-03-01", "result": "agreed", "cause": "pay"}
_GIFT = {"given_on": "2015-02-01", "beneficiary_kind": "needy"}

#: A row of the answer on the rows of `_fill`, where these give one.
ANSWERS: dict[str, tuple[object, ...]] = {
    "01_mediation_by_unit": ("永川区总工会", 2, "有数", 1),
    "08_members_by_month": ("2015-10", 2, 1),
    "09_city_and_its_units": (2, 3, 1),
    "10_causes_of_disputes": ("劳动报酬", 2, 3, 0.6667),
    "11_consolation_by_year_and_kind": ("2015", "合计", 750, None),
    "16_one_place_from_the_next_grade": ("district", "大足区总工会", 2, "二等奖", "一等奖", 31),
    "18_bonus_claimed_and_counted": ("永川区总工会", 2, 4, 1, 1, 1, 1),
}


def test_there_are_a_dozen_questions() -> None:
    assert len(QUESTIONS) >= 12


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """A small warehouse with values, targets and views, filled once for all questions."""
    con = stand.shared()
    con.execute("begin")
    _fill()
    _score(tmp_path_factory.mktemp("scheme"))
    yield con
    con.execute("rollback")


@pytest.mark.parametrize("number", ["05", "15", "17", "19", "20"])
def test_questions_about_points_have_an_answer(filled: duckdb.DuckDBPyConnection, number: str) -> None:
    [path] = (path for path in QUESTIONS if path.stem.startswith(number))
    assert filled.execute(path.read_text(encoding="utf-8")).fetchall()


@pytest.mark.parametrize("path", QUESTIONS, ids=lambda path: path.stem)
def test_question(filled: duckdb.DuckDBPyConnection, path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    chinese, english = text.splitlines()[:2]
    assert chinese.startswith("-- ") and any("一" <= letter <= "龥" for letter in chinese)
    assert english.startswith("-- ") and english.isascii()
    answer = filled.execute(text).fetchall()
    if path.stem in ANSWERS:
        found = [tuple(float(x) if isinstance(x, Decimal | int) else x for x in row) for row in answer]
        assert ANSWERS[path.stem] in found


def _fill() -> None:
    con = stand.shared()
    all_units(con)
    cases = [{**_AGREED, "case_no": "a"}, {**_AGREED, "case_no": "b"}]
    stand.give(con, "mediation", [*cases, {**_AGREED, "case_no": "c", "result": "failed"}])
    doubtful = {**_AGREED, "unit_code": "dazu", "row_state": "rejected"}
    stand.give(con, "mediation", [{**doubtful, "case_no": str(n)} for n in range(4)])
    covers = "2015-01-01..2015-10-31"
    roll = [("a", "yongchuan", True), ("b", "yongchuan", False), ("a", "dazu", True)]
    rows = [{"person_key": k, "unit_code": u, "is_migrant": m, "covers": covers} for k, u, m in roll]
    stand.give(con, "member", rows)
    gifts = [
        {**_GIFT, "person_key": "p", "amount_yuan": 500},
        {**_GIFT, "person_key": "q", "amount_yuan": 250},
    ]
    stand.give(con, "consolation", gifts)
    fill(con, {name: indicators()[name] for name in _NEEDED})


#: What the questions about points find something in: an item that is missed, one that is checked, one that is undecided.
_ITEMS = """
items:
  - {id: mediation, label: 调解, points: 60, indicator: mediation_succeeded, rule: {linear: {}}}
  - {id: members, label: 会员, points: 40, indicator: members, rule: {bands: [[3, 40], [1, 20]]}}
"""


def _score(root: Path) -> None:
    """A year in which Yongchuan was checked, claims bonus, and has a row that may count."""
    con = stand.shared()
    year = {"unit_code": "yongchuan", "year": 2015, "document_no": "样字1号"}
    stand.give(con, "spot_check", [{**year, "indicator": "members", "reduction": 1, "reason": "重复填报"}])
    award = {
        "kind": "award",
        "level": "national",
        "work_year": 2015,
        "counted_year": 2015,
        "document_no": "样字2号",
    }
    claims = [
        {**award, "matter": m, "claimed_points": 2, "granted_points": g} for m, g in (("a", 1), ("b", None))
    ]
    stand.give(con, "bonus_application", claims)
    units = [u.unit_code for u in assessed()]
    targets = [f"{u},mediation_succeeded,4,样例1号,2015-01-20" for u in units]
    score_year(
        con, 2015, write_scheme(root, _ITEMS, groups=dict.fromkeys(units, "district"), targets=targets)
    )
    create_open(con)
