"""What all commands share: the application, options, and how an error becomes one line and an exit code.

Exit codes: 0 completed, also with issues; 1 the run itself failed; 2 wrong usage; 3 another run
holds the lock; 130 interrupted. No stack trace ever reaches the terminal.

Prefect, pandas and DuckDB are imported by the commands that need them: help must be instant, and
Prefect takes its settings from the environment when it is first imported.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from flows import settings
from flows.contract.text import visible

if TYPE_CHECKING:
    from flows.contract.paths import Paths

FAILED, LOCKED, INTERRUPTED = 1, 3, 130
_MOST_NAMES = 30

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="District trade-union records in, normalised tables and annual target metrics out.\n\n"
    "A first look: [bold]union-assessment sample[/], then [bold]union-assessment run --year 2015 "
    "--inbox data/sample/inbox[/], then [bold]union-assessment status[/].\n\n"
    "Files arrive as INBOX/<unit>/…, where <unit> is a unit's name, short name or code. "
    "UNION_ASSESSMENT_DATA moves the data folder (inbox, vault, warehouse); a vault of sample records "
    "and one of real records should not be the same.",
)

Inbox = Annotated[
    Path | None,
    typer.Option(
        help="Folder with one folder per sender; default: inbox of the data folder.",
        exists=True,
        file_okay=False,
    ),
]
Received = Annotated[
    str | None,
    typer.Option(
        metavar="TIME",
        help="Record the files as received on that day (YYYY-MM-DD) or at that time (YYYY-MM-DDTHH:MM), "
        "and that it was back-dated.",
    ),
]
Unit = Annotated[
    str | None,
    typer.Option(help="A unit to end with, by name, short name or code; default: the first ten places."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


@contextmanager
def plainly() -> Iterator[None]:
    """Turn every exception into one line and an exit code."""
    try:
        yield
    except (typer.Exit, typer.Abort, typer.BadParameter):
        raise
    except (SystemExit, GeneratorExit):
        raise
    except Exception as error:
        from flows.ingest.lock import AlreadyRunningError
        from flows.normalise.machine_trouble import is_interrupt

        if is_interrupt(error):
            raise _interrupted() from None
        say(f"error: {str(error).strip() or type(error).__name__}")
        raise typer.Exit(LOCKED if isinstance(error, AlreadyRunningError) else FAILED) from None
    except BaseException:  # KeyboardInterrupt, or Prefect's own signal for SIGTERM inside a flow
        raise _interrupted() from None


def _interrupted() -> typer.Exit:
    say("interrupted; what was published before is still in place")
    return typer.Exit(INTERRUPTED)


def warn_of_sample(inbox: Path | None) -> None:
    made_up = settings.paths().data / "sample"
    if inbox is not None and made_up.is_dir() and made_up not in inbox.resolve().parents:
        say(
            f"note: this data folder also holds made-up records ({made_up}); for real files set "
            "UNION_ASSESSMENT_DATA to another"
        )


def name_unknown(folders: Iterable[str]) -> None:
    """Say which folders of the inbox mean no unit, each with those it may have been meant for."""
    from flows.normalise.unsettled_words import nearest_units

    for folder in folders:
        units = "、".join(nearest_units(folder).values())
        near = f"; nearest: {units}" if units else ""
        say(f"no unit is called {folder or '(no folder)'}: what lies there is kept, and not read{near}")


def existing(inbox: Path | None, where: Paths) -> Path:
    """The inbox, which must be there: an empty run for a misspelt folder would look like success."""
    folder = inbox or where.inbox
    if not folder.is_dir():
        raise typer.BadParameter(f"there is no {folder}; name a folder with --inbox")
    return folder


def unit_code(text: str | None) -> str | None:
    """The unit that a name, short name or code means today."""
    from flows.contract.units import reference

    if text is None:
        return None
    code = reference().resolve_sender(text, settings.now().date())
    if code is None:
        raise typer.BadParameter(f"{text} is the name of no unit; see data/reference/unit.csv")
    return code


def to_day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text} is not a day like 2015-11-30") from None


def to_moment(text: str | None, day_is: time = time.max) -> datetime | None:
    """`text` as wall-clock time of China; a day alone means its end, so that its deliveries are in."""
    if text is None:
        return None
    try:
        if len(text) == len("2015-11-30"):
            return datetime.combine(date.fromisoformat(text), day_is)
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text} is not a time like 2015-11-30 or 2015-11-30T18:00") from None
    return moment.astimezone(ZoneInfo(settings.ZONE)).replace(tzinfo=None) if moment.tzinfo else moment


def echo(line: str) -> None:
    sys.stdout.write(visible(line) + "\n")


def name_passed_over(where: Paths) -> None:
    """Name what lay in the inbox and was not taken in, by the last intake."""
    from flows.ingest.vault import Vault

    passed = Vault(where.vault).passed_over()
    for file in passed[:_MOST_NAMES]:
        say(f"not taken in: {file.name} ({file.code})")
    if len(passed) > _MOST_NAMES:
        say(f"… and {len(passed) - _MOST_NAMES} more in the inbox")


def say(line: str) -> None:
    sys.stderr.write(visible(line) + "\n")
    sys.stderr.flush()
