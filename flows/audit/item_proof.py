"""The points of one item proven: from the records to the figure, through the recorded corrections, to the rule.

Every figure the item's rule reads is proven by itself (`proof.py`). The recorded corrections are read again from
the vault and applied one by one to arrive at the figure that counted. Then the year is scored once more with the proven
figures in the place of this unit's, and the item's points are held against the published ones. Refuses to take a step
of the published edition for granted: where one does not follow from the one before, it is named.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from itertools import groupby
from pathlib import Path
from typing import Any

import duckdb

from flows.assess.fact_queries import read_facts
from flows.assess.scheme_gate import admit
from flows.audit.manual_decisions import read_again
from flows.audit.proof_model import (
    Difference,
    NotPublishedError,
    RecordedDecision,
    ScoreProof,
    SubItem,
    UsedFigure,
    ValueProof,
)
from flows.audit.value_proof import RowSink, ValueAsked, prove_values
from flows.contract.catalogue import ROOT
from flows.contract.paths import Paths
from flows.contract.text import name_key
from flows.database.connect import open_published
from flows.normalise.load import Progress
from flows.score.engine.facts import Facts, Figure, FigureKey
from flows.score.engine.rounding import half_up
from flows.score.engine.scoring import score
from flows.score.scheme.required_inputs import required_figures
from flows.score.scheme.scheme_loader import SchemeYear
from flows.score.scheme.scheme_model import Item


@dataclass(frozen=True)
class ItemAsked:
    """What to prove_value: the points of a unit for one item of a year; the rest as in `ValueAsked`."""

    unit: str
    year: int
    item: str
    limit: int = 20
    with_passed: bool = False
    sink: RowSink | None = None


def prove_item(
    paths: Paths, wanted: ItemAsked, progress: Progress | None = None, root: Path = ROOT
) -> ScoreProof:
    """Follow the points of an item back to the records; `NotPublishedError` where the edition has none."""
    with open_published(paths.warehouse_file()) as edition:
        year = admit(edition, wanted.year, root).year
        item = next((i for i in year.scheme.walk() if i.id == wanted.item), None)
        proof = _published(edition, wanted)
        if item is None:
            proof.differences.append(Difference("scheme_differs", published=wanted.item))
            return proof
        proof.differences += _scheme_differences(edition, year)
        facts = read_facts(edition, year, root)
        if item.items:
            _add_up(edition, wanted, item, proof)
            _score_again(year, facts, wanted, proof)
            return proof
        proof.figures = list(_figures(edition, paths, year, item, wanted, progress))
        for used in proof.figures:
            _follow_corrections(edition, used, wanted, proof)
        _take_records(edition, paths, facts, item, wanted, proof, progress)
        _score_again(year, facts, wanted, proof)
    return proof


def _published(edition: duckdb.DuckDBPyConnection, wanted: ItemAsked) -> ScoreProof:
    row = _rows(
        edition,
        """select u.name as unit_name, s.label || '（' || s.document_no || '）' as scheme, i.label, r.full_points, r.points,
          r.points_low, r.points_high, r.state, r.target, r.document_no, r.actual, r.attainment, r.explanation
        from assess.item_score as r
        join ref.item as i on i.year = r.year and i.item_id = r.item_id
        join ref.scheme as s on s.year = r.year
        join ref.unit as u on u.unit_code = r.unit_code
        where r.year = $year and r.unit_code = $unit and r.item_id = $item""",
        {"year": wanted.year, "unit": wanted.unit, "item": wanted.item},
    )
    if not row:
        raise NotPublishedError(
            f"the published edition has no points of {wanted.unit} for {wanted.item} in {wanted.year}"
        )
    [found] = row
    return ScoreProof(
        wanted.unit,
        found["unit_name"],
        wanted.year,
        found["scheme"],
        wanted.item,
        found["label"],
        _above(edition, wanted),
        found["full_points"],
        found["points"],
        found["points_low"],
        found["points_high"],
        found["state"],
        found["target"],
        found["document_no"] or "",
        found["actual"],
        found["attainment"],
        found["explanation"],
    )


def _above(edition: duckdb.DuckDBPyConnection, wanted: ItemAsked) -> tuple[str, ...]:
    rows = edition.execute(
        "select item_id, parent_id, label from ref.item where year = $year", {"year": wanted.year}
    ).fetchall()
    parent, label = {i: p for i, p, _ in rows}, {i: text for i, _, text in rows}
    out, at = [], parent.get(wanted.item)
    while at is not None:
        out.append(label[at])
        at = parent.get(at)
    return tuple(reversed(out))


def _scheme_differences(edition: duckdb.DuckDBPyConnection, year: SchemeYear) -> list[Difference]:
    made = edition.execute(
        "select fingerprint from ref.scheme where year = $year", {"year": year.year}
    ).fetchone()
    return [] if made == (year.fingerprint,) else [Difference("scheme_differs")]


def _add_up(edition: duckdb.DuckDBPyConnection, wanted: ItemAsked, item: Item, proof: ScoreProof) -> None:
    """A block is the sum of its items, kept within its cap and floor."""
    rows = _rows(
        edition,
        """select i.item_id, i.label, r.full_points, r.points from assess.item_score as r
        join ref.item as i on i.year = r.year and i.item_id = r.item_id
        where r.year = $year and r.unit_code = $unit and i.parent_id = $item order by i.position""",
        {"year": wanted.year, "unit": wanted.unit, "item": wanted.item},
    )
    proof.parts = [SubItem(r["item_id"], r["label"], r["full_points"], r["points"]) for r in rows]
    total = min(sum((p.points or Fraction() for p in proof.parts), Fraction()), Fraction(item.most))
    total = total if item.least is None else max(total, Fraction(item.least))
    # each part was rounded to six places by itself
    if abs(total - (proof.points or 0)) * 10**6 > len(proof.parts):
        proof.differences.append(Difference("block_differs", _text(proof.points), _text(total)))


def _figures(
    edition: duckdb.DuckDBPyConnection,
    paths: Paths,
    year: SchemeYear,
    item: Item,
    wanted: ItemAsked,
    progress: Progress | None,
) -> Iterator[UsedFigure]:
    """Every figure the item's rule can read, each proven; those of one indicator and period read once."""
    keys = required_figures(
        replace(
            year, scheme=year.scheme.model_copy(update={"items": (item,), "gates": (), "deductions": None})
        )
    )
    keys = tuple(sorted(keys, key=lambda k: (k.indicator, k.period_id, k.category or "")))
    for (indicator, period), group in groupby(keys, key=lambda k: (k.indicator, k.period_id)):
        asked = ValueAsked(
            wanted.unit, indicator, period, None, wanted.limit, wanted.with_passed, wanted.sink
        )
        categories = [k.category for k in group]
        for proof in prove_values(paths, asked, categories, progress):
            yield _used(edition, wanted, proof)


