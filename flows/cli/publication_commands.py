"""Commands about publications of a year: previews for objections, and what two of them differ in."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer

from flows import settings
from flows.cli.base import FAILED, AsJson, command, echo, plainly, say, to_day, unit_code
from flows.language import _


@command()
def restate(
    before: Annotated[
        str, typer.Argument(metavar="A", help=_("The earlier: 2015-1, or 2015-p1 for a preview."))
    ],
    after: Annotated[
        str, typer.Argument(metavar="B", help=_("The later, or now: the published warehouse."))
    ] = "now",
    unit: Annotated[
        str | None, typer.Option(help=_("One unit item by item; default: all, results only."))
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say what two publications of a year differ in and why, so that it adds up.

    The year is scored again with the data, the targets, the scheme and the
    decisions of B taken one after the other; what each changes of points,
    places and grade is its own, and what is left over is the code's. Nothing is written.

    [bold]union-assessment restate 2015-1 2015-2[/]
    [bold]union-assessment restate 2015-预1 2015-预2 --unit 永川区[/]
    [bold]union-assessment restate 2015-1 now --json[/]

    What each new edition and preview changed stands in it (restatement.html),
    and in [bold]open.更正说明[/].

    Exit code 1: there is no such publication, or it was written without its facts.

    With --json one object: before, after, differences (year, unit_code, kind,
    item_id, label, before, after, by_data, by_target, by_scheme, by_decision,
    by_code, before_label, after_label, reasons, gone, came).
    """
    code = unit_code(unit)
    with plainly():
        from flows.assess.restatement import restatement_rows
        from flows.book.published_sides import sides
        from flows.database.connect import open_published
        from flows.report import terminal
        from flows.report.results.restatement_text import restatement_json, show_restatement

        where = settings.paths()
        with open_published(where.warehouse_file()) as con:
            then, now, since = sides(con, where, (before, after))
        rows = [row for row in restatement_rows(then, now, since) if code in (None, row["unit_code"])]
        if as_json:
            echo(restatement_json((then.name, now.name), rows))
        else:
            show_restatement(terminal.results(), (then.name, now.name), rows, code)


@command()
def preview(
    year: Annotated[int, typer.Argument(min=1990, max=2100, help=_("The assessment year."))],
    until: Annotated[
        str, typer.Option(metavar="YYYY-MM-DD", help=_("The last day on which objections are taken."))
    ],
    as_json: AsJson = False,
) -> None:
    """Publish the results of an open year under a number, for objections until a day.

    Written like an edition, into data/previews/YEAR-N, with what it changed
    beside the one before; nothing is decided by it, and open matters may be in
    it. Objections come as appeals that name its number.
    Letters, receipts, [bold]results[/] and [bold]status[/] name the last one; [bold]open.异议[/] lists what came.

    [bold]union-assessment preview 2015 --until 2016-02-10[/]

    Exit code 1: the year is not scored, its scheme is another by now, or the
    day is none to object on.

    With --json one object: year, published, unsettled (code, message, unit,
    item) or number, folder, until, known_on, fingerprint.
    """
    day = to_day(until)
    with plainly():
        from flows.book.close_year import YearStaysOpen
        from flows.book.preview import publish_preview
        from flows.book.unit_receipt import put_receipts
        from flows.ingest.lock import run_lock
        from flows.report.results.write_results import write_results

        assert day is not None  # noqa: S101 (only None has no day)
        where = settings.paths()
        try:
            with run_lock(where.lock):
                made = publish_preview(where, year, day, settings.now())
                write_results(where, year)  # letters name the preview
                put_receipts(where, made.folder)
        except YearStaysOpen as error:
            if as_json:
                told = {"year": year, "published": False, "unsettled": [asdict(m) for m in error.matters]}
                echo(json.dumps(told, ensure_ascii=False, indent=2))
            for matter in error.matters:
                say(matter.message)
            raise typer.Exit(FAILED) from None
        said = made.manifest
        if as_json:
            told = {
                "year": year,
                "published": True,
                "number": said.edition,
                "folder": str(made.folder),
                "until": day.isoformat(),
                "known_on": said.closed_on.isoformat(),
                "fingerprint": made.fingerprint,
            }
            echo(json.dumps(told, ensure_ascii=False, indent=2))
            return
        echo(_("preview: {folder}, with what was known on {day}", folder=made.folder, day=said.closed_on))
        echo(_("objections until {day}, as appeals that name {label}", day=day, label=made.label))
        echo(_("fingerprint: {fingerprint}", fingerprint=made.fingerprint))
