"""Untrusted bytes → text cells with an address and an account. Knows neither the warehouse nor the flow."""

from flows.read.ahead import read_ahead
from flows.read.file import read_file
from flows.read.reading import BATCH_ROWS, ISSUE_COLUMN, FileReading, Mapped, Problem, Table
from flows.read.sheet import close_readers
from flows.read.text import LostLinesError

__all__ = [
    "BATCH_ROWS",
    "ISSUE_COLUMN",
    "FileReading",
    "LostLinesError",
    "Mapped",
    "Problem",
    "Table",
    "close_readers",
    "read_ahead",
    "read_file",
]
