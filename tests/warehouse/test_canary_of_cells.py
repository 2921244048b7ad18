"""A name and a number planted in every column of every kind, in headers, titles and notes, and in what a crash says."""

from __future__ import annotations

import os
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
import openpyxl
import pytest
from typer.testing import CliRunner

from flows import cli, tasks
from flows.assess.score_years import create_open, score_years
from flows.contract.catalogue import ROOT, load_yaml, records
from flows.contract.record import Column, ColumnType
from flows.database.connect import open_build, open_scratch
from flows.metrics.refresh import measure
from flows.normalise import load
from flows.report.doctor import examine
from flows.report.results.write_results import write_results
from flows.returns.write_returns import write_returns
from flows.warehouse.publish import publish
from tests.support.world import HEADER, World, case

#: No name of anybody, in characters that no word of ours has; a number behind it says where it was planted.
WHO = "龘靐"
#: The name, the telephone number and the ID, as they may be written: plain, as JSON, as Windows does.
PLANTED = re.compile(
    rb"%b|%b|%b|1390013\d{4}|51038119850101123X"
    % (WHO.encode(), rb"\\u9f98\\u9750", re.escape(WHO.encode("utf-16-le")))
)
#: Cells that are free to hold anything; a code, a day or a number of this text is an issue.
FREE = (ColumnType.TEXT, ColumnType.NAME, ColumnType.WITHHELD, ColumnType.PHONE)
#: Texts that say what the row is: a report, an item of the scheme.
SAID = {"late_excuse": {"report"}, "target_letter": {"target_written", "measure"}}
YEARS_ACROSS = {"employment_statistics", "union_statistics"}


def text(number: int) -> str:
    return f"{WHO}{number}号 1390013{number:04d} 51038119850101123X"


def rows(kind: str, first: int) -> tuple[list[str], list[list[str]]]:
    """Headers, and four rows of a kind: sound; a name in every free cell; the same in every other; in all cells at once."""
    record = records()[kind]
    columns = list(record.read_columns)
    sound = load_yaml(ROOT / "tests" / "case" / "record" / f"{kind}.yml")["sound"]
    cells = [str(sound.get(c.name, "")) for c in columns]  # type: ignore[attr-defined]
    free = [c.type in FREE and c.name not in SAID.get(kind, ()) for c in columns]

    def planted(which: Iterator[bool]) -> list[str]:
        return [
            text(first + i) if on else cell for i, (cell, on) in enumerate(zip(cells, which, strict=True))
        ]

    every = [_alike(c, first + i) for i, c in enumerate(columns)]
    return [c.header[0] for c in columns], [
        cells,
        planted(iter(free)),
        planted(on and i % 2 == 0 for i, on in enumerate(free)),
        every,
    ]


def _alike(column: Column, number: int) -> str:
    return "51038119850101123X" if column.type is ColumnType.CITIZEN_ID else text(number)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    world = World(tmp_path_factory.mktemp("cells"))
    for number, (kind, record) in enumerate(records().items()):
        sender = "重庆市总工会" if "unit_code" in record.columns else "永川区总工会"
        headers, lines = rows(kind, number * 100)
        path = world.paths.inbox / sender / f"2015年{record.label}.xlsx"
        path.parent.mkdir(parents=True, exist_ok=True)
        book = openpyxl.Workbook()
        for line in (
            [f"2015年{record.label}"],
            [f"填报人：{text(9000)}"],
            headers,
            *lines,
            [f"制表：{text(9001)}"],
        ):
            book.active.append(line)
        book.save(path)
    named = (
        HEADER.replace("调解结果", f"{WHO}的调解结果")
        .replace("申请人", f"申请人{WHO}")
        .replace("案号", f"{WHO}1390013{7:04d}")
    )
    world.write("2015年调解.csv", case(1), case(2), header=named)
    world.write(
        "2015年调解二.csv", case(1, result=text(9002)), case(2, accepted=text(9003)), header=f"{WHO},{HEADER}"
    )
    world.write(f"{WHO}2014年调解.csv", case(1))
    world.take_in("2016-01-05")
    return world


@pytest.fixture(scope="module")
def published(world: World) -> World:
    """The same, built after a crash: a fault of the reader and one of a step, both of which quote a cell."""
    with pytest.MonkeyPatch.context() as patch:
        read, name = load.read_file, f"{WHO}2014年调解.csv"

        def faulty(*given: object, **more: object) -> object:
            if given[1] == name:
                raise ValueError(text(9004))
            return read(*given, **more)  # type: ignore[arg-type]

        patch.setattr(load, "read_file", faulty)
        world.build()
    measure(world.paths)
    with open_build(world.paths) as con:
        score_years(con, 2015)
        create_open(con)
    publish(world.paths)
    assert write_results(world.paths, 2015) is not None
    write_returns(world.paths)
    return world


def test_every_column_was_planted_and_rows_got_through(published: World) -> None:
    """Sound rows and those with a name in their free cells count: what is searched is no empty warehouse."""
    kinds = dict(published.ask("select record, sum(rows_accepted) from meta.part group by all"))
    decisions = {name for name, r in records().items() if r.is_decision}
    assert set(kinds) | decisions | YEARS_ACROSS >= set(records())
    assert sum(int(str(n)) >= 2 for n in kinds.values()) > 20, kinds
    kept = b"".join(p.read_bytes() for p in published.paths.vault.rglob("*.log"))
    assert PLANTED.search(kept), "the crash is in the vault's log, in full"


