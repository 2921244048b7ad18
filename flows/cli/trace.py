"""`trace`: from a published number back to the cells it came from."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from flows import settings
from flows.cli.base import FAILED, AsJson, app, echo, plainly, unit_code


@app.command()
def trace(
    unit: Annotated[str, typer.Argument(metavar="UNIT", help="A unit: name, short name or code.")],
    year: Annotated[int, typer.Option(min=1990, max=2100, help="The assessment year.")],
    indicator: Annotated[
        str | None, typer.Option(help="An indicator, by id or label: its value alone, without a scheme.")
    ] = None,
    limit: Annotated[int, typer.Option(min=0, help="Rows that are shown; sums are always over all.")] = 20,
    every: Annotated[
        bool, typer.Option("--all", help="Also the rows of the same tables that do not count, and why.")
    ] = False,
    csv: Annotated[
        Path | None, typer.Option(help="Write the address of every row that counts.", dir_okay=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """x"""
    from flows.report import terminal
    from flows.report import trace as report
    from flows.store.proof import Wanted, prove

    code = unit_code(unit)
    with plainly(), ExitStack() as opened:
        sink = (
            report.csv_sink(opened.enter_context(csv.open("w", encoding="utf-8-sig", newline="")))
            if csv
            else None
        )
        with terminal.progress(terminal.remarks()) as listener:
            proof = prove(
                settings.paths(),
                Wanted(code or "", indicator or "", str(year), None, limit, every, sink),
                listener,
            )
        if as_json:
            echo(report.as_json(proof))
        else:
            report.show(terminal.results(), proof)
        raise typer.Exit(0 if proof.is_proven else FAILED)
