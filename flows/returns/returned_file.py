"""One returned file: which rows get which words, key and colour, and in which workbook they stand.

The words are those of the findings, and beside them what was found in the cell: the file goes back to those
who wrote it, and to nobody else.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from io import BytesIO
from itertools import islice
from pathlib import Path
from tempfile import NamedTemporaryFile

from flows.contract.record import Record
from flows.contract.spelling import spellings
from flows.ingest.vault import Vault
from flows.normalise.returned_rows import MOST_ROWS
from flows.read.formats.process.payload import SheetStructure
from flows.read.roundtrip.marks import EXTRACT_SHEET, RowKey
from flows.read.roundtrip.sheet_view import View, look_through, shows
from flows.returns.allowed_words import header_cell, heads_of, offers_of
from flows.returns.front_part import NotMarkable
from flows.returns.front_sheet import WIDTHS, cover
from flows.returns.sheet_marks import Marks, mark
from flows.returns.text_workbook import plain_workbook, sheet_names
from flows.warehouse.delivery_findings import DeliveredTable, DeliveryIssue, FaultyDelivery

#: Rows of an extract, those with errors first.
EXTRACTED = 10_000
#: Rows of a head that stay in view at most: more would leave no room for the rows below.
_MOST_FROZEN = 8
#: A formula that asks another program: `cmd|'/c …'!A1`, `DDE(…)`.
_DDE = re.compile(rb"<f\b[^>]*>[^<]*?(?:\w\|(?:'|&apos;)|\bDDE\()", re.IGNORECASE)
#: Characters of a cell that are quoted.
_QUOTED = 40


def returned_file(
    vault: Vault,
    found: FaultyDelivery,
    parts: Sequence[DeliveredTable],
    findings: Sequence[DeliveryIssue],
    kinds: Mapping[str, Record],
) -> tuple[bytes, str]:
    """The bytes of the workbook that goes back, and its suffix. Equal arguments give equal bytes."""
    path = vault.path(found.sha256)
    rows = dict.fromkeys((f.sheet, f.row_number) for f in findings if f.row_number is not None)
    wanted: dict[str, set[int]] = {}
    for sheet, row in islice(rows, EXTRACTED):
        wanted.setdefault(sheet, set()).add(row)
    reading, views = look_through(
        path,
        found.name,
        kinds,
        MOST_ROWS,
        lambda sheet: wanted.get(vault.redacted(sheet)),
        spellings().get(found.sender or ""),
    )
    own = {vault.redacted(view.sheet): view.sheet for view in views}  # the district sees its own names
    marked = _marked_headers(vault, views)
    findings = [
        replace(f, sheet=own.get(f.sheet, f.sheet), message=_in_own_words(f.message, marked))
        for f in findings
    ]
    parts = [replace(p, sheet=own.get(p.sheet, p.sheet)) for p in parts]
    wanted = {own.get(sheet, sheet): rows_of for sheet, rows_of in wanted.items()}
    if not all(view.is_whole for view in views):
        return _extract(found, parts, findings, views, wanted, kinds, len(rows)), ".xlsx"
    heads = [head for view in views for head in heads_of(view, kinds)]
    if reading.format == "xlsx" and views:
        names = [view.sheet for view in views]
        marks, listed = _marks(found, findings, views, names, kinds)
        package = path.read_bytes()
        try:
            suffix, active = _suffix(package), _active(package)
            lines = cover(found, parts, listed, kinds, heads, _words_of(marks), False, active=active)
            content = mark(package, marks, lines, WIDTHS)
            if _is_same(vault, content, views):
                return content, suffix
        except (NotMarkable, zipfile.BadZipFile):
            pass  # the plain copy takes its place
    names = sheet_names(views)
    marks, listed = _marks(found, findings, views, names, kinds)
    lines = cover(found, parts, listed, kinds, heads, _words_of(marks), is_copy=True)
    plain = plain_workbook(views, names, found.received_at)
    return mark(plain, marks, lines, WIDTHS), ".xlsx"


def _marked_headers(vault: Vault, views: Sequence[View]) -> dict[str, str]:
    """Headers of the file that others see with a mark, by what they see; the longest first."""
    headers = {m.header for view in views for table in view.tables for m in table.columns}
    marked = {shown: header for header in headers if (shown := vault.redacted(header)) != header}
    return dict(sorted(marked.items(), key=lambda pair: -len(pair[0])))


def _in_own_words(message: str, marked: Mapping[str, str]) -> str:
    for shown, header in marked.items():
        message = message.replace(shown, header)
    return message


def _is_same(vault: Vault, content: bytes, views: Sequence[View]) -> bool:
    """Whether a marked workbook, read again without its marks, says what the original does."""
    folder = vault.root / "tmp"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=folder, suffix=".xlsx") as copy:
        copy.write(content)
        copy.flush()
        return shows(Path(copy.name), views)


def _marks(
    found: FaultyDelivery,
    findings: Sequence[DeliveryIssue],
    views: Sequence[View],
    names: Sequence[str],
    kinds: Mapping[str, Record],
) -> tuple[dict[str, Marks], list[DeliveryIssue]]:
    """The marks of each sheet by its name in the workbook, and the findings that have no row to stand beside."""
    out, listed = {}, []
    by_sheet: dict[str, list[DeliveryIssue]] = {}
    for finding in findings:
        by_sheet.setdefault(finding.sheet, []).append(finding)
    for view, name in zip(views, names, strict=True):
        if not view.tables:
            continue
        marks = out[name] = Marks(view.width, {table.header_row for table in view.tables})
        about = by_sheet.get(view.sheet, [])
        marks.offers = offers_of(view, kinds, {f.column_name for f in about if f.column_name}, found.sender)
        if len(view.tables) == 1 and not view.tables[0].is_turned:
            bottom = view.tables[0].header_row + view.tables[0].header_rows - 1
            marks.head_rows = bottom if bottom <= _MOST_FROZEN else 0
        marks.keys = {
            row: str(RowKey.of(found.delivery_id, row, found.sha256, view.sheet))
            for row in view.data & view.rows.keys()
        }
        words: dict[int, list[str]] = {}
        for finding in by_sheet.pop(view.sheet, []):
            row = finding.row_number
            _colour(marks, view, finding)
            if row is None or row not in view.rows or row in marks.headers:
                listed.append(finding)
            else:
                words.setdefault(row, []).append(_words(view, finding))
        marks.notes = {row: _numbered(texts) for row, texts in words.items()}
    listed += [finding for rest in by_sheet.values() for finding in rest]
    return out, sorted(listed, key=lambda f: (f.severity, f.sheet, f.row_number or 0))


def _colour(marks: Marks, view: View, finding: DeliveryIssue) -> None:
    """Colour the cell of a finding; an error is not hidden by a warning.

    In a header of several rows that is the lowest cell of the column, which says what it holds; in a merged range the
    cell that a person sees.
    """
    row = finding.row_number
    if row is None or row not in view.rows or finding.column_name is None:
        return
    position = view.position(row, finding.column_name)
    if position is None:
        return
    if row in marks.headers:
        row = header_cell(view, row, position)
    for top, first, bottom, last in view.structure.merges:
        if top <= row <= bottom and first <= position + 1 <= last and top in view.rows:
            row, position = top, first - 1
    if position < view.width and marks.cells.get((row, position)) != "error":
        marks.cells[row, position] = finding.severity
    if finding.issue_code.startswith("id_"):
        marks.as_text.add((row, position))


def _words_of(marks: Mapping[str, Marks]) -> dict[str, tuple[str, ...]]:
    """Column → the words it may hold, of everything that is offered in a drop-down."""
    return {offer.title: offer.words for sheet in marks.values() for offer in sheet.offers}


def _words(view: View, finding: DeliveryIssue) -> str:
    """The message, and what is in the cell: under which header of the district's own, and what it says."""
    row, name = finding.row_number or 0, finding.column_name
    position = view.position(row, name) if name else None
    cells, table = view.rows[row], view.table_at(row)
    text = cells[position] if position is not None and position < len(cells) else ""
    shown = text if len(text) <= _QUOTED else f"{text[:_QUOTED]}…"
    header = next((m.header for m in table.columns if m.position - 1 == position), "") if table else ""
    own = f"“{header}”" if header and header not in finding.message else ""
    if shown:
        return f"{finding.message}（{own}现为“{shown}”）"
    return f"{finding.message}（在{own}一列）" if own else finding.message


