"""The month's run: intake, build, assess, then where every unit stands in its year at the end of the month before.

A year without a scheme has no progress yet: the run says so and is Completed. Nothing about the day is read off the
clock; it follows from the time the run was scheduled for, so that a run that was late shows the same day.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed

from flows import settings, tasks
from flows.assess.progress import RagCounts
from flows.ingest.lock import run_lock


@flow(name="monthly", **tasks.TOLD)
def monthly(on: date | None = None) -> State[RagCounts | None]:
    """Show the progress of the day `on`; without one, of the last day of the month before the scheduled time."""
    where = settings.paths()
    with run_lock(where.lock):
        day = on or month_end_before(flow_run.scheduled_start_time)
        tasks.check_trust(where)
        tasks.take_in(where, where.inbox, None)
        tasks.build(where, None)
        tasks.measure(where, None)
        tasks.assess(where, day.year, None)
        lights = tasks.progress(where, day)
        tasks.show_edition(tasks.compare(where, None))
        tasks.publish(where, None)
    if lights is None:
        return Completed(
            name="Completed without a scheme", message=f"data/scheme/{day.year} has none", data=None
        )
    tasks.show_progress(lights)
    return Completed(
        name=f"Completed with {lights.total['red']} red", message=f"progress of {day}", data=lights
    )


def month_end_before(scheduled: datetime) -> date:
    """The last day of the month before the one a run is scheduled in, in China."""
    return scheduled.astimezone(ZoneInfo(settings.ZONE)).date().replace(day=1) - timedelta(days=1)
