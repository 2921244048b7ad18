"""Workbooks: typed cells become one fixed text each, and a reader that dies costs one file."""

from __future__ import annotations

import datetime as dt
import math
import os
import threading
import zipfile
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.read import close_readers
from flows.read.formats.number_formats import cell_text, number_text
from flows.read.formats.process import workbooks as sheet
from tests.read.forms import HEADER, case_rows, classes, codes, is_explained, read, rows_of, workbook


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("甲厂", "甲厂"),
        ("", None),
        (None, None),
        (1.0, "1"),
        (-0.0, "0"),
        (1.5, "1.5"),
        (0.1 + 0.2, "0.3"),
        (1e-7, "0.0000001"),
        (13900000001.0, "13900000001"),
        (500118990101123.0, "500118990101123"),
        (500118199001011234.0, "5.00118199001011E+17"),
        (1e15, "1E+15"),
        (True, "是"),
        (False, "否"),
        (dt.date(2015, 9, 1), "2015-09-01"),
        (dt.datetime.fromisoformat("2015-09-01"), "2015-09-01"),
        (dt.datetime.fromisoformat("2015-09-01T08:30"), "2015-09-01 08:30:00"),
        (dt.time(8, 30), "08:30:00"),
        (dt.timedelta(hours=30, minutes=5), "30:05:00"),
        (math.inf, "#NUM!"),
    ],
)
def test_cell_text(value: object, text: str | None) -> None:
    assert cell_text(value) == text


@settings(deadline=None)
@given(st.integers(-(10**15) + 1, 10**15 - 1))
def test_whole_numbers_of_fifteen_digits_are_exact(number: int) -> None:
    assert number_text(float(number)) == str(number)


@settings(deadline=None)
@given(st.integers(10**15, 10**18))
def test_longer_numbers_show_that_digits_are_lost(number: int) -> None:
    assert "E+" in number_text(float(number))


@settings(deadline=None)
@given(st.decimals(-10_000_000, 10_000_000, places=2))
def test_amounts_come_back_as_typed(amount: object) -> None:
    assert float(number_text(float(str(amount)))) == float(str(amount))


def test_rows_and_numbers_of_a_workbook(tmp_path: Path) -> None:
    day = dt.datetime.fromisoformat("2015-03-01")
    path = workbook(
        tmp_path / "2015年调解.xlsx",
        {
            "台账": [
                [],
                ["劳动争议调解台账"],
                [None, *HEADER],
                [None, "调1", day, 500118199001011234],
                [],
                [None, "调2", day, "乙厂"],
            ]
        },
    )
    reading = read(path)
    assert rows_of(reading) == [
        {"row_number": 4, "case_no": "调1", "accepted_on": "2015-03-01", "employer": "5.00118199001011E+17"},
        {"row_number": 6, "case_no": "调2", "accepted_on": "2015-03-01", "employer": "乙厂"},
    ]
    assert [m.position for m in reading.tables[0].columns] == [2, 3, 4]
    assert is_explained(reading)


def test_percent_formats_and_error_values_are_not_lost(tmp_path: Path) -> None:
    path = tmp_path / "2015年调解.xlsx"
    book = xlsxwriter.Workbook(str(path))
    page = book.add_worksheet("台账")
    page.write_row(0, 0, ["案号", "受理日期", "成功率", "涉及人数", "备注"])
    page.write_row(1, 0, ["调1", "2015-03-01"])
    page.write_number(1, 2, 0.856, book.add_format({"num_format": "0.0%"}))
    page.write_number(1, 3, 0.856, book.add_format({"num_format": "0.000"}))
    page.write_formula(1, 4, "=1/0", None, "#DIV/0!")
    book.close()
    row = rows_of(read(path))[0]
    assert (row["success_pct"], row["people"], row["remark"]) == ("85.6%", "0.856", "#DIV/0!")


