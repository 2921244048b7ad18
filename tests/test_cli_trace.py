"""`trace` on the command line: what it understands, exit codes, what a program gets."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner, Result

from flows import cli
from flows.contract.catalogue import ROOT
from flows.contract.paths import Paths
from flows.score.scheme.scheme_loader import load_year
from flows.warehouse.publish import swap_in
from tests.support.inboxes import copied, judge
from tests.support.world import World


@pytest.fixture
def paths(filled: Paths, monkeypatch: pytest.MonkeyPatch) -> Paths:
    monkeypatch.setenv("UNION_ASSESSMENT_DATA", str(filled.data))
    return filled


def call(*arguments: str) -> Result:
    return CliRunner().invoke(cli.app, ["trace", *arguments])


@pytest.mark.parametrize("named", ["mediation_succeeded", "成功调解劳动争议案件", " 成功调解 劳动争议案件 "])
def test_an_indicator_is_meant_by_id_or_label(paths: Paths, named: str) -> None:
    done = call("永川区", named, "--year", "2015")
    assert done.exit_code == 0, done.output
    assert "5 rows add up ＝ 5" in done.stdout


def test_json_and_csv_are_for_programs(paths: Paths, tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    done = call(
        "yongchuan", "--indicator", "members", "--year", "2015", "--json", "--limit", "1", "--csv", str(file)
    )
    found = json.loads(done.stdout)
    assert (done.exit_code, found["proven"], found["counted"], len(found["lines"])) == (0, True, 3, 1)
    assert len(file.read_text(encoding="utf-8-sig").splitlines()) == 4


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["永川区", "members", "--indicator", "members", "--year", "2015"], "either ITEM or --indicator"),
        (["永川区", "mediation", "--year", "2015"], "mediation_succeeded"),
        (["永川区", "nothing", "--year", "2015"], "no item of 2015"),
        (["永川区", "--indicator", "调解", "--year", "2015"], "no indicator"),
        (["火星区", "members", "--year", "2015"], "the name of no unit"),
        (["永川区", "members", "--year", "2050"], "no period 2050"),
    ],
)
def test_wrong_usage_is_2_and_says_what_there_is(paths: Paths, arguments: list[str], said: str) -> None:
    done = call(*arguments)
    assert done.exit_code == 2
    assert said in " ".join(done.stderr.replace("│", " ").split())


@pytest.mark.usefixtures("chinese")
def test_what_is_not_proven_is_1(filled: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = copied(filled, tmp_path).warehouse_file()
    monkeypatch.setenv("UNION_ASSESSMENT_DATA", str(tmp_path))
    file.chmod(0o644)
    with duckdb.connect(str(file)) as con:
        con.execute(
            "update metric.value set value = 9, numerator = 9 where indicator_id = 'mediation_succeeded'"
        )
    done = call("永川区", "mediation_succeeded", "--year", "2015")
    assert done.exit_code == 1
    assert "未证明！" in done.stdout and "发布 9；原件 5" in done.stdout


def test_without_a_warehouse_it_says_what_to_run(data_folder: Paths) -> None:
    done = call("永川区", "--indicator", "members", "--year", "2015")
    assert done.exit_code == 1 and "union-assessment run" in done.stderr


@pytest.mark.usefixtures("chinese")
def test_an_item_of_the_year_is_traced_from_its_points(
    filled: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the scheme that is shipped; what else an item may be called is said in tests/audit/test_traceable.py."""
    world = World(copied(filled, tmp_path).data)
    judge(world, ROOT)
    swap_in(world.paths.build_file(), world.paths.warehouse_file())
    monkeypatch.setenv("UNION_ASSESSMENT_DATA", str(tmp_path))
    [label] = [i.label for i in load_year(2015).scheme.walk() if i.id == "mediation"]
    done = call("永川区", "mediation_succeeded", "--year", "2015", "--json", "--limit", "1")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert (found["item"], found["proven"], found["figures"][0]["actual"]) == ("mediation", True, "3")
    done = call("永川区", label, "--year", "2015")
    assert "按记录 5，计分采用 3" in done.stdout and done.stdout.rstrip().endswith(
        "得分与从原件一步步复算的结果一致"
    )
    done = call("永川区", "加分", "--year", "2015", "--json")
    found = json.loads(done.stdout)
    assert (done.exit_code, found["kind"], found["proven"], found["complete"]) == (0, "bonus", True, True)
    done = call("--unit", "永川区", "--all-items", "--year", "2015", "--json")
    found = json.loads(done.stdout)
    assert done.exit_code == 0, "; ".join(
        f"{n['name']} {n['differences']}" for n in found["numbers"] if not n["is_proven"]
    )
    assert found["counts"]["decided"] == {"numbers": 6, "proven": 6, "complete": 2}
    assert found["counts"]["item"]["numbers"] == 53 and found["counts"]["all"]["proven"] == len(
        found["numbers"]
    )
    assert call("--year", "2015").exit_code == 2  # of whom?
