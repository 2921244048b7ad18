"""A proven number as a tree in Chinese: value → definition → both sides → rows → files → verdict.

Fits a terminal of 80 columns. Refuses to show a cell of a person, and to soften a difference: what is not proven is
said first, and last.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from rich.markup import escape
from rich.tree import Tree

from flows.audit.proof_model import CountedRow, Difference, ShownCell, SourceTable, UncountedRow, ValueProof
from flows.contract.catalogue import state_labels
from flows.report.trace.trace_words import REASONS, ROLES, SHAPES, WITHHELD, amount, difference, span

#: Files that are listed; a city has hundreds.
MOST_FILES = 30


def add_number(root: Tree, proof: ValueProof) -> None:
    """Add everything about one number to a node."""
    if not proof.is_proven:
        root.add(_verdict(proof))
    _published(root, proof)
    _formula(root, proof)
    _rows(root, proof)
    _passed(root, proof)
    _files(root, proof)
    root.add(_verdict(proof))


def title(proof: ValueProof) -> str:
    """What a number is of: indicator, period, category."""
    category = f"，分类 {plain_text(proof.category)}" if proof.category else ""
    return (
        f"{plain_text(proof.label)}（{proof.indicator}）  "
        f"{plain_text(proof.period_label)}（{span(proof.first_on, proof.last_on)}）{category}"
    )


def _published(root: Tree, proof: ValueProof) -> None:
    found = proof.published
    if found is None:
        root.add("发布值  发布库中没有这一期的数")
        return
    value = (
        f"[bold]{amount(found.value)}[/] {plain_text(proof.measure)}" if found.value is not None else "没有数"
    )
    node = root.add(f"发布值  {value}（{state_labels()[found.state]}）")
    if found.denominator is not None:
        node.add(f"分子 {amount(found.numerator)} ÷ 分母 {amount(found.denominator)}，四舍五入到六位小数")
    node.add(f"计入记录 {found.record_count:,} 条，待定 {found.undecided_count:,} 条")
    if found.lower != found.upper:
        upper = "未知" if found.upper is None else amount(found.upper)
        node.add(f"待定记录全部不计为 {amount(found.lower)}，全部计入为 {upper}")
    if proof.predecessors:
        names = [plain_text(name) for name in proof.predecessors.values()]
        more = f"等 {len(names)} 个单位" if len(names) > 5 else ""
        node.add("也计入：" + "、".join(names[:5]) + more)


def _formula(root: Tree, proof: ValueProof) -> None:
    node = root.add(f"口径：{plain_text(proof.basis)}")
    node.add(f"形态  {SHAPES[proof.shape]}")
    statement = node.add("取数")
    for written in proof.statement.splitlines():
        statement.add(f"[dim]{plain_text(written)}[/]")
    result = root.add("复算  按上面的取数，从原件重新读出的行")
    for said in _sums(proof):
        result.add(plain_text(said))


def _sums(proof: ValueProof) -> Iterator[str]:
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
        yield from _rolls(proof)
        yield f"应覆盖 {amount(tally.denominator)} 人（{tally.records:,} 行），其中已覆盖 {total} 人（{tally.hits:,} 行）"
    elif proof.shape == "streak":
        yield from _years(proof)
    else:
        yield from _stock(proof)
    if tally.anonymous:
        yield f"其中 {tally.anonymous:,} 行没有可用的证件号，各计一个"
    if tally.straddling:
        yield f"另有 {tally.straddling:,} 行日期跨出本期，待定，不计入"


def _sides(proof: ValueProof) -> Iterator[str]:
    tally = proof.tally
    yield f"分子相加 ＝ {amount(tally.numerator)}"
    yield f"分母相加 ＝ {amount(tally.denominator)}（两边共 {tally.records:,} 行）"
    yield from _rolls(proof)


def _stock(proof: ValueProof) -> Iterator[str]:
    tally = proof.tally
    yield from _rolls(proof)
    if not proof.standing:
        yield f"{proof.last_on} 在有效期内的 {tally.records:,} 行"
    if tally.subjects:
        yield f"{tally.records:,} 行是 {tally.subjects:,} 个不同的人，其中重复出现 {tally.repeats:,} 行 ＝ {amount(tally.numerator)}"
    else:
        yield f"{tally.records:,} 行相加 ＝ {amount(tally.numerator)}"


def _rolls(proof: ValueProof) -> Iterator[str]:
    for source in proof.sources:
        if source.part_id in proof.standing:
            yield f"期末在用名册：{source.label}，{source.covers_to} 的，第{source.delivery_id}号报送"


def _years(proof: ValueProof) -> Iterator[str]:
    for found in proof.tally.years:
        within = "，计入连续" if found.in_run else ""
        yield f"{found.year}年  {'获得' if found.is_awarded else '未获得'}{within}"
    if run := [str(y.year) for y in proof.tally.years if y.in_run]:
        yield f"到最近已评定年度为止连续 {len(run)} 年：{'、'.join(run)}"
    else:
        yield "最近已评定年度没有获得，或次年年中以后仍无新的评定：连续 0 年"


def _silence(proof: ValueProof) -> Iterator[str]:
    if proof.published is None or proof.published.state != "zero":
        return
    for source in proof.reported:
        yield f"已报：{source.label}，{span(source.covers_from, source.covers_to)}，第{source.delivery_id}号报送"
    if proof.reported:
        yield "应报的都报了而没有一行，所以是零"


def _rows(root: Tree, proof: ValueProof) -> None:
    shown = len(proof.lines)
    more = f"，列出前 {shown} 行（--limit 可加，--csv 导出全部）" if shown < proof.counted else ""
    node = root.add(f"记录  共 {proof.counted:,} 行{more}")
    sources = {s.part_id: s for s in proof.sources}
    by_person = proof.shape in ("distinct", "coverage") or (proof.shape == "stock" and proof.tally.subjects)
    table, at = node, -1
    for subject, found in groupby(proof.lines, lambda line: line.subject if by_person else None):
        lines = list(found)
        if subject is not None and len(lines) > 1:
            person = node.add(f"对象{subject}，{len(lines)} 行")
            for line in lines:
                person.add(_line(proof, line, where(sources[line.part_id])))
            at = -1
            continue
        for line in lines:
            if line.part_id != at:
                table, at = node.add(where(sources[line.part_id])), line.part_id
            table.add(_line(proof, line, f"对象{subject}" if subject else ""))


def _line(proof: ValueProof, line: CountedRow, head: str) -> str:
    days = "" if line.since_on is None else span(line.since_on, line.until_on)
    sides = [f"分子 {amount(line.numerator)}"] if line.numerator is not None else []
    sides += [f"分母 {amount(line.denominator)}"] if line.denominator is not None else []
    role = ROLES.get(line.role or "", "")
    unit = proof.predecessors.get(line.unit, "")
    said = "  ".join(part for part in (head, f"第{line.row_number}行", unit, days, role, *sides) if part)
    return f"{said}\n[dim]{_cells(line.cells)}[/]" if line.cells else said


def _cells(cells: Sequence[ShownCell]) -> str:
    return "，".join(
        f"{plain_text(c.label)}{WITHHELD if c.value is None else '＝' + plain_text(c.value)}" for c in cells
    )


def where(source: SourceTable) -> str:
    """A table of a delivery, as somebody would look for it."""
    sheet = f"  工作表“{plain_text(source.sheet)}”" if source.sheet else ""
    turned = "（横排表，行号为列号）" if source.is_turned else ""
    return f"第{source.delivery_id}号报送  {plain_text(source.name)}{sheet}{turned}"


def _passed(root: Tree, proof: ValueProof) -> None:
    if not proof.passed and not proof.passed_by_reason:
        return
    total = proof.passed_by_reason.total()
    node = root.add(f"未计入  同一批报表中本单位的 {total:,} 行没有计入")
    for reason, count in proof.passed_by_reason.most_common():
        node.add(f"{count:,} 行：{REASONS[reason]}")
    sources = {s.part_id: s for s in proof.sources}
    listed = node.add(f"列出前 {len(proof.passed)} 行")
    for part, rows in groupby(sorted(proof.passed, key=_address), lambda p: p.part_id):
        table = listed.add(where(sources[part]))
        for row in rows:
            place = "整表" if row.row_number is None else f"第{row.row_number}行"
            why = f"{REASONS[row.reason]}{'：' if row.detail else ''}{plain_text(row.detail)}"
            cells = f"\n[dim]{_cells(row.cells)}[/]" if row.cells else ""
            table.add(f"{place}：{why}{cells}")


def _address(passed: UncountedRow) -> tuple[int, int]:
    return passed.part_id, passed.row_number or 0


def _files(root: Tree, proof: ValueProof) -> None:
    deliveries = {s.delivery_id for s in proof.sources}
    node = root.add(f"原件  从库中重新读取 {len(deliveries):,} 份报送，逐份核对 SHA-256")
    counted = [s for s in proof.sources if s.counted]
    for source in counted[:MOST_FILES]:
        node.add(
            f"{where(source)}  计入 {source.counted:,} 行\n[dim]{source.received_at:%Y-%m-%d} 收到，"
            f"SHA-256 {source.sha256[:16]}…[/]"
        )
    if (more := len(counted) - MOST_FILES) > 0:
        node.add(f"另有 {more:,} 张表有计入的行（--json 有全部）")
    for number in proof.withdrawn:
        node.add(f"[bold]第{number}号报送在发布之后已撤回，下一次运行起不再计入[/]")
    if silent := sorted(deliveries - {s.delivery_id for s in counted}):
        numbers = "、".join(map(str, silent[:MOST_FILES])) + ("等" if len(silent) > MOST_FILES else "")
        node.add(f"其余没有一行计入：第 {numbers} 号报送")


def _verdict(proof: ValueProof) -> str:
    if proof.is_proven:
        older = "（发布之后口径或程序有改动，按现在的口径复算）" if proof.is_older_code else ""
        has_value = proof.published is not None and proof.published.value is not None
        said = (
            f"发布值与从原件重新读出的 {proof.counted:,} 行一致"
            if has_value
            else "从原件重新读出的行也算不出数"
        )
        return f"[bold green]已证明[/]  {said}{older}"
    if proof.published is None and not proof.differences:
        return "[bold red]未证明[/]  没有发布值可以证明"
    out = [f"[bold red]未证明！[/]  有 {len(proof.differences)} 处与原件不一致："]
    places = {s.part_id: s for s in proof.sources}
    out += [f"[red]✗ {plain_text(difference(d, place_of(d, places)))}[/]" for d in proof.differences]
    if (more := proof.differing_rows - sum(d.code == "row_differs" for d in proof.differences)) > 0:
        out.append(f"[red]✗ 另有 {more:,} 行不一致[/]")
    if proof.is_older_code:
        out.append("发布之后口径或程序有改动：先重新运行 union-assessment run，再核对一次")
    return "\n".join(out)


def place_of(found: Difference, sources: dict[int, SourceTable]) -> str:
    """Where a difference lies: delivery, sheet, row; empty where it is about the number itself."""
    source = sources.get(found.part_id or -1)
    number = found.delivery_id or (source.delivery_id if source else None)
    delivery = f"第{number}号报送" if number is not None else ""
    sheet = f"工作表“{source.sheet}”" if source and source.sheet else ""
    row = f"第{found.row_number}行" if found.row_number is not None else ""
    place = delivery + sheet + row
    return f"{place}：" if place else ""


def plain_text(text: str) -> str:
    """Text of a file without control characters and without meaning for the terminal."""
    return escape("".join(char if char.isprintable() else " " for char in text))
