"""Pages by the templates beside this module: what stands on a page is data until it is written.

On an HTML page every value is escaped where it is written; a name that a template uses and nobody gave is refused, because
it would be printed as nothing. No day of printing, no script, nothing fetched: equal data give equal bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import jinja2

from flows.score.explain.format import number

_NUMERALS = "一二三四五六七八九十"


def numeral(at: int) -> str:
    """The number of a chapter or clause.

    >>> [numeral(at) for at in (1, 10, 11, 20, 21)]
    ['一', '十', '十一', '二十', '二十一']
    """
    tens, ones = divmod(at, 10)
    head = "" if tens == 0 else "十" if tens == 1 else _NUMERALS[tens - 1] + "十"
    return head + (_NUMERALS[ones - 1] if ones else "")


def _cell(text: str) -> str:
    """A text that stays in its cell of a Markdown table: a bar would end it, a line break the table."""
    return " ".join(text.split()).replace("|", "\\|")


def templates(
    finalize: Callable[[object], str] | None = None,
    filters: Mapping[str, Callable[..., object]] | None = None,
) -> jinja2.Environment:
    """The templates, for a page that writes its values by `finalize` and has filters of its own."""
    pages = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=jinja2.select_autoescape(),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=finalize,
    )
    pages.filters |= {"cell": _cell, "number": number, "numeral": numeral, **(filters or {})}
    return pages


def render(template: str, **values: object) -> str:
    """A page of `flows/report/templates`, filled."""
    return templates().get_template(template).render(values)
