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
from flows.cli.base import FAILED, By, command, echo, plainly, say, unit_code
from flows.language import _, several

if TYPE_CHECKING:
    from flows.ingest.delivery import Delivery
    from flows.warehouse.supposed_ledger import SupposedPart, SupposedValue

#: Values that are listed; the rest is counted.
_MOST_VALUES = 30

Yes = Annotated[bool, typer.Option("--yes", help=_("Do not ask."))]


@command()
def withdraw(
    delivery_id: Annotated[
        int | None, typer.Argument(metavar="[ID]", help=_("delivery_id of meta.delivery."))
    ] = None,
    reason: Annotated[str | None, typer.Option(help=_("Why; it stays in the ledger."))] = None,
    by: By = None,
    listed: Annotated[
        Path | None,
        typer.Option(
            "--list",
            help=_("JSON list of {received, folder, name, reason} instead of ID and reason."),
            exists=True,
        ),
    ] = None,
    yes: Yes = False,
    details: Annotated[
        bool, typer.Option("--details", help=_("With --list and --yes, too: what each was and what changes."))
    ] = False,
) -> None:
    """Withdraw a delivery: its rows stop counting with the next run. The file itself stays in the vault.

    Shows its file and tables, what counts in their place, and the figures of calendar years that change, then asks.
    [bold]unwithdraw[/] takes it back. A file that is put into the inbox again afterwards is a new delivery.
    """
    one = delivery_id is not None and reason is not None
    if one == (listed is not None) or (delivery_id is None) != (reason is None):
        raise typer.BadParameter(_("give either ID and --reason, or --list"))
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
            if gone := [d for d, _why in chosen if d.withdrawn_at is not None]:
                raise VaultError(
                    _(
                        "delivery {number} was withdrawn on {at:%Y-%m-%d %H:%M}",
                        number=gone[0].delivery_id,
                        at=gone[0].withdrawn_at,
                    )
                )
            now = settings.now()
            is_shown = details or not yes or listed is None
            if is_shown:
                _show([d for d, _why in chosen], now)
            _ask(
                several("withdraw {n} delivery?", "withdraw {n} deliveries?", len(chosen)), yes or not chosen
            )
            done = [vault.withdraw(d.delivery_id, why, now, by) for d, why in chosen]
        if is_shown:
            for delivery in done:
                say(
                    _(
                        "withdrawn: delivery {number}, {folder}/{name}",
                        number=delivery.delivery_id,
                        folder=delivery.folder,
                        name=delivery.name,
                    )
                )
        if listed is None:
            say(
                several(
                    "{n} delivery stops counting with the next run",
                    "{n} deliveries stop counting with the next run",
                    len(done),
                )
            )
        else:
            say(
                several(
                    "{n} delivery stops counting with the next run, as {file} has it with its reason",
                    "{n} deliveries stop counting with the next run, as {file} has it with their reasons",
                    len(done),
                    file=listed,
                )
            )


