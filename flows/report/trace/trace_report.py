"""What `trace` found, for people and programs: a tree for a terminal of 80 columns, JSON, CSV of addresses."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import date, datetime
from fractions import Fraction
from typing import IO, Any

from rich.console import Console
from rich.tree import Tree

from flows.audit.proof_model import (
    CountedRow,
    RecordedDecision,
    ScoreProof,
    SourceTable,
    UsedFigure,
    ValueProof,
)
from flows.contract.catalogue import state_labels
from flows.report.trace.trace_number import add_number, place_of, plain_text, title, where
from flows.report.trace.trace_words import RECORDED, ROLES, WITHHELD, amount, difference

#: Columns of `--csv`.
CSV_HEADER = (
    "指标",
    "报送编号",
    "文件",
    "工作表",
    "行号",
    "单位",
    "起",
    "止",
    "分类",
    "分子",
    "分母",
    "对象",
    "作用",
)


def csv_sink(stream: IO[str]) -> Callable[[str, CountedRow, SourceTable], None]:
    """Writes every row that counts, with its address, as it is met. Persons are numbers within one figure."""
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(CSV_HEADER)

    def write(indicator: str, line: CountedRow, source: SourceTable) -> None:
        exact = ("" if x is None else amount(x) for x in (line.numerator, line.denominator))
        writer.writerow(
            (
                indicator,
                source.delivery_id,
                source.name,
                source.sheet,
                line.row_number,
                line.unit,
                line.since_on or "",
                line.until_on or "",
                line.category or "",
                *exact,
                line.subject or "",
                ROLES.get(line.role or "", ""),
            )
        )

    return write


def as_json(proof: ValueProof | ScoreProof) -> str:
    """One object. Amounts are exact texts; a cell of a person is null with `is_withheld`."""
    found = {"proven": proof.is_proven, **_plain(asdict(proof))}
    if isinstance(proof, ScoreProof):
        for figure, used in zip(found["figures"], proof.figures, strict=True):
            figure["proof"] = {"proven": used.proof.is_proven, **figure["proof"]}
    return json.dumps(found, ensure_ascii=False, indent=2)


def _plain(value: Any) -> Any:
    """Mappings, fractions and days as what JSON knows."""
    if isinstance(value, Fraction):
        is_decimal = (value * 10**6).denominator == 1
        return amount(value) if is_decimal else str(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, dict):
        if set(value) == {"label", "value"}:
            return {**value, "is_withheld": value["value"] is None}
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return value


def show(out: Console, proof: ValueProof | ScoreProof) -> None:
    """Print what was found as a tree."""
    if isinstance(proof, ValueProof):
        root = Tree(f"[bold]{plain_text(proof.unit_name)}[/]  {title(proof)}")
        add_number(root, proof)
    else:
        root = _item(proof)
    out.print(root)


def _item(proof: ScoreProof) -> Tree:
    """Points → rule → figures with their corrections → records → verdict."""
    path = " › ".join(plain_text(label) for label in (*proof.above, proof.label))
    root = Tree(f"[bold]{plain_text(proof.unit_name)}[/]  {proof.year}年度  {path}（{proof.item}）")
    if not proof.is_proven:
        root.add(_verdict(proof))
    node = root.add(
        f"得分  [bold]{amount(proof.points)}[/] / {amount(proof.full)} 分（{state_labels()[proof.state]}）"
    )
    if (proof.points_low, proof.points_high) != (proof.points, proof.points):
        node.add(f"待定事项定下之后，在 {amount(proof.points_low)} 至 {amount(proof.points_high)} 分之间")
    node.add(f"依据  {plain_text(proof.scheme)}")
    if proof.target is not None:
        node.add(f"目标  {amount(proof.target)}（{plain_text(proof.target_document)}）")
    root.add("计算").add(plain_text(proof.explanation))
    if proof.parts:
        parts = root.add("组成  各项得分（逐项可再用 trace 查）")
        for part in proof.parts:
            parts.add(f"{plain_text(part.label)}（{part.item}）  {amount(part.points)} / {amount(part.full)}")
    for used in proof.figures:
        _used(root, used)
    if proof.recorded:
        recorded = root.add("评分与裁定")
        for record in proof.recorded:
            _recorded(recorded, record)
    root.add(
        f"重算  按考核办法{'把各项' if proof.parts else '用从原件复算的数'}重新计分 ＝ {amount(proof.again)} 分"
    )
    root.add(_verdict(proof))
    return root


def _used(root: Tree, used: UsedFigure) -> None:
    node = root.add(f"指标  {title(used.proof)}")
    add_number(node, used.proof)
    if used.corrections:
        corrections = node.add(
            f"更正  按记录 {amount(used.computed)}，计分采用 [bold]{amount(used.actual)}[/]"
        )
        for record in used.corrections:
            _recorded(corrections, record)
    else:
        node.add(f"更正  没有；计分采用 [bold]{amount(used.actual)}[/]（{state_labels()[used.state]}）")


def _recorded(node: Tree, record: RecordedDecision) -> None:
    change = "" if record.after is None else f"：{amount(record.before)} → {amount(record.after)}"
    said = [f"{RECORDED[record.kind]} {amount(record.amount)}{change}"]
    said += [plain_text(text) for text in (record.reason, record.document_no) if text]
    place = (
        f"{where(record.source)}  第{record.row_number}行" if record.source else f"第{record.row_number}行"
    )
    cells = "，".join(
        f"{plain_text(c.label)}{WITHHELD if c.value is None else '＝' + plain_text(c.value)}"
        for c in record.cells
        if c.value != "空"
    )
    node.add("  ".join(said) + f"\n{place}" + (f"\n[dim]{cells}[/]" if cells else ""))


def _verdict(proof: ScoreProof) -> str:
    if proof.is_proven:
        return "[bold green]已证明[/]  得分与从原件一步步复算的结果一致"
    sources = {s.part_id: s for used in proof.figures for s in used.proof.sources}
    sources |= {r.source.part_id: r.source for r in _all_recorded(proof) if r.source}
    said = ["[bold red]未证明！[/]  得分与从原件复算的结果不一致："]
    said += [f"[red]✗ {plain_text(difference(d, place_of(d, sources)))}[/]" for d in proof.differences]
    said += [
        f"[red]✗ 指标“{plain_text(used.proof.label)}”未证明，见该指标[/]"
        for used in proof.figures
        if not used.proof.is_proven
    ]
    return "\n".join(said)


def _all_recorded(proof: ScoreProof) -> list[RecordedDecision]:
    return [*proof.recorded, *(c for used in proof.figures for c in used.corrections)]
