"""Bring the build database up to the vault: rows, parts in force, issues, indicators."""

from __future__ import annotations

from datetime import datetime

from prefect import flow

from flows import settings, tasks
from flows.store.build import BuildResult


@flow(name="build")
def build(as_of: datetime | None = None) -> BuildResult:
    """Read what is new in the vault (received by `as_of`) and compute the indicators it touches."""
    where = settings.paths()
    built = tasks.build(where, as_of)
    tasks.measure(where, as_of)
    return built
