"""The points of one item proven: from the records to the figure, through the recorded corrections, to the rule.

Every figure the item's rule reads is proven by itself (`proof.py`). The recorded corrections are read again from
the vault and applied one by one to arrive at the figure that counted. Then the year is scored once more with the proven
figures in the place of this unit's, and the item's points are held against the published ones. Refuses to take a step
of the published edition for granted: where one does not follow from the one before, it is named.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb

from flows.audit.manual_decisions import read_again
from flows.audit.proof_model import (
    DecidedProof,
    Difference,
    NotPublishedError,
    RecordedDecision,
    ScoreProof,
    SubItem,
    UsedFigure,
)
from flows.audit.value_proof import RowSink
from flows.audit.year_again import YearAgain, YearAsked, exact, keys_of, others_of, read_year_again
from flows.contract.catalogue import ROOT
from flows.contract.paths import Paths
from flows.contract.text import name_key
from flows.database.connect import run_file
from flows.language import _
from flows.normalise.load import Progress
from flows.score.engine.rounding import half_up
from flows.score.rules import Rule
from flows.score.scheme.scheme_loader import SchemeYear
from flows.score.scheme.scheme_model import Gate, Item
from flows.score.sources.late import LateInput


@dataclass(frozen=True)
class ItemAsked:
    """What to prove: the points of a unit for one item of a year; the rest as in `ValueAsked`."""

    unit: str
    year: int
    item: str
    limit: int = 20
    with_passed: bool = False
    sink: RowSink | None = None
    with_peers: bool = False


def prove_item(
    paths: Paths, wanted: ItemAsked, progress: Progress | None = None, root: Path = ROOT
) -> ScoreProof:
    """Follow the points of an item back to the records; `NotPublishedError` where the edition has none."""
    asked = YearAsked(
        (wanted.unit,),
        wanted.year,
        (wanted.item,),
        with_peers=wanted.with_peers,
        limit=wanted.limit,
        with_passed=wanted.with_passed,
        sink=wanted.sink,
    )
    with read_year_again(paths, asked, progress, root) as again:
        return item_proof(again, wanted.unit, wanted.item)


def item_proof(again: YearAgain, unit: str, name: str) -> ScoreProof:
    """The same of a year that was read again with this item; made once."""
    if (unit, name) not in again.items:
        again.items[unit, name] = _item_proof(again, unit, name)
    return again.items[unit, name]


def _item_proof(again: YearAgain, unit: str, name: str) -> ScoreProof:
    edition, year = again.edition, again.year
    item = next((i for i in year.scheme.walk() if i.id == name), None)
    proof = _published(edition, year.year, unit, name)
    if item is None:
        proof.differences.append(Difference("scheme_differs", published=name))
        return proof
    proof.differences += scheme_differences(edition, year)
    proof.peers = again.peers(unit, item)
    if item.items:
        _add_up(edition, item, proof)
    else:
        proof.figures = figures_used(again, unit, item)
        for used in proof.figures:
            follow_corrections(edition, used, proof)
        _take_records(again, item, proof)
        if late := {kind for one in item.inputs if isinstance(one, LateInput) for kind in one.late}:
            proof.due, differences = again.due(unit, late)
            proof.differences += differences
    if proof.peers.are_read:
        leaves = [leaf for leaf in item.walk() if leaf.rule]
        read = {figure for leaf in leaves for figure in again.dependence.of(leaf).figures}
        others = others_of(again.dependence, again.scored, unit, item)
        proof.differences += again.unlike(others, read)
    proof.again = again.scores[unit, name].points if (unit, name) in again.scores else None
    if _rounded(proof.again) != proof.points:
        proof.differences.append(Difference("points_differ", text_of(proof.points), text_of(proof.again)))
    return proof


def _published(edition: duckdb.DuckDBPyConnection, year: int, unit: str, item: str) -> ScoreProof:
    rows = rows_of(edition, "item_points", year=year, unit=unit, item=item)
    if not rows:
        raise NotPublishedError(
            _(
                "the published edition has no points of {unit} for {item} in {year}",
                unit=unit,
                item=item,
                year=year,
            )
        )
    return ScoreProof(**rows[0])


def scheme_differences(edition: duckdb.DuckDBPyConnection, year: SchemeYear) -> list[Difference]:
    """Whether the folder is still the scheme that the year was scored with."""
    made = edition.execute(
        "select fingerprint from ref.scheme where year = $year", {"year": year.year}
    ).fetchone()
    return [] if made == (year.fingerprint,) else [Difference("scheme_differs")]


def _add_up(edition: duckdb.DuckDBPyConnection, item: Item, proof: ScoreProof) -> None:
    """A block is the sum of its items, kept within its cap and floor."""
    rows = rows_of(edition, "item_parts", year=proof.year, unit=proof.unit, item=item.id)
    proof.parts = [SubItem(**row) for row in rows]
    total = min(sum((p.points or Fraction() for p in proof.parts), Fraction()), Fraction(item.most))
    total = total if item.least is None else max(total, Fraction(item.least))
    # each part was rounded to six places by itself
    if abs(total - (proof.points or 0)) * 10**6 > len(proof.parts):
        proof.differences.append(Difference("block_differs", text_of(proof.points), text_of(total)))


def figures_used(again: YearAgain, unit: str, node: Item | Gate | Rule) -> list[UsedFigure]:
    """Every figure that a part of the scheme can read of a unit, with its proof, as it was scored with."""
    out = []
    for key in keys_of(again.year, node):
        if (unit, key) in again.values:
            about = {"indicator": key.indicator, "period": key.period_id, "category": key.category}
            rows = rows_of(again.edition, "used_figure", year=again.year.year, unit=unit, **about)
            row: dict[str, Any] = (
                rows[0] if rows else {"state": "not_reported", "computed": None, "actual": None}
            )
            out.append(
                UsedFigure(key.indicator, key.category, key.period_id, **row, proof=again.values[unit, key])
            )
    return out


def follow_corrections(
    edition: duckdb.DuckDBPyConnection, used: UsedFigure, proof: ScoreProof | DecidedProof
) -> None:
    """From the figure of the records through each correction to the one that counted."""
    at = exact(used.proof)
    if _rounded(at) != used.computed:
        proof.differences.append(Difference("figure_differs", text_of(used.computed), text_of(at)))
    if used.category is None and used.period == str(proof.year):
        used.corrections = _decisions(edition, proof, indicator=used.indicator)
    for step in used.corrections:
        is_reduction = step.kind == "spot_check"
        after = max((at or Fraction()) - (step.amount or 0), Fraction()) if is_reduction else step.amount
        if step.before != _rounded(at) or step.after != _rounded(after):
            proof.differences.append(
                Difference(
                    "correction_differs",
                    f"{text_of(step.before)} → {text_of(step.after)}",
                    f"{text_of(at)} → {text_of(after)}",
                    step.part_id,
                    step.row_number,
                )
            )
        at = after
    if _rounded(at) != used.actual:
        proof.differences.append(Difference("correction_differs", text_of(used.actual), text_of(at)))


def _decisions(
    edition: duckdb.DuckDBPyConnection,
    proof: ScoreProof | DecidedProof,
    item: str | None = None,
    indicator: str | None = None,
) -> list[RecordedDecision]:
    """The published corrections of an indicator's figure, or rulings and notices about an item."""
    about = {"year": proof.year, "unit": proof.unit, "item": item, "indicator": indicator}
    return [RecordedDecision(**row) for row in rows_of(edition, "decisions", **about)]