def _used(edition: duckdb.DuckDBPyConnection, wanted: ItemAsked, proof: ValueProof) -> UsedFigure:
    rows = _rows(
        edition,
        "select state, computed, actual from assess.figure where year = $year and unit_code = $unit "
        "and indicator_id = $indicator and period_id = $period and category is not distinct from $category",
        {
            "year": wanted.year,
            "unit": wanted.unit,
            "indicator": proof.indicator,
            "period": proof.period,
            "category": proof.category,
        },
    )
    row: dict[str, Any] = rows[0] if rows else {"state": "not_reported", "computed": None, "actual": None}
    return UsedFigure(
        proof.indicator, proof.category, proof.period, row["state"], row["computed"], row["actual"], proof
    )


def _follow_corrections(
    edition: duckdb.DuckDBPyConnection, used: UsedFigure, wanted: ItemAsked, proof: ScoreProof
) -> None:
    """From the figure of the records through each correction to the one that counted."""
    at = _exact(used.proof)
    if _rounded(at) != used.computed:
        proof.differences.append(Difference("figure_differs", _text(used.computed), _text(at)))
    if used.category is None and used.period == str(wanted.year):
        rows = _rows(
            edition,
            f"select {_ADJUSTMENT} from assess.adjustment where year = $year and unit_code = $unit "
            "and indicator_id = $indicator and kind in ('verified', 'spot_check', 'ruled_figure') "
            "order by case kind when 'verified' then 1 when 'spot_check' then 2 else 3 end, part_id, row_number",
            {"year": wanted.year, "unit": wanted.unit, "indicator": used.indicator},
        )
        used.corrections = [RecordedDecision(**row) for row in rows]
    for step in used.corrections:
        is_reduction = step.kind == "spot_check"
        after = max((at or Fraction()) - (step.amount or 0), Fraction()) if is_reduction else step.amount
        if step.before != _rounded(at) or step.after != _rounded(after):
            proof.differences.append(
                Difference(
                    "correction_differs",
                    f"{_text(step.before)} → {_text(step.after)}",
                    f"{_text(at)} → {_text(after)}",
                    step.part_id,
                    step.row_number,
                )
            )
        at = after
    if _rounded(at) != used.actual:
        proof.differences.append(Difference("correction_differs", _text(used.actual), _text(at)))


