"""Commands that decide what counts: a delivery is withdrawn, or counts again; far fewer rows than before are published.

All show first what it is about and ask; a script says --yes. Refuses to decide unasked: without a
terminal and without --yes nothing is written, and the exit code is 2.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows import settings
from flows.cli.base import FAILED, app, echo, plainly, say, unit_code

if TYPE_CHECKING:
    from flows.ingest.delivery import Delivery
    from flows.warehouse.supposed_ledger import SupposedPart, SupposedValue

#: Values that are listed; the rest is counted.
_MOST_VALUES = 30

Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


@app.command()
def withdraw(
    delivery_id: Annotated[
        int | None, typer.Argument(metavar="[ID]", help="delivery_id of meta.delivery.")
    ] = None,
    reason: Annotated[str | None, typer.Option(help="Why; it stays in the ledger.")] = None,
    listed: Annotated[
        Path | None,
        typer.Option(
            "--list",
            help="JSON list of {received, folder, name, reason} instead of ID and reason.",
            exists=True,
        ),
    ] = None,
    yes: Yes = False,
) -> None:
    """Withdraw a delivery: its rows stop counting with the next run. The file itself stays in the vault.

    Shows its file and tables, what counts in their place, and the figures of calendar years that change, then asks.
    [bold]unwithdraw[/] takes it back. A file that is put into the inbox again afterwards is a new delivery.
    """
    one = delivery_id is not None and reason is not None
    if one == (listed is not None) or (delivery_id is None) != (reason is None):
        raise typer.BadParameter("give either ID and --reason, or --list")
    with plainly():
        from flows.ingest.ledger import VaultError
        from flows.ingest.lock import run_lock
        from flows.ingest.vault import Vault
        from flows.ingest.withdrawal import chosen_by

        where = settings.paths()
        with run_lock(where.lock):
            vault = Vault(where.vault)
            if delivery_id is not None and reason is not None:
                chosen = [(vault.delivery(delivery_id), reason)]
            elif listed is not None:
                chosen = chosen_by(vault, listed)
            if gone := [d for d, _ in chosen if d.withdrawn_at is not None]:
                raise VaultError(
                    f"delivery {gone[0].delivery_id} was withdrawn on {gone[0].withdrawn_at:%Y-%m-%d %H:%M}"
                )
            now = settings.now()
            _show([d for d, _ in chosen], now)
            _ask(f"withdraw {len(chosen)} deliveries?", yes or not chosen)
            done = [vault.withdraw(d.delivery_id, why, now) for d, why in chosen]
        for delivery in done:
            say(f"withdrawn: delivery {delivery.delivery_id}, {delivery.folder}/{delivery.name}")
        say(f"{len(done)} deliveries stop counting with the next run")


@app.command()
def unwithdraw(
    delivery_id: Annotated[int, typer.Argument(metavar="ID", help="delivery_id of meta.delivery.")],
    reason: Annotated[str, typer.Option(help="Why; it stays in the ledger.")],
    yes: Yes = False,
) -> None:
    """Take a withdrawal back: the delivery counts again with the next run. Both decisions stay in the ledger."""
    with plainly():
        from flows.ingest.ledger import VaultError
        from flows.ingest.lock import run_lock
        from flows.ingest.vault import Vault

        where = settings.paths()
        with run_lock(where.lock):
            vault = Vault(where.vault)
            delivery = vault.delivery(delivery_id)
            if delivery.withdrawn_at is None:
                raise VaultError(f"delivery {delivery_id} is not withdrawn")
            _show([delivery], None)
            _ask("let it count again?", yes)
            vault.unwithdraw(delivery_id, reason, settings.now())
        say(f"delivery {delivery_id}, {delivery.folder}/{delivery.name}, counts again with the next run")


@app.command()
def acknowledge(
    by: Annotated[str | None, typer.Option(help="Name of who knows that it is so.")] = None,
    reason: Annotated[str | None, typer.Option(help="Why it is so; both stay in the ledger.")] = None,
    unit: Annotated[
        str | None, typer.Option(help="Of one unit only: name, short name or code; default: all.")
    ] = None,
    yes: Yes = False,
) -> None:
    """What the next publication waits for: units, kinds and periods with far fewer rows than before. With --by and --reason: let it be published.

    Holds for what is listed and the edition in place: what falls further, or falls later, stops a publication again. The
    limits are in data/reference/fall_limit.csv.

    Exit code 0: nothing stops it, or it is acknowledged; 1: listed only.
    """
    if (by is None) != (reason is None):
        raise typer.BadParameter("give both --by and --reason")
    code = unit_code(unit)
    with plainly():
        from flows.ingest.lock import run_lock
        from flows.warehouse.publication_stops import acknowledge as record
        from flows.warehouse.publication_stops import stops_at_hand

        where = settings.paths()
        with run_lock(where.lock):
            found = [stop for stop in stops_at_hand(where) if code in (None, stop.unit_code)]
            for stop in found:
                echo(str(stop))
            if not found:
                say("没有需要确认的 / nothing stops the next publication")
            elif by is None or reason is None:
                say(f"{len(found)}处待确认 / to acknowledge: --by 姓名 --reason 原因")
                raise typer.Exit(FAILED)
            else:
                _ask(f"确认{len(found)}处属实 / acknowledge these {len(found)}?", yes)
                record(where, found, by, reason, settings.now())
                say(f"已确认{len(found)}处，下次运行即可发布 / acknowledged; the next run publishes")


def _ask(question: str, is_settled: bool) -> None:
    """Return if it is to be done; end the command otherwise."""
    if is_settled:
        return
    if not sys.stdin.isatty():
        raise typer.BadParameter("this is no terminal to ask on: nothing is written; add --yes to do it")
    typer.confirm(question, abort=True, err=True)


def _show(deliveries: Sequence[Delivery], withdrawn_at: datetime | None) -> None:
    """What a decision would change, as the next run would have it."""
    from flows.warehouse.supposed_ledger import effect_of

    effect = effect_of(settings.paths(), deliveries, withdrawn_at)
    for d in deliveries:
        say(f"delivery {d.delivery_id}: {d.folder}/{d.name}, received {d.received_at:%Y-%m-%d %H:%M}")
        if d.withdrawn_at is not None:
            say(f"  withdrawn {d.withdrawn_at:%Y-%m-%d %H:%M}: {d.withdrawn_reason}")
        for part in effect.parts:
            if part.delivery_id == d.delivery_id:
                say(f"  {_part(part)}")
    if not effect.is_known:
        say("what it changes is known after the next run: there is no build of what the vault holds now")
    elif not effect.values:
        say("no figure of a calendar year changes")
    else:
        say(f"{len(effect.values)} figures of calendar years change; points and grades follow from them:")
        for value in effect.values[:_MOST_VALUES]:
            say(f"  {_value(value)}")
        if len(effect.values) > _MOST_VALUES:
            say(f"  … and {len(effect.values) - _MOST_VALUES} more")


def _part(part: SupposedPart) -> str:
    covers = f", {part.covers_from} to {part.covers_to}" if part.covers_from else ""
    sheet = f" ({part.sheet})" if part.sheet else ""
    rows = f"{part.rows_accepted:,} rows accepted, {part.rows_rejected:,} rejected"
    if part.counts_now == part.counts_then:
        change = "counts, as before" if part.counts_now else "does not count, as before"
    elif part.counts_then:
        change = "counts again"
    elif part.instead is None:
        change = "stops counting; nothing else covers this period"
    else:
        change = f"stops counting; delivery {part.instead} counts in its place"
    return f"{part.label}{sheet}{covers}: {rows}; {change}"


def _value(value: SupposedValue) -> str:
    now, then = (
        f"{number.normalize():f} {value.measure}" if number is not None else state or "未报"
        for number, state in ((value.now, value.state_now), (value.then, value.state_then))
    )
    return f"{value.unit} {value.year} {value.indicator}: {now} → {then}"
