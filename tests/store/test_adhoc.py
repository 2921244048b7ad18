"""The example questions run as they stand, and each says in Chinese and English what it asks."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from flows.contract.indicator import indicators
from flows.contract.load import ROOT
from flows.store.assess import assess, create_open
from flows.store.metric import fill
from tests.store import stand

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
    "01_mediation_by_unit": ("yongchuan", 2, "有数", 1),
    "08_members_by_month": ("2015-10", 2, 1),
    "09_city_and_its_units": (2, 3, 1),
    "10_causes_of_disputes": ("劳动报酬", 2, 3, 0.6667),
    "11_consolation_by_year_and_kind": ("2015", "合计", 750, None),
}


def test_there_are_a_dozen_questions() -> None:
    assert len(QUESTIONS) >= 12


@pytest.fixture(scope="module")
def filled() -> Iterator[duckdb.DuckDBPyConnection]:
    """A small warehouse with values, targets and views, filled once for all questions."""
    con = stand.shared()
    con.execute("begin")
    _fill()
    yield con
    con.execute("rollback")


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
    con.execute(
        "create table if not exists ref.code (list varchar, code varchar, label varchar); "
        "insert into ref.code values ('dispute_cause', 'pay', '劳动报酬'), "
        "('beneficiary_kind', 'needy', '困难职工')"
    )
    cases = [{**_AGREED, "case_no": "a"}, {**_AGREED, "case_no": "b"}]
    stand.give(con, "mediation", [*cases, {**_AGREED, "case_no": "c", "result": "failed"}])
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
    assess(con, 2015, _scheme())
    create_open(con)


def _scheme() -> Path:
    """The project's own root; units of its targets that the stand does not have are put in first."""
    con = stand.shared()
    con.execute(
        "insert into ref.unit "
        "select distinct unit, unit, 'district', 'chongqing', null::date, null::date, true "
        "from read_csv($path) where unit not in (select unit_code from ref.unit)",
        {"path": str(ROOT / "data" / "scheme" / "2015" / "target.csv")},
    )
    return ROOT
