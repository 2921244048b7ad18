"""Text brought to one form: names and headers for comparing, column letters, what a workbook cannot hold.

Refuses to guess what a text means: two texts are the same here if a person sees the same. Standard library
alone, because the processes that read workbooks use it too.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

#: Unicode categories that never distinguish texts: separators, control and format characters.
_BLANK_CATEGORIES = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf"})
#: Marks of mandatory fields: never part of a header's name.
_MARKS = str.maketrans("", "", "*✱★※#")
#: Control characters but tab and line end, and marks of direction; as JSON would write them.
_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
#: What XML 1.0 has no way to write.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


#: Full-width signs, the ideographic blank: the only forms that a stored text folds.
_HALF_WIDTH = {0x3000: 0x20, **{code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}}
_FORMAT = re.compile(
    "[\xad\u0600-\u0605\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]+"
)
_BLANK_RUN = re.compile("[\\s\x00-\x1f\x7f-\x9f]+")


class _WithoutBlanks(dict[int, int | None]):
    """A table for `str.translate` that takes blanks out, filled as characters turn up."""

    def __missing__(self, code: int) -> int | None:
        is_blank = chr(code).isspace() or unicodedata.category(chr(code)) in _BLANK_CATEGORIES
        self[code] = None if is_blank else code
        return self[code]


_WITHOUT_BLANKS = _WithoutBlanks()


def half_width(text: str) -> str:
    """Unicode's compatibility form (NFKC): full-width signs, circled figures and ligatures as plain ones."""
    return unicodedata.normalize("NFKC", text)


def compact(text: str) -> str:
    """Half-width, without blanks and control characters, seen or not.

    >>> compact(" 合 计（ ２０１５ ）")
    '合计(2015)'
    """
    return half_width(text).translate(_WITHOUT_BLANKS)


def clean(text: str) -> str:
    """A text as it is stored: half-width signs, runs of blanks as one; the SQL macro `clean_text` does the same to a cell.

    >>> clean("（甲）　 厂 ")
    '(甲) 厂'
    """
    plain = _FORMAT.sub("", text.translate(_HALF_WIDTH))
    return _BLANK_RUN.sub(" ", plain).strip(" ")


def name_key(text: str) -> str:
    """The form in which names and codes are compared; the SQL macro `key_text` does the same to a cell.

    >>> name_key("ａ-1 号")
    'A-1号'
    """
    return compact(text).upper()


@lru_cache(1 << 14)
def header_key(text: str) -> str:
    """The form in which headers are compared: no blanks, line breaks or marks of mandatory fields, lower case.

    >>> header_key("＊受理\\n日期：")
    '受理日期'
    """
    return compact(text).translate(_MARKS).lower().rstrip(":;,。")


@cache
def column_letter(position: int) -> str:
    """A column as spreadsheets name it.

    >>> column_letter(1), column_letter(27)
    ('A', 'AA')
    """
    letters = ""
    while position:
        position, rest = divmod(position - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def column_number(letters: str) -> int:
    """The column that spreadsheets name so, from 1.

    >>> column_number("AA")
    27
    """
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def visible(text: str) -> str:
    """A text for a terminal: what would steer it (escape sequences, marks that turn the direction) is written out.

    >>> print(visible("a\\x1b[2Jb\\u202e"))
    a\\u001b[2Jb\\u202e
    """
    return _STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def legal_text(text: str) -> str:
    """A text without the characters that no workbook or other XML can hold."""
    return _ILLEGAL.sub("", text)


def inert(text: str) -> str:
    """A text that no spreadsheet calculates: one that begins like a formula and is no figure gets an apostrophe before it.

    >>> inert("=1+1"), inert("-2.5"), inert("台账")
    ("'=1+1", '-2.5', '台账')
    """
    is_formula = text.lstrip().startswith(("=", "+", "-", "@", "\t", "＝", "＋", "－", "＠"))
    return f"'{text}" if is_formula and not is_figure(text.strip().lstrip("+-")) else text


def is_figure(text: str) -> bool:
    """A number, perhaps written with separators or a percent sign."""
    return text.replace(",", "").removesuffix("%").replace(".", "", 1).isdigit()
