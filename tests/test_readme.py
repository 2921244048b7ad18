"""The READMEs say the same in two languages, and what they say can be typed: every command, option, target, question and call is there.

Commands are parsed as the command line parses them, in the order of the page, without being run: each has its own tests.
`tests/warehouse/test_any_duckdb.py` runs the SQL.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer

from flows import cli, client
from flows.contract.catalogue import ROOT

ENGLISH, CHINESE = ((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.zh-CN.md"))
_PROGRAM = ".venv/bin/union-assessment"


def _blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def _commands(text: str) -> list[list[str]]:
    """Every command of a README as a shell splits it, without comments and reasons, which are in the README's language."""
    return [shlex.split(line, comments=True) for block in _blocks(text, "sh") for line in block.splitlines()]


def _plain(command: list[str]) -> list[str]:
    return [
        "…" if before == "--reason" else word for before, word in zip(["", *command], command, strict=False)
    ]


def test_both_have_the_same_sections_and_commands() -> None:
    assert (
        len(re.findall(r"^## ", ENGLISH, re.MULTILINE))
        == len(re.findall(r"^## ", CHINESE, re.MULTILINE))
        > 10
    )
    assert [_plain(c) for c in _commands(ENGLISH)] == [_plain(c) for c in _commands(CHINESE)]
    assert len(_commands(ENGLISH)) > 30
    for language in ("sh", "sql", "python"):
        assert len(_blocks(ENGLISH, language)) == len(_blocks(CHINESE, language)) > 0
    assert {re.search(r"!\[.*\]\((.*)\)", text)[1] for text in (ENGLISH, CHINESE)} == {"docs/results.png"}  # type: ignore[index]


@pytest.mark.parametrize("command", _commands(ENGLISH), ids=" ".join)
def test_a_command_can_be_typed(command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program, *words = command
    if program == "make":
        assert re.search(rf"^{words[0]}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
        return
    if program != _PROGRAM:
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
        [block] = _blocks(text, "python")
        for name in re.findall(r"client\.(\w+)\(", block):
            assert callable(getattr(client, name)), name
        compile(block, "README", "exec")


def test_every_file_that_is_linked_is_there() -> None:
    for text in (ENGLISH, CHINESE):
        links = [link for link in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in link]
        assert len(links) > 8
        assert [link for link in links if not (ROOT / link).exists()] == []
