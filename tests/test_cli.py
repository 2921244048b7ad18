"""The command line: exit codes, one-line errors, machine-readable answers."""

from __future__ import annotations

import errno
import io
import json
import os
import re
import shutil
import subprocess
import sys
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

import duckdb
import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pytest
import typer
from rich.cells import cell_len
from rich.console import Console
from typer.testing import CliRunner, Result

from flows import cli
from flows.cli import base
from flows.contract.catalogue import ROOT
from flows.contract.paths import Paths
from flows.contract.units import reference
from flows.ingest import lock
from flows.ingest.lock import run_lock
from flows.metrics.refresh import measure
from flows.report import doctor, terminal
from flows.report.results.write_results import WrittenResults
from flows.tasks import Intake
from flows.warehouse import verify
from flows.warehouse.counts import PublicationCounts
from flows.warehouse.publish import Publication, swap_in
from tests.support.world import World, case


def call(*arguments: str) -> Result:
    """The command in this process: no terminal, nothing on its standard input."""
    return CliRunner().invoke(cli.app, arguments)


@pytest.fixture
def warehouse(data_folder: Paths) -> Paths:
    """A published file with one table of every awkward type."""
    data_folder.warehouse.mkdir(parents=True)
    with duckdb.connect(str(data_folder.warehouse_file())) as con:
        con.execute(
            "create table t as select 1 as n, 12.50::decimal(18,2) as amount_yuan, "
            "date '2015-09-01' as held_on, "
            "'\\x01\\xff'::blob as person_key, null::integer as nothing, '调解' as label, "
            "['a', 'b'] as issues"
        )
    data_folder.warehouse_file().chmod(0o444)
    return data_folder


def test_help_names_every_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "flows.cli", "--help"], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True
    )
    for command in (
        "sample",
        "intake",
        "run",
        "status",
        "sql",
        "withdraw",
        "retry",
        "returns",
        "doctor",
        "serve",
        "dictionary",
        "close",
        "progress",
    ):
        assert command in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ["run"],
        ["run", "--year", "soon"],
        ["run", "--year", "2015", "--inbox", "/no/such/folder"],
        ["run", "--year", "2015", "--as-of", "yesterday"],
        ["intake", "--received", "2015-02-30"],
        ["withdraw", "3"],
        ["retry", "3", "--all"],
        ["sql", "select 1", "--json", "--csv"],
        ["nonsense"],
    ],
)
def test_wrong_usage_is_2_and_shows_no_stack(arguments: list[str], data_folder: Paths) -> None:
    done = call(*arguments)
    assert done.exit_code == 2
    assert "Traceback" not in done.stderr
    assert not data_folder.vault.exists()


def test_a_question_without_a_warehouse_says_what_to_do(data_folder: Paths) -> None:
    done = call("sql", "select 1")
    assert done.exit_code == 1
    assert "union-assessment run" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_wrong_question_is_answered_without_a_stack(warehouse: Paths) -> None:
    done = call("sql", "select nope from t")
    assert done.exit_code == 1
    assert "nope" in done.stderr
    assert "Traceback" not in done.stderr


def test_what_a_terminal_is_too_narrow_for_is_shown_row_by_row() -> None:
    frame = pd.DataFrame({f"列{n}": ["看得完的说明" * 8, None] for n in range(6)})
    for width, is_table in ((80, False), (200, True)):
        out = io.StringIO()
        terminal.show(Console(file=out, width=width, force_terminal=True, color_system=None), frame)
        lines = out.getvalue().splitlines()
        assert max(map(cell_len, lines)) <= width
        assert ("┃" in out.getvalue()) is is_table
        assert out.getvalue().count("看") == 48, "nothing is cut"
    out = io.StringIO()
    terminal.show(Console(file=out, width=160), frame)
    assert "┃" in out.getvalue(), "a file has a table"


