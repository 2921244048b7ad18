"""The first look at a file: what was found is said for any file, on any folder, in one stable form."""

from __future__ import annotations

import json
import os
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from flows import cli
from flows.contract.catalogue import ContractError, records
from flows.contract.paths import Paths
from flows.contract.spelling import FOLDER, spellings
from flows.report.files.form_header import Handout, covered
from flows.report.files.inspection import Inspection
from flows.report.files.template import write_templates
from tests.read.forms import csv_file, workbook

HEADER = ["序号", "案号", "受理时间", "申请人", "申请金额（万元）", "结案日期"]
ROWS = [["1", "调1", "2015-03-01", "样某", "1.5", "2015-03-20"], ["2", "调2", "2015-04-01", "样某", "2", ""]]
TITLE = ["2015年劳动争议调解台账"]


def call(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli.app, ["read", *map(str, arguments)])


def look(*arguments: str | Path) -> list[dict[str, Any]]:
    """The objects of `read --json`, which is all that may stand on standard output."""
    found: list[dict[str, Any]] = json.loads(call(*arguments, "--json").stdout)
    for each in found:
        assert list(each) == [f.name for f in fields(Inspection)]
    return found


def own(folder: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Give Yongchuan a file of own spellings, in a clone of its own."""
    path = folder / FOLDER / "yongchuan.csv"
    path.parent.mkdir(parents=True)
    path.write_text("record,header,column,note\n" + text, encoding="utf-8")
    monkeypatch.setattr("flows.contract.spelling.spellings", lambda: spellings(folder))


def test_a_known_table_is_explained_column_by_column_and_cell_by_cell(tmp_path: Path) -> None:
    (found,) = look(csv_file(tmp_path / "a.csv", [TITLE, HEADER, *ROWS, ["合计", "", "", "", "3.5", ""]]))
    assert (found["file"], found["format"], found["encoding"]) == (str(tmp_path / "a.csv"), "csv", "utf-8")
    assert (found["refused"], found["error"], found["problems"]) == (False, None, [])
    (table,) = found["tables"]
    assert (table["record"], table["label"], table["header_row"]) == ("mediation", "劳动争议调解台账", 2)
    assert (table["covers_from"], table["covers_to"], table["covers_evidence"]) == (
        "2015-01-01",
        "2015-12-31",
        "title",
    )
    assert (table["rows_read"], table["rows_ignored"], table["rows_rejected"]) == (3, 1, 0)
    assert (table["first_row"], table["last_row"]) == (3, 4)
    assert [(c["column"], c["meaning"], c["evidence"], c["unit"]) for c in table["columns"]] == [
        ("A", None, "", None),
        ("B", "case_no", "exact", None),
        ("C", "accepted_on", "synonym", None),
        ("D", "claimant", "exact", None),
        ("E", "amount_claimed_yuan", "exact", "万元"),
        ("F", "closed_on", "exact", None),
    ]
    assert sum(each["cells"] for each in found["account"]) == found["cells"] == 20
    assert {each["class"]: each["cells"] for each in found["account"]} == {
        "header": 6,
        "ignored_serial": 2,
        "subtotal": 2,
        "title": 1,
        "used": 9,
    }
    assert [(s["rows"], s["columns"], s["cells"]) for s in found["sheets"]] == [(5, 6, 20)]


def test_a_header_of_two_rows_says_which_columns_needed_the_upper_one(tmp_path: Path) -> None:
    rows = [["案号", "受理日期", "申请", "兑现"], ["", "", "金额", "金额"], ["调1", "2015-03-01", "2", "1"]]
    path = csv_file(tmp_path / "2015年.csv", rows)
    (table,) = look(path)[0]["tables"]
    assert (table["header_row"], table["header_rows"], table["first_row"]) == (1, 2, 3)
    assert [(c["header"], c["evidence"]) for c in table["columns"]] == [
        ("案号", "exact"),
        ("受理日期", "exact"),
        ("申请/金额", "parent"),
        ("兑现/金额", "parent"),
    ]
    assert "header in rows 1 to 2" in call(path).stdout


def test_a_file_without_a_known_table_still_has_its_sizes(tmp_path: Path) -> None:
    strange = [["x", "y"], [1, 2], [None], [None, "z", 3]]
    path = workbook(tmp_path / "a.xlsx", {"甲": strange, "乙": [["q"]], "空": []}, hidden=["乙"])
    (found,) = look(path)
    assert [(s["sheet"], s["hidden"], s["rows"], s["columns"], s["cells"]) for s in found["sheets"]] == [
        ("甲", False, 3, 3, 6),
        ("乙", True, 1, 1, 1),
    ]
    assert found["sheets"][0]["blocks"] == [
        {"first_row": 1, "last_row": 2, "first_column": "A", "last_column": "B"},
        {"first_row": 4, "last_row": 4, "first_column": "B", "last_column": "C"},
    ]
    assert found["tables"] == []
    assert [(t["sheet"], t["header_row"], t["rows_read"], t["held"]) for t in found["unrecognised"]] == [
        ("甲", 1, 2, True)
    ]
    assert not found["refused"]
    assert {p["code"] for p in found["problems"]} == {"table_unrecognised", "sheet_hidden"}
    assert sum(each["cells"] for each in found["account"]) == found["cells"] == 7
    assert call(path).exit_code == 0


def test_lines_of_a_text_are_counted_whatever_their_width(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text('a;b;c\n\n"1\n2";3;4\n5;6;7\n8;9\n"broken;10\n', encoding="utf-8")
    (found,) = look(path)
    assert [(s["rows"], s["cells"], len(s["blocks"])) for s in found["sheets"]] == [(5, 13, 1)]
    assert found["cells"] == 13


def test_an_unknown_header_is_answered_with_the_line_to_add(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    header = [*HEADER[:5], '结案"日期,间', "我区自设"]
    rows = [[*row, "x"] for row in ROWS]
    path = csv_file(tmp_path / "a.csv", [TITLE, header, *rows])
    (found,) = look(path, "--unit", "永川区")
    assert not found["tables"][0]["held"]
    unknown = [p for p in found["problems"] if p["code"] == "header_unknown"]
    assert [(p["row"], p["column"]) for p in unknown] == [(2, "F"), (2, "G")]
    assert '“结案"日期,间”不认识' in unknown[0]["message"]
    assert "疑似“结案日期" in unknown[0]["message"]
    assert {p["add"]["file"] for p in unknown} == {"data/reference/header/yongchuan.csv"}
    lines = [p["add"]["line"] for p in unknown]
    assert lines[1] == "mediation,我区自设,<column or ignore>,"
    assert all(line in call(path, "--unit", "永川区").stdout for line in lines)

    own(tmp_path, monkeypatch, "\n".join(lines).replace("<column or ignore>", "ignore"))
    (found,) = look(path, "--unit", "永川区")
    assert found["problems"] == []
    columns = found["tables"][0]["columns"]
    assert [(c["meaning"], c["evidence"], c["ignored_by"]) for c in columns[-2:]] == [
        ("closed_on", "own", None),
        (None, "", "own_spelling"),
    ]
    assert [p["code"] for p in look(path)[0]["problems"]] == ["header_unknown"] * 2


def test_a_header_known_only_below_its_parent_can_be_registered_as_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reader shows such a header as parent/header, and that is what the line holds."""
    from flows.read.tables.headers import headers_of, map_columns

    own(tmp_path, monkeypatch, "mediation,办理(件)/时点,closed_on,\n")
    kinds = records()
    known = headers_of(kinds, spellings(tmp_path)["yongchuan"])
    (mapped,) = map_columns(known, kinds["mediation"], known.cells(["时点"], ["办理（件）"]), [])
    assert (mapped.header, mapped.column, mapped.evidence) == ("办理（件）/时点", "closed_on", "own")


def test_a_refused_file_is_an_object_and_exit_code_1(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.4 nothing")
    (tmp_path / "b.xlsx").write_bytes(b"PK\x03\x04 cut off")
    csv_file(tmp_path / "c.csv", [TITLE, HEADER, *ROWS])
    done = call(tmp_path, "--json")
    assert done.exit_code == 1
    a, b, c = json.loads(done.stdout)
    assert (a["refused"], b["refused"], c["refused"]) == (True, True, False)
    assert "PDF" in a["error"]
    assert "损坏" in b["error"]
    assert a["sheets"] == a["tables"] == a["account"] == []


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_folder_is_read_in_order_and_lock_files_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "2015年").mkdir()
    csv_file(tmp_path / "2015年" / "b.csv", [HEADER, *ROWS])
    csv_file(tmp_path / "z.csv", [TITLE, HEADER, *ROWS])
    (tmp_path / "~$z.xlsx").write_bytes(b"x")
    os.mkfifo(tmp_path / "pipe")
    done = call(tmp_path, "--json")
    found = json.loads(done.stdout)
    assert [Path(each["file"]).name for each in found] == ["b.csv", "pipe", "z.csv"]
    assert [each["refused"] for each in found] == [False, True, False]
    assert found[0]["tables"][0]["covers_evidence"] == "folder"
    assert "office_lock" in done.stderr
    (tmp_path / "empty").mkdir()
    assert look(tmp_path / "empty") == []


def test_the_folders_above_a_file_say_who_sent_it_and_for_when_as_in_the_inbox(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own(tmp_path, monkeypatch, "mediation,我区自设,closed_on,\n")
    rows = [["案号", "受理时间", "我区自设"], ["1", "2015-03-01", "2015-04-01"]]
    inbox = tmp_path / "inbox"
    for folder in ("永川区总工会/2015年", "江津区/2015年", "市总工会/永川区/2015年"):
        (inbox / folder).mkdir(parents=True)
        csv_file(inbox / folder / "调解.csv", rows)
    for folder, meaning in (("永川区总工会", "closed_on"), ("江津区", None), ("市总工会/永川区", None)):
        for asked in (inbox / folder / "2015年" / "调解.csv", inbox / folder):
            (found,) = look(asked)
            [table] = found["tables"]
            assert [c["meaning"] for c in table["columns"]] == ["case_no", "accepted_on", meaning]
            assert (table["covers_from"], table["covers_evidence"]) == ("2015-01-01", "folder")
    assert [len(found["tables"]) for found in look(inbox)] == [1, 1, 1]
    said = call(inbox).stdout
    assert "3 files, 0 refused" in said
    assert said.rindex("header_unknown") > said.rindex("3 files")
    assert "refused" not in call(inbox / "江津区").stdout


def test_wrong_usage_is_2(tmp_path: Path) -> None:
    assert call(tmp_path / "nothing.csv").exit_code == 2
    assert call().exit_code == 2
    csv_file(tmp_path / "a.csv", [HEADER])
    assert call(tmp_path / "a.csv", "--unit", "无此单位").exit_code == 2


def test_a_fault_of_ours_is_the_files_error_and_the_others_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flows.report.files import inspection

    def broken(path: Path, *rest: Any) -> Any:
        if path.name == "a.csv":
            raise RuntimeError("张三")
        return read(path, *rest)

    read = inspection.read_file
    monkeypatch.setattr(inspection, "read_file", broken)
    for name in ("a.csv", "b.csv"):
        csv_file(tmp_path / name, [TITLE, HEADER, *ROWS])
    done = call(tmp_path, "--json")
    a, b = json.loads(done.stdout)
    assert (done.exit_code, a["refused"], b["refused"]) == (1, True, False)
    assert "张三" not in done.output
    assert [p["code"] for p in a["problems"]] == ["reader_failed"]
    assert "RuntimeError" in a["problems"][0]["message"]


def test_spellings_that_are_not_sound_end_the_command_with_file_and_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own(tmp_path / "clone", monkeypatch, "mediation,甲,no_such,\n")
    done = call(csv_file(tmp_path / "a.csv", [TITLE, HEADER, *ROWS]), "--json")
    assert done.exit_code == 1
    assert done.stdout == ""
    assert "yongchuan.csv:2" in done.stderr
    with pytest.raises(ContractError):
        spellings(tmp_path / "clone")


def test_rows_the_reader_rejects_are_counted_and_listed_by_place(tmp_path: Path) -> None:
    path = csv_file(tmp_path / "a.csv", [TITLE, HEADER, *ROWS])
    with path.open("a", encoding="utf-8", newline="") as stream:
        stream.write("3,调3,2015-05-01,样某,1\r\n" * 30)
    (found,) = look(path)
    assert found["tables"][0]["rows_rejected"] == 30
    ragged = [p["row"] for p in found["problems"] if p["code"] == "row_ragged"]
    assert ragged == list(range(5, 25))


@pytest.mark.skipif(os.name == "nt", reason="this system allows no such file name")
def test_names_and_headers_do_not_reach_the_terminal_as_commands(tmp_path: Path) -> None:
    path = csv_file(tmp_path / "[bold]a\x1b[31m.csv", [TITLE, [*HEADER, "\x9b2J[/]x"], *ROWS])
    done = call(path)
    assert done.exit_code == 0, done.output
    assert "\x1b[31m" not in done.stdout
    assert "\x9b" not in done.stdout
    assert "[bold]a" in done.stdout


def test_nothing_is_left_behind(tmp_path: Path, data_folder: Paths) -> None:
    path = csv_file(tmp_path / "a.csv", [TITLE, HEADER, *ROWS])
    before = sorted(data_folder.data.rglob("*"))
    assert call(path).exit_code == 0
    assert sorted(data_folder.data.rglob("*")) == before


def test_a_form_that_was_handed_out_is_read_without_a_problem(tmp_path: Path) -> None:
    done = CliRunner().invoke(
        cli.app,
        [
            "template",
            "劳动争议调解台账",
            "mediation",
            "--out",
            str(tmp_path),
            "--unit",
            "永川",
            "--period",
            "2015",
        ],
    )
    assert done.exit_code == 0, done.output
    path = tmp_path / "劳动争议调解台账.xlsx"
    assert done.stdout.split() == [str(path)]
    (found,) = look(tmp_path)
    assert not [p for p in found["problems"] if p["severity"] != "info"]
    expected, _ = write_templates(
        [records()["mediation"]], tmp_path / "b", Handout("永川区总工会", covered("2015"))
    )
    assert expected[0].read_bytes() == path.read_bytes()


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["mediation", "--all"],
        ["no_such"],
        ["mediation", "--period", "今年"],
        ["mediation", "--unit", "无此单位"],
    ],
)
def test_a_form_that_cannot_be_is_wrong_usage(arguments: list[str], tmp_path: Path) -> None:
    done = CliRunner().invoke(cli.app, ["template", *arguments, "--out", str(tmp_path / "forms")])
    assert done.exit_code == 2
    assert not (tmp_path / "forms").exists()
