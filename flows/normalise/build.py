"""The build: deliveries of the vault become rows, parts in force and issues of one database.

Only what is new is read; everything that depends on which part counts is derived again for the
record kinds and units that changed. Without the database the vault alone gives the same result.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from pathlib import Path

import duckdb

from flows.contract.catalogue import ROOT, records
from flows.contract.fingerprint import row_meaning
from flows.contract.paths import Paths
from flows.contract.record import Record
from flows.contract.units import reference
from flows.database.connect import is_in_format, is_trouble, open_build, run_file
from flows.database.seal import SEALED, broken_seals, seal
from flows.ingest.delivery import Delivery
from flows.ingest.lock import AlreadyRunningError, run_lock
from flows.ingest.vault import Vault
from flows.normalise.arrival import PARTS_PER_DELIVERY
from flows.normalise.key_sql import broken_references, find_losers, vanished, vanished_columns
from flows.normalise.load import Progress, load
from flows.normalise.record_sql import hash_parameters
from flows.normalise.returned_rows import match_returned
from flows.normalise.schema import bind_rules, create

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class BuildResult:
    """Counts of a finished build; `issues` that are open by severity, `changed_kinds` whose indicators are stale,
    `remade`: why it was made anew from the vault; `unread`: deliveries whose reader the system kills, which count nowhere."""

    deliveries: int
    parts: int
    rows_read: int
    accepted: int
    rejected: int
    duplicate: int
    ignored: int
    issues: Mapping[str, int]
    changed_kinds: tuple[str, ...]
    database: Path
    remade: str | None = None
    unread: tuple[int, ...] = ()


def build(paths: Paths, as_of: datetime | None = None, progress: Progress | None = None) -> BuildResult:
    """Bring the build database up to the vault (its deliveries received by `as_of`)."""
    vault = Vault(paths.vault)
    kinds = records()
    _clear_leftovers(paths)
    with _current_build(paths, vault, as_of) as (con, remade):
        deliveries = vault.deliveries(as_of)
        _forget_retried(con, vault, deliveries, kinds)
        _load_new(con, vault, deliveries, kinds, progress)
        changed = _derive(con, vault, deliveries, kinds)
        ledger = vault.chain.lines()
        con.execute(
            "update meta.run set deliveries = (select count(*) from meta.delivery), "
            "last_received_at = (select max(received_at) from meta.delivery), ledger_lines = $lines, ledger_head = $head",
            {"lines": len(ledger.events), "head": ledger.head},
        )
        result = replace(_result(con, changed, paths.build_file(as_of)), remade=remade)
    rows = result.rows_read, result.accepted, result.rejected, result.duplicate, result.ignored
    _log.info("%d deliveries, %d parts, %d kinds changed", result.deliveries, result.parts, len(changed))
    _log.info("%d rows: %d accepted, %d rejected, %d duplicate, %d ignored", *rows)
    return result


def _clear_leftovers(paths: Paths) -> None:
    """What was killed left its files in the vault's temporary folder; the caller holds the lock of a run, a trace that of its folder."""
    for left in paths.temporary.glob("*"):
        if left.is_file():
            left.unlink()
            continue
        with suppress(AlreadyRunningError):
            with run_lock(left / "lock"):
                pass
            shutil.rmtree(left, ignore_errors=True)


@contextmanager
def _current_build(
    paths: Paths, vault: Vault, as_of: datetime | None
) -> Iterator[tuple[duckdb.DuckDBPyConnection, str | None]]:
    """The build database there is, or an empty one with the reason why that could not be used.

    One that other code or another key made is thrown away. One that is damaged, was changed by hand, or holds what the
    ledger does not is kept aside, the last of them, for whoever asks what happened.
    """
    file, remade = paths.build_file(as_of), None
    with ExitStack() as opened:
        if file.exists():
            try:
                con = opened.enter_context(open_build(paths, as_of))
                is_begun = con.execute("from duckdb_tables() limit 1").fetchall()
                remade = _unusable(con, vault, as_of) if is_begun else _NOTHING
            except duckdb.Error as error:
                if is_trouble(error):
                    raise
                remade = "it cannot be read"
            if remade is None:
                con.execute("update meta.run set is_published = false where is_published")
                yield con, None
                return
            opened.close()
            aside = file.with_name(f"{file.stem}.aside{file.suffix}")
            for name in ("", ".wal"):
                if (old := file.with_name(file.name + name)).exists():
                    old.replace(aside.with_name(aside.name + name))
            if remade in (_OTHER_CODE, _NOTHING):
                aside.unlink()
            else:
                remade += f"; it is kept as {aside}"
            _log.warning("the build is made anew from the vault: %s", remade)
        con = opened.enter_context(open_build(paths, as_of))
        con.execute("begin")  # what is cut off here left nothing, and no build without a seal
        create(con, records(), reference())
        bind_rules(con, records())
        con.execute(
            "insert into meta.run by name select $as_of as as_of, $code as code_fingerprint, $key as key_fingerprint, 0 as deliveries",
            {"as_of": as_of, "code": row_meaning(), "key": vault.key_fingerprint()},
        )
        seal(con, *SEALED)
        con.execute("commit")
        yield con, remade


