"""Features of a table's columns and header rows.

Each is a small function of a random source and a block, and works on columns before a header line is
laid. What becomes of data cells is in `cells`, what stands between and around rows in `frame`.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from flows.contract.catalogue import beside_words
from flows.contract.record import ColumnType
from tests.messy.layout import Block, Cell, Col, plain

Feature = Callable[[Random, Block], None]

#: Last words that say nothing without the header above them.
_GENERAL = ("金额", "人数", "日期", "时间", "名称", "数量")
_BANDS = ("基本情况", "办理情况", "有关情况", "登记事项")


def _insert(block: Block, at: int, column: Col, cells: list[Cell | None]) -> None:
    """A column of its own with a cell for each data row."""
    block.columns.insert(at, column)
    for line, cell in zip(block.body, cells, strict=True):
        line.cells = {i + (i >= at): old for i, old in line.cells.items()}
        if cell:
            line.cells[at] = cell


def shuffled_columns(rng: Random, block: Block) -> None:
    order = list(range(len(block.columns)))
    rng.shuffle(order)
    block.columns = [block.columns[i] for i in order]
    for line in block.body:
        line.cells = {order.index(i): cell for i, cell in line.cells.items()}


def synonyms(rng: Random, block: Block) -> None:
    for column in block.columns:
        # 编号 is a serial number to every other kind, so the kind of a table is not proved by it.
        spellings = [
            s for s in block.record.columns[column.name or ""].header if beside_words().get(s) != "serial"
        ]
        column.header = rng.choice(spellings or [column.header])


def missing_required(rng: Random, block: Block) -> None:
    """Not what tells the rows of a yearly report apart: without it their total is the report."""
    yearly = {"unit_code", "year"} if set(block.record.key) <= {"unit_code", "year", "stat_year"} else set()
    named = [(i, block.record.columns[c.name]) for i, c in enumerate(block.columns) if c.name]
    required = [i for i, column in named if column.required and column.name not in yearly]
    if not required:
        return
    at = rng.choice(required)
    block.missing = block.columns[at].name or ""
    del block.columns[at]
    for line in block.body:
        line.cells = {i - (i > at): cell for i, cell in line.cells.items() if i != at}
    block.open = block.open or "column_missing"


def unknown_column(rng: Random, block: Block) -> None:
    at = rng.randint(1, len(block.columns))
    _insert(
        block,
        at,
        Col(None, None, "网格编码甲", is_unknown=True),
        [plain(f"网{i}") for i in range(len(block.body))],
    )
    block.open = "header_unknown"


def serial_column(rng: Random, block: Block) -> None:
    spelled = {spelling for column in block.record.read_columns for spelling in column.header}
    names = [name for name in ("序号", "编号", "行次", "No.") if name not in spelled]
    serials = [plain(str(i)) for i in range(1, len(block.body) + 1)]
    _insert(block, 0, Col(None, None, rng.choice(names)), [*serials])


def units_in_headers(rng: Random, block: Block) -> None:
    for column in block.columns:
        own = block.record.columns[column.name].unit if column.name else None
        if column.type is ColumnType.MONEY:
            column.unit = rng.choice((own or "元", "万元"))
            column.header += rng.choice(("({})", "（{}）", "\n（{}）", "（单位：{}）")).format(column.unit)
        elif column.type is ColumnType.COUNT and own:
            column.header += f"（{own}）"


def noisy_headers(rng: Random, block: Block) -> None:
    """Blanks, line breaks, marks of mandatory fields and full-width forms, as they are typed."""
    noises: tuple[Callable[[str], str], ...] = (
        lambda text: text,
        lambda text: "*" + text,
        lambda text: text + "＊",
        lambda text: text[:1] + " " + text[1:],
        lambda text: text[:2] + "\n" + text[2:],
        lambda text: f"  {text}\u3000",
        lambda text: text.replace("(", "（").replace(")", "）"),
        lambda text: text.translate({48 + i: 0xFF10 + i for i in range(10)}),
        lambda text: text + "：",
    )
    for column in block.columns:
        column.header = rng.choice(noises)(column.header)


def part_of(rng: Random, block: Block) -> None:
    """`其中：女职工`, as statistics head the columns that belong to the one before."""
    counts = [c for i, c in enumerate(block.columns) if i and c.type is ColumnType.COUNT and c.name]
    for column in counts[:2]:
        column.header = rng.choice(("其中：", "其中:")) + column.header


def paired_header(rng: Random, block: Block) -> None:
    """`申请金额` as 申请 above 金额."""
    for column in block.columns:
        for word in _GENERAL:
            stem = column.header.removesuffix(word)
            if column.name and stem != column.header and 2 <= len(stem) <= 6:
                column.parents, column.header = (stem,), word


def two_header_rows(rng: Random, block: Block) -> None:
    _band(rng, block, 1)


def three_header_rows(rng: Random, block: Block) -> None:
    _band(rng, block, 2)


def _band(rng: Random, block: Block, levels: int) -> None:
    """Merged parents over runs of two to four columns; a lone general word gets none."""
    at, bands = 0, list(_BANDS)
    while at < len(block.columns) - 1 and bands:
        length = rng.randint(2, 4)
        run = block.columns[at : at + length]
        if (
            rng.random() < 0.7
            and all(c.name and not c.parents and _speaks(block, c) for c in run)
            and len(run) > 1
        ):
            parent = bands.pop(rng.randrange(len(bands)))
            for i, column in enumerate(run):
                under = (("其一", "其二")[i * 2 // len(run)],) if levels == 2 else ()
                column.parents = (parent, *under)
        at += length


def _speaks(block: Block, column: Col) -> bool:
    bare = "".join(column.header.split()).strip("*＊：:")
    return bare not in _GENERAL or bare == block.record.columns[column.name or ""].label


COLUMNS: dict[str, Feature] = {
    f.__name__: f
    for f in (
        synonyms,
        shuffled_columns,
        missing_required,
        units_in_headers,
        part_of,
        paired_header,
        noisy_headers,
        two_header_rows,
        three_header_rows,
        serial_column,
        unknown_column,
    )
}
