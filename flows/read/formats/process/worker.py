"""A child process that reads workbooks: one request a line on standard input, framed answers out.

Started as a script of its own, with the standard library, numpy and the reader libraries alone, so that a
panic, a hang or a memory bomb ends this process and nothing else. Refuses to guess: a file that contradicts
itself is broken, and what nobody foresaw is a fault of ours.
"""

from __future__ import annotations

import importlib
import io
import json
import math
import struct
import sys
import time
import traceback
import types
import zipfile
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

try:
    import resource
except ImportError:  # Windows has no such limits
    resource = None  # type: ignore[assignment]

if __name__ == "__main__":  # its neighbours, without the packages' own imports, which take a second
    for _name, _folder in (("flows", 3), ("flows.read", 2)):
        sys.modules[_name] = types.ModuleType(_name)
        sys.modules[_name].__path__ = [str(Path(__file__).parents[_folder])]

from flows.read.formats.package import sound
from flows.read.formats.process.fault import READER_FAILED, WorkbookError, place_of
from flows.read.formats.process.payload import SheetPayload

#: Format as `sniff` names it → the module that reads it, imported when asked for.
MODULES = {
    "xlsx": "xlsx.workbook",
    "xls": "xls",
    "ods": "ods",
    "xlsb": "xlsb",
    "html": "html",
    "xml": "spreadsheetml",
}


def sheets(stream: BinaryIO, form: str) -> list[SheetPayload]:
    """The sheets of a workbook of a format that `sniff` found."""
    return list(importlib.import_module(f"flows.read.formats.{MODULES[form]}").sheets_of(stream))


def _member(stream: BinaryIO, number: int | None) -> BinaryIO:
    """The file itself, or one file of the archive that it is, unpacked in memory."""
    if number is None:
        return stream
    archive = sound(zipfile.ZipFile, stream)
    return io.BytesIO(sound(archive.read, archive.infolist()[number]))


def _facts(sheet: SheetPayload) -> dict[str, Any]:
    structure = sheet.structure
    return {
        "name": sheet.name,
        "is_hidden": structure.is_hidden,
        "merges": structure.merges,
        "hidden_columns": sorted(structure.hidden_columns),
    }


def _bodies(sheet: SheetPayload) -> list[Any]:
    hidden_rows = np.fromiter(sheet.structure.hidden_rows, dtype=np.int32)
    arrays = (sheet.rows, sheet.columns, sheet.offsets, sheet.index, hidden_rows)
    return [sheet.texts, *(array.reshape(-1).view(np.uint8) for array in arrays)]


def _send(out: BinaryIO, head: object, bodies: list[Any]) -> None:
    text = json.dumps(head).encode()
    out.write(struct.pack("<II", len(text), len(bodies)) + text)
    for body in bodies:
        out.write(struct.pack("<Q", len(body)))
        out.write(body)
    out.flush()


def _limit_memory(megabytes: int) -> None:
    if resource:
        resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _limit_time(seconds: int) -> None:
    """End this process after so many more seconds of its own work, however long it waits for others."""
    if resource:
        used = math.ceil(time.process_time())
        resource.setrlimit(resource.RLIMIT_CPU, (used + seconds, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def answer(request: dict[str, Any]) -> tuple[dict[str, Any], list[Any]]:
    """(facts, bodies) of one request: `sheets`, or `error` with the code of the problem."""
    try:
        with Path(request["path"]).open("rb") as stream:
            found = sheets(_member(stream, request.get("member")), request["format"])
        return {"sheets": [_facts(s) for s in found]}, [body for s in found for body in _bodies(s)]
    except MemoryError:
        return {"error": "workbook_too_large"}, []
    except WorkbookError as error:
        return {"error": error.code}, []
    except Exception as error:  # ours: it must not end the process for the other files
        return {"error": READER_FAILED, "place": place_of(error), "trace": traceback.format_exc()}, []


def main() -> None:
    """Answer requests until standard input ends. argv[1]: memory limit in MiB; argv[2]: seconds of work for each."""
    _limit_memory(int(sys.argv[1]))
    out, sys.stdout = sys.stdout.buffer, sys.stderr  # what a library prints is no answer
    for line in sys.stdin.buffer:
        _limit_time(int(sys.argv[2]))
        _send(out, *answer(json.loads(line)))


if __name__ == "__main__":
    main()
