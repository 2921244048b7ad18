"""Reading workbooks against bare calamine, over the same made-up files, as ratios within one run.

    python -m tests.bench.read [--files 200] [--rows 5000] [--processes 2] [--repeat 3]

`path` is everything from bytes to drained batches (scan, read, regions, map, hand over); `bare` is
`CalamineWorkbook.to_python()` in as many processes. Both take turns in processes of their own, after one
warm-up, and the medians count; imports are not timed, reader processes start within the time. Memory is the
sum of the peaks of all processes. pandas and openpyxl read a part of the files, scaled. The second line is the
same with hidden rows, merges, formats and errors in every file.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import xlsxwriter

HEADER = ("案号", "受理日期", "用人单位", "身份证号", "涉及人数", "申请金额", "兑现金额", "成功率", "备注")
TARGETS = {"plain": 1.25, "rich": 2.5}


def write_book(path: Path, rows: int, seed: int, rich: bool) -> None:
    """A register of cases; `rich`: with all that makes a reader look twice."""
    draw = random.Random(seed)  # noqa: S311
    with xlsxwriter.Workbook(str(path), {"constant_memory": False}) as book:
        page = book.add_worksheet("台账")
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        percent = book.add_format({"num_format": "0.0%"}) if rich else None
        padded = book.add_format({"num_format": "000000"}) if rich else None
        top = 0
        if rich:
            page.merge_range(0, 0, 0, 8, "劳动争议调解台账")
            page.set_column(12, 13, None, None, {"hidden": True})
            top = 1
        page.write_row(top, 0, HEADER)
        for i in range(top + 1, rows + top + 1):
            page.write_string(i, 0, f"永调〔2015〕{i}号")
            page.write_datetime(i, 1, dt.datetime(2015, 1, 1) + dt.timedelta(days=draw.randrange(365)), day)
            page.write_string(i, 2, f"永川{draw.randrange(300)}机械厂")
            page.write_string(i, 3, str(draw.randrange(10**17, 10**18)))
            page.write_number(i, 4, draw.randrange(1, 50), padded)
            page.write_number(i, 5, draw.randrange(10**8) / 100)
            page.write_number(i, 6, draw.randrange(10**8) / 100)
            page.write(i, 7, draw.randrange(1000) / 1000 if rich else "85%", percent)
            page.write_string(i, 8, "无")
            if rich and i % 50 == 0:
                page.set_row(i, None, None, {"hidden": True})
                page.write_formula(i, 6, "=1/0", None, "#DIV/0!")


def _bare(path: str) -> int:
    import python_calamine

    return len(python_calamine.CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python())


def _pandas(path: str) -> int:
    import pandas as pd

    return len(pd.read_excel(path, engine="calamine"))


def _openpyxl(path: str) -> int:
    import openpyxl

    book = openpyxl.load_workbook(path, read_only=True)
    return sum(1 for _ in book.worksheets[0].iter_rows(values_only=True))


def _path(paths: list[str], processes: int) -> int:
    from flows.read import read_file
    from flows.read.formats.process.prefetch import read_ahead
    from tests.read.forms import CASE

    kinds = {"case": CASE}
    rows = 0
    for reading in read_ahead(lambda p: read_file(Path(p), Path(p).name, kinds), paths, processes):
        rows += sum(batch.num_rows for table in reading.tables for batch in table.batches())
    return rows


def step(name: str, folder: Path, processes: int, share: int) -> None:
    """Run one reader over the files in this process; prints seconds, rows and MiB."""
    paths = sorted(str(p) for p in folder.glob("*.xlsx"))[::share]
    start = time.perf_counter()
    if name == "path":
        import pyarrow as pa

        import tests.read.forms  # the program is there; its reader processes are not

        assert tests.read.forms.CASE
        pa.array(["warm"])  # pyarrow imports pandas with its first array
        start = time.perf_counter()
        rows = _path(paths, processes)
        seconds, mib = time.perf_counter() - start, peaks()
    else:
        work = {"bare": _bare, "pandas": _pandas, "openpyxl": _openpyxl}[name]
        with ProcessPoolExecutor(processes) as pool:
            if name != "bare":
                list(pool.map(work, paths[:processes]))  # their imports take longer than a file
                start = time.perf_counter()
            rows = sum(pool.map(work, paths, chunksize=4))
            seconds, mib = time.perf_counter() - start, peaks()
    print(json.dumps({"seconds": seconds, "rows": rows, "mib": mib}))


def peaks() -> float:
    """MiB that this process and its children had at most, one after the other; Linux alone, else 0. (`getrusage`
    counts into a child what its parent had when it was forked.)"""
    own = Path("/proc/self/task") / str(os.getpid()) / "children"
    if not own.exists():
        return 0.0
    total = 0
    for process in ("self", *own.read_text().split()):
        status = (Path("/proc") / process / "status").read_text()
        total += int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))
    return total / 1024


def run(name: str, folder: Path, processes: int, share: int = 1) -> dict[str, float]:
    """One step in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.read", "--step", name, "--work", str(folder)]
    command += ["--processes", str(processes), "--share", str(share)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def compare(label: str, folder: Path, processes: int, repeat: int) -> None:
    """Print one line: seconds, ratio and memory of both, and the slower readers scaled."""
    bare, path, memory = [], [], []
    for turn in range(repeat + 1):
        b, p = run("bare", folder, processes), run("path", folder, processes)
        if turn:
            bare.append(b["seconds"])
            path.append(p["seconds"])
            memory.append(p["mib"])
    ratio = statistics.median(p / b for p, b in zip(path, bare, strict=True))
    print(
        f"{label:>6}  bare {statistics.median(bare):6.2f} s  path {statistics.median(path):6.2f} s  "
        f"ratio {ratio:4.2f} (at most {TARGETS[label]})  all processes {max(memory):4.0f} MiB  rows {p['rows']:,}",
        flush=True,
    )
    for name, share in (("pandas", 4), ("openpyxl", 20)):
        seconds = run(name, folder, processes, share)["seconds"] * share
        print(
            f"{'':>6}  {name} {seconds:6.2f} s, {seconds / statistics.median(path):.1f} times the path",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--files", type=int, default=200)
    parser.add_argument("--rows", type=int, default=5000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--step")
    parser.add_argument("--share", type=int, default=1)
    parser.add_argument("--work", type=Path)
    given = parser.parse_args()
    if given.step:
        step(given.step, given.work, given.processes, given.share)
        return
    with tempfile.TemporaryDirectory(prefix="bench-") as work:
        for label in TARGETS:
            folder = Path(work) / label
            folder.mkdir()
            for n in range(given.files):
                write_book(folder / f"2015年调解{n:04}.xlsx", given.rows, n, label == "rich")
            compare(label, folder, given.processes, given.repeat)


if __name__ == "__main__":
    main()
