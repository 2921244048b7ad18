"""Commands for a district alone: the data of its score statement, and its score worked out again from its own files."""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from flows import settings
from flows.cli.base import FAILED, AsJson, command, echo, plainly, say, unit_code
from flows.language import _


@command()
def receipt(
    unit: Annotated[str, typer.Option(help=_("The unit, by name, short name or code."))],
    year: Annotated[
        int | None,
        typer.Option(min=1990, max=2100, help=_("The assessment year; default: the last one scored.")),
    ] = None,
    book: Annotated[
        Path | None,
        typer.Option(help=_("The book or preview it is about; default: the year's last one.")),
    ] = None,
    now: Annotated[
        bool, typer.Option("--now", help=_("About what is published now, also where there is a book."))
    ] = False,
    out: Annotated[
        Path | None, typer.Option(help=_("The file; default: beside the unit's letter in data/results."))
    ] = None,
) -> None:
    """Write the data of a unit's score statement: all it needs to work out its score alone, in one file.

    Its deliveries with hash and time, figures, items with their sentences, result; the scheme's files; what its points, total,
    place and grade depend on. Of other units it holds no more than the published results show. The file is for that unit:
    it works everything out again with [bold]union-assessment recompute[/].

    From the year's last book, or else its last preview, or else what is published now; the file says which, and with which hash.
    """
    code = unit_code(unit)
    assert code is not None  # noqa: S101 (it was given)
    if book is not None and now:
        raise typer.BadParameter(_("give either --book or --now"))
    with plainly():
        from flows.book.unit_receipt import put_receipt, receipt_now, receipts
        from flows.report.results.scored_year import scored_years
        from flows.warehouse.books import latest

        where = settings.paths()
        folder = book
        if folder is None:
            year = year or max(scored_years(where.warehouse_file()), default=settings.now().year)
            known = None if now else latest(where, year)
            folder = known.folder if known else None
        if folder is None:
            assert year is not None  # noqa: S101 (set above)
            data = receipt_now(where, year, code)
        else:
            [(_code, data)] = receipts(folder, code)
        said, file = json.loads(data), put_receipt(where, data, out)
        of = said["of"]["name"] or _(
            "what is published now, with what was known on {day}", day=said["of"]["known_on"]
        )
        say(_("{file}: {name}, {year}, of {of}", file=file, name=said["name"], year=said["year"], of=of))


@command()
def recompute(
    receipt: Annotated[Path, typer.Option(help=_("The file that `receipt` wrote for the unit."))],
    inbox: Annotated[
        Path,
        typer.Option(help=_("The unit's own files, in any folders: they are found by their hashes.")),
    ],
    keep: Annotated[
        Path | None,
        typer.Option(
            help=_("Keep the data folder that is made on the way here; it holds what the files hold.")
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Work a unit's score out again from its own files, the code and its receipt. Needs no data folder and no network.

    The files are read in a fresh folder at the times of their receipt. Figures and late days that come of them take the
    place of those in the receipt, and the year is scored. Said is what agrees by the unit's own files alone, what agrees with
    what the receipt says of the office's records and lists, what with figures of other units, and what differs.

    Exit code 0: all agrees; 1: something differs, or a delivery has no file. With --json one object: unit, name, year, of,
    deliveries, missing, counts, compared (kind, label, said, again, outcome: own, office, peers, differs).
    """
    for place in (receipt, inbox):
        if not place.exists():
            raise typer.BadParameter(_("there is no {path}", path=place))
    if keep is not None and keep.exists() and any(keep.iterdir()):
        raise typer.BadParameter(_("{folder} is not empty", folder=keep))
    with plainly():
        from flows.book.recompute import KINDS, OUTCOMES
        from flows.book.recompute import recompute as work_out
        from flows.book.write_book import code_hash
        from flows.contract.catalogue import code_lists

        folder = keep or Path(tempfile.mkdtemp(prefix="recompute-"))
        try:
            found = work_out(receipt, inbox, folder, settings.now())
        finally:
            if keep is None:
                shutil.rmtree(folder, ignore_errors=True)
        counts = {kind: found.counts(kind) for kind in KINDS}
        if as_json:
            told = asdict(found) | {"counts": counts}
            told["compared"] = [{k: v for k, v in c.items() if k != "key"} for c in told["compared"]]
            echo(json.dumps(told, ensure_ascii=False, indent=2))
        else:
            echo(
                _(
                    "{name}, {year}: {of}",
                    name=found.name,
                    year=found.year,
                    of=found.of["name"]
                    or _("as published, with what was known on {day}", day=found.of["known_on"]),
                )
            )
            if found.of["code"] != code_hash():
                echo(_("the receipt was written by other code: differences may come from that"))
            for kind, label in KINDS.items():
                numbers = {**counts[kind], "all": sum(counts[kind].values())}
                echo(
                    _(
                        "{kind}: {own} of {all} by own files, {office} with the office's records, {peers} with figures of others, {differs} differ",
                        kind=_(label),
                        **numbers,
                    )
                )
            lists = (code_lists()[name] for name in ("value_state", "assessment_grade"))
            labels = {entry.code: entry.label for entries in lists for entry in entries}
            for c in found.compared:
                if c.outcome != "own":
                    about = " ".join(dict.fromkeys((_(KINDS[c.kind]), c.label)))
                    said, again = (labels.get(text, text) for text in (c.said, c.again))
                    echo(f"  {_(OUTCOMES[c.outcome])}  {about}: {said} / {again}")
            for name in found.missing:
                echo(_("no file for the delivery {name}", name=name))
        differs = any(c.outcome == "differs" for c in found.compared)
    raise typer.Exit(FAILED if differs or found.missing else 0)
