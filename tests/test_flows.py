"""The annual and the monthly flow under Prefect: their states, their artifacts, and what they never tell anybody."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from flows import settings
from flows.assess.progress import RagCounts
from flows.contract.paths import Paths
from flows.normalise.build import build
from flows.warehouse.publication_stops import acknowledge, stops_at_hand
from flows.warehouse.publish import swap_in
from flows.warehouse.query import run_sql
from tests.support.world import World

pytestmark = pytest.mark.usefixtures("prefect_server")

SENDER = "永川区总工会"
FILE = "2015年劳动争议调解台账.csv"
HEADER = ("案号", "受理日期", "申请人", "身份证号", "结案日期", "调解结果", "兑现金额")
#: Made up: the ID has a correct check digit and a division code that nobody was born in.
NAME, CITIZEN_ID = "郑样本", "110101198001010010"
#: A day whose year has no earlier one to be scored.
JUNE = date(2011, 6, 30)


def put(inbox: Path, *rows: tuple[str, ...], name: str = FILE) -> Path:
    path = inbox / SENDER / name
    path.parent.mkdir(parents=True, exist_ok=True)
    text = io.StringIO()
    csv.writer(text).writerows([("永川区2015年劳动争议调解台账",), HEADER, *rows])
    path.write_text(text.getvalue(), encoding="utf-8-sig")
    return path


def case(number: int, accepted: str = "2015-03-02", closed: str = "2015-03-20") -> tuple[str, ...]:
    return (f"{number}号", accepted, NAME, CITIZEN_ID, closed, "调解成功", "1200元")


@dataclass(frozen=True)
class Year:
    """Four runs on one data folder: a file, the same again, the file corrected, and as of before."""

    where: Paths
    states: tuple[Any, ...]

    def outcome(self, number: int) -> Any:
        return self.states[number].result()

    def value(self, number: int) -> Any:
        return run_sql(self.outcome(number).published.path, SUCCEEDED)["value"][0]


SUCCEEDED = """select value from metric.value where unit_code = 'yongchuan' and period_id = '2015'
  and indicator_id = 'mediation_succeeded' and category is null"""
FIRST, AGAIN, CORRECTED, AS_OF = range(4)
MOMENT = datetime(2016, 1, 31)


@pytest.fixture(scope="module")
def year(prefect_server: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Year]:
    """A run costs seconds, most of them Prefect's and DuckDB's start: the tests share four. 2011 has no earlier year to be scored."""
    from flows.annual import annual

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("UNION_ASSESSMENT_DATA", str(tmp_path_factory.mktemp("year")))
        where = settings.paths()
        put(where.inbox, case(1), case(2))
        first = annual(year=2011, received=date(2016, 1, 10), return_state=True)
        again = annual(year=2011, received=date(2016, 1, 11), return_state=True)
        put(
            where.inbox, case(1), case(2), case(3), case(4, closed="2015-02-30"), case(5, closed="2014-01-01")
        )
        corrected = annual(year=2011, received=date(2016, 2, 10), return_state=True)
        as_of = annual(year=2011, as_of=MOMENT, return_state=True)
        yield Year(where, (first, again, corrected, as_of))


def test_a_run_counts_what_it_did(year: Year) -> None:
    outcome = year.outcome(FIRST)
    assert (outcome.intake.new, outcome.build.rows_read, outcome.build.accepted) == (1, 2, 2)
    assert outcome.edition.before == {}
    assert year.value(CORRECTED) == 3


def test_a_run_with_issues_is_completed_and_its_name_gives_their_number(year: Year) -> None:
    for state in year.states:
        issues = state.result().issues
        assert state.is_completed()
        assert state.name == (f"Completed with {issues} issues" if issues else "Completed")
    assert year.outcome(CORRECTED).build.rejected == 2
    assert year.outcome(CORRECTED).issues >= 2


def test_a_run_writes_what_goes_back_but_not_as_of_an_earlier_moment(year: Year) -> None:
    assert year.outcome(FIRST).returned == {}
    assert year.outcome(CORRECTED).returned == {"written": 1}
    assert year.outcome(AS_OF).returned == {}
    returned, receipt = sorted(path.name for path in (year.where.returns / SENDER).iterdir())
    assert returned.startswith("2015年劳动争议调解台账（退回R00002") and receipt == "回执.xlsx"


def test_a_run_shows_its_differences_to_the_last(year: Year) -> None:
    again = year.outcome(AGAIN)
    assert again.intake.new == 0
    assert again.edition.changed == {}
    assert all(row["difference"] == 0 for row in again.edition.rows())
    third = year.outcome(CORRECTED).edition
    assert third.changed["mediation_succeeded"] >= 1
    rows = {row["count"]: row for row in third.rows()}
    assert rows["deliveries"] == {"count": "deliveries", "now": 2, "before": 1, "difference": 1}


def test_artifacts_hold_the_counts_and_no_person(year: Year) -> None:
    from prefect.client.orchestration import get_client

    with get_client(sync_client=True) as client:
        artifacts = client.request("POST", "/artifacts/filter", json={}).json()
        runs = client.request("POST", "/flow_runs/filter", json={}).json()
        logs = client.request("POST", "/logs/filter", json={}).json()
    assert {a["key"] for a in artifacts} >= {"edition-counts", "edition-changes"}
    told = str((artifacts, runs, logs))
    assert "rows rejected" in told
    assert "| mediation_succeeded |" in told
    assert NAME not in told
    assert CITIZEN_ID not in told


def test_as_of_builds_a_warehouse_of_its_own_and_takes_nothing_in(year: Year) -> None:
    past = year.outcome(AS_OF)
    assert past.intake is None
    assert past.published.path == year.where.warehouse_file(MOMENT)
    assert year.value(AS_OF) == 2


@pytest.mark.parametrize("name", ["annual", "monthly"])
def test_a_second_run_is_refused_while_one_is_under_way(data_folder: Paths, name: str) -> None:
    from flows.annual import annual
    from flows.ingest.lock import AlreadyRunningError, run_lock
    from flows.monthly import monthly

    with run_lock(data_folder.lock), pytest.raises(AlreadyRunningError):
        if name == "annual":
            annual(year=2011)
        else:
            monthly(on=JUNE)
    assert not data_folder.warehouse_file().exists()


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ValueError(f"could not convert {CITIZEN_ID}"), r"^ValueError at test_flows.py:\d+"),
        (
            PermissionError(13, "Permission denied", f"{CITIZEN_ID}.csv"),
            r"^Permission denied: PermissionError at",
        ),
        (
            duckdb.TransactionException(f"Failed to commit {CITIZEN_ID}: No space left on device"),
            "^the disk is full.*: TransactionException at",
        ),
    ],
)
def test_the_text_of_an_unexpected_error_stays_in_the_vault(
    data_folder: Paths, monkeypatch: pytest.MonkeyPatch, error: Exception, said: str
) -> None:
    from prefect.client.orchestration import get_client

    from flows import tasks
    from flows.annual import annual

    def break_down(*_: object) -> None:
        raise error

    monkeypatch.setattr(tasks.store_build, "build", break_down)
    monkeypatch.setattr(tasks, "build", tasks.build.with_options(retry_delay_seconds=0))
    with pytest.raises((tasks.StepFailed, tasks.StepRefused), match=said):
        annual(year=2011, received=date(2016, 1, 10))
    log = data_folder.vault / "errors.log"
    assert CITIZEN_ID in log.read_text(encoding="utf-8")
    assert log.stat().st_mode & 0o077 == 0
    with get_client(sync_client=True) as client:
        told = [
            client.request("POST", f"/{what}/filter", json={}).text
            for what in ("flow_runs", "task_runs", "logs")
        ]
    assert CITIZEN_ID not in "".join(told)


def test_trouble_with_a_disk_is_tried_again_and_a_wrong_file_is_not(
    data_folder: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flows import tasks

    calls: list[str] = []

    def fail_once(*_: object) -> str:
        calls.append("x")
        if len(calls) == 1:
            raise OSError("the share did not answer")
        return "published"

    monkeypatch.setattr(tasks.store_publish, "publish", fail_once)
    quick = tasks.publish.with_options(retry_delay_seconds=0)
    assert quick(data_folder, None) == "published"
    assert len(calls) == 2

    def fail_always(*_: object) -> None:
        calls.append("y")
        raise tasks.store_publish.CheckFailed("two rows")

    monkeypatch.setattr(tasks.store_publish, "publish", fail_always)
    with pytest.raises(tasks.store_publish.CheckFailed):
        quick(data_folder, None)
    assert calls == ["x", "x", "y"]


def test_a_year_without_a_scheme_is_completed_and_says_so(data_folder: Paths) -> None:
    from flows.monthly import monthly

    state: Any = monthly(on=date(2009, 6, 30), return_state=True)
    assert state.is_completed()
    assert state.name == "Completed without a scheme"
    assert run_sql(data_folder.warehouse_file(), "from assess.progress").empty


def test_the_lights_stay_with_the_run(data_folder: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    from prefect.client.orchestration import get_client

    from flows import tasks
    from flows.monthly import monthly

    counts = {"green": 1, "yellow": 0, "red": 2, "none": 3}
    asked: list[date] = []

    def keep(_: Paths, day: date) -> RagCounts:
        asked.append(day)
        return RagCounts(day, counts, {"yongchuan": counts})

    monkeypatch.setattr(tasks.store_progress, "keep_progress", keep)
    state: Any = monthly(on=JUNE, return_state=True)
    assert (state.name, state.result().total) == ("Completed with 2 red", counts)
    assert asked == [JUNE]
    assert data_folder.warehouse_file().exists()
    with get_client(sync_client=True) as client:
        [artifact] = client.request(
            "POST", "/artifacts/filter", json={"artifacts": {"key": {"any_": ["progress"]}}}
        ).json()
    assert '"unit": "yongchuan"' in artifact["data"]
    assert artifact["description"] == "Lights of each unit on 2011-06-30"


def test_a_run_that_lost_most_of_the_rows_waits_for_a_named_person(data_folder: Paths) -> None:
    from flows.annual import annual

    put(data_folder.inbox, *(case(n) for n in range(30)))
    World(data_folder.data).take_in("2016-01-10")
    build(data_folder)
    before = swap_in(data_folder.build_file(), data_folder.warehouse_file()).path.read_bytes()
    put(data_folder.inbox, case(1))
    stopped = annual(year=2011, received=date(2016, 2, 10), return_state=True)
    assert stopped.is_failed() and data_folder.warehouse_file().read_bytes() == before
    told = str(stopped.result(raise_on_failure=False))
    assert (
        "30 rows last published, now 1" in told
        and "union-assessment acknowledge" in told
        and NAME not in told
    )
    acknowledge(data_folder, stops_at_hand(data_folder), "王主任", "已核实", datetime(2016, 2, 11))
    published = annual(year=2011, received=date(2016, 2, 12), return_state=True)
    assert published.is_completed() and data_folder.warehouse_file().read_bytes() != before
