"""The published file in the DuckDB that a reader may have: the oldest and the newest supported say what ours says, older ones refuse it.

Each version is installed into an environment of its own; without an index that has it the test is skipped.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

import pytest

from flows.assess.score_years import create_open, score_year
from flows.contract.catalogue import ROOT, records
from flows.contract.paths import Paths
from flows.database.connect import open_build
from flows.warehouse.books import carry
from flows.warehouse.describe import describe
from flows.warehouse.publish import swap_in
from tests.support.inboxes import copied
from tests.support.scheme import assessed, write_scheme

OLDEST, NEWEST, TOO_OLD = "1.4.4", "2.0.0", "1.3.2"

#: Run by each version: how many rows every table and view has, and the answers to some questions.
_ASKED = """
import duckdb, json, sys
with duckdb.connect(sys.argv[1], read_only=True) as con:
    relations = con.execute(
        "select schema_name, table_name from duckdb_tables() where database_name = current_database() union "
        "select schema_name, view_name from duckdb_views() where database_name = current_database() and not internal "
        "order by all").fetchall()
    said = {f"{s}.{t}": con.execute(f'select count(*) from "{s}"."{t}"').fetchone() for s, t in relations}
    for question in json.load(sys.stdin):
        said[question] = sorted([str(value) for value in row] for row in con.execute(question).fetchall())
print(duckdb.__version__, json.dumps(said))
"""


@pytest.fixture(scope="module")
def warehouse(filled: Paths, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small files with all views and comments, as a publication has them."""
    folder = tmp_path_factory.mktemp("office")
    paths = copied(filled, folder)
    units = [unit.unit_code for unit in assessed()]
    goals = [f"{unit},mediation_succeeded,4,样例1号,2015-01-20" for unit in units]
    root = write_scheme(folder, groups=dict.fromkeys(units, "district"), targets=goals)
    with open_build(paths) as con:
        score_year(con, 2015, root)
        create_open(con)
        carry(con, paths.books)
        describe(con, records())
    return swap_in(paths.build_file(), paths.warehouse_file()).path


@pytest.fixture(scope="module")
def ours(warehouse: Path) -> dict[str, Any]:
    return _answers(sys.executable, warehouse)


def _python(version: str, folder: Path) -> Path:
    """The interpreter of an environment that has only this version of DuckDB."""
    venv.create(folder, with_pip=False)
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    install = [
        "install",
        "--quiet",
        "--no-input",
        "--no-deps",
        "--only-binary",
        ":all:",
        f"duckdb=={version}",
    ]
    done = subprocess.run(
        [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(python), *install],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.skip(
            f"no DuckDB {version} for this Python is within reach: {done.stderr.strip().splitlines()[-1:]}"
        )
    return python


def _answers(python: Path | str, file: Path) -> dict[str, Any]:
    done = subprocess.run(
        [str(python), "-c", _ASKED, str(file)],
        input=json.dumps(_questions()),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    version, _, said = done.stdout.partition(" ")
    return {"version": version} | json.loads(said)


def _questions() -> list[str]:
    """Those of both READMEs and of `sql/adhoc`, and a span of days."""
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "README.md", ROOT / "README.zh-CN.md")]
    blocks = [block for text in texts for block in re.findall(r"```sql\n(.*?)```", text, re.DOTALL)]
    asked = [question for block in blocks for question in block.split(";") if question.strip()]
    asked += [path.read_text(encoding="utf-8") for path in sorted((ROOT / "sql" / "adhoc").glob("*.sql"))]
    return [*asked, "from metric.in_span('2014-03-02', '2015-11-17') order by all"]


@pytest.mark.parametrize("version", [OLDEST, NEWEST])
def test_a_supported_version_says_what_ours_says(
    version: str, warehouse: Path, ours: dict[str, Any], tmp_path: Path
) -> None:
    theirs = _answers(_python(version, tmp_path / "venv"), warehouse)
    assert theirs["version"] == version != ours["version"]
    assert theirs | {"version": ""} == ours | {"version": ""}
    assert ours["core.mediation"] > [5] and ours["open.总分排名"] == [40]
    assert (
        len(ours) > 150 and sum(isinstance(answer, list) and len(answer) > 1 for answer in ours.values()) > 10
    )


def test_an_older_version_refuses_it(warehouse: Path, tmp_path: Path) -> None:
    """1.3 opened the format that was written before, and found fewer rows in it."""
    python = _python(TOO_OLD, tmp_path / "venv")
    opened = "import duckdb, sys; duckdb.connect(sys.argv[1], read_only=True)"
    done = subprocess.run(
        [str(python), "-c", opened, str(warehouse)], capture_output=True, text=True, check=False
    )
    assert done.returncode != 0 and "version number" in done.stderr
