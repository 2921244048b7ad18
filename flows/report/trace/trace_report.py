"""What `trace` found, for people and programs: a tree for a terminal of 80 columns, JSON, CSV of addresses.

The tree is `templates/trace_number.txt`, `trace_item.txt` and `trace_decided.txt`: value → definition → both sides → rows → files → verdict. Refuses
to show a cell of a person, to let a text of a file speak to the terminal, and to soften a difference: what is not proven is
said first, and last.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from datetime import date, datetime
from fractions import Fraction
from itertools import groupby
from typing import IO, Any

from rich.console import Console
from rich.markup import escape
from rich.tree import Tree

from flows.audit.decided_proof import KINDS
from flows.audit.proof_model import (
    CountedRow,
    DecidedProof,
    RecordedDecision,
    ScoreProof,
    ShownCell,
    SourceTable,
    UsedFigure,
    ValueProof,
)
from flows.audit.year_proofs import NumberProven
from flows.contract.catalogue import state_labels
from flows.language import _, chosen, later
from flows.report.page import templates
from flows.report.terminal import plain_table
from flows.report.trace import trace_words
from flows.report.trace.trace_words import WORDS, amount, span, title, where

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


_ROLES = {"population": "应覆盖", "reached": "已覆盖"}


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
                _ROLES.get(line.role or "", ""),
            )
        )

    return write


Proof = ValueProof | ScoreProof | DecidedProof


def as_json(proof: Proof) -> str:
    """One object. Amounts are exact texts; a cell of a person is null with `is_withheld`."""
    found = {"proven": proof.is_proven, **_plain(asdict(proof))}
    if not isinstance(proof, ValueProof):
        found = {"proven": proof.is_proven, "complete": proof.is_complete} | found
        for figure, used in zip(found["figures"], proof.figures, strict=True):
            figure["proof"] = {"proven": used.proof.is_proven, **figure["proof"]}
    return json.dumps(found, ensure_ascii=False, indent=2)


def counts_of(numbers: Iterable[NumberProven]) -> dict[str, dict[str, int]]:
    """How many numbers there are, proven, and proven with nothing as published: figures, points, what was decided, all."""
    out: dict[str, dict[str, int]] = {}
    for number in numbers:
        for about in (number.about, "all"):
            of = out.setdefault(about, {"numbers": 0, "proven": 0, "complete": 0})
            of["numbers"] += 1
            of["proven"] += number.is_proven
            of["complete"] += number.is_complete
    return out


def show_numbers(out: Console, numbers: Sequence[NumberProven]) -> None:
    """How many numbers are proven, by what they are; each that is not."""
    table = plain_table(
        "",
        {
            "": "left",
            _("numbers"): "right",
            _("proven"): "right",
            _("of these nothing as published"): "right",
        },
    )
    for about, of in counts_of(numbers).items():
        table.add_row(_(_ABOUT[about]), *(f"{n:,}" for n in of.values()))
    out.print(table)
    for number in numbers:
        if not number.is_proven:
            told = f"{number.unit} {number.label} ({number.name}) {number.published}: {'; '.join(number.differences)}"
            out.print(f"✗ {told}", style="red", markup=False)


_ABOUT = {
    "figure": later("figures"),
    "item": later("points of items and blocks"),
    "decided": later("total, place, grade, gates, bonus, deductions"),
    "all": later("all"),
}


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


class _Written(str):
    """Lines that are written into a tree as they are: those of a number, within an item."""

    __slots__ = ()


#: Columns of a tree in a pipe or a file: a tree cuts what is longer.
_UNCUT = 100_000
#: Lines of a first answer: a terminal of 24 rows, with the question above and the prompt below.
_SCREEN = 21
_DEEPEST = 9

#: A line under a heading of rows, and the cells of its row.
_Line = tuple[str, tuple[ShownCell, ...]]


def show(out: Console, proof: Proof, is_full: bool = True) -> None:
    """Print what was found as a tree; on a terminal and unless it is to be full, as deep as one screen has room for."""
    if isinstance(proof, ValueProof):
        about, text = title(proof), _number(proof)
    elif isinstance(proof, DecidedProof):
        about = f"{proof.year}  {KINDS[proof.kind]}"
        text = _render("trace_decided.txt", proof, **_with_numbers(proof.figures, proof.recorded))
    else:
        path = " › ".join((*proof.above, proof.label))
        about = _("{year}  {path} ({item})", year=proof.year, path=path, item=proof.item)
        text = _item(proof)
    lines = text.splitlines()
    head = f"[bold]{_plain_text(proof.unit_name)}[/]  {_plain_text(about)}"
    tree = _grown(head, lines, _DEEPEST)
    if not out.is_terminal:
        out = type(out)(file=out.file, width=_UNCUT, highlight=False)
    if is_full or not out.is_terminal:
        out.print(tree)
        return
    for depth in range(_DEEPEST, 0, -1):
        tree = _grown(head, lines, depth)
        if len(out.render_lines(tree)) <= _SCREEN:
            break
    out.print(tree)
    if depth < _DEEPEST:
        out.print(_("Every step, row and file: add {option}", option="--details"), markup=False)


def _grown(head: str, lines: Iterable[str], depth: int) -> Tree:
    """A tree of lines down to a depth: two blanks a level, `|` in front of what goes on with the line above."""
    root = Tree(head)
    branch, is_left_out = [root], False
    for line in lines:
        text = line.lstrip(" ")
        if not text.startswith("|"):
            is_left_out = (len(line) - len(text)) // 2 >= depth
        if is_left_out:
            continue
        if text.startswith("|"):
            branch[-1].label = f"{branch[-1].label}\n{text[1:]}"
        else:
            del branch[(len(line) - len(text)) // 2 + 1 :]
            branch.append(branch[-1].add(text))
    return root


def _plain_text(text: object) -> str:
    """What is written into a tree, without control characters and without meaning for the terminal."""
    if isinstance(text, _Written):
        return text
    return escape("".join(char if char.isprintable() else " " for char in str(text)))


def _told(text: str, **values: object) -> _Written:
    """A text of the catalogue with its marks; what is put into it has none."""
    return _Written(_(text, **{name: _plain_text(value) for name, value in values.items()}))


def _render(template: str, proof: Proof, **values: object) -> str:
    words = ("amount", "cells", "decision", "difference", "place")
    filters = {name: getattr(trace_words, name) for name in words} | {"count": "{:,}".format}
    known = {
        "_": _told,
        "proof": proof,
        "states": state_labels(chosen()),
        "words": WORDS,
        "span": span,
        "title": title,
        "where": where,
    }
    return templates(_plain_text, filters).get_template(template).render(known, **values)


def _number(proof: ValueProof) -> str:
    sources = {s.part_id: s for s in proof.sources}
    return _render(
        "trace_number.txt",
        proof,
        sources=sources,
        deliveries=sorted({s.delivery_id for s in proof.sources}),
        groups=_groups(proof, sources),
    )


def _item(proof: ScoreProof) -> str:
    return _render("trace_item.txt", proof, **_with_numbers(proof.figures, proof.recorded))


def _with_numbers(figures: Iterable[UsedFigure], recorded: Iterable[RecordedDecision]) -> dict[str, object]:
    """How the figures of a proof are written into it, and the tables that it names."""
    records = [*recorded, *(c for used in figures for c in used.corrections)]
    sources = [s for used in figures for s in used.proof.sources] + [r.source for r in records if r.source]

    def number(of: ValueProof) -> _Written:
        return _Written("\n".join(f"  {line}" for line in _number(of).splitlines()))

    return {"sources": {s.part_id: s for s in sources}, "number": number}


def _groups(proof: ValueProof, sources: dict[int, SourceTable]) -> list[tuple[str, list[_Line]]]:
    """The rows below the table they stand in, or several of one person below that person."""
    by_person = proof.shape in ("distinct", "coverage") or (proof.shape == "stock" and proof.tally.subjects)
    out: list[tuple[str, list[_Line]]] = []
    part = -1
    for subject, found in groupby(proof.lines, lambda line: line.subject if by_person else None):
        lines = list(found)
        if subject is not None and len(lines) > 1:
            named = [_line(proof, line, where(sources[line.part_id])) for line in lines]
            out.append((_("subject {number}, {n} rows", number=subject, n=len(lines)), named))
            part = -1
            continue
        for line in lines:
            if line.part_id != part:
                out.append((where(sources[line.part_id]), []))
                part = line.part_id
            out[-1][1].append(_line(proof, line, _("subject {number}", number=subject) if subject else ""))
    return out


def _line(proof: ValueProof, line: CountedRow, head: str) -> _Line:
    days = "" if line.since_on is None else span(line.since_on, line.until_on)
    sides = [_("numerator {n}", n=amount(line.numerator))] if line.numerator is not None else []
    sides += [_("denominator {n}", n=amount(line.denominator))] if line.denominator is not None else []
    role, unit = _(WORDS["role"].get(line.role or "", "")), proof.predecessors.get(line.unit, "")
    said = (head, _("row {row}", row=line.row_number), unit, days, role, *sides)
    return "  ".join(part for part in said if part), line.cells
