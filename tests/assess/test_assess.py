"""A scored year in its tables: what the engine gave, refused where the scheme is wrong, the same again, years apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb
import pytest

from flows.assess import scheme_gate
from flows.assess.fact_queries import read_facts
from flows.assess.scheme_gate import admit
from flows.assess.score_years import create_open, score_year, score_years
from flows.contract.catalogue import ROOT, ContractError, records
from flows.contract.indicator import indicators
from flows.metrics.values import fill
from flows.score.engine.rounding import rounded
from flows.score.engine.scoring import score
from flows.score.lint import LintFinding, refuse
from flows.score.scheme.scheme_loader import SchemeYear, load_year
from flows.warehouse.describe import describe
from flows.warehouse.publish import CheckFailed, check
from tests.support import stand
from tests.support.scheme import ITEMS, all_units, assessed, write_scheme

TABLES = ("figure", "item_score", "result", "bonus", "adjustment", "gate", "finding")


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    """The shared stand with all units that are assessed."""
    shared = stand.shared()
    shared.execute("begin")
    all_units(shared)
    yield shared
    shared.execute("rollback")


@pytest.fixture(scope="module")
def whole_year(tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    """A stand of its own with a year in which every table has a row."""
    own = stand.empty()
    all_units(own)
    full(own, scheme(tmp_path_factory.mktemp("whole")))
    return own


@pytest.fixture
def whole(whole_year: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    whole_year.execute("begin")
    yield whole_year
    whole_year.execute("rollback")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return scheme(tmp_path)


def scheme(root: Path, items: str = ITEMS, *lines: str, year: int = 2015, **more: Any) -> Path:
    """A scheme for all units, each with a target of five mediations, and further lines of target.csv."""
    units = [u.unit_code for u in assessed()]
    goals = [f"{u},mediation_succeeded,5,样例1号,{year}-01-20" for u in units]
    return write_scheme(
        root, items, groups=dict.fromkeys(units, "district"), targets=[*goals, *lines], year=year, **more
    )


def agreed(con: duckdb.DuckDBPyConnection, number: int, unit: str = "yongchuan", year: int = 2015) -> None:
    days = {"accepted_on": f"{year}-02-01", "closed_on": f"{year}-03-01", "result": "agreed"}
    stand.give(
        con,
        "mediation",
        [{**days, "case_no": str(n), "unit_code": unit, "covers": year} for n in range(number)],
    )
    fill(con, {n: indicators()[n] for n in ("mediation_succeeded", "legal_aid_cases")})


def one(con: duckdb.DuckDBPyConnection, sql: str, *values: object) -> Any:
    [row] = con.execute(sql, values).fetchall()
    return row


def mediation(con: duckdb.DuckDBPyConnection, year: int = 2015) -> Any:
    return one(
        con,
        "select target, actual, attainment, points, state, document_no from assess.item_score "
        "where unit_code = 'yongchuan' and item_id = 'mediation' and year = ?",
        year,
    )


def everything(con: duckdb.DuckDBPyConnection) -> dict[str, list[Any]]:
    return {t: con.execute(f"select * from assess.{t} order by all").fetchall() for t in TABLES}


def test_the_tables_hold_what_the_engine_gives(con: duckdb.DuckDBPyConnection, root: Path) -> None:
    agreed(con, 2)
    stand.give(con, "legal_aid", [{"case_no": "1", "accepted_on": "2015-02-01"}])
    made = score_year(con, 2015, root)
    year = load_year(2015, root)
    scored = score(year, read_facts(con, year, root))
    assert (made.year, made.units) == (2015, 40)
    assert con.execute(
        "select unit_code, item_id, points, state from assess.item_score order by all"
    ).fetchall() == sorted((s.unit, s.item, rounded(s.points), s.state) for s in scored.items)
    assert con.execute(
        "select unit_code, group_id, base_points, total_points, group_rank, overall_rank, grade from assess.result order by all"
    ).fetchall() == sorted(
        (r.unit, r.group, rounded(r.base), rounded(r.total), r.group_rank, r.overall_rank, r.grade)
        for r in scored.results
    )
    assert mediation(con) == (5, 2, Decimal("0.4"), 24, "value", "样例1号")
    assert con.execute(
        "select item_id, parent_id, position, is_leaf, rule from ref.item order by position"
    ).fetchall() == [
        ("rights", None, 1, False, None),
        ("mediation", "rights", 2, True, "linear"),
        ("aid", "rights", 3, True, "bands"),
    ]
    assert one(con, "select full_points, total_places, bonus_cap, fingerprint from ref.scheme") == (
        100,
        2,
        3,
        year.fingerprint,
    )


def test_a_target_changed_within_the_year_counts_with_its_document(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    agreed(con, 2)
    root = scheme(tmp_path, ITEMS, "yongchuan,mediation_succeeded,4,样例9号,2015-07-01")
    score_year(con, 2015, root)
    assert mediation(con)[:4] == (4, 2, Decimal("0.5"), 30) and mediation(con)[5] == "样例9号"
    assert one(con, "select count(*) from ref.target where unit_code = 'yongchuan'") == (2,)


def test_a_build_as_of_a_day_knows_the_targets_of_that_day(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    agreed(con, 2)
    root = scheme(tmp_path, ITEMS, "yongchuan,mediation_succeeded,4,样例9号,2015-07-01")
    con.execute(
        "insert into meta.run by name select timestamp '2015-03-01 00:00:00' as as_of, '' as code_fingerprint, '' as key_fingerprint, 0 as deliveries"
    )
    score_year(con, 2015, root)
    assert mediation(con)[:4] == (5, 2, Decimal("0.4"), 24)
    assert one(con, "select count(*) from ref.target where unit_code = 'yongchuan'") == (1,)


def test_no_report_is_not_an_attainment_of_zero(con: duckdb.DuckDBPyConnection, root: Path) -> None:
    stand.part(con, "mediation", "yongchuan", "2015")
    agreed(con, 0)
    score_year(con, 2015, root)
    assert mediation(con)[1:5] == (0, 0, 0, "zero")
    dazu = "select actual, attainment, points, state from assess.item_score where unit_code = 'dazu' and item_id = 'mediation'"
    assert one(con, dazu) == (None, None, 0, "not_reported")


def test_assessing_again_gives_the_same_and_leaves_other_years(
    con: duckdb.DuckDBPyConnection, root: Path
) -> None:
    scheme(root, year=2014)
    agreed(con, 3)
    score_year(con, 2014, root)
    score_year(con, 2015, root)
    before = everything(con)
    score_year(con, 2015, root)
    assert everything(con) == before
    assert {row[0] for row in before["result"]} == {2014, 2015}


def test_a_late_correction_changes_the_years_before_and_after_the_one_asked_for(
    con: duckdb.DuckDBPyConnection, root: Path
) -> None:
    for year in (2013, 2014):
        scheme(root, year=year)
    agreed(con, 1, year=2013)
    assert [r.year for r in score_years(con, 2015, root)] == [2013, 2014, 2015]
    row = {"unit_code": "yongchuan", "indicator": "mediation_succeeded"}
    stand.give(con, "verified_figure", [{**row, "year": y, "verified": 4} for y in (2013, 2015)])
    assert [r.year for r in score_years(con, 2014, root)] == [2013, 2014, 2015]
    assert mediation(con, 2013)[1] == mediation(con, 2015)[1] == 4


def test_a_year_without_a_scheme_is_not_scored(con: duckdb.DuckDBPyConnection, root: Path) -> None:
    assert score_years(con, 2014, root) == ()
    with pytest.raises(ContractError, match="copied from another"):
        score_year(con, 2014, root)


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("yongchuan,no_such,3,样例1号,2015-01-20", r"target.csv:42: .*no_such"),
        ("nowhere,mediation_succeeded,3,样例1号,2015-01-20", r"target.csv:42: .*nowhere"),
    ],
)
def test_a_scheme_with_errors_is_not_run(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, line: str, complaint: str
) -> None:
    root = scheme(tmp_path, ITEMS, line)
    with pytest.raises(ContractError, match=complaint):
        score_year(con, 2015, root)
    assert one(con, "select count(*) from assess.result") == (0,)


OF_2015 = {"unit_code": "yongchuan", "year": 2015, "document_no": "样字1号"}


@pytest.mark.parametrize(
    ("record", "row", "code"),
    [
        (
            "deduction",
            {**OF_2015, "unit_code": "acftu", "item": "aid", "points": 1, "reason": "迟报"},
            "unit_not_assessed",
        ),
        (
            "verified_figure",
            {**OF_2015, "indicator": "mediation_success_rate", "verified": 85},
            "rate_above_one",
        ),
        (
            "late_excuse",
            {"report": "不明报表", "report_period": "2015", "is_granted": True},
            "excuse_without_report",
        ),
    ],
)
def test_a_record_that_cannot_mean_what_it_says_is_a_finding_with_its_row(
    con: duckdb.DuckDBPyConnection, root: Path, record: str, row: dict[str, Any], code: str
) -> None:
    con.execute(
        "insert into ref.indicator by name select 'mediation_success_rate' as indicator_id, '调解成功率' as label, 'ratio' as shape, "
        "false as above_one, '' as unit, '' as direction, '' as counts, '' as basis, '' as record, '' as area "
        "where not exists (from ref.indicator where indicator_id = 'mediation_success_rate')"
    )
    stand.give(con, record, [row])
    score_year(con, 2015, root)
    found = con.execute("select part_id, row_number from assess.finding where code = ?", [code]).fetchall()
    assert found == [(stand.part(con, record, row.get("unit_code", "yongchuan"), "2015"), 2)]


def test_a_gap_in_our_own_reference_data_is_the_offices_matter(
    con: duckdb.DuckDBPyConnection, root: Path
) -> None:
    label = records()["mediation"].label
    con.execute("delete from ref.calendar where record = 'mediation'")
    stand.give(con, "late_excuse", [{"report": label, "report_period": "2015", "is_granted": True}])
    part = stand.part(con, "mediation", "yongchuan", "2015")
    told = [
        "insert into meta.issue (delivery_id, issue_code, severity, message, part_id) values (1, 'division_unknown', 'info', 'x', ?)"
    ]
    con.executemany(told[0], [[part], [part]])
    score_year(con, 2015, root)
    found = con.execute(
        "select code, unit_code, message from assess.finding where code in ('calendar_missing', 'town_unknown', "
        "'excuse_without_report') order by code"
    ).fetchall()
    assert [f[:2] for f in found] == [("calendar_missing", None), ("town_unknown", None)]
    assert label in found[0][2] and "2015年的报送日期" in found[0][2]
    assert "2处镇街" in found[1][2] and "单位无需更正" in found[1][2]


def test_a_year_without_a_scheme_is_one_finding_and_scored_when_it_has_one(
    con: duckdb.DuckDBPyConnection, root: Path
) -> None:
    score_years(con, 2016, root)
    [(code, unit, message)] = con.execute(
        "select code, unit_code, message from assess.finding where year = 2016"
    ).fetchall()
    assert (code, unit, "data/scheme/2016" in message) == ("scheme_missing", None, True)
    score_years(con, 2016, root)
    assert one(con, "select count(*) from assess.finding where year = 2016") == (1,)


def full(con: duckdb.DuckDBPyConnection, root: Path) -> None:
    """A year in which every table has a row."""
    agreed(con, 3)
    agreed(con, 5, "dazu")
    stand.give(con, "verified_figure", [{**OF_2015, "indicator": "mediation_succeeded", "verified": 4}])
    award = {"kind": "award", "work_year": 2015, "counted_year": 2015, "document_no": "样奖1号"}
    matters = [("劳模", "national", 2, 2), ("奖状", "municipal", 1, 1), ("转发", "municipal", 1, None)]
    stand.give(
        con,
        "bonus_application",
        [
            {**award, "matter": m, "level": level, "claimed_points": c, "granted_points": g}
            for m, level, c, g in matters
        ],
    )
    stand.give(
        con,
        "deduction",
        [{**OF_2015, "item": "aid", "points": p, "reason": "迟报", "document_no": str(p)} for p in (1, 2)],
    )
    stand.give(con, "veto_event", [{**OF_2015, "condition": "fraud"}])
    text = root / "data" / "scheme" / "2015" / "scheme.yml"
    gate = "gates: [{id: fraud, label: 弄虚作假, if: {of: {veto: [fraud]}, at_least: 1}, effect: no_award}]\n"
    text.write_text(text.read_text(encoding="utf-8") + gate, encoding="utf-8")
    score_year(con, 2015, root)
    create_open(con, root)


def test_the_views_with_chinese_names_say_the_same(whole: duckdb.DuckDBPyConnection) -> None:
    con = whole
    of = "年度 = 2015 and 单位代码 = 'yongchuan'"
    assert one(
        con, f"select 分组, 项目, 指标, 目标值, 完成值, 完成率百分数, 状态 from open.完成情况 where {of}"
    ) == (
        "district",
        "劳动争议调解",
        "成功调解劳动争议案件",
        5,
        4,
        80,
        "有数",
    )
    assert one(
        con,
        f"select 上级项目, 满分, 得分, 失分, 状态 from open.分项得分 where {of} and 项目 = '劳动争议调解'",
    ) == (
        "维权机制",
        60,
        48,
        12,
        "有数",
    )
    assert one(con, f"select 加分, 扣分, 总分, 等次, 触发情形 from open.总分排名 where {of}") == (
        2,
        3,
        47,
        "未获奖",
        "弄虚作假",
    )
    assert con.execute(
        f"select 加分项, 申报加分, 核定加分, 计入加分, 处理 from open.加分明细 where {of} order by 加分事项"
    ).fetchall() == [
        ("表彰加分", 2, 2, 2, "按核定计入"),
        ("表彰加分", 1, 1, 1, "按核定计入"),
        ("表彰加分", 1, None, 0, "待核定"),
    ]
    assert con.execute(
        f"select 事项, 指标, 项目, 数额 from open.扣分与核定 where {of} order by 数额"
    ).fetchall() == [
        ("扣分", None, "法律援助", 1),
        ("扣分", None, "法律援助", 2),
        ("核定", "成功调解劳动争议案件", None, 4),
    ]
    for view in ("问题清单", "指标提示", "报送情况", "考核待办", "指标值", "指标明细"):
        con.execute(f"select * from open.{view}").fetchall()


def test_a_scheme_with_warnings_is_run_and_says_so(con: duckdb.DuckDBPyConnection, root: Path) -> None:
    remarks = "select message from assess.finding where code = 'scheme_warned'"
    score_year(con, 2015, root)
    before = con.execute(remarks).fetchall()
    path = root / "data" / "scheme" / "2015" / "scheme.yml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("points: 60", "points: 57"), encoding="utf-8")
    made = score_year(con, 2015, root)
    [(message,)] = con.execute(remarks).fetchall()
    assert "total_differs" in message
    assert "scheme.yml第" in message
    assert "total_differs" not in str(before)
    assert made.findings["warning"] >= 1


def test_a_verdict_is_reused_until_the_folder_or_its_judges_change(
    con: duckdb.DuckDBPyConnection, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged: list[str] = []

    def judge(year: SchemeYear) -> list[LintFinding]:
        judged.append(year.fingerprint)
        return refuse(year)

    monkeypatch.setattr(scheme_gate, "refuse", judge)
    folder = root / "data" / "scheme" / "2015"
    score_year(con, 2015, root)
    first = admit(con, 2015, root)
    assert first.remarks, "else an empty verdict could not be told from a lost one"
    assert {str(Path(f.file).parent) for f in first.remarks} == {str(folder)}
    assert first.remarks == tuple(refuse(load_year(2015, root)))
    score_year(con, 2015, root)
    assert judged == [first.fingerprint]

    with (folder / "scheme.yml").open("a", encoding="utf-8") as written:
        written.write("# a word more\n")
    changed = admit(con, 2015, root)
    assert judged == [first.fingerprint, changed.fingerprint]
    assert changed.fingerprint != first.fingerprint
    score_year(con, 2015, root)
    admit(con, 2015, root)
    assert judged[2:] == [changed.fingerprint], "judged once more to be kept, then reused"

    monkeypatch.setattr(scheme_gate, "judges_fingerprint", lambda: "another linter")
    admit(con, 2015, root)
    assert judged[3:] == [changed.fingerprint]


def test_results_of_all_years_say_which_were_decided(con: duckdb.DuckDBPyConnection, root: Path) -> None:
    scheme(root, year=2014)
    score_years(con, 2015, root)
    create_open(con, root)
    stand.give(con, "past_result", [{**OF_2015, "year": 2014, "grade": "special", "total_points": 99}])
    years = "select 年度, 等次, 总分, 依据, 通报文号 from open.历年等次 where 单位代码 = 'yongchuan' order by 年度"
    assert con.execute(years).fetchall() == [
        (2014, "特等奖", 99, "通报", "样字1号"),
        (2015, "二等奖", 0, "测算", None),
    ]


def test_every_table_view_and_column_has_words(con: duckdb.DuckDBPyConnection, root: Path) -> None:
    create_open(con, root)
    describe(con, records())


BROKEN: Sequence[tuple[str, str]] = (
    ("result_of_every_unit", "delete from assess.result where unit_code = 'dazu'"),
    ("result_of_every_unit", "insert into assess.result from assess.result where unit_code = 'dazu'"),
    ("score_of_every_item", "delete from assess.item_score where unit_code = 'dazu' and item_id = 'aid'"),
    (
        "score_of_every_item",
        "insert into assess.item_score from assess.item_score where unit_code = 'dazu' and item_id = 'aid'",
    ),
    (
        "score_has_words",
        "update assess.item_score set explanation = ' ' where unit_code = 'dazu' and item_id = 'aid'",
    ),
    (
        "items_add_up",
        "update assess.item_score set points = points + 1 where unit_code = 'dazu' and item_id = 'mediation'",
    ),
    (
        "items_add_up",
        "update assess.item_score set points = 101 where unit_code = 'dazu' and item_id = 'rights'",
    ),
    ("total_adds_up", "update assess.result set base_points = base_points + 1 where unit_code = 'dazu'"),
    ("total_adds_up", "update assess.result set total_points = total_points + 1 where unit_code = 'dazu'"),
    ("bonus_adds_up", "update assess.bonus set counted = 0"),
    ("bonus_adds_up", "update assess.result set bonus_points = 3 where unit_code = 'yongchuan'"),
    ("deductions_add_up", "delete from assess.adjustment where kind = 'deduction'"),
    ("ranks_follow_totals", "update assess.result set group_rank = 2 where group_rank = 1"),
    ("ranks_follow_totals", "update assess.result set group_rank = 41 where group_rank = 3"),
    (
        "scores_within_bounds",
        "update assess.result set points_low = total_points + 1 where unit_code = 'dazu'",
    ),
    (
        "scores_within_bounds",
        "update assess.result set group_rank_best = group_rank + 1 where unit_code = 'dazu'",
    ),
    (
        "scores_within_bounds",
        "update assess.item_score set points_high = -1 where unit_code = 'dazu' and item_id = 'aid'",
    ),
)


def test_a_sound_year_passes_every_check(whole: duckdb.DuckDBPyConnection) -> None:
    check(whole)


@pytest.mark.parametrize(("name", "damage"), BROKEN)
def test_a_year_that_does_not_add_up_is_not_published(
    whole: duckdb.DuckDBPyConnection, name: str, damage: str
) -> None:
    whole.execute(damage)
    sql = (ROOT / "sql" / "check" / f"{name}.sql").read_text(encoding="utf-8")
    assert whole.execute(sql).fetchall()
    with pytest.raises(CheckFailed):
        check(whole)


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        (Fraction(2, 3), "0.666667"),
        (Fraction(1, 3), "0.333333"),
        (Fraction(1, 2 * 10**6), "0.000001"),
        (Fraction(-1, 2 * 10**6), "-0.000001"),
        (Fraction(0), "0.000000"),
        (Fraction(10**30) + Fraction(1, 10**6), f"{10**30}.000001"),
        (Decimal("0.10"), "0.100000"),
    ],
)
def test_points_are_rounded_half_up_when_they_are_written(amount: Fraction | Decimal, written: str) -> None:
    assert str(rounded(amount)) == written
