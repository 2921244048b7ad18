"""The facts of a year as the engine gets them: each kind of record, and what must not be among them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb
import pytest

from flows.assess.fact_queries import read_facts
from flows.assess.score_years import create_open
from flows.contract.indicator import indicators
from flows.metrics.values import fill
from flows.score.engine.facts import Facts, Figure, FigureKey
from flows.score.scheme.scheme_loader import load_year
from tests.support import stand
from tests.support.scheme import write_scheme

TALLY = """
items:
  - {id: pass_rate, label: 调解成功率, points: 60, indicator: mediation_success_rate, rule: {linear: {of: value}}}
  - id: honours
    label: 荣誉
    points: 40
    indicator: model_workers
    rule: {tally: {points: {national: 5}, otherwise: 1}}
"""


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    shared = stand.shared()
    shared.execute("begin")
    yield shared
    shared.execute("rollback")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_scheme(tmp_path, groups={"yongchuan": "district", "dazu": "district"})


def read(con: duckdb.DuckDBPyConnection, root: Path) -> Facts:
    return read_facts(con, load_year(2015, root), root)


def known(con: duckdb.DuckDBPyConnection, day: str, as_of: str | None = None) -> None:
    con.execute("delete from meta.run")
    con.execute(
        "insert into meta.run by name select cast($1 as timestamp) as as_of, '' as code_fingerprint, '' as key_fingerprint, 0 as deliveries, "
        "cast($2 as timestamp) as last_received_at",
        [as_of, day],
    )


def test_units_are_those_of_the_last_day_of_the_year(con: duckdb.DuckDBPyConnection, root: Path) -> None:
    con.execute(
        "insert into ref.unit by name select 'town' as unit_code, '镇' as short_name, 'yongchuan' as parent_code, false as is_assessed"
    )
    facts = read(con, root)
    assert facts.units == ("dazu", "yongchuan")
    assert facts.children == {"yongchuan": ("town",)}
    write_scheme(root, groups={}, year=2013)
    assert read_facts(con, load_year(2013, root), root).units == ("dazu-county", "yongchuan")


def test_a_rate_is_the_fraction_of_its_parts(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    root = write_scheme(tmp_path, TALLY, groups={"yongchuan": "district", "dazu": "district"})
    results = ["agreed", "agreed", "failed"]
    day = {"accepted_on": "2015-02-01", "closed_on": "2015-03-01"}
    stand.give(con, "mediation", [{**day, "case_no": str(n), "result": r} for n, r in enumerate(results)])
    fill(con, {name: indicators()[name] for name in ("mediation_success_rate", "model_workers")})
    facts = read(con, root)
    figure = facts.figures["yongchuan", FigureKey("mediation_success_rate", None, "2015")]
    assert figure == Figure(
        "value", Fraction(2, 3), Fraction(2), Fraction(3), Fraction(2, 3), Fraction(2, 3), 3, 0
    )
    assert facts.figures["dazu", FigureKey("mediation_success_rate", None, "2015")].state == "not_reported"


def test_what_is_undecided_spans_the_figure(con: duckdb.DuckDBPyConnection, root: Path) -> None:
    day = {"accepted_on": "2015-02-01", "closed_on": "2015-03-01", "result": "agreed"}
    rows = [{**day, "case_no": "a"}, {**day, "case_no": "b", "row_state": "rejected"}]
    stand.give(con, "mediation", rows)
    fill(con, {"mediation_succeeded": indicators()["mediation_succeeded"]})
    figure = read(con, root).figures["yongchuan", FigureKey("mediation_succeeded", None, "2015")]
    assert (figure.amount, figure.lower, figure.upper, figure.undecided) == (1, 1, 2, 1)


def one_mediation(con: duckdb.DuckDBPyConnection) -> None:
    stand.give(
        con, "mediation", [{"accepted_on": "2015-02-01", "closed_on": "2015-03-01", "result": "agreed"}]
    )
    fill(con, {"mediation_succeeded": indicators()["mediation_succeeded"]})


def opened(con: duckdb.DuckDBPyConnection, root: Path) -> set[str]:
    """Units whose figure of mediations nobody knows the ends of."""
    figures = read(con, root).figures
    return {u for (u, _), f in figures.items() if f.undecided and f.upper is None}


@pytest.mark.parametrize(
    ("covers", "units"), [("2015-03", {"yongchuan"}), ("2014", set()), (None, {"yongchuan"})]
)
def test_a_table_that_is_held_back_leaves_the_figures_of_its_period_open(
    con: duckdb.DuckDBPyConnection, root: Path, covers: str | None, units: set[str]
) -> None:
    one_mediation(con)
    assert opened(con, root) == set()
    stood = Reports(con, root)
    stood.send("2016-01-08", covers or "2015", held="slot_tie" if covers else "period_unknown")
    if covers is None:
        con.execute("update meta.part set covers_from = null, covers_to = null")
    con.execute(
        "insert into meta.issue by name select 1 as delivery_id, 1000 as part_id, held as issue_code, 'error' as severity, "
        "'' as message from meta.part where part_id = 1000"
    )
    assert opened(con, root) == units
    con.execute("update meta.issue set state = 'answered'")
    assert opened(con, root) == set()


@pytest.mark.parametrize(("day", "is_open"), [("2016-01-08", True), ("2014-12-31", False)])
def test_a_delivery_that_could_not_be_read_leaves_its_units_figures_open(
    con: duckdb.DuckDBPyConnection, root: Path, day: str, is_open: bool
) -> None:
    one_mediation(con)
    known(con, "2016-03-01")
    con.execute(
        "insert into meta.unread by name select 9 as delivery_id, 'yongchuan' as sender, 'x.xls' as name, cast($1 as timestamp) as received_at",
        [day],
    )
    assert opened(con, root) == ({"yongchuan"} if is_open else set())
    con.execute("update meta.unread set withdrawn_at = received_at")
    assert opened(con, root) == set()


def test_categories_come_whole_where_one_is_tallied(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    root = write_scheme(tmp_path, TALLY, groups={"yongchuan": "district", "dazu": "district"})
    for category in (None, "national", "municipal"):
        for indicator in ("model_workers", "mediation_success_rate", "members"):
            con.execute(
                "insert into metric.value by name select 'yongchuan' as unit_code, '2015' as period_id, $1 as indicator_id, "
                "$2 as category, 'value' as state, 3 as value, 3 as numerator, 3 as record_count, 0 as undecided_count, "
                "3 as lower, 3 as upper",
                [indicator, category],
            )
    found = {key for _, key in read(con, root).figures}
    assert {k.category for k in found if k.indicator == "model_workers"} == {None, "national", "municipal"}
    assert {k.category for k in found if k.indicator == "mediation_success_rate"} == {None}
    assert not [k for k in found if k.indicator == "members"]


OF_2015 = {"unit_code": "yongchuan", "year": 2015, "document_no": "样字1号"}

#: record kind, its row, where it is found, what it says there (None: nothing comes of it).
RECORDS: list[tuple[str, Mapping[str, Any], str, Mapping[str, Any] | None]] = [
    (
        "verified_figure",
        {**OF_2015, "indicator": "members", "verified": 812.5, "verified_on": "2016-01-20"},
        "corrections",
        {"kind": "verified", "indicator": "members", "amount": Fraction(1625, 2), "on": date(2016, 1, 20)},
    ),
    (
        "verified_figure",
        {**OF_2015, "indicator": "members", "verified": 1, "row_state": "rejected"},
        "corrections",
        None,
    ),
    (
        "verified_figure",
        {**OF_2015, "year": 2014, "indicator": "members", "verified": 1},
        "corrections",
        None,
    ),
    (
        "verified_figure",
        {**OF_2015, "indicator": "members", "verified": 1, "document_no": None},
        "corrections",
        {"document_no": "", "on": None, "reason": ""},
    ),
    (
        "spot_check",
        {**OF_2015, "indicator": "members", "reduction": 3, "checked_on": "2015-12-01", "reason": "重复填报"},
        "corrections",
        {
            "kind": "spot_check",
            "amount": 3,
            "on": date(2015, 12, 1),
            "reason": "重复填报",
            "document_no": "样字1号",
        },
    ),
    (
        "appeal",
        {
            **OF_2015,
            "item": "会员",
            "indicator": "members",
            "filed_on": "2016-01-05",
            "ruling": "partly",
            "ruled_on": "2016-02-01",
            "ruled_figure": 7,
        },
        "corrections",
        {"kind": "ruled", "amount": 7, "on": date(2016, 2, 1)},
    ),
    (
        "appeal",
        {**OF_2015, "item": "会员", "indicator": "members", "filed_on": "2016-01-05", "ruling": "pending"},
        "corrections",
        {"kind": "appealed", "amount": None, "on": date(2016, 1, 5)},
    ),
    (
        "appeal",
        {
            **OF_2015,
            "item": "会员",
            "indicator": "members",
            "filed_on": "2016-01-05",
            "ruling": "rejected",
            "ruled_on": "2016-02-01",
            "ruled_figure": 7,
        },
        "corrections",
        None,
    ),
    (
        "appeal",
        {
            **OF_2015,
            "item": "会员",
            "indicator": "members",
            "filed_on": "2016-01-05",
            "ruling": "pending",
            "claimed_figure": 7,
        },
        "points_rulings",
        None,
    ),
    (
        "appeal",
        {**OF_2015, "item": "会员", "filed_on": "2016-01-05", "ruling": "pending"},
        "points_rulings",
        {"is_decided": False, "item": "会员", "points": None},
    ),
    (
        "appeal",
        {
            **OF_2015,
            "item": "会员",
            "filed_on": "2016-01-05",
            "ruling": "upheld",
            "ruled_on": "2016-02-01",
            "ruled_points": 4.5,
        },
        "points_rulings",
        {"is_decided": True, "points": Fraction(9, 2), "on": date(2016, 2, 1)},
    ),
    (
        "appeal",
        {
            **OF_2015,
            "item": "会员",
            "filed_on": "2016-01-05",
            "ruling": "withdrawn",
            "ruled_on": "2016-02-01",
        },
        "points_rulings",
        None,
    ),
    (
        "rater_score",
        {
            "year": 2015,
            "item": "会员",
            "rater_group": "borrowed",
            "rater_key": "k",
            "points": 90,
            "full_points": 100,
        },
        "scores",
        {"group": "borrowed", "points": 90, "full_points": 100, "opinion": None},
    ),
    (
        "bonus_application",
        {
            "unit_code": "yongchuan",
            "matter": "获奖",
            "kind": "award",
            "level": "national",
            "work_year": 2014,
            "counted_year": 2014,
            "claimed_points": 2,
        },
        "bonus",
        {"claimed": 2, "granted": None, "counted_year": 2014, "document_no": None},
    ),
    (
        "bonus_application",
        {
            "unit_code": "yongchuan",
            "matter": "获奖",
            "level": "national",
            "work_year": 2015,
            "counted_year": 2016,
            "claimed_points": 2,
        },
        "bonus",
        None,
    ),
    (
        "deduction",
        {**OF_2015, "item": "会员", "points": 0.2, "reason": "报表迟报"},
        "notices",
        {"points": Fraction(1, 5)},
    ),
    ("veto_event", {**OF_2015, "condition": "fraud"}, "vetoes", {"condition": "fraud", "is_appealed": False}),
    ("veto_event", {**OF_2015, "condition": "fraud", "status": "appealed"}, "vetoes", {"is_appealed": True}),
    ("veto_event", {**OF_2015, "condition": "fraud", "status": "lifted"}, "vetoes", None),
    (
        "past_result",
        {**OF_2015, "year": 2014, "grade": "special", "total_points": 99.5, "overall_rank": 2},
        "past",
        {"year": 2014, "points": Fraction(199, 2), "overall_rank": 2, "group_rank": None, "grade": "special"},
    ),
    ("past_result", {**OF_2015, "grade": "special"}, "past", None),
    ("rank_decision", {**OF_2015, "place": 1, "reason": "表决"}, "decisions", {"place": 1, "reason": "表决"}),
    ("rank_decision", {**OF_2015, "year": 2014, "place": 1, "reason": "表决"}, "decisions", None),
]


@pytest.mark.parametrize(("record", "row", "where", "expected"), RECORDS)
def test_records(
    con: duckdb.DuckDBPyConnection,
    root: Path,
    record: str,
    row: Mapping[str, Any],
    where: str,
    expected: Mapping[str, Any] | None,
) -> None:
    stand.give(con, record, [row])
    found = getattr(read(con, root), where)
    if expected is None:
        assert found == ()
        return
    [one] = found
    assert one.unit == "yongchuan" and {n: getattr(one, n) for n in expected} == expected
    if where != "past":
        assert one.address == (stand.part(con, record, "yongchuan", "2015"), 2)


def test_what_is_known_ends_with_the_day_of_the_build(con: duckdb.DuckDBPyConnection, root: Path) -> None:
    con.execute("delete from meta.run")
    assert read(con, root).known_on is None
    known(con, "2016-01-05 18:00")
    assert read(con, root).known_on == date(2016, 1, 5)
    known(con, "2016-01-05 18:00", as_of="2016-02-01 23:59")
    assert read(con, root).known_on == date(2016, 2, 1)


class Reports:
    """Deliveries of Yongchuan's mediation lists (due 2016-01-10) and what comes of them."""

    def __init__(self, con: duckdb.DuckDBPyConnection, root: Path) -> None:
        self.con, self.root, self.number = con, root, 0
        con.execute(
            "insert into ref.calendar values ('mediation', '2015', date '2016-01-10'), ('member', '2015', date '2016-01-10')"
        )
        con.execute("delete from ref.unit where unit_code = 'dazu'")
        known(con, "2016-03-01")

    def send(
        self,
        day: str,
        covers: str = "2015",
        record: str = "mediation",
        withdrawn: bool = False,
        held: str | None = None,
    ) -> None:
        self.number += 1
        first, last = stand.span(covers)
        self.con.execute(
            "insert into meta.delivery by name select $1 as delivery_id, 'yongchuan' as sender, 'made' as name, 'x' as sha256, "
            "cast($2 as timestamp) as received_at, 0 as cells_nonempty, 0 as cells_explained, false as is_backdated, "
            "case when $3 then timestamp '2016-02-01' end as withdrawn_at",
            [self.number, day + " 23:00", withdrawn],
        )
        self.con.execute(
            "insert into meta.part by name select $1 * 1000 as part_id, $1 as delivery_id, '' as sheet, $2 as record, "
            "$3 as covers_from, $4 as covers_to, 0 as rows_read, 0 as rows_accepted, 0 as rows_rejected, 0 as rows_duplicate, "
            "0 as rows_ignored, $5 as held, false as in_force, 1 as header_row, false as is_turned",
            [self.number, record, first, last, held],
        )
        self.con.execute("insert into meta.part_unit values ($1 * 1000, 'yongchuan')", [self.number])

    def excuse(
        self, until: str, granted: bool = True, report: str = "劳动争议 调解台账", period: str = "2015"
    ) -> None:
        row = {"report": report, "report_period": period, "excused_until_on": until, "is_granted": granted}
        stand.give(self.con, "late_excuse", [row])

    def late(self, record: str = "mediation") -> list[int | None]:
        return [
            r.days for r in read(self.con, self.root).late if r.record == record and r.period_id == "2015"
        ]


