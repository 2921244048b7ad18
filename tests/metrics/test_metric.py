"""The aggregation, shape by shape: what period, unit, missing report and rejected row do to a value."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from flows.contract.catalogue import ROOT, records
from flows.contract.indicator import Indicator, indicators
from flows.metrics.indicator_sql import IndicatorError, compile_indicator
from flows.metrics.refresh import measure
from flows.metrics.values import build_metrics, fill, over_spans
from tests.support import stand
from tests.support.world import World
from tests.support.world import case as line

_COLUMNS = "state, value, numerator, denominator, record_count, undecided_count, lower, upper"


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    shared = stand.shared()
    shared.execute("begin")
    yield shared
    shared.execute("rollback")


def value(
    con: duckdb.DuckDBPyConnection,
    indicator: str,
    unit: str = "yongchuan",
    period: str = "2015",
    category: str | None = None,
) -> dict[str, Any]:
    row = con.execute(
        f"select {_COLUMNS} from metric.value where indicator_id = $1 and unit_code = $2 and period_id = $3 "
        "and category is not distinct from $4",
        [indicator, unit, period, category],
    ).fetchall()
    assert len(row) == 1, f"{len(row)} rows of {indicator} {unit} {period} {category}"
    return dict(zip(_COLUMNS.split(", "), row[0], strict=True))


def compute(con: duckdb.DuckDBPyConnection, *names: str) -> None:
    fill(con, {name: indicators()[name] for name in names})


def case(no: str, closed: str, **more: Any) -> dict[str, Any]:
    return {"case_no": no, "accepted_on": "2015-01-05", "closed_on": closed, "result": "agreed", **more}


# -- flows -----------------------------------------------------------------------------------------


def test_a_day_counts_in_every_period_that_holds_it(con: duckdb.DuckDBPyConnection) -> None:
    stand.give(con, "mediation", [case("a", "2015-03-31"), case("b", "2015-10-31"), case("c", "2015-11-01")])
    compute(con, "mediation_succeeded")
    expected = {"2015": 3, "2015-03": 1, "2015-10": 1, "U2015": 1, "F201101-201510": 2, "F2011-2015": 3}
    found = {p: value(con, "mediation_succeeded", period=p)["value"] for p in expected}
    assert found == expected


def test_the_city_adds_its_units_and_its_own_rows(con: duckdb.DuckDBPyConnection) -> None:
    stand.give(con, "mediation", [case("a", "2015-03-31"), case("b", "2015-03-31", unit_code="dazu")])
    stand.give(con, "mediation", [case("c", "2015-03-31", unit_code="chongqing")])
    compute(con, "mediation_succeeded")
    assert value(con, "mediation_succeeded", "chongqing")["value"] == 3
    assert value(con, "mediation_succeeded", "yongchuan")["value"] == 1


def test_a_predecessor_counts_for_its_successor_up_to_the_change(con: duckdb.DuckDBPyConnection) -> None:
    rows = [case("a", "2014-05-31", unit_code="dazu-county", accepted_on="2014-05-01", covers="2014")]
    rows += [case("b", "2014-08-01", unit_code="dazu-county", accepted_on="2014-05-01", covers="2014")]
    rows += [case("c", "2014-09-01", unit_code="dazu", accepted_on="2014-08-01", covers="2014")]
    stand.give(con, "mediation", rows)
    compute(con, "mediation_succeeded")
    assert value(con, "mediation_succeeded", "dazu", "2014")["value"] == 2
    assert value(con, "mediation_succeeded", "dazu-county", "2014")["value"] == 2
    assert value(con, "mediation_succeeded", "chongqing", "2014")["value"] == 3


def test_a_month_that_crosses_a_border_is_undecided_on_both_sides(con: duckdb.DuckDBPyConnection) -> None:
    stand.give(con, "book_gift", [{"recipient": "a", "given": "2015-10", "copies": 100}])
    stand.give(con, "book_gift", [{"recipient": "b", "given": "2015-09-20..2015-10-05", "copies": 30}])
    compute(con, "books_given")
    month = value(con, "books_given", period="2015-10")
    assert (month["value"], month["lower"], month["upper"], month["undecided_count"]) == (100, 100, 130, 1)
    assert value(con, "books_given", period="2015")["value"] == 130


def test_a_ratio_is_exact_and_rounds_half_up(con: duckdb.DuckDBPyConnection) -> None:
    rows = [case(str(n), "2015-03-01") for n in range(2)] + [case("x", "2015-03-01", result="failed")]
    stand.give(con, "mediation", rows)
    compute(con, "mediation_success_rate")
    found = value(con, "mediation_success_rate")
    assert (found["value"], found["numerator"], found["denominator"]) == (Decimal("0.666667"), 2, 3)


def test_categories_stand_beside_the_total(con: duckdb.DuckDBPyConnection) -> None:
    given = [
        {"title": "《手册甲》", "kind": "compiled", "printed": "2015-03", "copies": 25000},
        {"title": "手册乙", "kind": "compiled", "printed": "2015-04", "copies": 25000},
    ]
    stand.give(con, "publication", given)
    compute(con, "publication_copies")
    assert value(con, "publication_copies")["value"] == 50000
    assert value(con, "publication_copies", category="手册甲")["value"] == 25000


# -- distinct --------------------------------------------------------------------------------------


def worker(key: str | None, day: str, unit: str = "yongchuan") -> dict[str, Any]:
    return {"unit_code": unit, "person_key": key, "employed_on": day, "covers": day[:4]}


def test_a_person_counts_once_per_period_and_once_in_the_city(con: duckdb.DuckDBPyConnection) -> None:
    rows = [
        worker("p1", "2014-03-01"),
        worker("p1", "2015-03-01"),
        worker("p2", "2015-05-01"),
        worker("p1", "2015-06-01", "dazu"),
    ]
    stand.give(con, "reemployment", rows)
    compute(con, "reemployed_people")
    assert value(con, "reemployed_people", period="2015")["value"] == 2
    assert value(con, "reemployed_people", period="F2011-2015")["value"] == 2
    assert value(con, "reemployed_people", "chongqing", "2015")["value"] == 2


def test_a_person_without_an_id_is_one_and_stated(con: duckdb.DuckDBPyConnection) -> None:
    stand.give(
        con,
        "reemployment",
        [worker("p1", "2015-03-01"), worker(None, "2015-03-02"), worker(None, "2015-03-03")],
    )
    compute(con, "reemployed_people")
    found = value(con, "reemployed_people")
    assert (found["value"], found["lower"], found["upper"]) == (3, 1, 3)
    assert value(con, "reemployed_people", category="no_id")["value"] == 2


# -- states and bounds -----------------------------------------------------------------------------


def test_zero_needs_a_report_of_the_whole_period(con: duckdb.DuckDBPyConnection) -> None:
    for half in ("2015-01-01..2015-06-30", "2015-07-01..2015-12-31"):
        stand.part(con, "mediation", "yongchuan", half)
    stand.part(con, "mediation", "dazu", "2015-01-01..2015-11-30")
    compute(con, "mediation_succeeded")
    assert value(con, "mediation_succeeded")["state"] == "zero"
    assert value(con, "mediation_succeeded")["value"] == 0
    assert value(con, "mediation_succeeded", period="2015-03")["state"] == "zero"
    assert value(con, "mediation_succeeded", "dazu")["state"] == "not_reported"
    assert value(con, "mediation_succeeded", "dazu", "2015-03")["state"] == "zero"
    assert value(con, "mediation_succeeded", "dazu", "F2011-2015")["value"] is None


def test_the_city_is_zero_only_when_every_unit_reported(con: duckdb.DuckDBPyConnection) -> None:
    stand.part(con, "mediation", "yongchuan", "2015")
    compute(con, "mediation_succeeded")
    assert value(con, "mediation_succeeded", "chongqing")["state"] == "not_reported"
    stand.part(con, "mediation", "dazu", "2015")
    compute(con, "mediation_succeeded")
    assert value(con, "mediation_succeeded", "chongqing")["state"] == "zero"


def test_an_offices_list_of_events_speaks_for_all_its_units(con: duckdb.DuckDBPyConnection) -> None:
    stand.give(
        con,
        "deduction",
        [{"sender": "chongqing", "year": 2015, "item": "a", "points": 1, "reason": "r", "document_no": "d"}],
    )
    compute(con, "deduction_points")
    assert value(con, "deduction_points")["value"] == 1
    assert value(con, "deduction_points", "dazu")["state"] == "zero"


def test_a_unit_that_did_not_exist_is_not_applicable(con: duckdb.DuckDBPyConnection) -> None:
    stand.part(con, "mediation", "yongchuan", "2015")
    compute(con, "mediation_succeeded")
    assert value(con, "mediation_succeeded", "dazu-county", "2015")["state"] == "not_applicable"


def test_a_rate_of_nothing_is_not_applicable(con: duckdb.DuckDBPyConnection) -> None:
    stand.part(con, "mediation", "yongchuan", "2015")
    compute(con, "mediation_success_rate")
    assert value(con, "mediation_success_rate")["state"] == "not_applicable"


def test_rejected_rows_raise_the_upper_bound_only_if_the_filter_allows(
    con: duckdb.DuckDBPyConnection,
) -> None:
    rows = [case("a", "2015-03-01")]
    rows += [
        case("b", "2015-03-02", row_state="rejected"),
        case("c", "2015-03-03", row_state="rejected", result=None),
    ]
    rows += [case("d", "2015-03-04", row_state="rejected", result="failed")]
    stand.give(con, "mediation", rows)
    compute(con, "mediation_succeeded")
    found = value(con, "mediation_succeeded")
    assert (found["value"], found["lower"], found["upper"], found["undecided_count"]) == (1, 1, 3, 2)


def test_a_rejected_row_without_its_date_may_lie_anywhere_in_its_part(con: duckdb.DuckDBPyConnection) -> None:
    stand.give(
        con,
        "mediation",
        [case("a", "2015-03-01"), {**case("b", "2015-03-01"), "closed_on": None, "row_state": "rejected"}],
    )
    compute(con, "mediation_succeeded")
    assert value(con, "mediation_succeeded", period="2015-10")["state"] == "rejected"
    assert value(con, "mediation_succeeded", period="2015-10")["upper"] == 1
    assert value(con, "mediation_succeeded", period="2015")["upper"] == 2


def test_an_unknown_amount_opens_the_bound(con: duckdb.DuckDBPyConnection) -> None:
    rows = [case("a", "2015-03-01", amount_claimed_yuan="100.50")]
    rows += [case("b", "2015-03-01", row_state="rejected", amount_claimed_yuan=None)]
    stand.give(con, "mediation", rows)
    compute(con, "mediation_amount_yuan")
    found = value(con, "mediation_amount_yuan")
    assert (found["value"], found["lower"], found["upper"]) == (Decimal("100.50"), Decimal("100.50"), None)


def test_ratio_bounds_take_the_extremes(con: duckdb.DuckDBPyConnection) -> None:
    stand.give(con, "audit", [{"year": 2015, "objects": 10, "audited": 5, "problems": 0, "rectified": 0}])
    stand.give(
        con,
        "audit",
        [{"year": 2015, "objects": 10, "audited": 5, "problems": 0, "rectified": 0, "row_state": "rejected"}],
    )
    compute(con, "audit_coverage")
    found = value(con, "audit_coverage")
    assert (found["value"], found["lower"], found["upper"]) == (Decimal("0.5"), Decimal("0.25"), Decimal("1"))


# -- stocks ----------------------------------------------------------------------------------------


def member(key: str | None, day: str, unit: str = "yongchuan", **more: Any) -> dict[str, Any]:
    return {
        "unit_code": unit,
        "person_key": key,
        "covers": f"{day[:4]}-01-01..{day}",
        "is_migrant": False,
        **more,
    }


def test_a_stock_is_the_last_snapshot_on_or_before_the_day(con: duckdb.DuckDBPyConnection) -> None:
    rows = [member(k, "2014-12-31") for k in "abc"] + [member(k, "2015-10-31") for k in "ab"]
    stand.give(con, "member", rows)
    compute(con, "members")
    assert {p: value(con, "members", period=p)["value"] for p in ("2014", "2015-03", "2015-10", "2015")} == {
        "2014": 3,
        "2015-03": 3,
        "2015-10": 2,
        "2015": 2,
    }


def test_an_empty_roll_is_a_stock_of_zero_and_no_roll_is_not_reported(con: duckdb.DuckDBPyConnection) -> None:
    stand.give(con, "member", [member("a", "2014-12-31")])
    stand.part(con, "member", "yongchuan", "2015-01-01..2015-10-31")
    compute(con, "members")
    assert value(con, "members", period="2015")["state"] == "zero"
    assert value(con, "members", period="2014")["value"] == 1
    assert value(con, "members", "dazu", "2015")["state"] == "not_reported"


def test_the_citys_stock_counts_a_person_of_two_units_once(con: duckdb.DuckDBPyConnection) -> None:
    rows = [member(k, "2015-10-31") for k in ("a", "b", "c", None, None)]
    rows += [member(k, "2015-09-30", "dazu") for k in ("c", "d", None)]
    stand.give(con, "member", rows)
    compute(con, "members")
    assert value(con, "members", period="2015")["value"] == 5
    assert value(con, "members", "dazu", "2015")["value"] == 3
    city = value(con, "members", "chongqing", "2015")
    assert (city["value"], city["lower"]) == (7, 4)
    assert value(con, "members", "chongqing", "2015", "no_id")["value"] == 3


def test_only_persons_who_stand_in_two_units_at_once_overlap(con: duckdb.DuckDBPyConnection) -> None:
    rows = [
        member("a", "2014-12-31"),
        member("b", "2014-12-31"),
        member("b", "2015-10-31"),
        member("a", "2015-10-31", "dazu"),
    ]
    stand.give(con, "member", rows)
    compute(con, "members")
    assert value(con, "members", "chongqing", "2014")["value"] == 2
    assert value(con, "members", "chongqing", "2015")["value"] == 2


def test_a_successors_first_roll_replaces_its_predecessors(con: duckdb.DuckDBPyConnection) -> None:
    rows = [member(k, "2013-12-31", "dazu-county") for k in "abc"] + [
        member(k, "2015-10-31", "dazu") for k in "cd"
    ]
    stand.give(con, "member", rows)
    compute(con, "members")
    assert value(con, "members", "dazu", "2014")["value"] == 3
    assert value(con, "members", "dazu", "2015")["value"] == 2
    assert value(con, "members", "chongqing", "2014")["value"] == 3
    assert value(con, "members", "chongqing", "2015")["value"] == 2


def test_a_roll_that_is_replaced_is_forgotten_and_its_successor_counted(
    con: duckdb.DuckDBPyConnection,
) -> None:
    stand.give(con, "member", [member(k, "2015-10-31") for k in "abc"] + [member("a", "2015-10-31", "dazu")])
    compute(con, "members")
    assert value(con, "members", "chongqing")["value"] == 3
    con.execute("update meta.part set in_force = false where record = 'member'")
    stand.give(con, "member", [member("d", "2015-10-31")])
    compute(con, "members")
    assert value(con, "members")["value"] == 1
    assert value(con, "members", "chongqing")["value"] == 1
    assert value(con, "members", "dazu")["state"] == "not_reported"
    kept = con.execute(
        "select unit_code, numerator from metric.snapshot_count where category is null"
    ).fetchall()
    assert kept == [("yongchuan", 1)]


@pytest.mark.parametrize("keys", ["x", "e", "ae", "abce", "ghe"])
def test_a_roll_that_comes_later_meets_all_persons_of_the_others(
    con: duckdb.DuckDBPyConnection, keys: str
) -> None:
    """Counting only what came must give what counting all rolls gives, for every pattern of persons shared."""
    rolls = [("yongchuan", "abcd"), ("dazu", "cde"), ("hechuan", "fg"), ("jiangjin", "ah")]
    for unit in ("hechuan", "jiangjin"):
        con.execute(
            f"insert into ref.unit values ('{unit}', '{unit}', 'district', 'chongqing', null, null, '{unit}', true)"
        )
    stand.give(con, "member", [member(k, "2015-10-31", unit) for unit, persons in rolls for k in persons])
    compute(con, "members", "women_members")
    assert value(con, "members", "chongqing")["value"] == 8
    con.execute(
        "update meta.part set in_force = false where part_id in (select part_id from meta.part_unit where unit_code = 'hechuan')"
    )
    stand.give(con, "member", [member(k, "2015-10-31", "hechuan") for k in keys])
    compute(con, "members", "women_members")
    assert value(con, "members", "chongqing")["value"] == len({*"abcde", *"ah", *keys})
    query = f"select {_COLUMNS}, unit_code, period_id, category from metric.value order by all"
    increment = con.execute(query).fetchall()
    con.execute("delete from metric.snapshot_count")
    compute(con, "members", "women_members")
    assert con.execute(query).fetchall() == increment


def test_rejected_members_are_undecided(con: duckdb.DuckDBPyConnection) -> None:
    rows = [member("a", "2015-10-31"), member("b", "2015-10-31", row_state="rejected", is_migrant=None)]
    rows += [member("a", "2015-10-31", row_state="rejected", is_migrant=None)]
    stand.give(con, "member", rows)
    compute(con, "members")
    found = value(con, "members")
    assert (found["value"], found["upper"], found["undecided_count"]) == (1, 2, 2)


def test_a_contract_stands_from_its_first_to_its_last_day(con: duckdb.DuckDBPyConnection) -> None:
    rows = [
        {
            "contract_kind": "general",
            "employer": "a",
            "signed_on": "2014-02-01",
            "begins_on": "2014-02-01",
            "ends_on": "2015-10-31",
            "covers": "2014",
        },
        {
            "contract_kind": "general",
            "employer": "b",
            "signed_on": "2015-02-01",
            "begins_on": "2015-02-01",
            "ends_on": "2018-01-31",
        },
    ]
    stand.give(con, "collective_contract", rows)
    compute(con, "collective_contracts")
    found = {
        p: value(con, "collective_contracts", period=p)["value"]
        for p in ("2014", "2015-03", "2015-10", "2015")
    }
    assert found == {"2014": 1, "2015-03": 2, "2015-10": 2, "2015": 1}


def test_a_rate_may_rest_on_a_validity_and_a_register(con: duckdb.DuckDBPyConnection) -> None:
    stand.give(
        con,
        "collective_contract",
        [
            {
                "contract_kind": "general",
                "contract_scope": "regional",
                "employer": "x",
                "signed_on": "2015-02-01",
                "begins_on": "2015-02-01",
                "ends_on": "2018-01-31",
                "covered_employers": 2,
            }
        ],
    )
    stand.give(con, "employer", [{"employer": e, "is_unionised": e != "d"} for e in "abcd"])
    compute(con, "collective_contract_rate")
    found = value(con, "collective_contract_rate")
    assert (found["value"], found["numerator"], found["denominator"]) == (Decimal("0.666667"), 2, 3)


def test_a_years_figure_is_not_carried_into_the_next(con: duckdb.DuckDBPyConnection) -> None:
    stand.give(
        con,
        "union_statistics",
        [
            {
                "unit_code": "cn-sichuan",
                "sender": "acftu",
                "covers": "2014",
                "members_people": 80,
                "staff_people": 100,
            },
        ],
    )
    stand.part(con, "union_statistics", "acftu", "2015")
    compute(con, "statistics_members")
    assert value(con, "statistics_members", "cn-sichuan", "2014")["value"] == 80
    assert value(con, "statistics_members", "cn-sichuan", "2015")["state"] == "not_reported"


def test_a_units_own_total_is_not_added_to_the_totals_of_its_units(con: duckdb.DuckDBPyConnection) -> None:
    rows = [
        {"unit_code": u, "sender": "chongqing", "members_people": n}
        for u, n in (("yongchuan", 3), ("dazu", 4), ("chongqing", 7))
    ]
    stand.give(con, "union_statistics", rows)
    compute(con, "statistics_members")
    assert value(con, "statistics_members", "chongqing")["value"] == 7


def test_a_figure_rejected_by_a_check_is_rejected_and_not_published(con: duckdb.DuckDBPyConnection) -> None:
    stand.give(
        con,
        "union_statistics",
        [
            {
                "unit_code": "cn-sichuan",
                "sender": "acftu",
                "members_people": 44551,
                "staff_people": 4785355,
                "row_state": "rejected",
            },
        ],
    )
    compute(con, "statistics_members")
    found = value(con, "statistics_members", "cn-sichuan")
    assert (found["state"], found["value"], found["undecided_count"]) == ("rejected", None, 1)


def test_a_rate_above_one_is_published_and_flagged_with_its_definition(
    con: duckdb.DuckDBPyConnection,
) -> None:
    stand.give(
        con, "union_statistics", [{"unit_code": "cn-sichuan", "sender": "acftu", "members_people": 175}]
    )
    stand.give(
        con,
        "employment_statistics",
        [{"unit_code": "cn-sichuan", "sender": "acftu", "urban_employed_people": 100}],
    )
    compute(con, "members_per_urban_employee")
    assert value(con, "members_per_urban_employee", "cn-sichuan")["value"] == Decimal("1.75")
    flags = con.execute("select unit_code, period_id, flag, message from metric.flag order by all").fetchall()
    assert {f[:3] for f in flags} == {
        ("cn-sichuan", "2015", "above_one"),
        ("cn-sichuan", "F2011-2015", "above_one"),
    }
    assert "175.00%" in flags[0][3]
    assert indicators()["members_per_urban_employee"].basis in flags[0][3]


def test_a_rate_that_may_exceed_one_by_definition_is_not_flagged(con: duckdb.DuckDBPyConnection) -> None:
    stand.give(
        con,
        "mediation",
        [case("a", "2015-03-01"), case("b", "2015-03-01", accepted_on="2014-12-30", covers="2014")],
    )
    compute(con, "mediation_closing_rate")
    assert value(con, "mediation_closing_rate")["value"] == 2
    assert con.execute("select count(*) from metric.flag").fetchone() == (0,)


def test_half_a_rate_is_not_a_rate(con: duckdb.DuckDBPyConnection) -> None:
    stand.give(
        con,
        "employment_statistics",
        [{"unit_code": "cn-sichuan", "sender": "acftu", "urban_employed_people": 100}],
    )
    compute(con, "members_per_urban_employee")
    assert value(con, "members_per_urban_employee", "cn-sichuan")["state"] == "not_reported"


# -- coverage, editions, streaks -------------------------------------------------------------------


def test_coverage_counts_subjects_of_the_denominator_only(con: duckdb.DuckDBPyConnection) -> None:
    stand.give(con, "needy_worker", [{"person_key": k} for k in ("a", "b", "c", None)])
    gifts = [
        {"person_key": k, "given_on": "2015-02-01", "beneficiary_kind": "needy", "amount_yuan": 500}
        for k in ("a", "a", "z")
    ]
    gifts += [
        {
            "person_key": "b",
            "given_on": "2015-02-01",
            "beneficiary_kind": "needy",
            "amount_yuan": 5,
            "payment_state": "planned",
        }
    ]
    stand.give(con, "consolation", gifts)
    compute(con, "needy_coverage")
    found = value(con, "needy_coverage")
    assert (found["numerator"], found["denominator"], found["value"]) == (1, 4, Decimal("0.25"))
    assert value(con, "needy_coverage", period="2015-10")["state"] == "not_reported"


def test_an_unidentified_gift_may_have_reached_one_more(con: duckdb.DuckDBPyConnection) -> None:
    stand.give(con, "needy_worker", [{"person_key": k} for k in "ab"])
    stand.give(
        con,
        "consolation",
        [{"person_key": None, "given_on": "2015-02-01", "beneficiary_kind": "needy", "amount_yuan": 5}],
    )
    compute(con, "needy_coverage")
    found = value(con, "needy_coverage")
    assert (found["state"], found["value"], found["upper"]) == ("zero", 0, Decimal("0.5"))


def test_editions_not_events_are_counted(con: duckdb.DuckDBPyConnection) -> None:
    rows = [
        {"event_name": "开幕", "kind": "games", "edition": "第三届", "held": "2014-05-01", "covers": "2014"},
        {"event_name": "决赛", "kind": "games", "edition": "3", "held": "2014-06-01", "covers": "2014"},
        {"event_name": "开幕", "kind": "games", "edition": "第四届", "held": "2015-05-01"},
        {
            "event_name": "厂运动会",
            "kind": "games",
            "edition": "第九届",
            "level": "base",
            "held": "2015-05-01",
        },
    ]
    stand.give(con, "culture_event", rows)
    compute(con, "sports_games")
    assert value(con, "sports_games", period="F2011-2015")["value"] == 2
    assert value(con, "sports_games", period="2015")["value"] == 1


def prize(year: int, decided: str, grade: str = "special") -> dict[str, Any]:
    return {"sender": "chongqing", "year": year, "grade": grade, "decided_on": decided, "covers": str(year)}


def test_a_streak_ends_with_the_last_decided_year(con: duckdb.DuckDBPyConnection) -> None:
    rows = [prize(y, f"{y + 1}-01-20") for y in (2011, 2012, 2013, 2014)] + [prize(2009, "2010-02-01")]
    stand.give(con, "past_result", rows)
    stand.part(con, "past_result", "chongqing", "2015")
    compute(con, "special_grade_streak")
    found = {
        p: value(con, "special_grade_streak", period=p)["value"] for p in ("2013", "2014", "2015", "2015-10")
    }
    assert found == {"2013": 2, "2014": 3, "2015": 4, "2015-10": 4}


def test_another_grade_breaks_a_streak(con: duckdb.DuckDBPyConnection) -> None:
    stand.give(
        con,
        "past_result",
        [prize(2012, "2013-01-20"), prize(2013, "2014-01-20"), prize(2014, "2015-01-20", "first")],
    )
    stand.part(con, "past_result", "chongqing", "2015")
    compute(con, "special_grade_streak")
    assert value(con, "special_grade_streak", period="2014")["value"] == 2
    assert value(con, "special_grade_streak", period="2015")["state"] == "zero"


def test_a_year_that_is_still_undecided_does_not_break_a_streak(con: duckdb.DuckDBPyConnection) -> None:
    stand.give(con, "past_result", [prize(2012, "2013-03-20"), prize(2013, "2014-03-20")])
    stand.part(con, "past_result", "chongqing", "2015")
    compute(con, "special_grade_streak")
    found = {p: value(con, "special_grade_streak", period=p)["value"] for p in ("2014", "2015-03", "2015-10")}
    assert found == {"2014": 2, "2015-03": 2, "2015-10": 0}


# -- heads, increments, rules ----------------------------------------------------------------------


def _mixed(con: duckdb.DuckDBPyConnection) -> None:
    stand.give(
        con,
        "mediation",
        [case("a", "2015-03-01"), case("b", "2015-04-01", unit_code="dazu", row_state="rejected")],
    )
    stand.give(
        con,
        "member",
        [member("a", "2015-06-30"), member("a", "2015-06-30", "dazu"), member(None, "2015-06-30")],
    )
    stand.give(con, "reemployment", [worker("p1", "2015-03-01")])
    stand.give(con, "needy_worker", [{"person_key": "a"}])
    stand.give(
        con,
        "consolation",
        [{"person_key": "a", "given_on": "2015-02-01", "beneficiary_kind": "needy", "amount_yuan": 500}],
    )
    stand.give(con, "past_result", [prize(2014, "2015-01-20")])


def test_any_span_gives_the_values_of_the_same_period(con: duckdb.DuckDBPyConnection) -> None:
    _mixed(con)
    build_metrics(con, None)
    kept = f"unit_code, indicator_id, category, {_COLUMNS}"
    asked = con.execute(
        f"select {kept} from metric.in_span('2015-01-01', '2015-10-31') order by all"
    ).fetchall()
    con.execute("insert into ref.period values ('X', 'X', date '2015-01-01', date '2015-10-31')")
    build_metrics(con, None)
    filled = con.execute(f"select {kept} from metric.value where period_id = 'X' order by all").fetchall()
    assert asked == filled
    assert sum(row[3] == "value" for row in filled) > 10
    # several spans in one question are those of each
    spans = {"X": (date(2015, 1, 1), date(2015, 10, 31)), "Y": (date(2015, 1, 1), date(2015, 1, 31))}
    query = f"from {over_spans(con, indicators(), spans)}"
    several = con.execute(f"select {kept} {query} where period_id = 'X' order by all").fetchall()
    assert several == filled
    assert con.execute(f"select count(distinct period_id) {query}").fetchone() == (2,)


def test_an_increment_equals_a_full_build(con: duckdb.DuckDBPyConnection) -> None:
    _mixed(con)
    build_metrics(con, None)
    stand.give(con, "mediation", [case("z", "2015-05-01", unit_code="dazu")])
    result = build_metrics(con, ["mediation"])
    assert 5 < result.indicators < len(indicators())
    increment = con.execute("select * from metric.value order by all").fetchall()
    build_metrics(con, None)
    assert con.execute("select * from metric.value order by all").fetchall() == increment


def test_every_value_leads_back_to_its_rows(con: duckdb.DuckDBPyConnection) -> None:
    _mixed(con)
    found = con.execute(
        "select indicator_id, numerator, part_id, row_number, event_date from metric.contribution "
        "where indicator_id = 'mediation_succeeded'"
    ).fetchall()
    assert found == [("mediation_succeeded", 1, found[0][2], 2, date(2015, 3, 1))]
    assert con.execute("select part_id from core.mediation where unit_code = 'yongchuan'").fetchall() == [
        (found[0][2],)
    ]


def test_no_sql_of_metrics_or_assessment_divides_or_averages() -> None:
    # DECIMAL `/`, `avg` and DOUBLE sums differ from run to run or lose the last digit
    comments = re.compile(r"--[^\n]*|/\*.*?\*/|'[^']*'", re.DOTALL)
    paths = [p for room in ("metric", "assess", "indicator") for p in (ROOT / "sql" / room).rglob("*.sql")]
    assert len(paths) > 60
    for path in paths:
        text = comments.sub(" ", path.read_text(encoding="utf-8").lower())
        found = re.findall(r"/|\bavg\b|\bmean\b|\bdouble\b|\bfloat\b|\breal\b|\btry_cast\b|[0-9]e[0-9]", text)
        assert not found, f"{path}: {found}"


@pytest.mark.parametrize(
    ("shape", "columns", "complaint"),
    [
        ("count", "accepted_on as event_date, 1 as numerator, part_id", "row_number"),
        ("ratio", "accepted_on as event_date, 1 as numerator, part_id, row_number", "denominator"),
        ("distinct", "accepted_on as event_date, 1 as numerator, part_id, row_number", "subject"),
        ("sum", "accepted_on as event_date, 1e0 as numerator, part_id, row_number", "DOUBLE"),
        ("count", "1 as numerator, part_id, row_number", "event_date"),
        ("stock", "accepted_on as event_date, 1 as numerator, part_id, row_number", "snapshot"),
        ("count", "x_on as event_date, 1 as numerator, part_id, row_number", "x_on"),
        ("count", "accepted_on as event_date, 1 as numerator, part_id, row_number, 1 as surplus", "surplus"),
    ],
)
def test_a_select_that_does_not_fit_its_shape_is_refused(shape: str, columns: str, complaint: str) -> None:
    wrong = made(f"select unit_code, {columns} from current.mediation", shape=shape)
    with pytest.raises(IndicatorError, match=complaint):
        compile_indicator(stand.shared(), wrong, records())


def made(body: str, **header: Any) -> Indicator:
    plain = {
        "indicator": "made",
        "label": "x",
        "unit": "x",
        "shape": "count",
        "direction": "up",
        "counts": "x",
    }
    return Indicator(**plain | {"basis": "x", "record": "mediation", "area": "rights", "body": body} | header)


_BODY = """select unit_code, accepted_on as event_date, 1 as numerator, part_id, row_number, result as category
from current.mediation"""


def test_a_word_in_a_string_or_comment_is_no_table() -> None:
    body = _BODY + " where employer <> 'from core.mediation; drop' -- from core.member"
    assert compile_indicator(stand.shared(), made(body, category="result"), records()).family == "flow"


@pytest.mark.parametrize(
    ("change", "header", "complaint"),
    [
        (("from current.mediation", "from core.mediation"), {}, "reads .'core'."),
        (("from current.mediation", "from mediation"), {}, "need their schema"),
        (("from current.mediation", "from current.mediation; select 1"), {}, "one SELECT"),
        (("select unit_code", "with x as (select 1) select unit_code"), {}, "no CTE"),
        (("from current", "from current"), {"record": "legal_aid"}, "declares .'legal_aid'."),
        (
            ("from current", "from current"),
            {"reads": ["mediation", "member"]},
            "declares .'mediation', 'member'.",
        ),
        (("from current", "from current"), {"category": None}, "go together"),
        (
            ("result as category", "case when true then '甲' end as category"),
            {"category": ["甲", "乙"]},
            "'甲'",
        ),
        (("result as category", "upper(result) as category"), {}, "FUNCTION"),
        (("from current.mediation", "from current.mediation union all select 1"), {}, "columns"),
    ],
)
def test_a_select_keeps_to_its_header(
    change: tuple[str, str], header: dict[str, Any], complaint: str
) -> None:
    wrong = made(_BODY.replace(*change), **{"category": "result"} | header)
    with pytest.raises(IndicatorError, match=complaint):
        compile_indicator(stand.shared(), wrong, records())


def test_kinds_that_are_measured_one_after_the_other_are_known_once(tmp_path: Path) -> None:
    """What is kept for any span is the same as after one measuring of all."""
    world = World(tmp_path)
    world.send("2016-01-05", "2015年调解台账.csv", line(1))
    world.build()
    measure(world.paths)
    world.send("2016-01-06", "会员名册20151231.csv", "甲,2010-05", header="姓名,入会时间")
    world.build()
    measure(world.paths)
    assert world.ask("select record from metric.record_end order by all") == [("mediation",), ("member",)]
