"""For every contract and each of its columns: dropped, under a word that nobody knows, twice, or with cells spoiled.

Whatever happens to one column, every row is read with the cells of all others, and the column is named: as missing, or
as held with what it may be.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.contract.catalogue import code_lists, records
from flows.contract.indicator import indicators
from flows.contract.record import Column, ColumnType, Record
from flows.contract.text import column_letter
from flows.read import Table
from tests.read.forms import csv_file, is_explained, read, rows_of

UNKNOWN = "神秘栏目甲"
_CELLS = {
    ColumnType.TEXT: ("甲厂", "乙厂"),
    ColumnType.NAME: ("赵甲", "钱乙"),
    ColumnType.WITHHELD: ("渝西路1号", "渝西路2号"),
    ColumnType.DATE: ("2015-03-01", "2015年4月2日"),
    ColumnType.SPAN: ("2015年3月", "2015-04-02"),
    ColumnType.YEAR: ("2015", "2015"),
    ColumnType.MONEY: ("1200.5", "800"),
    ColumnType.COUNT: ("12", "30"),
    ColumnType.DECIMAL: ("12.5", "30"),
    ColumnType.PCT: ("85%", "90%"),
    ColumnType.BOOL: ("是", "否"),
    ColumnType.CITIZEN_ID: ("510229198501010003", "510229198501010011"),
    ColumnType.CREDIT_CODE: ("91500118MA000001X9", "91500118MA000002X9"),
    ColumnType.PHONE: ("13800000001", "13800000002"),
    ColumnType.UNIT: ("永川区", "合川区"),
    ColumnType.DIVISION: ("中山路街道", "双石镇"),
}

Rows = list[list[str]]


def cells(column: Column) -> tuple[str, str]:
    """Two cells that a column of the type holds."""
    if column.type is ColumnType.CODE:
        first, second, *_ = code_lists()[column.list or ""]
        return first.label, second.label
    if column.type is ColumnType.INDICATOR:
        first_label, second_label, *_ = (i.label for i in indicators().values())
        return first_label, second_label
    return _CELLS[column.type]


def table_of(record: Record) -> Rows:
    """A title with the longest of the kind's words, the labels of all columns, two rows."""
    title = f"永川区2015年{max(record.recognise.title, key=len)}情况表"
    pairs = [cells(column) for column in record.read_columns]
    return [[title], [c.label for c in record.read_columns], [a for a, _ in pairs], [b for _, b in pairs]]


def reading_of(tmp_path: Path, rows: Rows, record: Record) -> tuple[Table, list[dict[str, object]]]:
    """The one table of a file and its rows without what the table says of all; every cell is accounted for."""
    reading = read(csv_file(tmp_path / "a.csv", rows), kinds=records())
    (table,) = reading.tables
    assert (table.record, table.held) == (record.record, False)
    found = [{k: v for k, v in row.items() if k not in table.filled} for row in rows_of(reading)]
    assert is_explained(reading)
    return table, found


def without(rows: list[dict[str, object]], name: str) -> list[dict[str, object]]:
    return [{key: value for key, value in row.items() if key != name} for row in rows]


@pytest.mark.parametrize("kind", sorted(records()))
def test_a_column_that_is_dropped_takes_nothing_with_it(tmp_path: Path, kind: str) -> None:
    record = records()[kind]
    rows = table_of(record)
    _, whole = reading_of(tmp_path, rows, record)
    assert [len(row) for row in whole] == [1 + len(record.read_columns)] * 2
    for position, column in enumerate(record.read_columns):
        dropped = [rows[0], *([*row[:position], *row[position + 1 :]] for row in rows[1:])]
        table, found = reading_of(tmp_path, dropped, record)
        assert found == without(whole, column.name), column.name
        assert not any(m.is_held for m in table.columns)
        missing = [p.column_name for p in table.problems if p.code == "column_missing"]
        assert missing == [column.label] * (column.required and column.name not in table.filled), column.name


@pytest.mark.parametrize("kind", sorted(records()))
def test_a_column_under_an_unknown_word_is_held_and_may_be_what_it_is(tmp_path: Path, kind: str) -> None:
    record = records()[kind]
    rows = table_of(record)
    _, whole = reading_of(tmp_path, rows, record)
    for position, column in enumerate(record.read_columns):
        header = [*rows[1][:position], UNKNOWN, *rows[1][position + 1 :]]
        table, found = reading_of(tmp_path, [rows[0], header, *rows[2:]], record)
        assert found == without(whole, column.name), column.name
        (held,) = [m for m in table.columns if m.is_held]
        assert held.header == UNKNOWN
        assert column.name in held.candidates or column.name in table.filled, column.name
        said = [(p.code, p.severity, p.column_name, p.header) for p in table.problems if p.header]
        assert said == [("header_unknown", "warning", column_letter(position + 1), UNKNOWN)]


@pytest.mark.parametrize("kind", sorted(records()))
def test_spoiled_cells_hold_nothing_back(tmp_path: Path, kind: str) -> None:
    record = records()[kind]
    rows = table_of(record)
    _, whole = reading_of(tmp_path, rows, record)
    for position, column in enumerate(record.read_columns):
        spoiled = [[*row[:position], "见附件", *row[position + 1 :]] for row in rows[2:]]
        _, found = reading_of(tmp_path, [*rows[:2], *spoiled], record)
        assert found == [{**row, column.name: "见附件"} for row in whole], column.name


@pytest.mark.parametrize("kind", sorted(records()))
def test_a_header_that_comes_twice_holds_both_columns(tmp_path: Path, kind: str) -> None:
    record = records()[kind]
    rows = table_of(record)
    _, whole = reading_of(tmp_path, rows, record)
    for position, column in enumerate(record.read_columns):
        again = [rows[0], [*rows[1], rows[1][position]], *([*row, "另一个"] for row in rows[2:])]
        table, found = reading_of(tmp_path, again, record)
        assert found == without(whole, column.name), column.name
        assert [m.candidates[0] for m in table.columns if m.is_held] == [column.name] * 2
        assert {p.code for p in table.problems} == {"header_repeated"}
