"""Broken files for a bounded time: sniffing and reading never raise, never hang, and account for every cell.

    python -m tests.bench.fuzz [--seconds 60] [--first 0]

One seed is one file: a messy case with its bytes flipped, cut, spliced or its package's members doubled;
random bytes; or a text of random quotes, separators and line ends. After that the polluted texts of
`tests.bench.polluted`. Prints what was tried and the seeds that failed; exit code 1 if any did.
"""

from __future__ import annotations

import argparse
import io
import random
import re
import tempfile
import time
import traceback
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from flows.contract.catalogue import records
from flows.read import READER_FAILED, FileReading, close_readers, read_file
from flows.read.formats.file_format import sniff
from flows.read.formats.grids import open_grids
from flows.read.grid import WHITE
from tests.bench.polluted import polluted
from tests.messy.__main__ import some
from tests.messy.case import FEATURES, build
from tests.messy.layout import source
from tests.messy.write import write

#: No file of this size may take longer: the reader's own limit for a workbook is 60 s.
SECONDS = 70.0
_CHARS = "\",'\r\n\r\n\t;| \u3000\x00\ufeff甲乙1 合计注：案号"


def flip(rng: random.Random, content: bytes) -> bytes:
    out = bytearray(content)
    for _ in range(rng.choice((1, 3, 30))):
        out[rng.randrange(len(out))] = rng.randrange(256)
    return bytes(out)


def cut(rng: random.Random, content: bytes) -> bytes:
    return content[: rng.randrange(len(content))]


def splice(rng: random.Random, content: bytes) -> bytes:
    a, b, c = (rng.randrange(len(content)) for _ in range(3))
    return content[:a] + content[b : b + rng.choice((1, 20, 2000))] + content[c:]


def double_members(rng: random.Random, content: bytes) -> bytes:
    """A package with a member twice, a member gone, or a member's bytes broken inside a sound package."""
    out = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package, zipfile.ZipFile(out, "w") as copy:
            for name in package.namelist():
                inner = package.read(name)
                deed = rng.choice(("keep", "keep", "keep", "twice", "gone", "break"))
                if deed == "gone":
                    continue
                copy.writestr(name, flip(rng, inner) if deed == "break" and inner else inner)
                if deed == "twice":
                    copy.writestr(name, cut(rng, inner) if inner else inner)
    except zipfile.BadZipFile:
        return splice(rng, content)
    return out.getvalue()


def noise(rng: random.Random, content: bytes) -> bytes:
    """Random bytes behind the first bytes of a real file."""
    return content[: rng.choice((0, 4, 64))] + rng.randbytes(rng.choice((10, 1000, 70_000)))


def text(rng: random.Random, content: bytes) -> bytes:
    """A header that is known, and below it unbalanced quotes and mixed line ends."""
    rows = [rng.choice(("", "2015年调解台账\n")) + "案号,受理日期,用人单位\n"]
    rows += ["".join(rng.choices(_CHARS, k=rng.randint(0, 40))) for _ in range(rng.randint(0, 60))]
    joined = rng.choice(("\n", "\r\n", "\r", "")).join(rows)
    return joined.encode(rng.choice(("utf-8", "utf-8-sig", "utf-16", "gb18030")), "replace")


MUTATIONS: tuple[Callable[[random.Random, bytes], bytes], ...] = (
    flip,
    flip,
    cut,
    splice,
    double_members,
    noise,
    text,
    text,
)


def attempt(seed: int, folder: Path) -> tuple[str, list[str]]:
    """(what was done, what is wrong with the outcome) for one seed."""
    rng = source(seed, "fuzz")
    mutate = rng.choice(MUTATIONS)
    features = some(seed, FEATURES)
    if rng.random() < 0.4:
        features.append("csv")
    case = build(seed, features)
    file = write(case, folder)
    file.path.write_bytes(mutate(rng, file.path.read_bytes()) or b"\n")
    return f"{mutate.__name__} {file.path.suffix}", outcome(file.path, file.name)


