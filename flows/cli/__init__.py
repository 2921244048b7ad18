"""The command line. It starts runs, asks the warehouse, and says in one line what went wrong.

Each module of commands registers itself with the application of `base.py` when it is imported.
"""

from __future__ import annotations

import locale
import os
import signal
import sys
from io import TextIOWrapper
from pathlib import Path

from flows import settings
from flows.cli import publication_commands as publication
from flows.cli import receipt_commands as receipts
from flows.cli import record_commands as records
from flows.cli import scheme_commands as scheme
from flows.cli import trace_commands as trace
from flows.cli import trust_commands as trust
from flows.cli import whatif_commands as whatif
from flows.cli import withdrawal_commands as withdrawal
from flows.cli import word_commands as words
from flows.cli import year_commands as year
from flows.cli.base import app, nobody_reads
from flows.ingest.inbox import readable

__all__ = [
    "app",
    "main",
    "publication",
    "receipts",
    "records",
    "scheme",
    "trace",
    "trust",
    "whatif",
    "withdrawal",
    "words",
    "year",
]


def main() -> None:
    """Entry point of `union-assessment`."""
    in_utf8()
    interruptible()
    try:
        app(settings.without_language(sys.argv[1:])[1])
    except BrokenPipeError:
        nobody_reads()
    finally:
        try:
            sys.stdout.flush()
        except BrokenPipeError:
            nobody_reads()


def in_utf8() -> None:
    """Names of files are UTF-8 under any locale: under another encoding DuckDB and Python would write one path as two.

    Such a process begins anew in UTF-8 mode; what it shows is in the terminal's encoding all the same.
    """
    if sys.getfilesystemencoding() != "utf-8" and "utf8=0" not in "".join(sys.orig_argv):
        given = [a if Path(a).exists() else readable(a).encode() for a in sys.orig_argv[1:]]
        environment = {**os.environ, "PYTHONUTF8": "1"}
        os.execve(sys.executable, [sys.executable, *given], environment)  # noqa: S606 (this very program)
    if locale.getencoding().lower() in ("gbk", "gb2312", "gb18030"):
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, TextIOWrapper):
                stream.reconfigure(encoding=locale.getencoding(), errors="replace")


def interruptible() -> None:
    """Whatever asks this process to end is an interrupt, which leaves everything in order."""
    for name in ("SIGTERM", "SIGHUP"):  # so that a run which is ended ends the server it started
        number = getattr(signal, name, None)  # Windows has no SIGHUP; under nohup it is ignored, and stays so
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _interrupt)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt
