"""What was decided, proven from small real files: total, place, grade, gates, bonus, deductions; what does not follow is named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from flows.assess.score_years import score_year
from flows.audit.decided_proof import KINDS, decided_proof, kind_meant
from flows.audit.item_proof import ItemAsked, item_proof, prove_item
from flows.audit.proof_model import DecidedProof, NotPublishedError
from flows.audit.year_again import YearAgain, YearAsked, read_year_again
from flows.audit.year_proofs import prove_numbers
from flows.book.close_year import YearStaysOpen, close
from flows.contract.paths import Paths
from flows.database.connect import open_build
from flows.database.seal import seal
from flows.metrics.refresh import measure
from flows.warehouse.publish import publish
from tests.support.inboxes import copied, judge
from tests.support.scheme import FRAME, assessed, write_scheme
from tests.support.world import HEADER, World, case

NOON = datetime(2016, 3, 15, 12)
ITEMS = """
items:
  - id: rights
    label: 维权
    items:
      - {id: mediation, label: 调解, points: 40, indicator: mediation_succeeded, rule: {linear: {}}}
      - {id: paid, label: 兑现, points: 20, indicator: mediation_paid_yuan, rule: {table: {of: rank, points: {1: 20}, otherwise: 5}}}
  - {id: students, label: 助学, points: 20, indicator: students_aided, rule: {linear: {of: {as: [growth]}, full_at: 1}}}
  - {id: rating, label: 综合评价, points: 15, rule: {linear: {of: {scores: leader}}}}
  - {id: reports, label: 报表, points: 5, rule: {steps: {of: {late: [union_statistics], late_unit: reports}, above: -1, parts: drop}}}
gates:
  - {id: criticism, label: 被通报批评，最高评为二等奖, if: {of: {veto: [criticism]}, at_least: 1}, effect: {at_best: second}}
