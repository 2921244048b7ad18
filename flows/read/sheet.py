"""Workbooks as grids, read by child processes that may die.

Refuses to open a package that declares more than a spreadsheet of ours can hold; what gets past is
stopped by the child's limits of time and memory. A dead child is one problem of one file.
"""

from __future__ import annotations

import atexit
import json
import os
import queue
import struct
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np
import pyarrow as pa

from flows.read.grid import WHITE, Chunk, Structure, trim

SECONDS = 60.0
MEGABYTES = 2048
UNPACKED = 1 << 30
HEAD_ROWS = 100
CHUNK_ROWS = 65_536
_WORKER = Path(__file__).with_name("worker.py")


class WorkbookError(Exception):
    """A workbook that cannot be read; `code` is the problem's code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class SheetGrid:
    """One worksheet; its rows stand from row `first_row` on."""

    def __init__(
        self, sheet: str, first_row: int, table: pa.Table, structure: Structure, inside: str = ""
    ) -> None:
        self.sheet, self.inside, self.structure = sheet, inside, structure
        self._first_row, self._table = first_row, table
        top = table.slice(0, HEAD_ROWS).to_pylist()
        self.head = [
            (first_row + i, [(cell or "").strip(WHITE) for cell in row.values()]) for i, row in enumerate(top)
        ]

    def body(self, after: int, width: int) -> Iterator[Chunk]:
        """Chunks of the rows below row `after`."""
        start = max(0, after + 1 - self._first_row)
        for at in range(start, self._table.num_rows, CHUNK_ROWS):
            part = self._table.slice(at, CHUNK_ROWS).combine_chunks()
            columns = [trim(column.chunk(0)) for column in part.columns]
            columns += [pa.nulls(part.num_rows, pa.string())] * (width - len(columns))
            first = self._first_row + at
            yield Chunk(np.arange(first, first + part.num_rows, dtype=np.int32), columns)

    @property
    def width(self) -> int:
        """Columns up to the last that holds anything."""
        return int(self._table.num_columns)


class _Child:
    """A reader process and the thread that collects its answers (pipes cannot time out everywhere)."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-P", str(_WORKER), str(MEGABYTES)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        )  # fmt: skip
        self._requests, answers = self._process.stdin, self._process.stdout
        self._answers: queue.SimpleQueue[tuple[dict[str, Any], list[bytes]] | None] = queue.SimpleQueue()
        threading.Thread(target=self._collect, args=(answers,), daemon=True).start()

    def _collect(self, stream: IO[bytes]) -> None:
        try:
            while head := stream.read(8):
                size, count = struct.unpack("<II", head)
                facts = json.loads(stream.read(size))
                bodies = [stream.read(struct.unpack("<Q", stream.read(8))[0]) for _ in range(count)]
                self._answers.put((facts, bodies))
        except (struct.error, ValueError, OSError):
            pass
        self._answers.put(None)

    def ask(self, path: Path, seconds: float) -> tuple[dict[str, Any], list[bytes]]:
        """The answer for one workbook; `WorkbookError` when the child dies or runs out of time."""
        try:
            if self._requests is None:
                raise WorkbookError("workbook_crashed")
            self._requests.write(json.dumps({"path": str(path)}).encode() + b"\n")
            self._requests.flush()
            answer = self._answers.get(timeout=seconds)
        except (OSError, queue.Empty) as error:
            raise WorkbookError(
                "workbook_timeout" if isinstance(error, queue.Empty) else "workbook_crashed"
            ) from error
        if answer is None:
            raise WorkbookError("workbook_crashed")
        return answer

    def end(self) -> None:
        """Stop the process at once."""
        self._process.kill()
        self._process.wait()


_idle: list[_Child] = []
_lock = threading.Lock()


def _ask(path: Path, seconds: float) -> tuple[dict[str, Any], list[bytes]]:
    with _lock:
        child = _idle.pop() if _idle else None
    child = child or _Child()
    try:
        answer = child.ask(path, seconds)
    except BaseException:
        child.end()
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


def read_workbook(path: Path) -> list[SheetGrid]:
    """The worksheets of an .xlsx file, blank ones left out; `WorkbookError` with the reason if not."""
    _check_package(path)
    facts, bodies = _ask(path.resolve(), SECONDS)
    if error := facts.get("error"):
        raise WorkbookError(str(error))
    grids = []
    for sheet, body in zip(facts["sheets"], bodies, strict=True):
        if sheet["rows"] and sheet["sizes"]:
            structure = Structure(is_hidden=not sheet["visible"])
            grids.append(SheetGrid(sheet["name"], sheet["first_row"], _unpack(sheet, body), structure))
    return grids


def _unpack(sheet: dict[str, Any], body: bytes) -> pa.Table:
    """Columns as the child packed them; a cell without bytes is null."""
    rows, at, content = sheet["rows"], 0, pa.py_buffer(body)
    columns = [pa.nulls(rows, pa.string())] * sheet["left"]
    for size in sheet["sizes"]:
        offsets, data = content.slice(at, 4 * (rows + 1)), content.slice(at + 4 * (rows + 1), size)
        valid = np.diff(np.frombuffer(offsets, dtype=np.int32)) > 0
        bits = pa.py_buffer(np.packbits(valid, bitorder="little"))
        # A slice may start anywhere; Arrow wants its int32 aligned.
        aligned = pa.py_buffer(np.frombuffer(offsets, dtype=np.int32).copy())
        columns.append(pa.StringArray.from_buffers(rows, aligned, data, bits))
        at += 4 * (rows + 1) + size
    return pa.Table.from_arrays(columns, [f"c{i}" for i in range(len(columns))])


def _check_package(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as package:
            if sum(info.file_size for info in package.infolist()) > UNPACKED:
                raise WorkbookError("workbook_too_large")
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise WorkbookError("workbook_broken") from error
