"""Commands that keep what was handed in: compare all of it with what it was, back it up, put it back, read it again."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from flows import settings
from flows.cli.base import FAILED, AsJson, By, command, echo, plainly, say, to_day
from flows.language import _, several

KeyFile = Annotated[Path | None, typer.Option("--key", help=_("The key lies apart, in this file."))]


@command()
def verify(
    book: Annotated[
        Path | None,
        typer.Argument(
            metavar="[BOOK]",
            help=_("Compare this book, a folder, and nothing else: no data folder is needed."),
        ),
    ] = None,
    manifest: Annotated[
        str | None, typer.Option(help=_("Of the book: the hash of its manifest that a letter prints."))
    ] = None,
    signed_by: Annotated[
        str | None, typer.Option(help=_("Of the book: the fingerprint of the office's public key."))
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help=_("Read every file of the vault."))] = False,
    since: Annotated[
        str | None,
        typer.Option(
            metavar="YYYY-MM-DD", help=_("Read files that were not found sound on that day or later.")
        ),
    ] = None,
    head: Annotated[
        str | None,
        typer.Option(help=_("The end of the chain that an earlier verify named: it must still lead there.")),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Is everything what it was? Ledger, key, vault files, books, the published warehouse, schemes.

    Without an option only those files of the vault are read that never were found sound. What is cut off goes on where
    it was with the same --since. The weekly schedule does it with the day four weeks before.

    It ends with the end of the chain. Written down outside of the data folder and given with --head it shows what nothing
    inside can: that an older copy of everything was put back.

    With BOOK that book is compared wherever it lies: hashes, signature, the editions beside it, sums, places and grades, CSV
    and Parquet; where this is the code that wrote it, the results are also scored anew from its facts and scheme. Whose the key is,
    only a fingerprint from elsewhere tells: letters print it. The file verify.py in the book does the most of it with Python alone.

    Exit code 0: all is as it was; 1: each difference is named with what to do. With --json one object: counts,
    differences (where, what), head; of a book: book, checks (name, claim, wrong, is_open).
    """
    if book is not None:
        if everything or since or head:
            raise typer.BadParameter(
                _("--all, --since and --head are about the data folder, not about a book")
            )
        if not (book / "edition.json").is_file():
            raise typer.BadParameter(_("{folder} is no book: it holds no edition.json", folder=book))
        _verify_book(book, manifest, signed_by, as_json)
    if manifest or signed_by:
        raise typer.BadParameter(_("--manifest and --signed-by are about a book: name its folder"))
    if head is not None and not re.fullmatch("[0-9a-f]{16,64}", head):
        raise typer.BadParameter(_("{text} is not the end of a chain: 16 or more of 0-9a-f", text=head))
    day = date.max if everything else to_day(since)
    with plainly():
        from flows.ingest.vault import Vault
        from flows.report import terminal
        from flows.warehouse.verify import older_than
        from flows.warehouse.verify import verify as compare

        where = settings.paths()
        with terminal.progress(terminal.remarks()) as listener:
            found = compare(where, settings.now().date(), day, listener)
        differences = [*found.differences, *(older_than(where, head) if head else [])]
        end = next(iter(Vault(where.vault).chain.heads()[-1:]), "")
        if as_json:
            told = {"counts": found.counts, "differences": [asdict(d) for d in differences], "head": end}
            echo(json.dumps(told, ensure_ascii=False, indent=2))
        else:
            for difference in differences:
                echo(str(difference))
            counts = _("{files:,} files, {files_read:,} read; {books:,} closed years", **found.counts)
            differing = several("{n:,} difference", "{n:,} differences", len(differences))
            say(_("; ").join((counts, differing)))
            say(_("end of the chain: {head}", head=end[:16]))
        raise typer.Exit(FAILED if differences else 0)


def _verify_book(book: Path, manifest: str | None, signed_by: str | None, as_json: bool) -> NoReturn:
    with plainly():
        from flows.book.check_alone import lines
        from flows.book.verify_book import verify_book

        found = verify_book(book, manifest, signed_by)
        if as_json:
            told = {"book": str(book), "checks": [check._asdict() for check in found]}
            echo(json.dumps(told, ensure_ascii=False, indent=2))
        else:
            for line in lines(found):
                echo(line)
    raise typer.Exit(FAILED if any(check.wrong for check in found) else 0)


@command()
def backup(
    target: Annotated[Path, typer.Argument(metavar="DIR", help=_("Another disk; may hold earlier backups."))],
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
        say(_("backup: {state}, files in {path}", state=state, path=target / "file"))
        say(
            _(
                "key: {path}: whoever has it can test whether a person is in the data",
                path=key or state / "key",
            )
        )


@command()
def restore(
    source: Annotated[
        Path, typer.Argument(metavar="DIR", help=_("A folder that `backup` wrote."), exists=True)
    ],
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
        say(
            _(
                "{count} files put back from {state}; what lay there is in {aside}",
                count=len(done.put_back),
                state=done.state,
                aside=done.aside,
            )
        )
        if newer:
            say(
                _(
                    "the warehouse was made from more than the backup knows and is now {newer}: put the files "
                    "that came later into the inbox again, in folders named as the days they were received",
                    newer=newer,
                )
            )
        for difference in left:
            echo(str(difference))
        raise typer.Exit(FAILED if left or done.lost else 0)


@command()
def retry(
    delivery_id: Annotated[
        int | None, typer.Argument(metavar="[ID]", help=_("delivery_id of meta.delivery."))
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help=_("All that are listed."))] = False,
    reason: Annotated[str, typer.Option(help=_("Why; it stays in the ledger."))] = "",
    by: By = None,
) -> None:
    """Read again what failed by a fault of ours, a time limit or a crash.

    Without an ID or --all what failed is listed and nothing is written. With one the next run reads it again, without a
    rebuild; that it was asked for stays in the ledger. What a run could not load because the machine failed (an interrupt,
    memory, a full disk) was never recorded as read: every run tries it again by itself.
    """
    if everything and delivery_id is not None:
        raise typer.BadParameter(_("give either ID or --all"))
    with plainly():
        from flows.database.connect import open_published, sql_text
        from flows.ingest.ledger import VaultError
        from flows.ingest.lock import run_lock
        from flows.ingest.vault import Vault

        where = settings.paths()
        with run_lock(where.lock):
            vault = Vault(where.vault)
            with open_published(where.warehouse_file()) as con:
                failed = dict(con.execute(sql_text("ask", "failed_deliveries")).fetchall())
            if delivery_id is not None and delivery_id not in failed:
                raise VaultError(
                    _(
                        "delivery {number} did not fail: retry without an ID lists those that did",
                        number=vault.delivery(delivery_id).delivery_id,
                    )
                )
            chosen = list(failed) if delivery_id is None else [delivery_id]
            for number in chosen:
                delivery = vault.delivery(number)
                say(
                    _(
                        "delivery {number}: {folder}/{name} ({names})",
                        number=number,
                        folder=delivery.folder,
                        name=delivery.name,
                        names=", ".join(failed[number]),
                    )
                )
            if chosen and (everything or delivery_id is not None):
                vault.retry(chosen, settings.now(), by, reason)
                say(_("{count} are read again by the next run", count=len(chosen)))
            elif chosen:
                say(_("nothing is written: name an ID, or --all"))
            else:
                say(_("nothing failed"))