_OTHER_CODE, _NOTHING = (
    "other code or another key made it",
    "a run was cut off before there was anything in it",
)


def _unusable(con: duckdb.DuckDBPyConnection, vault: Vault, as_of: datetime | None) -> str | None:
    """Why a build is not to be gone on with; None where it is sound and what the last step left."""
    made = con.execute("select code_fingerprint, key_fingerprint from meta.run").fetchone()
    if made != (row_meaning(), vault.key_fingerprint()) or not is_in_format(con):
        return _OTHER_CODE
    if not is_sound(con, vault, as_of):
        return "it holds deliveries that the ledger does not have"
    changed = broken_seals(con)
    return f"tables are not what was loaded: {', '.join(changed)}" if changed else None


def is_sound(con: duckdb.DuckDBPyConnection, vault: Vault, as_of: datetime | None = None) -> bool:
    """Whether a build was made by this code, with this key, from deliveries that the ledger still has."""
    made = con.execute("select code_fingerprint, key_fingerprint from meta.run").fetchone()
    held = con.execute("select delivery_id, sha256 from meta.delivery").fetchall()
    known = {d.delivery_id: d.sha256 for d in vault.deliveries(as_of)}
    return made == (row_meaning(), vault.key_fingerprint()) and all(known.get(i) == sha for i, sha in held)


def _load_new(
    con: duckdb.DuckDBPyConnection,
    vault: Vault,
    deliveries: Sequence[Delivery],
    kinds: Mapping[str, Record],
    progress: Progress | None,
) -> None:
    """Load what the build does not hold, in blocks between which it holds nothing: a batch takes what lies in its span for its own."""
    loaded = {row[0] for row in con.execute("select delivery_id from meta.delivery").fetchall()}
    unread = {row[0] for row in con.execute("select delivery_id from meta.unread").fetchall()}
    deliveries = [d for d in deliveries if d.withdrawn_at is None or d.delivery_id not in unread]
    for is_loaded, block in groupby(deliveries, lambda d: d.delivery_id in loaded):
        if not is_loaded:
            load(con, vault, list(block), kinds, progress)


def _forget_retried(
    con: duckdb.DuckDBPyConnection, vault: Vault, deliveries: Sequence[Delivery], kinds: Mapping[str, Record]
) -> None:
    """Take out what is to be read again since the last build, after everything was derived as if it had been withdrawn."""
    [(lines,)] = con.execute("select coalesce(ledger_lines, 0) from meta.run").fetchall()
    held = {row[0] for row in con.execute("select delivery_id from meta.delivery").fetchall()}
    ids = sorted(vault.retried(lines) & held)
    if not ids:
        return
    _derive(
        con,
        vault,
        [replace(d, withdrawn_at=d.received_at) if d.delivery_id in ids else d for d in deliveries],
        kinds,
    )
    con.execute("begin")
    con.execute(
        "delete from meta.returned_row where delivery_id >= $first", {"first": ids[0]}
    )  # what answers it, too
    for schema, table, column in con.execute(
        "select schema_name, table_name, column_name from duckdb_columns() semi join duckdb_tables() using "
        "(database_name, schema_name, table_name) where column_name in ('part_id', 'delivery_id') "
        "and schema_name in ('core', 'meta') order by all"
    ).fetchall():
        number = f"{column} // {PARTS_PER_DELIVERY}" if column == "part_id" else column
        con.execute(f'delete from {schema}."{table}" where list_contains($ids, {number})', {"ids": ids})
    seal(con, "core", "meta")
    con.execute("commit")


def suppose(con: duckdb.DuckDBPyConnection, vault: Vault, deliveries: list[Delivery]) -> None:
    """Bring a copy of the build up to deliveries that are withdrawn, or not, as given; nothing is read for it."""
    _derive(con, vault, deliveries, records())


def _note_withdrawals(con: duckdb.DuckDBPyConnection, vault: Vault, deliveries: Sequence[Delivery]) -> None:
    unread = dict(con.execute("select delivery_id, withdrawn_at from meta.unread").fetchall())
    noted = dict(con.execute("select delivery_id, withdrawn_at from meta.delivery").fetchall())
    for d in deliveries:
        if d.delivery_id in unread and unread[d.delivery_id] != d.withdrawn_at:
            con.execute(
                "update meta.unread set withdrawn_at = $at where delivery_id = $id",
                {"at": d.withdrawn_at, "id": d.delivery_id},
            )
        if d.delivery_id in noted and noted[d.delivery_id] != d.withdrawn_at:
            con.execute(
                "update meta.delivery set withdrawn_at = $at, withdrawn_reason = $reason where delivery_id = $id",
                {
                    "at": d.withdrawn_at,
                    "reason": d.withdrawn_reason and vault.redacted(d.withdrawn_reason),
                    "id": d.delivery_id,
                },
            )


