"""The cells of a worksheet part (.xlsx), found by looking at its bytes with numpy.

Every program of note writes cells in a handful of forms, and those are read here in a fraction of the time
that an XML parser takes; text is neither decoded nor copied before it is needed. Refuses (`Unusual`) whatever
it does not know to the byte: prefixes, comments, CDATA, rich text, unnamed cells. `walk` reads those.
Part of the child process: standard library and numpy alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from flows.read.formats.process.payload import COLUMNS, ROWS

Ints = npt.NDArray[np.signedinteger[Any]]
Bytes = npt.NDArray[np.uint8]

LT, QUOTE, SPACE, SLASH, GT = b'<" />'
#: Kinds of cells by what `t` says; a cell without `t` is a number.
NUMBER, SHARED, STRING, BOOLEAN, ERROR, INLINE, DATE = range(7)
#: Room to look ahead in, behind the last tag.
_MARGIN = b" " * 16
_KIND = {
    "": NUMBER,
    "n": NUMBER,
    "s": SHARED,
    "str": STRING,
    "b": BOOLEAN,
    "e": ERROR,
    "inlineStr": INLINE,
    "d": DATE,
}


class Unusual(Exception):
    """The bytes have a form that needs an XML parser."""


@dataclass(frozen=True)
class Cells:
    """Cells with their rows and columns (from 1). The text of cell i is content[start[i]:end[i]], as XML has it;
    start is -1 where there is none."""

    content: bytes
    row: Ints
    column: Ints
    kind: Ints
    style: Ints
    start: Ints
    end: Ints
    is_formula: npt.NDArray[np.bool_]


def cells_of(piece: bytes) -> Cells:
    """The cells of some whole rows."""
    if b"\r" in piece:
        raise Unusual
    content = piece + _MARGIN
    data: Bytes = np.frombuffer(content, dtype=np.uint8)
    # Tags and the quotes in them, in one list: the attributes of a tag are the marks up to the next tag.
    marks = np.flatnonzero((data == LT) | (data == QUOTE)).astype(np.int32)
    at = np.flatnonzero(data[marks] == LT)
    tags = marks[at]
    name, second = data[tags + 1], data[tags + 2]
    short = (second == SPACE) | (second == GT) | (second == SLASH)
    is_end = name == SLASH
    is_cell, is_value = (name == ord("c")) & short, (name == ord("v")) & (second == GT)
    is_formula = (name == ord("f")) & short
    is_text = (name == ord("t")) & ((second == GT) | (second == SPACE))
    is_inline = (name == ord("i")) & (second == ord("s"))
    is_row = (name == ord("r")) & (second == ord("o"))
    # <v/> is an empty value: nothing follows from it, and nothing stands in it.
    is_void = (name == ord("v")) & (second == SLASH)
    if not (is_end | is_cell | is_value | is_formula | is_text | is_inline | is_row | is_void).all():
        raise Unusual
    cells: Ints = np.flatnonzero(is_cell)
    first = at[cells] + 1
    kind, style, row, column, is_open = _attributes(
        data, marks, first, np.append(at, len(marks))[cells + 1] - first
    )
    closed = np.flatnonzero(is_end & (second == ord("c")) & (data[tags + 3] == GT))
    opened = cells[is_open]
    if len(closed) != len(opened) or (closed <= opened).any() or (opened[1:] <= closed[:-1]).any():
        raise Unusual
    owner = np.cumsum(is_cell) - 1
    valued = np.flatnonzero(is_value | is_text)
    of = owner[valued]
    # A value stands in an open cell, ends with the very next tag, and is the only one of its cell.
    last = np.full(len(cells), -1)
    last[is_open] = closed
    if len(valued) and (
        of.min() < 0 or (last[of] <= valued).any() or not is_end[valued + 1].all() or (np.diff(of) <= 0).any()
    ):
        raise Unusual
    if (is_text[valued] != (kind[of] == INLINE)).any():
        raise Unusual
    start, end = np.full(len(cells), -1, dtype=np.int32), np.full(len(cells), -1, dtype=np.int32)
    start[of], end[of] = tags[valued] + 3, tags[valued + 1]
    for i in valued[second[valued] == SPACE].tolist():  # <t xml:space="preserve">
        start[owner[i]] = content.index(b">", int(tags[i])) + 1
    voids, formulas = owner[is_void], owner[is_formula]
    if (len(voids) and voids.min() < 0) or (len(formulas) and formulas.min() < 0):
        raise Unusual
    start[voids] = end[voids] = 0
    has_formula = np.zeros(len(cells), dtype=np.bool_)
    has_formula[formulas] = True
    return Cells(content, row, column, kind, style, start, end, has_formula)


def _attributes(
    data: Bytes, quotes: Ints, first: Ints, count: Ints
) -> tuple[Ints, Ints, Ints, Ints, npt.NDArray[np.bool_]]:
    """(kind, style, row, column, whether it has content) of cell tags with `count` quotes, the first being
    quotes[first]. Attributes may come in any order; those that say nothing about the value are passed over."""
    if (count % 2).any() or not (count > 0).all():
        raise Unusual
    kind, style, row, column = (np.zeros(len(first), dtype=np.int32) for _ in range(4))
    for j in range(0, int(count.max(initial=0)), 2):
        these = np.flatnonzero(count > j)
        opening, closing = quotes[first[these] + j], quotes[first[these] + j + 1]
        if (data[opening - 1] != ord("=")).any():
            raise Unusual
        letter = np.where(data[opening - 3] <= SPACE, data[opening - 2], 0)
        for sign in np.unique(letter).tolist():
            found = letter == sign
            which, a, b = these[found], opening[found] + 1, closing[found]
            if sign == ord("r"):
                row[which], column[which] = _address(data, a, b)
            elif sign == ord("s"):
                style[which] = numbers(data, a, b)
            elif sign == ord("t"):
                kind[which] = _kinds(data, a, b)
    if len(row) and (row.min() < 1 or column.min() < 1 or row.max() > ROWS or column.max() > COLUMNS):
        raise Unusual
    final = quotes[first + count - 1]
    after = data[final + 1]
    after = np.where(after == SPACE, data[final + 2], after)
    if not ((after == GT) | (after == SLASH)).all():
        raise Unusual
    return kind, style, row, column, after == GT


def _address(data: Bytes, start: Ints, end: Ints) -> tuple[Ints, Ints]:
    row, column = np.zeros(len(start), dtype=np.int32), np.zeros(len(start), dtype=np.int32)
    length = end - start
    longest = int(length.max(initial=0))
    if longest > 10:
        raise Unusual
    for i in range(longest):
        sign = data[start + i].astype(np.int32)
        if i >= int(length.min()):
            sign[length <= i] = 0
        is_digit = (sign >= 48) & (sign <= 57)
        if i < 3:
            is_letter = (sign >= 65) & (sign <= 90)
            if (is_letter & (row > 0)).any() or not (is_letter | is_digit | (sign == 0)).all():
                raise Unusual
            column = np.where(is_letter, column * 26 + sign - 64, column)
        elif not (is_digit | (sign == 0)).all():
            raise Unusual
        row = np.where(is_digit, row * 10 + sign - 48, row)
    return row, column


def numbers(data: Bytes, start: Ints, end: Ints) -> Ints:
    """The digits between `start` and `end` as integers; `Unusual` if there is anything else, or nothing."""
    out, length = np.zeros(len(start), dtype=np.int32), end - start
    if len(start) and (length.min() < 1 or length.max() > 9):
        raise Unusual
    for i in range(int(length.max(initial=0))):
        inside = start + i < end
        digit = np.where(inside, data[np.minimum(start + i, len(data) - 1)], 48).astype(np.int32) - 48
        if ((digit < 0) | (digit > 9)).any():
            raise Unusual
        out = np.where(inside, out * 10 + digit, out)
    return out


def _kinds(data: Bytes, start: Ints, end: Ints) -> Ints:
    # The first letter and the length tell all values apart; each is checked once.
    code = data[start].astype(np.int32) * 16 + np.minimum(end - start, 15)
    out = np.zeros(len(start), dtype=np.int32)
    for value in np.unique(code).tolist():
        which = np.flatnonzero(code == value)
        word = data[start[which[0]] : end[which[0]]].tobytes().decode("ascii", "replace")
        if word not in _KIND:
            raise Unusual
        out[which] = _KIND[word]
    return out
