"""`trace`: from published points or a published value back to the cells they came from, and whether they follow."""

from __future__ import annotations

import json
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from flows import settings
from flows.cli.base import FAILED, AsJson, command, echo, plainly, unit_code
from flows.language import _


@command()
def trace(
    unit: Annotated[str, typer.Argument(metavar="UNIT", help=_("A unit: name, short name or code."))],
    year: Annotated[int, typer.Option(min=1990, max=2100, help=_("The assessment year."))],
    what: Annotated[
        str | None,
        typer.Argument(
            metavar="[ITEM]", help=_("An item of the year's scheme or an indicator, by id or label.")
        ),
    ] = None,
    indicator: Annotated[
        str | None,
        typer.Option(
            help=_("An indicator, by id or label: its value alone; works for years without a scheme.")
        ),
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=0, help=_("Rows that are shown, else 20; sums are always over all."))
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help=_("Also the rows of the same tables that do not count, and why."))
    ] = False,
    details: Annotated[
        bool, typer.Option("--details", help=_("Every step, row and file, not what one screen has room for."))
    ] = False,
    csv: Annotated[
        Path | None,
        typer.Option(help=_("Write the address of every row that counts to a file."), dir_okay=False),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Prove a number: score, rule, both sides, records, delivery, sheet, row; or say why a unit stands where it does.

    UNIT alone: its result, its neighbours and the items that it lost most in. With an item or an indicator on a terminal
    first as much as one screen holds, all of it with --details, --all or --limit; a file or a pipe gets all.

    Reads the files again from the vault, bytes as they arrived, and compares
    with what was published: row by row, their sum by the shape of the
    indicator, and the aggregation run anew.

    [bold]union-assessment trace 永川区 --year 2015[/]
    [bold]union-assessment trace 永川区 mediation --year 2015[/]
    [bold]union-assessment trace 永川区 --indicator members --year 2015 --all[/]

    Exit code 0: proven; 1: not proven, every difference is named; 2: no such
    unit, item or indicator, or several (they are listed).

    With --json one object: proven, differences (code, published, found,
    part_id, row_number, delivery_id), for points: points, explanation,
    figures (computed, actual, corrections, proof), parts, recorded; for a
    value: published, tally, sources, standing, reported, lines (part_id,
    row_number, cells), passed, passed_by_reason. Amounts are exact texts.
    Cells of persons are null; persons are numbers that mean nothing elsewhere.
    """
    if what is not None and indicator is not None:
        raise typer.BadParameter(_("give either ITEM or --indicator"))
    from flows.audit.trace_subject import TOTAL

    code = unit_code(unit) or ""
    if what in (None, TOTAL) and indicator is None:
        with plainly():
            _why(code, unit, year, as_json)
        return
    with plainly(), ExitStack() as opened:
        from flows.audit.proof_model import NotPublishedError, ScoreProof, ValueProof
        from flows.audit.trace_subject import TraceSubject, alike, by_indicator, meant
        from flows.audit.value_proof import ValueAsked, prove_value
        from flows.database.connect import open_published
        from flows.report import terminal
        from flows.report.trace import trace_report as report

        where = settings.paths()
        if indicator is not None:
            choices: list[TraceSubject] = by_indicator(indicator)
            near: list[TraceSubject] = []
        else:
            with open_published(where.warehouse_file()) as edition:
                choices = meant(edition, year, what or "")
                near = [] if choices else alike(edition, year, what or "")
        if len(choices) != 1:
            raise typer.BadParameter(
                _unclear(what or indicator or "", year, [c.said for c in choices or near])
            )
        [choice] = choices
        sink = None
        if csv is not None:
            sink = report.csv_sink(opened.enter_context(csv.open("w", encoding="utf-8-sig", newline="")))
        with terminal.progress(terminal.remarks()) as listener:
            try:
                if choice.item is not None:
                    from flows.audit.item_proof import ItemAsked, prove_item

                    found: ValueProof | ScoreProof = prove_item(
                        where,
                        ItemAsked(code, year, choice.item, 20 if limit is None else limit, every, sink),
                        listener,
                    )
                else:
                    wanted = ValueAsked(
                        code,
                        choice.indicator or "",
                        str(year),
                        None,
                        20 if limit is None else limit,
                        every,
                        sink,
                    )
                    found = prove_value(where, wanted, listener)
            except NotPublishedError as error:
                raise typer.BadParameter(str(error)) from None
        if as_json:
            echo(report.as_json(found))
        else:
            report.show(terminal.results(), found, details or every or limit is not None)
        raise typer.Exit(0 if found.is_proven else FAILED)


def _why(code: str, unit: str, year: int, as_json: bool) -> None:
    """The first answer about a unit: where it stands, and what it lost."""
    from flows.report import terminal
    from flows.report.results import screen
    from flows.report.results.scored_year import year_results

    found = year_results(settings.paths().warehouse_file(), year)
    if code not in found.items:
        raise typer.BadParameter(_("{unit} is not assessed in {year}", unit=unit, year=year))
    if as_json:
        echo(json.dumps(screen.as_rows(found, code), ensure_ascii=False, indent=2))
    else:
        screen.show_why(terminal.results(), found, code)


def _unclear(text: str, year: int, choices: list[str]) -> str:
    if not choices:
        query = 'union-assessment sql "from ref.indicator"'
        return _(
            "{text} is no item of {year} and no indicator; all indicators: {command}",
            text=text,
            year=year,
            command=query,
        )
    return _(
        "{text} may mean {choices}; give one of them in full", text=text, choices=", ".join(choices[:20])
    )
