"""Two versions of a sheet side by side: which columns are the same, and which cells of a row differ.

Compares text as it is read, blanks at its ends apart. Refuses to take a moved column for a changed one.
"""

from __future__ import annotations

from collections.abc import Sequence

from flows.contract.text import header_key
from flows.read.reading import Table
from flows.read.roundtrip.sheet_view import View


class SheetComparison:
    """Rows of one sheet beside rows of another; which columns are the same is decided once per pair of tables."""

    def __init__(self, old: View, new: View) -> None:
        self._old, self._new = old, new
        self._pairs: dict[tuple[int, int], list[tuple[int, int]]] = {}

    def changed(self, old_row: int, new_row: int) -> list[int]:
        """0-based positions in the new sheet whose text differs from the old row's; serial numbers apart."""
        before, after = self._old.rows[old_row], self._new.rows.get(new_row, [])
        old, new = self._old.table_at(old_row), self._new.table_at(new_row)
        pairs = self._pairs.get((id(old), id(new)))
        if pairs is None:
            pairs = paired(old, new, max(self._old.width, self._new.width))[0]
            self._pairs[id(old), id(new)] = pairs
        differing = [n for o, n in pairs if cell(before, o) != cell(after, n)]
        matched = {n for _, n in pairs}
        beside = [n for n, c in enumerate(after) if c and n not in matched and not _is_serial(new, n)]
        return sorted(differing + beside)


def cell(cells: Sequence[str], position: int) -> str:
    return cells[position] if position < len(cells) else ""


def paired(old: Table | None, new: Table | None, width: int) -> tuple[list[tuple[int, int]], list[int]]:
    """(old, new) positions of the same column, and old ones that are gone.

    By meaning, then by header, then by place: columns may be moved, and a header that was wrong be put right.
    Serial numbers are left out, because they move with every row that is sorted or inserted.
    """
    if old is None or new is None:
        return [(i, i) for i in range(width)], []
    pairs: dict[int, int] = {}
    for name in (lambda m: m.column, lambda m: header_key(m.header)):
        place = {
            name(m): m.position - 1 for m in reversed(new.columns) if m.position - 1 not in pairs.values()
        }
        for m in old.columns:
            if m.position - 1 not in pairs and name(m) and name(m) in place:
                pairs[m.position - 1] = place.pop(name(m))
    headed, gone = {m.position - 1 for m in old.columns}, []
    still = {m.position - 1 for m in new.columns}
    for position in range(width):
        if position in pairs:
            continue
        if position in pairs.values() or (position in headed and position not in still):
            gone += [position] if position in headed else []
        else:
            pairs[position] = position
    return [(o, n) for o, n in pairs.items() if not _is_serial(old, o)], [
        o for o in gone if not _is_serial(old, o)
    ]


def _is_serial(table: Table | None, position: int) -> bool:
    return table is not None and any(
        m.position == position + 1 and m.ignored_by == "serial" for m in table.columns
    )
