"""All steps of a run but Prefect as a process, `python -m tests.soak.pipeline DATA INBOX`: says each step as it begins.

The time of receipt is given; interrupts, exit codes and the lock are those of the command line.
"""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import typer

from flows.assess.score_years import assess
from flows.cli import interruptible
from flows.cli.base import plainly
from flows.contract.paths import Paths
from flows.contract.units import reference
from flows.ingest.lock import run_lock
from flows.ingest.vault import Vault
from flows.metrics.refresh import measure
from flows.normalise.build import build
from flows.returns.write_returns import write_returns
from flows.warehouse.publish import publish

NOW = datetime(2016, 12, 1)
YEAR = 2015


def run(paths: Paths, inbox: Path) -> None:
    with run_lock(paths.lock):
        print("intake", flush=True)
        Vault(paths.vault).take_in(inbox, NOW, reference().resolve_sender)
        print("load", flush=True)
        build(paths)
        print("measure", flush=True)
        measure(paths)
        print("score", flush=True)
        assess(paths, YEAR)
        print("publish", flush=True)
        publish(paths)
        print("returns", flush=True)
        write_returns(paths)
        print("done", flush=True)


if __name__ == "__main__":
    interruptible()
    try:
        with plainly():
            run(Paths(Path(sys.argv[1])), Path(sys.argv[2]))
    except typer.Exit as end:
        sys.exit(end.exit_code)