@command()
def unwithdraw(
    delivery_id: Annotated[int, typer.Argument(metavar="ID", help=_("delivery_id of meta.delivery."))],
    reason: Annotated[str, typer.Option(help=_("Why; it stays in the ledger."))],
    by: By = None,
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
                raise VaultError(_("delivery {number} is not withdrawn", number=delivery_id))
            _show([delivery], None)
            _ask(_("let it count again?"), yes)
            vault.unwithdraw(delivery_id, reason, settings.now(), by)
        say(
            _(
                "delivery {number}, {folder}/{name}, counts again with the next run",
                number=delivery_id,
                folder=delivery.folder,
                name=delivery.name,
            )
        )


@command()
def acknowledge(
    by: By = None,
    reason: Annotated[str | None, typer.Option(help=_("Why it is so; both stay in the ledger."))] = None,
    unit: Annotated[
        str | None, typer.Option(help=_("Of one unit only: name, short name or code; default: all."))
    ] = None,
    yes: Yes = False,
) -> None:
    """What the next publication waits for: far fewer rows than before, deliveries that cannot be read. With --reason (and --by): let it be published.

    Holds for what is listed and the edition in place: what falls further, or falls later, stops a publication again. The
    limits are in data/reference/fall_limit.csv.

    Exit code 0: nothing stops it, or it is acknowledged; 1: listed only.
    """
    if by is not None and reason is None:
        raise typer.BadParameter(_("give both --by and --reason"))
    code = unit_code(unit)
    with plainly():
        from flows.ingest.lock import login, run_lock
        from flows.warehouse.publication_stops import acknowledge as record
        from flows.warehouse.publication_stops import stops_at_hand

        where = settings.paths()
        with run_lock(where.lock):
            found = [stop for stop in stops_at_hand(where) if code in (None, stop.unit_code)]
            for stop in found:
                echo(str(stop))
            if not found:
                say(_("nothing stops the next publication"))
            elif reason is None:
                say(_("{count} to acknowledge: --by NAME --reason WHY", count=len(found)))
                raise typer.Exit(FAILED)
            else:
                _ask(_("acknowledge that these {count} are so?", count=len(found)), yes)
                record(where, found, by or login(), reason, settings.now())
                say(
                    _(
                        "{count} acknowledged; the next run publishes",
                        count=len(found),
                    )
                )


def _ask(question: str, is_settled: bool) -> None:
    """Return if it is to be done; end the command otherwise."""
    if is_settled:
        return
    if not sys.stdin.isatty():
        raise typer.BadParameter(_("this is no terminal to ask on: nothing is written; add --yes to do it"))
    if not typer.confirm(question, err=True):
        say(_("nothing is written"))
        raise typer.Exit(FAILED)


def _show(deliveries: Sequence[Delivery], withdrawn_at: datetime | None) -> None:
    """What a decision would change, as the next run would have it."""
    from flows.warehouse.supposed_ledger import effect_of

    effect = effect_of(settings.paths(), deliveries, withdrawn_at)
    for d in deliveries:
        say(
            _(
                "delivery {number}: {folder}/{name}, received {at:%Y-%m-%d %H:%M}",
                number=d.delivery_id,
                folder=d.folder,
                name=d.name,
                at=d.received_at,
            )
        )
        if d.withdrawn_at is not None:
            say(
                _(
                    "  withdrawn {at:%Y-%m-%d %H:%M}: {reason}",
                    at=d.withdrawn_at,
                    reason=d.withdrawn_reason,
                )
            )
        for part in effect.parts:
            if part.delivery_id == d.delivery_id:
                say(f"  {_part(part)}")
    if not effect.is_known:
        say(_("what it changes is known after the next run: there is no build of what the vault holds now"))
    elif not effect.values:
        say(_("no figure of a calendar year changes"))
    else:
        say(
            _(
                "{count} figures of calendar years change; points and grades follow from them:",
                count=len(effect.values),
            )
        )
        for value in effect.values[:_MOST_VALUES]:
            say(f"  {_value(value)}")
        if len(effect.values) > _MOST_VALUES:
            say(_("  … and {count} more", count=len(effect.values) - _MOST_VALUES))


def _part(part: SupposedPart) -> str:
    covers = _(", {first} to {last}", first=part.covers_from, last=part.covers_to) if part.covers_from else ""
    sheet = _(", sheet {sheet}", sheet=part.sheet) if part.sheet not in ("", part.label) else ""
    rows = _(
        "{accepted:,} rows accepted, {rejected:,} rejected",
        accepted=part.rows_accepted,
        rejected=part.rows_rejected,
    )
    if part.counts_now == part.counts_then:
        change = _("counts, as before") if part.counts_now else _("does not count, as before")
    elif part.counts_then:
        change = _("counts again")
    elif part.instead is None:
        change = _("stops counting; nothing else covers this period")
    else:
        change = _("stops counting; delivery {number} counts in its place", number=part.instead)
    return _(
        "{label}{sheet}{covers}: {rows}; {change}",
        label=part.label,
        sheet=sheet,
        covers=covers,
        rows=rows,
        change=change,
    )


def _value(value: SupposedValue) -> str:
    now, then = (
        f"{number.normalize():f} {value.measure}" if number is not None else state or _("not reported")
        for number, state in ((value.now, value.state_now), (value.then, value.state_then))
    )
    return f"{value.unit} {value.year} {value.indicator}: {now} → {then}"
