"""A table that no contract knows: what its shape tells, and the kind that it comes nearest to.

For whoever looks at a strange file, and for the district that sent it; nothing is loaded from it.
"""

from __future__ import annotations

import re

from flows.contract.record import Record
from flows.read.grid import Grid
from flows.read.reading import MappedColumn, Table
from flows.read.tables.detect import YEAR_MONTH, Search, header_lines, title_places, titled_by
from flows.read.tables.headers import HeaderIndex
from flows.read.tables.row_rules import RowLayout, RowRules

#: Rows that are looked at one by one; of a longer table all further ones count as its rows.
_MOST_JUDGED = 10_000
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


def nearest_kind(search: Search) -> str:
    """The kind that a table comes nearest to and what it lacks, in the words of the contract; '' if none is near.

    A title that names a kind says most; without one, three headers of a kind are needed.
    """
    best: tuple[int, int, str] | None = None
    lines = [(line.row, line.cells) for line in header_lines(search)] or [(len(search.head), ())]
    for row, cells in lines:
        places = title_places(search, row)
        for record in search.kinds.values():
            mapped = {c.columns[record.record] for c in cells if record.record in c.columns}
            titled, _ = titled_by(places, record)
            if titled or len(mapped) >= 3:
                score = (
                    titled + 2 * len(mapped),
                    len(mapped & {*record.recognise.columns}),
                    _lacking(record, mapped),
                )
                best = max(best or score, score)
    return best[2] if best else ""


def _lacking(record: Record, mapped: set[str]) -> str:
    missing = [record.columns[name].label for name in record.recognise.columns if name not in mapped]
    return f"{record.label}（缺{'、'.join(missing)}）" if missing else record.label
