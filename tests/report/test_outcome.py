"""What a run shows of a scored year: points, place and grade, narrow enough for a terminal; the same for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.assess.score_years import score_year
from flows.report import run_summary as outcome
from flows.warehouse.counts import compare
from flows.warehouse.publish import Publication
from tests.support import stand
from tests.support.scheme import measured_year


@pytest.fixture(scope="module")
def editions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Path]]:
    """Two warehouses of one year: in the second, Yongchuan's figure is verified higher."""
    folder = tmp_path_factory.mktemp("editions")
    con, root = measured_year(folder, target=5)
    paths = folder / "before.duckdb", folder / "now.duckdb"
    for path in paths:
        score_year(con, 2015, root)
        stand.publish(con, path)
        verified = {"unit_code": "yongchuan", "year": 2015, "indicator": "mediation_succeeded", "verified": 4}
        stand.give(con, "verified_figure", [verified])
    yield paths


@pytest.mark.usefixtures("chinese")
def test_a_terminal_shows_points_place_and_grade(
    editions: tuple[Path, Path], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before, now = editions
    monkeypatch.setattr(outcome.terminal, "PLAIN_WIDTH", 80)
    outcome.show(2015, "yongchuan", compare(now, before), Publication(now, 1, None))
    lines = capsys.readouterr().out.splitlines()
    assert any("劳动争议调解" in line and "60.00" in line and "48.00" in line for line in lines)
    assert lines[0].startswith("永川区总工会2015年度：48.00分，总第1名，") and "一等奖（确定）" in "".join(
        lines[:2]
    )
    assert "2015年计分的待办：无，见 assess.finding" in lines
    table = [line for line in lines if "│" in line]
    assert table and max(sum(1 + (c > "⺀") for c in line) for line in table) <= 80
    outcome.show(2015, None, compare(now, before), Publication(now, 1, None))
    lines = capsys.readouterr().out.splitlines()
    assert sum("│" in line for line in lines) == 10 and "以上为前10名，共40个单位。" in lines


def test_programs_get_the_same(editions: tuple[Path, Path]) -> None:
    before, now = editions
    said = json.loads(outcome.as_json(2015, "yongchuan", compare(now, before), Publication(now, 1, None)))
    assert said["result"]["总分"] == "48.000000" and said["result"]["等次"] == "一等奖"
    assert [(row["项目"], row["得分"]) for row in said["scores"]] == [
        ("劳动争议调解", "48.000000"),
        ("法律援助", "0.000000"),
    ]
    assert said["findings"] == {"error": 0, "warning": 0, "info": 0}
    assert said["changed_results"] == {"2015": 1}


def test_an_edition_counts_results_that_changed(editions: tuple[Path, Path]) -> None:
    before, now = editions
    edition = compare(now, before)
    assert edition.changed_results == {2015: 1} and edition.changed == {}
    assert edition.counts["results"] == edition.before["results"] == 40
    assert compare(before, before).changed_results == {}


def test_a_year_without_a_scheme_shows_its_figures_alone(
    editions: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    now = editions[1]
    outcome.show(2014, "yongchuan", compare(now, None), Publication(now, 1, None))
    assert capsys.readouterr().out.startswith("yongchuan 2014\n")
    said = json.loads(outcome.as_json(2014, "yongchuan", compare(now, None), Publication(now, 1, None)))
    assert said["result"] is None and said["scores"] == []
