"""Is this installation sound? Looks, and changes nothing."""

from __future__ import annotations

import os
import re
import shutil
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flows.contract.catalogue import ROOT, ContractError, records
from flows.contract.paths import Paths
from flows.contract.spelling import spellings
from flows.contract.units import reference
from flows.language import _
from flows.warehouse.publication_stops import screen, stops_at_hand, unread
from flows.warehouse.verify import differences_at_hand, unpublished_lines

#: A build of the full sample with its copy; below this a run is likely to end for want of space.
_FREE_BYTES = 2 * 10**9

#: Packages whose other versions are known to break a run, or to write other files.
_DECISIVE = ("duckdb", "prefect", "fastapi", "sqlalchemy", "pyarrow", "pandas", "python-calamine")


@dataclass(frozen=True)
class SelfCheck:
    """One thing looked at; `text` says what to do when it is not good."""

    good: bool
    text: str


def examine(where: Paths) -> list[SelfCheck]:
    """Everything that has been a reason for a failed run."""
    return [*_python(), *_packages(), *_contracts(), *_folders(where), *_trust(where), *_editions(where)]


def _python() -> Iterator[SelfCheck]:
    good = (3, 11) <= sys.version_info < (3, 15)
    yield SelfCheck(
        good, f"Python {sys.version.split()[0]}" + ("" if good else _(": 3.11 to 3.14 is needed"))
    )
    try:
        ZoneInfo("Asia/Shanghai")
    except ZoneInfoNotFoundError:
        yield SelfCheck(False, _("no time-zone database: pip install tzdata"))


def _packages() -> Iterator[SelfCheck]:
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    pinned = {name.lower(): pin for name, pin in re.findall(r"^([\w.-]+)==(\S+)", text, re.MULTILINE)}
    for name in _DECISIVE:
        try:
            found = version(name)
        except PackageNotFoundError:
            found = _("missing")
        good = found == pinned[name]
        yield SelfCheck(
            good,
            f"{name} {found}"
            + ("" if good else _(": tested with {version}; make setup", version=pinned[name])),
        )


def _contracts() -> Iterator[SelfCheck]:
    try:
        yield SelfCheck(
            True,
            _(
                "{contracts} contracts in sql/record, {units} units in data/reference, own headers of {learnt}",
                contracts=len(records()),
                units=len(reference().units),
                learnt=len(spellings()),
            ),
        )
    except ContractError as error:
        yield SelfCheck(False, str(error))


def _folders(where: Paths) -> Iterator[SelfCheck]:
    yield SelfCheck(
        True, _("inbox {folder}", folder=where.inbox) + ("" if where.inbox.is_dir() else _(": not there yet"))
    )
    if where.vault.exists():
        mode = stat.S_IMODE(where.vault.stat().st_mode)
        yield SelfCheck(
            mode & 0o077 == 0,
            _("vault {folder} has mode {mode:04o}", folder=where.vault, mode=mode)
            + (": chmod 700" if mode & 0o077 else ""),
        )
        kept = [p for p in where.vault.rglob("*") if p.is_file() and ".duckdb" not in p.name]
        open_files = sum(1 for p in kept if p.stat().st_mode & 0o077)  # a build holds no identifier
        yield SelfCheck(not open_files, _("files of the vault that others can read: {n}", n=open_files))
    if where.returns.exists():
        open_files = sum(1 for p in (where.returns, *where.returns.rglob("*")) if p.stat().st_mode & 0o077)
        yield SelfCheck(
            not open_files, _("returned files or folders that others can read: {n}", n=open_files)
        )
    existing = next(p for p in (where.data, *where.data.parents) if p.exists())
    if not os.access(existing, os.W_OK):
        yield SelfCheck(
            False, _("{folder} cannot be written to: look at the disk and at the rights", folder=existing)
        )
    free = shutil.disk_usage(existing).free
    yield SelfCheck(
        free >= _FREE_BYTES, _("{size:.1f} GB free at {folder}", size=free / 1e9, folder=existing)
    )


def _trust(where: Paths) -> Iterator[SelfCheck]:
    found = differences_at_hand(where)
    yield from (SelfCheck(False, str(difference)) for difference in found)
    if lines := unpublished_lines(where):
        yield SelfCheck(
            False,
            _(
                "the warehouse is older than the ledger by {n} lines (deliveries, withdrawals): run the year",
                n=lines,
            ),
        )
    if told := screen(stops_at_hand(where)):
        yield SelfCheck(False, "\n".join(told))
    yield from (SelfCheck(False, line) for line in unread(where))
    if not found:
        yield SelfCheck(True, _("ledger, key, vault files, books and warehouse are what they were"))


def _editions(where: Paths) -> Iterator[SelfCheck]:
    for folder in (where.warehouse, where.books):
        if folder.exists() and folder.stat().st_mode & 0o007:
            yield SelfCheck(False, _("anybody may enter {folder}: chmod o= {folder}", folder=folder))
    for file in sorted(where.warehouse.glob("warehouse*.duckdb")):
        writable = file.stat().st_mode & 0o222
        yield SelfCheck(
            not writable,
            _("{file} is writable: chmod 440", file=file.name)
            if writable
            else _("{file} is read-only", file=file.name),
        )
        wal: Path = file.with_name(file.name + ".wal")
        if wal.exists():
            yield SelfCheck(
                False,
                _(
                    "{file}: somebody opened the warehouse for writing; the next run removes it",
                    file=wal.name,
                ),
            )
