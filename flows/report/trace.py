"""A traced number as people and programs read it: a tree in Chinese for a terminal of 80 columns, JSON, CSV.

Refuses to show a cell of a person, and to soften a difference: what is not proven is said first, and last.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from datetime import date, datetime
from fractions import Fraction
from itertools import groupby
from typing import IO, Any

from rich.console import Console
from rich.markup import escape
from rich.tree import Tree

from flows.report.trace_words import REASONS, SHAPES, STATES, amount, difference, span
from flows.store.evidence import Cell, Difference, Line, Passed, Proof, Source

#: In place of a cell about a person.
WITHHELD = "（个人信息，不显示）"

#: Columns of `--csv`.
CSV_HEADER = (
    "报送编号", "文件", "工作表", "行号", "单位", "起", "止", "分类", "分子", "分母", "对象", "作用",
)  # fmt: skip
_ROLES = {"population": "应覆盖", "reached": "已覆盖"}


def csv_sink(stream: IO[str]) -> Callable[[Line, Source], None]:
    """Writes every row that counts, with its address, as it is met."""
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(CSV_HEADER)

    def write(line: Line, source: Source) -> None:
        exact = ("" if x is None else amount(x) for x in (line.numerator, line.denominator))
        writer.writerow(
            (
                source.delivery_id, source.name, source.sheet, line.row_number, line.unit, line.since_on or "",
                line.until_on or "", line.category or "", *exact, line.subject or "", _ROLES.get(line.role or "", ""),
            )
        )  # fmt: skip

    return write


def as_json(proof: Proof) -> str:
    """One object. Amounts are exact texts; a cell of a person is null with `is_withheld`."""
    return json.dumps(plain(proof), ensure_ascii=False, indent=2)


def plain(value: Any) -> Any:
    """Dataclasses, fractions and days as what JSON knows."""
    if isinstance(value, Proof):
        return {"proven": value.is_proven, **plain(asdict(value))}
    if isinstance(value, Fraction):
        return amount(value).removeprefix("≈") if (value * 10**6).denominator == 1 else str(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, dict):
        if set(value) == {"label", "value"}:
            return {**value, "is_withheld": value["value"] is None}
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    return value


def show(out: Console, proof: Proof) -> None:
    """Print the tree of one number."""
    out.print(tree(proof))


def tree(proof: Proof) -> Tree:
    """Number → formula → both sides → rows → files → verdict."""
    category = f"，分类 {proof.category}" if proof.category else ""
    root = Tree(
        f"[bold]{_plain(proof.unit_name)}[/]　{_plain(proof.label)}（{proof.indicator}）　"
        f"{_plain(proof.period_label)}（{span(proof.first_on, proof.last_on)}）{category}"
    )
    if not proof.is_proven:
        root.add(_verdict(proof))
    _published(root, proof)
    _formula(root, proof)
    _rows(root, proof)
    _passed(root, proof)
    _files(root, proof)
    root.add(_verdict(proof))
    return root


def _published(root: Tree, proof: Proof) -> None:
    found = proof.published
    if found is None:
        root.add("发布值　发布库中没有这一期的数")
        return
    value = f"[bold]{amount(found.value)}[/] {_plain(proof.measure)}" if found.value is not None else "没有数"
    node = root.add(f"发布值　{value}（{STATES[found.state]}）")
    if found.denominator is not None:
        node.add(f"分子 {amount(found.numerator)} ÷ 分母 {amount(found.denominator)}，四舍五入到六位小数")
    node.add(f"计入记录 {found.record_count:,} 条，待定 {found.undecided_count:,} 条")
    if found.lower != found.upper:
        upper = "未知" if found.upper is None else amount(found.upper)
        node.add(f"待定记录全部不计为 {amount(found.lower)}，全部计入为 {upper}")
    if proof.predecessors:
        node.add("含并入本单位之前的：" + "、".join(_plain(name) for name in proof.predecessors.values()))


def _formula(root: Tree, proof: Proof) -> None:
    node = root.add(f"口径　{_plain(proof.basis)}")
    node.add(f"形态　{SHAPES[proof.shape]}")
    statement = node.add("取数")
    for written in proof.statement.splitlines():
        statement.add(f"[dim]{_plain(written)}[/]")
    result = root.add("复算　按上面的取数，从原件重新读出的行")
    for said in _sums(proof):
        result.add(_plain(said))


def _sums(proof: Proof) -> Iterator[str]:
    """What the rows come to, in the way the shape of the indicator allows."""
    tally = proof.tally
    total = amount(tally.numerator)
    if tally.numerator is None and proof.counted == 0:
        yield "没有一行计入"
        yield from _silence(proof)
        return
    if proof.shape in ("count", "sum"):
        yield f"{tally.records:,} 行相加 ＝ {total}"
    elif proof.shape == "ratio":
        yield from _sides(proof)
    elif proof.shape == "distinct":
        yield f"{tally.records:,} 行是 {tally.subjects:,} 个不同对象，其中重复出现 {tally.repeats:,} 行 ＝ {total}"
    elif proof.shape == "edition":
        yield f"{tally.records:,} 行，届次：{'、'.join(tally.editions)}，共 {total} 届"
    elif proof.shape == "coverage":
        yield f"应覆盖 {amount(tally.denominator)} 人（{tally.records:,} 行），其中已覆盖 {total} 人（{tally.hits:,} 行）"
    elif proof.shape == "streak":
        yield from _years(proof)
    else:
        yield from _stock(proof)
    if tally.anonymous:
        yield f"其中 {tally.anonymous:,} 行没有可用的证件号，各计一个"
    if tally.straddling:
        yield f"另有 {tally.straddling:,} 行日期跨出本期，待定，不计入"


def _sides(proof: Proof) -> Iterator[str]:
    tally = proof.tally
    yield f"分子相加 ＝ {amount(tally.numerator)}"
    yield f"分母相加 ＝ {amount(tally.denominator)}（两边共 {tally.records:,} 行）"
    yield from _rolls(proof)


def _stock(proof: Proof) -> Iterator[str]:
    tally = proof.tally
    yield from _rolls(proof)
    if not proof.standing:
        yield f"{proof.last_on} 在有效期内的 {tally.records:,} 行"
    if tally.subjects:
        yield f"{tally.records:,} 行是 {tally.subjects:,} 个不同的人，其中重复出现 {tally.repeats:,} 行 ＝ {amount(tally.numerator)}"
    else:
        yield f"{tally.records:,} 行相加 ＝ {amount(tally.numerator)}"


def _rolls(proof: Proof) -> Iterator[str]:
    for source in proof.sources:
        if source.part_id in proof.standing:
            yield f"期末在用名册：{source.label}，{source.covers_to} 的，第{source.delivery_id}号报送"


def _years(proof: Proof) -> Iterator[str]:
    for found in proof.tally.years:
        within = "，计入连续" if found.in_run else ""
        yield f"{found.year}年　{'获得' if found.is_awarded else '未获得'}{within}"
    if run := [str(y.year) for y in proof.tally.years if y.in_run]:
        yield f"到最近已评定年度为止连续 {len(run)} 年：{'、'.join(run)}"
    else:
        yield "最近已评定年度没有获得，或次年年中以后仍无新的评定：连续 0 年"


def _silence(proof: Proof) -> Iterator[str]:
    if proof.published is None or proof.published.state != "zero":
        return
    for source in proof.reported:
        yield f"已报：{source.label}，{span(source.covers_from, source.covers_to)}，第{source.delivery_id}号报送"
    if proof.reported:
        yield "应报的都报了而没有一行，所以是零"


def _rows(root: Tree, proof: Proof) -> None:
    shown = len(proof.lines)
    more = f"，列出前 {shown} 行（--limit 可加，--csv 导出全部）" if shown < proof.counted else ""
    node = root.add(f"记录　共 {proof.counted:,} 行{more}")
    sources = {s.part_id: s for s in proof.sources}
    by_person = proof.shape in ("distinct", "coverage") or (proof.shape == "stock" and proof.tally.subjects)
    if by_person:
        for subject, lines in groupby(proof.lines, lambda line: line.subject):
            person = node.add(f"对象{subject}")
            for line in lines:
                _line(person, line, f"{_where(sources[line.part_id])}")
        return
    for part, lines in groupby(proof.lines, lambda line: line.part_id):
        table = node.add(_where(sources[part]))
        for line in lines:
            _line(table, line, "")


def _line(node: Tree, line: Line, where: str) -> None:
    days = "" if line.since_on is None else span(line.since_on, line.until_on)
    sides = [f"分子 {amount(line.numerator)}"] if line.numerator is not None else []
    sides += [f"分母 {amount(line.denominator)}"] if line.denominator is not None else []
    role = _ROLES.get(line.role or "", "")
    head = "　".join(part for part in (where, f"第{line.row_number}行", days, role, *sides) if part)
    node.add(f"{head}\n[dim]{_cells(line.cells)}[/]" if line.cells else head)


def _cells(cells: Sequence[Cell]) -> str:
    return "，".join(
        f"{_plain(c.label)}{WITHHELD if c.value is None else '＝' + _plain(c.value)}" for c in cells
    )


def _where(source: Source) -> str:
    sheet = f"　工作表“{_plain(source.sheet)}”" if source.sheet else ""
    turned = "（横排表，行号为列号）" if source.is_turned else ""
    return f"第{source.delivery_id}号报送　{_plain(source.name)}{sheet}{turned}"


def _passed(root: Tree, proof: Proof) -> None:
    if not proof.passed and not proof.passed_by_reason:
        return
    total = proof.passed_by_reason.total()
    node = root.add(f"未计入　同一批报表中本单位的 {total:,} 行没有计入")
    for reason, count in proof.passed_by_reason.most_common():
        node.add(f"{count:,} 行：{REASONS[reason]}")
    sources = {s.part_id: s for s in proof.sources}
    listed = node.add(f"列出前 {len(proof.passed)} 行")
    for part, rows in groupby(sorted(proof.passed, key=_address), lambda p: p.part_id):
        table = listed.add(_where(sources[part]))
        for row in rows:
            place = "整表" if row.row_number is None else f"第{row.row_number}行"
            why = f"{REASONS[row.reason]}{'：' if row.detail else ''}{_plain(row.detail)}"
            cells = f"\n[dim]{_cells(row.cells)}[/]" if row.cells else ""
            table.add(f"{place}　{why}{cells}")


def _address(passed: Passed) -> tuple[int, int]:
    return passed.part_id, passed.row_number or 0


def _files(root: Tree, proof: Proof) -> None:
    deliveries = {s.delivery_id for s in proof.sources}
    node = root.add(f"原件　从库中重新读取 {len(deliveries)} 份报送，逐份核对 SHA-256")
    silent = [s for s in proof.sources if not s.counted]
    for source in proof.sources:
        if source.counted:
            node.add(
                f"{_where(source)}　计入 {source.counted:,} 行\n[dim]{source.received_at:%Y-%m-%d} 收到，"
                f"SHA-256 {source.sha256[:16]}…[/]"
            )
    if silent:
        numbers = "、".join(str(n) for n in sorted({s.delivery_id for s in silent}))
        node.add(f"其余没有一行计入：第 {numbers} 号报送")


def _verdict(proof: Proof) -> str:
    if proof.is_proven:
        older = "（发布之后口径或程序有改动，按现在的口径复算）" if proof.is_older_code else ""
        return f"[bold green]已证明[/]　发布值与从原件重新读出的 {proof.counted:,} 行一致{older}"
    if proof.published is None and not proof.differences:
        return "[bold red]未证明[/]　没有发布值可以证明"
    said = [f"[bold red]未证明！[/]　有 {len(proof.differences)} 处与原件不一致："]
    places = {s.part_id: s for s in proof.sources}
    said += [f"[red]✗ {_plain(difference(d, _place(d, places)))}[/]" for d in proof.differences]
    if (more := proof.differing_rows - sum(d.code == "row_differs" for d in proof.differences)) > 0:
        said.append(f"[red]✗ 另有 {more:,} 行不一致[/]")
    if proof.is_older_code:
        said.append("发布之后口径或程序有改动：先重新运行 union-assessment run，再核对一次")
    return "\n".join(said)


def _place(found: Difference, sources: dict[int, Source]) -> str:
    source = sources.get(found.part_id or -1)
    number = found.delivery_id or (source.delivery_id if source else None)
    delivery = f"第{number}号报送" if number is not None else ""
    sheet = f"工作表“{source.sheet}”" if source and source.sheet else ""
    row = f"第{found.row_number}行" if found.row_number is not None else ""
    place = delivery + sheet + row
    return f"{place}：" if place else ""


def _plain(text: str) -> str:
    """Text of a file without control characters and without meaning for the terminal."""
    return escape("".join(char if char.isprintable() else " " for char in text))
