"""The data dictionary: what every record kind, column, code list and indicator means, as one page.

Written from the contracts, code lists and indicator headers alone, never from a database: a page that
was read off the tables would describe an accident as if it were intended. Nothing is added by hand, so
the page cannot disagree with what the reader, the store and the sample do; `--check` refuses a stale one.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from flows.contract.catalogue import ROOT, code_lists, records
from flows.contract.indicator import indicators
from flows.contract.record import WARN_BY_DEFAULT, Column, ColumnType
from flows.report import generated
from flows.report.page import render

#: Where the page is kept, beside what it is made from.
PAGE = Path("sql") / "DICTIONARY.md"


def dictionary(root: Path = ROOT) -> str:
    """The page as Markdown; the same contracts give the same bytes. A type or shape without words is refused."""
    kinds = sorted(records(root).values(), key=lambda record: (record.area, record.record))
    users = defaultdict(list)
    for kind in kinds:
        for column in kind.columns.values():
            users[column.list].append(f"{kind.record}.{column.name}")
    page = render(
        "dictionary.md",
        kinds=kinds,
        indicators=sorted(indicators(root).values(), key=lambda i: (i.area, i.indicator)),
        code_lists=sorted(code_lists(root).items()),
        users=users,
        column_types=list(ColumnType),
        warn_by_default=WARN_BY_DEFAULT,
        stored_as=stored_as,
    )
    return page.rstrip() + "\n"


def stored_as(column: Column) -> str:
    """What the warehouse keeps of a column: its physical columns, or that it keeps nothing."""
    if not column.stored:
        return "不入库 not stored"
    kept = "、".join(f"`{name}` {sql_type}" for name, sql_type in column.stored)
    if column.stored[0][1] == "BLOB":
        return f"{kept}（仅假名键 keyed hash only）"
    if column.type is ColumnType.TEXT and not column.derive:
        kept += "（遮蔽 redacted）"
    if isinstance(column.keep, int):
        kept += f"（五人以上相同，第{column.keep}序 where five persons share it）"
    return kept


def is_current(root: Path = ROOT) -> bool:
    """Whether the page in the repository is the one it is made from now."""
    return generated.is_current(root / PAGE, dictionary(root))


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Write the page, or with `--check` only say whether it is current (exit code 1 when stale)."""
    return generated.write(root, PAGE, dictionary(root), "flows.report.dictionary", arguments)


if __name__ == "__main__":
    sys.exit(main())
