"""What a run with one new file costs after many deliveries, against what it cost after few.

    python -m tests.bench.history [--files 200] [--one-by-one] [--most 1.5]

Workbooks with a fault in every fifth row, so that each goes back to its district. After ten of them there are ten runs with one
more each, all steps but Prefect's; then others arrive, together or with a run each, and there are ten more. What is compared
is the median processor time of this process for each step, its memory, and the size of the files; exit code 1 where a run
takes more than `--most` times as long.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median

import xlsxwriter

from flows.contract.paths import Paths
from flows.contract.units import reference
from flows.ingest.vault import Vault
from flows.metrics.refresh import measure
from flows.normalise.build import build
from flows.returns.write_returns import write_returns
from flows.warehouse.publish import publish
from flows.warehouse.verify import require
from tests.soak.pipeline import score
from tests.soak.rounds import closable_scheme
from tests.support.scheme import assessed
from tests.support.world import HEADER, case

FEW, RUNS = 10, 10


def arrive(inbox: Path, number: int) -> None:
    """The next workbook: one month of one unit."""
    units = assessed()
    year, month = divmod(number // len(units), 12)
    day = f"{2015 + year}-{month + 1:02}"
    folder = inbox / units[number % len(units)].name
    folder.mkdir(parents=True, exist_ok=True)
    with xlsxwriter.Workbook(str(folder / f"{day[:4]}年{month + 1}月调解台账.xlsx")) as book:
        sheet = book.add_worksheet("台账")
        rows = (case(100 * number + n, f"{day}-05", f"{day}-30" if n % 5 else f"{day}-32") for n in range(20))
        for row, line in enumerate([HEADER, *rows]):
            sheet.write_row(row, 0, line.split(","))


def memory() -> float:
    """Resident MiB of this process."""
    with Path("/proc/self/statm").open(encoding="ascii") as stream:
        return int(stream.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def size(folder: Path) -> float:
    return sum(p.stat().st_size for p in folder.rglob("*") if p.is_file()) / 2**20


def run(paths: Paths, root: Path, day: int) -> dict[str, float]:
    """Every step once; what each took, and what there is afterwards."""
    moment = datetime(2016, 1, 5) + timedelta(days=day)
    steps: dict[str, Callable[[], object]] = {
        "trust": lambda: require(paths),
        "intake": lambda: Vault(paths.vault).take_in(paths.inbox, moment, reference().resolve_sender),
        "load": lambda: build(paths),
        "measure": lambda: measure(paths),
        "score": lambda: score(paths, paths.inbox, root),
        "publish": lambda: publish(paths),
        "returns": lambda: write_returns(paths),
    }
    out = {"run": 0.0}
    for step, deed in steps.items():
        begun = time.process_time()
        deed()
        out[step] = time.process_time() - begun
        out["run"] += out[step]
    return out | {
        "MiB memory": memory(),
        "MiB warehouse": size(paths.warehouse),
        "MiB vault": size(paths.vault),
    }


def main() -> int:
    ask = argparse.ArgumentParser(
        description="What a run costs after many deliveries, against what it cost after few."
    )
    ask.add_argument("--files", type=int, default=200)
    ask.add_argument("--one-by-one", action="store_true", help="each file arrives with a run of its own")
    ask.add_argument("--most", type=float, default=1.5)
    asked = ask.parse_args()
    figures: list[dict[str, float]] = []
    with tempfile.TemporaryDirectory() as name:
        root, paths = closable_scheme(Path(name) / "root"), Paths(Path(name) / "data")
        for number in range(asked.files):
            arrive(paths.inbox, number)
            is_looked_at = FEW <= number < FEW + RUNS or number >= asked.files - RUNS
            if is_looked_at or asked.one_by_one or number in (FEW - 1, asked.files - RUNS - 1):
                figures.append(run(paths, root, number) | {"is_looked_at": is_looked_at})
    figures = [f for f in figures if f.pop("is_looked_at")]
    grown = {}
    print(f"one more file after {FEW}, after {asked.files - RUNS}, and the ratio")
    for what in figures[0]:
        few, many = (median(f[what] for f in of) for of in (figures[:RUNS], figures[RUNS:]))
        grown[what] = many / few
        print(f"  {what:13} {few:8.3f} {many:8.3f} {grown[what]:6.2f}", flush=True)
    return int(grown["run"] > asked.most)


if __name__ == "__main__":
    sys.exit(main())
