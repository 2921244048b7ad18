"""Deliveries read once more from the vault into a database of their own, by the same reader and the same INSERT.

The database lies in the vault's closed folder and goes with the proof. Which parts count, and which row wins a key, is
taken over from the published edition: what is proven is the number of that edition, not the next one.
"""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from flows.contract.catalogue import records
from flows.contract.paths import Paths
from flows.contract.units import reference
from flows.database.connect import LOAD_MEMORY, literal, open_for_writing
from flows.ingest.delivery import Delivery
from flows.ingest.ledger import VaultError
from flows.ingest.lock import run_lock
from flows.ingest.vault import Vault
from flows.language import _
from flows.normalise.load import Progress, load
from flows.normalise.schema import create


@dataclass(frozen=True)
class UnsoundDelivery:
    """A delivery that cannot be read again as it was; `code`: missing in the ledger, or file_changed."""

    delivery_id: int
    code: str
    detail: str


@dataclass(frozen=True)
class _ReloadedDeliveries:
    """Deliveries read again: `con` holds their rows, `sound` are those whose bytes are as they arrived."""

    con: duckdb.DuckDBPyConnection
    sound: tuple[Delivery, ...]
    unsound: tuple[UnsoundDelivery, ...]

    def take_over_losers(self, edition: duckdb.DuckDBPyConnection, parts: Sequence[int]) -> None:
        """Which rows lose their key to another delivery's, as the edition has it."""
        losers = edition.execute(
            "from meta.loser where list_contains($parts, part_id)", {"parts": list(parts)}
        )
        self.con.register("edition_loser", losers.to_arrow_table())
        self.con.execute("insert into meta.loser from edition_loser")
        self.con.unregister("edition_loser")


@contextmanager
def reload_deliveries(
    paths: Paths,
    wanted: Sequence[int],
    kinds: Collection[str],
    in_force: Sequence[int],
    progress: Progress | None = None,
) -> Iterator[_ReloadedDeliveries]:
    """A database with the rows that the wanted deliveries have of some record kinds; those of the parts `in_force` count.

    Every file is first held against the SHA-256 of its line in the ledger; one that differs is not read.
    """
    vault = Vault(paths.vault)
    known = {d.delivery_id: d for d in vault.deliveries()}
    sound, unsound = [], []
    for done, number in enumerate(sorted(wanted), 1):
        if number not in known:
            unsound.append(UnsoundDelivery(number, "ledger_lacks", ""))
        elif (problem := _changed(vault, known[number])) is not None:
            unsound.append(UnsoundDelivery(number, "file_changed", problem))
        else:
            sound.append(known[number])
        if progress:
            progress(_("bytes compared"), done, len(wanted))
    paths.temporary.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (
        tempfile.TemporaryDirectory(prefix="proof-", dir=paths.temporary) as folder,
        run_lock(Path(folder) / "lock"),  # a run clears away what nobody holds
        open_for_writing(Path(folder) / "proof.duckdb") as con,
    ):
        con.execute(f"set memory_limit = '{LOAD_MEMORY}'")
        con.execute(f"set temp_directory = {literal(folder)}")
        create(con, records(), reference())
        load(con, vault, sound, records(), progress, kinds)
        con.execute(
            "update meta.part set in_force = list_contains($parts, part_id)", {"parts": list(in_force)}
        )
        shown = tuple(replace(d, name=vault.redacted(d.name)) for d in sound)  # as the edition names them
        yield _ReloadedDeliveries(con, shown, tuple(unsound))


def _changed(vault: Vault, delivery: Delivery) -> str | None:
    """What is wrong with a delivery's file, None if its bytes are those that arrived."""
    try:
        vault.path(delivery.sha256)
    except VaultError as error:
        return str(error)
    return None
