"""Workbooks as grids, read by child processes that may die.

What is larger than a spreadsheet of ours can be is refused there, by what the bytes hold and not by what they
declare; what gets past is stopped by limits of processor time and memory. A child that dies of a file is one problem of
that file; one that somebody or the system killed is the machine's trouble, and says nothing about the file.
"""

from __future__ import annotations

import atexit
import contextlib
import errno
import json
import os
import selectors
import signal
import struct
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np
import pyarrow as pa

from flows.read.formats.process.fault import READER_FAILED, ReaderKilled, WorkbookError
from flows.read.formats.process.payload import SheetStructure
from flows.read.grid import HEAD_ROWS, Chunk, Head, RowNumbers, address, trim

#: Work for one file in seconds of processor time, which other programs on the machine do not use up.
SECONDS = 60
#: How long an answer may take by the clock: whoever waits so long waits for a disk, and not for the file.
PATIENCE = 1800.0
MEGABYTES = 2048
CHUNK_ROWS = 65_536
#: One thread, as the limits are of a process; and large arrays go back to the system when they are let go of (glibc).
_ENVIRONMENT = {
    "PYTHONIOENCODING": "utf-8",
    "OPENBLAS_NUM_THREADS": "1",
    "MALLOC_MMAP_THRESHOLD_": str(4 << 20),
}
#: How a process ends that did not end by itself: a system short of memory kills, an operator terminates.
_KILLED = frozenset(
    getattr(signal, name) for name in ("SIGKILL", "SIGTERM", "SIGINT", "SIGHUP") if hasattr(signal, name)
)
_WORKER = Path(__file__).with_name("worker.py")


class SheetGrid:
    """One worksheet. Blank rows at its ends, and long runs of them inside, are left out."""

    is_text = False

    def __init__(
        self,
        name: str,
        numbers: RowNumbers,
        columns: Mapping[int, RowNumbers],
        texts: pa.StringArray,
        structure: SheetStructure,
        inside: str = "",
    ) -> None:
        """A sheet as its process sent it.

        Args:
            name: what the sheet is called.
            numbers: of its rows.
            columns: 0-based position of each column that holds something → the number of each row's text, or -1.
            texts: the texts by number.
            structure: what is merged and hidden.
            inside: path of the workbook in the archive that holds it.
        """
        self.sheet, self.inside, self.structure = address(inside, name), inside, structure
        self.width = max(columns, default=-1) + 1
        self._numbers, self._columns, self._texts = numbers, columns, texts
        first = Chunk(numbers[:HEAD_ROWS], self._cells(0, HEAD_ROWS, self.width))
        self.head: Head = list(first.rows())

    def _cells(self, start: int, end: int, width: int) -> list[pa.StringArray]:
        """The cells of some of the rows by column; all columns without a cell are one array."""
        columns = [pa.nulls(len(self._numbers[start:end]), pa.string())] * width
        for position, index in self._columns.items():
            if position < width:
                which = index[start:end]
                columns[position] = trim(self._texts.take(pa.array(which, mask=which < 0)))
        return columns

    def body(self, after: int, width: int) -> Iterator[Chunk]:
        """Chunks of the rows below row `after`."""
        first = int(np.searchsorted(self._numbers, after, side="right"))
        for start in range(first, len(self._numbers), CHUNK_ROWS):
            end = start + CHUNK_ROWS
            yield Chunk(self._numbers[start:end], self._cells(start, end, width))


class _Child:
    """A reader process; one thread at a time asks it."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-P", str(_WORKER), str(MEGABYTES), str(SECONDS)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **_ENVIRONMENT},
        )

    def ask(self, request: Mapping[str, str | int]) -> tuple[dict[str, Any], list[bytearray]]:
        """The answer for one workbook; `WorkbookError` when the child dies, of its limits or otherwise, `ReaderKilled` when
        it was killed."""
        requests, answers = self._process.stdin, self._process.stdout
        try:
            if requests is None or answers is None:
                raise WorkbookError("workbook_crashed")
            requests.write(json.dumps(request).encode() + b"\n")
            requests.flush()
            if not _is_waiting(answers):
                raise WorkbookError(READER_FAILED, f"{__name__} no answer")
            size, count = struct.unpack("<II", answers.read(8))
            facts = json.loads(answers.read(size))
            return facts, [_exactly(answers, struct.unpack("<Q", answers.read(8))[0]) for _ in range(count)]
        except (OSError, struct.error, ValueError, MemoryError) as error:
            ended_by = self._ended_by()
            if ended_by in _KILLED:
                raise ReaderKilled(errno.ENOMEM, "the reader process was killed") from error
            out_of_time = ended_by == getattr(signal, "SIGXCPU", None)
            raise WorkbookError("workbook_timeout" if out_of_time else "workbook_crashed") from error

    def _ended_by(self) -> int | None:
        """The signal that ended the process; None where it lives, or ended by itself."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            ended = self._process.wait(timeout=5)
            return -ended if ended < 0 else None
        return None

    def end(self) -> None:
        """Stop the process at once."""
        self._process.kill()
        self._process.wait()


