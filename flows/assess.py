"""Set the figures of a year beside its targets."""

from __future__ import annotations

from datetime import datetime

from prefect import flow

from flows import settings, tasks
from flows.store.assess import AssessResult


@flow(name="assess")
def assess(year: int, as_of: datetime | None = None) -> AssessResult:
    """Compute target, actual and attainment of every unit and indicator for `year`."""
    return tasks.assess(settings.paths(), year, as_of)
