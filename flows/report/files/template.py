"""An empty workbook per record kind, to be handed out, filled in and read back without any mapping.

Everything in it derives from the contract and its code lists. A wide form prints in blocks of columns, each legible by
itself. Refuses to write over a file that differs: it may be one that somebody has begun to fill in.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from flows.contract.offered_words import offered_words
from flows.contract.record import CodeEntry, Column, ColumnType, Record
from flows.contract.text import column_letter
from flows.read.reading import INSTRUCTIONS
from flows.report.files.form_header import Handout, spoken

#: Rows of the sheet to fill in, from 0: title, sender, covered period, remark, header.
TITLE, SENDER, PERIOD, REMARK, HEADER = range(5)
_LAST_ROW = 1_048_575
#: Excel's limit for the entries of a drop-down that are written into the cell's own rule.
_INLINE = 255
_LISTS = "代码表"
#: Of the columns of the explaining sheet, in characters; a 汉字 takes two.
_WIDTHS = (30, 8, 52, 70)
#: Columns on a page's width at most; characters on it at full size; the smallest size, in hundredths, that is legible.
_BLOCK, _PAGE, _SMALLEST = 12, 120, 65
#: The same contract gives the same bytes, whenever it is written.
_MADE_ON = datetime(2000, 1, 1)  # noqa: DTZ001 (a document property has no zone)

_GUIDE = {
    ColumnType.TEXT: "文字，照原件填写",
    ColumnType.NAME: "姓名或名称全称",
    ColumnType.WITHHELD: "文字，照实填写",
    ColumnType.DATE: "具体的一天，如2015-09-01",
    ColumnType.SPAN: "日期、月份或一段时间，如2015年9月、2015-09-01至2015-09-03",
    ColumnType.YEAR: "四位年份，如2015",
    ColumnType.MONEY: "金额，只填数字",
    ColumnType.COUNT: "数量，只填数字，不写“约”“余”",
    ColumnType.DECIMAL: "数值，只填数字",
    ColumnType.PCT: "百分数，如85%",
    ColumnType.BOOL: "从下拉列表中选“是”或“否”",
    ColumnType.CODE: "从下拉列表中选一项",
    ColumnType.CITIZEN_ID: "18位公民身份号码，本列已设为文本，请勿改为数字",
    ColumnType.CREDIT_CODE: "18位统一社会信用代码",
    ColumnType.PHONE: "11位手机号，或“区号-号码”",
    ColumnType.UNIT: "单位的全称、简称或代码",
    ColumnType.DIVISION: "本区县镇街的全称",
    ColumnType.INDICATOR: "指标代码或指标名称",
}

#: Number formats; a column of any other type is text, so that no digit or leading zero is lost.
_FORMAT = {
    ColumnType.DATE: "yyyy-mm-dd",
    ColumnType.YEAR: "0",
    ColumnType.MONEY: "#,##0.00",
    ColumnType.COUNT: "General",
    ColumnType.DECIMAL: "General",
    ColumnType.PCT: "0.00%",
}


def write_templates(
    records: Sequence[Record], folder: Path, handout: Handout
) -> tuple[list[Path], list[Path]]:
    """Write `<label>.xlsx` of each record into `folder`, which is made.

    The paths that are written or hold the very form, and those that hold something else: these are left as they are.
    """
    folder.mkdir(parents=True, exist_ok=True)
    done: list[Path] = []
    differing: list[Path] = []
    for record in records:
        path, content = folder / f"{record.label}.xlsx", template(record, handout)
        if not path.exists():
            path.write_bytes(content)
        (done if path.read_bytes() == content else differing).append(path)
    return done, differing


def template(
    record: Record, handout: Handout, lists: Mapping[str, tuple[CodeEntry, ...]] | None = None
) -> bytes:
    """The workbook of one record kind; `lists`: code lists by name, default those of the clone."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    book.set_properties({"created": _MADE_ON, "title": record.label})
    offered = {c.name: offered_words(c, handout.years, lists=lists) for c in record.read_columns}
    _fill_in(book, record, handout, offered)
    _explain(book, record, offered)
    _add_lists(book, record, offered)
    book.close()
    return out.getvalue()


def _header(column: Column) -> str:
    """A column's header: `*` if it must be filled in, the label, its unit of measure in brackets."""
    return f"{'*' * column.required}{column.label}{f'（{column.unit}）' if column.unit else ''}"


def _is_inline(choices: Sequence[str]) -> bool:
    return len(",".join(choices)) <= _INLINE and not any(set(choice) & set(',"') for choice in choices)


def _fill_in(book: Any, record: Record, handout: Handout, offered: Mapping[str, Sequence[str]]) -> None:
    """The sheet to fill in."""
    sheet = book.add_worksheet(_sheet_name(record))
    small = book.add_format({"font_color": "#595959"})
    sheet.write_string(TITLE, 0, record.label, book.add_format({"bold": True, "font_size": 16}))
    sheet.write_string(SENDER, 0, f"填报单位：{handout.unit_name}")
    sheet.write_string(PERIOD, 0, f"所属期：{spoken(handout.period) if handout.period else ''}")
    sheet.write_string(REMARK, 0, f"注：带*的列必填，各列填法见“{INSTRUCTIONS}”表。", small)
    head: dict[str, object] = {
        "bold": True,
        "border": 1,
        "text_wrap": True,
        "align": "center",
        "valign": "vcenter",
    }
    plain, must = (book.add_format({**head, "bg_color": color}) for color in ("#DDEBF7", "#FCE4D6"))
    widths = [max(11, 2 * len(_header(column)) + 2) for column in record.read_columns]
    for position, (column, width) in enumerate(zip(record.read_columns, widths, strict=True)):
        text = _header(column)
        shape = book.add_format({"num_format": _FORMAT.get(column.type, "@")})
        sheet.set_column(position, position, width, shape)
        sheet.write_string(HEADER, position, text, must if column.required else plain)
        rule = _rule(column, offered[column.name], position)
        sheet.data_validation(HEADER + 1, position, _LAST_ROW, position, rule)
    sheet.set_row(HEADER, 32)
    sheet.freeze_panes(HEADER + 1, 0)
    sheet.repeat_rows(HEADER)
    sheet.set_footer(f"&L{record.label}&R&P/&N")
    _print_in_blocks(sheet, widths)


