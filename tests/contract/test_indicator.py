"""Indicator files: what a header must say, what a SELECT may read, and that every kind is counted."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.contract.catalogue import ROOT, ContractError, code_lists, records
from flows.contract.indicator import Shape, category_labels, indicators, load_indicator

HEADER = """/* ---
indicator: cases
label: 案件
unit: 件
shape: count
direction: up
record: mediation
counts: cases, by day
basis: 按日期统计的案件
--- */
"""
BODY = """select unit_code, accepted_on as event_date, 1 as numerator, part_id, row_number
from current.mediation
"""


def written(folder: Path, text: str, name: str = "cases") -> Path:
    area = folder / "rights"
    area.mkdir(exist_ok=True)
    path = area / f"{name}.sql"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_is_its_definition_and_one_select(tmp_path: Path) -> None:
    found = load_indicator(written(tmp_path, HEADER + BODY))
    assert (found.indicator, found.area, found.shape) == ("cases", "rights", Shape.COUNT)
    assert found.records == ("mediation",)
    assert found.body == BODY.strip()


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (("direction: up", "direction: up\ncolour: red"), "colour"),
        (("direction: up\n", ""), "direction"),
        (("shape: count", "shape: average"), "shape"),
        (("indicator: cases", "indicator: other"), "expected cases"),
        (("record: mediation", "record: mediation\nreads: [member]"), "none of those"),
        (("record: mediation", "record: mediation\nat: end"), "ratio and coverage"),
        (("record: mediation", "record: mediation\nabove_one: true"), "ratio and coverage"),
        (("record: mediation", "record: mediation\nneeds: [member]"), "does not read"),
        (("record: mediation", "record: mediation\nbody: x"), "without `area` and `body`"),
        (("/* ---", "--"), "header"),
        (("basis: ", "basis: 'open "), "rights/cases.sql"),
    ],
)
def test_what_is_unclear_is_refused_with_its_file(
    tmp_path: Path, change: tuple[str, str], complaint: str
) -> None:
    text = HEADER + BODY
    assert change[0] in text
    with pytest.raises(ContractError, match=complaint):
        load_indicator(written(tmp_path, text.replace(*change)))


def test_one_id_is_one_indicator(tmp_path: Path) -> None:
    for area in ("rights", "welfare"):
        folder = tmp_path / "sql" / "indicator" / area
        folder.mkdir(parents=True)
        (folder / "cases.sql").write_text(HEADER + BODY, encoding="utf-8")
    with pytest.raises(ContractError, match="is also in"):
        indicators(tmp_path)


def test_a_category_is_a_column_of_the_record_kind(tmp_path: Path) -> None:
    (tmp_path / "sql").mkdir()
    for shared in ("record", "code"):
        (tmp_path / "sql" / shared).symlink_to(ROOT / "sql" / shared)
    folder = tmp_path / "sql" / "indicator" / "rights"
    folder.mkdir(parents=True)
    header = HEADER.replace("record: mediation", "record: mediation\ncategory: grade")
    (folder / "cases.sql").write_text(header + BODY, encoding="utf-8")
    with pytest.raises(ContractError, match="grade is no column of mediation"):
        indicators(tmp_path)


def test_categories_have_the_labels_of_their_own_list_and_of_no_other() -> None:
    """One code means different things in two lists of a kind: a title and a level of an honour, say."""
    for found in indicators().values():
        if isinstance(found.category, str):
            column = records()[found.record].columns[found.category]
            labels = category_labels(found)
            listed = {e.code: e.label for e in code_lists()[column.list]} if column.list else None
            assert labels == (listed and labels | listed), found.indicator
    listed = records()["honour"].columns["level"].list
    assert category_labels(indicators()["model_workers"]) == {e.code: e.label for e in code_lists()[listed]}
    assert category_labels(indicators()["publication_copies"]) is None
    assert category_labels(indicators()["wage_recovered_yuan"]) == {"区外": "区外", "区内": "区内"}


def test_every_kind_that_is_sent_is_counted_somewhere() -> None:
    # figures, scores and checks of the assessment itself are inputs of its rules, not counts
    inputs = {"self_report", "target_letter", "verified_figure", "rater_score", "rank_decision"}
    read = {record for i in indicators().values() for record in i.records}
    assert set(records()) - read == inputs


def test_labels_are_unique_and_definitions_are_in_both_languages() -> None:
    found = indicators().values()
    assert len({i.label for i in found}) == len(found)
    for i in found:
        assert any("一" <= letter <= "龥" for letter in i.basis), i.indicator
        assert len(i.counts) > 15, i.indicator