def test_answers_as_table_json_and_csv(warehouse: Paths) -> None:
    table = call("sql", "from t")
    assert table.exit_code == 0, table.stderr
    assert "12.5" in table.stdout
    assert "2015-09-01" in table.stdout
    (row,) = json.loads(call("sql", "from t", "--json").stdout)
    assert row["n"] == 1
    assert Decimal(str(row["amount_yuan"])) == Decimal("12.5")
    assert (row["held_on"], row["person_key"], row["nothing"], row["label"]) == (
        "2015-09-01",
        "01ff",
        None,
        "调解",
    )
    assert row["issues"] == ["a", "b"]
    header, line = call("sql", "select n, held_on, nothing, label from t", "--csv").stdout.splitlines()
    assert (header, line) == ("\ufeffn,held_on,nothing,label", "1,2015-09-01,,调解")


def test_csv_holds_nothing_that_a_spreadsheet_would_calculate(warehouse: Paths) -> None:
    query = """select '=cmd|''/c calc''!A1' as "=a", '@SUM(1)' as b, '  +1+1' as c, '-2' as d, -2.5 as e, '＝1' as f"""
    header, line = call("sql", query, "--csv").stdout.splitlines()
    assert header.startswith("\ufeff'=a,b,c")
    assert line == "'=cmd|'/c calc'!A1,'@SUM(1),'  +1+1,-2,-2.5,'＝1"


@pytest.mark.parametrize("form", [[], ["--csv"], ["--json"]])
def test_no_name_steers_a_terminal(warehouse: Paths, form: list[str]) -> None:
    done = call("sql", "select chr(27) || '[2J台账' || chr(8238) || chr(155) as a", *form)
    assert done.exit_code == 0 and "台账" in done.stdout
    assert not set(done.stdout) & set("\x1b\x9b\u202e")
    assert "\\u001b[2J台账" in done.stdout.replace("\\\\", "\\")
    failed = call("sql", 'select * from "\x1b[2J"')
    assert failed.exit_code == 1 and "\x1b" not in failed.stderr


def test_a_question_has_limits_of_time_and_memory(warehouse: Paths) -> None:
    endless = "select count(*) from range(10000000) a, range(10000000) b where a.range + b.range < 0"
    done = call("sql", endless, "--seconds", "0.3")
    assert done.exit_code == 1 and "0.3" in done.stderr
    assert call("sql", "set memory_limit = '90GB'").exit_code == 1
    limits = call("sql", "select name, value from duckdb_settings() where name like '%_limit'").stdout
    assert "1.8 GiB" in limits
    limits = call(
        "sql", "select value from duckdb_settings() where name = 'memory_limit'", "--memory", "1GiB"
    ).stdout
    assert "1.0 GiB" in limits
    large = call("sql", "select list(range) from range(100000000)", "--memory", "100MB")
    assert large.exit_code == 1 and "more memory than 100MB" in large.stderr and large.stderr.count("\n") == 1
    assert call("sql", "select 1", "--memory", "much").exit_code == 1


@pytest.mark.parametrize(
    "query",
    [
        "from read_csv('{file}')",
        "from read_text('{file}')",
        "copy (select 1) to '{file}'",
        "attach '{file}' as other",
        "install httpfs",
        "set enable_external_access = true",
    ],
)
def test_a_question_reads_and_writes_no_other_file(warehouse: Paths, tmp_path: Path, query: str) -> None:
    file = tmp_path / "other"
    file.write_text("a\n1\n", encoding="utf-8")
    done = call("sql", query.format(file=file))
    assert done.exit_code == 1 and done.stdout == "", done.stdout
    assert file.read_text(encoding="utf-8") == "a\n1\n"


_EXACT = "12345678901234567890.123456::decimal(38, 6)"


