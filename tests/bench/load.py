"""The CSV path against DuckDB's bare load, on the same made-up member rolls, as ratios within one run.

    python -m tests.bench.load [--rows 1000000 5000000] [--files 400] [--repeat 3]

Prints, per size, the median seconds of `create table as from read_csv(all_varchar)` and of the whole path
(read, parse, validate, account, store), their ratio and the peak memory of the whole path in a process of
its own; then the same rolls as many files against one glob; then one changed file of them, from intake
to the swapped warehouse, against the full run. Runs alternate, after one warm-up.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path

import duckdb

from flows.contract.paths import Paths
from tests.bench.rolls import write_roll

DAY = datetime(2016, 1, 5)


def bare(source: str, work: Path) -> float:
    """Seconds of the bare load of a file or glob into a fresh database file."""
    file = work / "bare.duckdb"
    file.unlink(missing_ok=True)
    start = time.perf_counter()
    con = duckdb.connect(str(file))
    con.execute(f"create table t as from read_csv('{source}', all_varchar = true)")
    con.close()
    return time.perf_counter() - start


def in_child(step: str, work: Path, turn: int = 0) -> dict[str, float]:
    """Run one step of this file in a process of its own; its seconds and peak memory."""
    command = [
        sys.executable,
        "-m",
        "tests.bench.load",
        "--step",
        step,
        "--work",
        str(work),
        "--turn",
        str(turn),
    ]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def step(name: str, work: Path, turn: int) -> None:
    """`take`: intake alone. `load`: everything in the vault into a new build. `full`: from intake to the swapped
    edition with nothing built yet. `change`: the same with all but one file built; each turn is a day later,
    as two files of one moment for one slot would be a tie."""
    import pandas as pd  # pyarrow imports it with its first array: starting the program is not timed

    from flows.contract.units import reference
    from flows.ingest.vault import Vault
    from flows.metrics.refresh import measure
    from flows.normalise.build import build
    from flows.warehouse.publish import publish

    assert pd.__version__
    paths = Paths(work / "data")
    vault = Vault(paths.vault)
    resolve = reference().resolve_sender
    if name in ("load", "full"):
        paths.build_file().unlink(missing_ok=True)
    if name == "load":
        build(paths, datetime(2000, 1, 1))  # an empty build: tables and macros are there, no delivery is
        paths.build_file(datetime(2000, 1, 1)).rename(paths.build_file())
    if name == "take":
        vault.take_in(paths.inbox, DAY, resolve)
        print("{}")
        return
    start = time.perf_counter()
    if name != "load":
        vault.take_in(paths.inbox, datetime(2016, 2, 1) + turn * timedelta(days=1), resolve)
    result = build(paths)
    if name != "load":
        measure(paths)
        publish(paths)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(
        json.dumps(
            {
                "seconds": seconds,
                "peak_mib": peak / 1024,
                "accepted": result.accepted,
                "rejected": result.rejected,
            }
        )
    )


def fresh(work: Path) -> Path:
    shutil.rmtree(work / "data", ignore_errors=True)
    inbox = work / "data" / "inbox" / "永川区总工会"
    inbox.mkdir(parents=True)
    return inbox


def compare(label: str, source: str, work: Path, repeat: int) -> None:
    in_child("take", work)
    ours, theirs, peaks = [], [], []
    for turn in range(repeat + 1):
        b, o = bare(source, work), in_child("load", work)
        if turn:
            theirs.append(b)
            ours.append(o["seconds"])
            peaks.append(o["peak_mib"])
    ratio = statistics.median(o / b for o, b in zip(ours, theirs, strict=True))
    print(
        f"{label:>24}  bare {statistics.median(theirs):6.2f} s  path {statistics.median(ours):6.2f} s  "
        f"ratio {ratio:4.2f}  peak {max(peaks):5.0f} MiB  accepted {o['accepted']:,}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, nargs="*", default=[1_000_000, 5_000_000])
    parser.add_argument("--files", type=int, default=400)
    parser.add_argument("--file-rows", type=int, default=12_500)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--step")
    parser.add_argument("--turn", type=int, default=0)
    parser.add_argument("--work", type=Path)
    arguments = parser.parse_args()
    if arguments.step:
        step(arguments.step, arguments.work, arguments.turn)
        return
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        work = Path(folder)
        for rows in arguments.rows:
            roll = fresh(work) / "会员名册截至2015年12月31日.csv"
            write_roll(roll, rows)
            compare(f"one file, {rows:,} rows", str(roll), work, arguments.repeat)
        if arguments.files:
            many(work, arguments.files, arguments.file_rows, arguments.repeat)


def many(work: Path, files: int, rows: int, repeat: int) -> None:
    """As many files as there are unit × month-end rolls; then one of them sent again, changed."""
    from flows.contract.units import reference

    fresh(work)
    inbox = work / "data" / "inbox"
    units = reference().assessed_on(DAY.date())

    def send(number: int, rows: int) -> None:
        unit, month = units[number % len(units)], 1 + number // len(units) % 12
        folder = inbox / unit.name
        folder.mkdir(exist_ok=True)
        places = [
            d.name
            for d in reference().divisions_of(unit.unit_code)
            if d.valid_from <= DAY.date() <= d.valid_to
        ]
        write_roll(folder / f"会员名册2015年{month}月.csv", rows, number * rows, places)

    for number in range(files):
        send(number, rows)
    compare(f"{files} files x {rows:,}", f"{inbox}/*/*.csv", work, repeat)
    full, change = [], []
    for turn in range(repeat + 1):
        shutil.rmtree(work / "data" / "vault")
        whole = in_child("full", work)
        send(0, rows - 7 - turn)
        one = in_child("change", work, 1 + turn)
        if turn:
            full.append(whole["seconds"])
            change.append(one["seconds"])
    ratio = statistics.median(c / f for c, f in zip(change, full, strict=True))
    print(
        f"{'one changed file':>24}  full {statistics.median(full):6.2f} s  change {statistics.median(change):6.2f} s  "
        f"ratio 1/{1 / ratio:.0f}",
        flush=True,
    )


if __name__ == "__main__":
    main()
