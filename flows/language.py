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
_PART = re.compile(r'^(?:(msgctxt|msgid|msgid_plural|msgstr(?:\[0\])?) )?(".*")$', re.MULTILINE)
#: Context of texts that are put together in English, because they are data too: findings of the linter.
PUT_TOGETHER = "put together"

#: Characters of a pattern from which on it says what it is about; a shorter one may match what has a place in front.
_TELLING = 30

_chinese: dict[str, str] = {}
_put_together: list[tuple[re.Pattern[str], str]] = []
_chosen = "en"


def catalogue(language: str) -> Path:
    """Where the texts of a language are."""
    return Path(__file__).parent / "locale" / f"{language}.po"


def use(language: str) -> None:
    """Speak `zh` or `en` from now on; called once, when a process begins."""
    global _chinese, _put_together, _chosen
    entries = [] if language == "en" else _entries(catalogue(language))
    _chosen = language
    _chinese = {e["msgid"]: _said(e) for e in entries if e["msgid"] and _said(e)}
    texts = sorted(
        (e["msgid"] for e in entries if e.get("msgctxt") == PUT_TOGETHER), key=_literal, reverse=True
    )
    _put_together = [(_pattern(text), _chinese.get(text, text)) for text in texts]


def _entries(path: Path) -> list[dict[str, str]]:
    """What a catalogue has, by the names of its fields; the head is one whose English is empty."""
    found: list[dict[str, str]] = []
    field = ""
    for name, part in _PART.findall(path.read_text(encoding="utf-8")):
        if name == "msgctxt" or (name == "msgid" and field != "msgctxt"):
            found.append({})
        field = name or field
        found[-1][field] = found[-1].get(field, "") + json.loads(part)
    return found


def _said(entry: dict[str, str]) -> str:
    return entry.get("msgstr", "") or entry.get("msgstr[0]", "")


def _pattern(text: str) -> re.Pattern[str]:
    """What a text matches that was put together of it; of two values side by side the first is one word."""
    escaped = re.sub(r"\\\{\d\\\}(?=\\\{)", "([^;,( ]*)", re.escape(text))
    return re.compile(re.sub(r"\\\{\d\\\}", "(.*?)", escaped), re.DOTALL)


def _literal(text: str) -> int:
    """How much of a text is no brace."""
    return len(re.sub(r"\{\d\}", "", text))


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


def again(told: str) -> str:
    """A text that was put together in English, in the language of this process; one that it does not know as it is."""
    place, colon, rest = told.partition(": ")
    for pattern, text in _put_together:
        if colon and " " not in place and len(pattern.pattern) < _TELLING:
            return f"{place}: {again(rest)}"
        if match := pattern.fullmatch(told):
            for number, value in enumerate(match.groups()):
                text = text.replace(f"{{{number}}}", again(value))
            return text
    said = again(rest) if colon else rest
    return f"{place}: {said}" if said != rest else _chinese.get(told, told)


def later(text: str) -> str:
    """Marks a text for the catalogue that is said through `_` where it is shown: tables of words are made before."""
    return text
