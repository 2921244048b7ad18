"""The language of the terminal: what a person is told there comes in Chinese or in English, chosen once per process.

The English is in the code, `flows/locale/zh.po` has the Chinese; it is read as it is (a compiled catalogue would be a second
truth, and nobody can merge one). `make docs` brings both to each other, and a test says what is missing. What is written into
data has no language of the terminal and stays as it is: findings of `meta`, returned workbooks, pages, books and the ledger,
the log of a run, JSON. A published file must not differ by who ran it.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

#: A line of a catalogue: what it is of, and a part of the text.
_PART = re.compile(r'^(?:(msgid|msgid_plural|msgstr(?:\[0\])?) )?(".*")$', re.MULTILINE)

_chinese: dict[str, str] = {}
_chosen = "en"


def catalogue(language: str) -> Path:
    """Where the texts of a language are."""
    return Path(__file__).parent / "locale" / f"{language}.po"


def use(language: str) -> None:
    """Speak `zh` or `en` from now on; called once, when a process begins."""
    global _chinese, _chosen
    _chinese, _chosen = {} if language == "en" else _read(catalogue(language)), language


def _read(path: Path) -> dict[str, str]:
    """English (of a plural its singular) → text."""
    field = ""
    entries: list[dict[str, str]] = []
    for name, part in _PART.findall(path.read_text(encoding="utf-8")):
        if name == "msgid":
            entries.append({})
        field = name or field
        entries[-1][field] = entries[-1].get(field, "") + json.loads(part)
    found = {e["msgid"]: e.get("msgstr", "") or e.get("msgstr[0]", "") for e in entries}
    return {english: text for english, text in found.items() if english and text}


def chosen() -> str:
    """The language of this process, `zh` or `en`."""
    return _chosen


def _(text: str, /, **values: object) -> str:
    """`text` in the language of this process, with `values` in its braces."""
    told = _chinese.get(text, text)
    return told.format(**values) if values else told


def several(one: str, many: str, /, n: int, **values: object) -> str:
    """`one` or `many`, as a language has it for a number `n`, which stands in the braces of that name."""
    return _chinese.get(one, one if n == 1 else many).format(n=n, **values)


def later(text: str) -> str:
    """Marks a text for the catalogue that is said through `_` where it is shown: tables of words are made before."""
    return text