def _numbered(texts: Sequence[str]) -> str:
    unique = list(dict.fromkeys(texts))
    return unique[0] if len(unique) == 1 else "；".join(f"{n}. {text}" for n, text in enumerate(unique, 1))


def _extract(
    found: FaultyDelivery,
    parts: Sequence[DeliveredTable],
    findings: Sequence[DeliveryIssue],
    views: Sequence[View],
    wanted: Mapping[str, set[int]],
    kinds: Mapping[str, Record],
    rows_found: int,
) -> bytes:
    """A workbook of the rows with findings: under a name that is never read, because half a roll is none."""
    names = [EXTRACT_SHEET if i == 1 else f"{EXTRACT_SHEET}{i}" for i in range(1, len(views) + 1)]
    marks, listed = _marks(found, findings, views, names, kinds)
    kept = []
    for view, name in zip(views, names, strict=True):
        top = max(marks[name].headers, default=0) if name in marks else 0
        chosen = {
            row: cells for row, cells in view.rows.items() if row <= top or row in wanted.get(view.sheet, ())
        }
        places = {row: place for place, row in enumerate(sorted(chosen), 1)}
        rows = {place: [f"第{row}行", *chosen[row]] for row, place in places.items()}
        kept.append(replace(view, rows=rows, width=view.width + 1, structure=SheetStructure()))
        if name in marks:
            marks[name] = _moved(marks[name], places)
    lines = cover(found, parts, listed, kinds, rows_left=max(0, rows_found - EXTRACTED))
    return mark(plain_workbook(kept, names, found.received_at), marks, lines, WIDTHS)


