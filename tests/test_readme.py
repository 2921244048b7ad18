"""The READMEs say the same in two languages, and what they say can be typed: every command, option, target, question and call is there.

Here commands are parsed as the command line parses them; `make readme` (`tests/test_sample_truth.py`) runs them, in the order of the page, on the
whole sample, and `tests/warehouse/test_any_duckdb.py` runs the SQL in every DuckDB.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import typer

from flows import cli, client
from flows.contract.catalogue import ROOT
from tests.support.readme import CHINESE, ENGLISH, PROGRAM, blocks, commands


def _plain(command: list[str]) -> list[str]:
    return [
        "…" if before == "--reason" else word for before, word in zip(["", *command], command, strict=False)
    ]


def test_both_have_the_same_sections_andcommands() -> None:
    assert (
        len(re.findall(r"^## ", ENGLISH, re.MULTILINE))
        == len(re.findall(r"^## ", CHINESE, re.MULTILINE))
        > 10
    )
    assert [_plain(c) for c in commands(ENGLISH)] == [_plain(c) for c in commands(CHINESE)]
    assert len(commands(ENGLISH)) > 30
    for language in ("sh", "sql", "python"):
        assert len(blocks(ENGLISH, language)) == len(blocks(CHINESE, language)) > 0
    assert {re.search(r"!\[.*\]\((.*)\)", text)[1] for text in (ENGLISH, CHINESE)} == {"docs/results.png"}  # type: ignore[index]


@pytest.mark.parametrize("command", commands(ENGLISH), ids=" ".join)
def test_a_command_can_be_typed(command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program, *words = command
    if program == "make":
        assert re.search(rf"^{words[0]}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
        return
    if program != PROGRAM:
        assert program in ("python", ".venv/bin/python")
        assert all((ROOT / word).exists() for word in words if word.endswith(".lock"))
        return
    monkeypatch.chdir(tmp_path)
    for folder in ("inbox/永川区总工会", "data/sample/inbox", "mnt"):
        (tmp_path / folder).mkdir(parents=True)
    for file in ("台账.xlsx", "任务书.xlsx", "data/sample/withdraw.json"):
        (tmp_path / file).touch()
    words = [word.replace("/mnt/disk", "mnt") for word in words if word not in (">", "found.json")]
    program_itself: Any = typer.main.get_command(cli.app)  # of Typer's own copy of Click
    with program_itself.make_context("union-assessment", list(words)) as context:
        found = program_itself.commands[words[0]]
        found.make_context(words[0], words[1:], parent=context)


def test_the_calls_of_the_client_are_there() -> None:
    for text in (ENGLISH, CHINESE):
        [block] = blocks(text, "python")
        for name in re.findall(r"client\.(\w+)\(", block):
            assert callable(getattr(client, name)), name
        compile(block, "README", "exec")


def test_every_file_that_is_linked_is_there() -> None:
    for text in (ENGLISH, CHINESE):
        links = [link for link in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in link]
        assert len(links) > 8
        assert [link for link in links if not (ROOT / link).exists()] == []
