"""What a run says on a terminal, and the plain lines it writes where there is none.

Results go to standard output and progress to standard error, so that a pipe gets results alone.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, time
from decimal import Decimal
from typing import Any

import pandas as pd
from rich.cells import cell_len
from rich.columns import Columns
from rich.console import Console, ConsoleOptions, RenderableType
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.segment import Segment
from rich.table import Table

from flows.contract.text import inert, is_figure, visible
from flows.language import _, later

#: Columns of a table that is not shown on a terminal, whose own width would be taken otherwise.
PLAIN_WIDTH = 160

#: Columns in which a longer text can still be read.
_FOLDED = 18

_SEVERITIES = {"error": later("error"), "warning": later("warning"), "info": later("info")}

_Listener = Callable[[str, int, int], None]


class _Console(Console):
    """A console that no text can steer: names of files and sheets, and cells, come from whoever sent them."""

    def on_broken_pipe(self) -> None:
        """Whoever reads has had enough: the command ends, see `plainly` of the command line."""
        raise BrokenPipeError

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterator[Segment]:
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=visible(segment.text))


def results() -> Console:
    """Where results go."""
    plain = not sys.stdout.isatty()
    return _Console(width=PLAIN_WIDTH if plain else None, highlight=False, soft_wrap=plain)


def remarks() -> Console:
    """Where progress, warnings and errors go."""
    return _Console(stderr=True, highlight=False, soft_wrap=not sys.stderr.isatty())


@contextmanager
def progress(console: Console) -> Iterator[_Listener]:
    """A listener for (stage, done, of): a line each on a terminal, a line at each quarter of a stage elsewhere."""
    if not console.is_terminal:
        yield _Lines(console)
        return
    columns = (
        SpinnerColumn(finished_text="✓"),
        TextColumn("{task.description}"),
        _Counted(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bars:
        known: dict[str, TaskID] = {}

        def listen(stage: str, done: int, of: int) -> None:
            stage = _(stage)
            if stage not in known:
                if of == 0:  # a step; it begins where all before it ended
                    for task in bars.tasks:
                        bars.update(task.id, total=task.total or 1, completed=task.total or 1)
                known[stage] = bars.add_task(escape(stage), total=of or None, is_counted=of > 0)
            bars.update(known[stage], completed=done, total=of or None)

        yield listen


class _Counted(ProgressColumn):
    """How far a counted stage is; a step that is not counted has its spinner only."""

    def __init__(self) -> None:
        super().__init__()
        self._bar, self._count = BarColumn(bar_width=20), MofNCompleteColumn()

    def render(self, task: Task) -> RenderableType:
        if not task.fields["is_counted"]:
            return ""
        return Columns([self._bar.render(task), self._count.render(task)])


class _Lines:
    """Progress as plain lines: the first, each further quarter, the last."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._said: dict[str, int] = {}

    def __call__(self, stage: str, done: int, of: int) -> None:
        stage = _(stage)
        quarter = 4 if of <= 0 else done * 4 // of
        if self._said.get(stage, -1) < quarter:
            self._said[stage] = quarter
            self._console.print(f"{stage} {done}/{of}" if of > 0 else stage, markup=False)


def show(console: Console, frame: pd.DataFrame, title: str | None = None) -> None:
    """A data frame as a table; numbers to the right, NULL as nothing, binary keys as hex.

    What a terminal is too narrow for is shown row by row instead, a line for each value that is there.
    """
    cells = [[text(value) for value in row] for row in frame.itertuples(index=False, name=None)]
    if console.is_terminal and _least_width([list(map(str, frame.columns)), *cells]) > console.width:
        _show_rows(console, list(map(str, frame.columns)), cells, title)
        return
    table = Table(title=title, title_justify="left", header_style="bold", show_edge=console.is_terminal)
    for name in frame.columns:
        table.add_column(
            escape(str(name)), justify="right" if _numeric(frame[name]) else "left", overflow="fold"
        )
    for row in cells:
        table.add_row(*map(escape, row))
    console.print(table)