@pytest.fixture
def reports(con: duckdb.DuckDBPyConnection, root: Path) -> Reports:
    return Reports(con, root)


def test_a_report_in_time_or_on_its_day_is_not_late(reports: Reports) -> None:
    reports.send("2016-01-10")
    assert reports.late() == []


def test_days_late_are_calendar_days(reports: Reports) -> None:
    reports.send("2016-01-13")
    assert reports.late() == [3]


def test_a_corrected_report_came_when_it_first_came(reports: Reports) -> None:
    reports.send("2016-01-09")
    reports.send("2016-02-09")
    assert reports.late() == []


def test_a_withdrawn_report_never_came(reports: Reports) -> None:
    reports.send("2016-01-09", withdrawn=True)
    reports.send("2016-01-20")
    assert reports.late() == [10]


def test_a_report_that_was_not_understood_has_not_come_but_one_of_two_at_once_has(reports: Reports) -> None:
    reports.send("2016-01-09", held="header_unknown")
    reports.send("2016-01-14")
    assert reports.late() == [4]
    reports.send("2016-01-12", held="slot_tie")
    assert reports.late() == [2]


def test_a_report_that_has_not_come_is_late_up_to_what_is_known(reports: Reports) -> None:
    assert reports.late() == [51]
    known(reports.con, "2016-01-10")
    assert reports.late() == []


