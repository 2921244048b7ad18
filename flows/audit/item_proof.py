"""The points of one item proven: from the records to the figure, through the recorded corrections, to the rule.

Every figure the item's rule reads is proven by itself (`proof.py`). The recorded corrections are read again from
the vault and applied one by one to arrive at the figure that counted. Then the year is scored once more with the proven
figures in the place of this unit's, and the item's points are held against the published ones. Refuses to take a step
of the published edition for granted: where one does not follow from the one before, it is named.
"""

from __future__ import annotations

from collections.abc import Iterator
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
from flows.database.connect import open_published, run_file
from flows.language import _
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
    rows = _rows(edition, "item_points", year=wanted.year, unit=wanted.unit, item=wanted.item)
    if not rows:
        raise NotPublishedError(
            _(
                "the published edition has no points of {unit} for {item} in {year}",
                unit=wanted.unit,
                item=wanted.item,
                year=wanted.year,
            )
        )
    return ScoreProof(**rows[0])


def _scheme_differences(edition: duckdb.DuckDBPyConnection, year: SchemeYear) -> list[Difference]:
    made = edition.execute(
        "select fingerprint from ref.scheme where year = $year", {"year": year.year}
    ).fetchone()
    return [] if made == (year.fingerprint,) else [Difference("scheme_differs")]


def _add_up(edition: duckdb.DuckDBPyConnection, wanted: ItemAsked, item: Item, proof: ScoreProof) -> None:
    """A block is the sum of its items, kept within its cap and floor."""
    rows = _rows(edition, "item_parts", year=wanted.year, unit=wanted.unit, item=wanted.item)
    proof.parts = [SubItem(**row) for row in rows]
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
    about = {"indicator": proof.indicator, "period": proof.period, "category": proof.category}
    rows = _rows(edition, "used_figure", year=wanted.year, unit=wanted.unit, **about)
    row: dict[str, Any] = rows[0] if rows else {"state": "not_reported", "computed": None, "actual": None}
    return UsedFigure(proof.indicator, proof.category, proof.period, **row, proof=proof)


def _follow_corrections(
    edition: duckdb.DuckDBPyConnection, used: UsedFigure, wanted: ItemAsked, proof: ScoreProof
) -> None:
    """From the figure of the records through each correction to the one that counted."""
    at = _exact(used.proof)
    if _rounded(at) != used.computed:
        proof.differences.append(Difference("figure_differs", _text(used.computed), _text(at)))
    if used.category is None and used.period == str(wanted.year):
        used.corrections = _decisions(edition, wanted, indicator=used.indicator)
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


def _decisions(
    edition: duckdb.DuckDBPyConnection,
    wanted: ItemAsked,
    item: str | None = None,
    indicator: str | None = None,
) -> list[RecordedDecision]:
    about = {"year": wanted.year, "unit": wanted.unit, "item": item, "indicator": indicator}
    return [RecordedDecision(**row) for row in _rows(edition, "decisions", **about)]


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
    names = {name_key(item.id), name_key(item.label)}
    scores = [s for s in facts.scores if s.unit == wanted.unit and name_key(s.item) in names]
    proof.recorded = [
        RecordedDecision("rater_score", *s.address, s.points) for s in scores if _reads_scores(item)
    ]
    proof.recorded += _decisions(edition, wanted, item=item.id)
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


def _rows(con: duckdb.DuckDBPyConnection, name: str, **asked: object) -> list[dict[str, Any]]:
    """What a file of `sql/audit` gives, by column; decimals as fractions."""
    found = run_file(con, ROOT / "sql" / "audit" / f"{name}.sql", asked)
    names = [column[0] for column in found.description]
    return [
        {n: Fraction(v) if isinstance(v, Decimal) else v for n, v in zip(names, values, strict=True)}
        for values in found.fetchall()
    ]
