"""A table that no contract knows: what its shape tells, and the kind that it comes nearest to.

For whoever looks at a strange file, and for the district that sent it; nothing is loaded from it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from rapidfuzz import fuzz, process

from flows.contract.record import Record
from flows.read.grid import Grid
from flows.read.reading import MappedColumn, Table
from flows.read.tables.detect import YEAR_MONTH, Search, title_places, titled_by
from flows.read.tables.header_lines import header_lines
from flows.read.tables.headers import HeaderCell, HeaderIndex
from flows.read.tables.row_rules import RowLayout, RowRules

#: Rows that are looked at one by one; of a longer table all further ones count as its rows.
_MOST_JUDGED = 10_000
#: Kinds that a person is offered for a table.
_MOST_NEAR = 5
_FIGURE = re.compile(r"[-+￥¥$]?[\d,.]+%?|\d{4}[-/.年]\d{1,2}[-/.月]?\d{0,2}日?")


def sketch(grid: Grid, known: HeaderIndex) -> Table | None:
    """The table of a grid with its probable header row, rows judged by the rules of all tables; None for a grid
    without two rows."""
    head = [(number, cells) for number, cells in grid.head if any(cells)]
    if len(head) < 2:
        return None
    widest = max(sum(map(bool, cells)) for _, cells in head)
    header, cells = next((row for row in head if _is_header(row[1], widest)), head[0])
    columns = tuple(MappedColumn(i, cell, None) for i, cell in enumerate(cells, 1) if cell)
    table = Table(grid.sheet, 0, None, None, None, "", header, columns, held=True)
    width = max(grid.width, *(len(cells) for _, cells in head))
    rules = RowRules(RowLayout.of_unknown(grid, header, cells, width), known)
    for chunk in grid.body(header, width):
        if table.rows_read > _MOST_JUDGED:
            table.rows_read += int((chunk.filled() > 0).sum()) + len(chunk.irregular)
            continue
        for number, row in chunk.rows():
            rule = rules.judge(number, row)
            table.rows_read += rule != "blank"
            table.rows_ignored += rule not in ("", "blank")
    return table


def _is_header(cells: list[str], widest: int) -> bool:
    """Whether a row is well filled, with words only; a month of a year is a word in a header."""
    texts = [YEAR_MONTH.sub("年月", cell) for cell in cells if cell]
    return len(texts) * 2 > widest and not any(_FIGURE.fullmatch(text) for text in texts)


class NearKind(NamedTuple):
    """A kind that a table may be; `is_near`: its title or three of its headers say so, not likeness alone."""

    record: Record
    columns: frozenset[str]
    is_near: bool


def nearest_kinds(search: Search) -> list[NearKind]:
    """The kinds that a table comes nearest to, nearest first.

    A title that names a kind says most, then headers of its own, then how like its headers are to the kind's.
    """
    best: dict[str, tuple[float, NearKind]] = {}
    for row, cells in [(line.row, line.cells) for line in header_lines(search)] or [(len(search.head), ())]:
        places = title_places(search, row)
        likeness = _likeness(search, cells)
        for name, record in search.kinds.items():
            mapped = frozenset(m[name] for m in ({**c.loose, **c.columns} for c in cells) if name in m)
            titled, _ = titled_by(places, record)
            known = 2 * len(mapped) + len(mapped & {*record.recognise.columns}) / 8
            score = titled + known + likeness[name] / 50
            kind = NearKind(record, mapped, titled > 0 or len(mapped) >= 3)
            if score and (name not in best or best[name][0] < score):
                best[name] = (score, kind)
    ranked = sorted(best.values(), key=lambda found: (-found[1].is_near, -found[0], found[1].record.record))
    return [kind for _, kind in ranked[:_MOST_NEAR]]


def lacking(kind: NearKind) -> str:
    """A kind, and what a table lacks of the columns it is recognised by, in the words of the contract."""
    record = kind.record
    missing = [record.columns[name].label for name in record.recognise.columns if name not in kind.columns]
    return f"{record.label}（缺{'、'.join(missing)}）" if missing else record.label


def _likeness(search: Search, cells: Sequence[HeaderCell]) -> Counter[str]:
    """Record → how like the header's words are to its spellings, the unknown ones too."""
    spelled, out = search.headers.spelled, Counter[str]()
    for key in {cell.key for cell in cells if cell.key and not cell.ignored_by()}:
        best: dict[str, float] = {}
        for text, ratio, _ in process.extract(
            key, spelled.keys(), scorer=fuzz.ratio, score_cutoff=51, limit=None
        ):
            for owner in spelled[text]:
                best[owner] = max(best.get(owner, 0), ratio - 50)
        out.update(best)
    return out
