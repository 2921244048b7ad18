"""Rows of an indicator in columns of numpy, and what sets of them come to in every period at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import duckdb
import numpy as np
import pandas as pd

from flows.contract.catalogue import records
from flows.contract.indicator import Indicator
from flows.metrics.indicator_sql import compile_indicator, union
from tests.metrics.recount.facts import NEVER, Matrix

#: An entry per row, or per period.
Column = Any

_ROWS = """
create or replace temporary table row_to_count as
select indicator_id, unit_code, coalesce(category, '') as category, part_id, hex(subject) as subject,
  coalesce(event_date, from_on) - date '1970-01-01' as since_on,
  coalesce(event_date, to_on, case when from_on is not null then date '9999-12-31' end) - date '1970-01-01' as until_on,
  cast(numerator * 1000000 as bigint) as numerator, cast(denominator * 1000000 as bigint) as denominator, is_accepted, is_open
from (select *, true as is_accepted, false as is_open from ({accepted})
  union all by name select *, false as is_accepted, open_columns is not null as is_open from ({undecided})) as r
"""


class Rows(NamedTuple):
    """Rows of one indicator, an entry per row in each column. Days are numbers since 1970, amounts whole millionths."""

    unit: Column
    category: Column  # '' where there is none
    part: Column
    subject: Column  # a number per different one, -1 where there is none
    year: Column  # what the subject of a streak says
    since: Column
    until: Column
    numerator: Column
    has_numerator: Column
    denominator: Column
    has_denominator: Column
    is_accepted: Column
    is_open: Column  # undecided for a column that nobody understands, not as a rejected row
    before: Column  # day from which the row's unit no longer counts for the one that is asked for
    is_own_of_city: Column
    inside: Matrix  # accepted, and in the period for certain
    may: Matrix  # in the period, perhaps

    def where(self, mask: Column) -> Rows:
        return Rows(*(column[mask] for column in self))

    def placed(self, inside: Matrix, may: Matrix) -> Rows:
        return self._replace(inside=inside & may & self.is_accepted[:, None], may=may)

    def sums(self, of: str, matrix: Matrix) -> list[int | None]:
        """Sum of a column per period; None where no row of the matrix has an amount."""
        amounts, known = getattr(self, of), getattr(self, f"has_{of}").astype("int64")
        found = zip((amounts * known) @ matrix, known @ matrix, strict=True)
        return [int(total) if rows else None for total, rows in found]

    def upper_sums(self, of: str) -> list[int | None]:
        """The most a sum can be; None where an amount is unknown of a row that may count."""
        unknown = self.may[~self.is_accepted & ~getattr(self, f"has_{of}")].sum(axis=0)
        return [None if n else total or 0 for n, total in zip(unknown, self.sums(of, self.may), strict=True)]

    def by_subject(self, matrix: Matrix, subjects: int) -> Matrix:
        """Subjects by periods: whether any row of each counts."""
        out = np.zeros((subjects, matrix.shape[1]), dtype=bool)
        known = np.flatnonzero(self.subject >= 0)
        order = known[np.argsort(self.subject[known], kind="stable")]
        if len(order):
            codes, starts = np.unique(self.subject[order], return_index=True)
            out[codes] = np.logical_or.reduceat(matrix[order], starts, axis=0)
        return out

    def distinct(self, matrix: Matrix) -> Column:
        """Different subjects per period."""
        return self.by_subject(matrix, self.subject.max(initial=-1) + 1).sum(axis=0)

    def anonymous(self, matrix: Matrix) -> Column:
        """Rows without a subject per period."""
        return matrix[self.subject < 0].sum(axis=0)

    def counts(self) -> tuple[Column, Column, Column, Column]:
        """Rows per period that count, that may, those of the latter that were not accepted, and of these the open ones."""
        rejected, is_open = (self.may[mask].sum(axis=0) for mask in (~self.is_accepted, self.is_open))
        return self.inside.sum(axis=0), (self.may & ~self.inside).sum(axis=0), rejected, is_open


def keep_rows(con: duckdb.DuckDBPyConnection, wanted: Mapping[str, Indicator] | None) -> None:
    """Keep the rows of indicators (None: all, as published) in a temporary table: what gives them is planned once."""
    accepted, undecided = "from metric.contribution", "from metric.undecided"
    if wanted is not None:  # the same without all others
        compiled = [compile_indicator(con, indicator, records()) for indicator in wanted.values()]
        accepted, undecided = (
            union([c.accepted for c in compiled]),
            union([c.undecided for c in compiled], "open_columns"),
        )
    con.execute(_ROWS.format(accepted=accepted, undecided=undecided))


def rows_of(con: duckdb.DuckDBPyConnection, indicator: str, periods: int) -> Rows:
    query = con.execute("from row_to_count where indicator_id = $indicator", {"indicator": indicator})
    column = {name: np.ma.asarray(values) for name, values in query.fetchnumpy().items()}
    is_known = {name: ~np.ma.getmaskarray(values) for name, values in column.items()}
    n = len(column["part_id"])
    subjects = column["subject"].filled("").astype(object)
    subjects[~is_known["subject"]] = None
    nowhere = np.zeros((n, periods), dtype=bool)
    return Rows(
        unit=column["unit_code"].filled("").astype(object),
        category=column["category"].filled("").astype(object),
        part=column["part_id"].filled(0),
        subject=pd.factorize(subjects)[0],
        year=np.array([_year(text) for text in subjects], dtype=int),
        since=column["since_on"].filled(NEVER),
        until=column["until_on"].filled(-NEVER),
        numerator=column["numerator"].filled(0),
        has_numerator=is_known["numerator"],
        denominator=column["denominator"].filled(0),
        has_denominator=is_known["denominator"],
        is_accepted=column["is_accepted"].filled(False).astype(bool),
        is_open=column["is_open"].filled(False).astype(bool),
        before=np.full(n, NEVER),
        is_own_of_city=np.zeros(n, dtype=bool),
        inside=nowhere,
        may=nowhere,
    )


def _year(subject: str | None) -> int:
    """What four digits say; -1 for a keyed hash."""
    is_year = subject is not None and len(subject) == 8 and subject[::2] == "3333"
    return int(subject[1::2]) if subject and is_year else -1
