"""The schema for editors takes what the loader takes, refuses misspelt keys, and is not stale."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from flows.contract.catalogue import ROOT, load_yaml
from flows.report.printed.scheme_schema import FILE, is_current, main, schema

SOUND = sorted((ROOT / "tests" / "score" / "lint" / "sound").glob("*/scheme.yml"))
SHIPPED = sorted((ROOT / "data" / "scheme").glob("[0-9]*/scheme.yml"))
REAL = sorted((ROOT / "tests" / "case" / "scheme").glob("*/scheme.yml"))
VALIDATOR = Draft202012Validator(schema())

MISSPELT = [
    ("closing_on:", "closing_day:"),
    ("        points: 8\n", "        point: 8\n"),
    ("{linear: {cap: 1}}", "{linear: {capp: 1}}"),
    ("{linear: {cap: 1}}", "{lines: {cap: 1}}"),
    ("{linear: {cap: 1}}", "{linear: {cap: 1}, points: 3}"),
    ("{linear: {cap: 1}}", "{linear: {of: attainments}}"),
    ("of: excess", "of: {as: exces}"),
    ("parts: full", "parts: whole"),
    ("- [0.80, 6]", "- [0.80]"),
    ("- [0.80, 6]", "- [八成, 6]"),
    ("{above: 0.80, to: 0.90, points: 4}", "{over: 0.80, to: 0.90, points: 4}"),
    ("{of: value, at_least: 1000}", "{of: value, atleast: 1000}"),
    ("effect: no_award\n  - id: criticism", "effect: no_prize\n  - id: criticism"),
    ("{at_best: first}", "{at_most: first}"),
    ("rejected: zero", "rejected: nothing"),
    ("highest_only: true", "highest: true"),
    ("bonus, deductions, round, gates", "bonus, deduction, round, gates"),
    ("        rule: {linear: {cap: 1}}\n", ""),
]


def parsed(text: str) -> Any:
    """As an editor reads it: keys are text, numbers are numbers."""
    return _keys(load_yaml(Path("scheme.yml"), text))


def _keys(node: Any) -> Any:
    if isinstance(node, dict):
        return {str(key): _keys(value) for key, value in node.items()}
    return [_keys(part) for part in node] if isinstance(node, list) else node


@pytest.mark.parametrize("path", [*SOUND, *SHIPPED, *REAL], ids=lambda p: str(p.relative_to(ROOT)))
def test_a_valid_scheme_validates(path: Path) -> None:
    errors = list(VALIDATOR.iter_errors(parsed(path.read_text(encoding="utf-8"))))
    assert [e.json_path for e in errors] == []


@pytest.mark.parametrize(("find", "put"), MISSPELT, ids=[put.strip() or find for find, put in MISSPELT])
def test_a_misspelt_key_or_word_does_not(find: str, put: str) -> None:
    text = (SOUND[-1].parent.parent / "targets" / "scheme.yml").read_text(encoding="utf-8")
    text = text.replace("bonus:\n", "bonus:\n  highest_only: true\n")
    assert find in text
    assert VALIDATOR.is_valid(parsed(text))
    assert not VALIDATOR.is_valid(parsed(text.replace(find, put)))


def test_numbers_may_be_written_as_text() -> None:
    text = SOUND[0].read_text(encoding="utf-8")
    data = parsed(text)
    data["year"], data["items"][0]["points"] = "2015", "20.0"
    assert VALIDATOR.is_valid(data)


def test_the_schema_is_a_schema_and_the_file_is_current() -> None:
    Draft202012Validator.check_schema(schema())
    assert is_current(), f"{FILE} is stale: run `python -m flows.report.printed.scheme_schema`"


def test_check_refuses_a_stale_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / FILE.parent).mkdir(parents=True)
    assert main(["--check"], tmp_path) == 1
    assert "run `python -m flows.report.printed.scheme_schema`" in capsys.readouterr().err
    assert main([], tmp_path) == 0
    assert main(["--check"], tmp_path) == 0
