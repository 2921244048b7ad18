"""What the engine gave for a year as rows of the tables in `sql/assess/table.sql`, in the order of their columns.

The one place where a fraction is rounded: half up, to six places, when it is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction

from flows.score.bounds.intervals import Bounds
from flows.score.engine.facts import Address
from flows.score.engine.result import Scored
from flows.score.engine.scoring_context import half_up
from flows.score.explain.sentence import explanations
from flows.score.scheme.scheme_loader import SchemeYear
from flows.score.scheme.scheme_model import Item
from flows.score.whatif.sensitivity import robustness

Rows = list[tuple[object, ...]]


def result_tables(
    year: SchemeYear, scored: Scored, within: Mapping[str, Bounds]
) -> Iterator[tuple[str, Rows]]:
    """(table, its rows of the year), each table once."""
    y = year.year
    yield from _scheme_tables(year)
    yield (
        "assess.figure",
        [
            (
                y,
                f.unit,
                *f.key[:3],
                f.state,
                *map(rounded, (f.computed, f.actual, f.lower, f.upper, f.numerator, f.denominator)),
            )
            for f in scored.figures
        ],
    )
    yield "assess.item_score", _item_scores(year, scored, within)
    yield "assess.result", _results(year, scored, within)
    yield "assess.bonus", [
        (
            y, b.unit, b.class_id, b.kind, b.matter, b.level, b.work_year, b.counted_year, rounded(b.claimed),
            rounded(b.granted), rounded(b.counted), b.why, b.document_no, *b.address,
        )
        for b in scored.bonus
    ]  # fmt: skip
    yield "assess.adjustment", [
        (
            y, a.unit, a.kind, a.item, a.indicator, rounded(a.amount), rounded(a.before), rounded(a.after),
            a.reason or None, a.document_no or None, *a.address,
        )
        for a in scored.adjustments
    ]  # fmt: skip
    labels = {gate.id: gate.label for gate in year.scheme.gates}
    yield (
        "assess.gate",
        [
            (y, hit.unit, hit.gate, labels[hit.gate], hit.effect, hit.detail, *_address(address))
            for hit in scored.gates
            for address in hit.addresses or (None,)
        ],
    )
    yield (
        "assess.finding",
        [(y, f.severity, f.code, f.unit, f.item, f.message, *_address(f.address)) for f in scored.findings],
    )
    yield "assess.robustness", list(_robust(year, scored))


def _robust(year: SchemeYear, scored: Scored) -> Iterator[tuple[object, ...]]:
    for r in robustness(year, scored):
        ranks = (r.group_rank_low, r.group_rank_median, r.group_rank_high)
        yield year.year, r.unit, r.draws, *ranks, rounded(r.grade_flip_rate)


def rounded(amount: Fraction | Decimal | None) -> Decimal | None:
    """Half up to six places (away from zero at the middle, as `half_up` in SQL); exact for any size."""
    if amount is None:
        return None
    whole = int(half_up(Fraction(amount), 6) * 10**6)
    return Decimal((int(whole < 0), tuple(map(int, str(abs(whole)))), -6))


def _address(address: Address | None) -> tuple[int | None, int | None]:
    return (None, None) if address is None else (address.part_id, address.row_number)


def _scheme_tables(year: SchemeYear) -> Iterator[tuple[str, Rows]]:
    y, scheme = year.year, year.scheme
    bonus = scheme.bonus
    yield "ref.scheme", [
        (
            y, scheme.scheme, scheme.label, scheme.document_no, scheme.closing_on, sum(i.full for i in scheme.items),
            scheme.rounding.total, bonus.cap if bonus else None, year.fingerprint,
        )
    ]  # fmt: skip
    yield "ref.item", list(_items(year))
    yield "ref.bonus_class", [(y, c.id, c.label, c.cap) for c in (bonus.classes if bonus else ())]
    yield (
        "ref.target",
        [(y, t.unit, t.indicator, t.target, t.document_no, t.effective_on) for t in year.targets],
    )
    yield "ref.unit_group", [(y, unit, group) for unit, group in year.groups.items()]


def _items(year: SchemeYear) -> Iterator[tuple[object, ...]]:
    parents = {child.id: item.id for item in year.scheme.walk() for child in item.items}
    for position, item in enumerate(year.scheme.walk(), 1):
        yield (
            year.year, item.id, parents.get(item.id), position, item.label, item.indicator, item.full, item.most,
            item.least, _rule(item), item.rule is not None, item.department or None, item.evidence or None,
        )  # fmt: skip


def _rule(item: Item) -> str | None:
    return item.rule.key if item.rule else None


def _item_scores(year: SchemeYear, scored: Scored, within: Mapping[str, Bounds]) -> Rows:
    items = {item.id: item for item in year.scheme.walk()}
    words = explanations(year, scored)
    out: Rows = []
    for s in scored.items:
        low, high = within[s.unit].items[s.item]
        out.append(
            (
                year.year, s.unit, s.item, s.indicator, not items[s.item].items, rounded(s.full), rounded(s.target),
                rounded(s.actual), rounded(s.attainment), rounded(s.points), rounded(low), rounded(high), s.state,
                _rule(items[s.item]), words[s.unit, s.item], s.target_document,
            )
        )  # fmt: skip
    return out


def _results(year: SchemeYear, scored: Scored, within: Mapping[str, Bounds]) -> Rows:
    gates: dict[str, list[str]] = {}
    for hit in scored.gates:
        if hit.gate not in gates.setdefault(hit.unit, []):
            gates[hit.unit].append(hit.gate)
    out: Rows = []
    for r in scored.results:
        b = within[r.unit]
        out.append(
            (
                year.year, r.unit, r.group, rounded(r.base), rounded(r.bonus), rounded(r.deduction), rounded(r.total),
                r.group_rank, r.overall_rank, r.grade, "final" if b.is_final else "provisional", gates.get(r.unit, []),
                rounded(b.total_low), rounded(b.total_high), b.rank_best, b.rank_worst, b.grade_best, b.grade_worst, rounded(r.rescale),
            )
        )  # fmt: skip
    return out
