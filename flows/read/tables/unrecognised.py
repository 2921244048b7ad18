"""A table that no contract knows, as far as its shape tells: where it stands, its header, its rows.

For whoever looks at a strange file; nothing is loaded from it.
"""

from __future__ import annotations

import re

from flows.read.grid import Grid
from flows.read.reading import MappedColumn, Table

_FIGURE = re.compile(r"[-+￥¥$]?[\d,.]+%?|\d{4}[-/.年]\d{1,2}[-/.月]?\d{0,2}日?")


def sketch(grid: Grid) -> Table | None:
    """The table of a grid with its probable header row; None for a grid without two rows."""
    head = [(number, cells) for number, cells in grid.head if any(cells)]
    if len(head) < 2:
        return None
    widest = max(sum(map(bool, cells)) for _, cells in head)
    header, cells = next((row for row in head if _is_header(row[1], widest)), head[0])
    columns = tuple(MappedColumn(i, cell, None) for i, cell in enumerate(cells, 1) if cell)
    table = Table(grid.sheet, 0, None, None, None, "", header, columns, held=True)
    for chunk in grid.body(header, max(grid.width, *(len(cells) for _, cells in head))):
        table.rows_read += int((chunk.filled() > 0).sum()) + len(chunk.irregular)
    return table


def _is_header(cells: list[str], widest: int) -> bool:
    """Whether a row is well filled, with words only."""
    texts = [cell for cell in cells if cell]
    return len(texts) * 2 > widest and not any(_FIGURE.fullmatch(text) for text in texts)
