"""Untrusted bytes → text cells with an address and an account. Knows neither the warehouse nor the flow."""

from flows.read.file import read_file
from flows.read.formats.process.fault import READER_FAILED, ReaderKilled, place_of
from flows.read.formats.process.prefetch import read_ahead
from flows.read.formats.process.workbooks import close_readers
from flows.read.reading import BATCH_ROWS, ISSUE_COLUMN, FileReading, MappedColumn, Problem, Table, own_words

__all__ = [
    "BATCH_ROWS",
    "ISSUE_COLUMN",
    "READER_FAILED",
    "FileReading",
    "MappedColumn",
    "Problem",
    "ReaderKilled",
    "Table",
    "close_readers",
    "own_words",
    "place_of",
    "read_ahead",
    "read_file",
]
