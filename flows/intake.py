"""Take in what has arrived. Nothing in the inbox is moved, changed or deleted."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from prefect import flow

from flows import settings, tasks


@flow(name="intake")
def intake(inbox: Path | None = None, received: date | None = None) -> tasks.Intake:
    """Keep the files of `inbox` (or the data folder's own) in the vault, back-dated to `received`."""
    where = settings.paths()
    return tasks.take_in(where, inbox or where.inbox, received)
