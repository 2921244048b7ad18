"""The schedules of `prefect.yaml`, and a single run, each against a private server that is there for it.

Prefect needs a server to run a flow, and a schedule fires only while one is up.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows import settings
from flows.contract.catalogue import ROOT, load_yaml
from flows.contract.paths import Paths
from flows.language import _
from flows.private_server import ServerError, child, end_with_parent, server

if TYPE_CHECKING:
    from flows.annual import Outcome


def schedules(every: timedelta | None = None) -> dict[str, dict[str, Any]]:
    """The deployments of `prefect.yaml` by name, the annual one first and, with `every`, alone: what is written once."""
    deployments: Any = load_yaml(ROOT / "prefect.yaml")["deployments"]
    return {deployment["name"]: deployment for deployment in deployments[: 1 if every else None]}


def serve(where: Paths, port: int | None, every: timedelta | None, say: Callable[[str], None]) -> None:
    """Serve the schedules until SIGINT, SIGTERM or SIGHUP, then stop the runner and the server, in that order.

    `every` is for trying out: the annual flow then runs that often instead, and no other flow.
    """
    stop = threading.Event()
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows has no SIGHUP; under nohup it is ignored, and stays so
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, lambda *_: stop.set())
    with server(where, port, scheduling=True) as url:
        environment = settings.environment_with(settings.prefect_environment(where, url))
        module = ["flows.serve", str(every.total_seconds() if every else 0)]
        log = where.prefect / "runner.log"
        with child(module, environment, log, say) as runner:
            for name, deployment in schedules(every).items():
                when = "cron {cron} ({timezone})".format(**deployment["schedules"][0])
                if every:
                    when = _("every {seconds:g} s", seconds=every.total_seconds())
                say(_("serving the {name} flow, {when}", name=name, when=when))
            say(_("pages at {address}; stop with Ctrl-C", address=url.removesuffix("/api")))
            say(_("the pages ask for the line in {file}", file=settings.password_file(where)))
            while not stop.wait(0.5):
                if runner.poll() is not None:
                    raise ServerError(
                        _(
                            "the runner ended by itself (code {code}): see {log}",
                            code=runner.returncode,
                            log=log,
                        )
                    )
            say(_("stopping the runner and the server"))
    say(_("stopped"))


def run_annual(
    where: Paths,
    listener: Callable[[str, int, int], None],
    year: int,
    inbox: Path | None = None,
    received: date | datetime | None = None,
    as_of: datetime | None = None,
) -> Outcome:
    """Run the annual flow in this process, against a server that is there for it.

    This process must not have imported Prefect before.
    """
    listener(_("starting Prefect on loopback"), 0, 0)
    with server(where) as url:
        settings.enter_prefect(where, url)
        from prefect.events.worker import EventsWorker
        from prefect.logging.handlers import APILogHandler

        from flows.annual import Outcome, annual
        from flows.tasks import listening

        try:
            with listening(listener):
                done = annual(year=year, inbox=inbox and inbox.resolve(), received=received, as_of=as_of)
        finally:  # what is still queued must be sent before the server goes
            APILogHandler().flush()
            EventsWorker.drain_all(timeout=5)
    assert isinstance(done, Outcome)  # noqa: S101 (a flow's type is its state; calling it gives the data)
    return done


def _run_schedules(every: timedelta | None) -> None:
    """The runner's process: offers the flows to the server until it is terminated; one runs at a time."""
    end_with_parent()
    from prefect import serve as prefect_serve
    from prefect.deployments.runner import RunnerDeployment
    from prefect.schedules import Cron, Interval

    deployments = []
    for name, written in schedules(every).items():
        cron = Cron(written["schedules"][0]["cron"], timezone=written["schedules"][0]["timezone"])
        when = Interval(every) if every else cron
        deployments.append(
            RunnerDeployment.from_entrypoint(
                written["entrypoint"], name, schedule=when, description=written["description"]
            )
        )
    prefect_serve(*deployments, print_starting_message=False, limit=1)


if __name__ == "__main__":
    seconds = float(sys.argv[1])
    _run_schedules(timedelta(seconds=seconds) if seconds else None)
