"""Score a year by its scheme."""

from __future__ import annotations

from datetime import datetime

from prefect import flow

from flows import settings, tasks
from flows.store.assess import AssessResult


@flow(name="assess")
def assess(year: int, as_of: datetime | None = None) -> tuple[AssessResult, ...]:
    """Points, places and grades of every unit for `year`, and anew for every earlier year that has a scheme."""
    return tasks.assess(settings.paths(), year, as_of)
