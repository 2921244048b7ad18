"""Points proven from small real files through corrections and rule; a step that does not follow is found out."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import duckdb
import pytest

from flows.audit.item_proof import ItemAsked, prove_item
from flows.audit.proof_model import NotPublishedError, ScoreProof
from flows.contract.paths import Paths
from tests.support.inboxes import copied, judge
from tests.support.scheme import assessed, write_scheme
from tests.support.world import World

ITEMS = """
items:
  - id: rights
    label: 维权
    items:
      - {id: mediation, label: 调解, points: 20, indicator: mediation_succeeded, rule: {linear: {}}}
      - {id: paid, label: 兑现, points: 25, indicator: mediation_paid_yuan, rule: {linear: {of: value, full_at: 20000}}}
  - id: organising
    label: 组建
    points: 20
    indicator: unionisation_rate
    rule: {bands: [[0.75, 20], [0.6, 12]]}
  - {id: students, label: 助学, points: 10, indicator: students_aided, rule: {linear: {of: {as: [growth]}, full_at: 1}}}
  - {id: rating, label: 综合评价, points: 15, rule: {linear: {of: {scores: leader}}}}
  - id: pioneers
    label: 工人先锋号
    points: 10
    indicator: worker_pioneers
    rule: {tally: {points: {municipal: 1, national: 2}}}
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    units = [u.unit_code for u in assessed()]
    goals = [f"{u},mediation_succeeded,5,样例1号,2015-01-20" for u in units]
    return write_scheme(
        tmp_path_factory.mktemp("scheme"), ITEMS, groups=dict.fromkeys(units, "district"), targets=goals
    )


@pytest.fixture(scope="module")
def paths(filled: Paths, tmp_path_factory: pytest.TempPathFactory, root: Path) -> Paths:
    own = copied(filled, tmp_path_factory.mktemp("world"))
    judge(World(own.data), root)
    return own


def of(paths: Paths, root: Path, item: str) -> ScoreProof:
    return prove_item(paths, ItemAsked("yongchuan", 2015, item), root=root)


def test_points_follow_from_records_corrections_and_rule(paths: Paths, root: Path) -> None:
    proof = of(paths, root, "mediation")
    assert proof.is_proven and proof.points == proof.again == 12
    [used] = proof.figures
    assert used.computed == 5 and used.actual == 3 and used.proof.counted == 5
    assert [f"{c.kind} {c.before} {c.after}" for c in used.corrections] == ["verified 5 4", "spot_check 4 3"]
    first = used.corrections[0]
    assert first.source is not None and (first.source.name, first.row_number) == ("2015年核定数.csv", 2)
    assert ("核定数", "4") in [(c.label, c.value) for c in first.cells]
    assert proof.target == 5 and (proof.target_document, proof.above) == ("样例1号", ["维权"])
    assert "得" in proof.explanation


def test_a_ruling_replaces_the_figure(paths: Paths, root: Path) -> None:
    proof = of(paths, root, "organising")
    assert proof.is_proven and proof.points == 20
    [used] = proof.figures
    assert used.computed == Fraction("0.666667") and used.actual == Fraction("0.75")
    assert [c.kind for c in used.corrections] == ["ruled_figure"]


def test_a_ruling_on_points_is_shown_with_its_row(paths: Paths, root: Path) -> None:
    proof = of(paths, root, "students")
    assert proof.is_proven and proof.points == Fraction("9.5")
    assert [(u.period, u.proof.is_proven) for u in proof.figures] == [("2014", True), ("2015", True)]
    [ruling] = proof.recorded
    assert ruling.kind == "ruled_points" and ruling.source is not None and ruling.row_number == 3


def test_scores_of_raters_are_listed_without_the_raters(paths: Paths, root: Path) -> None:
    proof = of(paths, root, "rating")
    assert proof.is_proven and proof.points == Fraction("12.75")
    assert sorted(r.amount or 0 for r in proof.recorded) == [80, 90]
    assert "赵某" not in repr(proof)
    assert all(c.value is None for r in proof.recorded for c in r.cells if c.label == "评分人")


def test_categories_without_a_record_are_no_difference(paths: Paths, root: Path) -> None:
    proof = of(paths, root, "pioneers")
    assert proof.is_proven
    assert [u.category for u in proof.figures] == [None, "municipal", "national"]


def test_a_block_is_the_sum_of_its_items(paths: Paths, root: Path) -> None:
    proof = of(paths, root, "rights")
    assert proof.is_proven and not proof.figures
    assert [(p.item, p.points) for p in proof.parts] == [("mediation", 12), ("paid", Fraction("23.75"))]
    assert proof.points == proof.again == Fraction("35.75")


def test_what_was_not_scored_is_said(paths: Paths, root: Path) -> None:
    with pytest.raises(NotPublishedError):
        of(paths, root, "nothing")


@pytest.mark.parametrize(
    ("statement", "item", "codes"),
    [
        (
            "update assess.item_score set points = 13 where item_id = 'mediation'",
            "mediation",
            ["points_differ"],
        ),
        ("update assess.item_score set points = 14 where item_id = 'mediation'", "rights", ["block_differs"]),
        (
            "update assess.figure set computed = 6 where indicator_id = 'mediation_succeeded'",
            "mediation",
            ["figure_differs"],
        ),
        (
            "update assess.figure set actual = 4 where indicator_id = 'mediation_succeeded'",
            "mediation",
            ["correction_differs"],
        ),
        (
            "update assess.adjustment set amount = 2 where kind = 'spot_check' and indicator_id = 'mediation_succeeded'",
            "mediation",
            ["correction_differs", "correction_differs"],
        ),
        (
            "delete from assess.adjustment where kind = 'verified'",
            "mediation",
            ["correction_differs", "correction_differs"],
        ),
        ("update core.verified_figure set verified = 5", "mediation", ["row_differs"]),
        (
            "update core.rater_score set points = 99 where unit_code = 'yongchuan'",
            "rating",
            ["row_differs", "row_differs"],
        ),
        ("update ref.scheme set fingerprint = 'another'", "mediation", ["scheme_differs"]),
    ],
)
def test_a_step_that_does_not_follow_is_named(
    paths: Paths, root: Path, tmp_path: Path, statement: str, item: str, codes: list[str]
) -> None:
    own = copied(paths, tmp_path)
    file = own.warehouse_file()
    file.chmod(0o644)
    with duckdb.connect(str(file)) as con:
        con.execute(statement)
    proof = of(own, root, item)
    assert not proof.is_proven
    assert [d.code for d in proof.differences][: len(codes)] == codes


def test_a_value_that_is_not_proven_makes_its_points_unproven(
    paths: Paths, root: Path, tmp_path: Path
) -> None:
    own = copied(paths, tmp_path)
    file = own.warehouse_file()
    file.chmod(0o644)
    with duckdb.connect(str(file)) as con:
        con.execute("update core.mediation set amount_paid_yuan = 1 where part_id = 16001 and row_number = 2")
    proof = of(own, root, "paid")
    assert not proof.is_proven and not proof.differences
    assert [d.code for d in proof.figures[0].proof.differences] == ["row_differs"]
