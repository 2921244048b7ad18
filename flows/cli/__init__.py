"""The command line. It starts runs, asks the warehouse, and says in one line what went wrong.

Each module of commands registers itself with the application of `base.py` when it is imported.
"""

from __future__ import annotations

import signal

from flows.cli import records, scheme, trace, whatif, year
from flows.cli.base import app

__all__ = ["app", "main", "records", "scheme", "trace", "whatif", "year"]


def main() -> None:
    """Entry point of `union-assessment`."""
    signal.signal(signal.SIGTERM, _interrupt)  # so that a terminated run ends the server it started
    app()


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt
