"""The week's run: is everything still what it was? See `verify`.

Each week reads the files that were not found sound in the four weeks before, so that every file is read once in that time and one
week's run that was cut off is made good by the next. It fails where anything differs, and the failure says what to do.
"""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed

from flows import settings, tasks
from flows.ingest.lock import run_lock

_WITHIN = timedelta(weeks=4)


@flow(name="weekly", **tasks.TOLD)
def weekly(since: date | None = None) -> State[dict[str, int]]:
    """Verify everything; files of the vault that were found sound on `since` or later are not read again."""
    where = settings.paths()
    scheduled = flow_run.scheduled_start_time.astimezone(ZoneInfo(settings.ZONE)).date()
    with run_lock(where.lock):
        counts = tasks.verify(where, scheduled, since or scheduled - _WITHIN)
    return Completed(message=f"all is what it was: {counts['files_read']} files read", data=counts)
