"""Steps of a run but for Prefect as a process, `python -m tests.soak.pipeline DATA INBOX ROOT STEP…`: says each as it begins.

The time of receipt is given; interrupts, exit codes, the lock and the encoding of names are those of the command line.
The backup lies beside the data folder, the scheme below ROOT.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import typer

from flows import settings
from flows.assess.score_years import create_open, score_years
from flows.book.close_year import close
from flows.cli import in_utf8, interruptible
from flows.cli.base import FAILED, plainly, say
from flows.contract.paths import Paths
from flows.contract.units import reference
from flows.database.connect import METRIC_MEMORY, open_build
from flows.ingest import backup
from flows.ingest.lock import run_lock
from flows.ingest.vault import Vault
from flows.metrics.refresh import measure
from flows.normalise.build import build
from flows.returns.write_returns import write_returns
from flows.warehouse.books import books
from flows.warehouse.publish import publish
from flows.warehouse.verify import require

#: What the machine's clock says unless `SOAK_NOW` does.
NOW = datetime(2016, 12, 1)
YEAR = 2015


def _take_in(paths: Paths, inbox: Path, _root: Path) -> None:
    require(paths)
    now = datetime.fromisoformat(os.environ.get("SOAK_NOW") or NOW.isoformat())
    Vault(paths.vault).take_in(inbox, now, reference().resolve_sender)


def score(paths: Paths, _inbox: Path, root: Path) -> None:
    with open_build(paths, None, METRIC_MEMORY) as con:
        con.execute("begin")
        score_years(con, YEAR, root)
        create_open(con)
        con.execute("commit")


def _close(paths: Paths, _inbox: Path, root: Path) -> None:
    require(paths)
    if not books(paths.books):
        close(paths, YEAR, NOW, root=root)


STEPS: dict[str, Callable[[Paths, Path, Path], object]] = {
    "intake": _take_in,
    "load": lambda paths, *_: build(paths),
    "measure": lambda paths, *_: measure(paths),
    "score": score,
    "publish": lambda paths, *_: publish(paths),
    "returns": lambda paths, *_: write_returns(paths),
    "close": _close,
    "backup": lambda paths, *_: backup.backup(paths, paths.data.parent / "backup"),
    "restore": lambda paths, *_: backup.restore(paths, paths.data.parent / "backup"),
}
#: What a run does.
RUN = ("intake", "load", "measure", "score", "publish", "returns")


def run(paths: Paths, inbox: Path, root: Path, *steps: str) -> None:
    with run_lock(paths.lock):
        for step in steps:
            print(step, flush=True)
            STEPS[step](paths, inbox, root)
        print("done", flush=True)


if __name__ == "__main__":
    in_utf8()
    interruptible()
    if lack := settings.lack_of_memory():
        say(lack)
        sys.exit(FAILED)
    data, inbox, root, *steps = sys.argv[1:]
    try:
        with plainly():
            run(Paths(Path(data)), Path(inbox), Path(root), *steps)
    except typer.Exit as end:
        sys.exit(end.exit_code)
