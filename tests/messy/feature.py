"""Features of the table itself: its columns, its header rows, its cells.

Each is a small function of a random source and a block. `COLUMNS` work on the columns before any header
line is laid, `CELLS` on the cells of data rows; what stands between and around rows is in `frame`.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from flows.contract.model import ColumnType
from flows.read.header import IGNORED
from tests.messy.form import ADDABLE, typed, value
from tests.messy.layout import ANY, Block, Cell, Col, Line, plain

Feature = Callable[[Random, Block], None]

#: Last words that say nothing without the header above them.
_GENERAL = ("金额", "人数", "日期", "时间", "名称", "数量")
_BANDS = ("基本情况", "办理情况", "有关情况", "登记事项")
#: Names and remarks as districts really have them, each with a word that marks other rows.
_AWKWARD = (
    "永川会计事务所", "区统计局", "计生协会", "合计电子有限公司", "小计量仪表厂", "总计划办公室", "注塑机厂",
    "说明书印刷厂", "审核科", "单位食堂", "第1页印务", "负责人学校", "1、2号车间", "经办大厅",
)  # fmt: skip


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
        spellings = [s for s in block.record.columns[column.name or ""].header if s not in IGNORED]
        column.header = rng.choice(spellings or [column.header])


def missing_required(rng: Random, block: Block) -> None:
    required = [i for i, c in enumerate(block.columns) if c.name and block.record.columns[c.name].required]
    at = rng.choice(required)
    del block.columns[at]
    for line in block.body:
        line.cells = {i - (i > at): cell for i, cell in line.cells.items() if i != at}
    block.held = block.held or "column_missing"


def unknown_column(rng: Random, block: Block) -> None:
    at = rng.randint(1, len(block.columns))
    _insert(
        block,
        at,
        Col(None, None, "网格编码甲", is_unknown=True),
        [plain(f"网{i}") for i in range(len(block.body))],
    )
    block.held = "header_unknown"


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


def typed_cells(rng: Random, block: Block) -> None:
    """Numbers, dates, percentages and yes/no as the program stores them; text in every fifth."""
    for line in block.body:
        for offset, cell in line.cells.items():
            stored = typed(cell.text, block.columns[offset].type) if rng.random() < 0.8 else None
            line.cells[offset] = stored or cell


def blank_ends(rng: Random, block: Block) -> None:
    for line in block.body:
        for offset, cell in line.cells.items():
            if isinstance(cell.written, str) and rng.random() < 0.3:
                before, after = rng.choice((("", " "), ("\u3000", ""), (" ", "\u3000\u3000"), ("", "\u00a0")))
                line.cells[offset] = Cell(before + cell.written + after, cell.text)


def awkward_values(rng: Random, block: Block) -> None:
    """Words of totals, notes and signatures inside real names."""
    free = [i for i, c in enumerate(block.columns) if c.type in (ColumnType.TEXT, ColumnType.WITHHELD)]
    for line in block.body:
        for offset in free:
            if offset in line.cells and rng.random() < 0.4:
                line.cells[offset] = plain(rng.choice(_AWKWARD))


def missing_cells(rng: Random, block: Block) -> None:
    """A row that lacks what it needs is a row to be rejected with a reason, not one to be passed over."""
    required = [i for i, c in enumerate(block.columns) if c.name and block.record.columns[c.name].required]
    for line in rng.sample(block.body, max(1, len(block.body) // 4)):
        filled = [i for i in line.cells if block.columns[i].name]
        if required and len(filled) > 4:
            line.cells.pop(rng.choice(required), None)


def error_cells(rng: Random, block: Block) -> None:
    for offset, line in _optional_cells(rng, block):
        error = rng.choice(("#N/A", "#REF!", "#DIV/0!", "#VALUE!", "#NAME?"))
        line.cells[offset] = Cell(error, error, "error")


def stored_formulas(rng: Random, block: Block) -> None:
    """Formulas with their result."""
    for line in block.body:
        for offset, cell in line.cells.items():
            if block.columns[offset].type in ADDABLE and rng.random() < 0.5:
                number = typed(cell.text, block.columns[offset].type)
                if number:
                    line.cells[offset] = Cell(number.written, number.text, "formula", f"={number.text}+0")


def uncalculated_formulas(rng: Random, block: Block) -> None:
    """Formulas that no program has calculated: not blank, whatever is shown for them."""
    for offset, line in _optional_cells(rng, block):
        line.cells[offset] = Cell("=1+1", ANY, "uncalculated")


def _optional_cells(rng: Random, block: Block) -> list[tuple[int, Line]]:
    """A few cells of columns that no row needs."""
    needed = {c.name for c in block.record.read_columns if c.required} | set(block.record.recognise.columns)
    free = [i for i, c in enumerate(block.columns) if c.name and c.name not in needed]
    lines = rng.sample(block.body, max(1, len(block.body) // 3)) if block.body else []
    return [(rng.choice(free), line) for line in lines if free]


def repeated_values(rng: Random, block: Block) -> None:
    """The same unit, town or employer in runs of rows, as sorted ledgers have them."""
    for offset, column in enumerate(block.columns):
        if column.name and column.type in (ColumnType.TEXT, ColumnType.UNIT, ColumnType.DIVISION):
            text = value(rng, block.record.columns[column.name], 1)
            for line in block.body[: len(block.body) // 2]:
                line.cells[offset] = plain(text)


COLUMNS: dict[str, Feature] = {
    f.__name__: f
    for f in (
        synonyms, shuffled_columns, missing_required, units_in_headers, part_of, paired_header, noisy_headers,
        two_header_rows, three_header_rows, serial_column, unknown_column,
    )
}  # fmt: skip
CELLS: dict[str, Feature] = {
    f.__name__: f
    for f in (
        repeated_values, typed_cells, awkward_values, stored_formulas, missing_cells, blank_ends, error_cells,
        uncalculated_formulas,
    )
}  # fmt: skip
