"""Features of data cells: how a value is stored, what is inside a text, what is not there.

A cell's text is what must be handed over for it whatever form it is stored in.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from random import Random

from flows.contract.record import ColumnType
from tests.messy.feature import Feature
from tests.messy.form import ADDABLE, typed, value
from tests.messy.layout import ANY, Block, Cell, Line, plain

#: Names and remarks as districts really have them, each with a word that marks other rows.
_AWKWARD = (
    "永川会计事务所",
    "区统计局",
    "计生协会",
    "合计电子有限公司",
    "小计量仪表厂",
    "总计划办公室",
    "注塑机厂",
    "说明书印刷厂",
    "审核科",
    "单位食堂",
    "第1页印务",
    "负责人学校",
    "1、2号车间",
    "经办大厅",
)


_FREE = (ColumnType.TEXT, ColumnType.WITHHELD)
_DAYS = ("yyyy/m/d", 'yyyy"年"m"月"d"日"', "m/d/yy", "d-mmm-yy", "[$-804]yyyy/mm/dd;@")


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


def date_formats(rng: Random, block: Block) -> None:
    """Days shown in other ways are the same days."""
    for line in block.body:
        for offset, cell in line.cells.items():
            if block.columns[offset].type is ColumnType.DATE:
                stored = cell if isinstance(cell.written, datetime) else typed(cell.text, ColumnType.DATE)
                line.cells[offset] = replace(stored or cell, form=rng.choice(_DAYS))


def zero_formats(rng: Random, block: Block) -> None:
    """A number under a format of zeros alone: the zeros in front are part of it."""
    for offset in _free(block)[:1]:
        for line in block.body:
            number = rng.randint(1, 9999)
            line.cells[offset] = Cell(number, f"{number:06}", "000000")


def rich_text(rng: Random, block: Block) -> None:
    """Cells of which a part is in another face."""
    for line, offset in _free_cells(block):
        if rng.random() < 0.5 and len(line.cells[offset].text) > 3:
            line.cells[offset] = replace(line.cells[offset], form="rich")


def line_breaks(rng: Random, block: Block) -> None:
    for line, offset in _free_cells(block):
        text = line.cells[offset].text
        if rng.random() < 0.3 and len(text) > 3:
            line.cells[offset] = plain(text[:2] + "\n" + text[2:])


def quotes_inside(rng: Random, block: Block) -> None:
    for line, offset in _free_cells(block):
        if rng.random() < 0.3:
            line.cells[offset] = plain(
                rng.choice(('永川"五一"厂', '"永川"', "永川'厂", "一;二,三\t四", '5" 管'))
            )


def blank_looking(rng: Random, block: Block) -> None:
    """Blanks where there is nothing."""
    for line in block.body:
        for offset in set(range(len(block.columns))) - set(line.cells):
            line.cells[offset] = Cell(rng.choice((" ", "\u3000", " \u00a0")), "")


def few_cells(rng: Random, block: Block) -> None:
    """Nothing but what a row needs; a lone day would be a line of signature to any reader."""
    needed = {c.name for c in block.record.read_columns if c.required} | set(block.record.recognise.columns)
    for line in block.body:
        kept = {i: c for i, c in line.cells.items() if block.columns[i].name in {*needed, None}}
        line.cells = kept if len(kept) > 1 else line.cells


def _free(block: Block) -> list[int]:
    """Offsets of columns of free text that no row needs."""
    needed = {c.name for c in block.record.read_columns if c.required} | set(block.record.recognise.columns)
    return [i for i, c in enumerate(block.columns) if c.type in _FREE and c.name not in needed]


def _free_cells(block: Block) -> list[tuple[Line, int]]:
    """Cells of free text with plain text in them."""
    at = [i for i, c in enumerate(block.columns) if c.type in _FREE]
    return [
        (line, i)
        for line in block.body
        for i in at
        if i in line.cells and line.cells[i].written == line.cells[i].text
    ]


CELLS: dict[str, Feature] = {
    f.__name__: f
    for f in (
        repeated_values,
        few_cells,
        typed_cells,
        date_formats,
        zero_formats,
        awkward_values,
        quotes_inside,
        line_breaks,
        stored_formulas,
        missing_cells,
        blank_ends,
        rich_text,
        blank_looking,
        error_cells,
        uncalculated_formulas,
    )
}
