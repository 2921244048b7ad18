"""`serve` starts a server and a runner, the schedule fires, and both end when it is told to stop."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from flows import serve, settings
from flows.contract.catalogue import ROOT, load_yaml
from flows.contract.paths import Paths

pytestmark = pytest.mark.skipif(os.name == "nt", reason="process groups are POSIX")

#: A machine busy with other work needs minutes for what takes 40 s on an idle one.
PATIENCE = 240


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and that init has not yet asked after does not."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], stdout=subprocess.PIPE, text=True).stdout  # noqa: S607
    return bool(state.strip()) and not state.startswith("Z")


def alive_after(seconds: float, pids: set[int]) -> set[int]:
    """Those of some processes that still run although they were given time: a killed group ends, but not at once."""
    end = time.monotonic() + seconds
    while (left := {pid for pid in pids if alive(pid)}) and time.monotonic() < end:
        time.sleep(0.1)
    return left


def children(pid: int) -> set[int]:
    """Processes whose ancestors include `pid`."""
    table = subprocess.run(["ps", "-eo", "pid=,ppid="], stdout=subprocess.PIPE, text=True, check=True).stdout  # noqa: S607
    parents = {int(a): int(b) for a, b in (line.split() for line in table.splitlines())}
    found: set[int] = set()
    while new := {
        p for p, parent in parents.items() if (parent == pid or parent in found) and p not in found
    }:
        found |= new
    return found


@pytest.fixture
def served(data_folder: Paths) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """`union-assessment serve` with a run every five seconds, and the lines it says."""
    port = str(serve._free_port())
    command = [sys.executable, "-m", "flows.cli", "serve", "--port", port, "--every", "5"]
    environment = settings.environment_with({"UNION_ASSESSMENT_DATA": str(data_folder.data)})
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    lines: list[str] = []
    assert process.stderr is not None
    threading.Thread(target=lines.extend, args=(iter(process.stderr.readline, ""),), daemon=True).start()
    yield process, lines
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(60)


def await_line(lines: list[str], text: str, process: subprocess.Popen[str]) -> str:
    limit = time.monotonic() + PATIENCE
    while time.monotonic() < limit:
        for line in list(lines):
            if text in line:
                return line
        assert process.poll() is None, f"ended with {process.returncode}: {lines}"
        time.sleep(0.2)
    raise AssertionError(f"no {text!r} within {PATIENCE} s: {lines}")


def test_the_schedule_fires_and_everything_stops(
    served: tuple[subprocess.Popen[str], list[str]], data_folder: Paths
) -> None:
    process, lines = served
    await_line(lines, "serving the annual flow, every 5 s", process)
    url = serve.running_server(data_folder)
    assert url is not None
    assert url.startswith("http://127.0.0.1:")
    await_line(lines, ": Completed", process)
    assert data_folder.warehouse_file().exists(), "the run that fired published a warehouse"
    started = children(process.pid)
    assert len(started) >= 2
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0
    assert not alive_after(5, started)
    assert serve.running_server(data_folder) is None
    assert not serve._healthy(url)


def test_a_server_that_is_up_is_used_and_a_second_one_refused(data_folder: Paths) -> None:
    with serve.server(data_folder, scheduling=True) as url:
        with serve.server(data_folder) as same:
            assert same == url
        with pytest.raises(serve.ServerError, match="already up"), serve.server(data_folder, scheduling=True):
            pass
    assert not serve._healthy(url)
    assert not (data_folder.prefect / "server.json").exists()


def test_a_taken_port_is_said_so(data_folder: Paths) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(serve.ServerError, match=f"port {port}"), serve.server(data_folder, port):
            pass


def test_prefect_yaml_schedules_both_flows_in_china() -> None:
    from prefect.schedules import Cron

    plans = serve.schedules()
    assert [plan.name for plan in plans] == ["annual", "monthly"]
    assert {Cron(plan.cron, timezone=plan.timezone).timezone for plan in plans} == {settings.ZONE}
    assert plans[1].cron.split()[2] == "1", "the month before is over"
    for deployment in load_yaml(ROOT / "prefect.yaml")["deployments"]:
        path, _, name = deployment["entrypoint"].partition(":")
        assert name == deployment["name"]
        assert f"def {name}(" in (Path(ROOT) / path).read_text(encoding="utf-8")


def test_trying_out_serves_the_annual_flow_alone() -> None:
    assert [plan.name for plan in serve._served(timedelta(seconds=5))] == ["annual"]
    assert serve._served(None) == serve.schedules()


@pytest.mark.parametrize(
    ("scheduled", "day"),
    [
        ("2015-07-01T05:30:00+08:00", "2015-06-30"),
        ("2016-03-01T05:30:00+08:00", "2016-02-29"),
        ("2016-01-01T05:30:00+08:00", "2015-12-31"),
        ("2015-07-31T23:59:00+08:00", "2015-06-30"),
        # still June in Greenwich, July in China
        ("2015-06-30T21:30:00+00:00", "2015-06-30"),
    ],
)
def test_the_day_of_progress_is_the_end_of_the_month_before_in_china(scheduled: str, day: str) -> None:
    from flows.monthly import month_end_before

    assert month_end_before(datetime.fromisoformat(scheduled)).isoformat() == day


def test_the_year_is_that_of_the_scheduled_time_in_china() -> None:
    from flows.annual import assessment_year

    china = ZoneInfo(settings.ZONE)
    assert assessment_year(datetime(2016, 1, 31, 23, 59, tzinfo=china)) == 2015
    assert assessment_year(datetime(2016, 2, 1, tzinfo=china)) == 2016
    assert assessment_year(datetime(2015, 12, 31, tzinfo=china)) == 2015
    # still January in Greenwich, February in China
    assert assessment_year(datetime(2016, 2, 1, tzinfo=china).astimezone(ZoneInfo("UTC"))) == 2016
    # 31 December in Greenwich is 1 January 2016 in China: the year is 2015 either way, and a day later too
    assert assessment_year(datetime(2015, 12, 31, 20, tzinfo=ZoneInfo("UTC"))) == 2015


def test_a_terminated_run_leaves_no_server_behind(data_folder: Paths) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "flows.cli", "run", "--year", "2015"],
        cwd=ROOT,
        env=settings.environment_with({"UNION_ASSESSMENT_DATA": str(data_folder.data)}),
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    assert "starting Prefect" in process.stderr.readline()
    while not (started := children(process.pid)):
        assert process.poll() is None
        time.sleep(0.1)
    process.send_signal(signal.SIGTERM)
    assert "interrupted" in process.stderr.read()
    assert process.wait(60) == 130
    assert not alive_after(5, started)
