"""What would count if some deliveries were withdrawn, or counted again: asked before it is written down.

The answer is that of the next run: a copy of the build is brought up to the supposed ledger by the same statements, and set
beside the build. Refuses to estimate: without a build of this very code and ledger the figures are not known before a run.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

import duckdb

from flows.contract.paths import Paths
from flows.database.connect import METRIC_MEMORY, attach_read_only, open_for_writing, open_published, sql_text
from flows.ingest.delivery import Delivery
from flows.ingest.vault import Vault
from flows.metrics.refresh import measure_stale
from flows.normalise.build import is_sound, suppose


@dataclass(frozen=True)
class SupposedPart:
    """A table of one of the deliveries. `instead`: the delivery whose table counts for the same slot then."""

    part_id: int
    delivery_id: int
    label: str
    sheet: str
    covers_from: date | None
    covers_to: date | None
    rows_accepted: int
    rows_rejected: int
    counts_now: bool
    counts_then: bool
    instead: int | None


@dataclass(frozen=True)
class SupposedValue:
    """A value of a calendar year that would be another; states in words, where there is no number."""

    unit: str
    year: str
    indicator: str
    measure: str
    state_now: str | None
    now: Decimal | None
    state_then: str | None
    then: Decimal | None


@dataclass(frozen=True)
class _LedgerEffect:
    """What a decision changes. `is_known`: there is a build to ask; `values` has every unit's calendar years."""

    is_known: bool
    parts: tuple[SupposedPart, ...] = ()
    values: tuple[SupposedValue, ...] = ()


def effect_of(paths: Paths, deliveries: Collection[Delivery], withdrawn_at: datetime | None) -> _LedgerEffect:
    """What follows if deliveries are withdrawn at a moment, or with None count again; nothing is changed."""
    vault, build = Vault(paths.vault), paths.build_file()
    if not _is_known(paths, vault):
        return _LedgerEffect(False)
    ids = {d.delivery_id for d in deliveries}
    supposed = [
        replace(d, withdrawn_at=withdrawn_at) if d.delivery_id in ids else d for d in vault.deliveries()
    ]
    paths.temporary.mkdir(parents=True, exist_ok=True, mode=0o700)
    copy = paths.temporary / "supposed.duckdb"
    try:
        shutil.copyfile(build, copy)
        copy.chmod(0o600)
        with open_for_writing(copy) as con:
            con.execute(f"set memory_limit = '{METRIC_MEMORY}'")
            suppose(con, vault, supposed)
            measure_stale(con)
            attach_read_only(con, build, "before")
            parts = con.execute(sql_text("ask", "supposed_parts"), {"ids": sorted(ids)}).fetchall()
            values = con.execute(sql_text("ask", "supposed_values")).fetchall()
    finally:
        for left in (copy, copy.with_name(copy.name + ".wal")):
            left.unlink(missing_ok=True)
    return _LedgerEffect(
        True, tuple(SupposedPart(*p) for p in parts), tuple(SupposedValue(*v) for v in values)
    )


def _is_known(paths: Paths, vault: Vault) -> bool:
    if not paths.build_file().exists():
        return False
    try:
        with open_published(paths.build_file()) as con:
            measured = "select 1 from duckdb_tables() where schema_name = 'meta' and table_name = 'measured'"
            return is_sound(con, vault) and con.execute(measured).fetchone() is not None
    except duckdb.Error:  # a broken build is made anew by the next run
        return False