def test_an_answer_becomes_a_workbook_without_losing_a_digit(warehouse: Paths, tmp_path: Path) -> None:
    file = tmp_path / "答.xlsx"
    query = f"""select {_EXACT} as exact, 12.5::decimal(9, 2) as short, 9007199254740993 as long, '=1+1' as "=f", true as yes,
        interval 14 month as span, [1.10::decimal(4, 2)] as list, date '2015-03-01' as day, null as nothing"""
    done = call("sql", query, "--xlsx", str(file))
    assert done.exit_code == 0 and done.stdout == "" and "1 rows" in done.stderr, done.stderr
    sheet = openpyxl.load_workbook(file).active
    assert sheet is not None
    names, values = sheet.iter_rows(values_only=True)
    told = dict(zip(names, values, strict=True))
    assert told == {
        "exact": "12345678901234567890.123456",
        "short": 12.5,
        "long": "9007199254740993",
        "=f": "=1+1",
        "yes": True,
        "span": "1 year 2 months",
        "list": "[1.10]",
        "day": datetime(2015, 3, 1),
        "nothing": None,
    }
    assert sheet["D1"].data_type == sheet["D2"].data_type == "s"
    assert call("sql", "select repeat('x', 40000) as t", "--xlsx", str(file)).stderr.count("--parquet") == 1
    assert file.stat().st_mode & 0o777 == 0o600


def test_an_answer_becomes_parquet_with_its_types(warehouse: Paths, tmp_path: Path) -> None:
    file = tmp_path / "answer.parquet"
    query = f"select {_EXACT} as exact, sum(n) as whole, interval 14 month as span, date '2015-03-01' as day from t"
    assert call("sql", query, "--parquet", str(file)).exit_code == 0
    rows = pq.read_table(file)
    assert rows.to_pylist() == [
        {
            "exact": Decimal("12345678901234567890.123456"),
            "whole": 1,
            "span": "1 year 2 months",
            "day": date(2015, 3, 1),
        }
    ]
    assert str(rows.schema.field("exact").type) == "decimal128(38, 6)"


def test_an_answer_goes_to_one_place_that_is_there(warehouse: Paths, tmp_path: Path) -> None:
    assert call("sql", "from t", "--csv", "--xlsx", "x.xlsx").exit_code == 2
    lost = call("sql", "from t", "--xlsx", str(tmp_path / "nowhere" / "x.xlsx"))
    assert lost.exit_code == 2 and "nowhere" in re.sub(r"[\s│]", "", lost.stderr)


def test_the_warehouse_cannot_be_written_to(warehouse: Paths) -> None:
    done = call("sql", "insert into t (n) values (2)")
    assert done.exit_code == 1
    assert "read-only" in done.stderr


@pytest.mark.parametrize(
    "arguments", [["run", "--year", "2015"], ["intake"], ["withdraw", "1", "--reason", "twice"]]
)
def test_a_second_run_is_3_and_names_the_first(arguments: list[str], data_folder: Paths) -> None:
    with run_lock(data_folder.lock):
        done = call(*arguments)
    assert done.exit_code == 3
    assert f"process {os.getpid()}" in done.stderr


