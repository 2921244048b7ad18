"""Withdraw a list of deliveries that are named as people know them: by day of receipt, folder and name."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

from flows.ingest.delivery import Delivery
from flows.ingest.vault import Vault
from flows.language import _


class NoSuchDelivery(ValueError):
    """A line of the list names no delivery, or more than one; nothing of the list is withdrawn."""


def withdraw_listed(vault: Vault, listed: Path, at: datetime, by: str | None = None) -> list[Delivery]:
    """Withdraw each delivery of a list that still counts."""
    return [vault.withdraw(d.delivery_id, reason, at, by) for d, reason in chosen_by(vault, listed)]


def chosen_by(vault: Vault, listed: Path) -> list[tuple[Delivery, str]]:
    """The deliveries of a JSON list of {received, folder, name, reason} that still count, each with its reason.

    `received` is a day (YYYY-MM-DD). `NoSuchDelivery` where a line names none, or several.
    """
    known: dict[tuple[str, str, str], list[Delivery]] = {}
    for delivery in vault.deliveries():
        key = (delivery.received_at.date().isoformat(), delivery.folder, delivery.name)
        known.setdefault(key, []).append(delivery)
    chosen: list[tuple[Delivery, str]] = []
    for line in json.loads(listed.read_text(encoding="utf-8")):
        found = known.get((line["received"], line["folder"], line["name"]), [])
        if len(found) != 1:
            raise NoSuchDelivery(
                _(
                    "{count} deliveries of {received} are called {folder}/{name}; expected one (has the inbox been "
                    "taken in?)",
                    count=len(found),
                    received=line["received"],
                    folder=line["folder"],
                    name=line["name"],
                )
            )
        if found[0].withdrawn_at is None:
            chosen.append((found[0], line["reason"]))
    return chosen
