"""Features between and around the rows: totals, groups, pages, merged keys; title, notes, signatures.

`ROWS` work on a block whose header is laid, `AROUND` put what stands above and below it. Nothing is ever
put between rows that a merged cell holds together.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from random import Random

from flows.contract.record import ColumnType
from tests.messy.feature import Feature
from tests.messy.form import ADDABLE, period_text, titles
from tests.messy.layout import Block, Cell, Line, plain

_MERGEABLE = frozenset((ColumnType.TEXT, ColumnType.UNIT, ColumnType.DIVISION, ColumnType.NAME))
_GROUPS = ("主城区", "近郊", "渝西片区", "区级机关", "镇街")


def _gaps(block: Block) -> list[int]:
    """Positions in the body before which a line may be put."""
    return [i for i, line in enumerate(block.body) if i and not line.filled and line.kind == "data"]


def _data(lines: list[Line]) -> list[Line]:
    return [line for line in lines if line.kind == "data"]


def merged_keys(rng: Random, block: Block) -> None:
    """Runs of rows whose key is one merged cell: its text is that of every row."""
    free = [i for i, c in enumerate(block.columns) if c.name and c.type in _MERGEABLE]
    if not free:
        return
    offset, at = rng.choice(free), 0
    while at < len(block.body) - 1:
        run = block.body[at : at + rng.randint(2, 4)]
        at += len(run) + rng.randint(0, 1)
        cell = run[0].cells.get(offset)
        if cell is None or len(run) < 2 or not cell.text:
            continue
        for line in run[1:]:
            line.cells.pop(offset, None)
            line.filled[offset] = cell.text
        block.down_merges.append((run[0], run[-1], offset))


def group_rows(rng: Random, block: Block) -> None:
    """`主城区（9所）` above the rows of a group."""
    cuts = rng.sample(_gaps(block), min(len(_gaps(block)), 2))
    bounds = sorted({0, *cuts})
    for group, start in reversed(list(enumerate(bounds))):
        end = bounds[group + 1] if group + 1 < len(bounds) else len(block.body)
        count = len(_data(block.body[start:end]))
        text = rng.choice(("{}（{}所）", "{}({}个)", "{}(共{}户)")).format(_GROUPS[group], count)
        line = Line("group", {0: plain(text)})
        if rng.random() < 0.5:
            line.merges.append((0, len(block.columns) - 1))
        block.body.insert(start, line)


def subtotals(rng: Random, block: Block) -> None:
    """小计 below each of two or three groups."""
    gaps = _gaps(block)
    cuts = sorted({*rng.sample(gaps, min(len(gaps), 2)), len(block.body)})
    at = _label_offset(rng, block)
    label, start, added = rng.choice(("小计", "小 计", "小　计：")), 0, 0
    for cut in cuts:
        rows = _data(block.body[start : cut + added])
        # A group's heading stays with the rows below it.
        place = cut + added - (1 if block.body[cut + added - 1].kind == "group" else 0)
        block.body.insert(place, _total(rng, block, rows, label, at))
        added, start = added + 1, place + 1


def grand_total(rng: Random, block: Block) -> None:
    label = rng.choice(("合计", "总计", "合 计", "总 计", "合计："))
    block.body.append(_total(rng, block, _data(block.body), label, _label_offset(rng, block)))


def total_first(rng: Random, block: Block) -> None:
    """The grand total directly below the header, as statistics offices print it."""
    block.body.insert(0, _total(rng, block, _data(block.body), rng.choice(("合计", "全区合计")), 0))


def wrong_total(rng: Random, block: Block) -> None:
    totals = [line for line in block.body if line.total == "right"]
    if not totals:
        return
    line = rng.choice(totals)
    offset = rng.choice(
        [i for i in line.cells if block.columns[i].type in ADDABLE and line.cells[i].text != ""][-1:]
    )
    number = Decimal(line.cells[offset].text) + 1
    line.cells[offset] = plain(f"{number}")
    line.total, line.wrong_at = "wrong", offset


def _label_offset(rng: Random, block: Block) -> int:
    free = [i for i, c in enumerate(block.columns[:2]) if c.type not in ADDABLE]
    return rng.choice(free or [0])


def _total(rng: Random, block: Block, rows: list[Line], label: str, at: int) -> Line:
    line = Line("subtotal", {at: plain(label)}, total="open")
    sound = True
    for offset, column in enumerate(block.columns):
        if column.type not in ADDABLE or offset == at:
            continue
        texts = [row.cells[offset].text for row in rows if offset in row.cells and row.cells[offset].text]
        try:
            total = sum((Decimal(text) for text in texts), Decimal(0))
        except InvalidOperation:
            sound = False
            continue
        typed = any(not isinstance(r.cells[offset].written, str) for r in rows if offset in r.cells)
        text = f"{total.normalize():f}"
        written = int(total) if total == int(total) else float(total)
        line.cells[offset] = Cell(written, text, "formula", f"={text}+0") if typed else plain(text)
        line.total = "right"
    line.total = line.total if sound and rows else "open"
    if at == 0 and rng.random() < 0.4:
        free = next((i for i in range(1, len(block.columns)) if i in line.cells), len(block.columns))
        if free > 1:
            line.merges.append((0, free - 1))
    return line


def column_numbers(rng: Random, block: Block) -> None:
    width = len(block.columns)
    texts = [str(i) for i in range(1, width + 1)]
    if rng.random() < 0.5:
        texts = ["甲", "乙", *(str(i) for i in range(1, width - 1))]
    block.header_end = [Line("column_numbers", {i: plain(text) for i, text in enumerate(texts)})]


def prenumbered_rows(rng: Random, block: Block) -> None:
    """A form printed with more numbers than there were cases."""
    if block.columns[0].name is None and not block.columns[0].is_unknown:
        first = len(_data(block.body)) + 1
        block.body += [
            Line("serial_only", {0: plain(str(i))}) for i in range(first, first + rng.randint(1, 5))
        ]


def page_numbers(rng: Random, block: Block) -> None:
    """`第1页 共2页` where a page of a print-out ended."""
    for page, at in reversed(list(enumerate(_gaps(block)[4::5], 1))):
        block.body.insert(
            at,
            Line(
                "note", {0: plain(rng.choice(("第{}页", "第{}页 共9页", "第 {} 页，共 9 页")).format(page))}
            ),
        )


def numbered_groups(rng: Random, block: Block) -> None:
    """`一、镇街` above the rows of a group."""
    for number, at in reversed(list(enumerate([0, *_gaps(block)[3::4]]))):
        text = f"{'一二三四五'[number % 5]}、{_GROUPS[number % 5]}"
        block.body.insert(at, Line("group", {0: plain(text)}, [(0, len(block.columns) - 1)]))


def blank_rows(rng: Random, block: Block) -> None:
    for at in sorted(rng.sample(_gaps(block), min(len(_gaps(block)), 2)), reverse=True):
        block.body.insert(at, Line("blank", {}))


def page_headers(rng: Random, block: Block) -> None:
    """The whole header again every few rows, as a print-out has it."""
    every = rng.randint(3, 6)
    for at in reversed(_gaps(block)[every - 1 :: every]):
        again = [line.copy() for line in block.header]
        for line in again:
            line.kind = "repeated_header"
        copies = dict(zip(map(id, block.header), again, strict=True))
        downs = [d for d in block.down_merges if id(d[0]) in copies and id(d[1]) in copies]
        block.down_merges += [(copies[id(a)], copies[id(b)], offset) for a, b, offset in downs]
        block.body[at:at] = again


def hidden_rows(rng: Random, block: Block) -> None:
    """Rows that a filter has hidden."""
    held_together = {id(line) for a, b, _ in block.down_merges for line in (a, b)}
    free = [line for line in _data(block.body) if not line.filled and id(line) not in held_together]
    for line in rng.sample(free, min(len(free), 2)):
        line.is_hidden = True
    for line in block.body:
        line.total = line.total and "open"


def hidden_columns(rng: Random, block: Block) -> None:
    needed = {c.name for c in block.record.read_columns if c.required} | set(block.record.recognise.columns)
    # In the first column stands the title, which would be hidden with it.
    free = [c for c in block.columns[1:] if c.name and c.name not in needed and not c.parents]
    for column in rng.sample(free, min(len(free), 1)):
        column.is_hidden = True


def title(rng: Random, block: Block) -> None:
    unit = rng.choice(("", "永川区总工会", "永川区"))
    text = f"{unit}{period_text(rng, block.covers)}{rng.choice(titles(block.record.record))}"
    block.above.append(Line("title", {0: plain(text)}))


def period_in_note(rng: Random, block: Block) -> None:
    """A title without a period; the line below it names one."""
    block.above = [Line("title", {0: plain(rng.choice(titles(block.record.record)))})]
    text = rng.choice(("所属期：", "统计时间：", "报告期：")) + period_text(rng, block.covers)
    block.above.append(Line("note", {0: plain(text)}))


def merged_title(rng: Random, block: Block) -> None:
    for line in block.above:
        if line.kind == "title" and len(block.columns) > 1:
            line.merges = [(0, len(block.columns) - 1)]


def preamble(rng: Random, block: Block) -> None:
    """填报单位 and the day of filling in, which is no period."""
    line = Line("note", {0: plain("填报单位：永川区总工会")})
    line.cells[max(2, len(block.columns) // 2)] = plain(f"填报日期：{block.covers[1].year + 1}年1月8日")
    block.above.append(line)


def unit_in_corner(rng: Random, block: Block) -> None:
    block.note_unit = rng.choice(("万元", "元"))
    text = rng.choice(("单位：{}", "单位:{}", "计量单位：{}", "（单位：{}）", "单位：{}、人")).format(
        block.note_unit
    )
    block.above.append(Line("note", {len(block.columns) - 1: plain(text)}))


def subtitle(rng: Random, block: Block) -> None:
    """The period in brackets on a line of its own below the title."""
    block.above = [Line("title", {0: plain(rng.choice(titles(block.record.record)))})]
    block.above.append(Line("title", {0: plain(f"（{period_text(rng, block.covers)}）")}))


def form_number(rng: Random, block: Block) -> None:
    """What an official form says of itself in its corner; how long it is valid is no covered period."""
    for text in ("表    号：渝工1表", "制定机关：市总工会", f"有效期至：{block.covers[1].year + 3}年12月"):
        block.above.append(Line("note", {len(block.columns) - 1: plain(text)}))


def blank_above_header(rng: Random, block: Block) -> None:
    block.above.append(Line("blank", {}))


def footer(rng: Random, block: Block) -> None:
    last = len(block.columns) - 1
    block.below.append(
        Line("note", {0: plain(rng.choice(("注：本表按发生日期填报。", "备注：1.不含市级机关。")))})
    )
    if rng.random() < 0.5:
        block.below.append(Line("note", {0: plain("填表人：赵某　　审核：钱某　　负责人：孙某")}))
    else:
        block.below.append(Line("note", {0: plain("填表人：赵某"), max(1, last // 2): plain("审核人：钱某")}))


def sign_off(rng: Random, block: Block) -> None:
    last = len(block.columns) - 1
    block.below.append(Line("note", {last: plain(rng.choice(("单位（盖章）", "永川区总工会（盖章）")))}))
    block.below.append(Line("note", {last: plain(f"{block.covers[1].year + 1}年1月8日")}))


ROWS: dict[str, Feature] = {
    f.__name__: f
    for f in (
        merged_keys,
        group_rows,
        numbered_groups,
        subtotals,
        prenumbered_rows,
        grand_total,
        total_first,
        wrong_total,
        column_numbers,
        page_numbers,
        page_headers,
        blank_rows,
        hidden_rows,
        hidden_columns,
    )
}
AROUND: dict[str, Feature] = {
    f.__name__: f
    for f in (
        period_in_note,
        subtitle,
        merged_title,
        form_number,
        preamble,
        unit_in_corner,
        blank_above_header,
        footer,
        sign_off,
    )
}