@pytest.mark.skipif(os.name != "posix", reason="a closed pipe is told otherwise there")
@pytest.mark.parametrize(
    "arguments", [["--help"], ["sql", "from range(200000)", "--csv"], ["sql", "from range(9000)"]]
)
def test_a_reader_who_has_had_enough_is_no_error(warehouse: Paths, arguments: list[str]) -> None:
    """`union-assessment sql … | head -1`."""
    environment = {**os.environ, "UNION_ASSESSMENT_DATA": str(warehouse.data)}
    process = subprocess.Popen(
        [sys.executable, "-m", "flows.cli", *arguments],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    said = process.stderr.read()
    assert (process.wait(60), said) == (0, b"")


def test_intake_and_withdrawal(data_folder: Paths, tmp_path: Path) -> None:
    folder = data_folder.inbox / "永川区总工会"
    folder.mkdir()
    (folder / "a.csv").write_text("one", encoding="utf-8")
    (folder / "b.csv").write_text("two", encoding="utf-8")
    (data_folder.inbox / "nobody").mkdir()
    (data_folder.inbox / "nobody" / "c.csv").write_text("three", encoding="utf-8")
    done = call("intake", "--received", "2016-01-05")
    assert done.exit_code == 0, done.stderr
    assert "3 new deliveries" in done.stderr
    assert "no unit is called nobody" in done.stderr
    assert "nearest" not in done.stderr, "nothing is like it"
    (data_folder.inbox / "永川大区总工会").mkdir()
    (data_folder.inbox / "永川大区总工会" / "d.csv").write_text("four", encoding="utf-8")
    for _ in range(2):  # as long as the folder lies there
        assert re.search("永川大区总工会: .*nearest: 永川区", call("intake").stderr)
    (data_folder.inbox / "永川大区总工会").rename(data_folder.inbox / "永川区")
    assert "永川大区" not in call("intake").stderr
    shutil.rmtree(data_folder.inbox / "永川区")
    unasked = call("withdraw", "2", "--reason", "sent by mistake")
    assert (unasked.exit_code, "add --yes" in unasked.stderr) == (2, True)
    assert "永川区总工会/a.csv, received 2016-01-05" in unasked.stderr
    assert call("withdraw", "2", "--reason", "sent by mistake", "--yes").exit_code == 0
    twice = call("withdraw", "2", "--reason", "again", "--yes")
    assert twice.exit_code == 1
    assert "was withdrawn" in twice.stderr
    listed = tmp_path / "withdraw.json"
    lines = [
        {"received": "2016-01-05", "folder": "永川区总工会", "name": n, "reason": "r"}
        for n in ("a.csv", "b.csv")
    ]
    listed.write_text(json.dumps(lines), encoding="utf-8")
    assert call("withdraw", "--list", str(listed)).exit_code == 2
    done = call("withdraw", "--list", str(listed), "--yes")
    assert done.exit_code == 0, done.stderr
    assert done.stderr == (
        f"1 delivery stops counting with the next run, as {listed} has it with its reason\n"
    ), "many that were decided before are one line"
    listed.write_text(json.dumps([{**lines[0], "name": "z.csv"}]), encoding="utf-8")
    assert "0 deliveries of 2016-01-05" in call("withdraw", "--list", str(listed)).stderr
    back = call("unwithdraw", "2", "--reason", "it was right", "--yes")
    assert back.exit_code == 0, back.stderr
    assert "withdrawn 20" in back.stderr and "sent by mistake" in back.stderr
    assert "is not withdrawn" in call("unwithdraw", "2", "--reason", "again", "--yes").stderr
    listed.write_text(json.dumps(lines[:1]), encoding="utf-8")
    shown = call("withdraw", "--list", str(listed), "--yes", "--details").stderr
    assert "delivery 2: 永川区总工会/a.csv, received 2016-01-05" in shown and "withdrawn: delivery 2" in shown


def test_what_failed_is_listed_and_asked_for_again(data_folder: Paths) -> None:
    world = World(data_folder.data)
    world.send("2016-01-05", "2015年调解台账.csv", case(1))
    with mock.patch("flows.read.file._read_sheet", side_effect=KeyError):
        world.build()
    swap_in(data_folder.build_file(), data_folder.warehouse_file())
    listed = call("retry")
    assert "delivery 1: 永川区总工会/2015年调解台账.csv (reader_failed)" in listed.stderr
    assert [e["event"] for e in world.vault.events()] == ["delivery"], "nothing is written"
    assert (call("retry", "2").exit_code, call("retry", "--all").exit_code) == (1, 0)
    assert [e["event"] for e in world.vault.events()] == ["delivery", "retry"]
    assert world.build().accepted == 1
    swap_in(data_folder.build_file(), data_folder.warehouse_file())
    assert "nothing failed" in call("retry").stderr
    assert "did not fail" in call("retry", "1").stderr


def test_a_withdrawal_shows_what_it_changes_and_nothing_is_left_of_the_question(data_folder: Paths) -> None:
    name = "2015年劳动争议调解台账.csv"
    world = World(data_folder.data)
    world.send("2016-01-05", name, case(1))
    world.send("2016-01-20", name, case(1), case(2))
    world.build()
    measure(data_folder)
    kept = sorted((p, p.stat().st_size) for p in data_folder.vault.rglob("*") if p.is_file())
    asked = call("withdraw", "2", "--reason", "wrong")
    assert asked.exit_code == 2, asked.stderr
    assert (
        "2015-01-01 to 2015-12-31: 2 rows accepted, 0 rejected; stops counting; delivery 1 counts"
        in asked.stderr
    )
    assert "永川区总工会 2015 成功调解劳动争议案件: 2 件 → 1 件" in asked.stderr
    assert sorted((p, p.stat().st_size) for p in data_folder.vault.rglob("*") if p.is_file()) == kept
    assert call("withdraw", "2", "--reason", "wrong", "--yes").exit_code == 0
    world.build()
    measure(data_folder)
    assert world.ask("select count(*) from current.mediation") == [(1,)]
    asked = call("unwithdraw", "2", "--reason", "right")
    assert "2 rows accepted, 0 rejected; counts again" in asked.stderr
    assert "永川区总工会 2015 成功调解劳动争议案件: 1 件 → 2 件" in asked.stderr
    assert call("unwithdraw", "2", "--reason", "right", "--yes").exit_code == 0
    world.build()
    assert world.ask("select count(*) from current.mediation") == [(2,)]


def test_a_year_without_a_scheme_is_said_in_the_last_line(
    warehouse: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    published = Publication(warehouse.warehouse_file(), 1, None, warehouse.warehouse_file())
    for year, said, unread in ((2099, True, ()), (2015, False, ()), (2015, False, (7,))):
        taken = Intake(0, 0, 0, {}, ("永川大区总工会",))
        done = SimpleNamespace(
            year=year,
            intake=taken,
            build=SimpleNamespace(remade=None, unread=unread),
            edition=PublicationCounts({}),
            published=published,
            results=None,
            returned={},
        )
        monkeypatch.setattr("flows.serve.run_annual", lambda *_, done=done, **__: done)
        monkeypatch.setattr("flows.report.run_summary.show", lambda *_: None)
        told = call("run", "--year", str(year), "--inbox", str(warehouse.inbox))
        assert told.exit_code == (4 if unread else 0), told.stderr
        assert "nearest: 永川区" in told.stderr
        assert "was changed after it was published" in told.stderr
        assert ("data/scheme/2099/scheme.yml" in told.stdout.splitlines()[-1]) == said


@pytest.mark.parametrize(("letters", "code"), [((), 1), ((Path("成绩单.docx"),), 0)])
def test_letters_that_are_refused_fail_a_run_and_a_missing_pdf_does_not(
    warehouse: Paths, monkeypatch: pytest.MonkeyPatch, letters: tuple[Path, ...], code: int
) -> None:
    made = WrittenResults(Path("index.html"), Path("2015.xlsx"), Path("data"), letters, "没有印出查询码")
    done = SimpleNamespace(
        year=2015,
        intake=None,
        build=SimpleNamespace(remade=None, unread=()),
        edition=PublicationCounts({}),
        published=Publication(warehouse.warehouse_file(), 1, None),
        results=made,
        returned={},
    )
    monkeypatch.setattr("flows.serve.run_annual", lambda *_, **__: done)
    monkeypatch.setattr("flows.report.run_summary.show", lambda *_: None)
    monkeypatch.setattr("flows.report.run_summary.as_json", lambda *_: "{}")
    for options in ((), ("--json",)):
        told = call("run", "--year", "2015", "--inbox", str(warehouse.inbox), *options)
        assert told.exit_code == code, told.stderr
        assert "没有印出查询码" in told.stderr


def test_returns_are_written_on_demand(data_folder: Paths) -> None:
    assert "union-assessment run" in call("returns").stderr
    world = World(data_folder.data)
    world.send("2016-01-05", "2015年劳动争议调解台账.csv", case(1, closed="下周"))
    world.build()
    swap_in(data_folder.build_file(), data_folder.warehouse_file())
    done = call("returns", "--unit", "yongchuan", "--json")
    assert done.exit_code == 0, done.stderr
    [made] = json.loads(done.stdout)
    assert (made["delivery_id"], made["errors"], made["done"]) == (1, 1, "written")
    assert (data_folder.returns / made["file"]).is_file()
    assert "unchanged" in call("returns").stdout
    assert "nothing goes back" in call("returns", "--delivery", "7").stderr


def test_doctor_names_the_line_of_reference_data_that_no_run_could_use(
    warehouse: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(ROOT / "data" / "reference", tmp_path / "data" / "reference")
    with (tmp_path / "data" / "reference" / "fall_limit.csv").open("a", encoding="utf-8") as stream:
        stream.write("mediation,month,0.5,20,\n")
    monkeypatch.setattr(doctor, "reference", lambda: reference(tmp_path))
    assert "fall_limit.csv:4: against is month" in call("doctor").stdout


def test_doctor_looks_and_changes_nothing(warehouse: Paths) -> None:
    before = sorted(warehouse.data.rglob("*"))
    done = call("doctor")
    assert "duckdb 1.5.5" in done.stdout
    assert "warehouse.duckdb is read-only" in done.stdout
    warehouse.warehouse_file().chmod(0o644)
    done = call("doctor")
    assert done.exit_code == 1
    assert "LOOK  warehouse.duckdb is writable" in done.stdout
    assert sorted(warehouse.data.rglob("*")) == before


def test_a_folder_that_cannot_be_written_to_is_said_and_looked_at(
    data_folder: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(data_folder.data)
    world.send("2016-01-05", "2015年调解台账.csv", case(1))
    world.build()
    measure(data_folder)
    swap_in(data_folder.build_file(), data_folder.warehouse_file())

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(lock.FileLock, "acquire", refuse)
    monkeypatch.setattr(verify, "write", refuse)
    monkeypatch.setattr(doctor.os, "access", lambda *_: False)
    told = call("status")
    assert "run under way: none; the data folder cannot be written to" in told.stdout, told.stderr
    assert "cannot be written to" in call("doctor").stdout
    assert re.search("1 files, 1 read; .*; 0 differences", call("verify").stderr)
    refused = call("intake")
    assert (refused.exit_code, "cannot be written to (Read-only file system)" in refused.stderr) == (1, True)


def test_a_day_as_of_lasts_to_its_end_in_china() -> None:
    day = base.to_moment("2015-11-30")
    assert day is not None
    assert (day.isoformat(), day.tzinfo) == ("2015-11-30T23:59:59.999999", None)
    assert str(base.to_moment("2015-11-30T18:00")) == "2015-11-30 18:00:00"
    assert str(base.to_moment("2015-11-30T18:00+00:00")) == "2015-12-01 02:00:00"
    assert base.to_moment(None) is None


def test_progress_without_a_terminal_is_a_few_plain_lines(capsys: pytest.CaptureFixture[str]) -> None:
    with terminal.progress(terminal.remarks()) as listener:
        for done in range(401):
            listener("reading", done, 400)
        listener("starting", 0, 0)
    said = capsys.readouterr().err.splitlines()
    assert said == [
        "reading 0/400",
        "reading 100/400",
        "reading 200/400",
        "reading 300/400",
        "reading 400/400",
        "starting",
    ]


def test_values_as_a_person_reads_them() -> None:
    values = [
        None,
        float("nan"),
        pd.NaT,
        pd.Timestamp("2015-09-01"),
        Decimal("0.10"),
        3.0,
        3.25,
        b"\x01\xff",
        "x",
    ]
    assert [terminal.text(v) for v in values] == ["", "", "", "2015-09-01", "0.10", "3", "3.25", "01ff", "x"]


def test_a_query_that_is_interrupted_is_an_interrupt(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as end, base.plainly():
        raise RuntimeError("Query interrupted") from KeyboardInterrupt()
    assert end.value.exit_code == base.INTERRUPTED
    assert "interrupted" in capsys.readouterr().err
