"""`preview` and `restate`: usage, exit codes, and what they print. What they write is tested in tests/book/test_restatement_story.py."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from flows import cli
from flows.book.close_year import OpenMatter, YearStaysOpen
from flows.contract.paths import Paths
from flows.ingest.lock import run_lock
from flows.warehouse.books import ClosedBook, Manifest


def call(*arguments: str) -> Result:
    return CliRunner().invoke(cli.app, arguments)


@pytest.mark.parametrize(
    "arguments",
    [
        ["preview", "2015"],
        ["preview", "2015", "--until", "soon"],
        ["restate"],
        ["restate", "2015-1", "--unit", "nowhere"],
    ],
)
def test_wrong_usage_is_2(arguments: list[str], data_folder: Paths) -> None:
    assert call(*arguments).exit_code == 2


@pytest.mark.parametrize(
    "arguments", [["preview", "2015", "--until", "2016-02-10"], ["restate", "2015-1", "now"]]
)
def test_without_a_warehouse_they_say_what_to_run(arguments: list[str], data_folder: Paths) -> None:
    done = call(*arguments)
    assert done.exit_code == 1
    assert "union-assessment run --year YEAR" in done.stderr


def test_no_preview_while_a_run_is_under_way(data_folder: Paths) -> None:
    with run_lock(data_folder.lock):
        assert call("preview", "2015", "--until", "2016-02-10").exit_code == 3


def test_a_preview_says_its_number_and_until_when_to_object(
    data_folder: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[Path] = []

    def publish(paths: Paths, year: int, until: date, recorded_at: datetime) -> ClosedBook:
        if until < date(2016, 1, 31):
            raise YearStaysOpen(year, [OpenMatter("until_too_early", "name a later day")])
        made = Manifest(
            year=year,
            edition=2,
            closed_on=date(2016, 1, 31),
            recorded_at=recorded_at,
            reason=None,
            scheme="made",
            scheme_fingerprint="f",
            code_fingerprint="c",
            deliveries=1,
            last_received_at=recorded_at,
            rows={},
            kind="preview",
            until=until,
        )
        return ClosedBook(paths.previews / "2015-2", made, {}, "abc")

    monkeypatch.setattr("flows.book.preview.publish_preview", publish)
    monkeypatch.setattr("flows.report.results.write_results.write_results", lambda paths, year: None)
    monkeypatch.setattr("flows.book.unit_receipt.put_receipts", lambda paths, folder: written.append(folder))
    done = call("preview", "2015", "--until", "2016-02-10")
    assert (done.exit_code, written) == (0, [data_folder.previews / "2015-2"])
    assert "objections until 2016-02-10, as appeals that name 2015-预2" in done.stdout
    told = json.loads(call("preview", "2015", "--until", "2016-02-10", "--json").stdout)
    assert (told["published"], told["number"], told["until"], told["known_on"]) == (
        True,
        2,
        "2016-02-10",
        "2016-01-31",
    )
    done = call("preview", "2015", "--until", "2016-01-05", "--json")
    assert done.exit_code == 1
    assert [m["code"] for m in json.loads(done.stdout)["unsettled"]] == ["until_too_early"]
    assert "name a later day" in done.stderr