def _is_waiting(stream: IO[bytes]) -> bool:
    """Whether an answer begins in time; Windows cannot say, and waits."""
    if os.name == "nt":
        return True
    with selectors.DefaultSelector() as selector:
        selector.register(stream, selectors.EVENT_READ)
        return bool(selector.select(PATIENCE))


def _exactly(stream: IO[bytes], size: int) -> bytearray:
    """So many bytes, at once where they stay."""
    body = bytearray(size)
    if stream.readinto(body) != size:  # type: ignore[attr-defined]
        raise struct.error
    return body


_idle: list[_Child] = []
_lock = threading.Lock()


def _ask(request: Mapping[str, str | int], again: bool = True) -> tuple[dict[str, Any], list[bytearray]]:
    with _lock:
        child = _idle.pop() if _idle else None
    child = child or _Child()
    try:
        answer = child.ask(request)
    except BaseException as error:
        child.end()
        if again and (isinstance(error, OSError) or getattr(error, "code", "") == "workbook_crashed"):
            return _ask(request, again=False)  # short of memory, a system ends any process
        raise
    with _lock:
        _idle.append(child)
    return answer


@atexit.register
def close_readers() -> None:
    """End the waiting reader processes; the next workbook starts a new one."""
    with _lock:
        while _idle:
            _idle.pop().end()


def read_workbook(
    path: Path, form: str = "xlsx", member: int | None = None, inside: str = ""
) -> list[SheetGrid]:
    """The worksheets of a workbook, blank ones left out; `WorkbookError` with the reason if it cannot be read.

    `form`: format as `sniff` names it; `member`: number and `inside` name of the file in the archive that `path` is.
    """
    request: dict[str, str | int] = {"path": str(path.resolve()), "format": form}
    facts, bodies = _ask(request if member is None else request | {"member": member})
    if error := facts.get("error"):
        fault = WorkbookError(str(error), str(facts.get("place", "")))
        fault.add_note(str(facts.get("trace", "")))
        raise fault
    grids: list[SheetGrid] = []
    named: Counter[str] = Counter()  # parts of a saved page may have one name, or none
    for number, sheet in enumerate(facts["sheets"]):
        texts, *arrays = bodies[6 * number : 6 * number + 6]
        rows, columns, offsets, index, hidden = (np.frombuffer(array, dtype=np.int32) for array in arrays)
        if not len(rows):
            continue
        named[sheet["name"]] += 1
        again = f"#{named[sheet['name']]}" if named[sheet["name"]] > 1 else ""
        by_column = dict(zip((columns - 1).tolist(), index.reshape(len(columns), len(rows)), strict=True))
        merges = [tuple(merge) for merge in sheet["merges"]]
        structure = SheetStructure(
            sheet["is_hidden"], merges, set(hidden.tolist()), set(sheet["hidden_columns"])
        )
        strings = _texts(offsets, texts)
        grids.append(SheetGrid(sheet["name"] + again, rows, by_column, strings, structure, inside))
    return grids


def _texts(offsets: RowNumbers, content: bytearray) -> pa.StringArray:
    """The texts of a sheet; `WorkbookError` where a file holds bytes that are no text."""
    texts = pa.StringArray.from_buffers(len(offsets) - 1, pa.py_buffer(offsets), pa.py_buffer(content))
    try:
        texts.validate(full=True)
    except pa.ArrowInvalid as error:
        raise WorkbookError("workbook_broken") from error
    return texts
