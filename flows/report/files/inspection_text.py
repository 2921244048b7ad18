"""An inspection as a person reads it in a terminal of 80 columns, and as JSON.

Refuses to hand control characters of a file or its name to the terminal.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from flows.contract.catalogue import records
from flows.ingest.inbox import IGNORED, PassedOver
from flows.language import _, later
from flows.report import terminal
from flows.report.files.inspection import (
    ColumnMeaning,
    FileFinding,
    Inspection,
    TableFinding,
    files_in,
    inspect,
)

#: How a column or a period was recognised.
_EVIDENCE = {
    "exact": later("exact"),
    "synonym": later("synonym"),
    "parent": later("parent"),
    "own": later("own"),
    "also": later("synonym"),
    "same": later("same meaning"),
    "title": later("title"),
    "note": later("note"),
    "name": later("file name"),
    "folder": later("folder name"),
    "column": later("column"),
}
#: Headers of a table of no known kind that are shown.
_MOST_HEADERS = 40
#: A person looks at so many problems of a file; JSON has all.
_MOST_PROBLEMS = 30


def report(
    out: Console, paths: Sequence[Path], unit: str | None, in_json: bool, remark: Callable[[str], None]
) -> int:
    """Look at files and folders of files and print what is found, file by file; how many were refused.

    What an inbox passes over (lock files, folder settings) is only remarked.
    """
    kinds, opening, tally = records(), "[", _Tally()
    for found in (found for path in paths for found in files_in(path)):
        if isinstance(found, PassedOver) and found.code in IGNORED:
            remark(_("passed over: {name} ({code})", name=found.name, code=found.code))
            continue
        seen = inspect(found, kinds, unit)
        tally.add(seen)
        if in_json:
            sys.stdout.write(f"{opening}{_as_json(seen)}")
            opening = ",\n"
        else:
            _show(out, seen)
    if in_json:
        sys.stdout.write("[]\n" if opening == "[" else "]\n")
    elif tally.files > 1:
        _summary(out, tally)
    return tally.refused


@dataclass
class _Tally:
    """What many files come to: rows by kind of record, findings by severity and words."""

    files: int = 0
    refused: int = 0
    tables: Counter[str] = field(default_factory=Counter)
    rows: Counter[str] = field(default_factory=Counter)
    held: Counter[str] = field(default_factory=Counter)
    findings: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, seen: Inspection) -> None:
        self.files += 1
        self.refused += seen.refused
        for table in seen.tables:
            self.tables[table.label] += 1
            self.rows[table.label] += table.rows_read - table.rows_ignored - table.rows_rejected
            self.held[table.label] += table.held
        for unknown in seen.unrecognised:
            self.tables[""] += 1
            self.rows[""] += unknown.rows_read
        self.findings.update((p.severity, p.code) for p in seen.problems if p.severity != "info")


def _summary(out: Console, tally: _Tally) -> None:
    """Where many files stand together: the last thing on the screen."""
    out.print()
    out.print(_("[bold]{files:,} files[/], {refused:,} refused", files=tally.files, refused=tally.refused))
    table = _table(_("kind"), _("tables"), _("rows"), _("held back"), right=(1, 2, 3))
    for label, tables in tally.tables.most_common():
        held = f"{tally.held[label]:,}" if tally.held[label] else ""
        table.add_row("", label or _("of no known kind"), f"{tables:,}", f"{tally.rows[label]:,}", held)
    out.print(table)
    table = _table(_("finding"), _("severity"), _("times"), right=(2,))
    for (severity, code), times in tally.findings.most_common(_MOST_PROBLEMS):
        table.add_row("", code, terminal.severity(severity), f"{times:,}")
    if tally.findings:
        out.print(table)


def _as_json(found: Inspection) -> str:
    """One object; days as YYYY-MM-DD, `account` as objects of sheet, class and cells."""
    account = [{"sheet": s, "class": rule, "cells": cells} for s, rule, cells in found.account]
    return json.dumps({**asdict(found), "account": account}, ensure_ascii=False, default=str)


def _show(out: Console, found: Inspection) -> None:
    """Print what was found in one file."""
    out.print()
    out.print(f"[bold]{_plain(found.file)}[/]")
    if found.error is not None:
        out.print(_("  refused  {error}", error=_plain(found.error)))
        return
    evidence = f" ({found.evidence})" if found.evidence else ""
    form = _(
        "  format   {format}, encoding {encoding}",
        format=_plain(found.format),
        encoding=found.encoding or "-",
    )
    out.print(form + _plain(evidence))
    _sheets(out, found)
    for region in found.tables:
        _region(out, region)
    for sketch in found.unrecognised:
        sheet = _(", sheet {sheet}", sheet=_plain(sketch.sheet)) if sketch.sheet else ""
        out.print(
            _(
                "  [bold]table of no known kind[/]{sheet}, header in row {row}, {rows:,} rows",
                sheet=sheet,
                row=sketch.header_row,
                rows=sketch.rows_read,
            )
        )
        out.print(
            "          ", " ".join(f"{c.column}:{_plain(c.header)}" for c in sketch.columns[:_MOST_HEADERS])
        )
    if not found.tables and not found.unrecognised:
        out.print(_("  tables   none found"))
    _account(out, found)
    _problems(out, found.problems)


def _sheets(out: Console, found: Inspection) -> None:
    table = _table(_("sheet"), _("rows"), _("columns"), _("cells"), _("blocks of rows"), right=(1, 2, 3))
    for sheet in found.sheets:
        blocks = [f"{b.first_column}{b.first_row}:{b.last_column}{b.last_row}" for b in sheet.blocks]
        table.add_row(
            "",
            (_plain(sheet.sheet) or "-") + (_(" (hidden)") if sheet.hidden else ""),
            f"{sheet.rows:,}",
            f"{sheet.columns:,}",
            f"{sheet.cells:,}",
            " ".join(blocks[:4]) + (" …" if len(blocks) > 4 else ""),
        )
    out.print(table)


def _region(out: Console, region: TableFinding) -> None:
    sheet = _(", sheet {sheet}", sheet=_plain(region.sheet)) if region.sheet else ""
    last = region.header_row + region.header_rows - 1
    if region.header_rows == 1:
        rows = _("header in row {row}", row=last)
    else:
        rows = _("header in rows {first} to {last}", first=region.header_row, last=last)
    turned = _(", records in columns") if region.turned else ""
    out.print(f"  [bold]{_plain(region.label)}[/] ({region.record}){sheet}, {rows}{turned}")
    if region.covers_from and region.covers_to:
        out.print(
            _(
                "  period   {first} to {last}, from the {evidence}",
                first=region.covers_from,
                last=region.covers_to,
                evidence=_(_EVIDENCE.get(region.covers_evidence, region.covers_evidence)),
            )
        )
    else:
        out.print(_("  period   none found"))
    if region.held:
        out.print(_("  rows     held back: see the errors below"))
    else:
        where = (
            _(" (rows {first} to {last})", first=region.first_row, last=region.last_row)
            if region.first_row
            else ""
        )
        out.print(
            _(
                "  rows     {read:,} read{where}, {ignored:,} ignored by rule, {rejected:,} rejected by the reader",
                read=region.rows_read,
                where=where,
                ignored=region.rows_ignored,
                rejected=region.rows_rejected,
            )
        )
    table = _table("", _("header"), _("meaning"), _("column"), _("how"), _("unit"))
    for column in region.columns:
        table.add_row(
            "",
            column.column,
            _plain(column.header),
            _plain(column.label or ""),
            column.meaning or "",
            _how(column),
            column.unit or "",
        )
    out.print(table)


def _how(column: ColumnMeaning) -> str:
    if column.meaning:
        return _(_EVIDENCE.get(column.evidence, column.evidence))
    return _("ignored: {rule}", rule=column.ignored_by) if column.ignored_by else _("[bold]unknown[/]")


def _account(out: Console, found: Inspection) -> None:
    """The cells by class, sheet by sheet where the reader keeps sheets apart, and whether they add up."""
    by_sheet: dict[str, Counter[str]] = {}
    for sheet, rule, cells in found.account:
        by_sheet.setdefault(sheet, Counter())[rule] += cells
    for sheet, classes in by_sheet.items():
        parts = " + ".join(f"{cells:,} {rule}" for rule, cells in classes.most_common())
        told = f"{f'{_plain(sheet)}: ' if sheet else ''}{classes.total():,} = {_plain(parts)}"
        out.print(_("  cells    {counts}", counts=told))
    explained = sum(cells for *_place, cells in found.account)
    if explained != found.cells:
        told = _(
            "  cells    [bold]{found:,} non-empty, {explained:,} accounted for[/]",
            found=found.cells,
            explained=explained,
        )
        out.print(told)
    if (counted := sum(sheet.cells for sheet in found.sheets)) != found.cells:
        told = _(
            "  cells    [bold]{counted:,} when counted sheet by sheet, {read:,} when read[/]",
            counted=counted,
            read=found.cells,
        )
        out.print(told)


def _problems(out: Console, problems: Sequence[FileFinding]) -> None:
    """What is wrong and where, then the lines that would make unknown headers known, ready to be copied."""
    table = Table(box=None, show_header=False, padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column(width=1)
    table.add_column(width=8)
    table.add_column(overflow="fold", max_width=24)
    table.add_column(overflow="fold")
    for problem in problems[:_MOST_PROBLEMS]:
        row, column = _("row {row}", row=problem.row) if problem.row else "", problem.column or ""
        place = ", ".join(part for part in (problem.sheet, row, column) if part)
        table.add_row("", terminal.severity(problem.severity), _plain(place), _plain(problem.message))
    out.print(table)
    if (more := len(problems) - _MOST_PROBLEMS) > 0:
        out.print(_("  … and {n} more (--json has all)", n=more))
    lines: dict[str, list[str]] = {}
    for problem in problems:
        if problem.add:
            lines.setdefault(problem.add.file, []).append(problem.add.line)
    for file, added in lines.items():
        out.print(_("  to accept headers, add to {file}:", file=_plain(file)))
        for line in added:
            out.print(f"    {_plain(line)}", soft_wrap=True)


def _table(*headers: str, right: tuple[int, ...] = ()) -> Table:
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="dim", pad_edge=False)
    table.add_column("", width=8)
    for position, header in enumerate(headers):
        table.add_column(header, justify="right" if position in right else "left", overflow="fold")
    return table


def _plain(text: str) -> str:
    """Text of a file without control characters and line breaks, and without meaning for the terminal."""
    return escape("".join(char if char.isprintable() else " " for char in text))
