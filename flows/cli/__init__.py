"""The command line. It starts runs, asks the warehouse, and says in one line what went wrong.

Each module of commands registers itself with the application of `base.py` when it is imported.
"""

from __future__ import annotations

import signal

from flows.cli import record_commands as records
from flows.cli import scheme_commands as scheme
from flows.cli import trace_commands as trace
from flows.cli import trust_commands as trust
from flows.cli import whatif_commands as whatif
from flows.cli import withdrawal_commands as withdrawal
from flows.cli import word_commands as words
from flows.cli import year_commands as year
from flows.cli.base import app

__all__ = ["app", "main", "records", "scheme", "trace", "trust", "whatif", "withdrawal", "words", "year"]


def main() -> None:
    """Entry point of `union-assessment`."""
    interruptible()
    app()


def interruptible() -> None:
    """Whatever asks this process to end is an interrupt, which leaves everything in order."""
    for name in ("SIGTERM", "SIGHUP"):  # so that a run which is ended ends the server it started
        number = getattr(signal, name, None)  # Windows has no SIGHUP; under nohup it is ignored, and stays so
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _interrupt)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt
