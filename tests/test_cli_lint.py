"""`union-assessment lint`: exit codes, one place per finding, JSON, and the scores of a warehouse beside the scheme."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner, Result

from flows import cli
from flows.contract.catalogue import ROOT
from flows.contract.paths import Paths

SOUND = ROOT / "tests" / "score" / "lint" / "sound"


def call(*arguments: str) -> Result:
    return CliRunner().invoke(cli.app, ["lint", *arguments])


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    folder = tmp_path / "broken"
    shutil.copytree(SOUND / "targets", folder)
    text = (folder / "scheme.yml").read_text(encoding="utf-8")
    text = text.replace("total: 60", "total: 97").replace("items: [rights]", "items: [right]")
    (folder / "scheme.yml").write_text(text, encoding="utf-8")
    return folder


def test_a_sound_folder_passes() -> None:
    done = call(str(SOUND / "targets"))
    assert done.exit_code == 0
    assert done.output.splitlines()[-1] == f"{SOUND / 'targets'}: 0 errors, 0 warnings, 1 info"


def test_an_error_fails_and_says_place_clause_and_what_to_do(broken: Path) -> None:
    done = call(str(broken), str(SOUND / "peers"))
    assert done.exit_code == 1
    at = next(n for n, line in enumerate(done.output.splitlines()) if "unknown_item" in line)
    found, hint = done.output.splitlines()[at : at + 2]
    line = (broken / "scheme.yml").read_text(encoding="utf-8").splitlines().index("      items: [right]") + 1
    expected = (
        f"{broken}/scheme.yml:{line}: error: 扣分 › 维权通报 · items 第1项: no item right  [unknown_item]"
    )
    assert found == expected
    assert hint == "    write the id of an item of this scheme"
    assert f"{broken}: 1 error, 1 warning, 1 info; a scheme with errors is not run" in done.output


def test_a_folder_that_cannot_be_read_is_shown_the_same_way(broken: Path) -> None:
    (broken / "group.csv").write_text("unit,group_id\nwanzhou,a\nwanzhou,b\n", encoding="utf-8")
    done = call(str(broken), "--json")
    assert done.exit_code == 1
    (only,) = json.loads(done.output)
    assert [(f["code"], f["line"]) for f in only["findings"]] == [("load", 3)]


@pytest.mark.parametrize("name", ["1999", "no/such/folder"])
def test_a_folder_that_is_not_there_is_wrong_usage(name: str) -> None:
    done = call(name)
    assert done.exit_code == 2
    assert "there is no" in done.output


def test_json_has_everything_the_text_has(broken: Path) -> None:
    (only,) = json.loads(call(str(broken), "--json").output)
    assert (only["errors"], only["warnings"], only["infos"], only["weights"]) == (1, 1, 1, [])
    keys = {"severity", "code", "file", "line", "clause", "message", "hint"}
    assert all(set(found) == keys for found in only["findings"])


@pytest.fixture
def scored(data_folder: Paths) -> None:
    data_folder.warehouse.mkdir(parents=True)
    with duckdb.connect(str(data_folder.warehouse_file())) as con:
        con.execute(
            """create schema assess; create table assess.item_score as
            select 2015 as year, 'u' || u as unit_code, i.item_id, true as is_leaf,
              cast(case when i.item_id = 'members' then 20 else u end as decimal(18, 6)) as points,
              cast(20 as decimal(18, 6)) as full_points, cast(u as decimal(38, 6)) as actual
            from range(10) as r(u), (values ('members'), ('coverage')) as i(item_id)"""
        )


def test_with_data_shows_weights_and_what_sets_nobody_apart(scored: None) -> None:
    done = call(str(SOUND / "peers"), "--with-data")
    assert done.exit_code == 0
    assert "[all_at_cap]" in done.output and "[redundant]" in done.output
    assert "effective %" in done.output and "建会率" in done.output
    (only,) = json.loads(call(str(SOUND / "peers"), "--with-data", "--json").output)
    assert [(w["item"], w["nominal"], w["effective"]) for w in only["weights"]] == [
        ("members", 0.5, 0.0),
        ("coverage", 0.5, 1.0),
    ]


def test_with_data_of_a_year_that_was_not_scored_says_what_to_run(data_folder: Paths) -> None:
    done = call(str(SOUND / "peers"), "--with-data")
    assert done.exit_code == 1
    assert "union-assessment run --year YEAR" in done.output
