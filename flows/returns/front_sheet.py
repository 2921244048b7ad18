"""The sheet in front of a returned file: which tables were used, what is wrong, how to put it right.

Written for whoever keeps the district's books, in its own words and without a code. Everything that has no
row to stand beside is listed here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from flows.contract.record import Record
from flows.returns.allowed_words import HEADERS, TableHead
from flows.returns.front_part import FrontLine
from flows.warehouse.delivery_findings import DeliveredTable, DeliveryIssue, FaultyDelivery

#: Widths of its columns, in characters: together less than a page, or a terminal.
WIDTHS = (18, 22, 8, 8, 8, 8, 8, 22)
#: Issues without a row that are listed; the rest is counted.
MOST_LISTED = 200
#: Words of one list that are printed; its drop-down has all.
_MOST_WORDS = 60

_SEVERITY = {"error": "错误", "warning": "提醒"}
_HOW = (
    "1. 在原表中直接改正标色的单元格：红色是错误，黄色是提醒。每行的问题和处理办法写在右侧“问题与处理”一列。",
    "2. 请保留右侧“核对码”一列，不要改动其中的内容；可以排序，也可以插入新行（新行不用填核对码）。",
    "3. 改好后原样送回即可，文件名可以改{keep}。同一报表、同一所属期以后收到的为准，整表替换前一次，请不要只送改过的几行。",
    "4. 没有标色的单元格请不要改动；确需修改的，会另行提示核实。",
    "5. 有下拉箭头的单元格请从列表中选；可填的内容和可用的表头也列在下面。",
)
_EXTRACT = (
    "1. 原文件行数很多，这里只摘录有问题的行（行号是原文件的行号），工作表“退回摘录”。",
    "2. 请在本单位自己的原文件中改正，改好后把完整的原文件重新报送。",
    "3. 请不要把本文件报回：摘录不是完整的报表，不会被采用。",
)


def cover(
    found: FaultyDelivery,
    parts: Sequence[DeliveredTable],
    listed: Sequence[DeliveryIssue],
    kinds: Mapping[str, Record],
    heads: Sequence[TableHead] | None = None,
    words: Mapping[str, Sequence[str]] | None = None,
    is_copy: bool = True,
    rows_left: int = 0,
    active: Sequence[str] = (),
) -> list[FrontLine]:
    """The lines of the sheet.

    Args:
        found: the delivery.
        parts: its tables, as they count.
        listed: findings without a row to stand beside.
        kinds: contracts by name.
        heads: the heads of its tables; None for an extract, which does not come back.
        words: column → what may be chosen in it.
        is_copy: not the district's own workbook.
        rows_left: rows that an extract has no room for.
        active: what of the district's own workbook runs or fetches by itself, in Chinese.
    """
    is_extract = heads is None
    lines = [
        FrontLine(("退回说明",), "title"),
        FrontLine(("报送单位", found.unit), "pair"),
        FrontLine(("文件", found.name), "pair"),
        FrontLine(("报送编号", f"第{found.delivery_id}号"), "pair"),
        FrontLine(("收到时间", f"{found.received_at:%Y-%m-%d %H:%M}"), "pair"),
        FrontLine(("问题", f"错误{found.errors}处，提醒{found.warnings}处"), "pair"),
    ]
    if parts and all(part.replaced_by for part in parts):
        later = "、".join(sorted({f"第{part.replaced_by}号" for part in parts}))
        text = (
            f"注意：本次报送已被{later}报送整表替换，不再计入。请在后一次报送的文件上更正，不要报回本文件。"
        )
        lines.append(FrontLine((text,), "alert"))
    if active:
        text = f"注意：原文件带有{'、'.join(active)}，本文件原样保留。来源不明的，打开时请勿启用；建议去掉后再报。"
        lines.append(FrontLine((text,), "alert"))
    lines += [FrontLine(()), FrontLine(("怎样改正",), "head")]
    if is_extract:
        how = list(_EXTRACT)
        if rows_left:
            how.append(f"4. 有问题的行很多，先列有错误的；另有{rows_left}行以上没有列出，改正重报后再退回。")
    elif parts:
        named = any(part.covers_evidence in ("name", "folder") for part in parts)
        keep = "（所属期取自文件名，请保留其中的年月）" if named else ""
        how = [text.replace("{keep}", keep) for text in _HOW]
    else:
        how = ["本文件没有可以采用的表，原因和处理办法见下。"]
    if is_copy and not is_extract and parts:
        how.append(
            f"{len(how) + 1}. 本文件由原文件转成，单元格一律为文本，以免软件改动号码；原文件的格式没有带过来。"
        )
    lines += [FrontLine((text,), "wide") for text in how]
    if parts:
        lines += [
            FrontLine(()),
            FrontLine(("报表", "所属期", "读入", "采用", "退回", "重复", "不计", "是否计入"), "head"),
        ]
        lines += [_part(part, kinds) for part in parts]
        lines += _sound(parts, kinds)
    lines += _heads(heads or ())
    if words:
        lines += [FrontLine(()), FrontLine(("列", "可填的内容（有下拉列表）"), "head")]
        lines += [FrontLine((title, _listed(of)), "pair") for title, of in words.items() if title != HEADERS]
    if listed:
        lines += [FrontLine(()), FrontLine(("位置", "问题与处理"), "head")]
        for finding in listed[:MOST_LISTED]:
            text = f"{_place(finding)} {_SEVERITY[finding.severity]}：{finding.message}"
            lines.append(FrontLine((text,), "wide"))
        if len(listed) > MOST_LISTED:
            lines.append(FrontLine((f"另有{len(listed) - MOST_LISTED}处同类问题，未一一列出。",), "wide"))
    return lines


def _sound(parts: Sequence[DeliveredTable], kinds: Mapping[str, Record]) -> list[FrontLine]:
    """What is in order, table by table: nobody has to look at it again."""
    lines = []
    for part in parts:
        if part.in_force and part.rows_accepted:
            label = kinds[part.record].label if part.record in kinds else part.record
            rest = part.rows_read - part.rows_accepted - part.rows_ignored
            other = f"其余{rest}行见标色和“问题与处理”" if rest else "没有退回的行"
            lines.append(
                FrontLine(
                    (f"✓ {label}：{part.rows_accepted}行已采用，照常计入，不用再动；{other}。",), "wide"
                )
            )
    return lines


def _heads(heads: Sequence[TableHead]) -> list[FrontLine]:
    """Of each table with an open header: what was understood, what was not, and what would be."""
    lines = []
    for head in heads:
        if head.open_:
            place = f"{head.label}（{head.sheet}）" if head.sheet else head.label
            lines += [FrontLine(()), FrontLine(("表头", place), "head")]
            lines.append(FrontLine(("已认出", "、".join(head.understood)), "pair"))
            for letter, header, names in head.open_:
                said = f"“{header}”不认识，这一列暂未采用。"
                likely = f"可能是：{'、'.join(names)}。" if names else ""
                lines.append(
                    FrontLine(
                        (
                            f"{letter}列",
                            f"{said}{likely}请在该格的下拉列表中选正确的表头；与本表无关的列不用管。",
                        ),
                        "pair",
                    )
                )
            lines.append(FrontLine(("可用的表头", _listed(head.free)), "pair"))
    return lines


def _listed(words: Sequence[str]) -> str:
    more = f" ……共{len(words)}项，其余见下拉列表" if len(words) > _MOST_WORDS else ""
    return "、".join(words[:_MOST_WORDS]) + more


def _part(part: DeliveredTable, kinds: Mapping[str, Record]) -> FrontLine:
    label = kinds[part.record].label if part.record in kinds else part.record
    shown = f"{label}（{part.sheet}）" if part.sheet else label
    counts = (part.rows_read, part.rows_accepted, part.rows_rejected, part.rows_duplicate, part.rows_ignored)
    return FrontLine((shown, _period(part.covers_from, part.covers_to), *map(str, counts), _counts(part)))


def _counts(part: DeliveredTable) -> str:
    if part.replaced_by is not None:
        on = f"{part.replaced_on:%Y-%m-%d}收到的" if part.replaced_on else ""
        return f"否，已被{on}第{part.replaced_by}号报送替换"
    if part.held is not None:
        return "否，整表未采用，原因见下"
    return "是" if part.in_force else "否"


def _period(first: date | None, last: date | None) -> str:
    return f"{first}至{last}" if first and last else "看不出"


def _place(finding: DeliveryIssue) -> str:
    sheet = f"工作表“{finding.sheet}”" if finding.sheet else ""
    return (sheet + (f"第{finding.row_number}行" if finding.row_number else "")) or "整个文件"
