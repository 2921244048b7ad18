"""Why a file was not read: its own fault, by a code, or ours, by the place in our code.

A fault of ours is never told to a sender as one of his file. Its text may quote a cell, so that only the place and the
kind travel; the whole of it is for the vault's log. Part of the child process: standard library alone.
"""

from __future__ import annotations

#: The code of every fault of ours.
READER_FAILED = "reader_failed"
#: What a file came to by a limit that another machine might not have reached: kept with the delivery.
STOPPED = ("workbook_timeout", "workbook_crashed")


class WorkbookError(Exception):
    """A file that cannot be read; `code` is the problem's code, `place` where our code failed if it did."""

    def __init__(self, code: str, place: str = "") -> None:
        super().__init__(code)
        self.code, self.place = code, place


class ReaderKilled(OSError):
    """The system, or somebody, ended the process that read a file: the machine's trouble, and nothing about the file."""


def place_of(error: BaseException) -> str:
    """Where in our code an error arose: module:line kind."""
    place, step = "", error.__traceback__
    while step is not None:
        name = str(step.tb_frame.f_globals.get("__name__", ""))
        if name.startswith("flows."):
            place = f"{name}:{step.tb_lineno}"
        step = step.tb_next
    return f"{place} {type(error).__name__}".strip()
