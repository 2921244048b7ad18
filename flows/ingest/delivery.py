"""A delivery: a file as it arrived, its line in the ledger, and when an arrival repeats one.

Times are China's wall-clock times without an offset, because days of receipt are days there; the ledger
writes the offset out. Nothing here reads a clock, and no clock decides: intakes follow each other as their lines do.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from typing import TYPE_CHECKING

from flows.ingest.ledger import RESTORE, VaultError
from flows.language import _

if TYPE_CHECKING:
    from collections.abc import Iterable

#: China has had no daylight saving since 1991.
CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")

#: A clock that is set right now and then may be so much behind the last intake.
_SET_RIGHT = timedelta(minutes=10)
#: An office that is asked once a year is not away for longer.
_FAR_AHEAD = timedelta(days=400)


@dataclass(frozen=True)
class Delivery:
    """A file as it arrived. `delivery_id` is the 1-based number of its line among the ledger's deliveries."""

    delivery_id: int
    sender: str | None  # unit code; None if the folder means no unit
    folder: str  # as the sender folder is spelled
    name: str  # path below the sender folder
    sha256: str
    size: int  # bytes
    received_at: datetime  # China time, without offset
    taken_in_at: datetime  # when the intake really ran; differs from received_at only if back-dated
    backdated: bool
    withdrawn_at: datetime | None = None
    withdrawn_reason: str | None = None


def china_time(moment: date | datetime) -> datetime:
    """A moment as China wall-clock time without offset; a day is its first moment."""
    if not isinstance(moment, datetime):
        return datetime.combine(moment, time.min)
    return moment.astimezone(CHINA).replace(tzinfo=None) if moment.tzinfo else moment


def intake_moment(
    clock: datetime, last: datetime | None, stated: datetime | None
) -> tuple[datetime, str | None]:
    """The moment an intake is recorded with, and why nothing new may be taken in at it.

    Later lines have later moments, so that of two files sent the later one counts, whatever the clock was set
    to. A clock before the last intake, or far ahead of it, is settled by a person who states when the files were received.

    Args:
        clock: what the machine says.
        last: the moment of the last intake whose deliveries count.
        stated: `--received`.
    """
    is_believed = last is None or last - _SET_RIGHT <= clock <= last + _FAR_AHEAD
    moment = clock if last is None or clock >= last else last + timedelta(microseconds=1)
    if is_believed:
        if stated is not None and stated > moment:
            raise VaultError(
                _(
                    "received {stated} lies after the time of the intake, {moment}",
                    stated=stated,
                    moment=moment,
                )
            )
        return moment, None
    assert last is not None  # noqa: S101 (a first intake is believed)
    if stated is not None:
        if stated > last + _FAR_AHEAD:
            raise VaultError(
                _("received {stated} lies far after the last intake, {last}", stated=stated, last=last)
            )
        return max(stated, last), None
    return moment, _(
        "the clock says {clock:%Y-%m-%d %H:%M}, the last intake was at {last:%Y-%m-%d %H:%M}; nothing was taken in. Set the "
        "clock right, or state when the files were received with --received YYYY-MM-DDTHH:MM. If the last intake's time is "
        "the wrong one, withdraw its deliveries first",
        clock=clock,
        last=last,
    )


def repeat_of(earlier: Iterable[Delivery], sha256: str, at: datetime) -> Delivery | None:
    """The delivery that an arrival repeats, if any.

    What counts is the latest by time of receipt, not the last line: the order in which back-dated folders are
    met must not matter, and meeting them again must add nothing. In a tie an arrival repeats its equal, and rather
    one that counts than one that was withdrawn.
    """
    by_then = [d for d in earlier if d.received_at <= at]
    if not by_then:
        return None
    latest = max(d.received_at for d in by_then)
    equal = [d for d in by_then if d.sha256 == sha256 and d.received_at == latest]
    return min(equal, key=lambda d: d.withdrawn_at is not None, default=None)


def written(moment: datetime) -> str:
    """A China time as the ledger writes it, with its offset."""
    return moment.replace(tzinfo=CHINA).isoformat()


def moment(text: object) -> datetime:
    """The China time that `written` wrote."""
    return china_time(datetime.fromisoformat(str(text)))


def as_line(delivery: Delivery) -> dict[str, object]:
    """A delivery as its line in the ledger, without what later lines say about it."""
    return {
        "event": "delivery",
        "sender": delivery.sender,
        "folder": delivery.folder,
        "name": delivery.name,
        "sha256": delivery.sha256,
        "size": delivery.size,
        "received_at": written(delivery.received_at),
        "taken_in_at": written(delivery.taken_in_at),
        "backdated": delivery.backdated,
    }


def from_line(number: int, line: dict[str, object], withdrawal: tuple[datetime, str] | None) -> Delivery:
    """The `number`-th delivery of the ledger, with the (moment, reason) of its withdrawal."""
    try:
        return Delivery(
            delivery_id=number,
            sender=None if line["sender"] is None else str(line["sender"]),
            folder=str(line["folder"]),
            name=str(line["name"]),
            sha256=str(line["sha256"]),
            size=int(str(line["size"])),
            received_at=moment(line["received_at"]),
            taken_in_at=moment(line["taken_in_at"]),
            backdated=line["backdated"] is True,
            withdrawn_at=withdrawal[0] if withdrawal else None,
            withdrawn_reason=withdrawal[1] if withdrawal else None,
        )
    except (KeyError, ValueError) as error:
        raise VaultError(
            _(
                "the ledger's delivery {number} is damaged ({error}): {cure}",
                number=number,
                error=error,
                cure=_(RESTORE),
            )
        ) from error
