"""The grids of a file, whatever format its bytes are: one per sheet, or one for a text."""

from __future__ import annotations

from pathlib import Path

from flows.read.grid import Grid
from flows.read.reading import FileReading
from flows.read.sheet import WorkbookError, read_workbook
from flows.read.sniff import Sniffed
from flows.read.text import TextGrid


def open_grids(path: Path, sniffed: Sniffed, reading: FileReading) -> list[Grid]:
    """Sheets in their order; what cannot be opened becomes a problem of `reading`."""
    try:
        return [*read_workbook(path)] if sniffed.format == "xlsx" else [TextGrid(path, sniffed)]
    except WorkbookError as error:
        reading.add(error.code)
        return []
