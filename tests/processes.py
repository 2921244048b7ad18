"""Which processes a test has started, and whether they still run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from flows import settings
from flows.contract.catalogue import ROOT
from flows.contract.paths import Paths

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
    below: set[int] = set()
    while new := {
        p for p, parent in parents.items() if (parent == pid or parent in below) and p not in below
    }:
        below |= new
    return below


def _as_from_a_terminal(hangup: signal.Handlers) -> None:
    """Signals that tests started by nohup or in the background of a script ignore, and hand down ignored."""
    signal.signal(signal.SIGHUP, hangup)
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@contextmanager
def command(
    where: Paths,
    *arguments: str,
    hangup: signal.Handlers = signal.SIG_DFL,
    **environment: str,
) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """A command of ours as a process, and the lines it says as they come; terminated if it is still there."""
    process = subprocess.Popen(
        [sys.executable, "-m", "flows.cli", *arguments],
        cwd=ROOT,
        env=settings.environment_with({"UNION_ASSESSMENT_DATA": str(where.data), **environment}),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: _as_from_a_terminal(hangup),
    )
    lines: list[str] = []
    assert process.stderr is not None
    threading.Thread(target=lines.extend, args=(iter(process.stderr.readline, ""),), daemon=True).start()
    try:
        yield process, lines
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(60)


def await_line(lines: list[str], text: str, process: subprocess.Popen[str]) -> str:
    """The first line with some text, as soon as it is there."""
    limit = time.monotonic() + PATIENCE
    while time.monotonic() < limit:
        for line in list(lines):
            if text in line:
                return line
        assert process.poll() is None, f"ended with {process.returncode}: {lines}"
        time.sleep(0.2)
    raise AssertionError(f"no {text!r} within {PATIENCE} s: {lines}")
