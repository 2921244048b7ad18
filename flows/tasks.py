"""Every task: one call each. Arguments and results are paths, ids and counts, never rows.

A task may be repeated only where a second attempt can end differently: a file that is still being
copied into the inbox, a disk or share that did not answer. Wrong input is an issue, not a failure,
and gives the same answer every time.

What Prefect is told it keeps and shows, so the text of an unexpected error, which may quote a cell,
goes no further than the vault (`errors.log`, for the data office); Prefect and the terminal get its
type and the place in the code.
"""

from __future__ import annotations

import logging
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
from prefect import Flow, task
from prefect.artifacts import create_link_artifact, create_markdown_artifact, create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import FlowRun, State, TaskRun
from prefect.tasks import Task

from flows import settings
from flows.assess import progress as store_progress
from flows.assess import score_years
from flows.assess.score_years import AssessResult
from flows.contract.paths import Paths
from flows.contract.units import reference
from flows.database.connect import is_trouble
from flows.ingest.vault import Vault
from flows.language import _, later
from flows.metrics import refresh as store_measure
from flows.metrics.values import MetricResult
from flows.normalise import build as store_build
from flows.normalise.machine_trouble import raise_interrupt
from flows.report.results import write_results as report_results
from flows.returns import write_returns as report_returned
from flows.warehouse import counts as store_edition
from flows.warehouse import publish as store_publish
from flows.warehouse.verify import require, require_all

_Progress = Callable[[str, int, int], None]

_log = logging.getLogger(__name__)

_listener: _Progress | None = None


@contextmanager
def listening(listener: _Progress) -> Iterator[None]:
    """Hear (stage, done, of) while tasks of this process run; a callable is no task argument."""
    global _listener
    before, _listener = _listener, listener
    try:
        yield
    finally:
        _listener = before


def _tell(flow: Flow[..., Any], run: FlowRun, state: State[Any]) -> None:
    """Print a line for each new state of a run that a schedule or the pages have started; `serve` passes it on."""
    if run.deployment_id is not None:
        due = f"{run.expected_start_time:%Y-%m-%dT%H:%M:%S}"
        print(f"{flow.name} run scheduled for {due} UTC: {state.name}", flush=True)


#: What both flows are made with.
TOLD: dict[str, Any] = {
    f"on_{end}": [_tell] for end in ("running", "completion", "failure", "crashed", "cancellation")
}


class StepFailed(RuntimeError):
    """A step ended with an error that nobody foresaw; says which and where, never what a cell held."""


class StepRefused(OSError):
    """The same, where the system refused something: trouble with a file or a disk, which may pass."""


@contextmanager
def _step(where: Paths, name: str) -> Iterator[None]:
    """Announce a step and log its seconds; let our own errors pass, and replace the text of every other one.

    Even the system's own errors quote: the name of a file can be that of a person.
    """
    if _listener is not None:
        _listener(_(name), 0, 0)
    begun = time.monotonic()
    try:
        yield
    except Exception as error:
        raise_interrupt(error)
        if type(error).__module__.startswith("flows."):
            raise
        place = traceback.extract_tb(error.__traceback__)[-1]
        log = Vault(where.vault).note_error("task", error)
        text = _(
            "{error} at {file}:{line}; the text is in {log}",
            error=type(error).__name__,
            file=Path(place.filename).name,
            line=place.lineno,
            log=log,
        )
        if isinstance(error, duckdb.Error) and is_trouble(error):
            said = _("the disk is full, memory is short or a database is in use: make room, then run again")
            raise StepRefused(f"{said}: {text}") from None
        if isinstance(error, OSError):
            raise StepRefused(f"{error.strerror or 'refused'}: {text}") from None
        raise StepFailed(text) from None
    _log.info("%s: done in %.1f s", name, time.monotonic() - begun)