def test_every_sheet_is_a_table_and_hidden_ones_are_named(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "2015年调解.xlsx",
        {
            "一月": [HEADER, *case_rows(2)],
            "说明": [["本表由各区县填报"]],
            "旧": [HEADER, *case_rows(9)],
            "空": [],
            "二月": [HEADER],
        },
        hidden=["旧"],
    )
    reading = read(path)
    assert [(t.sheet, t.ordinal) for t in reading.tables] == [("一月", 1), ("二月", 2)]
    assert [len(rows_of(reading, i)) for i in (0, 1)] == [2, 0]
    assert [(p.code, p.severity, p.sheet) for p in reading.problems] == [
        ("table_unrecognised", "warning", "说明"),
        ("sheet_hidden", "warning", "旧"),
    ]
    assert [t.is_zero_report for t in reading.tables] == [False, True]
    assert classes(reading)["hidden"] == 30
    assert is_explained(reading)


def test_a_workbook_without_any_table(tmp_path: Path) -> None:
    assert codes(read(workbook(tmp_path / "a.xlsx", {"空": []}))) == ["file_without_table"]
    assert codes(read(workbook(tmp_path / "b.xlsx", {"说明": [["本表由各区县填报"]]}))) == [
        "table_unrecognised"
    ]


def test_cells_in_the_last_row_and_column_are_read_without_filling_memory(tmp_path: Path) -> None:
    path = tmp_path / "2015年调解.xlsx"
    book = xlsxwriter.Workbook(str(path))
    page = book.add_worksheet("台账")
    page.write_row(0, 0, HEADER)
    page.write_row(1, 0, ["调1", "2015-03-01", "甲厂"])
    page.write_row(1_048_575, 0, ["调2", "2015-03-02", "乙厂"])
    page.write_string(1, 16_383, "完")
    book.close()
    reading = read(path)
    assert [(row["row_number"], row["employer"]) for row in rows_of(reading)] == [
        (2, "甲厂"),
        (1_048_576, "乙厂"),
    ]
    assert classes(reading)["ignored_no_header"] == 1
    assert [p.column_name for p in reading.tables[0].problems] == ["XFD"]
    assert is_explained(reading)


def test_more_cells_than_a_spreadsheet_of_ours_can_hold(tmp_path: Path) -> None:
    """A cell in every hundredth row, each in a column of its own: small as a file, huge as a table."""
    path = tmp_path / "2015年调解.xlsx"
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    page = book.add_worksheet("台账")
    page.write_row(0, 0, HEADER)
    for n in range(1, 10_000):
        page.write_string(n * 100, n, "完")
    book.close()
    assert codes(read(path)) == ["workbook_too_large"]


def test_thousands_of_blank_formatted_rows_cost_nothing(tmp_path: Path) -> None:
    path = tmp_path / "2015年调解.xlsx"
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    page, frame = book.add_worksheet("台账"), book.add_format({"border": 1})
    page.write_row(0, 0, HEADER)
    page.write_row(1, 0, ["调1", "2015-03-01", "甲厂"])
    for n in range(2, 20_000):
        page.write_blank(n, 2, None, frame)
    book.close()
    reading = read(path)
    assert len(rows_of(reading)) == 1
    assert reading.account.total() == 6


def test_a_package_that_unpacks_to_more_than_is_allowed(tmp_path: Path) -> None:
    """A gigabyte of blanks in a few megabytes."""
    path = workbook(tmp_path / "a.xlsx", {"一": [HEADER]})
    with (
        zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED, compresslevel=1) as package,
        package.open("xl/media/image1.bin", "w", force_zip64=True) as part,
    ):
        for _ in range(17):
            part.write(b" " * (64 << 20))
    assert codes(read(path)) == ["workbook_too_large"]


def worker_that(deed: str) -> str:
    """The child's script, doing something before it reads a file."""
    script = sheet._WORKER.read_text(encoding="utf-8").replace("__file__", repr(str(sheet._WORKER)))
    head, tail = script.split("def sheets(", 1)
    return f"{head}import time\n\n\ndef sheets({tail}".replace(
        "    return list(importlib", f"    {deed}\n    return list(importlib"
    )


