"""The year's run: intake, build, assess, publish, in that order and under one lock.

A district's mistakes never fail a run: they are issues, the run is Completed, and its name gives
their number. A run as of an earlier moment takes nothing in unless told to, because what arrives
now was not there then.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed

from flows import settings, tasks
from flows.ingest.lock import run_lock
from flows.normalise.build import BuildResult
from flows.report.results.write_results import WrittenResults
from flows.warehouse.counts import PublicationCounts
from flows.warehouse.publish import Publication


@dataclass(frozen=True)
class Outcome:
    """What a run did: counts and paths."""

    year: int
    intake: tasks.Intake | None
    build: BuildResult
    edition: PublicationCounts
    published: Publication
    results: WrittenResults | None  # None: the year is not scored, or the run is as of an earlier moment
    returned: dict[
        str, int
    ]  # files for the districts by what was done with them; none as of an earlier moment

    @property
    def issues(self) -> int:
        """Errors and warnings; infos are not for anybody to act on."""
        found = self.edition.issues
        return found.get("error", 0) + found.get("warning", 0)


@flow(name="annual", **tasks.TOLD)
def annual(
    year: int | None = None,
    inbox: Path | None = None,
    received: date | datetime | None = None,
    as_of: datetime | None = None,
) -> State[Outcome]:
    """Run the assessment year `year`; without one, that of the time the run was scheduled for."""
    where = settings.paths()
    with run_lock(where.lock):
        year = year or assessment_year(flow_run.scheduled_start_time)
        tasks.check_trust(where)
        taken = None
        if as_of is None or inbox is not None:
            taken = tasks.take_in(where, inbox or where.inbox, received)
        built = tasks.build(where, as_of)
        tasks.measure(where, as_of)
        tasks.assess(where, year, as_of)
        edition = tasks.compare(where, as_of)
        tasks.show_edition(edition)
        published = tasks.publish(where, as_of)
        results = tasks.write_results(where, year) if as_of is None else None
        if results is not None:
            tasks.show_results(results)
        returned = tasks.return_files(where) if as_of is None else {}
    outcome = Outcome(year, taken, built, edition, published, results, returned)
    if built.unread:
        return Completed(
            name=f"Completed without {len(built.unread)} deliveries that could not be read", data=outcome
        )
    if results is not None and not results.letters:
        return Completed(name="Completed without letters", message=results.missing, data=outcome)
    name = f"Completed with {outcome.issues} issues" if outcome.issues else "Completed"
    return Completed(
        name=name, message=f"{built.deliveries} deliveries, {built.rows_read} rows", data=outcome
    )


def assessment_year(scheduled: datetime) -> int:
    """The year a run scheduled for that moment is about: in January, work is still on the year before."""
    local = scheduled.astimezone(ZoneInfo(settings.ZONE))
    return local.year - 1 if local.month == 1 else local.year
