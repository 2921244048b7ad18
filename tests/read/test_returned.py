"""What we add to a returned file is accounted for and never read."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from flows.contract.catalogue import records
from flows.read import read_file
from flows.read.roundtrip.marks import KEY_HEADER, NOTE_HEADER, RowKey
from flows.read.roundtrip.sheet_view import look_through
from tests.support.world import HEADER, case

NAME = "2015年劳动争议调解台账.xlsx"


def workbook(path: Path, marks: bool, note: str = "注：以上为全年数据") -> Path:
    """A title, a header, two rows, a subtotal and a note that runs on; with `marks`, as it came back."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "调解"
    sheet.append(["永川区2015年劳动争议调解台账"])
    sheet.append(HEADER.split(","))
    for line in (case(1), case(2)):
        sheet.append(line.split(","))
    sheet.append(["合计", None, None, None, None, None, "10000"])
    sheet.append([note])
    sheet.append(["其中农民工另册"])
    if marks:
        sheet["I2"], sheet["J2"] = NOTE_HEADER, KEY_HEADER
        for row in (3, 4, 6, 7):
            sheet.cell(row, 10).value = str(RowKey.of(17, row, "ab", "调解"))
        sheet["I3"] = "1. 结案日期：读不出"
        book.create_sheet("退回说明", 0).append(["请改正后送回", "合计"])
    book.save(path)
    return path


def read(path: Path) -> tuple[list[dict[str, object]], dict[str, int]]:
    reading = read_file(path, NAME, records())
    rows = [row for table in reading.tables for batch in table.batches() for row in batch.to_pylist()]
    assert not [p for p in reading.problems if p.code == "cells_unaccounted"]
    assert sum(reading.account.values()) == reading.cells_nonempty
    assert not [p for table in reading.tables for p in table.problems]
    return rows, dict(reading.account)


def test_a_marked_file_reads_as_the_unmarked_one(tmp_path: Path) -> None:
    plain, before = read(workbook(tmp_path / "a.xlsx", marks=False))
    marked, after = read(workbook(tmp_path / "b.xlsx", marks=True))
    assert marked == plain
    assert len(plain) == 2
    ours = {("调解", "return_column"): 7, ("退回说明", "return_sheet"): 2}
    assert after == before | ours


def test_a_column_of_the_district_may_be_called_like_ours(tmp_path: Path) -> None:
    """It is held and said like any unknown header, not taken for our notes and left out."""
    path = tmp_path / "a.csv"
    path.write_text(f"{HEADER},{NOTE_HEADER},{KEY_HEADER}\n{case(1)},已回访,甲\n", encoding="utf-8")
    reading = read_file(path, NAME, records())
    assert [p.header for p in reading.tables[0].problems] == [NOTE_HEADER, KEY_HEADER]
    assert ("", "return_column") not in reading.account


def test_a_view_has_all_cells_and_the_keys_apart(tmp_path: Path) -> None:
    _, [view] = look_through(workbook(tmp_path / "b.xlsx", marks=True), NAME, records(), 100)
    assert view.data == {3, 4}
    assert sorted(view.keys) == [3, 4, 6, 7]
    assert not any("R17" in cell for cells in view.rows.values() for cell in cells)
    assert view.position(3, "closed_on") == 4
    assert (view.name_of(3, 4), view.name_of(3, 11)) == ("closed_on", "L")


def test_a_long_sheet_shows_the_wanted_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("\n".join([HEADER, *(case(n) for n in range(2000))]), encoding="utf-8")
    _, [view] = look_through(path, "2015年调解.csv", records(), 500, {"": {1500}}.get)
    assert not view.is_whole
    assert view.rows[1500][0] == "1498"
    assert len(view.rows) == 101


@pytest.mark.parametrize("typed", ["R17-000123-{check}", " r17-000123-{lower}", "Ｒ17－000123－{check} "])
def test_a_key_survives_how_it_is_typed(typed: str) -> None:
    key = RowKey.of(17, 123, "ab" * 32, "表一")
    assert RowKey.parse(typed.format(check=key.check, lower=key.check.lower())) == key


def test_a_key_is_of_one_file_and_sheet() -> None:
    keys = {RowKey.of(17, 123, sha, sheet) for sha in ("a", "b") for sheet in ("表一", "")}
    assert len(keys) == 4
    assert RowKey.parse("R17-12-K7QM") is None
    assert RowKey.parse("17") is None