def test_days_do_not_grow_after_the_closing_day(reports: Reports) -> None:
    known(reports.con, "2017-06-01")
    assert reports.late() == [81]
    reports.send("2017-05-01")
    assert reports.late() == [81]


def test_a_list_has_come_when_one_that_reaches_its_last_day_has(reports: Reports) -> None:
    reports.send("2015-07-02", covers="2015-01-01..2015-06-30")
    assert reports.late() == [51]
    reports.send(
        "2016-01-16", covers="2015-10-01..2015-12-31"
    )  # the fourth quarter: what July lacks is no lateness
    assert reports.late() == [6]
    reports.send("2016-02-15", covers="2015")
    assert reports.late() == [6]
    reports.send("2016-01-13", covers="2015-12")
    assert reports.late() == [3]
    reports.send("2016-01-08", covers="2014-01-01..2016-12-31")
    assert reports.late() == []


def test_a_roll_has_come_when_one_of_the_period_has(reports: Reports) -> None:
    reports.send("2015-11-20", covers="2014-12-31", record="member")
    assert reports.late("member") == [51]
    reports.send("2016-01-11", covers="2015-01-01..2015-10-31", record="member")
    assert reports.late("member") == [1]


def test_a_granted_excuse_moves_the_day(reports: Reports) -> None:
    reports.send("2016-01-20")
    reports.excuse("2016-01-18")
    assert reports.late() == [2]
    reports.excuse("2016-01-31", granted=False, report="mediation")
    assert reports.late() == [2]
    reports.excuse("2016-01-31", report="mediation", period="2015-03")
    assert reports.late() == [2]
    reports.excuse("2016-01-20", report="mediation", period="2015-01-01..2015-12-31")
    assert reports.late() == []


