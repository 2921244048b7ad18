"""What the engine gave for a year as rows of the tables in `sql/assess/table.sql`, by the names of their columns.

The one place where a fraction is rounded: half up, to six places, when it is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from decimal import Decimal
from fractions import Fraction
from typing import Any

from flows.assess.scheme_gate import AdmittedScheme, judges_fingerprint
from flows.score.bounds.intervals import Bounds
from flows.score.engine.facts import Address
from flows.score.engine.result import Scored
from flows.score.engine.rounding import rounded
from flows.score.explain.sentence import explanations
from flows.score.scheme.scheme_loader import SchemeYear, scheme_text

_Row = dict[str, object]

#: Columns that are called otherwise than the engine's fields.
_COLUMNS = {
    "unit": "unit_code",
    "item": "item_id",
    "indicator": "indicator_id",
    "group": "group_id",
    "gate": "gate_id",
    "full": "full_points",
    "base": "base_points",
    "bonus": "bonus_points",
    "deduction": "deduction_points",
    "total": "total_points",
    "target_document": "document_no",
    "total_low": "points_low",
    "total_high": "points_high",
    "rank_best": "group_rank_best",
    "rank_worst": "group_rank_worst",
}


def result_tables(
    admitted: AdmittedScheme, scored: Scored, within: Mapping[str, Bounds]
) -> Iterator[tuple[str, Iterable[_Row]]]:
    """(table, its rows of the year), each table once; a row may say more than its table has columns for."""
    scheme, of_year = admitted.year, {"year": admitted.year.year}
    yield from _scheme_tables(admitted)
    yield "assess.figure", [row(f, **of_year, **f.key._asdict()) for f in scored.figures]
    yield "assess.item_score", _item_scores(scheme, scored, within)
    yield "assess.result", _results(scheme, scored, within)
    yield "assess.bonus", [row(b, **of_year) for b in scored.bonus]
    yield (
        "assess.adjustment",
        [
            row(a, **of_year, reason=a.reason or None, document_no=a.document_no or None)
            for a in scored.adjustments
        ],
    )
    labels = {gate.id: gate.label for gate in scheme.scheme.gates}
    yield (
        "assess.gate",
        [
            row(hit, **of_year, label=labels[hit.gate], address=address)
            for hit in scored.gates
            for address in hit.addresses or (None,)
        ],
    )
    yield "assess.finding", [row(f, **of_year) for f in scored.findings]


def row(record: Any, **more: object) -> _Row:
    """A record of the engine, and what is given beside it, by column: numbers rounded, an address as its two parts."""
    values = {field.name: getattr(record, field.name) for field in fields(record)} | more
    out: _Row = {}
    for name, value in values.items():
        if name == "address":
            out["part_id"], out["row_number"] = value if isinstance(value, Address) else (None, None)
        else:
            is_number = isinstance(value, Fraction | Decimal)
            out[_COLUMNS.get(name, name)] = rounded(value) if is_number else value
    return out


def _scheme_tables(admitted: AdmittedScheme) -> Iterator[tuple[str, Iterable[_Row]]]:
    year = admitted.year
    scheme, of_year = year.scheme, {"year": year.year}
    bonus = scheme.bonus
    yield (
        "ref.scheme",
        [
            {
                **of_year,
                "scheme": scheme.scheme,
                "label": scheme.label,
                "document_no": scheme.document_no,
                "closing_on": scheme.closing_on,
                "full_points": sum(i.full for i in scheme.items),
                "total_places": scheme.rounding.total,
                "bonus_cap": bonus.cap if bonus else None,
                "fingerprint": admitted.fingerprint,
                "judged_by": judges_fingerprint(),
                "remarks": admitted.remarks_text,
                "text": scheme_text(year.folder),
            }
        ],
    )
    parents = {child.id: item.id for item in scheme.walk() for child in item.items}
    yield (
        "ref.item",
        [
            {
                **of_year,
                "item_id": item.id,
                "parent_id": parents.get(item.id),
                "position": position,
                "label": item.label,
                "indicator_id": item.indicator,
                "full_points": item.full,
                "most_points": item.most,
                "least_points": item.least,
                "rule": item.rule.key if item.rule else None,
                "is_leaf": item.rule is not None,
                "department": item.department or None,
                "evidence": item.evidence or None,
            }
            for position, item in enumerate(scheme.walk(), 1)
        ],
    )
    classes = bonus.classes if bonus else ()
    yield "ref.bonus_class", [{**of_year, "class_id": c.id, "label": c.label, "cap": c.cap} for c in classes]
    yield "ref.target", [row(t, **of_year) for t in year.targets]
    yield "ref.unit_group", [{**of_year, "unit_code": u, "group_id": g} for u, g in year.groups.items()]


def _item_scores(year: SchemeYear, scored: Scored, within: Mapping[str, Bounds]) -> Iterator[_Row]:
    items = {item.id: item for item in year.scheme.walk()}
    words = explanations(year, scored)
    for score in scored.items:
        item = items[score.item]
        low, high = within[score.unit].items[score.item]
        yield row(
            score,
            year=year.year,
            is_leaf=not item.items,
            points_low=low,
            points_high=high,
            rule=item.rule.key if item.rule else None,
            explanation=words[score.unit, score.item],
        )


def _results(year: SchemeYear, scored: Scored, within: Mapping[str, Bounds]) -> Iterator[_Row]:
    gates: dict[str, dict[str, None]] = {}
    for hit in scored.gates:
        gates.setdefault(hit.unit, {})[hit.gate] = None
    for result in scored.results:
        limits = within[result.unit]
        yield {
            **row(limits),
            **row(result, year=year.year, gates=list(gates.get(result.unit, ()))),
            "status": "final" if limits.is_final else "provisional",
        }
