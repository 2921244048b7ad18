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
    try:
        if sniffed.format == "zip":
            return [grid for member in members(path) for grid in _of_member(path, member, reading)]
        if sniffed.format != "csv":
            return _of_workbook(reading, path, sniffed.format)
        if is_escaped(path):
            reading.add("quotes_escaped", "warning")
        return [TextGrid(path, sniffed)]
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
    if sniffed.format == "csv":
        if is_escaped(member):
            reading.add("quotes_escaped", "warning", member.name)
        return [TextGrid(member, sniffed, member.name)]
    return _of_workbook(reading, path, sniffed.format, member.number, member.name)


def _of_workbook(
    reading: FileReading, path: Path, form: str, number: int | None = None, inside: str = ""
) -> list[Grid]:
    """The sheets of a workbook; one that was stopped before is not tried again."""
    if code := reading.stopped.get(inside):
        reading.add(code, "error", inside)
        return []
    try:
        return [*read_workbook(path, form, number, inside)]
    except WorkbookError as error:
        reading.add(error.code, "error", inside, hint=error.place)
        if error.place:
            reading.faults.append(error)
        if error.code in STOPPED:
            reading.stopped[inside] = error.code
        return []