def _take_records(again: YearAgain, item: Item, proof: ScoreProof) -> None:
    """What was recorded about the item, and the corrections, with the rows that were read again."""
    names = {name_key(item.id), name_key(item.label)}
    scores = [s for s in again.published.scores if s.unit == proof.unit and name_key(s.item) in names]
    is_rated = any(read.rated_by for read in item.inputs)
    proof.recorded = [RecordedDecision("rater_score", *s.address, s.points) for s in scores if is_rated]
    proof.recorded += _decisions(again.edition, proof, item=item.id)
    asked = [*proof.recorded, *(c for used in proof.figures for c in used.corrections)]
    found, differences = read_again(again, asked)
    by_address = {(r.kind, r.part_id, r.row_number): r for r in found}
    proof.recorded = [by_address[r.kind, r.part_id, r.row_number] for r in proof.recorded]
    for used in proof.figures:
        used.corrections = [by_address[c.kind, c.part_id, c.row_number] for c in used.corrections]
    proof.differences += [*again.differences, *differences]
    listed = {(d.part_id, d.row_number) for d in differences}
    unlike = again.unlike_records(proof.unit, item)
    proof.differences += [d for d in unlike if (d.part_id, d.row_number) not in listed]


def _rounded(amount: Fraction | None) -> Fraction | None:
    return None if amount is None else half_up(amount, 6)


def text_of(amount: Fraction | None) -> str:
    """An amount for a difference: rounded to six places; none is empty."""
    return (
        ""
        if amount is None
        else f"{Decimal(half_up(amount, 6).numerator) / half_up(amount, 6).denominator:f}"
    )


def rows_of(con: duckdb.DuckDBPyConnection, name: str, **asked: object) -> list[dict[str, Any]]:
    """What a file of `sql/audit` gives, by column; decimals as fractions."""
    found = run_file(con, ROOT / "sql" / "audit" / f"{name}.sql", asked)
    names = [column[0] for column in found.description]
    return [
        {n: Fraction(v) if isinstance(v, Decimal) else v for n, v in zip(names, values, strict=True)}
        for values in found.fetchall()
    ]
