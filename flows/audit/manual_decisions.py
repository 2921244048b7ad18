"""RecordedDecision decisions and scores read again from the vault: corrections of figures, rulings, scores of raters.

They are records like any other. A row that is not what the published edition has, or is no longer accepted, is a
difference; what it says about a person is not shown.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import duckdb

from flows.audit.compare import sources_of
from flows.audit.proof_model import Difference, RecordedDecision, ShownCell
from flows.audit.redact import ADDRESSES, Address, asked_for, cells_of
from flows.audit.year_again import YearAgain
from flows.contract.catalogue import records
from flows.contract.record import ColumnType


def read_again(
    year: YearAgain, found: Collection[RecordedDecision]
) -> tuple[list[RecordedDecision], list[Difference]]:
    """The same records with their source and cells, and where the files say something else."""
    addresses = {(r.part_id, r.row_number) for r in found}
    sources = sources_of(year.prover.edition, {part for part, _ in addresses})
    differences: list[Difference] = []
    cells: dict[Address, tuple[ShownCell, ...]] = {}
    for name in sorted({s.record for s in sources.values()}):
        mine = {a for a in addresses if a[0] in sources and sources[a[0]].record == name}
        differences += _compared(year.prover.edition, year.prover.again.con, name, mine)
        record = records()[name]
        columns = [
            (stored, column)
            for stored, _, column in record.stored_columns
            if column is not None and not column.derive and column.type is not ColumnType.UNIT
        ]
        cells |= cells_of(year.prover.again.con, record, columns, mine)
    shown = [
        replace(r, source=sources.get(r.part_id), cells=cells.get((r.part_id, r.row_number), ()))
        for r in found
    ]
    return shown, differences


def _compared(
    edition: duckdb.DuckDBPyConnection, con: duckdb.DuckDBPyConnection, name: str, addresses: set[Address]
) -> list[Difference]:
    left_out = ("part_id", "row_number", "issues")
    known = set(
        con.table(f"core.{name}").columns
    )  # older code may have had fewer columns, or in another order
    shared = [c for c in edition.table(f"core.{name}").columns if c in known and c not in left_out]
    query = (
        f"select c.part_id, c.row_number, {', '.join(f'c.{column}' for column in shared)} from core.{name} as c "
        f"semi join {ADDRESSES} as a on a.part_id = c.part_id and a.row_number = c.row_number"
    )
    before, now = (
        {row[:2]: row for row in c.execute(query, asked_for(addresses)).fetchall()} for c in (edition, con)
    )
    return [
        Difference("row_differs", part_id=part, row_number=row)
        for part, row in sorted(addresses)
        if before.get((part, row)) != now.get((part, row)) or (part, row) not in now
    ]
