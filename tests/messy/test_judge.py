"""The judge itself: a truth written down by hand, and a reader that is made to err in every way it must notice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import openpyxl
import pyarrow as pa
import pytest

from flows.contract.catalogue import records
from flows.contract.record import ColumnType, Record
from flows.read import FileReading, Table, read_file
from tests.messy.case import FEATURES, build
from tests.messy.form import lay_header
from tests.messy.frame import grand_total, merged_keys
from tests.messy.judge import count_cells, judge, shrink
from tests.messy.layout import Block, Case, Cell, Col, Line, Sheet, plain, source
from tests.messy.write import write


def by_hand() -> Case:
    """A ledger in B3:E8: title, note, header of two rows, two rows of which one cell is merged, a total."""
    columns = [
        Col("case_no", ColumnType.TEXT, "案号"),
        Col("accepted_on", ColumnType.DATE, "受理日期"),
        Col("employer", ColumnType.TEXT, "用人单位", ("当事人",)),
        Col("claimant_people", ColumnType.COUNT, "涉及人数", ("当事人",)),
    ]
    block = Block(records()["mediation"], (date(2015, 1, 1), date(2015, 12, 31)), columns)
    block.above = [Line("title", {0: plain("2015年劳动争议调解台账")})]
    lay_header(block)
    first = Line("data", {0: plain("调1"), 1: plain("2015-3-1"), 2: plain("甲厂"), 3: Cell(2, "2")})
    second = Line("data", {0: plain("调2"), 1: plain("2015-3-2"), 3: Cell(3, "3")}, filled={2: "甲厂"})
    block.body = [first, second]
    block.down_merges.append((first, second, 2))
    grand_total(source("by hand"), block)
    sheet = Sheet("Sheet1")
    sheet.place(block, top=3, left=2)
    return Case(0, frozenset(), "报表.xlsx", [sheet])


def test_the_truth_of_a_ledger_laid_by_hand() -> None:
    truth = by_hand().tables[0]
    assert truth.rows == {
        6: {"case_no": "调1", "accepted_on": "2015-3-1", "employer": "甲厂", "claimant_people": "2"},
        7: {"case_no": "调2", "accepted_on": "2015-3-2", "employer": "甲厂", "claimant_people": "3"},
    }
    assert (truth.header_rows, truth.totals) == ((4, 5), {8: "right"})
    assert truth.columns == {2: "case_no", 3: "accepted_on", 4: "employer", 5: "claimant_people"}


def test_a_ledger_laid_by_hand_stands_where_it_was_put(tmp_path: Path) -> None:
    file = write(by_hand(), tmp_path)
    page = openpyxl.load_workbook(file.path)["Sheet1"]
    assert [[c.value for c in row] for row in page["B3:E7"]] == [
        ["2015年劳动争议调解台账", None, None, None],
        ["案号", "受理日期", "当事人", None],
        [None, None, "用人单位", "涉及人数"],
        ["调1", "2015-3-1", "甲厂", 2],
        ["调2", "2015-3-2", None, 3],
    ]
    assert {str(merge) for merge in page.merged_cells.ranges} >= {"B4:B5", "C4:C5", "D4:E4", "D6:D7"}
    assert (page["E8"].value, count_cells(file)) == ("=5+0", 1 + 3 + 2 + 4 + 3 + 2)


def test_merged_keys_are_the_text_of_every_row_they_span() -> None:
    block = Block(
        records()["mediation"],
        (date(2015, 1, 1), date(2015, 12, 31)),
        [Col("employer", ColumnType.TEXT, "用人单位")],
    )
    block.body = [Line("data", {0: plain(f"{n}厂")}) for n in range(6)]
    merged_keys(source("merges"), block)
    assert block.down_merges
    for first, last, offset in block.down_merges:
        inside = block.body[block.body.index(first) + 1 : block.body.index(last) + 1]
        assert all(line.filled == {0: first.cells[offset].text} and not line.cells for line in inside)


#: Features that show only beside another one, and those that only choose how a file is written.
BESIDE = {
    "prenumbered_rows": ["serial_column"],
    "wrong_total": ["grand_total"],
    "date_formats": ["typed_cells"],
}
WRITERS = ("inline_strings", "openpyxl", "trimmed_lines", "epoch_1904", "formatted_blanks")


@pytest.mark.parametrize("feature", [feature for feature in FEATURES if feature not in WRITERS])
def test_every_feature_shows_and_is_the_same_each_time(feature: str) -> None:
    beside = BESIDE.get(feature, [])
    cases = [(build(seed, beside), build(seed, [*beside, feature])) for seed in range(20)]
    assert any((a.sheets, a.name) != (b.sheets, b.name) for a, b in cases)
    assert [build(seed, [*beside, feature]) for seed in range(20)] == [b for _, b in cases]


def reader_that(change: Callable[[FileReading], None]) -> Callable[..., FileReading]:
    """The real reader, with its result tampered with."""

    def read(path: Path, name: str, kinds: dict[str, Record]) -> FileReading:
        reading = read_file(path, name, kinds)
        change(reading)
        return reading

    return read


def rows_changed(change: Callable[[pa.Table], pa.Table]) -> Callable[[FileReading], None]:
    """Tamper with the rows of the first table."""

    def tamper(reading: FileReading) -> None:
        table = reading.tables[0]
        inner = table.rows

        def rows() -> Iterator[pa.RecordBatch]:
            content = pa.Table.from_batches(list(inner or ()))
            yield from change(content).combine_chunks().to_batches()

        table.rows = rows()

    return tamper


def shifted(content: pa.Table) -> pa.Table:
    numbers = pa.compute.add(content["row_number"], pa.scalar(1, pa.int32()))
    return content.set_column(0, "row_number", numbers)


def altered(content: pa.Table) -> pa.Table:
    name = content.column_names[1]
    return content.set_column(1, name, pa.compute.replace_substring(content[name], "厂", "场"))


def when_read(change: Callable[[FileReading], None]) -> Callable[[FileReading], None]:
    """Tamper with what is complete only when the rows have been handed over."""

    def tamper(reading: FileReading) -> None:
        inner = reading.tables[0].rows

        def rows() -> Iterator[pa.RecordBatch]:
            yield from inner or ()
            change(reading)

        reading.tables[0].rows = rows()

    return tamper


def counted_less(reading: FileReading) -> None:
    reading.cells_nonempty -= 1
    reading.account[cells_of(reading, "title")[0]] -= 1


def of_other_days(reading: FileReading) -> None:
    found = reading.tables[0]
    found.covers_from = (found.covers_from or date(2015, 1, 1)) - timedelta(days=1)


def of_other_unit(reading: FileReading) -> None:
    found = reading.tables[0]
    found.columns = tuple(replace(m, unit="万元") for m in found.columns)


def forgotten(reading: FileReading) -> None:
    reading.tables.clear()


def blamed(reading: FileReading) -> None:
    reading.tables[0].held = True


def moved(kind: str) -> Callable[[FileReading], None]:
    """Count the cells of a class as titles."""

    def move(reading: FileReading) -> None:
        for key in cells_of(reading, kind):
            reading.account[key[0], "title"] += reading.account.pop(key)

    return when_read(move)


def cells_of(reading: FileReading, kind: str) -> list[tuple[str, str]]:
    """Keys (sheet, class) of a class in the account."""
    return [key for key in reading.account if key[-1] == kind]


SOUND = 36


@pytest.mark.parametrize(
    ("cause", "change"),
    [
        ("row lost", rows_changed(lambda content: content.slice(1))),
        ("row invented", rows_changed(lambda content: pa.concat_tables([content, content.slice(0, 1)]))),
        ("row invented", rows_changed(shifted)),
        ("cell wrong", rows_changed(altered)),
        (
            "row rejected",
            rows_changed(lambda c: c.append_column("_reader_issue", pa.array(["row_ragged"] * len(c)))),
        ),
        ("cells lost", when_read(counted_less)),
        ("account broken", when_read(lambda reading: reading.account.update({("", "title"): 99}))),
        ("period wrong", of_other_days),
        ("unit wrong", of_other_unit),
        ("table lost", forgotten),
        ("table held", blamed),
        ("data taken for title", moved("used")),
        ("cells of class subtotal", moved("subtotal")),
    ],
)
def test_a_reader_that_errs_is_found_out(cause: str, change: Callable[[FileReading], None]) -> None:
    case = build(SOUND, ["grand_total"])
    sound = judge(case)
    assert (sound.findings, sound.right) == ([], sound.expected)
    verdict = judge(case, reader_that(change))
    assert cause in verdict.causes


def test_an_open_column_is_found_when_it_takes_rows_with_it_or_goes_unsaid() -> None:
    case = build(SOUND, ["unknown_column"])
    assert judge(case).findings == []
    assert "table held" in judge(case, reader_that(blamed)).causes
    assert "row lost" in judge(case, reader_that(blamed)).causes
    silent = reader_that(lambda reading: reading.tables[0].problems.clear())
    assert "header_unknown unsaid" in judge(case, silent).causes


def test_a_second_table_that_is_none_is_found() -> None:
    def double(reading: FileReading) -> None:
        batch = pa.record_batch({"row_number": pa.array([3], pa.int32())})
        first: Table = reading.tables[0]
        reading.tables.append(replace(first, ordinal=2, rows=iter([batch])))

    assert "table invented" in judge(build(SOUND, []), reader_that(double)).causes


def test_a_failing_case_shrinks_to_what_it_needs() -> None:
    def miscount(reading: FileReading) -> None:
        reading.cells_nonempty += bool(cells_of(reading, "subtotal"))

    features = ["grand_total", "serial_column", "blank_ends", "synonyms"]
    assert shrink(SOUND, features, reader_that(when_read(miscount))) == {"grand_total"}
