"""Signed targets against a year's `target.csv`: what they would add, and where the two contradict each other.

A line that is written stays as it is: a later document is a new line, and the latest in effect counts. Two values
for one unit, indicator and day are an error that names both places, whether both are signed or one is written.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Literal

from flows.score.scheme.scheme_loader import Target


@dataclass(frozen=True)
class SignedTarget:
    """A target as a letter has it, in the unit of its indicator; `where` names file, sheet and cell."""

    unit: str
    indicator: str
    target: Decimal
    document_no: str
    effective_on: date
    where: str


@dataclass(frozen=True)
class TargetChange:
    """What a signed target means for the table: `new`, `revised` (the one before it is `before`), `earlier` (a later
    one is written already and goes on counting), `same` (the line is there)."""

    kind: Literal["new", "revised", "earlier", "same"]
    signed: SignedTarget
    before: Decimal | None = None


def compare(
    signed: Sequence[SignedTarget], written: Iterable[Target], file: str
) -> tuple[list[TargetChange], list[str]]:
    """The changes in the order of the letters, and the contradictions; `file` is how messages call the table."""
    lines = {(t.unit, t.indicator, t.effective_on): t for t in written}
    told: dict[tuple[str, str, date], SignedTarget] = {}
    changes, errors = [], []
    for one in signed:
        slot = (one.unit, one.indicator, one.effective_on)
        line, other = lines.get(slot), told.get(slot)
        if line is not None and line.target != one.target:
            errors.append(
                f"{one.where}: {one.unit}, {one.indicator} from {one.effective_on} is {shown(one.target)} "
                f"({one.document_no}), {file}:{line.line} says {shown(line.target)} ({line.document_no}): one day has "
                "one target; correct the one that is wrong, or give the later document its own day"
            )
        elif other is not None and other.target != one.target:
            errors.append(
                f"{one.where}: {one.unit}, {one.indicator} from {one.effective_on} is {shown(one.target)}, "
                f"{other.where} says {shown(other.target)}: one day has one target; correct the one that is wrong"
            )
        elif other is None:
            told[slot] = one
            changes.append(_change(one, lines.values(), line is not None))
    return changes, errors


def _change(one: SignedTarget, lines: Collection[Target], is_written: bool) -> TargetChange:
    if is_written:
        return TargetChange("same", one)
    mine = sorted(
        (t for t in lines if (t.unit, t.indicator) == (one.unit, one.indicator)), key=lambda t: t.effective_on
    )
    before = [t for t in mine if t.effective_on < one.effective_on]
    if len(before) < len(mine):
        return TargetChange("earlier", one, mine[-1].target)
    return TargetChange("revised", one, before[-1].target) if before else TargetChange("new", one)


def append(path: Path, changes: Iterable[TargetChange]) -> int:
    """Append the lines that are not there yet, in the order of the letters; how many. No other byte changes."""
    added = [c.signed for c in changes if c.kind != "same"]
    if not added:
        return 0
    there = path.read_bytes()
    end = "\r\n" if b"\r\n" in there else "\n"
    stream = io.StringIO(newline="")
    if not there.endswith(b"\n"):
        stream.write(end)
    writer = csv.writer(stream, lineterminator=end)
    writer.writerows(
        (s.unit, s.indicator, shown(s.target), s.document_no, s.effective_on.isoformat()) for s in added
    )
    with path.open("ab") as out:
        out.write(stream.getvalue().encode("utf-8"))
    return len(added)


def shown(target: Decimal) -> str:
    """A target as `target.csv` writes it: whole, or with two decimals, or with as many as it has."""
    if target == target.to_integral():
        return format(target.quantize(Decimal(1)), "f")
    plain = target.normalize()
    return format(plain if -plain.as_tuple().exponent > 2 else target.quantize(Decimal("0.01")), "f")  # type: ignore[operator]
