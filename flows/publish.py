"""Check the build and put it in place for readers, who never meet a writer."""

from __future__ import annotations

from datetime import datetime

from prefect import flow

from flows import settings, tasks
from flows.store.edition import Edition
from flows.store.publish import Published


@flow(name="publish")
def publish(as_of: datetime | None = None) -> tuple[Published, Edition]:
    """Compare the build with the edition in place, say what changed, then replace that edition."""
    where = settings.paths()
    edition = tasks.compare(where, as_of)
    tasks.show_counts(edition)
    tasks.show_changes(edition)
    return tasks.publish(where, as_of), edition
