"""One data folder and one Prefect server per test session, both thrown away.

Properties are tried on the same examples every time, so that a change decides whether they hold and not the dice; new
examples are looked for with `make test ARGS="--hypothesis-profile=explore"`.

Prefect reads its settings when it is first imported, so the environment is set here, before any
test module is: no test can reach a profile, a server or the data folder of whoever runs it.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from filelock import FileLock

from flows import settings
from flows.contract.paths import Paths
from flows.language import use

hypothesis.settings.register_profile("repeatable", derandomize=True, deadline=None)
hypothesis.settings.register_profile("explore", deadline=None)
hypothesis.settings.load_profile("repeatable")

#: Files and folders whose tests take seconds each: whole samples, servers, whole runs. `make quick` leaves them out.
SLOW = (
    "test_sample_truth.py",
    "test_private_server.py",
    "test_serve.py",
    "test_flows.py",
    "test_log.py",
    "test_cli",
    "assess/",
    "audit/",
    "book/",
    "messy/",
    "natural/",
    "normalise/",
    "returns/",
    "sample/",
    "warehouse/",
    "contract/test_record_rules.py",
    "metrics/",
    "report/test_data_package.py",
    "report/test_outcome.py",
    "report/test_template.py",
    "report/test_trace.py",
    "read/test_messy.py",
    "read/test_sheet.py",
    "macro/test_credit_code.py",
    "macro/test_money.py",
    "macro/test_text.py",
    "score/test_path_to_grade.py",
    "score/test_sensitivity.py",
)


#: Files that take longest begin first, so that no process is left alone with one at the end.
LONGEST = (
    "test_sample_truth.py",
    "test_private_server.py",
    "test_serve.py",
    "test_flows.py",
    "test_log.py",
    "audit/",
    "book/",
    "assess/",
    "metrics/",
    "warehouse/",
    "normalise/",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent

    def place(item: pytest.Item) -> int:
        file = item.path.relative_to(here).as_posix()
        if file.startswith(SLOW):
            item.add_marker(pytest.mark.slow)
        return next((at for at, start in enumerate(LONGEST) if file.startswith(start)), len(LONGEST))

    items.sort(key=place)


use("en")  # whatever the locale of who runs the tests; commands make their help when they are imported
_SESSION = tempfile.TemporaryDirectory(prefix="union-assessment-tests-")
os.environ["UNION_ASSESSMENT_SIGNING_KEY"] = str(Path(_SESSION.name).resolve() / "signing-key.pem")
# Nothing listens on port 9: a flow that runs without the `prefect_server` fixture fails at once.
settings.enter_prefect(Paths(Path(_SESSION.name).resolve() / "data"), "http://127.0.0.1:9/api")


@pytest.fixture(scope="session")
def prefect_server() -> Iterator[None]:
    """A throw-away Prefect server: the first flow of a process costs 8 to 16 s, so tests share one."""
    from prefect.testing.utilities import prefect_test_harness

    with prefect_test_harness(server_startup_timeout=120):
        yield


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Paths:
    """The small files of `tests/support/inboxes.py`, built and published once for all workers: whoever changes them copies them."""
    from tests.support.inboxes import fill

    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "filled"
    with FileLock(shared.with_suffix(".lock")):
        if not (shared / "done").exists():
            fill(shared)
            (shared / "done").touch()
    return Paths(shared)


@pytest.fixture
def data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Paths:
    """An empty data folder that `flows.settings` answers with."""
    monkeypatch.setenv("UNION_ASSESSMENT_DATA", str(tmp_path / "data"))
    where = settings.paths()
    where.inbox.mkdir(parents=True)
    return where


@pytest.fixture
def chinese() -> Iterator[None]:
    """A terminal that speaks Chinese."""
    use("zh")
    yield
    use("en")
