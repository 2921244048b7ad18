"""The monthly flow under Prefect: it builds, keeps the progress of a day, publishes, and leaves its lights with the run."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from flows.assess.progress import RagCounts
from flows.contract.paths import Paths
from flows.warehouse.query import run_sql

pytestmark = pytest.mark.usefixtures("prefect_server")

JUNE = date(2011, 6, 30)


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


def test_a_second_run_is_refused_while_one_is_under_way(data_folder: Paths) -> None:
    from flows.ingest.lock import AlreadyRunningError, run_lock
    from flows.monthly import monthly

    with run_lock(data_folder.lock), pytest.raises(AlreadyRunningError):
        monthly(on=JUNE)
    assert not data_folder.warehouse_file().exists()
