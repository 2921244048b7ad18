"""A Prefect server on loopback for as long as it is needed, and the runner of the schedule.

Prefect needs a server to run a flow, and a schedule fires only while one is up; this room starts
its own and ends only what it started, each child in a process group of its own so that Ctrl-C
reaches this process alone and the children are stopped in order. A server that is already up for
the same data folder (`make serve` in another terminal) is used instead of a second one.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.error import URLError
from urllib.request import ProxyHandler, Request, build_opener

from flows import settings
from flows.contract.catalogue import ROOT, load_yaml
from flows.contract.paths import Paths

if TYPE_CHECKING:
    from flows.annual import Outcome

#: Seconds until a server answers on a slow disk; it took 8 to 16 on two cores.
START_SECONDS = 120
#: Seconds a child may take to end by itself before it is killed.
STOP_SECONDS = 20

_direct = build_opener(ProxyHandler({}))  # a proxy of the user's must not see loopback calls


class ServerError(RuntimeError):
    """The local Prefect server or the runner did not start, or ended by itself."""


@dataclass(frozen=True)
class Schedule:
    """A deployment of `prefect.yaml`, called as its flow."""

    name: str
    cron: str
    timezone: str


def schedules(path: Path = ROOT / "prefect.yaml") -> tuple[Schedule, ...]:
    """Every deployment of `prefect.yaml` with its one schedule, so that it is written once; the annual one is first."""
    deployments: Any = load_yaml(path)["deployments"]
    return tuple(
        Schedule(d["name"], d["schedules"][0]["cron"], d["schedules"][0]["timezone"]) for d in deployments
    )


@contextmanager
def server(where: Paths, port: int | None = None, *, scheduling: bool = False) -> Iterator[str]:
    """The API address of a server for `where`, started if none is up and stopped afterwards.

    With `scheduling` it also has the scheduler and the pages, and is the one others find.
    """
    running = running_server(where)
    if running is not None:
        if scheduling:
            raise ServerError(f"a server for {where.data} is already up at {running}")
        yield running
        return
    if port is not None and not _is_free(port):
        raise ServerError(f"port {port} of {settings.LOOPBACK} is taken: choose another with --port")
    url = f"http://{settings.LOOPBACK}:{port or _free_port()}/api"
    environment = settings.environment_with(settings.prefect_environment(where, url))
    if not scheduling:
        environment["PREFECT__SERVER_WEBSERVER_ONLY"] = "1"
        environment["PREFECT_UI_ENABLED"] = "false"
    where.prefect.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "uvicorn", "--factory", "prefect.server.api.server:create_app"]
    command += [
        "--host",
        settings.LOOPBACK,
        "--port",
        url.split(":")[2].removesuffix("/api"),
        "--log-level",
        "error",
    ]
    with _child(command, environment, where.prefect / "server.log") as process:
        _await_health(url, process, where.prefect / "server.log")
        if scheduling:
            _note(where).write_text(json.dumps({"url": url, "pid": process.pid}), encoding="utf-8")
        try:
            yield url
        finally:
            if scheduling:
                _note(where).unlink(missing_ok=True)


def running_server(where: Paths) -> str | None:
    """The address of the server that `serve` has up for `where`, if it answers."""
    try:
        url = str(json.loads(_note(where).read_text(encoding="utf-8"))["url"])
    except (OSError, ValueError, KeyError):
        return None
    return url if _healthy(url) else None


def serve(where: Paths, port: int | None, every: timedelta | None, say: Callable[[str], None]) -> None:
    """Serve the schedules until SIGINT or SIGTERM, then stop the runner and the server, in that order.

    `every` is for trying out: the annual flow then runs that often instead, and no other flow.
    """
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with server(where, port, scheduling=True) as url:
        environment = settings.environment_with(settings.prefect_environment(where, url))
        command = [sys.executable, "-m", "flows.serve", str(every.total_seconds() if every else 0)]
        log = where.prefect / "runner.log"
        with _child(command, environment, log) as runner:
            plans = _served(every)
            for plan in plans:
                say(f"serving the {plan.name} flow, {_when(plan, every)}")
            say(f"pages at {url.removesuffix('/api')}; stop with Ctrl-C")
            seen: dict[str, str] = {}
            while not stop.wait(1.0):
                if runner.poll() is not None:
                    raise ServerError(f"the runner ended by itself (code {runner.returncode}): see {log}")
                for plan in plans:
                    for line in _news(url, plan, seen):
                        say(line)
            say("stopping the runner and the server")
    say("stopped")


def run_annual(
    where: Paths,
    listener: Callable[[str, int, int], None],
    year: int,
    inbox: Path | None = None,
    received: date | None = None,
    as_of: datetime | None = None,
) -> Outcome:
    """Run the annual flow in this process, against a server that is there for it.

    This process must not have imported Prefect before.
    """
    listener("starting Prefect on loopback", 0, 0)
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


def _served(every: timedelta | None) -> tuple[Schedule, ...]:
    """What is served: all flows, or the first one alone when trying out."""
    return schedules()[:1] if every else schedules()


def _when(plan: Schedule, every: timedelta | None) -> str:
    return f"every {every.total_seconds():g} s" if every else f"cron {plan.cron} ({plan.timezone})"


def _news(url: str, plan: Schedule, seen: dict[str, str]) -> Iterator[str]:
    """One line for each scheduled run of a flow whose state has changed since the last look."""
    query = {
        "sort": "EXPECTED_START_TIME_DESC",
        "limit": 20,
        "flow_runs": {
            "state": {"type": {"any_": ["RUNNING", "COMPLETED", "FAILED", "CRASHED", "CANCELLED"]}}
        },
        "deployments": {"name": {"any_": [plan.name]}},
    }
    try:
        runs = json.loads(_call(url + "/flow_runs/filter", query))
    except (OSError, ValueError):
        return  # busy; the next look is a second away
    for run in reversed(runs):
        state = str(run["state"]["name"])
        if seen.get(run["id"]) != state:
            seen[run["id"]] = state
            yield f"{plan.name} run scheduled for {run['expected_start_time'][:19]} UTC: {state}"


def _note(where: Paths) -> Path:
    return where.prefect / "server.json"


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((settings.LOOPBACK, 0))
        return int(probe.getsockname()[1])


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port just left may be taken again
        try:
            probe.bind((settings.LOOPBACK, port))
        except OSError:
            return False
        return True


def _call(url: str, body: object | None = None) -> bytes:
    data = None if body is None else json.dumps(body).encode()
    request = Request(url, data=data, headers={"Content-Type": "application/json"})  # noqa: S310 (our own loopback address)
    with _direct.open(request, timeout=5) as answer:
        return bytes(answer.read())


def _healthy(url: str) -> bool:
    try:
        return _call(url + "/health") == b"true"
    except (URLError, OSError):
        return False


def _await_health(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    limit = time.monotonic() + START_SECONDS
    while not _healthy(url):
        if process.poll() is not None:
            raise ServerError(
                f"the Prefect server ended while starting (code {process.returncode}): see {log}"
            )
        if time.monotonic() > limit:
            raise ServerError(f"the Prefect server did not answer within {START_SECONDS} s: see {log}")
        time.sleep(0.1)


@contextmanager
def _child(command: list[str], environment: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A child in a process group of its own, its output in `log`; ended with its group on the way out."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as stream, ExitStack() as stack:
        # An interrupt while the child is being started would leave it behind: it waits until the child is known.
        caught: list[int] = []
        before = {}
        if threading.current_thread() is threading.main_thread():
            before = {
                s: signal.signal(s, lambda n, _: caught.append(n)) for s in (signal.SIGTERM, signal.SIGINT)
            }
        process = subprocess.Popen(
            command,
            env=environment,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # without effect on Windows, where terminate() ends the child itself
        )
        stack.callback(_end, process)
        for number, handler in before.items():
            signal.signal(number, handler)
        if caught:
            raise KeyboardInterrupt
        yield process


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if hasattr(os, "killpg"):
        with suppress(ProcessLookupError, PermissionError):  # the group is empty, as it should be
            os.killpg(process.pid, signal.SIGKILL)  # what it left behind; the group is ours alone


def _run_schedules(every: timedelta | None) -> None:
    """The runner's process: offers the flows to the server until it is terminated; one runs at a time."""
    from prefect import serve as prefect_serve
    from prefect.deployments.runner import RunnerDeployment
    from prefect.schedules import Cron, Interval

    from flows.annual import annual
    from flows.monthly import monthly

    deployments = []
    for plan in _served(every):
        when = Interval(every) if every else Cron(plan.cron, timezone=plan.timezone)
        made = monthly.to_deployment if plan.name == monthly.name else annual.to_deployment
        deployment = made(plan.name, schedule=when)
        assert isinstance(deployment, RunnerDeployment)  # noqa: S101 (a coroutine only where a loop is running)
        deployments.append(deployment)
    prefect_serve(*deployments, print_starting_message=False, limit=1)


if __name__ == "__main__":
    seconds = float(sys.argv[1])
    _run_schedules(timedelta(seconds=seconds) if seconds else None)
