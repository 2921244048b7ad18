"""The vault: every file that ever arrived, unchanged, and the ledger of deliveries; all else follows.

Files are named by their SHA-256, so equal bytes are kept once and a changed byte is noticed on reading.
Nothing is overwritten, moved or deleted, here or in the inbox; a mistaken delivery is withdrawn by a later
line. The vault never reads a clock: the caller says when something was received.

    vault/ledger.jsonl   deliveries, withdrawals, what lay in the inbox and was not taken in, what a limit stopped, what is read again
    vault/anchor.jsonl   how the ledger ends, the key's fingerprint, closed books, publications, what people decided beside: see `chain.py`
    vault/file/ab/ab12…  contents by SHA-256               vault/incoming/  files being copied
    vault/key            32 random bytes for person keys
    vault/seen.json      what inbox files held, by their state on disk; may be deleted
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import os
import secrets
import stat
import traceback
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, BinaryIO

from flows.contract.fingerprint import READER_MEANING, fingerprint
from flows.contract.redaction import redacted, redacted_cell
from flows.ingest.chain import Chain
from flows.ingest.closed_file import PRIVATE, create, private_folder, sha256_of, sync_folder, write
from flows.ingest.delivery import (
    Delivery,
    as_line,
    china_time,
    from_line,
    intake_moment,
    moment,
    repeat_of,
    written,
)
from flows.ingest.inbox import IGNORED, InboxFile, PassedOver, look
from flows.ingest.inbox_cache import Seen
from flows.ingest.ledger import RESTORE, VaultError
from flows.ingest.lock import login
from flows.language import _

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

KEY_BYTES = 32
_CHUNK = 1 << 20

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class IntakeReport:
    """What one intake did. `new` are recorded deliveries, in ledger order."""

    new: tuple[Delivery, ...]
    repeated: tuple[Delivery, ...]  # already there; a withdrawn one stays withdrawn
    ignored: tuple[PassedOver, ...]  # by a named rule: not something that was sent
    problems: tuple[PassedOver, ...]  # could not be taken in; the next intake tries again

    @property
    def unknown_senders(self) -> tuple[str, ...]:
        """Folders that lie in the inbox and mean no unit, sorted; '' are files outside of any sender folder."""
        return tuple(sorted({d.folder for d in (*self.new, *self.repeated) if d.sender is None}))


class Vault:
    """A vault folder; it is made on first use. One process at a time may write (see `lock.py`)."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.chain = Chain(root)
        self.ledger = self.chain.ledger
        self._sound: set[str] = set()

    def take_in(
        self,
        inbox: Path,
        now: datetime,
        resolve: Callable[[str, date], str | None],
        received: date | datetime | None = None,
    ) -> IntakeReport:
        """Take in what the inbox holds and the vault has not yet.

        `now` is the time of this intake; `received` back-dates all of it, a folder named as a day what is
        in it. `resolve` maps (sender folder, day of receipt) to a unit code. A file is a repeat if the
        latest delivery of the same sender, folder and name, received by then, has the same bytes: sending
        an older version again is a new delivery. What was withdrawn stays so while its file lies there as it did;
        put there again, or in the folder of another day, it is a new delivery. No intake is earlier than the one
        before, and a clock that says so, or is far ahead, takes in nothing new (see `intake_moment`).
        """
        if not inbox.is_dir():
            raise VaultError(_("there is no inbox {folder}", folder=inbox))
        self._prepare()
        before = self.deliveries()
        last = max((d.taken_in_at for d in before if d.withdrawn_at is None), default=None)
        now, doubt = intake_moment(china_time(now), last, None if received is None else china_time(received))
        seen = Seen(self.root / "seen.json", inbox)
        known: dict[tuple[str | None, str, str], list[Delivery]] = {}
        for delivery in before:
            known.setdefault((delivery.sender, delivery.folder, delivery.name), []).append(delivery)
        new: list[Delivery] = []
        repeated: list[Delivery] = []
        passed: list[PassedOver] = []
        for found in look(inbox):
            if isinstance(found, PassedOver):
                passed.append(found)
                continue
            at = china_time(received or found.received_on or now)
            kept = self._try_to_keep(found, at <= now, seen)
            if isinstance(kept, PassedOver):
                passed.append(kept)
                continue
            sha256, size, is_anew = kept
            sender = resolve(found.folder, at.date()) if found.folder else None
            earlier = known.setdefault((sender, found.folder, found.name), [])
            repeat = repeat_of(earlier, sha256, at)
            is_again = is_anew or (
                found.received_on is not None and repeat is not None and repeat.received_at < at
            )
            if repeat is not None and not (repeat.withdrawn_at and is_again):
                repeated.append(repeat)
                continue
            number, backdated = len(before) + len(new) + 1, bool(received or found.received_on)
            new.append(Delivery(number, sender, found.folder, found.name, sha256, size, at, now, backdated))
            earlier.append(new[-1])
        if new and doubt:
            raise VaultError(doubt)
        self._record(new, passed, now)
        seen.save()
        report = IntakeReport(
            new=tuple(new),
            repeated=tuple(repeated),
            ignored=tuple(p for p in passed if p.code in IGNORED),
            problems=tuple(p for p in passed if p.code not in IGNORED),
        )
        _log.info("%d new, %d repeated, %d ignored, %d problems", *map(len, vars(report).values()))
        return report

    def _try_to_keep(self, found: InboxFile, is_past: bool, seen: Seen) -> tuple[str, int, bool] | PassedOver:
        """Contents of one file in the vault, or why not: one bad file never stops the others."""
        if not is_past:
            return PassedOver(_place(found), "received_in_future")
        try:
            return self._keep(found.path, seen)
        except _RefusedError as refused:
            return PassedOver(_place(found), str(refused))

    def events(self) -> list[dict[str, object]]:
        """What the ledger says, line by line; the chain is compared whenever it is read."""
        return self.chain.lines().events

    def passed_over(self) -> list[PassedOver]:
        """What the last intake met and did not take in."""
        last = next((e for e in reversed(self.events()) if e["event"] == "passed_over"), None)
        files: Any = last["files"] if last else []
        return [PassedOver(name, code) for name, code in files]

    def deliveries(self, as_of: datetime | None = None) -> list[Delivery]:
        """All deliveries in ledger order, with withdrawals; as of a moment only what had happened by then."""
        limit = china_time(as_of) if as_of is not None else datetime.max  # noqa: DTZ901 (China time, as all)
        lines: list[dict[str, object]] = []
        withdrawn: dict[int, tuple[datetime, str]] = {}
        for event in self.events():
            if event["event"] == "delivery":
                lines.append(event)
            elif event["event"] == "withdrawal":
                at = moment(event["at"])
                if at <= limit:
                    withdrawn[int(str(event["delivery_id"]))] = (at, str(event["reason"]))
            elif event["event"] == "unwithdrawal" and moment(event["at"]) <= limit:
                withdrawn.pop(int(str(event["delivery_id"])), None)
        made = (from_line(i, line, withdrawn.get(i)) for i, line in enumerate(lines, 1))
        return [d for d in made if d.received_at <= limit]

    def withdraw(self, delivery_id: int, reason: str, at: datetime, by: str | None = None) -> Delivery:
        """Record that a delivery no longer counts from `at` on, and who decided it (default: the login); its file and line stay."""
        delivery = self.delivery(delivery_id)
        if delivery.withdrawn_at is not None:
            raise VaultError(
                _(
                    "delivery {number} was withdrawn on {at:%Y-%m-%d %H:%M}",
                    number=delivery_id,
                    at=delivery.withdrawn_at,
                )
            )
        if china_time(at) < delivery.received_at:
            raise VaultError(
                _(
                    "delivery {number} was received later, at {at}",
                    number=delivery_id,
                    at=delivery.received_at,
                )
            )
        return self._record_decision("withdrawal", delivery_id, reason, at, by)

    def unwithdraw(self, delivery_id: int, reason: str, at: datetime, by: str | None = None) -> Delivery:
        """Record that a withdrawn delivery counts again from `at` on; that it was withdrawn stays in the ledger."""
        withdrawn_at = self.delivery(delivery_id).withdrawn_at
        if withdrawn_at is None:
            raise VaultError(_("delivery {number} is not withdrawn", number=delivery_id))
        if china_time(at) < withdrawn_at:
            raise VaultError(
                _(
                    "delivery {number} was withdrawn later, at {at}",
                    number=delivery_id,
                    at=withdrawn_at,
                )
            )
        return self._record_decision("unwithdrawal", delivery_id, reason, at, by)

    def retry(
        self, delivery_ids: Iterable[int], at: datetime, by: str | None = None, reason: str = ""
    ) -> None:
        """Record that deliveries are to be read again by the next build, whatever a limit made of them before, by whom and why."""
        shas = {d.delivery_id: d.sha256 for d in self.deliveries()}
        event = {
            "event": "retry",
            "at": written(china_time(at)),
            "by": by or login(),
            "reason": reason.strip(),
        }
        self.chain.append([event | {"delivery_id": i, "sha256": shas[i]} for i in delivery_ids])
        self.__dict__.pop("_stopped", None)

    def retried(self, lines: int) -> set[int]:
        """Deliveries that are to be read again, as recorded after the ledger had so many lines."""
        return {int(str(e["delivery_id"])) for e in self.events()[lines:] if e["event"] == "retry"}

    def delivery(self, delivery_id: int) -> Delivery:
        """One delivery as it stands now."""
        found = next((d for d in self.deliveries() if d.delivery_id == delivery_id), None)
        if found is None:
            raise VaultError(_("there is no delivery {number}", number=delivery_id))
        return found

    def _record_decision(
        self, event: str, delivery_id: int, reason: str, at: datetime, by: str | None
    ) -> Delivery:
        if not reason.strip():
            raise VaultError(_("{event} needs a reason: it will be asked for", event=event))
        line = {
            "event": event,
            "delivery_id": delivery_id,
            "reason": reason.strip(),
            "by": by or login(),
            "at": written(china_time(at)),
        }
        self.chain.append([line])
        return self.delivery(delivery_id)

    def path(self, sha256: str) -> Path:
        """The file with these contents, verified once per `Vault`: a changed byte never becomes a record."""
        path = self.place(sha256)
        if sha256 not in self._sound:
            try:
                actual = sha256_of(path)
            except FileNotFoundError as error:
                raise VaultError(_("{path} is missing: {cure}", path=path, cure=_(RESTORE))) from error
            if actual != sha256:
                raise VaultError(_("{path} was changed after it arrived: {cure}", path=path, cure=_(RESTORE)))
            self._sound.add(sha256)
        return path

    def open_bytes(self, sha256: str) -> BinaryIO:
        """The file with these contents, verified and open for reading."""
        return self.path(sha256).open("rb")

    def stopped(self, sha256: str) -> dict[str, str]:
        """What a limit of today's reader made of a file before: path inside of it, or '' → code. Whether a file is read
        must not depend on what else a machine did that day; another reader tries anew."""
        return self._stopped.get(sha256, {})

    def note_stopped(self, sha256: str, found: Mapping[str, str]) -> None:
        """Keep what a limit made of a file in the ledger, beside its delivery."""
        known = self._stopped.setdefault(sha256, {})
        new = {path: code for path, code in found.items() if path not in known}
        of_file: dict[str, object] = {"event": "stopped", "sha256": sha256, "reader": self._reader}
        if new:
            self.chain.append([of_file | {"path": path, "code": new[path]} for path in sorted(new)])
            known |= new

    @cached_property
    def _reader(self) -> str:
        return fingerprint(READER_MEANING)

    @cached_property
    def _stopped(self) -> dict[str, dict[str, str]]:
        out: dict[str, dict[str, str]] = {}
        for event in self.events():
            if event["event"] == "stopped" and event["reader"] == self._reader:
                out.setdefault(str(event["sha256"]), {})[str(event["path"])] = str(event["code"])
            elif event["event"] == "retry":
                out.pop(str(event["sha256"]), None)
        return out

    def key(self) -> bytes:
        """The 32 bytes that person keys are made with; made once, with the first intake."""
        return self._key

    def key_fingerprint(self) -> str:
        """16 hex digits that tell two keys apart and say nothing about either."""
        return _fingerprint(self.key())

    def hmac_pads(self) -> tuple[bytes, bytes]:
        """The inner and outer padded key of HMAC-SHA256 (RFC 2104, block of 64 bytes), for use in SQL."""
        block = self.key().ljust(64, b"\0")
        return bytes(b ^ 0x36 for b in block), bytes(b ^ 0x5C for b in block)

    @cached_property
    def _key(self) -> bytes:
        path = self.root / "key"
        if not path.exists():
            if self.events() or self.chain.noted("key"):
                raise VaultError(
                    _(
                        "{path} is missing although the vault has deliveries. With a new key every person would be "
                        "somebody else than in the editions already published: {cure}",
                        path=path,
                        cure=_(RESTORE),
                    )
                )
            private_folder(self.root)
            write(path, secrets.token_bytes(KEY_BYTES))
        key = path.read_bytes()
        if len(key) != KEY_BYTES:
            raise VaultError(
                _(
                    "{path} has {count} bytes instead of {needed}: {cure}",
                    path=path,
                    count=len(key),
                    needed=KEY_BYTES,
                    cure=_(RESTORE),
                )
            )
        if any(_fingerprint(key) != noted["fingerprint"] for noted in self.chain.noted("key")):
            raise VaultError(
                _(
                    "{path} is another key than the one that was made; with it every person would be somebody "
                    "else than in the editions already published: {cure}",
                    path=path,
                    cure=_(RESTORE),
                )
            )
        return key

    def redacted(self, text: str) -> str:
        """A name of a file or sheet, a header or a reason, as it may leave the vault; equal for equal texts alone."""
        return redacted(text, self.key())

    def redacted_cell(self, text: str) -> str:
        """A cell of a text column as a table may hold it."""
        return redacted_cell(text, self.key())

    def note_decision(self, event: str, by: str | None, reason: str, at: datetime, **about: object) -> None:
        """Keep in the anchor what a person decided about files beside the vault (targets, spellings): who, why and what."""
        private_folder(self.root)
        said: dict[str, object] = {"event": event, "by": by or login(), "reason": reason.strip()}
        self.chain.note(said | {"at": written(china_time(at))} | about)

    def note_error(self, where: str, error: BaseException) -> Path:
        """Write an unforeseen error in full to `errors.log`: its text may quote a cell, so it is kept here only."""
        private_folder(self.root)
        log = self.root / "errors.log"
        log.touch(mode=PRIVATE)
        with log.open("a", encoding="utf-8") as stream:
            stream.write(f"{where}\n{''.join(traceback.format_exception(error))}\n")
        return log

    def _prepare(self) -> None:
        for folder in (self.root, self.root / "file", self.root / "incoming"):
            private_folder(folder)
        # before the first delivery, so that a missing key is always a loss
        fingerprint = self.key_fingerprint()
        if not self.chain.noted("key"):
            self.chain.note({"event": "key", "fingerprint": fingerprint})
        for left_over in (self.root / "incoming").iterdir():
            left_over.unlink()  # of an intake that was cut off; its file is still in the inbox

    def place(self, sha256: str) -> Path:
        """Where the file with these contents lies, without a look at it."""
        return self.root / "file" / sha256[:2] / sha256

    def _keep(self, source: Path, seen: Seen) -> tuple[str, int, bool]:
        """Make sure the vault has a file's contents; (sha256, bytes, whether the file was put there anew)."""
        # a file that became a link or a pipe since it was looked at is not followed, nor waited for
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        try:
            fd = os.open(source, flags | getattr(os, "O_BINARY", 0))
        except OSError as error:
            raise _RefusedError("file_unreadable") from error
        with os.fdopen(fd, "rb") as stream:
            before = os.fstat(fd)
            if not stat.S_ISREG(before.st_mode):
                raise _RefusedError("not_a_file")
            # hashed first and copied only if new: what stays in the inbox is met again by every intake
            try:
                sha256 = seen.sha256(source, before) or hashlib.file_digest(stream, "sha256").hexdigest()
            except OSError as error:
                raise _RefusedError("file_unreadable") from error
            place = self.place(sha256)
            if not place.exists():
                stream.seek(0)
                self._copy(stream, place)
            after = os.fstat(fd)
        if (before.st_mtime_ns, before.st_size) != (after.st_mtime_ns, after.st_size):
            raise _RefusedError("file_changed")
        if place.stat().st_size != after.st_size:
            raise VaultError(_("{place} was changed after it arrived: {cure}", place=place, cure=_(RESTORE)))
        seen.note(source, before, sha256)
        return sha256, before.st_size, seen.is_put_anew(source, before)

    def _copy(self, stream: BinaryIO, place: Path) -> None:
        incoming = self.root / "incoming" / secrets.token_hex(8)
        digest = hashlib.sha256()
        try:
            with create(incoming) as copy:
                while chunk := stream.read(_CHUNK):
                    digest.update(chunk)
                    copy.write(chunk)
                copy.flush()
                os.fsync(copy.fileno())
            if digest.hexdigest() != place.name:
                raise _RefusedError("file_changed")
            private_folder(place.parent)
            os.replace(incoming, place)  # noqa: PTH105 (the atomic one, by name)
            sync_folder(place.parent)
        finally:
            incoming.unlink(missing_ok=True)

    def _record(self, new: list[Delivery], passed: list[PassedOver], now: datetime) -> None:
        events = [as_line(d) for d in new]
        if passed != self.passed_over():
            files = [[p.name, p.code] for p in passed]
            events.append({"event": "passed_over", "at": written(now), "files": files})
        if events:
            self.chain.append(events)


class _RefusedError(Exception):
    """One file cannot be taken in; the text is the problem's code."""


def _fingerprint(key: bytes) -> str:
    return hmac.new(key, b"fingerprint", hashlib.sha256).hexdigest()[:16]


def _place(found: InboxFile) -> str:
    day = found.received_on.isoformat() if found.received_on else ""
    return "/".join(part for part in (day, found.folder, found.name) if part)