def _moved(marks: Marks, places: Mapping[int, int]) -> Marks:
    """Marks of the rows of an extract, one column farther right, without keys."""
    return Marks(
        marks.column + 1,
        {places[row] for row in marks.headers if row in places},
        {places[row]: text for row, text in marks.notes.items() if row in places},
        {},
        {(places[row], p + 1): kind for (row, p), kind in marks.cells.items() if row in places},
    )


def _active(package: bytes) -> list[str]:
    """What of a workbook runs or fetches by itself, as a person calls it."""
    with zipfile.ZipFile(BytesIO(package)) as parts:
        names = {name: name.lower().replace("\\", "/").lstrip("/") for name in parts.namelist()}
        is_here = {
            "宏": any(name.endswith("vbaproject.bin") or "/macrosheets/" in name for name in names.values()),
            "动态数据交换（DDE）链接": any(
                ("/externallinks/" in name and b"ddeLink" in parts.read(real))
                or ("/worksheets/sheet" in name and _DDE.search(parts.read(real)))
                for real, name in names.items()
            ),
            "外部数据连接": "xl/connections.xml" in names.values(),
        }
    return [words for words, found in is_here.items() if found]


def _suffix(package: bytes) -> str:
    """`.xlsm` for a workbook with macros, which a spreadsheet opens under no other name."""
    with zipfile.ZipFile(BytesIO(package)) as parts:
        types = parts.read("[Content_Types].xml")
    if b"template" in types:
        raise NotMarkable("template")
    return ".xlsm" if b"macroEnabled" in types else ".xlsx"
