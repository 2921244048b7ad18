"""How long any span of days takes: `metric.in_span` over a year beside the same year out of `metric.value`.

Both give all units, indicators and categories of the year, and are asked in turn; the ratio is the median over the repeats. A warehouse of
the sample is asked for (`make run` leaves one); times are of this machine, the ratio is not.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, process_time

from flows import settings
from flows.database.connect import open_published

_ASKED = {
    "metric.value": "select * exclude (period_id) from metric.value where period_id = '{year}'",
    "metric.in_span": "from metric.in_span(date '{year}-01-01', date '{year}-12-31')",
    "an odd span": "from metric.in_span(date '{year}-01-17', date '{year}-11-03')",
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--warehouse", type=Path, default=settings.paths().warehouse_file())
    parser.add_argument("--year", type=int, default=2015)
    parser.add_argument("--repeat", type=int, default=15)
    arguments = parser.parse_args()
    with open_published(arguments.warehouse) as con:
        taken: dict[str, list[tuple[float, float]]] = {name: [] for name in _ASKED}
        rows = {}
        for _ in range(arguments.repeat):
            for name, query in _ASKED.items():
                asked = query.format(year=arguments.year)
                rows[name] = len(con.execute(asked).fetchall())  # warm
                taken[name].append(_seconds(lambda asked=asked: con.execute(asked).fetchall()))
    for name, times in taken.items():
        wall, cpu = (
            statistics.median(t[n] / taken["metric.value"][k][n] for k, t in enumerate(times)) for n in (0, 1)
        )
        print(
            f"{name:>15}  {rows[name]:,} rows  {statistics.median(t[0] for t in times) * 1000:5.0f} ms  "
            f"{wall:5.1f} x metric.value ({cpu:.1f} x in processor time)"
        )


def _seconds(run: Callable[[], object]) -> tuple[float, float]:
    start, busy = perf_counter(), process_time()
    run()
    return perf_counter() - start, process_time() - busy


if __name__ == "__main__":
    main()
