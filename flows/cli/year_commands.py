"""Commands about the course of a year: where units stand within it, and its close."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Annotated

import typer

from flows import settings
from flows.cli.base import FAILED, AsJson, By, command, echo, plainly, say, to_day, unit_code
from flows.language import _


@command()
def close(
    year: Annotated[int, typer.Argument(min=1990, max=2100, help=_("The assessment year."))],
    reason: Annotated[
        str | None, typer.Option(help=_("Why; it is kept with the edition, and needed with --again."))
    ] = None,
    again: Annotated[
        bool,
        typer.Option("--again", help=_("Decide a closed year anew: the next edition; earlier ones stay.")),
    ] = False,
    by: By = None,
    despite: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help=_(
                "Close over this undecided matter, named as in the list; once for each, with --by and --reason."
            ),
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Close a year: what the warehouse says about it becomes an edition that nothing changes any more.

    Values, points, results, targets and the scheme's fingerprint are kept in
    data/books and shown as book.* in every later warehouse; what arrives later
    changes assess.* only. Both side by side: [bold]open.结账对照[/], [bold]open.结账分项对照[/].

    Refused, with a list, while there are findings of severity error, items
    without points or provisional results, appeals, bonus applications or events under appeal that nobody has decided, and when
    data/scheme has another scheme than the one the results were made with. A place or grade that does not follow from the published
    totals by the scheme's rules, derived once more in SQL, is refused as well. What is undecided may be closed over with --despite:
    who decided it stands in the book and in the vault's anchor.

    Exit code 0: closed; 1: it stays open. With --json one object: year, closed,
    unsettled (code, message, unit, item, name) or edition, folder, closed_on,
    fingerprint, rows.
    """
    if again and not reason:
        raise typer.BadParameter(_("--again needs a --reason: why the year is decided anew"))
    if despite and not (by and reason):
        raise typer.BadParameter(
            _("--despite needs --by and --reason: who decided to close over it, and why")
        )
    with plainly():
        from flows.book.close_year import YearStaysOpen
        from flows.book.close_year import close as close_year
        from flows.book.unit_receipt import put_receipts
        from flows.ingest.lock import run_lock
        from flows.report.results.write_results import write_results

        where = settings.paths()
        try:
            with run_lock(where.lock):
                book = close_year(where, year, settings.now(), reason, again, by=by, despite=despite or ())
                if where.warehouse_file().exists():
                    write_results(where, year)  # letters name the book
                    put_receipts(where, book.folder)
        except YearStaysOpen as error:
            if as_json:
                matters = [
                    {"code": m.code, "message": m.message, "unit": m.unit, "item": m.item, "name": m.key}
                    for m in error.matters
                ]
                echo(
                    json.dumps(
                        {"year": year, "closed": False, "unsettled": matters}, ensure_ascii=False, indent=2
                    )
                )
            else:
                for m in error.matters:
                    echo("  ".join(filter(None, (m.code, m.unit, m.item, m.message, m.key and f"[{m.key}]"))))
                say(str(error))
            raise typer.Exit(FAILED) from None
        made = book.manifest
        if as_json:
            told = {
                "year": year,
                "closed": True,
                "edition": made.edition,
                "folder": str(book.folder),
                "closed_on": made.closed_on.isoformat(),
                "fingerprint": book.fingerprint,
                "manifest": book.sums.get("edition.json"),
                "signed_by": made.signed_by,
                "rows": made.rows,
            }
            echo(json.dumps(told, ensure_ascii=False, indent=2))
        else:
            echo(
                _(
                    "edition: {folder}, with what was known on {day}",
                    folder=book.folder,
                    day=made.closed_on,
                )
            )
            echo(_("fingerprint: {fingerprint}", fingerprint=book.fingerprint))
            if made.signed_by:
                echo(
                    _(
                        "manifest: {manifest}, signed by {key}",
                        manifest=book.manifest_hash,
                        key=made.signed_by,
                    )
                )
            echo(_("rows: {counts}", counts=", ".join(f"{n:,} {table}" for table, n in made.rows.items())))


@command()
def results(
    year: Annotated[
        int | None,
        typer.Option(min=1990, max=2100, help=_("The assessment year; default: the last one scored.")),
    ] = None,
    unit: Annotated[
        str | None,
        typer.Option(help=_("One unit in full, by name, short name or code; default: the ranking.")),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """The ranking of a scored year, or one unit item by item: target, actual, points, place.

    From the published warehouse; nothing is written. The same with charts and
    the sentence behind each number: data/results/YEAR/index.html and YEAR.xlsx.

    [bold]union-assessment results --year 2015[/]
    [bold]union-assessment results --year 2015 --unit 永川区[/]

    Exit code 1: the year is not scored; 2: no such unit.

    With --json one array, an object per unit of the ranking, or per item of
    the unit; amounts are exact texts.
    """
    code = unit_code(unit)
    with plainly():
        from flows.report import terminal
        from flows.report.results import screen
        from flows.report.results.scored_year import scored_years, year_results
        from flows.warehouse.books import latest

        where = settings.paths()
        file = where.warehouse_file()
        year = year or max(scored_years(file), default=settings.now().year)
        found = replace(year_results(file, year), book=latest(where, year))
        if code is not None and code not in found.items:
            raise typer.BadParameter(_("{unit} is not assessed in {year}", unit=unit, year=year))
        if as_json:
            echo(json.dumps(screen.as_rows(found, code), ensure_ascii=False, indent=2))
        elif code is None:
            screen.show_ranking(terminal.results(), found)
        else:
            screen.show_unit(terminal.results(), found, code)


@command()
def progress(
    on: Annotated[str, typer.Option(metavar="YYYY-MM-DD", help=_("The day; its year is the one assessed."))],
    unit: Annotated[
        str | None,
        typer.Option(help=_("One unit in full, by name, short name or code; default: all, lights only.")),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Where units stand on a day within the year: the year's scheme, beside the pace of past years.

    What adds up during a year is expected at the share of its total that all
    units had reached by that day in up to three years before (without a past: the
    share of the days); a rate, a stock or a streak is held against its target. Green,
    yellow and red begin where the scheme's `pace` says (default: 100 % and 80 %
    of what is expected). No light: no figure, and the state says why.

    From what the warehouse knows now; nothing is written. The monthly flow
    keeps the same in assess.progress, with Chinese names in [bold]open.进度[/].

    [bold]union-assessment progress --on 2015-06-30[/]
    [bold]union-assessment progress --on 2015-06-30 --unit 永川区[/]

    With --json one array, an object per unit and item: unit, name, item, label,
    indicator, state, target, actual, pace, pace_basis (past, elapsed, target),
    expected, light (green, yellow, red, null), points, full_points.
    """
    day, code = to_day(on), unit_code(unit)
    with plainly():
        from flows.assess.progress import ask_progress
        from flows.report import terminal, year_tables

        assert day is not None  # noqa: S101 (only None has no day)
        found = ask_progress(settings.paths().warehouse_file(), day)
        if code is not None and code not in found.units:
            raise typer.BadParameter(_("{unit} is not assessed in {year}", unit=unit, year=day.year))
        if as_json:
            echo(terminal.as_json(year_tables.progress_frame(found, code)))
        elif code is None:
            year_tables.show_lights(terminal.results(), found)
        else:
            year_tables.show_unit(terminal.results(), found, code)
