"""A column that nobody understands makes no number wrong and none zero: it is unsettled, between bounds, and named."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from flows.contract.indicator import indicators
from flows.metrics.values import fill
from tests.metrics.recount import differing
from tests.support import stand

CASE = {"case_no": "1", "accepted_on": "2015-03-01", "closed_on": "2015-04-01", "amount_claimed_yuan": 5000}


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    con = stand.shared()
    con.execute("begin")
    yield con
    con.execute("rollback")


def number(con: duckdb.DuckDBPyConnection, name: str, record: str, *rows: dict[str, Any]) -> tuple[Any, ...]:
    """State, value and bounds of an indicator of 2015 on rows, which a second count agrees with."""
    stand.give(con, record, rows)
    asked = {name: indicators()[name]}
    fill(con, asked)
    compared, differences = differing(con, asked)
    assert compared > 0 and differences == {}
    [found] = con.execute(
        "select state, value, lower, upper from metric.value where indicator_id = ? and unit_code = 'yongchuan' "
        "and period_id = '2015' and category is null",
        [name],
    ).fetchall()
    return tuple(int(v) if isinstance(v, Decimal) else v for v in found)


def flags(con: duckdb.DuckDBPyConnection) -> list[str]:
    query = "select message from metric.flag where flag = 'open_column' and period_id = '2015' and unit_code = 'yongchuan'"
    return [message for (message,) in con.execute(query).fetchall()]


def test_a_held_column_that_decides_makes_the_number_unsettled(con: duckdb.DuckDBPyConnection) -> None:
    row = {**CASE, "open_columns": ["result"]}
    assert number(con, "mediation_succeeded", "mediation", row, row) == ("unsettled", None, 0, 2)
    assert flags(con) == ["成功调解劳动争议案件待确认：“调解结果”有2行填的不认识。最少0，最多2"]


def test_a_number_that_does_not_read_the_column_is_settled(con: duckdb.DuckDBPyConnection) -> None:
    row = {**CASE, "open_columns": ["result", "channel"], "result": None}
    assert number(con, "mediation_people", "mediation", {**row, "claimant_people": 3})[0] == "unsettled"
    con.execute("rollback; begin")
    row = {**CASE, "open_columns": ["channel"], "result": "agreed"}
    assert number(con, "mediation_succeeded", "mediation", row) == ("value", 1, 1, 1)
    assert flags(con) == []


def test_an_unknown_word_holds_its_row_alone(con: duckdb.DuckDBPyConnection) -> None:
    good = {**CASE, "result": "agreed"}
    assert number(con, "mediation_amount_yuan", "mediation", good, {**CASE, "open_columns": ["result"]}) == (
        "value",
        5000,
        5000,
        10000,
    )


def test_an_absent_amount_is_not_zero(con: duckdb.DuckDBPyConnection) -> None:
    row = {**CASE, "result": "agreed", "amount_claimed_yuan": None, "absent": ["amount_claimed_yuan"]}
    assert number(con, "mediation_amount_yuan", "mediation", row) == ("unsettled", None, 0, None)
    assert flags(con) == ["成功调解案件标的额待确认：报表没有“申请金额”一列。最少0，最多不明"]


def test_what_a_definition_says_of_an_empty_cell_it_says_of_an_absent_column(
    con: duckdb.DuckDBPyConnection,
) -> None:
    shows = [{"kind": "film", "held": "2015-05-01", "absent": ["sessions"]} for _ in range(3)]
    assert number(con, "film_shows", "culture_event", *shows) == ("value", 3, 3, 3)
    con.execute("rollback; begin")
    games = {"kind": "games", "held": "2015-05-01", "edition_number": 3, "absent": ["level"]}
    assert number(con, "sports_games", "culture_event", games) == ("value", 1, 1, 1)


def test_a_blank_that_counts_as_none_is_unknown_where_the_column_is_absent(
    con: duckdb.DuckDBPyConnection,
) -> None:
    employer = {"covers": "2015", "employer": "甲", "staff_people": 40}
    assert number(con, "membership_rate_all_staff", "employer", employer)[0] == "zero"
    con.execute("rollback; begin")
    state, value, *_ = number(
        con, "membership_rate_all_staff", "employer", {**employer, "absent": ["member_people"]}
    )
    assert (state, value) == ("unsettled", None)


def test_rows_without_their_day_lie_in_the_period_of_their_table(con: duckdb.DuckDBPyConnection) -> None:
    meeting = {"held_on": None, "absent": ["held_on"]}
    assert number(con, "tripartite_meetings", "tripartite_meeting", meeting, meeting) == ("value", 2, 2, 2)
    con.execute("rollback; begin")
    over_two_years = {**meeting, "covers": "2014-07-01..2015-06-30"}
    state, value, low, high = number(con, "tripartite_meetings", "tripartite_meeting", over_two_years)
    assert (value, low, high) == (None, 0, 1) and state != "zero"


def test_another_day_that_is_absent_is_not_guessed(con: duckdb.DuckDBPyConnection) -> None:
    row = {**CASE, "closed_on": None, "result": "agreed", "absent": ["closed_on"]}
    assert number(con, "mediation_succeeded", "mediation", row) == ("unsettled", None, 0, 1)


def test_a_settled_part_beside_an_open_one_is_the_lower_bound(con: duckdb.DuckDBPyConnection) -> None:
    first = {**CASE, "result": "agreed", "covers": "2015-01-01..2015-06-30"}
    second = {**CASE, "closed_on": "2015-08-01", "covers": "2015-07-01..2015-12-31", "absent": ["result"]}
    assert number(con, "mediation_succeeded", "mediation", first, second) == ("value", 1, 1, 2)


def test_a_roll_with_an_open_column(con: duckdb.DuckDBPyConnection) -> None:
    people = [{"covers": "2015", "person_key": f"p{n}", "sex": "2"} for n in range(2)]
    assert number(
        con, "women_members", "member", *people, {**people[0], "person_key": "p9", "open_columns": ["sex"]}
    ) == (
        "value",
        2,
        2,
        3,
    )


def test_a_blank_day_counts_for_nothing_whether_another_row_is_open_or_not(
    con: duckdb.DuckDBPyConnection,
) -> None:
    dated = {"person_key": "p1", "employed_on": "2015-05-01"}
    blank = {"person_key": "p2", "employed_on": None}
    assert number(con, "reemployed_people", "reemployment", dated, blank) == ("value", 1, 1, 1)
    con.execute("rollback; begin")
    elsewhere = {**dated, "unit_code": "dazu", "open_columns": ["employed_on"]}
    assert number(con, "reemployed_people", "reemployment", dated, blank, elsewhere) == ("value", 1, 1, 1)


def test_a_record_that_another_one_hangs_on_leaves_both_undecided(con: duckdb.DuckDBPyConnection) -> None:
    settled = {**CASE, "case_no": "7", "amount_claimed_yuan": 300, "open_columns": ["result"]}
    stand.give(con, "mediation", [settled])
    aid = {"accepted_on": "2015-06-01", "aid_kind": "arbitration", "amount_claimed_yuan": 200}
    rows = [
        {**aid, "case_no": "A1", "mediation_case_no": "7", "mediation_year": 2015},
        {**aid, "case_no": "A2"},
    ]
    # the second continues nothing; the first, and the case that it continues, count once between them
    assert number(con, "rights_amount_yuan", "legal_aid", *rows) == ("value", 200, 200, 700)
