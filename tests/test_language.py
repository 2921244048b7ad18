"""The terminal speaks Chinese and English: no text is missing in either, and none is said that is not in the catalogue."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from string import Formatter

import pytest
from typer.testing import CliRunner

from flows import language, settings
from flows.assess.score_years import score_year
from flows.cli import app
from flows.cli.usage import wording
from flows.contract.catalogue import ROOT
from flows.contract.paths import Paths
from flows.language import use
from flows.report import run_summary
from flows.settings import without_language
from flows.warehouse.counts import compare
from flows.warehouse.publish import Publication
from tests import catalogue_of_words as words
from tests.support import stand
from tests.support.scheme import measured_year

CJK = re.compile(r"[\u3400-\u9fff]")
#: What an English text may have of Chinese: examples to type, and words that stand in files of districts.
QUOTED = re.compile(
    r"\[bold\].*?\[/\]|目标任务书|[《“（]?2015年1-9月|截至2015年9月30日|永川区|数据办|【待[定核]】"
)
#: An English sentence: four words that are no name of a field, a command, an option or a file.
SENTENCE = re.compile(r"(?<![\w/.-])[A-Za-z]?[a-z]+(?: [a-z]{2,}){3,}")

#: Where a literal goes straight to a person.
TOLD = {
    "say",
    "echo",
    "told",
    "out.print",
    "console.print",
    "typer.BadParameter",
    "typer.prompt",
    "typer.confirm",
}


def test_the_catalogue_is_what_is_said_and_all_of_it_has_chinese() -> None:
    catalogue = words.renewed()
    assert words.missing(catalogue) == [], (
        "write the Chinese of these into flows/locale/zh.po, then `make docs`"
    )
    assert words.PO.read_bytes() == words.written(catalogue), (
        "`make docs` brings the catalogue up to the code"
    )


def test_the_catalogue_is_read_as_gettext_reads_it() -> None:
    held = {(m.context, m.id[0] if m.pluralizable else m.id): m.string for m in words.known() if m.id}
    read = {
        (e.get("msgctxt"), e["msgid"]): language._said(e) for e in language._entries(words.PO) if e["msgid"]
    }
    assert read == {key: t[0] if isinstance(t, tuple) else t for key, t in held.items()}


def texts() -> Iterator[tuple[str, str]]:
    """(English, Chinese), of a plural each of its forms."""
    for message in words.known():
        if message.id:
            chinese = message.string if message.pluralizable else (message.string,)
            for english in message.id if message.pluralizable else (message.id,):
                yield english, chinese[0]


def places(text: str) -> set[tuple[str | None, str | None]]:
    return {(name, spec) for _text, name, spec, _conversion in Formatter().parse(text) if name is not None}


def test_both_languages_fill_in_the_same() -> None:
    assert [(e, z) for e, z in texts() if "{" in e + z and places(e) != places(z)] == []


def test_english_is_english_and_chinese_is_chinese() -> None:
    assert [e for e, _zh in texts() if CJK.search(QUOTED.sub("", e))] == []
    assert [(e, z) for e, z in texts() if SENTENCE.search(re.sub(r"\[bold\].*?\[/\]", "", z))] == []


def literals(node: ast.expr) -> Iterator[str]:
    """What stands in the code itself of an argument, outside of a look-up."""
    match node:
        case ast.Constant(value=str() as text):
            yield text
        case ast.JoinedStr():
            yield "".join(v.value for v in node.values if isinstance(v, ast.Constant))
        case ast.BinOp():
            yield from literals(node.left)
            yield from literals(node.right)
        case ast.IfExp():
            yield from literals(node.body)
            yield from literals(node.orelse)


@pytest.mark.parametrize("path", sorted((ROOT / "flows" / "cli").glob("*.py")), ids=lambda p: p.stem)
def test_no_command_says_what_is_not_in_the_catalogue(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        said = node.args[:1] if ast.unparse(node.func) in TOLD else []
        said += [k.value for k in node.keywords if k.arg in ("help", "reason", "title")]
        for text in (text for argument in said for text in literals(argument)):
            plain = re.sub(r"\[/?\w*\]", "", text)
            assert not re.search(r"[A-Za-z]{2}|[\u3400-\u9fff]", plain), (
                f"{path.name}:{node.lineno}: {text!r}"
            )


#: Prints the help of every command, in a process of one language.
_HELPS = """
from typer.testing import CliRunner
from flows.cli import app
import typer
for name in ("", *typer.main.get_command(app).commands):
    print(CliRunner().invoke(app, [*filter(None, [name]), "--help"]).output)
