"""The language of the terminal: what a person is told there comes in Chinese or in English, chosen once per process.

The English is in the code, `flows/locale/zh` has the Chinese (gettext). `make docs` brings both to each other, and a test says
what is missing. What is written into data has no language of the terminal and stays as it is: findings of `meta`,
returned workbooks, pages, books and the ledger, the log of a run, JSON. A published file must not differ by who ran it.
"""

from __future__ import annotations

from gettext import NullTranslations, translation
from pathlib import Path

#: Name of the catalogue, of typer's words too.
DOMAIN = "union_assessment"
LOCALE = Path(__file__).parent / "locale"

_catalogue = NullTranslations()
_chosen = "en"


def use(language: str) -> None:
    """Speak `zh` or `en` from now on; called once, when a process begins."""
    global _catalogue, _chosen
    _catalogue, _chosen = translation(DOMAIN, LOCALE, [language], fallback=True), language


def chosen() -> str:
    """The language of this process, `zh` or `en`."""
    return _chosen


def _(text: str, /, **values: object) -> str:
    """`text` in the language of this process, with `values` in its braces."""
    told = _catalogue.gettext(text)
    return told.format(**values) if values else told


def several(one: str, many: str, /, n: int, **values: object) -> str:
    """`one` or `many`, as a language has it for a number `n`, which stands in the braces of that name."""
    return _catalogue.ngettext(one, many, n).format(n=n, **values)


def later(text: str) -> str:
    """Marks a text for the catalogue that is said through `_` where it is shown: tables of words are made before."""
    return text