def test_no_byte_outside_the_closed_folders_has_it(published: World) -> None:
    """The build, which lies in the vault and is copied by bytes, has none either: what a killed run leaves has none."""
    data = published.paths.data
    closed = (published.paths.vault, published.paths.returns, published.paths.inbox)
    files = [p for p in data.rglob("*") if p.is_file() and not any(c in p.parents for c in closed)]
    for path in (*files, published.paths.build_file()):
        assert not PLANTED.findall(path.read_bytes() + str(path.relative_to(data)).encode()), path


def unpacked(path: Path) -> Iterator[bytes]:
    """What a file holds behind its compression."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as package:
            yield from (package.read(name) for name in package.namelist())
    elif path.suffix == ".parquet":
        with open_scratch() as con:
            rows = con.execute(f"select cast(t as varchar) from read_parquet('{path}') as t").fetchall()
            yield "\n".join(line for (line,) in rows).encode()
    else:
        yield path.read_bytes()


def test_page_workbook_letters_and_tables_of_a_year_do_not_have_it(published: World) -> None:
    files = [p for p in (published.paths.results / "2015").rglob("*") if p.is_file()]
    kinds = {p.suffix for p in files}
    assert kinds >= {".html", ".xlsx", ".docx", ".csv", ".parquet", ".json"}, kinds
    for path in files:
        assert not PLANTED.findall(b"\n".join(unpacked(path))), path


def test_no_row_of_any_table_has_it(published: World) -> None:
    """Asked for as text, because a database may compress what it writes."""
    with duckdb.connect(str(published.paths.warehouse_file()), read_only=True) as con:
        names = con.execute(
            "select schema_name, table_name from duckdb_tables() where database_name = current_database() order by all"
        ).fetchall()
        assert len(names) > 60
        for schema, table in names:
            found = con.execute(f'select cast(t as varchar) from "{schema}"."{table}" as t').fetchall()
            assert not PLANTED.findall("\n".join(line for (line,) in found).encode()), (schema, table)


COMMANDS = (
    ("status", "--json"),
    ("doctor",),
    ("verify", "--json"),
    ("trace", "永川区", "--indicator", "mediation_accepted", "--year", "2015", "--all", "--json"),
    ("trace", "永川区", "--indicator", "wage_recovery_places", "--year", "2015", "--all"),
    ("sql", "from open.问题清单", "--csv"),
    ("sql", "from open.讨薪维权台账"),
    ("sql", "from nothing.here"),
)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_no_command_says_it(
    published: World, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    monkeypatch.setenv("UNION_ASSESSMENT_DATA", str(published.paths.data))
    result = CliRunner().invoke(cli.app, command)
    assert result.output
    assert not PLANTED.findall(result.output.encode())


def test_the_list_of_words_has_no_number_of_anybody(
    published: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Words are shown as written to whoever may open the vault, who has to know what is let in; numbers are no words."""
    monkeypatch.setenv("UNION_ASSESSMENT_DATA", str(published.paths.data))
    listed = tmp_path / "待认.csv"
    assert CliRunner().invoke(cli.app, ["words", "--out", str(listed)]).exit_code == 0
    assert not re.search(r"1390013\d{4}|51038119850101123X", listed.read_text(encoding="utf-8-sig"))
    assert listed.stat().st_mode & 0o077 == 0


def test_a_step_that_crashes_does_not_say_it(published: World) -> None:
    for error in (ValueError(text(9005)), FileNotFoundError(2, "gone", text(9006))):
        with pytest.raises((tasks.StepFailed, tasks.StepRefused)) as told, tasks._step(published.paths, "x"):
            raise error
        assert not PLANTED.findall(str(told.value).encode())
        assert told.value.__cause__ is None and told.value.__suppress_context__


def test_texts_that_differ_stay_different_and_the_known_words_stay(published: World) -> None:
    [(place,)] = published.ask("select distinct place from core.wage_recovery where place like '□%'")
    assert re.fullmatch("□[0-9a-f]{16}[0-9]{4}号 □", str(place))
    said = published.vault.redacted_cell
    assert (
        len({said(f"{WHO}{mark}有限公司") for mark in ("甲", "乙", "甲 ", "")}) == 4
    )  # a blank at the end is none
    assert said(f"永川区{WHO}有限公司").startswith("永川区□") and said(f"{WHO}有限公司").endswith("有限公司")
    assert (
        said("１３９００１３９００２")[0]
        == said("139.0013.9002")[0]
        == said("一三九零零一三九零零二")[0]
        == "□"
    )


@pytest.mark.skipif(os.name == "nt", reason="modes are POSIX")
def test_what_is_published_is_for_a_group_and_not_for_the_world(published: World) -> None:
    folder, file = published.paths.warehouse, published.paths.warehouse_file()
    assert folder.stat().st_mode & 0o007 == 0 and file.stat().st_mode & 0o777 == 0o440
    folder.chmod(0o755)
    assert any("chmod o=" in check.text for check in examine(published.paths) if not check.good)
    folder.chmod(0o750)
