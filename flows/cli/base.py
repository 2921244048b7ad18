"""What all commands share: the application, options, and how an error becomes one line and an exit code.

Exit codes: 0 completed, also with issues; 1 the run itself failed; 2 wrong usage; 3 another run
holds the lock; 4 completed and published, without deliveries that this machine cannot read; 130 interrupted. No stack trace ever reaches the terminal.

Prefect, pandas and DuckDB are imported by the commands that need them: help must be instant, and
Prefect takes its settings from the environment when it is first imported.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar
from zoneinfo import ZoneInfo

import typer

from flows import settings
from flows.cli.usage import Command, Group, help_of
from flows.contract.text import visible
from flows.language import _

if TYPE_CHECKING:
    from flows.contract.paths import Paths

FAILED, LOCKED, UNREAD, INTERRUPTED = 1, 3, 4, 130
_MOST_NAMES = 30

app = typer.Typer(
    cls=Group,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)

_Function = TypeVar("_Function", bound=Callable[..., Any])


def command() -> Callable[[_Function], _Function]:
    """Make a function a command, with its docstring as help in the language of the terminal."""
    return lambda function: app.command(cls=Command, help=help_of(function))(function)


def first_look(
    lang: Annotated[
        Literal["zh", "en"] | None,
        typer.Option(
            help=_(
                "Language, anywhere on the line; else that of UNION_ASSESSMENT_LANG or of the locale (zh… "
                "is Chinese)."
            )
        ),
    ] = None,
) -> None:
    """District trade-union records in, normalised tables and annual target metrics out.

    A first look: [bold]union-assessment sample[/], then [bold]union-assessment run --year 2015 --inbox
    data/sample/inbox[/], then [bold]union-assessment status[/].

    Files arrive as INBOX/<unit>/…, where <unit> is a unit's name, short name or code. UNION_ASSESSMENT_DATA moves the
    data folder (inbox, vault, warehouse); a vault of sample records and one of real records should not be the same.
    """


app.callback(help=help_of(first_look))(first_look)

Inbox = Annotated[
    Path | None,
    typer.Option(
        help=_("Folder with one folder per sender; default: inbox of the data folder."),
        exists=True,
        file_okay=False,
    ),
]
Received = Annotated[
    str | None,
    typer.Option(
        metavar="TIME",
        help=_(
            "Record the files as received on that day (YYYY-MM-DD) or at that time (YYYY-MM-DDTHH:MM), "
            "and that it was back-dated."
        ),
    ),
]
Unit = Annotated[
    str | None,
    typer.Option(help=_("A unit to end with, by name, short name or code; default: the first ten places.")),
]
By = Annotated[
    str | None, typer.Option(metavar="WHO", help=_("Who decides; default: the login. It stays in the chain."))
]
AsJson = Annotated[bool, typer.Option("--json", help=_("Print JSON instead of a table."))]


@contextmanager
def plainly() -> Iterator[None]:
    """Turn every exception into one line and an exit code; refuse to begin where libraries would abort for want of memory."""
    if lack := settings.lack_of_memory():
        say(_("error: {message}", message=lack))
        raise typer.Exit(FAILED)
    try:
        yield
    except (typer.Exit, typer.Abort, typer.BadParameter):
        raise
    except (SystemExit, GeneratorExit):
        raise
    except BrokenPipeError:
        nobody_reads()
        raise typer.Exit from None
    except Exception as error:
        from flows.ingest.lock import AlreadyRunningError
        from flows.normalise.machine_trouble import is_interrupt

        if is_interrupt(error):
            raise _interrupted() from None
        say(_("error: {message}", message=str(error).strip() or type(error).__name__))
        raise typer.Exit(LOCKED if isinstance(error, AlreadyRunningError) else FAILED) from None
    except BaseException:  # KeyboardInterrupt, or Prefect's own signal for SIGTERM inside a flow
        raise _interrupted() from None


def nobody_reads() -> None:
    """Whoever read our results has had enough of them (`| head`): what is left goes nowhere, and that is no error."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _interrupted() -> typer.Exit:
    say(_("interrupted; what was published before is still in place"))
    return typer.Exit(INTERRUPTED)


def warn_of_sample(inbox: Path | None) -> None:
    made_up = settings.paths().data / "sample"
    if inbox is not None and made_up.is_dir() and made_up not in inbox.resolve().parents:
        say(
            _(
                "note: this data folder also holds made-up records ({made_up}); for real files set "
                "UNION_ASSESSMENT_DATA to another",
                made_up=made_up,
            )
        )


def name_unknown(folders: Iterable[str]) -> None:
    """Say which folders of the inbox mean no unit, each with those it may have been meant for."""
    from flows.normalise.unsettled_words import nearest_units

    for folder in folders:
        units = "、".join(nearest_units(folder).values())
        named = folder or _("(no folder)")
        if units:
            told = _(
                "no unit is called {folder}: what lies there is kept, and not read; nearest: {units}",
                folder=named,
                units=units,
            )
        else:
            told = _("no unit is called {folder}: what lies there is kept, and not read", folder=named)
        say(told)


def existing(inbox: Path | None, where: Paths) -> Path:
    """The inbox, which must be there: an empty run for a misspelt folder would look like success."""
    folder = inbox or where.inbox
    if not folder.is_dir():
        raise typer.BadParameter(_("there is no {folder}; name a folder with --inbox", folder=folder))
    return folder


def unit_code(text: str | None) -> str | None:
    """The unit that a name, short name or code means today."""
    from flows.contract.units import reference

    if text is None:
        return None
    code = reference().resolve_sender(text, settings.now().date())
    if code is None:
        raise typer.BadParameter(_("{text} is the name of no unit; see data/reference/unit.csv", text=text))
    return code


def to_day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(_("{text} is not a day like 2015-11-30", text=text)) from None


def to_moment(text: str | None, day_is: time = time.max) -> datetime | None:
    """`text` as wall-clock time of China; a day alone means its end, so that its deliveries are in."""
    if text is None:
        return None
    try:
        if len(text) == len("2015-11-30"):
            return datetime.combine(date.fromisoformat(text), day_is)
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(
            _("{text} is not a time like 2015-11-30 or 2015-11-30T18:00", text=text)
        ) from None
    return moment.astimezone(ZoneInfo(settings.ZONE)).replace(tzinfo=None) if moment.tzinfo else moment


def echo(line: str) -> None:
    sys.stdout.write(visible(line) + "\n")


def name_passed_over(where: Paths) -> None:
    """Name what lay in the inbox and was not taken in, by the last intake."""
    from flows.ingest.vault import Vault

    passed = Vault(where.vault).passed_over()
    for file in passed[:_MOST_NAMES]:
        say(_("not taken in: {name} ({code})", name=file.name, code=file.code))
    if len(passed) > _MOST_NAMES:
        say(_("… and {count} more in the inbox", count=len(passed) - _MOST_NAMES))


def say(line: str) -> None:
    sys.stderr.write(visible(line) + "\n")
    sys.stderr.flush()
