"""How long what a run leaves for people takes, beside scoring the same years once: page, workbook, letters, tables.

    python -m tests.bench.results DATA [--year 2015] [--repeats 3]

DATA is the data folder of a finished run; nothing in it is changed. Scoring runs in a copy of the published file and is rolled back. Both are
measured in turn by processor time, children included (LibreOffice makes the PDF files), and the ratio is the median over the repeats.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path

import duckdb

from flows.assess.score_years import score_years
from flows.contract.paths import Paths
from flows.normalise.schema import load_macros
from flows.report.results.write_results import write_results


def taken(call: Callable[[], object]) -> float:
    """Seconds of processor time, those of children that ended included."""
    before = os.times()
    call()
    after = os.times()
    return sum(after[:4]) - sum(before[:4])


def scoring(file: Path, year: int) -> float:
    """All years up to one scored in a copy of the published file."""
    with duckdb.connect(str(file)) as con:
        load_macros(con)
        con.execute("begin")
        seconds = taken(lambda: score_years(con, year))
        con.execute("rollback")
    return seconds


def written(warehouse: Path, folder: Path, year: int, has_pdf: bool) -> float:
    """Everything of a year written into an empty folder."""
    paths = Paths(folder)
    paths.warehouse.mkdir(parents=True)
    paths.warehouse_file().symlink_to(warehouse.resolve())
    kept = os.environ["PATH"]
    try:
        if not has_pdf:
            os.environ["PATH"] = ""
        return taken(lambda: write_results(paths, year))
    finally:
        os.environ["PATH"] = kept


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("data", type=Path)
    asked.add_argument("--year", type=int, default=2015)
    asked.add_argument("--repeats", type=int, default=3)
    given = asked.parse_args()
    warehouse = Paths(given.data).warehouse_file()
    rows = []
    for _ in range(given.repeats):
        with tempfile.TemporaryDirectory() as name:
            copy = Path(name) / "copy.duckdb"
            shutil.copy(warehouse, copy)
            copy.chmod(0o600)
            scored = scoring(copy, given.year)
            bare = written(warehouse, Path(name) / "bare", given.year, has_pdf=False)
            whole = written(warehouse, Path(name) / "whole", given.year, has_pdf=True)
        rows.append((scored, bare, whole))
        print(f"scoring {scored:.2f} s, results {bare:.2f} s, with PDF {whole:.2f} s of processor time")
    print(f"results / scoring: {statistics.median(b / s for s, b, _ in rows):.2f}")
    print(f"results with PDF / scoring: {statistics.median(w / s for s, _, w in rows):.2f}")


if __name__ == "__main__":
    main()
