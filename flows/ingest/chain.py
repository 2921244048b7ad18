"""The chain of trust: the ledger, and the vault's own record of what it was.

`anchor.jsonl` is only ever appended to, like the ledger, and says how long the ledger is and by which hash it ends, which key
there is, which books were closed and what was published. A ledger that ends otherwise is refused: lines lost
at the end, forged ones, a ledger written anew with a chain of its own. What goes into the ledger is announced
there first (`begun`) and confirmed when it is on disk (`head`), so that a crash in between is told from a loss:
lines that were announced and never confirmed whole are set aside by the next append. A ledger of before there
was a chain is taken up as it is by the first append (`start`).
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from flows.ingest.ledger import RESTORE, Lines, VaultError, append, as_lines, parsed, read_lines
from flows.language import _

if TYPE_CHECKING:
    from pathlib import Path

_log = logging.getLogger(__name__)

_STATES = ("start", "begun", "head")


class Chain:
    """Ledger and anchor of one vault. One process at a time may append (see `lock.py`)."""

    def __init__(self, root: Path) -> None:
        self.ledger = root / "ledger.jsonl"
        self.anchor = root / "anchor.jsonl"

    def lines(self) -> Lines:
        """The ledger, compared line by line and with its anchor; `VaultError` names where they differ."""
        while (
            True
        ):  # a run may be appending: the ledger is compared with the anchor that is there before and after
            anchored = read_lines(self.anchor)
            data = self.ledger.read_bytes() if self.ledger.exists() else b""
            if read_lines(self.anchor).head == anchored.head:
                return self._compared(data, anchored.events)

    def noted(self, *kinds: str) -> list[dict[str, object]]:
        """What the anchor says of some kinds: `key`, `book`, `publishing`, `published`."""
        return [event for event in read_lines(self.anchor).events if event["event"] in kinds]

    def heads(self) -> list[str]:
        """The hash of each line of the anchor, the last one last: it stands for ledger, key, books and publications so far;
        none where the anchor itself is broken."""
        try:
            return read_lines(self.anchor).hashes
        except VaultError:
            return []

    def append(self, events: list[dict[str, object]]) -> None:
        """Append events to the ledger, one line each, and return when they and its new end are on disk."""
        held = self.lines()
        data, head = as_lines(events, held.head)
        now, then = len(held.events), len(held.events) + len(events)
        begun = {"event": "begun", "lines": now, "sha256": held.head, "to_lines": then, "to_sha256": head}
        self._note(begun, held)
        append(self.ledger, data, held.size)
        self._note({"event": "head", "lines": then, "sha256": head}, held)

    def note(self, event: dict[str, object]) -> None:
        """Append to the anchor alone."""
        self._note(event, self.lines())

    def _note(self, event: dict[str, object], held: Lines) -> None:
        anchored = read_lines(self.anchor)
        events = [event]
        if not anchored.events:
            _log.info(
                "the ledger's %d lines are taken up as they are and chained from here on", len(held.events)
            )
            events.insert(0, {"event": "start", "lines": len(held.events), "sha256": held.head})
        append(self.anchor, as_lines(events, anchored.head)[0], anchored.size)

    def _compared(self, data: bytes, anchored: list[dict[str, object]]) -> Lines:
        held = parsed(self.ledger, data)
        states = [(int(str(e["lines"])), e["sha256"], e) for e in anchored if e["event"] in _STATES]
        if not states:
            if any("prev" in event for event in held.events):
                raise VaultError(_("{anchor} is missing: {cure}", anchor=self.anchor, cure=_(RESTORE)))
            return held
        count, _sha, last = states[-1]
        is_begun = last["event"] == "begun"
        if is_begun and held.hash_at(int(str(last["to_lines"]))) == last["to_sha256"]:
            count = int(str(last["to_lines"]))
            is_begun = False
        elif (wrong := next((n for n, sha, _e in states if held.hash_at(n) != sha), None)) is not None:
            good = max((n for n, sha, _e in states if n < wrong and held.hash_at(n) == sha), default=0)
            values = {"ledger": self.ledger, "cure": _(RESTORE)}
            if len(held.events) < count:
                told = _(
                    "{ledger} has {n} lines instead of {count}: {cure}",
                    n=len(held.events),
                    count=count,
                    **values,
                )
            else:
                told = _(
                    "{ledger}: lines {first} to {last} are not those that were written: {cure}",
                    first=good + 1,
                    last=wrong,
                    **values,
                )
            raise VaultError(told)
        if len(held.events) > count and not is_begun:
            raise VaultError(
                _(
                    "{ledger} has lines after line {count} that were not written by this system: {cure}",
                    ledger=self.ledger,
                    count=count,
                    cure=_(RESTORE),
                )
            )
        return held if len(held.events) == count else held.first(count, data)