def test_a_unit_owes_nothing_for_days_before_it_was_there(reports: Reports) -> None:
    reports.con.execute("update ref.unit set valid_from = date '2015-07-01' where unit_code = 'yongchuan'")
    reports.send("2016-01-05", covers="2015-07-01..2015-12-31")
    assert reports.late() == []
    reports.con.execute("update ref.unit set valid_from = date '2016-01-01' where unit_code = 'yongchuan'")
    assert reports.late("member") == []


def test_every_report_says_how_it_stands(reports: Reports) -> None:
    create_open(reports.con)
    asked = "select 报送状态, 收到日, 迟报天数 from open.报送日程 where 台账代码 = 'mediation' and 时期代码 = '2015'"
    assert reports.con.execute(asked).fetchall() == [("未报", None, 51)]
    reports.con.execute(
        "insert into ref.scheme by name select 2015 as year, 'made' as scheme, '' as judged_by, '[]' as remarks, '' as text, '样例' as label, "
        "'1号' as document_no, date '2016-03-31' as closing_on, 100 as full_points, 2 as total_places, '' as fingerprint"
    )
    known(reports.con, "2017-06-01")
    assert reports.con.execute(asked).fetchall() == [("未报", None, 81)], (
        "no day after the closing one counts"
    )
    known(reports.con, "2016-03-01")
    reports.send("2015-12-05", covers="2015-01-01..2015-11-30")
    assert reports.con.execute(asked).fetchall() == [("未报齐", None, 51)]
    reached = "select 只报到 from open.报送日程 where 台账代码 = 'mediation' and 时期代码 = '2015'"
    assert reports.con.execute(reached).fetchall() == [(date(2015, 11, 30),)]
    reports.send("2016-01-08", held="header_unknown")
    assert reports.con.execute(asked).fetchall() == [("搁置", None, 51)]
    reports.send("2016-01-13")
    assert reports.con.execute(asked).fetchall() == [("迟报", date(2016, 1, 13), 3)]
    reports.excuse("2016-01-15")
    assert reports.con.execute(asked).fetchall() == [("准时", date(2016, 1, 13), 0)]


def test_a_unit_that_ended_owes_what_reaches_its_last_day(reports: Reports) -> None:
    reports.con.execute("update ref.unit set valid_to = date '2015-09-30' where unit_code = 'yongchuan'")
    reports.send("2016-01-12", covers="2015-07-01..2015-09-30")
    assert reports.late() == [2]
