"""Nothing is lost: for any mixture of rows, every non-empty cell and every row is in exactly one place."""

from __future__ import annotations

import csv
import tempfile
from pathlib import Path
from unittest import mock

from hypothesis import given, settings
from hypothesis import strategies as st

from flows.read.grid import WHITE
from tests.read.forms import classes, csv_file, is_explained, read, rows_of, workbook

HEADER = ["序号", "案号", "受理日期", "用人单位", "备注"]
WORDS = st.sampled_from(["", "甲厂", "x", "2015-03-01", "说明：无", "合计", "12"])
DATA = st.tuples(st.sampled_from(["", "1", "7"]), st.just("调1"), st.just("2015-03-01"), WORDS, WORDS)
#: Row, and the class that all its cells belong to.
NO_DATA = st.sampled_from(
    [
        (["", "合 计", "", "3", ""], "subtotal"),
        (["小计", "", "", "", "9"], "subtotal"),
        (["", "全区总计：", "", "", ""], "subtotal"),
        (["注：以上均为结案数", "", "", "", ""], "note"),
        (["填表人：某甲", "", "审核人：某乙", "", ""], "note"),
        (["", "", "单位（盖章）", "", ""], "note"),
        (["12", "", "", "", ""], "serial_only"),
        (HEADER, "repeated_header"),
        (["", " ", "\u3000", "", ""], "blank"),
    ]
)
BROKEN = st.sampled_from(
    [["1", "调2", "2015-03-01"], ["1", "调3", "2015-03-01", "", "", "多"], ["", "", "", "甲厂"]]
)
ROW = st.one_of(
    DATA.map(lambda row: (list(row), "data")), NO_DATA, BROKEN.map(lambda row: (list(row), "rejected"))
)


@settings(deadline=None)
@given(rows=st.lists(ROW, max_size=30), block=st.sampled_from([1 << 23, 50, 300]))
def test_every_row_and_cell_of_a_csv_is_explained(rows: list[tuple[list[str], str]], block: int) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        mock.patch("flows.read.formats.delimited_text.lines.BLOCK", block),
    ):
        path = csv_file(
            Path(folder) / "2015年调解.csv",
            [HEADER, ["1", "调0", "2015-03-01", "", ""], *(r for r, _ in rows)],
        )
        with path.open(encoding="utf-8", newline="") as stream:
            cells = sum(bool(cell.strip(WHITE)) for row in csv.reader(stream) for cell in row)
        with mock.patch("flows.read.formats.delimited_text.lines.LONGEST", 1 << 23):
            reading = read(path)
            found = rows_of(reading)
    kinds = ["data", *(kind for _, kind in rows)]
    assert reading.cells_nonempty == cells
    assert is_explained(reading)
    expected = {n: kind for n, kind in enumerate(kinds, 2) if kind in ("data", "rejected")}
    assert {
        row["row_number"]: "rejected" if row.get("_reader_issue") else "data" for row in found
    } == expected
    table = reading.tables[0]
    assert table.rows_read == table.rows_ignored + len(found) == sum(kind != "blank" for kind in kinds)
    for rule in ("subtotal", "note", "serial_only", "repeated_header"):
        assert classes(reading)[rule] == sum(
            bool(c.strip()) for row, kind in rows if kind == rule for c in row
        )


@settings(deadline=None)
@given(rows=st.lists(st.one_of(DATA.map(lambda row: (list(row), "data")), NO_DATA), min_size=1, max_size=12))
def test_a_workbook_gives_what_the_same_rows_as_text_give(rows: list[tuple[list[str], str]]) -> None:
    content = [HEADER, ["1", "调0", "2015-03-01", "", ""], *(row for row, _ in rows)]
    with tempfile.TemporaryDirectory() as folder:
        book = read(workbook(Path(folder) / "2015年调解.xlsx", {"一": content}))
        text = read(csv_file(Path(folder) / "2015年调解.csv", content))
        assert rows_of(book) == rows_of(text)
    assert classes(book) == classes(text)
    assert book.tables[0].rows_read == text.tables[0].rows_read
