"""A child process that reads workbooks: one request a line on standard input, framed answers out.

Started as a script of its own, without the rest of the project, so that a panic, a hang or a memory
bomb in the reader library ends this process and nothing else. Refuses to format: numbers, dates and
booleans become text in one fixed form each (see `cell_text`).
"""

from __future__ import annotations

import datetime as dt
import json
import struct
import sys
from decimal import Decimal
from typing import BinaryIO

import pyarrow as pa
import python_calamine as calamine

#: From here on a number has more than the 15 digits that a spreadsheet keeps.
LOSSY = 10**15


def number_text(value: float) -> str:
    """A number as a spreadsheet shows it, with at most its 15 digits; longer ones as 5.00118199001011E+17."""
    if value != value or value in (float("inf"), float("-inf")):
        return "#NUM!"
    if abs(value) >= LOSSY:
        mantissa, _, exponent = f"{value:.14E}".partition("E")
        return f"{mantissa.rstrip('0').rstrip('.')}E{exponent}"
    if value == int(value):
        return str(int(value))
    return format(Decimal(f"{value:.15g}").normalize(), "f")


def cell_text(value: object) -> str | None:
    """The text of a typed cell: ISO dates, 是/否, plain numbers; None for an empty cell."""
    kind = type(value)
    if kind is str:
        return value or None  # type: ignore[return-value]
    if kind is float or kind is int:
        return number_text(value)  # type: ignore[arg-type]
    if kind is bool:
        return "是" if value else "否"
    if isinstance(value, dt.datetime):
        if value.time() == dt.time():
            return value.date().isoformat()
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, dt.time):
        return value.isoformat(timespec="seconds")
    if isinstance(value, dt.timedelta):
        seconds = int(value.total_seconds())
        return f"{seconds // 3600}:{seconds % 3600 // 60:02}:{seconds % 60:02}"
    return None if value is None else str(value)


def sheets(path: str) -> list[tuple[dict[str, object], bytes]]:
    """(facts, Arrow stream of string columns from row 1 on) for each worksheet."""
    out = []
    with calamine.CalamineWorkbook.from_path(path) as book:
        for index, meta in enumerate(book.sheets_metadata):
            if meta.typ != calamine.SheetTypeEnum.WorkSheet:
                continue
            sheet = book.get_sheet_by_index(index)
            rows = sheet.to_python(skip_empty_area=True)
            start = sheet.start or (0, 0)
            columns = [pa.array([cell_text(v) for v in column], pa.string()) for column in zip(*rows, strict=True)]
            height = len(rows)
            columns = [pa.nulls(height, pa.string())] * start[1] + columns
            sink = pa.BufferOutputStream()
            table = pa.Table.from_arrays(columns, [f"c{i}" for i in range(len(columns))])
            with pa.ipc.new_stream(sink, table.schema) as writer:
                writer.write_table(table)
            facts: dict[str, object] = {
                "name": meta.name,
                "first_row": start[0] + 1,
                "visible": meta.visible == calamine.SheetVisibleEnum.Visible,
                "merged": [[a[0] + 1, a[1] + 1, b[0] + 1, b[1] + 1] for a, b in (sheet.merged_cell_ranges or [])][:10_000],
            }
            out.append((facts, sink.getvalue().to_pybytes()))
    return out


def _limit(megabytes: int) -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limit; the time limit still holds.
        return
    limit = megabytes << 20
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _send(out: BinaryIO, head: object, bodies: list[bytes]) -> None:
    text = json.dumps(head).encode()
    out.write(struct.pack("<II", len(text), len(bodies)) + text)
    for body in bodies:
        out.write(struct.pack("<Q", len(body)))
        out.write(body)
    out.flush()


def main() -> None:
    """Answer requests until standard input ends. argv[1]: memory limit in MiB."""
    _limit(int(sys.argv[1]))
    out = sys.stdout.buffer
    for line in sys.stdin.buffer:
        request = json.loads(line)
        try:
            found = sheets(request["path"])
        except calamine.PasswordError:
            _send(out, {"error": "file_encrypted"}, [])
        except MemoryError:
            _send(out, {"error": "workbook_too_large"}, [])
        except Exception as error:  # one file's fault must not end the process for the others
            _send(out, {"error": "workbook_broken", "detail": type(error).__name__}, [])
        else:
            _send(out, {"sheets": [facts for facts, _ in found]}, [body for _, body in found])


if __name__ == "__main__":
    main()
