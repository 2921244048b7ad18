"""CSV: what was written comes back cell by cell with its line number, and damage costs only its own line."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Sequence
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from flows.read import BATCH_ROWS
from flows.read.formats.delimited_text.lines import count_lines
from flows.read.formats.file_format import Sniffed
from flows.read.grid import WHITE
from tests.read.forms import HEADER, case_rows, codes, csv_file, is_explained, read, rows_of

CELL = st.text(
    st.one_of(
        st.sampled_from('a1,"\n;\t 中文０，。𠮷é\u3000\xa0'),
        st.characters(codec="gb18030", exclude_categories=["Cc", "Cs"]),
    ),
    max_size=6,
)
ROW = st.tuples(st.just("调"), CELL, CELL)


def written(rows: Sequence[Sequence[str]], newline: str, quoting: int) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator=newline, quoting=quoting).writerows(rows)  # type: ignore[arg-type]
    return out.getvalue()


@settings(deadline=None)
@given(
    rows=st.lists(ROW, max_size=12),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]),
    newline=st.sampled_from(["\n", "\r\n", "\r"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    block=st.sampled_from([1 << 23, 1, 7, 64, 200]),
)
@example(rows=[("调", "a\nb", '"')], encoding="utf-16", newline="\r\n", quoting=csv.QUOTE_ALL, block=7)
def test_round_trip(
    rows: list[tuple[str, str, str]], encoding: str, newline: str, quoting: int, block: int
) -> None:
    """Any cells, any encoding, quoting and line end, blocks of any size: same cells, same line numbers."""
    if newline == "\r":
        quoting = csv.QUOTE_ALL  # or the writer itself leaves a line feed in a cell without quotes
    # Enough plain Chinese that rare characters in the cells leave the encoding in no doubt.
    text = written([["劳动争议调解台账" * 40], ["案号", "受理日期", "备注"], *rows], newline, quoting)
    with (
        tempfile.TemporaryDirectory() as folder,
        mock.patch("flows.read.formats.delimited_text.lines.BLOCK", block),
    ):
        path = Path(folder) / "2015年调解.csv"
        path.write_bytes(text.encode(encoding))
        with mock.patch("flows.read.formats.delimited_text.lines.LONGEST", 1 << 23):
            reading = read(path)
            found = rows_of(reading)
    expected, line = [], 3
    for number, second, third in rows:
        cells = [
            cell.replace("\r\n", "\n").replace("\r", "\n").strip(WHITE) or None for cell in (second, third)
        ]
        expected.append({"row_number": line, "case_no": number, "accepted_on": cells[0], "remark": cells[1]})
        line += 1 + sum(cell.count("\n") for cell in (second, third))
    assert found == expected
    assert is_explained(reading)
    assert reading.tables[0].rows_read == len(rows)


def lines(path: Path, *text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes("\n".join(["案号,受理日期,用人单位", *text, ""]).encode(encoding))
    return path


GOOD = {"row_number": 2, "case_no": "调1", "accepted_on": "2015-03-01", "employer": "甲厂"}


def rejected(row: dict[str, object]) -> tuple[object, object]:
    return row["row_number"], row["_reader_issue"]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("调2,2015-03-02", "row_ragged"),
        ("调2,2015-03-02,乙厂,多", "row_ragged"),
        ('调2,2015-03-02,"乙厂', "row_misquoted"),
        ('调2,2015-03-02,"乙"厂', "row_misquoted"),
        ('调2,"2015-03-02,乙厂', "row_misquoted"),
        ('调2,2015-03-02,乙"厂', "row_misquoted"),
        ('调2",2015-03-02,乙厂', "row_misquoted"),
        ('调2,乙"厂,"', "row_misquoted"),
        ('调2",乙厂"', "row_misquoted"),
        ("调2,2015-03-02," + "长" * 40_000, "cell_too_long"),
    ],
)
def test_a_bad_line_costs_itself_alone(tmp_path: Path, line: str, code: str) -> None:
    path = lines(
        tmp_path / "2015年调解.csv", "调1,2015-03-01,甲厂", line, "调3,2015-03-03,丙厂", '调4,"2015,3",丁厂'
    )
    reading = read(path)
    rows = rows_of(reading)
    assert [row["row_number"] for row in rows] == [2, 3, 4, 5]
    assert rejected(rows[1]) == (3, code)
    assert rows[1]["case_no"] is None  # what stands in the wrong column is not shown as if it stood right
    assert [row["case_no"] for row in rows] == ["调1", None, "调3", "调4"]
    assert rows[3]["accepted_on"] == "2015,3"
    assert [row["_reader_issue"] for row in rows] == [None, code, None, None]
    assert reading.tables[0].rows_read == 4
    assert is_explained(reading)


def test_batches_without_a_rejected_row_have_no_issue_column(tmp_path: Path) -> None:
    path = csv_file(tmp_path / "2015年调解.csv", [HEADER, *case_rows(2 * BATCH_ROWS + 3616), ["调", "x"]])
    batches = list(read(path).tables[0].batches())
    assert [batch.num_rows for batch in batches] == [BATCH_ROWS, BATCH_ROWS, 3617]
    assert ["_reader_issue" in batch.schema.names for batch in batches] == [False, False, True]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_undecodable_bytes_cost_their_line(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "2015年调解.csv"
    good = "案号,受理日期,用人单位\n调1,2015-03-01,永川机械制造厂\n调2,2015-03-01,永川机械制造厂\n"
    path.write_bytes(good.encode(encoding) + b"\xb5\xff\xff,x,y\n" + "调4,2015-03-01,丁厂\n".encode(encoding))
    reading = read(path)
    rows = rows_of(reading)
    assert reading.encoding == encoding
    assert rejected(rows[2]) == (4, "bytes_undecodable")
    assert [row["case_no"] for row in rows] == ["调1", "调2", None, "调4"]
    assert is_explained(reading)


@pytest.mark.parametrize("cut", [0, 1])
def test_lone_surrogates_and_half_units_of_utf16_cost_their_line(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "2015年调解.csv"
    lines = "案号,受理日期\n调1,甲\n调2,\ud800\n调3,丙\n调4,丁".encode("utf-16-le", "surrogatepass")
    path.write_bytes(b"\xff\xfe" + lines[: len(lines) - cut])
    rows = rows_of(read(path))
    assert [row["case_no"] for row in rows] == ["调1", None, "调3", None if cut else "调4"]
    assert rejected(rows[1]) == (3, "bytes_undecodable")
    assert (rows[3].get("_reader_issue") is None) == (cut == 0)


def test_a_ten_megabyte_line_costs_itself_alone(tmp_path: Path) -> None:
    path = lines(
        tmp_path / "2015年调解.csv", "调1,2015-03-01,甲厂", "调2,x," + "长" * 3_500_000, "调3,2015-03-03,丙厂"
    )
    assert path.stat().st_size > 10_000_000
    reading = read(path)
    rows = rows_of(reading)
    assert [row["case_no"] for row in rows] == ["调1", None, "调3"]
    assert rejected(rows[1]) == (3, "cell_too_long")
    assert rows[2]["row_number"] == 4
    assert is_explained(reading)


@pytest.mark.parametrize("length", [5_000, 9_999, 70_000])
def test_a_line_longer_than_is_held_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, length: int
) -> None:
    monkeypatch.setattr("flows.read.formats.delimited_text.lines.BLOCK", 1000)
    monkeypatch.setattr("flows.read.formats.delimited_text.lines.LONGEST", 4000)
    path = lines(
        tmp_path / "2015年调解.csv", "调1,2015-03-01,甲厂", "调2,x," + "长" * length, "调3,2015-03-03,丙厂"
    )
    reading = read(path)
    rows = rows_of(reading)
    assert [row.get("_reader_issue") for row in rows] == [None, "line_too_long", None]
    assert [row["row_number"] for row in rows] == [2, 3, 4]
    assert is_explained(reading)


@pytest.mark.parametrize(
    "line", ["长" * 200_000, "长" * 200_000 + ",x,y,z,z", "调2,2015-03-02," + "x" * 200_000]
)
def test_a_cell_longer_than_python_reads(tmp_path: Path, line: str) -> None:
    reading = read(lines(tmp_path / "2015年调解.csv", "调1,2015-03-01,甲厂", line, "调3,2015-03-03,丙厂"))
    rows = rows_of(reading)
    assert [row["row_number"] for row in rows if not row.get("_reader_issue")] == [2, 4]
    assert {row["_reader_issue"] for row in rows if row["row_number"] == 3} <= {"cell_too_long", "row_ragged"}
    assert is_explained(reading)


def test_an_endless_line_below_a_header_nobody_knows(tmp_path: Path) -> None:
    path = tmp_path / "五.csv"
    path.write_text("甲,乙,丙\n" + "x" * 300_000 + ",1\n", encoding="utf-8")
    assert codes(read(path)) == ["table_unrecognised"]
    path = tmp_path / "2015年调解.csv"
    path.write_text("案号,受理日期,不认识\n" + "x" * 300_000 + ",1\n", encoding="utf-8")
    assert codes(read(path)) == ["header_unknown"]


def test_a_file_that_is_one_endless_line(tmp_path: Path) -> None:
    path = tmp_path / "2015年调解.csv"
    path.write_text("案号,受理日期,用人单位," * 500_000, encoding="utf-8")
    assert codes(read(path)) == ["table_unrecognised"]
    path.write_text("案号,受理日期,用人单位," * 500, encoding="utf-8")
    assert set(codes(read(path))) == {"header_repeated"}


def test_blank_lines_keep_their_numbers_and_are_no_rows(tmp_path: Path) -> None:
    path = lines(
        tmp_path / "2015年调解.csv",
        "",
        "调1,2015-03-01,甲厂",
        "",
        ",,",
        " ,\u3000,",
        "调2,2015-03-02,乙厂",
        "",
    )
    reading = read(path)
    assert [(r["row_number"], r["case_no"]) for r in rows_of(reading)] == [(3, "调1"), (7, "调2")]
    assert reading.tables[0].rows_read == 2


def test_mixed_line_ends(tmp_path: Path) -> None:
    path = tmp_path / "2015年调解.csv"
    path.write_bytes("案号,受理日期\r\n调1,a\n调2,b\r调3,c\r\n".encode())
    assert [(r["row_number"], r["case_no"]) for r in rows_of(read(path))] == [
        (2, "调1"),
        (3, "调2"),
        (4, "调3"),
    ]


@pytest.mark.parametrize("delimiter", ["\t", ";", "|"])
def test_other_delimiters(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "2015年调解.txt"
    path.write_text("\n".join(delimiter.join(row) for row in [HEADER, *case_rows(3)]), encoding="gb18030")
    assert [r["employer"] for r in rows_of(read(path))] == ["第1厂", "第2厂", "第3厂"]


def test_trailing_delimiters_are_no_extra_cells(tmp_path: Path) -> None:
    path = lines(
        tmp_path / "2015年调解.csv", "调1,2015-03-01,甲厂,,", "调2,2015-03-02,乙厂", "调3,2015-03-03,丙厂,,"
    )
    rows = rows_of(read(path))
    assert [row.get("_reader_issue") for row in rows] == [None, "row_ragged", None]
    path = lines(
        tmp_path / "2015年调解.csv", "调1,2015-03-01,甲厂", "调2,2015-03-02,乙厂,,", "调3,2015-03-03,丙厂"
    )
    assert [row["case_no"] for row in rows_of(read(path))] == ["调1", "调2", "调3"]


def test_line_breaks_inside_cells(tmp_path: Path) -> None:
    path = lines(tmp_path / "2015年调解.csv", '调1,2015-03-01,"甲\n厂"', "调2,2015-03-02,乙厂")
    assert [(r["row_number"], r["employer"]) for r in rows_of(read(path))] == [(2, "甲\n厂"), (4, "乙厂")]


def test_many_lost_quotes_do_not_swallow_what_follows(tmp_path: Path) -> None:
    text = [f'调{n},"2015-03-01,甲厂' if n % 10 == 0 else f'调{n},2015-03-01,"甲,厂"' for n in range(1, 201)]
    rows = rows_of(read(lines(tmp_path / "2015年调解.csv", *text)))
    assert len(rows) == 200
    assert sum(row["_reader_issue"] == "row_misquoted" for row in rows) == 20
    assert sum(row["employer"] == "甲,厂" for row in rows) == 180


@settings(deadline=None)
@given(
    text=st.text(alphabet='a,"\r\n调', max_size=40),
    encoding=st.sampled_from(["utf-8", "gb18030", "utf-16-le", "utf-16-be"]),
    tail=st.sampled_from([b"", b"\x00"]),
    size=st.sampled_from([2, 6, 1 << 20]),
)
def test_lines_are_counted_on_the_bytes_as_they_are_split(
    text: str, encoding: str, tail: bytes, size: int
) -> None:
    expected = len(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    ends = text.endswith(("\r", "\n")) or not text
    with (
        tempfile.TemporaryDirectory() as folder,
        mock.patch("flows.read.formats.delimited_text.lines._COUNTED", size),
    ):
        path = Path(folder) / "a.csv"
        path.write_bytes(text.encode(encoding) + tail)
        assert count_lines(path, Sniffed("csv", encoding)) == expected - (ends and not tail)


def test_a_parser_that_loses_a_line_fails_the_file(tmp_path: Path) -> None:
    path = lines(tmp_path / "2015年调解.csv", "调1,2015-03-01,甲厂", "调2,2015-03-01,甲厂")
    with (
        mock.patch("flows.read.formats.delimited_text.delimited.count_lines", return_value=4),
        pytest.raises(RuntimeError, match="4 lines in the file, 3 read"),
    ):
        rows_of(read(path))


def test_quotes_behind_a_backslash_are_pointed_out(tmp_path: Path) -> None:
    path = lines(tmp_path / "2015年调解.csv", ' 调1,2015-03-01,甲\\"乙\\"厂')
    assert codes(read(path)) == ["quotes_escaped"]


@pytest.mark.parametrize("line", ['调2,x"乙厂,二车间",', '调2,乙"厂,二"车间,', '"调2",乙"厂,二车间",'])
def test_a_stray_quote_never_shifts_cells_into_blank_ones_at_the_end(tmp_path: Path, line: str) -> None:
    """Every row ends in a blank cell that the header lacks, so that one cell too many would not show."""
    rows = [f"调{n},2015-03-01,甲厂," for n in range(3, 9)]
    reading = read(lines(tmp_path / "2015年调解.csv", "调1,2015-03-01,甲厂,", line, *rows))
    assert [row["case_no"] for row in rows_of(reading)] == ["调1", None, *(f"调{n}" for n in range(3, 9))]
    assert rejected(rows_of(read(tmp_path / "2015年调解.csv"))[1]) == (3, "row_misquoted")


def test_quotes_in_pairs_within_a_cell_are_text_and_so_are_those_of_a_title(tmp_path: Path) -> None:
    text = ['2015年"双爱"活动,,', "案号,受理日期,用人单位", '调1,2015-03-01,丙"好"厂', '调2,"a""b",""""']
    path = tmp_path / "2015年调解.csv"
    path.write_text("\n".join([*text, '注：21"屏']), encoding="utf-8")
    reading = read(path)
    found = rows_of(reading)
    assert [(r["accepted_on"], r["employer"]) for r in found] == [("2015-03-01", '丙"好"厂'), ('a"b', '"')]
    assert is_explained(reading)