def _may_pass(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    """Whether a repetition can end differently: only trouble with files and disks does."""
    return isinstance(state.result(raise_on_failure=False), OSError)


@dataclass(frozen=True)
class Intake:
    """Counts of one intake; `problems` are files that could not be taken in, by code, `unknown_senders` the folders of
    the inbox that mean no unit."""

    new: int
    repeated: int
    ignored: int
    problems: dict[str, int]
    unknown_senders: tuple[str, ...] = ()


@task(cache_policy=NO_CACHE)
def check_trust(where: Paths) -> None:
    """Compare the ledger, the books and the vault with what they were; what differs ends the run."""
    with _step(where, later("checking the chain of trust")):
        require(where)


@task(cache_policy=NO_CACHE)
def verify(where: Paths, today: date, since: date) -> dict[str, int]:
    """Compare everything with what it was; what was compared, in counts."""
    with _step(where, later("verifying")):
        return require_all(where, today, since, _listener)


@task(retries=3, retry_delay_seconds=[1, 5, 20], retry_condition_fn=_may_pass, cache_policy=NO_CACHE)
def take_in(where: Paths, inbox: Path, received: date | datetime | None) -> Intake:
    """Keep what has arrived in the vault."""
    with _step(where, later("taking in what has arrived")):
        report = Vault(where.vault).take_in(inbox, settings.now(), reference().resolve_sender, received)
        problems = Counter(passed.code for passed in report.problems)
        counts = len(report.new), len(report.repeated), len(report.ignored)
        return Intake(*counts, dict(problems), report.unknown_senders)


@task(retries=1, retry_delay_seconds=5, retry_condition_fn=_may_pass, cache_policy=NO_CACHE)
def build(where: Paths, as_of: datetime | None) -> store_build.BuildResult:
    """Bring the build database up to the vault."""
    with _step(where, later("reading what is new")):
        return store_build.build(where, as_of, _listener)


@task(cache_policy=NO_CACHE)
def measure(where: Paths, as_of: datetime | None) -> MetricResult:
    """Compute the indicators whose rows or definitions changed."""
    with _step(where, later("computing indicators")):
        return store_measure.measure(where, as_of)


@task(cache_policy=NO_CACHE)
def assess(where: Paths, year: int, as_of: datetime | None) -> tuple[AssessResult, ...]:
    """Score a year, and those before it again."""
    with _step(where, later("scoring")):
        return score_years.assess(where, year, as_of)


@task(cache_policy=NO_CACHE)
def progress(where: Paths, day: date) -> store_progress.RagCounts | None:
    """Keep where every unit stands on a day of its year; None where that year has no scheme."""
    with _step(where, later("setting them beside the pace of past years")):
        return store_progress.keep_progress(where, day)


@task(cache_policy=NO_CACHE)
def compare(where: Paths, as_of: datetime | None) -> store_edition.PublicationCounts:
    """Count the build and set it beside the edition that is still in place."""
    with _step(where, later("comparing with the last edition")):
        return store_edition.compare(where.build_file(as_of), where.warehouse_file(as_of))


@task(retries=2, retry_delay_seconds=[1, 5], retry_condition_fn=_may_pass, cache_policy=NO_CACHE)
def publish(where: Paths, as_of: datetime | None) -> store_publish.Publication:
    """Check the build and swap it in as the warehouse."""
    with _step(where, later("checking and publishing")):
        return store_publish.publish(where, as_of)


@task(cache_policy=NO_CACHE)
def write_results(where: Paths, year: int) -> report_results.WrittenResults | None:
    """Write the page and the workbook of a scored year; None where the year is not scored."""
    with _step(where, later("writing the page and the workbook of the year")):
        return report_results.write_results(where, year)


@task(cache_policy=NO_CACHE)
def return_files(where: Paths) -> dict[str, int]:
    """Write what goes back to the districts; how many files were written, left as they were, set aside …"""
    with _step(where, later("writing what goes back to the districts")):
        return dict(Counter(r.done for r in report_returned.write_returns(where, progress=_listener)))


@task(cache_policy=NO_CACHE)
def show_edition(edition: store_edition.PublicationCounts) -> None:
    """Leave with the run the counts, how they differ from the last edition's, and which values changed."""
    create_table_artifact(
        key="edition-counts", table=edition.rows(), description="Counts of this edition and the one before it"
    )
    create_markdown_artifact(
        key="edition-changes", markdown=_changes_text(edition), description="Values that changed"
    )


@task(cache_policy=NO_CACHE)
def show_results(results: report_results.WrittenResults) -> None:
    """Leave with the run the link to the page of its year."""
    create_link_artifact(
        key="results", link=results.page.resolve().as_uri(), description="Results of the year"
    )


@task(cache_policy=NO_CACHE)
def show_progress(lights: store_progress.RagCounts) -> None:
    """Leave with the run how many lights of which colour each unit has."""
    rows = [{"unit": unit, **counts} for unit, counts in lights.by_unit.items()]
    create_table_artifact(key="progress", table=rows, description=f"Lights of each unit on {lights.day}")


def _changes_text(edition: store_edition.PublicationCounts) -> str:
    """The differences to the last edition as a page of markdown."""
    if not edition.before:
        return "There is no earlier edition to compare with."
    if not edition.changed and not edition.changed_results:
        return "No value and no result of any unit differs from the last edition."
    lines = ["| indicator, or result of a year | values that differ |", "| --- | ---: |"]
    lines += [f"| {name} | {n} |" for name, n in edition.changed.items()]
    return "\n".join(
        [*lines, *(f"| result of {year} | {n} |" for year, n in edition.changed_results.items())]
    )
