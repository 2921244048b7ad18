"""Commands about the course of a year: what they print, and their exit codes."""

from __future__ import annotations

import json
from datetime import date, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from flows import cli
from flows.assess.progress import ItemProgress, Progress
from flows.book.close_year import OpenMatter, YearStaysOpen
from flows.contract.paths import Paths
from flows.ingest.lock import run_lock
from flows.report import year_tables as standing
from flows.warehouse.books import ClosedBook, Manifest

JUNE = date(2015, 6, 30)


def call(*arguments: str) -> Result:
    return CliRunner().invoke(cli.app, arguments)


@pytest.mark.parametrize(
    "arguments",
    [
        ["close"],
        ["close", "1815"],
        ["close", "2015", "--again"],
        ["progress"],
        ["progress", "--on", "2015-02-30"],
        ["progress", "--on", "2015-06-30", "--unit", "nowhere"],
    ],
)
def test_wrong_usage_is_2(arguments: list[str], data_folder: Paths) -> None:
    assert call(*arguments).exit_code == 2


@pytest.mark.parametrize("arguments", [["close", "2015"], ["progress", "--on", "2015-06-30"]])
def test_without_a_warehouse_they_say_what_to_run(arguments: list[str], data_folder: Paths) -> None:
    done = call(*arguments)
    assert done.exit_code == 1
    assert "union-assessment run --year YEAR" in done.stderr


def test_nothing_is_closed_while_a_run_is_under_way(data_folder: Paths) -> None:
    with run_lock(data_folder.lock):
        assert call("close", "2015").exit_code == 3


def test_a_year_that_stays_open_lists_what_is_to_be_settled(
    data_folder: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Paths, year: int, *__: object, **_decided: object) -> ClosedBook:
        raise YearStaysOpen(year, [OpenMatter("rater_missing", "评分缺失", "dazu", "satisfaction")])

    monkeypatch.setattr("flows.book.close_year.close", refuse)
    done = call("close", "2015")
    assert done.exit_code == 1
    assert done.stdout == "rater_missing  dazu  satisfaction  评分缺失\n"
    assert "2015 stays open: 1 matters" in done.stderr
    done = call("close", "2015", "--json")
    assert done.exit_code == 1
    matter = {
        "code": "rater_missing",
        "message": "评分缺失",
        "unit": "dazu",
        "item": "satisfaction",
        "name": None,
    }
    assert json.loads(done.stdout) == {"year": 2015, "closed": False, "unsettled": [matter]}


def test_a_closed_year_says_where_its_edition_is(data_folder: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[Any] = []

    def close(
        paths: Paths, year: int, recorded_at: datetime, reason: str | None, again: bool, **_decided: object
    ) -> ClosedBook:
        given.extend([year, reason, again])
        made = Manifest(
            year=year,
            edition=2,
            closed_on=date(2016, 6, 1),
            recorded_at=recorded_at,
            reason=reason,
            scheme="made",
            scheme_fingerprint="f",
            code_fingerprint="c",
            deliveries=1,
            last_received_at=recorded_at,
            rows={"result": 40},
        )
        return ClosedBook(paths.books / "2015-2", made, {}, "abc")

    monkeypatch.setattr("flows.book.close_year.close", close)
    done = call("close", "2015", "--again", "--reason", "复议")
    assert (done.exit_code, given) == (0, [2015, "复议", True])
    assert str(data_folder.books / "2015-2") in done.stdout
    told = json.loads(call("close", "2015", "--json").stdout)
    assert (told["closed"], told["edition"], told["closed_on"], told["rows"]) == (
        True,
        2,
        "2016-06-01",
        {"result": 40},
    )


def made(unit: str, item: str, light: Any, actual: int | None) -> ItemProgress:
    known = None if actual is None else Fraction(actual)
    return ItemProgress(
        unit,
        item,
        "mediation_succeeded",
        "not_reported" if actual is None else "value",
        Fraction(10),
        known,
        Fraction(1, 3),
        "past",
        Fraction(10, 3),
        light,
        Fraction(0),
        Fraction(60),
    )


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> Progress:
    standings = (
        made("yongchuan", "mediation", "green", 4),
        made("dazu", "mediation", "red", 1),
        made("fuling", "mediation", None, None),
        ItemProgress(
            "dazu", "rated", None, "unscored", None, None, None, None, None, None, Fraction(3), Fraction(5)
        ),
    )
    units = {"yongchuan": "永川区", "dazu": "大足区", "fuling": "涪陵区"}
    progress = Progress(
        JUNE, date(2015, 7, 5), standings, units, {"mediation": "成功调解", "rated": "满意度"}
    )

    def ask(_: Path, day: date) -> Progress:
        assert day == JUNE
        return progress

    monkeypatch.setattr("flows.assess.progress.ask_progress", ask)
    return progress


@pytest.mark.usefixtures("chinese")
def test_lights_are_words_where_there_is_no_terminal(found: Progress, data_folder: Paths) -> None:
    lines = call("progress", "--on", "2015-06-30").stdout.splitlines()
    assert "2015-06-30 进度，资料截至 2015-07-05" in lines[0]
    rows = [line for line in lines if line.strip().startswith(("永川", "大足", "涪陵"))]
    assert [row.split("│")[1].strip() for row in rows] == ["绿", "红", "－"]
    assert "  1 成功调解（mediation）：绿 1，黄 0，红 1，－ 1" in lines
    assert "满意度" not in "".join(lines), "an item without a target has no light"


@pytest.mark.usefixtures("chinese")
def test_one_unit_is_shown_in_full(found: Progress, data_folder: Paths) -> None:
    text = call("progress", "--on", "2015-06-30", "--unit", "大足区").stdout
    assert "大足区，2015-06-30 进度" in text
    [row] = [line for line in text.splitlines() if "成功调解" in line]
    assert [cell.strip() for cell in row.split("│")] == [
        "成功调解",
        "红",
        "1",
        "3.33",
        "10",
        "33%",
        "0/60",
    ]
    assert "未评分" in text
    assert "全年累计的按历年同期" in text
    assert "永川区" not in text
    assert call("progress", "--on", "2015-06-30", "--unit", "万州区").exit_code == 2


def test_progress_as_json_has_every_unit_and_item(found: Progress, data_folder: Paths) -> None:
    rows = json.loads(call("progress", "--on", "2015-06-30", "--json").stdout)
    assert [(r["unit"], r["item"], r["light"]) for r in rows] == [
        ("yongchuan", "mediation", "green"),
        ("dazu", "mediation", "red"),
        ("fuling", "mediation", None),
        ("dazu", "rated", None),
    ]
    assert (rows[0]["pace"], rows[0]["pace_basis"], rows[0]["expected"]) == ("0.333333", "past", "3.333333")


def test_a_day_before_all_targets_says_that_nothing_is_expected(capsys: pytest.CaptureFixture[str]) -> None:
    from flows.report import terminal

    standing.show_lights(terminal.results(), Progress(JUNE, None, (), {}, {"a": "甲"}))
    assert "nothing is expected yet" in capsys.readouterr().out


def test_status_shows_closed_years_and_damaged_ones(
    data_folder: Paths, capsys: pytest.CaptureFixture[str]
) -> None:
    from flows.report import terminal

    standing.show_editions(terminal.results(), data_folder)
    assert "closed years: none" in capsys.readouterr().out
    (data_folder.books / "2015-1").mkdir(parents=True)
    standing.show_editions(terminal.results(), data_folder)
    assert "2015-1/SHA256SUMS is missing" in capsys.readouterr().out
