"""What the terminal says, taken from the code into the catalogue: `python -m tests.catalogue_of_words` (`make docs`).

Keeps every Chinese text whose English stands, adds what is new without one (and names it), and drops what nobody says.
`tests/test_language.py` fails while anything is missing.
"""

from __future__ import annotations

import ast
import io
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from flows.cli.usage import paragraphs
from flows.contract.catalogue import ROOT
from flows.language import PUT_TOGETHER, catalogue
from flows.report.trace.trace_words import WORDS
from flows.score.lint import CODES

PO = catalogue("zh")

#: Functions that look a text up; `several` has two.
_LOOK_UPS = {"_", "later", "several"}

#: Modules whose messages are put together in English and kept in data.
_PUT_TOGETHER = (
    "score/lint/*.py",
    "score/scheme/scheme_*.py",
    "score/rules/**/*.py",
    "score/sources/*.py",
    "score/transforms/*.py",
    "score/explain/format.py",
)

#: What YAML and pydantic say of a scheme that cannot be read or does not fit its model.
_OF_LIBRARIES = (
    "Extra inputs are not permitted",
    "Field required",
    "Input should be {0}",
    "Input should be a valid {0}",
    "Input should be a valid {0}, {1}",
    "Input should be greater than {0}",
    "Input should be greater than or equal to {0}",
    "Input should be less than or equal to {0}",
    "String should match pattern {0}",
    "String should have at least {0} character",
    "List should have at least {0} item after validation, not {1}",
    "Decimal input should be {0}",
    "Input should be a valid date or datetime, {0}",
    "day value is outside expected range",
    "{0} and {1} more",
    "while parsing {0}",
    "while scanning {0}",
    "Unable to extract tag using discriminator {0}",
)

_MESSAGE = re.compile("^[^\u3400-\u9fff]*[a-z]+ [a-z{][^\u3400-\u9fff]*[^ \u3400-\u9fff]$", re.DOTALL)

Text = str | tuple[str, ...]


def said() -> dict[Text, list[str]]:
    """Every text that the code has for the terminal, with the files it stands in."""
    found: dict[Text, list[str]] = {}
    for path in sorted((ROOT / "flows").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for text in (*_called(tree), *_helps(tree)):
            found.setdefault(text, []).append(path.relative_to(ROOT).as_posix())
    for path in sorted((ROOT / "flows" / "report" / "templates").glob("trace_*.txt")):
        for text in re.findall(r'\b_\("([^"]+)"', path.read_text(encoding="utf-8")):
            found.setdefault(text, []).append(path.relative_to(ROOT).as_posix())
    for text in (text for words in WORDS.values() for text in words.values()):
        found.setdefault(text, []).append("flows/report/trace/trace_words.csv")
    return found


def _called(tree: ast.Module) -> Iterator[Text]:
    """The texts that are looked up, also within an f-string."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in _LOOK_UPS:
            texts = [
                a.value for a in node.args[:2] if isinstance(a, ast.Constant) and isinstance(a.value, str)
            ]
            if texts:
                yield (texts[0], texts[1]) if ast.unparse(node.func) == "several" else texts[0]


def _helps(tree: ast.Module) -> Iterator[str]:
    """The docstrings that typer shows."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and (
            node.name == "first_look" or "command()" in map(ast.unparse, node.decorator_list)
        ):
            yield from paragraphs(ast.get_docstring(node) or "")


def put_together() -> dict[str, list[str]]:
    """Messages of the linter and the loader of schemes, with {0}, {1} … where a value stands; the hints of the linter."""
    found: dict[str, list[str]] = {}
    for path in sorted(p for pattern in _PUT_TOGETHER for p in (ROOT / "flows").glob(pattern)):
        for text in map(_without_place, _messages(ast.parse(path.read_text(encoding="utf-8")))):
            found.setdefault(text, []).append(path.relative_to(ROOT).as_posix())
    for text in _OF_LIBRARIES:
        found[text] = ["flows/score/scheme/scheme_loader.py"]
    for _severity, hint in CODES.values():
        found.setdefault(hint, []).append("flows/score/lint/codes.csv")
    return found


def _without_place(text: str) -> str:
    """A message of the loader without file and line in front, which a finding has apart."""
    bare = re.sub(r"^\{0\}:(?:\{1\}:|1:)? ", "", text)
    numbers = iter(range(len(bare)))
    return bare if bare == text else re.sub(r"\{\d\}", lambda _: f"{{{next(numbers)}}}", bare)


def _messages(tree: ast.Module) -> Iterator[str]:
    """English of at least two words that is no docstring and no part of another text."""
    parts = {id(v) for n in ast.walk(tree) if isinstance(n, ast.JoinedStr) for v in ast.walk(n) if v is not n}
    parts |= {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr)}  # docstrings
    for node in ast.walk(tree):
        if id(node) not in parts:
            match node:
                case ast.Constant(value=str() as text) if _MESSAGE.search(text):
                    yield text
                case ast.JoinedStr():
                    values = iter(range(len(node.values)))
                    text = "".join(
                        v.value if isinstance(v, ast.Constant) else f"{{{next(values)}}}" for v in node.values
                    )
                    if _MESSAGE.search(text):
                        yield text


def _empty() -> Catalog:
    return Catalog("zh", project="union-assessment", version="1", fuzzy=False)


def known() -> Catalog:
    """The catalogue as it is kept."""
    if not PO.exists():
        return _empty()
    with PO.open("rb") as stream:
        return read_po(stream, "zh")


def renewed() -> Catalog:
    """The catalogue with exactly what is said, each with the Chinese that it had."""
    before, now = known(), _empty()
    for text, files in said().items():
        held = before.get(text)
        now.add(text, held.string if held else None, [(file, None) for file in dict.fromkeys(files)])
    for text, files in put_together().items():
        held, places = before.get(text, PUT_TOGETHER), [(file, None) for file in dict.fromkeys(files)]
        now.add(text, held.string if held else None, places, context=PUT_TOGETHER)
    return now


def written(texts: Catalog) -> bytes:
    """The catalogue as text; it does not say when it was made."""
    texts.creation_date = texts.revision_date = datetime(2015, 1, 1, tzinfo=UTC)
    texts.header_comment = "# What the terminal says, in Chinese; renewed by `make docs`."
    text = io.BytesIO()
    write_po(text, texts, width=110, sort_by_file=True)
    return text.getvalue()


def missing(texts: Catalog) -> list[str]:
    """English texts without their Chinese."""
    return [str(m.id) for m in texts if m.id and not (all(m.string) if m.pluralizable else m.string)]


def main() -> int:
    texts = renewed()
    PO.write_bytes(written(texts))
    for english in missing(texts):
        print(f"no Chinese yet: {english}")
    return 1 if missing(texts) else 0


if __name__ == "__main__":
    sys.exit(main())
