"""Forms handed out: what is filled in comes back column by column, an empty one is a zero report."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from pathlib import Path

import openpyxl
import pytest

from flows.contract.catalogue import code_lists, records
from flows.contract.record import CodeEntry, Column, ColumnType, Record
from flows.contract.text import column_letter
from flows.read import ISSUE_COLUMN, FileReading, read_file
from flows.read.tables.columns.measures import as_unit
from flows.read.tables.periods import settle
from flows.report.files.form_header import Handout, covered, spoken
from flows.report.files.template import template, write_templates
from flows.sample.cell_forms import Draft, LotTotals
from flows.sample.filler import RowFiller
from flows.sample.handwriting import write_cell
from flows.sample.intent import ClerkStyle
from flows.sample.senders import senders

KINDS = records()
HANDOUT = Handout("永川区总工会", covered("2015"))
DAY = date(2015, 12, 31)
#: The indicator and the subject of a row are no guesswork of the generic sample.
GIVEN = {ColumnType.INDICATOR: "members", ColumnType.UNIT: "永川区"}


def filled(record: Record, path: Path) -> list[dict[str, str | None]]:
    """Two made-up rows typed into an empty form as a person would; their cells by column."""
    sender = next(s for s in senders() if s.is_article)
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    given = {c.name: GIVEN[c.type] for c in record.read_columns if c.type in GIVEN}
    filler, written = RowFiller(record, given), []
    for serial in (1, 2):
        values = filler.fill(Draft(sender, sender.dice(serial), DAY, serial, serial, LotTotals(2, None)), {})
        row = []
        for position, column in enumerate(record.read_columns, 1):
            value = write_cell(column, values.get(column.name), ClerkStyle(typed=True), 1)
            place = sheet.cell(5 + serial, position, value)
            if column.type is ColumnType.DATE:
                place.number_format = "yyyy-mm-dd"
            row.append((column.name, None if value is None else str(value)))
        written.append(dict(row))
    book.save(path)
    return written


def form(folder: Path, record: Record, handout: Handout = HANDOUT) -> Path:
    ((path,), differing) = write_templates([record], folder, handout)
    assert differing == []
    return path


def rows_of(reading: FileReading) -> list[dict[str, object]]:
    (table,) = reading.tables
    return [row for batch in table.batches() for row in batch.to_pylist()]


def serious(reading: FileReading) -> list[tuple[str, str]]:
    """Everything but remarks."""
    found = [*reading.problems, *(p for t in reading.tables for p in t.problems)]
    return [(p.code, p.sheet) for p in found if p.severity != "info"]


@pytest.mark.parametrize("record", KINDS.values(), ids=KINDS)
def test_what_is_filled_in_comes_back(record: Record, tmp_path: Path) -> None:
    path = form(tmp_path, record)
    written = filled(record, path)
    reading = read_file(path, path.name, KINDS)
    read = rows_of(reading)
    (table,) = reading.tables
    assert serious(reading) == []
    assert table.record == record.record
    assert [(m.column, m.evidence) for m in table.columns] == [(c.name, "exact") for c in record.read_columns]
    assert {m.column: m.unit for m in table.columns if m.unit} == {
        c.name: as_unit(c.unit) for c in record.read_columns if c.unit
    }
    assert (table.covers_from, table.covers_to, table.covers_evidence) == (
        date(2015, 1, 1),
        DAY,
        "note",
    )
    assert [row.pop("row_number") for row in read] == [6, 7]
    assert all(ISSUE_COLUMN not in row for row in read)
    assert read == written
    assert sum(reading.account.values()) == reading.cells_nonempty


@pytest.mark.parametrize("record", KINDS.values(), ids=KINDS)
def test_an_empty_form_is_a_zero_report(record: Record, tmp_path: Path) -> None:
    path = form(tmp_path, record)
    reading = read_file(path, path.name, KINDS)
    assert rows_of(reading) == []
    assert serious(reading) == []
    assert reading.tables[0].is_zero_report
    assert reading.tables[0].record == record.record


def test_without_a_period_the_form_says_that_it_lacks_one(tmp_path: Path) -> None:
    path = form(tmp_path, KINDS["mediation"], Handout())
    reading = read_file(path, path.name, KINDS)
    assert serious(reading) == [("period_unknown", "劳动争议调解台账")]


@pytest.mark.parametrize("kind", ["mediation", "union_statistics"])
def test_a_form_saved_by_another_program_reads_the_same(kind: str, tmp_path: Path) -> None:
    soffice = shutil.which("soffice")
    if soffice is None:
        pytest.skip("LibreOffice (soffice) is not installed")
    path = form(tmp_path, KINDS[kind])
    filled(KINDS[kind], path)
    command = [
        soffice,
        f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}",
        "--headless",
        "--convert-to",
        "xlsx",
        "--outdir",
        str(tmp_path / "saved"),
        str(path),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    before = read_file(path, path.name, KINDS)
    after = read_file(tmp_path / "saved" / path.name, path.name, KINDS)
    assert rows_of(after) == rows_of(before)
    assert serious(after) == []
    assert after.tables[0].columns == before.tables[0].columns


def test_the_same_contract_gives_the_same_bytes_and_nothing_is_overwritten(tmp_path: Path) -> None:
    record = KINDS["mediation"]
    path = form(tmp_path, record)
    assert path.read_bytes() == template(record, HANDOUT)
    assert form(tmp_path, record) == path
    other = tmp_path / f"{KINDS['member'].label}.xlsx"
    assert write_templates([KINDS["member"], record], tmp_path, Handout()) == ([other], [path])
    assert path.read_bytes() == template(record, HANDOUT)
    assert other.read_bytes() == template(KINDS["member"], Handout())


@pytest.mark.parametrize("record", KINDS.values(), ids=KINDS.keys())
def test_a_form_prints_at_most_twelve_columns_to_a_page_and_never_too_small(
    tmp_path: Path, record: Record
) -> None:
    sheet = openpyxl.load_workbook(form(tmp_path, record)).worksheets[0]
    columns = len(record.read_columns)
    breaks = [0, *(b.id for b in sheet.col_breaks.brk), columns]
    assert all(b - a <= 12 for a, b in pairwise(breaks))
    assert (sheet.page_setup.orientation, sheet.print_title_rows) == ("landscape", "$5:$5")
    widths = [sheet.column_dimensions[column_letter(i)].width for i in range(1, columns + 1)]
    if len(breaks) == 2:
        assert sum(widths) <= 190 and sheet.page_setup.fitToHeight == 0
    else:
        assert sheet.page_setup.scale >= 65


def validations(path: Path) -> Mapping[str, object]:
    """Column letter → its rule."""
    sheet = openpyxl.load_workbook(path).worksheets[0]
    return {str(rule.sqref).split("6:")[0]: rule for rule in sheet.data_validations.dataValidation}


def letters(record: Record) -> dict[str, Column]:
    return {openpyxl.utils.get_column_letter(n): c for n, c in enumerate(record.read_columns, 1)}


def test_cells_offer_what_the_code_list_allows_and_ids_are_text(tmp_path: Path) -> None:
    record = KINDS["needy_worker"]
    path = form(tmp_path, record)
    rules, sheet = validations(path), openpyxl.load_workbook(path).worksheets[0]
    for letter, column in letters(record).items():
        rule = rules[letter]
        if column.list == "hardship_category":
            assert rule.formula1.strip('"').split(",") == [  # type: ignore[attr-defined]
                e.label
                for e in code_lists()["hardship_category"]
                if (e.valid_from or 0) <= 2015 <= (e.valid_to or 9999)
            ]
        if column.type in (ColumnType.CITIZEN_ID, ColumnType.PHONE, ColumnType.CODE, ColumnType.TEXT):
            assert sheet.column_dimensions[letter].number_format == "@", column.name
        if column.type is ColumnType.DATE:
            assert rule.type == "date"  # type: ignore[attr-defined]
            assert sheet.column_dimensions[letter].number_format == "yyyy-mm-dd"
    headers = {c.value: letters(record)[c.column_letter] for c in sheet[5]}
    assert all(str(text).startswith("*") is column.required for text, column in headers.items())


def test_a_percentage_typed_into_its_column_is_read_as_one(tmp_path: Path) -> None:
    """A program that applies the column's format stores 85 as 0.85 shown as 85%."""
    record = KINDS["union_funds"]
    path = form(tmp_path, record)
    filled(record, path)
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    (letter,) = [k for k, c in letters(record).items() if c.name == "collected_pct"]
    sheet[f"{letter}6"] = 0.85
    sheet[f"{letter}6"].number_format = sheet.column_dimensions[letter].number_format
    book.save(path)
    assert rows_of(read_file(path, path.name, KINDS))[0]["collected_pct"] == "85%"


