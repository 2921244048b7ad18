"""The list of words goes out as CSV, comes back filled in, and what was let in can be shown and taken out."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from typer.testing import CliRunner

from flows import settings
from flows.cli import app
from flows.contract import spelling
from flows.contract.paths import Paths
from flows.contract.spelling import LearntWord
from flows.ingest.lock import login
from flows.ingest.vault import Vault
from flows.normalise.unsettled_words import UnsettledWord

HEADER = UnsettledWord(
    "yongchuan", "mediation", "", "了结那天", 12, ("台账.xlsx",), {"closed_on": "结案日期"}, ("0000-00-00",)
)
WORD = UnsettledWord("yongchuan", "mediation", "result", "谈妥了", 3, ("台账.xlsx",), {"agreed": "调解成功"})
FOLDER = UnsettledWord("", "", "", "永川总工汇", 1, ("台账.xlsx",), {"yongchuan": "永川区"})


@pytest.fixture
def root(data_folder: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("flows.cli.word_commands._unsettled", lambda: [HEADER, WORD, FOLDER])
    for writes in (spelling.learn, spelling.learnt, spelling.revoke):
        monkeypatch.setattr(writes, "__defaults__", (tmp_path,))
    return tmp_path


def run(*given: str) -> str:
    result = CliRunner().invoke(app, ["words", *given])
    assert result.exit_code == 0, result.output
    return result.output


def test_the_list_says_what_each_word_may_mean(root: Path) -> None:
    assert sorted(run().splitlines()) == sorted(
        [
            "永川区 劳动争议调解台账  header “了结那天”  12 cells  may be: 结案日期  e.g. 0000-00-00",
            "永川区 劳动争议调解台账·调解结果  word “谈妥了”  3 cells  may be: 调解成功",
            "folder of the inbox  unit “永川总工汇”  1 files  may be: 永川区",
            "3 words are not understood",
        ]
    )


def test_a_list_that_was_filled_in_is_let_in_and_can_be_taken_out(root: Path) -> None:
    listed = root / "待认.csv"
    run("--out", str(listed))
    rows = list(csv.DictReader(listed.open(encoding="utf-8-sig")))
    rows[0]["meaning"], rows[1]["meaning"] = "closed_on", "agreed"
    with listed.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    run("--accept", str(listed), "--by", "李样例")
    assert [(w.word, w.meaning, w.by) for w in spelling.learnt(root)] == [
        ("了结那天", "closed_on", "李样例"),
        ("谈妥了", "agreed", "李样例"),
    ]
    assert "谈妥了 → agreed  李样例" in run("--learnt")
    run("--revoke", "yongchuan/mediation/谈妥了")
    assert [w.word for w in spelling.learnt(root)] == ["了结那天"]
    noted = Vault(settings.paths().vault).chain.noted("spelling", "spelling_revoked")
    assert [(e["event"], e["by"], len(e["words"])) for e in noted] == [  # type: ignore[arg-type]
        ("spelling", "李样例", 2),
        ("spelling_revoked", login(), 1),
    ]


def test_a_list_with_a_meaning_that_is_none_changes_nothing(root: Path) -> None:
    listed = root / "list.csv"
    listed.write_text(
        "unit,record,column,word,meaning\nyongchuan,mediation,result,谈妥了,fine\n", encoding="utf-8"
    )
    result = CliRunner().invoke(app, ["words", "--accept", str(listed)])
    assert result.exit_code == 2 and "no code fine" in result.output.replace("\n", " ")
    assert spelling.learnt(root) == ()


def test_what_units_other_mean_is_shown(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = LearntWord("jiangjin", "mediation", "result", "谈妥了", "agreed", "数据办", "2016-01-06")
    offered = UnsettledWord(*("yongchuan", "mediation", "result", "谈妥了", 3), ("a.csv",), {}, (), (other,))
    monkeypatch.setattr("flows.cli.word_commands._unsettled", lambda: [offered])
    assert "(江津区 takes it for agreed)" in run()
