"""The words of a trace: how amounts, spans, places and differences are written; `trace_words.csv` has the codes.

What a district reads says what to do about it; what only the office can settle says so.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping
from fractions import Fraction
from pathlib import Path

from flows.audit.proof_model import Difference, RecordedDecision, ShownCell, SourceTable, ValueProof
from flows.language import _


def _words() -> dict[str, dict[str, str]]:
    out: dict[str, dict[str, str]] = defaultdict(dict)
    with (Path(__file__).parent / "trace_words.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            out[row["about"]][row["code"]] = row["words"]
    return dict(out)


#: What is worded (shape, role, record, reason, difference) → code → words.
WORDS = _words()


def amount(value: Fraction | None) -> str:
    """An amount in full where it has an end, else rounded to six places for the eye; None is a dash."""
    if value is None:
        return "—"
    if value.denominator == 1:
        return str(value.numerator)
    scaled = value * 10**6
    sign, digits = "-" if value < 0 else "", f"{abs(round(scaled)):07d}"
    about = "" if scaled.denominator == 1 else "≈"
    return about + f"{sign}{digits[:-6]}.{digits[-6:]}".rstrip("0").rstrip(".")


def span(first: object, last: object) -> str:
    """A day, or first to last; what has no end is left open."""
    end = "" if last is None or str(last).startswith("9999") else str(last)
    return str(first) if first == last else _("{first} to {last}", first=first or "", last=end or "…")


def title(proof: ValueProof) -> str:
    """What a number is of: indicator, period, category."""
    return _(
        "{label} ({indicator})  {period} ({days}){category}",
        label=proof.label,
        indicator=proof.indicator,
        period=proof.period_label,
        days=span(proof.first_on, proof.last_on),
        category=_(", category {category}", category=proof.category) if proof.category else "",
    )


def where(source: SourceTable) -> str:
    """A table of a delivery, as somebody would look for it."""
    return _(
        "delivery {number}  {name}{sheet}{turned}",
        number=source.delivery_id,
        name=source.name,
        sheet=_("  sheet “{sheet}”", sheet=source.sheet) if source.sheet else "",
        turned=_(" (records in columns: rows are columns)") if source.is_turned else "",
    )


def cells(shown: Iterable[ShownCell]) -> str:
    """Cells with their labels; in place of one about a person, that it is withheld."""
    withheld = _(" (personal, not shown)")
    return _(", ").join(f"{c.label}{withheld if c.value is None else f'＝{c.value}'}" for c in shown)


def decision(record: RecordedDecision) -> str:
    """What was decided, why and by which document."""
    change = "" if record.after is None else f"{_(': ')}{amount(record.before)} → {amount(record.after)}"
    said = (
        f"{_(WORDS['record'][record.kind])} {'' if record.amount is None else amount(record.amount)}{change}",
        record.reason,
        record.document_no,
    )
    return "  ".join(part for part in said if part)


def place(record: RecordedDecision) -> str:
    """Where a decision is recorded."""
    row = _("row {row}", row=record.row_number)
    return f"{where(record.source)}  {row}" if record.source else row


def difference(found: Difference, sources: Mapping[int, SourceTable]) -> str:
    """One difference as a sentence: delivery, sheet and row (none where it is about the number itself), what, both sides."""
    source = sources.get(found.part_id or -1)
    number = found.delivery_id or (source.delivery_id if source else None)
    lies = _("delivery {number}", number=number) if number is not None else ""
    lies += _(" sheet “{sheet}”", sheet=source.sheet) if source and source.sheet else ""
    lies += _(" row {row}", row=found.row_number) if found.row_number is not None else ""
    text = f"{lies}{_(': ') if lies else ''}{_(WORDS['difference'][found.code])}"
    if found.published and found.found:
        return _(
            "{text}: published {published}, the file {found}",
            text=text,
            published=found.published,
            found=found.found,
        )
    if found.published:
        return _("{text}: published {published}, the file has none", text=text, published=found.published)
    return f"{text}{_(': ')}{found.found}" if found.found else text