"""


@cache
def in_language(spoken: str, program: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={**os.environ, "UNION_ASSESSMENT_LANG": spoken, "COLUMNS": "80", **environment},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_help_is_chinese_in_chinese() -> None:
    told = in_language("zh", _HELPS)
    assert told.count("用法：") > 25
    assert [
        line for line in told.splitlines() if SENTENCE.search(line) and "union-assessment" not in line
    ] == []
    cut = re.sub("……|(FILE|YEAR|KIND)…|\\[bold\\]…|^ *… --", "", told, flags=re.MULTILINE)
    assert [line for line in cut.splitlines() if "…" in line] == [], "a clause too long to be folded is cut"


def test_every_help_is_english_in_english() -> None:
    told = in_language("en", _HELPS)
    assert told.count("Usage:") > 25
    lines = [line for line in told.splitlines() if CJK.search(QUOTED.sub("", line))]
    assert [line for line in lines if not re.search("union-assessment| --|open\\.", line)] == []


@pytest.mark.parametrize(
    ("arguments", "environment", "expected"),
    [
        ([], {}, "en"),
        ([], {"LANG": "zh_CN.UTF-8"}, "zh"),
        ([], {"LANG": "zh_CN.UTF-8", "LC_ALL": "en_US.UTF-8"}, "en"),
        ([], {"LANG": "en_US.UTF-8", "LC_MESSAGES": "zh_CN"}, "zh"),
        ([], {"LANG": "zh_CN.UTF-8", "UNION_ASSESSMENT_LANG": "en"}, "en"),
        (["status", "--lang", "zh"], {"UNION_ASSESSMENT_LANG": "en"}, "zh"),
        (["--lang=en", "status"], {"LANG": "zh_CN.UTF-8"}, "en"),
        (["sql", "--", "--lang=zh"], {}, "en"),
    ],
)
def test_the_language_is_asked_for_or_that_of_the_locale(
    arguments: list[str], environment: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("UNION_ASSESSMENT_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("locale.getlocale", lambda: (None, None))
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert settings.language(arguments) == expected


def test_the_language_is_taken_out_of_the_command_line_wherever_it_stands() -> None:
    assert settings.without_language(["run", "--lang", "zh", "--year", "2015"])[1] == [
        "run",
        "--year",
        "2015",
    ]
    assert settings.without_language(["--lang=en", "sql", "--", "--lang=zh"])[1] == ["sql", "--", "--lang=zh"]
    assert settings.without_language(["--lang", "fr"]) == (None, ["--lang", "fr"])


@pytest.mark.usefixtures("chinese")
def test_wrong_usage_is_said_in_chinese() -> None:
    assert wording("Missing option '--year'.") == "缺少选项 '--year'。"
    assert wording("Invalid value for '--year': Input should be less than or equal to 2100").endswith("2100")
    assert wording("No such command 'rum'.") == "没有 'rum' 这个命令。"
    assert wording("what a later typer says") == "what a later typer says"


#: Wrong usage of every sort; what typer says of each must be known.
_WRONG = """
import sys
from typer.testing import CliRunner
from flows.cli import app
for line in ("lint 2015 --nix", "nix", "results --year abc", "results --year 1", "trace", "run --year", "run",
             "run --year 2015 x y", "restore /nope", "run --inbox setup.none --year 2015", "run --year 2015 --inbox Makefile",
             "sensitivity --year 2015 --draws 3", "lint --json=3", "words --accept data", "sql x --seconds y", "--lang fr"):
    print(CliRunner().invoke(app, line.split()).output)
"""


def test_typers_own_words_are_all_known() -> None:
    told = in_language("zh", _WRONG)
    assert told.count("错误") == 16
    said = re.sub(r"--?\w+|'[^']*'|(root|union-assessment) \w+|<\w+>|\[[^\]]*\]|UNIT|ARGS|COMMAND", "", told)
    assert re.findall(r"[A-Za-z]{2,} [a-z]{2,}", said) == []


def test_json_and_exit_codes_do_not_know_a_language() -> None:
    program = """
import sys
from typer.testing import CliRunner
from flows.cli import app
for line in ("lint 2015 --json", "lint nowhere --json", "template nothing --out x"):
    done = CliRunner().invoke(app, line.split())
    print(done.exit_code, done.stdout)
"""
    assert in_language("zh", program) == in_language("en", program)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Paths]:
    """A small office with a scored year."""
    folder = tmp_path_factory.mktemp("office")
    con, root = measured_year(folder, target=7)
    score_year(con, 2015, root)
    where = Paths(folder / "data")
    where.warehouse.mkdir(parents=True)
    stand.publish(con, where.warehouse_file())
    yield where


def fragments(text: str) -> list[str]:
    """What a text has between its braces and marks."""
    return [part.strip() for part in re.split(r"\{[^}]*\}|\[[^\]]*\]|\n", text)]


def heard(told: str, language_: str) -> list[str]:
    """What of the other language's catalogue is said; data (units, items, views) is no text of the catalogue."""
    told = re.sub(r"union-assessment [^`（(：。;]*", "", told)
    if language_ == "zh":
        wrong = [part for english, _zh in texts() for part in fragments(english) if part.count(" ") > 2]
        return [*(w for w in wrong if w in told), *SENTENCE.findall(told)]
    wrong = [part for _en, chinese in texts() for part in fragments(chinese) if len(CJK.findall(part)) > 3]
    return [w for w in wrong if w in told]


@pytest.mark.parametrize("spoken", ["zh", "en"])
@pytest.mark.parametrize(
    "arguments",
    [
        "status",
        "doctor",
        "lint 2015 --with-data",
        "results --year 2015",
        "results --year 2015 --unit 永川区",
        "results --year 2013",
        "trace 永川区 --year 2015",
        "trace 永川区 --indicator mediation_succeeded --year 2015",
        "verify",
        "retry 3",
        "withdraw 3 --reason x",
        "restore tests --lang zh",
        "words",
        "close 2013",
        "read data/scheme/2015/group.csv",
    ],
)
def test_what_is_said_is_of_one_language(
    office: Paths, spoken: str, arguments: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UNION_ASSESSMENT_DATA", str(office.data))
    use(spoken)
    try:
        done = CliRunner().invoke(app, without_language(arguments.split())[1])
    finally:
        use("en")
    assert heard(done.stdout + done.stderr, spoken) == [], done.output


@pytest.mark.parametrize("spoken", ["zh", "en"])
def test_a_run_ends_in_one_language(office: Paths, spoken: str, capsys: pytest.CaptureFixture[str]) -> None:
    use(spoken)
    try:
        file = office.warehouse_file()
        run_summary.show(2015, None, compare(file, None), Publication(file, 1, None))
    finally:
        use("en")
    told = capsys.readouterr().out
    assert ("warehouse: " in told, "数据库：" in told) == (spoken == "en", spoken == "zh")
    assert heard(told, spoken) == []
