"""From a published number to its rows: the parts it may rest on, which of their rows count for the period, and their sum.

`sql/audit/lineage_part.sql` asks the published file, before anything is read again, whose tables count for the unit and which
rolls stand on the last day. `place_rows.sql` and `sum_rows.sql` then run over the rows that were read again. Counts and sums
alone are made here; what silence means and how far a number is uncertain is the aggregation's (`sql/metric`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, NamedTuple

import duckdb

from flows.audit.proof_model import CountedRow, RowSum, StreakYear
from flows.contract.catalogue import ROOT, records
from flows.contract.indicator import Shape
from flows.database.connect import run_file
from flows.metrics.indicator_sql import IndicatorSql
from flows.metrics.values import adds_own

_FOLDER = ROOT / "sql" / "audit"
_FETCHED = 20_000


@dataclass(frozen=True)
class Lineage:
    """What a number of one unit and period may rest on.

    `units`: whose rows count for it. `parts`: what is read again; `standing`: those of them that are the rolls of the last
    day; `other_rolls`: rolls of other days, of which nothing counts. `table`: all of it, with the days of the changes.
    """

    units: tuple[str, ...]
    parts: tuple[int, ...]
    standing: tuple[int, ...]
    other_rolls: tuple[int, ...]
    table: Any  # Arrow table


def lineage_of(
    edition: duckdb.DuckDBPyConnection, compiled: IndicatorSql, unit: str, first_on: date, last_on: date
) -> Lineage:
    """What a number may rest on, as the published file says.

    Args:
        edition: The published file.
        compiled: The indicator.
        unit: The unit that the number is of.
        first_on: First day of its period.
        last_on: Last day of its period.

    Returns:
        Units, parts and rolls; without a part nothing was handed in.
    """
    indicator = compiled.indicator
    has_rolls = compiled.family == "stock" or (compiled.family == "coverage" and indicator.at == "end")
    asked = {
        "unit": unit,
        "first": first_on,
        "last": last_on,
        "family": compiled.family,
        "records": list(indicator.records),
        "rolls": [name for name in indicator.records if has_rolls and records()[name].snapshot],
        "adds_own": adds_own(compiled, records()) or compiled.family == "streak",
    }
    table = run_file(edition, _FOLDER / "lineage_part.sql", asked).to_arrow_table()
    units = {unit}
    read, standing, others = set[int](), set[int](), set[int]()
    for part in table.to_pylist():
        units.add(part["unit_code"])
        if part["snapshot_on"] is None or part["stands"]:
            read.add(part["part_id"])
        if part["snapshot_on"] is not None:
            (standing if part["stands"] else others).add(part["part_id"])
    return Lineage(
        tuple(sorted(units)),
        tuple(sorted(read)),
        tuple(sorted(standing)),
        tuple(sorted(others - read)),
        table,
    )


class PeriodAsked(NamedTuple):
    """First and last day, and the category; None is the total."""

    first_on: date
    last_on: date
    category: str | None = None


class PlacedRows:
    """The rows in `found_row` of a connection, placed for one period and category."""

    def __init__(
        self, con: duckdb.DuckDBPyConnection, compiled: IndicatorSql, lineage: Lineage, asked: PeriodAsked
    ) -> None:
        self._con = con
        self._shape = compiled.indicator.shape
        self._sides: dict[str, object] = {
            "family": compiled.family,
            "shape": self._shape.value,
            "by_person": compiled.family in ("event", "coverage") or compiled.by_subject,
        }
        con.register("lineage_part", lineage.table)
        named = {"category": asked.category, "first": asked.first_on, "last": asked.last_on}
        run_file(con, _FOLDER / "place_rows.sql", self._sides | named)
        con.unregister("lineage_part")
        self._last_on = asked.last_on

    def sum(self) -> RowSum:
        """What the rows that count come to; no numerator where no row says anything."""
        query = run_file(self._con, _FOLDER / "sum_rows.sql", self._sides)
        names = [column[0] for column in query.description]
        [row] = query.fetchall()
        found = dict(zip(names, row, strict=True))
        editions = tuple(sorted(found.pop("editions") or (), key=lambda text: (len(text), text)))
        numerator, denominator = _exact(found.pop("numerator")), _exact(found.pop("denominator"))
        years: tuple[StreakYear, ...] = ()
        if found["records"] == 0:
            denominator = None if self._shape is Shape.COVERAGE else denominator
            numerator = None
        elif self._shape is Shape.STREAK:
            years = self._years()
            numerator = Fraction(sum(year.in_run for year in years))
        repeats = found["records"] - found["subjects"] if self._sides["by_person"] else 0
        return RowSum(numerator, denominator, **found, repeats=repeats, editions=editions, years=years)

    def _years(self) -> tuple[StreakYear, ...]:
        """The run of awarded years that ends with the last decided one; decided is a year by the middle of the next."""
        rows = self._con.execute(
            "select cast(shown_subject as integer) as award_year, bool_or(numerator > 0) from placed_row "
            "where reason is null group by award_year order by award_year"
        ).fetchall()
        awarded, run = dict(rows), 0
        last = max(awarded)
        oldest = self._last_on.year - (2 if self._last_on.month <= 6 else 1)
        while last >= oldest and awarded.get(last - run):
            run += 1
        return tuple(StreakYear(year, is_awarded, year > last - run) for year, is_awarded in rows)

    def counted(self, limit: int | None = None) -> Iterator[CountedRow]:
        """The rows that count (at most `limit`), those of one person together."""
        query = self._con.execute(
            "select part_id, row_number, unit_code, since_on, until_on, category, numerator, denominator, shown_subject, "
            "case when is_population then 'population' when $is_coverage then 'reached' end as side from placed_row "
            "where reason is null order by place limit $limit",
            {"is_coverage": self._shape is Shape.COVERAGE, "limit": limit},
        )
        while batch := query.fetchmany(_FETCHED):
            for row in batch:
                values: list[Any] = [*row[:6], _exact(row[6]), _exact(row[7]), *row[8:]]
                yield CountedRow(*values)

    def counted_by_part(self) -> dict[int, int]:
        """How many rows of each table count."""
        query = "select part_id, count(*) from placed_row where reason is null group by part_id"
        return dict(self._con.execute(query).fetchall())

    def not_counted(self, parts: list[int], limit: int) -> tuple[list[tuple[int, int, str]], dict[str, int]]:
        """Rows of some tables that the SELECT gives and that lie elsewhere: the first ones, and counts by reason."""
        mine = "from placed_row where reason is not null and list_contains($parts, part_id)"
        rows = self._con.execute(
            f"select part_id, row_number, reason {mine} order by place limit $limit",
            {"parts": parts, "limit": limit},
        ).fetchall()
        counts = self._con.execute(f"select reason, count(*) {mine} group by reason", {"parts": parts})
        return rows, dict(counts.fetchall())


def _exact(amount: Any) -> Fraction | None:
    return None if amount is None else Fraction(amount)
