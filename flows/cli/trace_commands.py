"""`trace`: from published points or a published value back to the cells they came from, and whether they follow."""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from flows import settings
from flows.cli.base import FAILED, AsJson, command, echo, plainly, unit_code
from flows.language import _


@command()
def trace(
    unit: Annotated[
        str | None, typer.Argument(metavar="[UNIT]", help=_("A unit: name, short name or code."))
    ] = None,
    what: Annotated[
        str | None,
        typer.Argument(
            metavar="[WHAT]",
            help=_(
                "An item of the year's scheme or an indicator, by id or label; or total, rank, grade, gate, bonus, deduction."
            ),
        ),
    ] = None,
    year: Annotated[
        int | None,
        typer.Option(min=1990, max=2100, help=_("The assessment year; default: the last one scored.")),
    ] = None,
    named: Annotated[str | None, typer.Option("--unit", help=_("The unit, instead of UNIT."))] = None,
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
        bool,
        typer.Option(
            "--all",
            help=_(
                "With an item or indicator: also the rows of the same tables that do not count, and why. Without UNIT: every "
                "number of every unit, with counts."
            ),
        ),
    ] = False,
    all_items: Annotated[
        bool,
        typer.Option("--all-items", help=_("Every number of the unit: figures, items, what was decided.")),
    ] = False,
    peers: Annotated[
        bool,
        typer.Option(
            "--peers",
            help=_(
                "Read again also the figures of other units that points depend on; takes as long as there are units."
            ),
        ),
    ] = False,
    edition: Annotated[
        int | None,
        typer.Option(
            min=1,
            help=_(
                "A closed edition of the year, by what counted when it was closed; default: what is published now."
            ),
        ),
    ] = None,
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

    What was decided is proven like that, too: the total from its items, the place beside its neighbours, the grade by its
    quota, gates with their evidence, bonus and deductions within their caps. Where points depend on other units, their
    figures are as published unless --peers is given, and the proof says so.

    [bold]union-assessment trace 永川区 --year 2015[/]
    [bold]union-assessment trace 永川区 mediation --year 2015[/]
    [bold]union-assessment trace 永川区 名次 --year 2015 --peers[/]
    [bold]union-assessment trace --unit 永川区 --all-items --year 2015 --json[/]
    [bold]union-assessment trace --all --year 2015[/]
    [bold]union-assessment trace 永川区 总分 --year 2015 --edition 1[/]
    [bold]union-assessment trace 永川区 --indicator members --year 2015 --all[/]

    Exit code 0: proven; 1: not proven, every difference is named; 2: no such
    unit, item or indicator, or several (they are listed).

    With --json one object: proven, complete (nothing as published), differences (code, published, found,
    part_id, row_number, delivery_id), for points: points, explanation,
    figures (computed, actual, corrections, proof), parts, recorded, due, peers; for a decision: published, again, steps; for a
    value: published, tally, sources, standing, reported, lines (part_id,
    row_number, cells), passed, passed_by_reason; for many numbers: counts, numbers. Amounts are exact texts.
    Cells of persons are null; persons are numbers that mean nothing elsewhere.
    """
    if edition is not None and (indicator is not None or (what is None and not (all_items or every))):
        raise typer.BadParameter(_("--edition is for an item, a decision, or every number of a year"))
    if what is not None and indicator is not None:
        raise typer.BadParameter(_("give either ITEM or --indicator"))
    if unit is not None and named is not None:
        raise typer.BadParameter(_("give either UNIT or --unit"))
    unit = unit or named
    if unit is None and not every:
        raise typer.BadParameter(_("name a unit, or --all for all of them"))
    code = unit_code(unit) or ""
    with plainly(), ExitStack() as opened:
        from flows.audit.decided_proof import decided_proof, kind_meant
        from flows.audit.item_proof import item_proof
        from flows.audit.proof_model import NotPublishedError
        from flows.audit.trace_subject import TraceSubject, alike, by_indicator, meant
        from flows.audit.value_proof import ValueAsked, prove_value
        from flows.audit.year_again import YearAsked, read_year_again
        from flows.database.connect import open_published
        from flows.report import terminal
        from flows.report.results.scored_year import scored_years
        from flows.report.trace import trace_report as report

        where = settings.paths()
        of_year = year or max(scored_years(where.warehouse_file()), default=settings.now().year)
        if unit is None or all_items:
            _every_number(code, of_year, peers, edition, as_json)
        if what is None and indicator is None:
            _why(code, unit or "", of_year, as_json, details)
            return
        choices: list[TraceSubject] = []
        kind = kind_meant(what or "")
        with open_published(where.warehouse_file()) as con:
            choices = by_indicator(indicator) if indicator else meant(con, of_year, what or "")
            kind = None if choices else kind
            near = [] if choices or indicator else alike(con, of_year, what or "")
        if kind is None and len(choices) != 1:
            raise typer.BadParameter(
                _unclear(what or indicator or "", of_year, [c.said for c in choices or near])
            )
        sink = None
        if csv is not None:
            sink = report.csv_sink(opened.enter_context(csv.open("w", encoding="utf-8-sig", newline="")))
        shown = 20 if limit is None else limit
        listener = opened.enter_context(terminal.progress(terminal.remarks()))
        try:
            if kind is None and choices[0].item is None:
                wanted = ValueAsked(code, choices[0].indicator or "", str(of_year), None, shown, every, sink)
                found: report.Proof = prove_value(where, wanted, listener)
            else:
                item = None if kind else choices[0].item
                is_alone = kind in ("gate", "bonus", "deduction")
                asked = YearAsked(
                    _all_units(where.warehouse_file(), of_year)
                    if kind and peers and not is_alone
                    else (code,),
                    of_year,
                    (item,) if item else None,
                    kind if is_alone else None,
                    peers,
                    shown if item or is_alone else 0,
                    every,
                    sink,
                    edition,
                )
                with read_year_again(where, asked, listener) as again:
                    found = decided_proof(again, code, kind) if kind else item_proof(again, code, item or "")
        except NotPublishedError as error:
            raise typer.BadParameter(str(error)) from None
        opened.close()
        if as_json:
            echo(report.as_json(found))
        else:
            report.show(terminal.results(), found, details or every or limit is not None)
        raise typer.Exit(0 if found.is_proven else FAILED)


def _all_units(warehouse: Path, year: int) -> tuple[str, ...]:
    from flows.database.connect import open_published

    with open_published(warehouse) as con:
        query = "select unit_code from assess.result where year = $year order by unit_code"
        return tuple(unit for (unit,) in con.execute(query, {"year": year}).fetchall())


def _every_number(code: str, year: int, peers: bool, edition: int | None, as_json: bool) -> None:
    """Every number of a unit, or of all, and how many of them are proven; ends the command."""
    from flows.audit.year_again import YearAsked, read_year_again
    from flows.audit.year_proofs import prove_numbers
    from flows.report import terminal
    from flows.report.trace import trace_report as report

    where = settings.paths()
    units = (code,) if code else _all_units(where.warehouse_file(), year)
    if code and code not in _all_units(where.warehouse_file(), year):
        raise typer.BadParameter(_("{unit} is not assessed in {year}", unit=code, year=year))
    read = _all_units(where.warehouse_file(), year) if peers else units
    with (
        terminal.progress(terminal.remarks()) as listener,
        read_year_again(where, YearAsked(read, year, limit=0, edition=edition), listener) as again,
    ):
        numbers = list(prove_numbers(again, units))
    if as_json:
        told = {"year": year, "counts": report.counts_of(numbers), "numbers": [asdict(n) for n in numbers]}
        echo(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        report.show_numbers(terminal.results(), numbers)
    raise typer.Exit(0 if all(n.is_proven for n in numbers) else FAILED)


def _why(code: str, unit: str, year: int, as_json: bool, is_full: bool) -> None:
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
        screen.show_why(terminal.results(), found, code, is_full)


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
