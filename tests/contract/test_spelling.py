"""A unit's own header spellings: read, refused with file and line, part of what rows mean."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.contract.catalogue import ROOT, ContractError
from flows.contract.fingerprint import ROW_MEANING, fingerprint
from flows.contract.spelling import FOLDER, line, spellings

TOP = "record,header,column,note\n"


def root(folder: Path, text: str, unit: str = "yongchuan") -> Path:
    """A root that holds nothing but one unit's file."""
    path = folder / FOLDER / f"{unit}.csv"
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    return folder


def test_a_header_means_a_column_of_each_record_or_nothing(tmp_path: Path) -> None:
    lines = "mediation,办结时点,closed_on,2015 form\nlegal_aid,办结时点,ignore,\nmediation,我区编码,ignore,\n"
    assert spellings(root(tmp_path, TOP + lines)) == {
        "yongchuan": {
            "办结时点": "mediation.closed_on legal_aid.ignore",
            "我区编码": "mediation.ignore",
        }
    }


def test_a_file_saved_by_a_spreadsheet_program_is_read(tmp_path: Path) -> None:
    text = "\ufeff" + (TOP + 'mediation,"办结,时点",closed_on,\n').replace("\n", "\r\n")
    assert spellings(root(tmp_path, text)) == {"yongchuan": {"办结,时点": "mediation.closed_on"}}


def test_the_line_to_add_is_one_that_is_read(tmp_path: Path) -> None:
    said = line("mediation", '办结"时,点', "closed_on")
    assert spellings(root(tmp_path, f"{TOP}{said}\n")) == {"yongchuan": {'办结"时,点': "mediation.closed_on"}}


@pytest.mark.parametrize(
    ("text", "place", "reason"),
    [
        ("record,header,column\n", "yongchuan.csv:1", "record,header,column,note"),
        (TOP + "mediation,甲,closed_on,\nno_such,乙,closed_on,\n", "yongchuan.csv:3", "no record no_such"),
        (TOP + "mediation,甲,nothing,\n", "yongchuan.csv:2", "no column nothing"),
        (TOP + "mediation,甲,case_year,\n", "yongchuan.csv:2", "no column case_year"),
        (TOP + "mediation, ,closed_on,\n", "yongchuan.csv:2", "header is empty"),
        (TOP + "mediation,甲\n", "yongchuan.csv:2", "expected record,header,column,note"),
        (TOP + "mediation,甲,closed_on,a,b\n", "yongchuan.csv:2", "expected record,header,column,note"),
        (
            TOP + "mediation,甲 乙,closed_on,\nmediation,甲乙,result,\n",
            "yongchuan.csv:3",
            "means closed_on already",
        ),
        (TOP + 'mediation,"甲,closed_on,\n', "yongchuan.csv", "CSV in UTF-8"),
    ],
)
def test_a_line_without_effect_is_refused(tmp_path: Path, text: str, place: str, reason: str) -> None:
    with pytest.raises(ContractError) as error:
        spellings(root(tmp_path, text))
    assert place in str(error.value)
    assert reason in str(error.value)


def test_a_file_of_no_unit_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="no unit nowhere"):
        spellings(root(tmp_path, TOP, unit="nowhere"))


def test_what_the_clone_holds_is_sound() -> None:
    assert set(spellings(ROOT)) == {path.stem for path in (ROOT / FOLDER).glob("*.csv")}


def test_a_new_line_changes_what_rows_mean(tmp_path: Path) -> None:
    before = fingerprint(ROW_MEANING, tmp_path)
    root(tmp_path, TOP)
    with_file = fingerprint(ROW_MEANING, tmp_path)
    (tmp_path / FOLDER / "yongchuan.csv").write_text(TOP + "mediation,甲,closed_on,\n", encoding="utf-8")
    assert len({before, with_file, fingerprint(ROW_MEANING, tmp_path)}) == 3
