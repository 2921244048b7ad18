"""What the terminal says, taken from the code into the catalogue: `python -m tests.catalogue_of_words` (`make docs`).

Keeps every Chinese text whose English stands, adds what is new without one (and names it), and drops what nobody says.
`tests/test_language.py` fails while anything is missing.
"""

from __future__ import annotations

import ast
import io
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

from flows.cli.usage import paragraphs
from flows.contract.catalogue import ROOT
from flows.language import catalogue

PO = catalogue("zh")

#: Functions that look a text up, with the arguments that are texts.
_KEYWORDS = {"_": None, "later": None, "several": (1, 2)}

Text = str | tuple[str, ...]


def said() -> dict[Text, list[str]]:
    """Every text that the code has for the terminal, with the files it stands in."""
    found: dict[Text, list[str]] = {}
    for path in sorted((ROOT / "flows").rglob("*.py")):
        for text in (*_called(path), *_helps(path)):
            found.setdefault(text, []).append(path.relative_to(ROOT).as_posix())
    return found


def _called(path: Path) -> Iterator[Text]:
    for _line, text, _comments, _context in extract("python", io.BytesIO(path.read_bytes()), _KEYWORDS):
        yield tuple(text) if isinstance(text, tuple | list) else text


def _helps(path: Path) -> Iterator[str]:
    """The docstrings that typer shows."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef) and (
            node.name == "first_look" or "command()" in map(ast.unparse, node.decorator_list)
        ):
            yield from paragraphs(ast.get_docstring(node) or "")


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
