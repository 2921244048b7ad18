"""Commands about a year's scheme: check it, print it, write its targets from a signed workbook."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.cli.base import app, echo, plainly, say


@app.command()
def scheme(
    year: Annotated[
        str, typer.Argument(metavar="YEAR", help="A year of data/scheme, or the folder of a scheme.")
    ],
    out: Annotated[
        Path | None,
        typer.Option(help="File to write; without it the page goes to standard output.", dir_okay=False),
    ] = None,
) -> None:
    """Write a year's scheme as a page to print: what is published is what is computed.

    Purpose, groups, items with their scoring standard, missing data, bonus,
    deductions, vetoes, order of computation, ties, grades, and the targets of
    every unit with their documents. One HTML page without anything fetched;
    a browser prints it on A4.

    [bold]union-assessment scheme 2015 --out 考核办法.html[/]
    [bold]union-assessment scheme drafts/2016 > draft.html[/]
    """
    folder = Path(year)
    if not year.isdigit() and not folder.is_dir():
        raise typer.BadParameter(f"{year} is neither a year nor the folder of a scheme")
    with plainly():
        from flows.report.scheme_document import document
        from flows.score.folder import load_folder, load_year

        found = load_year(int(year)) if year.isdigit() else load_folder(folder)
        page = document(found)
        if out is None:
            echo(page.removesuffix("\n"))
        else:
            out.write_text(page, encoding="utf-8")
            say(f"{found.scheme.label}: {out}")
