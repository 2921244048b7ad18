"""Past results of the sample are what scoring its earlier years gives; here they are recorded.

    python -m tests.past_result

A year's results are among the records that later years are scored from. So the sample is made and scored, its results
of 2011 to 2014 are written to `data/plan/past_result.csv`, and it is made again until nothing changes: each round
settles one year more. To be run whenever `tests/test_sample_truth.py` says that the two differ.
"""

from __future__ import annotations

import csv
import tempfile
from pathlib import Path

import duckdb

from flows.sample.plan import PLAN
from tests.golden import publish_sample

FILE = PLAN / "past_result.csv"
#: The results of decided years, in the columns of the file.
SCORED = """
select year, unit_code, total_points::decimal(18, 2), group_rank, overall_rank, grade
from assess.result where year < 2015 order by year, overall_rank, unit_code"""


def record(scored: list[tuple[object, ...]]) -> bool:
    """Put results in place of those of their years; whether anything changed."""
    with FILE.open(encoding="utf-8", newline="") as stream:
        header, *old = csv.reader(stream)
    new = [list(map(str, row)) for row in scored]
    years = {row[0] for row in new}
    lines = [row for row in old if row[0] not in years] + new
    with FILE.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows([header, *lines])
    return lines != old


def main() -> None:
    """Rounds until the results stay the same."""
    for number in range(1, 7):
        with tempfile.TemporaryDirectory() as folder:
            published = publish_sample(Path(folder), None, None)
            with duckdb.connect(str(published), read_only=True) as con:
                changed = record(con.execute(SCORED).fetchall())
        print(f"round {number}: {'changed' if changed else 'the same'}", flush=True)
        if not changed:
            return
    raise SystemExit("results do not settle: does a year's scoring read its own result?")


if __name__ == "__main__":
    main()