"""
DEDUCTIONS = "  classes: [{id: every, label: 扣分, cap: 2}]\n  factor: {first: {branches: [{if: {of: {indicator: mediation_succeeded}, at_least: 1}, then: 0.5}], otherwise: 1}}\n"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    units = [u.unit_code for u in assessed()]
    goals = [f"{u},mediation_succeeded,5,样例1号,2015-01-20" for u in units]
    frame = FRAME.replace("  classes: [{id: every, label: 扣分}]\n", DEDUCTIONS)
    frame = frame.replace("edge_tie: decide", "edge_tie: drop")
    groups = {u: "near" if n < 3 or u == "yongchuan" else "far" for n, u in enumerate(units)}
    return write_scheme(tmp_path_factory.mktemp("scheme"), ITEMS, frame=frame, groups=groups, targets=goals)


@pytest.fixture(scope="module")
def paths(filled: Paths, tmp_path_factory: pytest.TempPathFactory, root: Path) -> Paths:
    own = copied(filled, tmp_path_factory.mktemp("decided"))
    world = World(own.data)

    def put(name: str, header: str, *lines: str) -> None:
        world.write(name, *lines, sender="2016-02-21/重庆市总工会", header=header)

    put(
        "2015年度加分申报表.csv",
        "单位,加分事项,加分类别,级别,工作年度,计分年度,申报加分,核定加分,依据文号",
        "永川区,全国先进集体,表彰加分,国家级,2015,2015,2,2,样例〔2016〕11号",
        "永川区,全市先进集体,表彰加分,市级,2015,2015,1,1,样例〔2016〕12号",
        "永川区,集体协商试点,创新加分,市级,2015,2015,1,,样例〔2016〕13号",
    )
    put(
        "2015年度扣分通知.csv",
        "单位,考核年度,考核项目,扣分,扣分原因,通知文号",
        "永川区,2015,调解,1.5,报表迟报,样例〔2016〕21号",
        "永川区,2015,助学,1,台账不全,样例〔2016〕22号",
    )
    put(
        "2015年一票否决登记.csv",
        "单位,考核年度,否决情形,状态,认定文号",
        "永川区,2015,被通报批评,生效,样例〔2016〕31号",
    )
    judge(world, root)
    return own


@pytest.fixture(scope="module")
def year(paths: Paths, root: Path) -> Iterator[YearAgain]:
    with read_year_again(paths, YearAsked(("yongchuan",), 2015), root=root) as again:
        yield again


def of(year: YearAgain, kind: str) -> DecidedProof:
    return decided_proof(year, "yongchuan", kind)


def lines(proof: DecidedProof) -> dict[str, tuple[str, str]]:
    return {step.label.strip(): (step.published, step.again) for step in proof.steps}


def test_a_total_is_its_items_bonus_and_deductions(year: YearAgain) -> None:
    proof = of(year, "total")
    assert proof.is_proven and proof.published == proof.again
    shown = lines(proof)
    assert shown["维权"] == ("44", "44") and shown["调解"] == ("24", "24")  # three of five, and the best
    assert shown["加分"] == ("2", "2") and shown["扣分"] == ("1", "1")
    [total] = [s for s in proof.steps if s.label == "total"]
    assert total.published == proof.published and " + 2 − 1" in total.detail
    assert not proof.is_complete  # a place among others is as published


def test_bonus_as_counted_has_its_document_year_and_caps(year: YearAgain) -> None:
    proof = of(year, "bonus")
    assert proof.is_proven and proof.is_complete and (proof.published, proof.again) == ("2", "2")
    assert lines(proof) == {
        "全国先进集体": ("2", "2"),
        "全市先进集体": ("1", "1"),
        "集体协商试点": ("0", "0"),
        "sum of 表彰加分": ("2", "2"),
        "sum of 创新加分": ("0", "0"),
        "sum of all classes": ("2", "2"),
    }
    first = proof.steps[0]
    assert "样例〔2016〕11号" in first.detail and "2015" in first.detail
    assert [r.row_number for r in proof.recorded] == [2, 3, 4]
    assert proof.recorded[0].source is not None and proof.recorded[0].source.name == "2015年度加分申报表.csv"


def test_deductions_are_summed_capped_and_multiplied(year: YearAgain) -> None:
    proof = of(year, "deduction")
    assert proof.is_proven and (proof.published, proof.again) == ("1", "1")
    shown = lines(proof)
    assert shown["sum of 扣分"] == ("2", "2") and shown["factor"] == ("0.5", "0.5")  # 2.5 within 2, times 0.5
    assert [used.proof.is_proven for used in proof.figures] == [True]
    assert sorted(r.document_no for r in proof.recorded) == ["样例〔2016〕21号", "样例〔2016〕22号"]


def test_a_gate_stands_on_its_recorded_event(year: YearAgain) -> None:
    proof = of(year, "gate")
    assert proof.is_proven and proof.is_complete and proof.again == "被通报批评，最高评为二等奖"
    [event] = proof.recorded
    assert event.document_no == "样例〔2016〕31号" and event.source is not None


def test_a_place_names_neighbours_and_the_tie_rule(year: YearAgain) -> None:
    proof = of(year, "rank")
    assert proof.is_proven and not proof.is_complete and proof.peers.number == len(assessed()) - 1
    assert proof.published == "1 / 1"
    [place] = [s for s in proof.steps if s.label == "place of all"]
    assert "40" in place.detail and "base points" in place.detail and "1, 1, 3" in place.detail
    assert [s for s in proof.steps if s.label.strip().startswith("after it")]
    assert [(s.published, s.again) for s in proof.steps if "SQL" in s.label] == [("1", "1"), ("1", "1")]


def test_a_grade_has_its_quota_and_who_is_barred(year: YearAgain) -> None:
    proof = of(year, "grade")
    assert proof.is_proven and (proof.published, proof.again) == ("二等奖", "二等奖")
    first, second = (s for s in proof.steps if s.label in ("一等奖", "二等奖"))
    assert (
        "1 places" in first.detail and "永川区" not in first.again
    )  # 39 are equal behind the one that is barred
    assert "永川区" in second.again
    [lowered] = [s for s in proof.steps if s.label == "lowered by gates"]
    assert lowered.detail == "被通报批评，最高评为二等奖"


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("update assess.result set total_points = total_points + 1", "total"),
        ("update assess.result set base_points = base_points + 1", "total"),
        ("update assess.result set overall_rank = 2", "rank"),
        ("update assess.result set group_rank = 2", "rank"),
        ("update assess.result set grade = 'first'", "grade"),
        ("update assess.result set bonus_points = 3", "bonus"),
        ("update assess.bonus set counted = 1 where row_number = 4", "bonus"),
        ("delete from assess.bonus where row_number = 3", "bonus"),
        ("update core.bonus_application set granted_points = 1.5 where row_number = 2", "bonus"),
        ("update assess.result set deduction_points = 0", "deduction"),
        ("delete from assess.adjustment where amount = 1.5", "deduction"),
        ("update core.deduction set points = 0.5 where points = 1.5", "deduction"),
        ("update assess.result set gates = []", "gate"),
        ("update core.veto_event set status = 'lifted' where true", "gate"),
    ],
)
def test_what_was_changed_is_not_proven(
    paths: Paths, root: Path, tmp_path: Path, statement: str, kind: str
) -> None:
    own = copied(paths, tmp_path)
    file = own.warehouse_file()
    file.chmod(0o644)
    where = " and" if " where " in statement else " where"
    with duckdb.connect(str(file)) as con:
        con.execute(f"{statement}{where} unit_code = 'yongchuan'")
    alone = kind if kind in ("bonus", "deduction", "gate") else None
    with read_year_again(own, YearAsked(("yongchuan",), 2015, kind=alone, limit=0), root=root) as again:
        assert not decided_proof(again, "yongchuan", kind).is_proven


def test_places_of_peers_are_as_published_unless_they_are_read(paths: Paths, root: Path) -> None:
    alone = prove_item(paths, ItemAsked("yongchuan", 2015, "paid"), root=root)
    assert alone.is_proven and not alone.is_complete and alone.peers.number == 3
    beside = prove_item(paths, ItemAsked("yongchuan", 2015, "paid", with_peers=True), root=root)
    assert beside.is_proven and beside.is_complete and beside.peers == replace(alone.peers, are_read=True)
    own = prove_item(paths, ItemAsked("yongchuan", 2015, "mediation"), root=root)
    assert own.is_complete and own.peers.number == 0


def test_a_changed_peer_is_found_where_it_is_read(paths: Paths, root: Path, tmp_path: Path) -> None:
    own = copied(paths, tmp_path)
    other = next(u.unit_code for u in assessed() if u.unit_code != "yongchuan")
    file = own.warehouse_file()
    file.chmod(0o644)
    with duckdb.connect(str(file)) as con:
        con.execute(
            "update metric.value set state = 'value', value = 99999, numerator = 99999, lower = 99999, upper = 99999 "
            "where unit_code = $unit and indicator_id = 'mediation_paid_yuan' and period_id = '2015'",
            {"unit": other},
        )
    assert prove_item(own, ItemAsked("yongchuan", 2015, "mediation"), root=root).is_proven
    proof = prove_item(own, ItemAsked("yongchuan", 2015, "paid", with_peers=True), root=root)
    assert "peer_differs" in [d.code for d in proof.differences]


def test_late_reports_are_said_one_by_one_from_their_receipts(paths: Paths, root: Path) -> None:
    proof = prove_item(paths, ItemAsked("yongchuan", 2015, "reports"), root=root)
    assert proof.is_proven
    [report] = proof.due
    assert report.came_on is None and report.days is not None and report.days > 0 and not report.deliveries


def test_every_number_of_a_unit_at_once(year: YearAgain) -> None:
    numbers = list(prove_numbers(year, ["yongchuan"]))
    assert all(n.is_proven for n in numbers), [n for n in numbers if not n.is_proven]
    assert [n.name for n in numbers if n.about == "decided"] == list(KINDS)
    assert [n.name for n in numbers if n.about == "item"] == [
        "rights",
        "mediation",
        "paid",
        "students",
        "rating",
        "reports",
    ]
    assert {n.name for n in numbers if n.about == "item" and not n.is_complete} == {"rights", "paid"}


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("总分", "total"),
        ("名次", "rank"),
        ("等次", "grade"),
        ("门槛", "gate"),
        ("加分", "bonus"),
        ("扣分", "deduction"),
    ],
)
def test_a_kind_is_meant_in_both_languages(word: str, kind: str) -> None:
    assert kind_meant(word) == kind_meant(kind) == kind
    assert kind_meant("调解") is None


def test_a_unit_without_a_result_is_said(year: YearAgain) -> None:
    with pytest.raises(NotPublishedError):
        decided_proof(year, "chongqing", "total")


def test_a_closed_book_is_traced_as_it_was_whatever_came_later(
    paths: Paths, root: Path, tmp_path: Path
) -> None:
    own = copied(paths, tmp_path)
    with open_build(own) as con:
        seal(con, "assess", "ref")
    publish(own)
    with pytest.raises(YearStaysOpen) as refused:
        close(own, 2015, NOON, root=root)
    keys = [m.key for m in refused.value.matters]
    assert all(keys), refused.value.matters
    close(own, 2015, NOON, "会议决定", root=root, by="王主任", despite=[str(key) for key in keys])
    world = World(own.data)
    world.write("2015年调解台账.csv", case(1), sender="2016-03-20/永川区总工会", header=HEADER)
    world.take_in("2016-04-05")
    world.build()
    measure(own)
    with open_build(own) as con:
        score_year(con, 2015, root)
        seal(con, "assess", "ref")
    publish(own)
    asked = YearAsked(("yongchuan",), 2015, limit=0)
    with read_year_again(own, asked, root=root) as now:
        assert decided_proof(now, "yongchuan", "total").is_proven
        assert [u.proof.counted for u in item_proof(now, "yongchuan", "mediation").figures] == [4]
    with read_year_again(own, replace(asked, edition=1), root=root) as then:
        numbers = list(prove_numbers(then, ["yongchuan"]))
        assert all(n.is_proven for n in numbers), [n for n in numbers if not n.is_proven]
        assert [u.proof.counted for u in item_proof(then, "yongchuan", "mediation").figures] == [5]
    with (
        pytest.raises(NotPublishedError, match="2015-2"),
        read_year_again(own, replace(asked, edition=2), root=root),
    ):
        pass
