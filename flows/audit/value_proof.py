"""A published number followed back to the files it came from, and whether it follows from them.

What is proven, in this order: the bytes in the vault are those that arrived (`reload.py`); the indicator's own SELECT over
the rows read from them gives the published rows, one by one; the rows that lie in the period come to the published number,
and so does the aggregation run anew (`compare.py`). That the aggregation is right is no question of one number: the tests
count every number of the sample by rules written apart from it. Refuses to explain a difference away: each is named, and one
is enough for "not proven". The published file is opened read-only; no key, name or other cell of a person leaves the database.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import duckdb

from flows.audit.compare import (
    compare_deliveries,
    compare_number,
    compare_parts,
    compare_rows,
    published_value,
    sources_of,
)
from flows.audit.lineage import Lineage, PeriodAsked, PlacedRows, lineage_of
from flows.audit.proof_model import CountedRow, NotPublishedError, SourceTable, UncountedRow, ValueProof
from flows.audit.redact import cells, idle_parts, passed_over
from flows.audit.reload import reload_deliveries
from flows.contract.catalogue import ROOT, records
from flows.contract.fingerprint import row_meaning
from flows.contract.indicator import Indicator, indicators
from flows.contract.paths import Paths
from flows.database.connect import open_published, run_file
from flows.language import _
from flows.metrics.indicator_sql import compile_indicator
from flows.normalise.load import Progress

#: Is handed indicator, row and where it stands.
RowSink = Callable[[str, CountedRow, SourceTable], None]


@dataclass(frozen=True)
class ValueAsked:
    """What to prove: one indicator of one unit, for one period; `category` None is the total.

    `limit` rows are kept to be shown; `with_passed` also looks for the rows that do not count; `sink` is handed every
    row that does.
    """

    unit: str
    indicator: str
    period: str
    category: str | None = None
    limit: int = 20
    with_passed: bool = False
    sink: RowSink | None = None


def prove_value(paths: Paths, asked: ValueAsked, progress: Progress | None = None) -> ValueProof:
    """Read again what a number rests on; `NotPublishedError` for a unit or period that the published file does not know."""
    [proof] = prove_values(paths, asked, [asked.category], progress)
    return proof


def prove_values(
    paths: Paths, asked: ValueAsked, categories: Sequence[str | None], progress: Progress | None = None
) -> list[ValueProof]:
    """Prove several categories of one indicator and period: their files are read once.

    Args:
        paths: Where vault and published file lie.
        asked: What to prove; its own category is not looked at.
        categories: None is the total.
        progress: Is told of files compared and read.

    Returns:
        A proof per category, in that order.

    Raises:
        NotPublishedError: The published file has no such unit or period.
    """
    indicator = indicators()[asked.indicator]
    with open_published(paths.warehouse_file()) as edition:
        compiled = compile_indicator(edition, indicator, records())
        proofs = [_empty_proof(edition, indicator, replace(asked, category=c)) for c in categories]
        first_on, last_on = proofs[0].first_on, proofs[0].last_on
        lineage = lineage_of(edition, compiled, asked.unit, first_on, last_on)
        idle = idle_parts(edition, indicator, lineage.units, first_on, last_on) if asked.with_passed else {}
        sources = sources_of(edition, {*lineage.parts, *idle})
        deliveries = sorted({s.delivery_id for s in sources.values()})
        with reload_deliveries(paths, deliveries, indicator.records, lineage.parts, progress) as again:
            again.take_over_losers(edition, lineage.parts)
            differences = compare_deliveries(sources.values(), again.sound, again.unsound)
            differences += compare_parts(edition, again.con, lineage.parts)
            rows, differing = compare_rows(edition, again.con, compiled, lineage)
            used = {s.delivery_id for s in sources.values() if s.is_in_force}
            withdrawn = sorted(d.delivery_id for d in again.sound if d.withdrawn_at and d.delivery_id in used)
            for proof in proofs:
                proof.predecessors = _names(edition, {*lineage.units} - {asked.unit})
                proof.withdrawn, proof.standing = withdrawn, list(lineage.standing)
                proof.differences, proof.differing_rows = [*differences, *rows], differing
                placed = PlacedRows(
                    again.con, compiled, lineage, PeriodAsked(first_on, last_on, proof.category)
                )
                _take_rows(proof, placed, sources, asked)
                proof.differences += compare_number(edition, proof, indicator)
                if asked.with_passed:
                    _add_uncounted(again.con, proof, placed, indicator, lineage, sources, idle, asked.limit)
                if proof.published and proof.published.state == "zero" and not proof.counted:
                    proof.reported = _reported(edition, proof, indicator, lineage)
                _add_cells(again.con, proof, indicator)
    return proofs


def _empty_proof(edition: duckdb.DuckDBPyConnection, indicator: Indicator, asked: ValueAsked) -> ValueProof:
    """What is asked and what was published."""
    names = _names(edition, {asked.unit})
    if asked.unit not in names:
        raise NotPublishedError(_("the published edition has no unit {unit}", unit=asked.unit))
    row = edition.execute(
        "select label, from_on, to_on from ref.period where period_id = $period", {"period": asked.period}
    ).fetchone()
    if row is None:
        raise NotPublishedError(_("no period {period} in data/reference/period.csv", period=asked.period))
    label, first_on, last_on = row
    made = edition.execute("select code_fingerprint from meta.run").fetchone()
    proof = ValueProof(
        unit=asked.unit,
        unit_name=names[asked.unit],
        indicator=indicator.indicator,
        label=indicator.label,
        measure=indicator.unit,
        shape=indicator.shape.value,
        basis=indicator.basis,
        statement=indicator.body,
        period=asked.period,
        period_label=label,
        first_on=first_on,
        last_on=last_on,
        category=asked.category,
        is_older_code=made != (row_meaning(),),
    )
    proof.published = published_value(edition, proof)
    if asked.category is None:
        proof.remarks = [
            message
            for (message,) in edition.execute(
                "select message from metric.flag where unit_code = $unit and period_id = $period and indicator_id = $indicator "
                "order by flag",
                {"unit": asked.unit, "period": asked.period, "indicator": indicator.indicator},
            ).fetchall()
        ]
    return proof


def _names(edition: duckdb.DuckDBPyConnection, units: set[str]) -> dict[str, str]:
    rows = edition.execute(
        "select unit_code, name from ref.unit where list_contains($units, unit_code) order by unit_code",
        {"units": sorted(units)},
    ).fetchall()
    return dict(rows)


def _take_rows(
    proof: ValueProof, placed: PlacedRows, sources: Mapping[int, SourceTable], asked: ValueAsked
) -> None:
    """Sum the rows that count, keep the first of them, and hand all of them to the sink."""
    counted = placed.counted_by_part()
    proof.tally, proof.counted = placed.sum(), sum(counted.values())
    proof.sources = [replace(s, counted=counted.get(p, 0)) for p, s in sources.items()]
    proof.lines = list(placed.counted(asked.limit))
    if asked.sink:
        for line in placed.counted():
            asked.sink(proof.indicator, line, sources[line.part_id])


def _reported(
    edition: duckdb.DuckDBPyConnection, proof: ValueProof, indicator: Indicator, lineage: Lineage
) -> list[SourceTable]:
    """What was handed in for the period and names nothing: the reason of a zero."""
    [(office,)] = edition.execute(
        "select parent_code from ref.unit where unit_code = $unit", {"unit": proof.unit}
    ).fetchall()
    asked = {
        "office": office,
        "units": list(lineage.units),
        "first": proof.first_on,
        "last": proof.last_on,
        "records": list(indicator.reported_by),
        "standing": list(lineage.standing),
    }
    rows = run_file(edition, ROOT / "sql" / "audit" / "reported_part.sql", asked).fetchall()
    return list(sources_of(edition, {part for (part,) in rows}).values())


def _concerns(source: SourceTable, proof: ValueProof, lineage: Lineage) -> bool:
    """Whether a table is about the period: the roll of its last day, or one that covers a day of it."""
    if source.part_id in lineage.standing:
        return True
    first, last = source.covers_from, source.covers_to
    is_about = first is None or last is None or (first <= proof.last_on and last >= proof.first_on)
    return is_about and source.part_id not in lineage.other_rolls


def _add_uncounted(
    con: duckdb.DuckDBPyConnection,
    proof: ValueProof,
    placed: PlacedRows,
    indicator: Indicator,
    lineage: Lineage,
    sources: Mapping[int, SourceTable],
    idle: Mapping[int, str],
    limit: int,
) -> None:
    """Add the rows of the period's tables that do not count: not given by the SELECT, or given and lying elsewhere."""
    concerned = {p: s for p, s in sources.items() if p in idle or _concerns(s, proof, lineage)}
    found, reasons = passed_over(con, indicator, concerned, lineage.units, idle, limit)
    elsewhere, more = placed.not_counted(list(concerned), limit)
    proof.passed = [*found, *(UncountedRow(*row) for row in elsewhere)][:limit]
    proof.passed_by_reason.update(reasons)
    proof.passed_by_reason.update(more)


def _add_cells(con: duckdb.DuckDBPyConnection, proof: ValueProof, indicator: Indicator) -> None:
    addresses = {(line.part_id, line.row_number) for line in proof.lines}
    addresses |= {(p.part_id, p.row_number) for p in proof.passed if p.row_number is not None}
    found = cells(con, indicator, addresses)
    proof.lines = [replace(x, cells=found.get((x.part_id, x.row_number), ())) for x in proof.lines]
    proof.passed = [
        x if x.row_number is None else replace(x, cells=found.get((x.part_id, x.row_number), ()))
        for x in proof.passed
    ]
