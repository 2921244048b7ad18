"""Every number of `metric.value` counted once more, by rules written apart from `sql/metric`.

What an indicator's SELECT gives (`metric.contribution`, `metric.undecided`) is taken as it is; what those rows come to for
each unit, period and category is decided here a second time: which rows lie in a period, who counts for whom, which roll
stands, what silence means, and between which bounds a number lies. An oracle for tests and nothing else: it holds all rows in
memory, and a number that it does not share with the aggregation is a mistake in one of the two.

It thinks in matrices of rows by periods where the aggregation joins; amounts are whole millionths, so that sums are exact.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import duckdb

from flows.contract.indicator import Indicator, indicators
from tests.metrics.recount.count import Count, Key
from tests.metrics.recount.facts import Facts
from tests.metrics.recount.number import Number
from tests.metrics.recount.rows import keep_rows, rows_of


def recount(
    con: duckdb.DuckDBPyConnection, wanted: Mapping[str, Indicator] | None = None
) -> Iterator[tuple[Key, Number]]:
    """Every number of the wanted indicators (all, if none is named) as `metric.value` should have it, in no order."""
    asked, facts = wanted or indicators(), Facts(con)
    keep_rows(con, wanted)
    for name, indicator in asked.items():
        yield from Count(facts, indicator, rows_of(con, name, len(facts.periods))).numbers()
    con.execute("drop table row_to_count")


def differing(
    con: duckdb.DuckDBPyConnection, wanted: Mapping[str, Indicator] | None = None
) -> tuple[int, dict[Key, tuple[Number | None, Number | None]]]:
    """How many numbers were compared, and those that differ: as `metric.value` has them, as they were recounted."""
    published: dict[Key, Number] = {
        row[:4]: Number(*row[4:])
        for row in con.execute(
            f"select indicator_id, unit_code, period_id, category, {', '.join(Number._fields)} from metric.value "
            "where list_contains($wanted, indicator_id)",
            {"wanted": list(wanted or indicators())},
        ).fetchall()
    }
    out: dict[Key, tuple[Number | None, Number | None]] = {}
    compared = 0
    for key, number in recount(con, wanted):
        compared += 1
        if (found := published.pop(key, None)) != number:
            out[key] = found, number
    return compared, out | {key: (number, None) for key, number in published.items()}