_ADJUSTMENT = (
    "kind, part_id, row_number, amount, before, after, coalesce(reason, '') as reason, "
    "coalesce(document_no, '') as document_no"
)


def _take_records(
    edition: duckdb.DuckDBPyConnection,
    paths: Paths,
    facts: Facts,
    item: Item,
    wanted: ItemAsked,
    proof: ScoreProof,
    progress: Progress | None,
) -> None:
    """What was recorded about the item, and the corrections, read again from their files."""
    rulings = _rows(
        edition,
        f"select {_ADJUSTMENT} from assess.adjustment where year = $year and unit_code = $unit "
        "and item_id = $item and kind = 'ruled_points' order by part_id, row_number",
        {"year": wanted.year, "unit": wanted.unit, "item": wanted.item},
    )
    names = {name_key(item.id), name_key(item.label)}
    scores = [s for s in facts.scores if s.unit == wanted.unit and name_key(s.item) in names]
    proof.recorded = [
        RecordedDecision("rater_score", *s.address, s.points) for s in scores if _reads_scores(item)
    ]
    proof.recorded += [RecordedDecision(**row) for row in rulings]
    asked = [*proof.recorded, *(c for used in proof.figures for c in used.corrections)]
    found, differences = read_again(edition, paths, asked, progress)
    by_address = {(r.kind, r.part_id, r.row_number): r for r in found}
    proof.recorded = [by_address[r.kind, r.part_id, r.row_number] for r in proof.recorded]
    for used in proof.figures:
        used.corrections = [by_address[c.kind, c.part_id, c.row_number] for c in used.corrections]
    proof.differences += differences


def _reads_scores(item: Item) -> bool:
    return any(read.rated_by for read in item.inputs)


def _score_again(year: SchemeYear, facts: Facts, wanted: ItemAsked, proof: ScoreProof) -> None:
    """Score the year with the proven figures of this unit, if the item reads any, in place of the published ones."""
    figures: dict[tuple[str, FigureKey], Figure] = dict(facts.figures)
    for used in proof.figures:
        key = (wanted.unit, FigureKey(used.indicator, used.category, used.period))
        exact, tally = _exact(used.proof), used.proof.tally
        if key in figures and exact is not None:
            figures[key] = replace(
                figures[key],
                amount=exact,
                numerator=tally.numerator or Fraction(),
                denominator=tally.denominator,
            )
    scored = score(year, replace(facts, figures=figures))
    found = next((s for s in scored.items if s.unit == wanted.unit and s.item == wanted.item), None)
    proof.again = found.points if found else None
    if _rounded(proof.again) != proof.points:
        proof.differences.append(Difference("points_differ", _text(proof.points), _text(proof.again)))


def _exact(proof: ValueProof) -> Fraction | None:
    """The figure of the records, unrounded; None where the records give none."""
    if proof.published is None or proof.published.state not in ("value", "zero"):
        return None
    numerator, denominator = proof.tally.numerator or Fraction(), proof.tally.denominator
    if proof.shape in ("ratio", "coverage"):
        return numerator / denominator if denominator else None
    return numerator


def _rounded(amount: Fraction | None) -> Fraction | None:
    return None if amount is None else half_up(amount, 6)


def _text(amount: Fraction | None) -> str:
    return (
        ""
        if amount is None
        else f"{Decimal(half_up(amount, 6).numerator) / half_up(amount, 6).denominator:f}"
    )


def _rows(con: duckdb.DuckDBPyConnection, query: str, asked: Mapping[str, object]) -> list[dict[str, Any]]:
    """Rows as mappings; decimals as fractions."""
    found = con.execute(query, dict(asked))
    names = [column[0] for column in found.description]
    return [
        {n: Fraction(v) if isinstance(v, Decimal) else v for n, v in zip(names, values, strict=True)}
        for values in found.fetchall()
    ]
