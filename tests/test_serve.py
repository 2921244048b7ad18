"""`serve` starts a server and a runner, the schedule fires, and both end when it is told to stop."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from flows import private_server, serve, settings
from flows.contract.catalogue import ROOT, load_yaml
from flows.contract.paths import Paths
from tests.processes import PATIENCE, alive_after, await_line, children, command

pytestmark = pytest.mark.skipif(os.name == "nt", reason="process groups are POSIX")


def test_the_schedule_fires_and_everything_stops(data_folder: Paths) -> None:
    with command(data_folder, "serve", "--port", free_port(), "--every", "5") as (process, lines):
        await_line(lines, "serving the annual flow, every 5 s", process)
        assert str(settings.password_file(data_folder)) in await_line(lines, "the pages ask for", process)
        url = private_server.running_server(data_folder)
        assert url is not None
        assert url.startswith("http://127.0.0.1:")
        await_line(lines, ": Completed", process)
        assert data_folder.warehouse_file().exists(), "the run that fired published a warehouse"
        started = children(process.pid)
        assert len(started) >= 2
        process.send_signal(signal.SIGHUP)
        assert process.wait(60) == 0
        assert not alive_after(5, started)
    assert private_server.running_server(data_folder) is None
    assert not private_server.answers(url, settings.password(data_folder))


def test_a_run_is_started_by_hand_and_nothing_outlives_a_killed_serve(data_folder: Paths) -> None:
    with command(data_folder, "serve", "--port", free_port()) as (process, lines):
        await_line(lines, "serving the monthly flow, cron", process)
        start_by_hand(data_folder)
        await_line(lines, ": Completed", process)
        assert data_folder.warehouse_file().exists()
        lines.clear()
        start_by_hand(data_folder)
        await_line(lines, ": Running", process)
        started = children(process.pid)
        assert len(started) >= 3, "the server, the runner and the run"
        process.kill()
        process.wait(60)
        assert not alive_after(10, started)
    assert private_server.noted_url(data_folder) is not None
    assert private_server.running_server(data_folder) is None


def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def start_by_hand(where: Paths) -> None:
    """Have the annual flow run now, as the pages do: with the password and the deployment's name."""
    asked = """
import time
from prefect.client.orchestration import get_client
from prefect.exceptions import ObjectNotFound
with get_client(sync_client=True) as client:
    while True:
        try:
            deployment = client.read_deployment_by_name("annual/annual")
            break
        except ObjectNotFound:  # the runner is still starting
            time.sleep(0.5)
    client.create_flow_run_from_deployment(deployment.id, parameters={"year": 2011})
"""
    url = private_server.running_server(where)
    assert url is not None
    environment = settings.environment_with(settings.prefect_environment(where, url))
    subprocess.run([sys.executable, "-c", asked], env=environment, timeout=PATIENCE, check=True)


def test_prefect_yaml_schedules_all_flows_in_china() -> None:
    from prefect.schedules import Cron

    plans = serve.schedules()
    assert list(plans) == ["annual", "monthly", "weekly"]
    [annual], [monthly], [weekly] = (plan["schedules"] for plan in plans.values())
    assert {Cron(when["cron"], timezone=when["timezone"]).timezone for when in (annual, monthly, weekly)} == {
        settings.ZONE
    }
    assert monthly["cron"].split()[2] == "1", "the month before is over"
    for deployment in load_yaml(ROOT / "prefect.yaml")["deployments"]:
        path, _, name = deployment["entrypoint"].partition(":")
        assert name == deployment["name"]
        assert f"def {name}(" in (Path(ROOT) / path).read_text(encoding="utf-8")


def test_trying_out_serves_the_annual_flow_alone() -> None:
    assert list(serve.schedules(timedelta(seconds=5))) == ["annual"]


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