def _derive(
    con: duckdb.DuckDBPyConnection, vault: Vault, deliveries: Sequence[Delivery], kinds: Mapping[str, Record]
) -> tuple[str, ...]:
    """Everything that follows from which parts are in force and what came back; returns the kinds that changed."""
    con.execute("begin")
    _note_withdrawals(con, vault, deliveries)
    run_file(con, ROOT / "sql" / "meta" / "in_force.sql")
    changed = sorted(row[0] for row in con.execute("select distinct record from changed_part").fetchall())
    for name in changed:
        _losers(con, kinds[name])
        _vanished(con, kinds[name])
    _references(con, vault, kinds, changed)
    con.execute(
        "insert into meta.stale select distinct record from changed_part where record not in (from meta.stale)"
    )
    match_returned(con, vault, deliveries, kinds)
    run_file(con, ROOT / "sql" / "meta" / "derived_issue.sql")
    run_file(con, ROOT / "sql" / "meta" / "issue_state.sql")
    seal(con, "meta", "ref")
    con.execute("commit")
    return tuple(changed)


def _losers(con: duckdb.DuckDBPyConnection, record: Record) -> None:
    """Judge again, among the parts in force, the keys of every unit that a changed part reports on."""
    same_day = "and o.snapshot_on = p.snapshot_on" if record.snapshot else ""
    con.execute(
        """create or replace temporary table judged_part as
        select distinct p.part_id from meta.part as p
        join meta.part_unit as u on u.part_id = p.part_id
        where p.record = $record and u.unit_code in
          (select unit_code from meta.part_unit where part_id in (select part_id from changed_part where record = $record))""",
        {"record": record.record},
    )
    con.execute(
        "delete from meta.loser where record = $record and part_id in (from judged_part)",
        {"record": record.record},
    )
    rivals = con.execute(
        f"""select distinct p.part_id from meta.part_in_force as p
        join judged_part as j on j.part_id = p.part_id
        join meta.part_unit as u on u.part_id = p.part_id
        join meta.part_unit as v on v.unit_code = u.unit_code and v.part_id <> u.part_id
        join meta.part_in_force as o on o.part_id = v.part_id and o.record = p.record {same_day}"""
    ).fetchall()
    if rivals:
        con.execute(find_losers(record), {"parts": [row[0] for row in rivals]})


def _references(
    con: duckdb.DuckDBPyConnection, vault: Vault, kinds: Mapping[str, Record], changed: Sequence[str]
) -> None:
    """Judge again what refers to a kind that changed, or is of one."""
    for record in kinds.values():
        for refer in record.refers:
            if record.record in changed or refer.target[0] in changed:
                con.execute(
                    "delete from meta.issue where issue_code = 'reference_broken' and column_name = $column "
                    "and part_id in (select part_id from meta.part where record = $record)",
                    {"column": refer.column, "record": record.record},
                )
                query = broken_references(record, refer)
                con.execute(query, hash_parameters(query, vault.hmac_pads()))


def _vanished(con: duckdb.DuckDBPyConnection, record: Record) -> None:
    """List the keys that a changed replacement no longer has, and the columns it holds nothing of."""
    for table in ("vanished", "vanished_column"):
        con.execute(
            f"delete from meta.{table} where part_id in (select part_id from changed_part where record = $record)",
            {"record": record.record},
        )
    slots = con.execute(
        """select list(c.part_id), any_value(s.successors) from changed_part as c
        join (select f.part_id, list(n.part_id) as successors from meta.part as f
          join meta.part as n on n.delivery_id = f.delivery_id and n.record = f.record
            and n.covers_from = f.covers_from and n.covers_to = f.covers_to
          group by f.part_id) as s on s.part_id = c.replaced_by
        where c.record = $record and c.replaced_by is not null group by c.replaced_by""",
        {"record": record.record},
    ).fetchall()
    for old, new in slots:
        con.execute(f"insert into meta.vanished {vanished(record)}", {"old": old, "new": new})
        con.execute(
            f"insert into meta.vanished_column select $part, column_name from ({vanished_columns(record)})",
            {"old": old, "new": new, "part": min(old)},
        )


def _result(con: duckdb.DuckDBPyConnection, changed: tuple[str, ...], file: Path) -> BuildResult:
    [counts] = con.execute(
        """select (select count(*) from meta.delivery), count(*), coalesce(sum(rows_read), 0)::bigint,
          coalesce(sum(rows_accepted), 0)::bigint, coalesce(sum(rows_rejected), 0)::bigint,
          coalesce(sum(rows_duplicate), 0)::bigint, coalesce(sum(rows_ignored), 0)::bigint from meta.part"""
    ).fetchall()
    issues = con.execute(
        "select severity, count(*) from meta.issue where state = 'open' group by all order by all"
    ).fetchall()
    unread = con.execute(
        "select delivery_id from meta.unread where withdrawn_at is null order by all"
    ).fetchall()
    deliveries, parts, read, accepted, rejected, duplicate, ignored = counts
    return BuildResult(
        deliveries,
        parts,
        read,
        accepted,
        rejected,
        duplicate,
        ignored,
        dict(issues),
        changed,
        file,
        unread=tuple(row[0] for row in unread),
    )