def _rule(column: Column, choices: Sequence[str], position: int) -> dict[str, object]:
    """What a cell accepts, and what it says when it is entered."""
    shown: dict[str, object] = {
        "input_title": column.label[:32],
        "input_message": ("必填。" if column.required else "") + _guide(column),
        "error_title": column.label[:32],
        "error_message": _guide(column),
    }
    if choices:
        letter = column_letter(position + 1)
        place = f"='{_LISTS}'!${letter}$1:${letter}${len(choices)}"
        return shown | {"validate": "list", "source": list(choices) if _is_inline(choices) else place}
    between: dict[str, object] = {"criteria": "between"}
    match column.type:
        case ColumnType.DATE:
            return (
                shown
                | between
                | {"validate": "date", "minimum": date(1900, 1, 1), "maximum": date(2099, 12, 31)}
            )
        case ColumnType.YEAR:
            return shown | between | {"validate": "integer", "minimum": 1900, "maximum": 2099}
        case ColumnType.COUNT if not (column.unit or "").startswith(("百", "千", "万", "亿")):
            return shown | {"validate": "integer", "criteria": ">=", "value": 0}
        case ColumnType.COUNT | ColumnType.MONEY:
            return shown | {"validate": "decimal", "criteria": ">=", "value": 0}
        case ColumnType.DECIMAL | ColumnType.PCT:
            return shown | between | {"validate": "decimal", "minimum": -(10**12), "maximum": 10**12}
        case ColumnType.CITIZEN_ID:
            return (
                shown
                | between
                | {"validate": "length", "minimum": 15, "maximum": 18, "error_type": "warning"}
            )
        case _:
            return shown | {"validate": "any"}


def _guide(column: Column) -> str:
    """How a column is filled in, with its unit of measure."""
    return _GUIDE[column.type] + (f"，单位：{column.unit}" if column.unit else "")


def _explain(book: Any, record: Record, offered: Mapping[str, Sequence[str]]) -> None:
    """The sheet that explains the columns, one a row.

    Each label follows its column's letter, so that no cell of this sheet is a header.
    """
    sheet = book.add_worksheet(INSTRUCTIONS)
    plain, bold = book.add_format(), book.add_format({"bold": True, "bottom": 1})
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    lines = (
        f"{record.label}：在第一张表的表头下面逐行填写，一行一条，不要改动表头。",
        "所属期写在“所属期：”后面，如2015年、2015年9月、截至2015年9月30日。",
        "本期确无发生的，填好单位和所属期后原样报送空表。",
    )
    for row, text in enumerate(lines):
        sheet.write_string(row, 0, text, plain)
    top = len(lines) + 1
    for position, (text, width) in enumerate(zip(("列", "要求", "填法", "可选内容"), _WIDTHS, strict=True)):
        sheet.set_column(position, position, width, wrap)
        sheet.write_string(top, position, text, bold)
    for row, column in enumerate(record.read_columns, 1):
        cells = (
            f"{column_letter(row)}列　{column.label}",
            "必填" if column.required else "",
            _guide(column),
            "、".join(offered[column.name]),
        )
        for position, text in enumerate(cells):
            if text:
                sheet.write_string(top + row, position, text, wrap)
        sheet.set_row(top + row, 15 * max(1, -(-2 * len(cells[-1]) // _WIDTHS[-1])))
    _print_wide(sheet)


def _print_in_blocks(sheet: Any, widths: Sequence[int]) -> None:
    """At most so many columns on a page's width that they stay legible; the others follow on further pages."""
    starts, used = [0], 0
    for position, width in enumerate(widths):
        if position - starts[-1] == _BLOCK or used + width > _PAGE * 100 // _SMALLEST:
            starts.append(position)
            used = 0
        used += width
    _a4_landscape(sheet)
    if len(starts) == 1:
        sheet.fit_to_pages(1, 0)
        return
    ends = [*starts[1:], len(widths)]
    widest = max(sum(widths[a:b]) for a, b in zip(starts, ends, strict=True))
    sheet.set_print_scale(min(100, _PAGE * 100 // widest))
    sheet.set_v_pagebreaks(starts[1:])


def _print_wide(sheet: Any) -> None:
    """All columns on one page's width."""
    _a4_landscape(sheet)
    sheet.fit_to_pages(1, 0)


def _a4_landscape(sheet: Any) -> None:
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.5)


def _add_lists(book: Any, record: Record, offered: Mapping[str, Sequence[str]]) -> None:
    """A hidden sheet with the choices that are too long for a cell's own rule, each below its column."""
    long = {
        position: offered[column.name]
        for position, column in enumerate(record.read_columns)
        if not _is_inline(offered[column.name])
    }
    if long:
        sheet = book.add_worksheet(_LISTS)
        sheet.hide()
        for position, choices in long.items():
            for row, choice in enumerate(choices):
                sheet.write_string(row, position, choice)


def _sheet_name(record: Record) -> str:
    return "".join(char for char in record.label if char not in "[]:*?/\\'")[:31]