def _least_width(rows: list[list[str]]) -> int:
    """Columns that a table needs to be read: of a long text a part of it, folded."""
    return sum(3 + min(_FOLDED, max(map(cell_len, column))) for column in zip(*rows, strict=True)) + 1


def _show_rows(console: Console, names: list[str], rows: list[list[str]], title: str | None) -> None:
    if title:
        console.print(title, markup=False)
    for number, row in enumerate(rows, 1):
        console.rule(str(number), align="left", style="dim")
        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.add_column(justify="right", style="dim", no_wrap=True)
        grid.add_column(overflow="fold")
        for name, value in zip(names, row, strict=True):
            if value:
                grid.add_row(escape(name), escape(value))
        console.print(grid)


def show_counts(console: Console, counts: Mapping[str, int], title: str) -> None:
    """Names and numbers, thousands separated."""
    rows = {"": [_(name) for name in counts], _("number"): [f"{n:,}" for n in counts.values()]}
    show(console, pd.DataFrame(rows), title)


def plain_table(
    title: str, columns: Mapping[str, str], folded: Collection[str] = (), width: int | None = None
) -> Table:
    """A table with heads, without edges, whose cells go on in the next line where they are too long.

    Args:
        title: What it is of; may be empty.
        columns: Its heads, with `left` or `right`.
        folded: Those that are folded; none: any of them.
        width: Its width; without one it takes what it needs.

    Returns:
        The table, without rows.
    """
    made = Table(title=title or None, title_justify="left", show_edge=False, pad_edge=False, width=width)
    for head, side in columns.items():
        made.add_column(head, justify=side, overflow="fold", no_wrap=bool(folded) and head not in folded)  # type: ignore[arg-type]
    return made


def sentence(console: Console, line: str) -> None:
    """One sentence, wrapped at 80 columns."""
    console.print(escape(line), width=80, soft_wrap=False)


def severity(code: str) -> str:
    """error, warning or info, as a person reads it."""
    return _(_SEVERITIES[code])


def text(value: object) -> str:
    """One value as a person reads it."""
    if value is None or value is pd.NaT or (isinstance(value, float) and value != value) or value is pd.NA:
        return ""
    if isinstance(value, bytes | bytearray):
        return value.hex()
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(text(item) or 'NULL' for item in value)}]"
    if isinstance(value, dict):
        fields = (f"{key!r}: {text(item) or 'NULL'}" for key, item in value.items())
        return f"{{{', '.join(fields)}}}"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, float) and value.is_integer():
        return f"{value:.0f}"
    if isinstance(value, datetime) and value.time() == time.min:
        return f"{value:%Y-%m-%d}"
    return visible(str(value))


def as_json(frame: pd.DataFrame) -> str:
    """Rows as a JSON list of objects; days as ISO text, NULL as null."""
    rows = [{str(k): _plain(v) for k, v in row.items()} for row in frame.to_dict("records")]
    return json.dumps(rows, ensure_ascii=False, indent=2)


def as_csv(frame: pd.DataFrame) -> str:
    """Rows as CSV with a header; NULL is an empty field. A text that a spreadsheet would calculate begins with an apostrophe.

    In UTF-8 it begins with a mark that it is; in a terminal's own encoding there is none.
    """
    is_unicode = (sys.stdout.encoding or "").lower().startswith("utf")
    written = frame.map(_cell).rename(columns=_cell).to_csv(index=False, lineterminator="\n")
    return ("\ufeff" if is_unicode else "") + written


def _cell(value: object) -> str:
    written = text(value)
    return inert(written) if isinstance(value, str) else written


def _plain(value: object) -> object:
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, bool | int | str):
        return value
    written = text(value)
    if written == "":
        return None
    if isinstance(value, float):
        return value
    return written


def _numeric(column: pd.Series[Any]) -> bool:
    held = column.dropna()
    return bool(len(held)) and all(_is_figure(v) for v in held)


def _is_figure(value: object) -> bool:
    if isinstance(value, str):
        return is_figure(value)
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)
