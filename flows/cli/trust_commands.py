"""Commands that keep what was handed in: compare all of it with what it was, back it up, put it back."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from flows import settings
from flows.cli.base import FAILED, AsJson, app, echo, plainly, say, to_day

KeyFile = Annotated[Path | None, typer.Option("--key", help="The key lies apart, in this file.")]


@app.command()
def verify(
    everything: Annotated[bool, typer.Option("--all", help="Read every file of the vault.")] = False,
    since: Annotated[
        str | None,
        typer.Option(metavar="YYYY-MM-DD", help="Read files that were not found sound on that day or later."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Is everything what it was? Ledger, key, vault files, books, the published warehouse, schemes.

    Without an option only those files of the vault are read that never were found sound. What is cut off goes on where
    it was with the same --since. The weekly schedule does it with the day four weeks before.

    Exit code 0: all is as it was; 1: each difference is named with what to do. With --json one object: counts,
    differences (where, what).
    """
    day = date.max if everything else to_day(since)
    with plainly():
        from flows.report import terminal
        from flows.warehouse.verify import verify as compare

        where = settings.paths()
        with terminal.progress(terminal.remarks()) as listener:
            found = compare(where, settings.now().date(), day, listener)
        if as_json:
            told = {"counts": found.counts, "differences": [asdict(d) for d in found.differences]}
            echo(json.dumps(told, ensure_ascii=False, indent=2))
        else:
            for difference in found.differences:
                echo(str(difference))
            counted = ", ".join(f"{n:,} {what.replace('_', ' ')}" for what, n in found.counts.items())
            say(f"{counted}; {len(found.differences) or 'no'} differences")
        raise typer.Exit(FAILED if found.differences else 0)


@app.command()
def backup(
    target: Annotated[Path, typer.Argument(metavar="DIR", help="Another disk; may hold earlier backups.")],
    key: KeyFile = None,
) -> None:
    """Copy what cannot be made again: vault files, ledger, anchor, key, books. Only what is new is copied.

    Refused where something is not what it was. Without the key no person of a restored vault can be matched with
    editions already published; with --key it is written there and not into DIR, which then identifies nobody by itself.
    """
    with plainly():
        from flows.ingest.backup import backup as copy
        from flows.ingest.lock import run_lock
        from flows.report import terminal
        from flows.warehouse.verify import require

        where = settings.paths()
        with run_lock(where.lock), terminal.progress(terminal.remarks()) as listener:
            require(where)
            state = copy(where, target, key, listener)
        say(f"backup     {state}, files in {target / 'file'}")
        say(f"key        {key or state / 'key'}: whoever has it can test whether a person is in the data")


@app.command()
def restore(
    source: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that `backup` wrote.", exists=True)],
    key: KeyFile = None,
) -> None:
    """Put back from a backup what is missing or changed: files, ledger, key, books. What it replaces is set aside.

    Then run the year again: everything else is made anew from it.
    """
    with plainly():
        from flows.ingest.backup import restore as put_back
        from flows.ingest.lock import run_lock
        from flows.report import terminal
        from flows.warehouse.verify import differences, set_newer_aside

        where = settings.paths()
        with run_lock(where.lock), terminal.progress(terminal.remarks()) as listener:
            done = put_back(where, source, key, listener)
            newer = set_newer_aside(where)
            left = differences(where)
        say(f"{len(done.put_back)} files put back from {done.state}; what lay there is in {done.aside}")
        if newer:
            say(
                f"the warehouse was made from more than the backup knows and is now {newer}: put the files that came later "
                "into the inbox again, in folders named as the days they were received"
            )
        for difference in left:
            echo(str(difference))
        raise typer.Exit(FAILED if left or done.lost else 0)
