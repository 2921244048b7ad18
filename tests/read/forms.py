"""Small contracts and files for the reader's tests; independent of the project's own contracts."""

from __future__ import annotations

import csv
import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from unittest import mock

import numpy as np
import pyarrow as pa
import xlsxwriter

from flows.contract.record import Record
from flows.read import FileReading, read_file
from flows.read.formats.process.payload import SheetStructure
from flows.read.formats.process.workbooks import SheetGrid

Cell = str | int | float | bool | dt.datetime | None


def column(kind: str, *headers: str, **more: object) -> dict[str, object]:
    """A contract column whose first header is its label."""
    return {"type": kind, "label": headers[0], "description": headers[0], "header": list(headers), **more}


CASE = Record.model_validate(
    {
        "record": "case",
        "label": "调解台账",
        "description": "d",
        "area": "rights",
        "key": ["case_no"],
        "recognise": {"title": ["调解"], "columns": ["case_no", "accepted_on"]},
        "columns": {
            "case_no": column("text", "案号", "调解号", required=True),
            "accepted_on": column("date", "受理日期", "受理时间", required=True),
            "employer": column("text", "用人单位"),
            "person_id": column("citizen_id", "身份证号", personal="direct", bad="warn"),
            "people": column("count", "涉及人数", "人数", unit="人"),
            "claimed_yuan": column("money", "申请金额", unit="元"),
            "paid_yuan": column("money", "兑现金额", unit="元"),
            "success_pct": column("pct", "成功率"),
            "remark": column("withheld", "备注", personal="free_text"),
        },
    }
)

AID = Record.model_validate(
    {
        "record": "aid",
        "label": "法律援助",
        "description": "d",
        "area": "rights",
        "key": ["aid_no"],
        "recognise": {"title": ["援助"], "columns": ["aid_no", "accepted_on"]},
        "columns": {
            "aid_no": column("text", "援助编号", "案号", required=True),
            "accepted_on": column("date", "受理日期"),
            "employer": column("text", "用人单位"),
        },
    }
)

ROLL = Record.model_validate(
    {
        "record": "roll",
        "label": "花名册",
        "description": "d",
        "area": "organisation",
        "key": ["card_no"],
        "snapshot": True,
        "recognise": {"title": ["花名册"], "columns": ["card_no", "union_name"]},
        "columns": {
            "card_no": column("text", "会员证号", required=True),
            "union_name": column("text", "所在工会"),
        },
    }
)

STATISTICS = Record.model_validate(
    {
        "record": "statistics",
        "label": "统计年报",
        "description": "d",
        "area": "organisation",
        "key": ["unit_code"],
        "years_across": True,
        "recognise": {"title": ["统计"], "columns": ["unit_code"]},
        "columns": {
            "unit_code": column("unit", "地区", "单位", required=True),
            "year": column("year", "年度"),
            "unions": column("count", "基层工会数", unit="个"),
            "staff_people": column("count", "职工人数", unit="人"),
            "women_people": column("count", "女职工", unit="人"),
            "members_people": column("count", "会员人数", "工会会员人数", unit="人"),
            "employed_people": column("count", "城镇单位就业人员", unit="人"),
        },
    }
)

KINDS = {record.record: record for record in (CASE, AID, ROLL, STATISTICS)}
HEADER = ("案号", "受理日期", "用人单位")


def case_rows(count: int) -> list[list[str]]:
    """Plain data rows for HEADER."""
    return [[f"调{n}", "2015-03-01", f"第{n}厂"] for n in range(1, count + 1)]


def csv_file(
    path: Path, rows: Sequence[Sequence[object]], encoding: str = "utf-8", newline: str = "\r\n"
) -> Path:
    """Rows as the csv module writes them."""
    with path.open("w", encoding=encoding, newline="") as stream:
        csv.writer(stream, lineterminator=newline).writerows(rows)
    return path


def workbook(path: Path, sheets: Mapping[str, Sequence[Sequence[Cell]]], hidden: Sequence[str] = ()) -> Path:
    """Rows as a spreadsheet program writes them: typed, dates formatted as dates."""
    book = xlsxwriter.Workbook(str(path))
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        if name in hidden:
            sheet.hide()
        for i, row in enumerate(rows):
            for j, cell in enumerate(row):
                if isinstance(cell, dt.datetime):
                    sheet.write_datetime(i, j, cell, day)
                elif isinstance(cell, str):
                    sheet.write_string(i, j, cell)
                elif cell is not None:
                    sheet.write(i, j, cell)
    book.close()
    return path


def read(
    path: Path, name: str | None = None, kinds: Mapping[str, Record] | None = None, **more: object
) -> FileReading:
    """Read a file against the small contracts."""
    return read_file(path, name or path.name, kinds or KINDS, **more)  # type: ignore[arg-type]


def rows_of(reading: FileReading, table: int = 0) -> list[dict[str, object]]:
    """All rows of one table; the account is complete afterwards if it is the last."""
    return [row for batch in reading.tables[table].batches() for row in batch.to_pylist()]


def codes(reading: FileReading) -> list[str]:
    """Codes of all problems, of the file and of its tables."""
    return [p.code for p in reading.problems] + [p.code for t in reading.tables for p in t.problems]


def is_explained(reading: FileReading) -> bool:
    """Whether the account of cells adds up."""
    return reading.is_explained and "cells_unaccounted" not in codes(reading)


def classes(reading: FileReading) -> Counter[str]:
    """The account of cells by class, over all sheets."""
    found: Counter[str] = Counter()
    for (_, name), cells in reading.account.items():
        found[name] += cells
    return found


def sheet(
    tmp_path: Path,
    rows: Sequence[Sequence[str]],
    name: str = "a.xlsx",
    kinds: Mapping[str, Record] | None = None,
    spellings: Mapping[str, str] | None = None,
    **structure: object,
) -> FileReading:
    """Read rows as one worksheet with the given `SheetStructure`, whatever writes such a file."""
    cells = [(i, j, cell) for i, row in enumerate(rows) for j, cell in enumerate(row) if cell]
    columns = {j: np.full(len(rows), -1, dtype=np.int32) for _, j, _ in cells}
    for at, (i, j, _) in enumerate(cells):
        columns[j][i] = at
    numbers = np.arange(1, len(rows) + 1, dtype=np.int32)
    texts = pa.array([cell for _, _, cell in cells], pa.string())
    grid = SheetGrid("一", numbers, columns, texts, SheetStructure(**structure))  # type: ignore[arg-type]
    path = workbook(tmp_path / "a.xlsx", {"一": [["x"]]})
    with mock.patch("flows.read.file.open_grids", return_value=[grid]):
        return read(path, name, kinds, spellings=spellings)