@pytest.mark.parametrize(
    "header", ["案号,,受理日期,用人单位", "案号,受理日期,,用人单位", ",案号,受理日期,用人单位"]
)
def test_a_header_with_a_separator_too_many_is_one_finding(tmp_path: Path, header: str) -> None:
    path = tmp_path / "2015年调解.csv"
    rows = [f"调{n},2015-03-01,甲厂" for n in range(300)]
    path.write_text("\n".join([header, *rows]), encoding="utf-8")
    reading = read(path)
    assert rows_of(reading) == []
    assert codes(reading) == ["header_ragged"]
    assert is_explained(reading)


def test_blank_cells_that_only_the_header_ends_in_are_nothing(tmp_path: Path) -> None:
    path = tmp_path / "2015年调解.csv"
    path.write_text("案号,受理日期,用人单位,,\n调1,2015-03-01,甲厂\n调2,2015-03-02,乙厂\n", encoding="utf-8")
    reading = read(path)
    assert [row["employer"] for row in rows_of(reading)] == ["甲厂", "乙厂"]
    assert codes(reading) == []


@pytest.mark.parametrize("end", ["", ","])
@pytest.mark.parametrize("pollution", ['"', 'x"', '",'])
def test_a_quote_too_many_anywhere_is_never_silent(tmp_path: Path, pollution: str, end: str) -> None:
    """Whatever stands where in a line: each row is the one that was meant, or is rejected, and no other is lost."""
    rows = [
        ["调1", "2015-03-01", "甲厂"],
        ["调2", "2015-03-02", "乙厂,二车间"],
        ["调3", "2015-03-03", '丙"好"厂'],
        ["调4", "", "丁厂"],
    ]
    clean = [text + end for text in written(rows * 2, "\n", csv.QUOTE_MINIMAL).splitlines()]
    path = tmp_path / "2015年调解.csv"
    for number in range(4):
        for at in range(len(clean[number]) + 1):
            polluted = list(clean)
            polluted[number] = clean[number][:at] + pollution + clean[number][at:]
            path.write_text("\n".join(["案号,受理日期,用人单位", *polluted]), encoding="utf-8")
            found = rows_of(read(path))
            assert len(found) >= 7, polluted[number]
            for row in found:
                given = [row[name] or "" for name in ("case_no", "accepted_on", "employer")]
                meant = rows[(int(str(row["row_number"])) - 2) % 4]
                assert row.get("_reader_issue") or given == meant, polluted[number]


def test_more_columns_than_any_spreadsheet_has_are_refused_by_name(tmp_path: Path) -> None:
    """One such line among others is that line's fault alone."""
    path = tmp_path / "2015年调解.csv"
    wide = "\n".join(",".join(["案号", "受理日期", "用人单位", *["列"] * 50_000]) for _ in range(20))
    path.write_text(wide, encoding="utf-8")
    assert codes(read(path)) == ["columns_too_many"]
    reading = read(lines(path, "调1,2015-03-01,甲厂", "调2" + ",x" * 50_000, "调3,2015-03-03,丙厂"))
    assert [row["case_no"] for row in rows_of(reading)] == ["调1", None, "调3"]
    assert is_explained(reading)
