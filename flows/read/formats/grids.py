"""The grids of a file, whatever format its bytes are: one per sheet, one for a text, those of every file in an archive."""

from __future__ import annotations

from pathlib import Path

from flows.read.formats.archive import Member, members
from flows.read.formats.delimited_text.delimited import TextGrid
from flows.read.formats.delimited_text.lines import is_escaped
from flows.read.formats.file_format import Sniffed, sniff
from flows.read.formats.process.fault import STOPPED, WorkbookError
from flows.read.formats.process.workbooks import read_workbook
from flows.read.grid import Grid
from flows.read.reading import FileReading


def open_grids(path: Path, sniffed: Sniffed, reading: FileReading) -> list[Grid]:
    """Sheets in their order; what cannot be opened becomes a problem of `reading`."""
    if sniffed.format != "zip":
        return _of_file(reading, path, path, sniffed)
    try:
        return [grid for member in members(path) for grid in _of_member(path, member, reading)]
    except WorkbookError as error:
        reading.add(error.code)
        return []


def _of_member(path: Path, member: Member, reading: FileReading) -> list[Grid]:
    """The grids of one file of an archive; its problems are those of a sheet of its name."""
    sniffed = sniff(member)
    code = "archive_nested" if sniffed.format == "zip" and not sniffed.refused else sniffed.refused
    reading.evidence += f"; {sniffed.format}: {sniffed.evidence}"
    if code:
        reading.add(code, "error", member.name)
        return []
    return _of_file(reading, path, member, sniffed)


def _of_file(reading: FileReading, path: Path, source: Path | Member, sniffed: Sniffed) -> list[Grid]:
    """The sheets of a file, or of one in the archive at `path`; what was stopped before is not tried again."""
    number, inside = (source.number, source.name) if isinstance(source, Member) else (None, "")
    if code := reading.stopped.get(inside):
        reading.add(code, "error", inside)
        return []
    try:
        if sniffed.format != "csv":
            return [*read_workbook(path, sniffed.format, number, inside)]
        if is_escaped(source):
            reading.add("quotes_escaped", "warning", inside)
        return [TextGrid(source, sniffed, inside)]
    except WorkbookError as error:
        reading.add(error.code, "error", inside, hint=error.place)
        if error.place:
            reading.faults.append(error)
        if error.code in STOPPED:
            reading.stopped[inside] = error.code
        return []