def test_codes_of_other_years_are_offered_when_no_period_is_named() -> None:
    entries = (
        CodeEntry(code="a", label="旧", valid_to=2012),
        CodeEntry(code="b", label="新", valid_from=2013),
    )
    record, lists = KINDS["mediation"], {**code_lists(), "mediation_result": entries}
    assert template(record, Handout(), lists) != template(record, HANDOUT, lists)


def test_a_list_too_long_for_a_cell_stands_in_a_hidden_sheet(tmp_path: Path) -> None:
    entries = tuple(CodeEntry(code=str(n), label=f"第{n}种处理结果") for n in range(60))
    record, path = KINDS["mediation"], tmp_path / "a.xlsx"
    path.write_bytes(template(record, HANDOUT, {**code_lists(), "mediation_result": entries}))
    (letter,) = [k for k, c in letters(record).items() if c.name == "result"]
    rule = validations(path)[letter]
    assert rule.formula1 == f"'代码表'!${letter}$1:${letter}$60"  # type: ignore[attr-defined]
    sheet = openpyxl.load_workbook(path)["代码表"]
    assert sheet.sheet_state == "hidden"
    assert [sheet[f"{letter}{n}"].value for n in range(1, 61)] == [e.label for e in entries]
    reading = read_file(path, "a.xlsx", KINDS)
    assert rows_of(reading) == []
    assert serious(reading) == []
    assert [(p.sheet, p.severity) for p in reading.problems if p.code == "sheet_hidden"] == [
        ("代码表", "info")
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2015", "2015年"),
        ("2015-09", "2015年9月"),
        ("2015年1-9月", "2015年1-9月"),
        ("2015年第三季度", "2015年7-9月"),
        ("201411-201510", "2014年11月至2015年10月"),
        ("2014-2015", "2014年1月至2015年12月"),
        ("截至2015年9月30日", "截至2015年9月30日"),
        ("2015-09-01至2015-09-15", "2015年9月1日至2015年9月15日"),
    ],
)
def test_a_period_is_said_so_that_it_is_found_again(text: str, said: str) -> None:
    period = covered(text)
    assert spoken(period) == said
    assert settle([covered(f"所属期：{said}")], snapshot=False) == period


@pytest.mark.parametrize("text", ["", "今年", "2014年、2015年", "2015年13月"])
def test_what_is_no_single_period_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="2015-09"):
        covered(text)
