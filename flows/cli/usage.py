"""Help and wrong usage in the language of the terminal: typer says both in English alone.

Its words are kept as it has them, so that a new release which says something else is seen by the tests and not by the office.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from functools import cache
from typing import Any

import typer
from typer._click.exceptions import NoArgsIsHelpError, UsageError
from typer.core import TyperCommand, TyperGroup

from flows.language import _, later

#: Words of a usage line.
_USAGE = (later("Usage:"), later("[OPTIONS]"), later("COMMAND [ARGS]"))

#: What is said of wrong usage; an inner message is said by one of these again.
_SAID = (
    later("Invalid value for {place}: {message}"),
    later("Invalid value: {message}"),
    later("Missing option {place}."),
    later("Missing argument {place}."),
    later("Missing command."),
    later("No such command {place}."),
    later("No such option: {place} (Possible options: {others})"),
    later("No such option: {place}"),
    later("Got unexpected extra argument(s) ({others})"),
    later("Option {place} requires an argument."),
    later("Option {place} does not take a value."),
    later("path {place} does not exist."),
    later("file {place} does not exist."),
    later("dir {place} does not exist."),
    later("dir {place} is a file."),
    later("file {place} is a directory."),
    later("Input should be a valid integer, unable to parse string as an integer"),
    later("Input should be a valid number, unable to parse string as a number"),
    later("Input should be greater than or equal to {least}"),
    later("Input should be less than or equal to {most}"),
    later("Input should be {choices}"),
    later("Value error, {value} is not one of {choices}."),
)


def wording(message: str) -> str:
    """A message of typer's in the language of the terminal; one that it does not know as it is."""
    for said in _SAID:
        pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+)", re.escape(said))
        if match := re.fullmatch(pattern, message, re.DOTALL):
            values = match.groupdict()
            if "message" in values:
                values["message"] = wording(values["message"])
            return _(said, **values)
    return message


class Command(TyperCommand):
    """A command that says how it is used in the language of the terminal."""

    def get_usage(self, ctx: Any) -> str:
        return _usage(super().get_usage(ctx))

    def format_help(self, ctx: Any, formatter: Any) -> None:
        _heads()
        super().format_help(ctx, formatter)

    def get_help_option(self, ctx: Any) -> Any:
        return _help(super().get_help_option(ctx))


class Group(TyperGroup):
    """The commands together; what is wrong with the usage of any of them is said here."""

    def get_usage(self, ctx: Any) -> str:
        return _usage(super().get_usage(ctx))

    def format_help(self, ctx: Any, formatter: Any) -> None:
        _heads()
        super().format_help(ctx, formatter)

    def get_help_option(self, ctx: Any) -> Any:
        return _help(super().get_help_option(ctx))

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        return list(_worded(super().parse_args, ctx, args))

    def invoke(self, ctx: Any) -> Any:
        return _worded(super().invoke, ctx)


def help_of(function: Callable[..., Any]) -> str:
    """The docstring of a command as its help, in the language of the terminal."""
    return "\n\n".join(_(paragraph) for paragraph in paragraphs(function.__doc__ or ""))


def paragraphs(docstring: str) -> list[str]:
    """What the catalogue has of a command's docstring: prose as one line each, examples line by line as they are."""
    blocks = inspect.cleandoc(docstring).split("\n\n")
    return [block if block.startswith("[bold]") else " ".join(block.split()) for block in blocks]


def _usage(text: str) -> str:
    """`Usage: union-assessment run [OPTIONS]`."""
    for word in _USAGE:
        text = text.replace(word, _(word), 1)
    return text


@cache
def _heads() -> None:
    """Typer makes the heads of its panels when their module is imported, which takes a while: done for a help or an error only."""
    from typer import rich_utils

    rich_utils.ARGUMENTS_PANEL_TITLE = _("Arguments")
    rich_utils.OPTIONS_PANEL_TITLE = _("Options")
    rich_utils.COMMANDS_PANEL_TITLE = _("Commands")
    rich_utils.ERRORS_PANEL_TITLE = _("Error")
    rich_utils.ABORTED_TEXT = _("Aborted.")
    rich_utils.REQUIRED_LONG_STRING = _("[required]")
    rich_utils.DEFAULT_STRING = _("[default: {}]")
    rich_utils._get_rich_console = _folding(rich_utils._get_rich_console)
    rich_utils.RICH_HELP = _("Try [blue]'{command_path} {help_option}'[/] for help.")


def _folding(made: Callable[..., Any]) -> Callable[..., Any]:
    """A console that goes on in the next line where a clause is too long for one: Chinese has no blanks to break at."""
    from rich.text import Text

    def console(stderr: bool = False) -> Any:
        found = made(stderr)
        render = found.render

        def folded(renderable: Any, options: Any = None) -> Any:
            if isinstance(renderable, Text):
                renderable.overflow = "fold"
            return render(renderable, options)

        found.render = folded
        found.on_broken_pipe = _passed_on
        return found

    return console


def _passed_on() -> None:
    raise BrokenPipeError


def _help(option: Any) -> Any:
    if option is not None:
        option.help = _("Show this message and exit.")
    return option


def _worded(step: Callable[..., Any], *arguments: Any) -> Any:
    """Go a step of typer's, and say in the language of the terminal what is wrong."""
    try:
        return step(*arguments)
    except NoArgsIsHelpError:
        raise
    except UsageError as error:
        _heads()
        raise UsageError(wording(error.format_message()), error.ctx) from None
    except typer.Abort:
        _heads()
        raise