def outcome(path: Path, name: str) -> list[str]:
    """What is wrong with reading a file, whatever it holds; [] if nothing is."""
    start = time.perf_counter()
    try:
        reading = read_file(path, name, records())
        handed = [batch for table in reading.tables for batch in table.batches()]
    except BaseException as error:  # a panic of a library is none of the exceptions
        if isinstance(error, KeyboardInterrupt):
            raise
        return [f"raised {error!r}\n{traceback.format_exc(limit=-4)}"]
    wrong = []
    if (seconds := time.perf_counter() - start) > SECONDS:
        wrong.append(f"took {seconds:.0f} s")
    problems = [*reading.problems, *(p for table in reading.tables for p in table.problems)]
    if not reading.tables and not any(problem.severity == "error" for problem in problems):
        wrong.append("neither a table nor a reason")
    codes = {problem.code for problem in problems}
    wrong += [f"a fault of ours at {problem.hint}" for problem in problems if problem.code == READER_FAILED]
    if not reading.is_explained or "cells_unaccounted" in codes:
        wrong.append(f"account {sum(reading.account.values())} of {reading.cells_nonempty} cells")
    for table in reading.tables:
        if not table.held and table.rows_read != table.rows_seen + table.rows_ignored:
            wrong.append(f"rows {table.rows_read} read, {table.rows_seen} seen, {table.rows_ignored} ignored")
    if sum(batch.num_rows for batch in handed) != sum(table.rows_seen for table in reading.tables):
        wrong.append("rows handed over are not the rows seen")
    return wrong + (lines_lost(path) if reading.format == "csv" else [])


def lines_lost(path: Path) -> list[str]:
    """Physical lines of a text, counted without the reader: each begins a record or goes on with one.

    A line that begins none must stand in a cell of the record before it.
    """
    sniffed = sniff(path)
    raw = path.read_bytes()[sniffed.skip :]
    wide = (sniffed.encoding or "").startswith("utf-16")
    content = raw[: len(raw) // 2 * 2].decode(sniffed.encoding or "", "replace").encode() if wide else raw
    lines = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    texts = [line.decode("utf-8" if wide else sniffed.encoding or "utf-8", "replace") for line in lines]
    grids = open_grids(path, sniffed, FileReading("csv"))
    begun: dict[int, str] = {}
    for grid in grids:
        for chunk in grid.body(0, max((len(cells) for _, cells in grid.head), default=1)):
            columns = [column.to_pylist() for column in chunk.columns]
            for number, *cells in zip(chunk.numbers.tolist(), *columns, strict=True):
                begun[number] = "\n".join(cell or "" for cell in cells)
            begun |= {row.number: "\n".join(row.cells) for row in chunk.irregular}
    wrong, last = [], 0
    for number, line in enumerate(texts, 1):
        last = number if number in begun else last
        piece = max(re.split(r"[\",;\t|，]", line), key=len).strip(WHITE)
        if piece and number not in begun and piece not in begun.get(last, "").replace('"', ""):
            wrong.append(f"line {number} lost")
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--first", type=int, default=0)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore", UserWarning)  # the doubled members are meant
    tried: Counter[str] = Counter()
    failed: list[int] = []
    end, seed = time.monotonic() + arguments.seconds, arguments.first
    while time.monotonic() < end:
        with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
            done, wrong = attempt(seed, Path(folder))
        tried[done] += 1
        if wrong:
            failed.append(seed)
            print(f"seed {seed}: {done}: {'; '.join(wrong)}", flush=True)
        seed += 1
    print(", ".join(f"{count} {done}" for done, count in sorted(tried.items())))
    silent = polluted()
    close_readers()
    print(f"{seed - arguments.first} files, {len(failed)} failed: {failed[:20]}")
    return 1 if failed or silent else 0


if __name__ == "__main__":
    raise SystemExit(main())
