"""A run says in Prefect's log what its steps did, in counts, and neither there nor in Prefect's database whom it read about."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from flows import settings
from flows.contract.catalogue import ROOT
from flows.contract.paths import Paths
from tests.test_flows import CITIZEN_ID, FILE, NAME, SENDER, case, put

#: Made up, as all of them.
STREET, EMPLOYER, PHONE, FOLDER = "样本路十七号", "永川样本织造厂", "13900001234", "样本人李某的材料"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Paths:
    """A run over sound rows, rows with errors, and files that cannot be read or whose very names are a person's."""
    where = Paths(tmp_path_factory.mktemp("log"))
    put(where.inbox, case(1), case(2), case(3, closed=STREET), case(4, closed="2014-01-01"))
    put(where.inbox, case(1), (EMPLOYER, *case(2)[1:]), name=f"{NAME}的调解台账.csv")
    members = [
        ("永川区会员名册20151231",),
        ("姓名", "身份证号", "手机号", "入会时间", EMPLOYER),
        (NAME, CITIZEN_ID, PHONE, STREET, ""),
    ]
    lines = "\n".join(",".join(row) for row in members)
    (where.inbox / SENDER / "会员名册20151231.csv").write_text(lines, encoding="utf-8-sig")
    (where.inbox / SENDER / f"{NAME}{CITIZEN_ID}.xlsx").write_bytes(b"PK\x03\x04 no workbook")
    (where.inbox / FOLDER).mkdir()
    (where.inbox / FOLDER / FILE).write_text(f"{NAME},{CITIZEN_ID}", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "flows.cli", "run", "--year", "2011"],
        cwd=ROOT,
        env=settings.environment_with({"UNION_ASSESSMENT_DATA": str(where.data)}),
        capture_output=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr.decode()
    return where


def test_every_step_is_logged_with_its_counts(run: Paths) -> None:
    with closing(sqlite3.connect(run.prefect / "prefect.db")) as con:
        lines = con.execute("select name, message from log where name like 'flows.%'").fetchall()
    said = {name for name, _ in lines}
    steps = {
        "ingest.vault",
        "normalise.load",
        "normalise.build",
        "metrics.refresh",
        "assess.score_years",
        "warehouse.publish",
    }
    assert said >= {f"flows.{step}" for step in (*steps, "returns.write_returns", "tasks")}
    assert ("flows.ingest.vault", "5 new, 0 repeated, 0 ignored, 0 problems") in lines


def test_nothing_that_prefect_keeps_names_anybody(run: Paths) -> None:
    kept = [path for path in run.prefect.rglob("*") if path.is_file()]
    assert run.prefect / "prefect.db" in kept
    content = b"".join(path.read_bytes() for path in kept)
    assert b"deliveries to 5 loaded" in content, "the whole log is there to be searched"
    for name in (NAME, CITIZEN_ID, STREET, EMPLOYER, PHONE, FOLDER):
        assert name.encode() not in content
        assert json.dumps(name)[1:-1].encode() not in content
        assert name.encode("utf-16-le") not in content


@pytest.mark.skipif(os.name == "nt", reason="modes are POSIX")
def test_what_prefect_keeps_is_for_this_account_alone(run: Paths) -> None:
    assert run.prefect.stat().st_mode & 0o077 == 0
