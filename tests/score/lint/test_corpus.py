"""No finding about sound schemes; each broken one is found by its code, in its file, on its line."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from flows.language import again
from flows.score.lint import CODES, LintFinding, lint, lint_folder
from flows.score.scheme.scheme_loader import load_year, years

HERE = Path(__file__).parent
SOUND = sorted(p.name for p in (HERE / "sound").iterdir())


@dataclass(frozen=True)
class Broken:
    """One entry of broken.yml."""

    name: str
    base: str
    finds: str
    find: str
    put: str
    file: str = "scheme.yml"
    at: str | None = None  # text of the line with the finding; default: where the replaced text begins
    within: str | None = None  # file of the finding, if not the changed one
    folder: str = "scheme"
    says: str = ""  # words of the message
    also: tuple[str, ...] = ()  # what cannot but be found as well
    twice: str | None = None  # text of another line with the same finding
    second: tuple[str, str] | None = None  # a second replacement in the same file

    @classmethod
    def of(cls, entry: dict[str, Any]) -> Broken:
        also = entry.pop("also", ())
        second = entry.pop("with", None)
        return cls(
            **{k: v for k, v in entry.items() if k != "in"},
            also=(also,) if isinstance(also, str) else tuple(also),
            within=entry.get("in"),
            second=(second["find"], second["put"]) if second else None,
        )

    def make(self, root: Path) -> Path:
        folder = root / self.folder
        shutil.copytree(HERE / "sound" / self.base, folder)
        path = folder / self.file
        text = path.read_text(encoding="utf-8")
        for find, put in ((self.find, self.put), *((self.second,) if self.second else ())):
            assert text.count(find) == 1, f"{find!r} occurs {text.count(find)} times"
            text = text.replace(find, put)
        path.write_text(text, encoding="utf-8")
        return folder

    def lines(self, folder: Path) -> set[int]:
        if self.at is None:
            text = (HERE / "sound" / self.base / self.file).read_text(encoding="utf-8")
            return {text[: text.index(self.find)].count("\n") + 1}
        text = (folder / (self.within or self.file)).read_text(encoding="utf-8")
        marks = [self.at, *([self.twice] if self.twice else [])]
        assert all(text.count(mark) == 1 for mark in marks), [text.count(mark) for mark in marks]
        return {text[: text.index(mark)].count("\n") + 1 for mark in marks}


BROKEN = [Broken.of(e) for e in yaml.safe_load((HERE / "broken.yml").read_text(encoding="utf-8"))]


#: Three English words, which the terminal of a Chinese office is not to show.
_ENGLISH = re.compile(r"(?<![\w./`'-])[a-z]+ [a-z]{2,} [a-z]{2,}")


def serious(found: list[LintFinding]) -> list[LintFinding]:
    return [f for f in found if f.severity != "info"]


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_scheme_has_neither_errors_nor_warnings(name: str) -> None:
    assert serious(lint_folder(HERE / "sound" / name)) == []


@pytest.mark.parametrize("year", years())
def test_a_shipped_scheme_has_neither_errors_nor_warnings(year: int) -> None:
    assert serious(lint(load_year(year))) == []


@pytest.mark.usefixtures("chinese")
@pytest.mark.parametrize("broken", BROKEN, ids=lambda b: b.name)
def test_each_broken_scheme_is_found_by_its_code_on_its_line(broken: Broken, tmp_path: Path) -> None:
    folder = broken.make(tmp_path)
    found = serious(lint_folder(folder))
    assert {f.code for f in found} == {broken.finds, *broken.also}
    assert all(f.message and f.clause and f.hint for f in found)
    told = [t for f in found for t in (again(f.message), again(f.hint)) if "YAML" not in t]
    assert [t for t in told if _ENGLISH.search(t)] == [], "YAML's own words are quoted"
    assert any(broken.says in f.message for f in found if f.code == broken.finds)
    mine = {(f.file, f.line) for f in found if f.code == broken.finds}
    assert mine == {(str(folder / (broken.within or broken.file)), line) for line in broken.lines(folder)}


def test_every_error_and_warning_has_a_broken_scheme() -> None:
    """A code that nothing raises is a promise that nobody tested."""
    assert {code for code, (severity, _) in CODES.items() if severity != "info"} == {b.finds for b in BROKEN}


def test_the_corpus_is_as_large_as_promised() -> None:
    assert len(BROKEN) >= 55 and len({b.name for b in BROKEN}) == len(BROKEN)