def broken_reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str) -> None:
    """Replace the child's script for the test."""
    script = tmp_path / "reader.py"
    script.write_text(body, encoding="utf-8")
    close_readers()
    monkeypatch.setattr(sheet, "_WORKER", script)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("import sys; sys.stdin.readline(); sys.exit(3)", "workbook_crashed"),
        ("import sys, os; sys.stdin.readline(); os.abort()", "workbook_crashed"),
        (
            "import sys; sys.stdin.readline(); sys.stdout.write('nonsense'); sys.stdout.flush()",
            "workbook_crashed",
        ),
        ("import sys, time; sys.stdin.readline(); time.sleep(60)", "reader_failed"),
        ("raise SystemExit", "workbook_crashed"),
    ],
)
def test_a_dying_or_hanging_reader_is_one_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str, code: str
) -> None:
    path = workbook(tmp_path / "2015年调解.xlsx", {"一": [HEADER, *case_rows(1)]})
    with monkeypatch.context() as broken:
        broken_reader(tmp_path, broken, body)
        broken.setattr(sheet, "PATIENCE", 0.5 if "sleep" in body else 60)
        assert codes(read(path)) == [code]
    assert len(rows_of(read(path))) == 1  # the next file gets a new reader


@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX")
@pytest.mark.parametrize("name", ["SIGKILL", "SIGTERM", "SIGHUP"])
def test_a_reader_that_was_killed_says_nothing_about_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    path = workbook(tmp_path / "2015年调解.xlsx", {"一": [HEADER, *case_rows(1)]})
    with monkeypatch.context() as broken:
        script = f"import sys, os, signal; sys.stdin.readline(); os.kill(os.getpid(), signal.{name}); signal.pause()"
        broken_reader(tmp_path, broken, script)
        with pytest.raises(OSError, match="killed"):
            read(path)
    assert len(rows_of(read(path))) == 1


@pytest.mark.skipif(os.name == "nt", reason="no limit of processor time there")
def test_the_limit_is_of_work_and_not_of_waiting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine a file takes longer by the clock: it is read all the same."""
    path = workbook(tmp_path / "2015年调解.xlsx", {"一": [HEADER, *case_rows(1)]})
    for deed, found in (("time.sleep(2.5)", []), ("while True: pass", ["workbook_timeout"])):
        with monkeypatch.context() as slow:
            broken_reader(tmp_path, slow, worker_that(deed))
            slow.setattr(sheet, "SECONDS", 1)
            assert codes(read(path)) == found
    assert len(rows_of(read(path))) == 1
    close_readers()


def test_readers_are_used_again_and_from_several_threads(tmp_path: Path) -> None:
    close_readers()
    paths = [workbook(tmp_path / f"2015年调解{n}.xlsx", {"一": [HEADER, *case_rows(n)]}) for n in range(1, 9)]
    found: dict[int, int] = {}

    def work(numbers: range) -> None:
        for n in numbers:
            found[n] = len(rows_of(read(paths[n - 1])))

    threads = [threading.Thread(target=work, args=(numbers,)) for numbers in (range(1, 5), range(5, 9))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {n: n for n in range(1, 9)}
    assert len(sheet._idle) <= 2


@pytest.mark.skipif(os.name == "nt", reason="no memory limit there")
def test_a_bomb_ends_the_child_and_not_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A few kilobytes that unpack to more than the child may have."""
    close_readers()
    monkeypatch.setattr(sheet, "MEGABYTES", 250)
    path = tmp_path / "2015年调解.xlsx"
    rows = b'<row r="1">' + b'<c r="A1"/>' * 10_000_000 + b"</row>"
    whole = workbook(tmp_path / "a.xlsx", {"一": [HEADER]})
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for info in source.infolist():
            content = source.read(info)
            if info.filename == "xl/worksheets/sheet1.xml":
                start, end = content.index(b"<sheetData>") + 11, content.index(b"</sheetData>")
                content = content[:start] + rows + content[end:]
            target.writestr(info, content)
    assert codes(read(path)) == ["workbook_too_large"]
    close_readers()
