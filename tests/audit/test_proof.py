"""Numbers proven from small real files, one of each shape; and what was tampered with is found out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from fractions import Fraction
from functools import cache
from pathlib import Path

import duckdb
import pytest

from flows.audit.proof_model import NotPublishedError, StreakYear, ValueProof
from flows.audit.reload import reload_deliveries
from flows.audit.value_proof import ValueAsked, prove_value
from flows.contract.paths import Paths
from flows.ingest.vault import Vault
from tests.support.inboxes import citizen, copied


@pytest.fixture(scope="module")
def paths(filled: Paths) -> Paths:
    return filled


@cache
def proven(paths: Paths, indicator: str) -> ValueProof:
    """A number of Yongchuan in files that nobody changes, proven once for all tests that look at it."""
    return of(paths, indicator)


def of(paths: Paths, indicator: str, unit: str = "yongchuan", year: str = "2015") -> ValueProof:
    return prove_value(paths, ValueAsked(unit, indicator, year, with_passed=True))


def rows(proof: ValueProof) -> list[tuple[str, int]]:
    """(file, row) of the rows that count, without their folder."""
    names = {s.part_id: s.name for s in proof.sources}
    return sorted((names[line.part_id], line.row_number) for line in proof.lines)


def test_a_count_adds_up_over_the_files_it_came_from(paths: Paths) -> None:
    proof = proven(paths, "mediation_succeeded")
    assert proof.is_proven and proof.tally.numerator == 5
    # one of them was closed in January 2015 and stands in the list of 2014
    assert rows(proof) == [
        ("2014年调解台账.csv", 2),
        ("2015年第一季度调解台账.csv", 2),
        ("2015年第一季度调解台账.csv", 3),
        ("2015年调解台账.csv", 2),
        ("2015年调解台账.csv", 3),
    ]
    assert [(c.label, c.value) for c in proof.lines[0].cells] == [
        ("结案日期", "2015-01-07"),
        ("调解结果", "调解成功"),
    ]


def test_a_sum_adds_up_what_the_cells_say(paths: Paths) -> None:
    proof = proven(paths, "mediation_paid_yuan")
    assert proof.is_proven and proof.tally.numerator == 19500
    assert sum((line.numerator for line in proof.lines if line.numerator), Fraction()) == 19500


def test_both_sides_of_a_ratio_add_up(paths: Paths) -> None:
    proof = proven(paths, "unionisation_rate")
    assert proof.is_proven
    assert proof.tally.numerator == 2 and proof.tally.denominator == 3
    assert proof.published is not None and proof.published.value == Fraction("0.666667")


def test_a_distinct_count_lists_its_subjects_and_their_repeats_by_number(paths: Paths) -> None:
    proof = proven(paths, "students_aided")
    assert proof.is_proven
    assert (proof.tally.records, proof.tally.subjects, proof.tally.repeats) == (3, 2, 1)
    assert [(line.row_number, line.subject) for line in proof.lines] == [(2, "1"), (3, "1"), (4, "2")]


def test_a_stock_names_its_roll_and_counts_who_has_no_id_apart(paths: Paths) -> None:
    proof = proven(paths, "members")
    assert proof.is_proven
    assert (proof.tally.subjects, proof.tally.anonymous) == (3, 1)
    [source] = [s for s in proof.sources if s.part_id in proof.standing]
    assert source.name == "会员名册20150930.csv" and str(source.covers_to) == "2015-09-30"
    assert len(proof.sources) == 1  # the roll of March is not read


def test_a_stock_of_validity_counts_what_is_valid_on_the_last_day(paths: Paths) -> None:
    proof = proven(paths, "collective_contracts")
    assert proof.is_proven and not proof.standing
    assert [(str(x.since_on), str(x.until_on)) for x in proof.lines] == [("2015-01-05", "2017-12-31")]
    assert proof.passed_by_reason == {"not_valid": 1}


def test_coverage_says_who_is_in_both(paths: Paths) -> None:
    proof = proven(paths, "needy_coverage")
    assert proof.is_proven
    assert proof.tally.numerator == 1 and proof.tally.denominator == 2 and proof.tally.hits == 2
    roles = [(x.subject, x.role) for x in proof.lines]
    assert sorted(roles) == [("1", "population"), ("1", "reached"), ("1", "reached"), ("2", "population")]
    assert proof.passed_by_reason["not_in_population"] == 1


def test_editions_are_listed(paths: Paths) -> None:
    proof = proven(paths, "arts_festivals")
    assert proof.is_proven
    assert (proof.tally.editions, proof.tally.records) == (("3",), 2) and proof.tally.numerator == 1


def test_a_streak_lists_its_years_and_decides_the_run(paths: Paths) -> None:
    proof = proven(paths, "special_grade_streak")
    assert proof.is_proven and proof.tally.numerator == 4
    assert proof.tally.years[0] == StreakYear(2010, is_awarded=False, in_run=False)
    assert [y.year for y in proof.tally.years if y.in_run] == [2011, 2012, 2013, 2014]


def test_a_unit_counts_what_became_part_of_it(paths: Paths) -> None:
    proof = of(paths, "mediation_succeeded", "qijiang", "2011")
    assert proof.is_proven and proof.tally.numerator == 2
    assert proof.predecessors == {"qijiang-county": "綦江县总工会"}


def test_the_city_counts_its_units(paths: Paths) -> None:
    proof = of(paths, "mediation_succeeded", "chongqing")
    assert proof.is_proven and proof.tally.numerator == 5


def test_a_zero_names_the_reports_that_say_nothing(paths: Paths) -> None:
    proof = proven(paths, "legal_aid_cases")
    assert proof.is_proven and proof.counted == 0
    assert [s.name for s in proof.reported] == ["2015年法律援助台账.csv"]


def test_what_was_not_reported_is_no_zero(paths: Paths) -> None:
    proof = of(paths, "legal_aid_cases", "jiangjin")
    assert proof.published is not None and proof.published.state == "not_reported"
    assert proof.is_proven and not proof.reported


def test_rows_that_do_not_count_are_listed_with_their_reason(paths: Paths) -> None:
    proof = proven(paths, "mediation_succeeded")
    names = {s.part_id: s.name for s in proof.sources}
    found = {(names[p.part_id], p.row_number): (p.reason, p.detail) for p in proof.passed}
    file = "2015年调解台账.csv"
    assert found[file, 4] == ("key_elsewhere", "第17号报送第2行")
    assert found[file, 5][0] == "rejected" and found[file, 5][1].startswith("结案日期：日历上没有这一天")
    assert found[file, 6][0] == "duplicate"
    assert found[file, 7] == ("not_meant", "")
    assert found[file, 8] == ("other_period", "")
    assert found["2015年3月调解台账.csv", 2] == ("not_in_force", "整份报送已于2016-03-02撤回：误报")
    assert ("not_in_force", "已被第16号报送更正") in found.values()
    assert proof.passed_by_reason.total() == 8


def test_rows_shown_are_limited_and_sums_are_not(paths: Paths) -> None:
    seen: list[int] = []
    proof = prove_value(
        paths,
        ValueAsked(
            "yongchuan",
            "mediation_succeeded",
            "2015",
            limit=1,
            sink=lambda _, line, __: seen.append(line.row_number),
        ),
    )
    assert len(proof.lines) == 1 and proof.counted == 5 == len(seen) and proof.is_proven


def test_no_person_leaves_the_database(paths: Paths) -> None:
    for indicator in ("members", "students_aided", "needy_coverage"):
        proof = proven(paths, indicator)
        text = repr(proof)
        assert not any(citizen(n) in text for n in (1, 2, 3, 5, 11, 12, 13))
        withheld = [c for x in proof.lines for c in x.cells if "身份证" in c.label]
        assert withheld and all(c.value is None for c in withheld)


def test_nothing_stays_of_what_was_read_again(paths: Paths) -> None:
    of(paths, "members")
    assert list(paths.temporary.iterdir()) == []


@pytest.mark.parametrize("wanted", [("nowhere", "2015"), ("yongchuan", "2090")])
def test_an_unknown_unit_or_period_is_said(paths: Paths, wanted: tuple[str, str]) -> None:
    with pytest.raises(NotPublishedError):
        prove_value(paths, ValueAsked(wanted[0], "members", wanted[1]))


@pytest.fixture
def changed(paths: Paths, tmp_path: Path) -> Paths:
    """A copy to be changed."""
    return copied(paths, tmp_path)


def test_a_delivery_withdrawn_since_is_proven_and_said(changed: Paths) -> None:
    Vault(changed.vault).withdraw(17, "误报", datetime(2016, 6, 1))
    proof = of(changed, "mediation_succeeded")
    assert proof.is_proven and proof.withdrawn == [17]


def test_tables_of_other_kinds_are_read_past(paths: Paths) -> None:
    with reload_deliveries(paths, [8, 16], {"mediation"}, [16001]) as again:
        assert again.con.execute("select part_id, in_force from meta.part").fetchall() == [(16001, True)]
        assert again.con.execute("select count(*) from core.employer").fetchall() == [(0,)]
        explained = (
            "select bool_and(cells_nonempty = cells_explained and cells_nonempty > 0) from meta.delivery"
        )
        assert again.con.execute(explained).fetchall() == [(True,)]


def in_edition(statement: str) -> Callable[[Paths], None]:
    def change(paths: Paths) -> None:
        file = paths.warehouse_file()
        file.chmod(0o644)
        with duckdb.connect(str(file)) as con:
            con.execute(statement)

    return change


def in_vault(change: Callable[[Path], None]) -> Callable[[Paths], None]:
    def tamper(paths: Paths) -> None:
        with duckdb.connect(str(paths.warehouse_file()), read_only=True) as con:
            [(sha256,)] = con.execute("select sha256 from meta.delivery where delivery_id = 16").fetchall()
        change(paths.vault / "file" / sha256[:2] / sha256)

    return tamper


def spoil(file: Path) -> None:
    file.chmod(0o644)
    file.write_bytes(file.read_bytes().replace("调解成功".encode(), "撤回".encode(), 1))


VALUE = "indicator_id = 'mediation_paid_yuan' and unit_code = 'yongchuan' and period_id = '2015'"


@pytest.mark.parametrize(
    ("tamper", "codes"),
    [
        (
            in_edition(f"update metric.value set value = 19600, numerator = 19600 where {VALUE}"),
            ["numerator_differs", "value_differs"],
        ),
        (in_edition(f"update metric.value set record_count = 6 where {VALUE}"), ["records_differ"]),
        (
            in_edition(f"update metric.value set state = 'not_reported', value = null where {VALUE}"),
            ["number_withheld"],
        ),
        (in_edition(f"delete from metric.value where {VALUE}"), ["not_published"]),
        (
            in_edition(
                "update core.mediation set amount_paid_yuan = 4100 where part_id = 16001 and row_number = 2"
            ),
            ["row_differs"],
        ),
        (in_edition("delete from core.mediation where part_id = 16001 and row_number = 2"), ["row_differs"]),
        (
            in_edition(
                "insert into core.mediation select * replace (99 as row_number) from core.mediation "
                "where part_id = 16001 and row_number = 2"
            ),
            ["row_differs"],
        ),
        (
            in_edition("update meta.part set rows_accepted = 6, rows_rejected = 0 where part_id = 16001"),
            ["table_differs"],
        ),
        (
            in_edition("update meta.delivery set name = '另一份.csv' where delivery_id = 16"),
            ["ledger_differs"],
        ),
        (in_vault(Path.unlink), ["file_changed", "table_differs"]),
        (in_vault(spoil), ["file_changed", "table_differs"]),
    ],
)
def test_tampering_is_found_out(changed: Paths, tamper: Callable[[Paths], None], codes: list[str]) -> None:
    tamper(changed)
    proof = of(changed, "mediation_paid_yuan")
    assert not proof.is_proven
    assert [d.code for d in proof.differences][: len(codes)] == codes


def test_a_changed_row_is_named_with_both_sides(changed: Paths) -> None:
    in_edition("update core.mediation set amount_paid_yuan = 4100 where part_id = 16001 and row_number = 2")(
        changed
    )
    [found] = of(changed, "mediation_paid_yuan").differences
    assert (found.part_id, found.row_number) == (16001, 2)
    assert "numerator 4100" in found.published and "numerator 4000" in found.found


def test_a_zero_without_a_report_is_not_proven(changed: Paths) -> None:
    in_edition(
        "update metric.value set state = 'zero', value = 0, numerator = 0 where indicator_id = 'legal_aid_cases' "
        "and unit_code = 'jiangjin' and period_id = '2015'"
    )(changed)
    assert [d.code for d in of(changed, "legal_aid_cases", "jiangjin").differences] == ["aggregate_differs"]
