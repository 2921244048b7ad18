"""A published number proven from the files it came from, or not.

The deliveries that may have a row in it are read again from the vault (`reread.py`), the indicator's own SELECT runs
over them, its rows are held against those of the published edition one by one (`compared.py`), and `recount.py`
counts them by the shape of the indicator. Refuses to explain a difference away: each is named, and one is enough for
"not proven". The edition is opened read-only; no key, name or other cell of a person leaves the database.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import duckdb

from flows.audit.basis import Basis, Period, handed_in
from flows.audit.comparison import (
    compare_deliveries,
    compare_number,
    compare_parts,
    compare_rows,
    published_value,
    sources_of,
)
from flows.audit.evidence import Line, NotPublishedError, Passed, Proof, Source
from flows.audit.recount import Placed, Question, Row, recount
from flows.audit.redact import beside, cells, passed_over
from flows.audit.reload import reread
from flows.contract.catalogue import records
from flows.contract.fingerprint import ROW_MEANING, fingerprint
from flows.contract.indicator import Indicator, indicators
from flows.contract.paths import Paths
from flows.database.connect import open_published
from flows.metrics.indicator_sql import compile_indicator
from flows.normalise.load import Progress

_FETCHED = 20_000

#: Is handed indicator, row and where it stands.
Sink = Callable[[str, Line, Source], None]


@dataclass(frozen=True)
class Wanted:
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
    sink: Sink | None = None


def prove(paths: Paths, wanted: Wanted, progress: Progress | None = None) -> Proof:
    """Read again what a number rests on and count it; `NotPublishedError` for a unit or period the edition does not know."""
    [proof] = prove_each(paths, wanted, [wanted.category], progress)
    return proof


def prove_each(
    paths: Paths, wanted: Wanted, categories: Sequence[str | None], progress: Progress | None = None
) -> list[Proof]:
    """The same for several categories of one indicator and period: their files are read once."""
    indicator, kinds = indicators()[wanted.indicator], records()
    with open_published(paths.warehouse_file()) as edition:
        compiled = compile_indicator(edition, indicator, kinds)
        proofs = [_asked(edition, indicator, replace(wanted, category=c)) for c in categories]
        period = Period(proofs[0].first_on, proofs[0].last_on)
        basis = handed_in(edition, indicator.records, kinds).basis(compiled, wanted.unit, period)
        members = basis.question.members
        whole = beside(edition, indicator, members, *period) if wanted.with_passed else {}
        sources = sources_of(edition, {*basis.read, *whole})
        reported = list(sources_of(edition, basis.reported or ()).values())
        predecessors = _names(edition, set(members) - {wanted.unit})
        deliveries = sorted({s.delivery_id for s in sources.values()})
        with reread(paths, deliveries, indicator.records, basis.read, progress) as again:
            again.take_over_losers(edition, basis.read)
            differences = compare_deliveries(sources.values(), again.sound, again.unsound)
            differences += compare_parts(edition, again.con, basis.read)
            used = {s.delivery_id for s in sources.values() if s.is_in_force}
            rows, differing = compare_rows(edition, again.con, compiled, basis)
            for proof in proofs:
                proof.predecessors, proof.reported = predecessors, reported
                proof.withdrawn = sorted(
                    d.delivery_id for d in again.sound if d.withdrawn_at and d.delivery_id in used
                )
                proof.standing = sorted({p for p, _ in basis.question.standing if p in basis.read})
                proof.differences, proof.differing_rows = [*differences, *rows], differing
                _count(again.con, proof, replace(basis.question, category=proof.category), sources, wanted)
                proof.differences += compare_number(proof, indicator, basis)
                if wanted.with_passed:
                    _pass_over(again.con, proof, indicator, basis, sources, whole, wanted.limit)
                _add_cells(again.con, proof, indicator)
    return proofs


def _pass_over(
    con: duckdb.DuckDBPyConnection,
    proof: Proof,
    indicator: Indicator,
    basis: Basis,
    sources: Mapping[int, Source],
    whole: Mapping[int, str],
    limit: int,
) -> None:
    """Add the rows that the SELECT does not give to those that it gives and that lie elsewhere."""
    concerned = {p: s for p, s in sources.items() if p in whole or _concerns(s, proof, basis.question)}
    found, reasons = passed_over(con, indicator, concerned, basis.question.members, whole, limit)
    proof.passed = (found + proof.passed)[:limit]
    proof.passed_by_reason.update(reasons)


def _asked(edition: duckdb.DuckDBPyConnection, indicator: Indicator, wanted: Wanted) -> Proof:
    """The empty proof: what is asked and what was published."""
    names = _names(edition, {wanted.unit})
    if wanted.unit not in names:
        raise NotPublishedError(f"the published edition has no unit {wanted.unit}")
    row = edition.execute(
        "select label, from_on, to_on from ref.period where period_id = $period", {"period": wanted.period}
    ).fetchone()
    if row is None:
        raise NotPublishedError(f"no period {wanted.period} in data/reference/period.csv")
    label, first_on, last_on = row
    made = edition.execute("select code_fingerprint from meta.run").fetchone()
    return Proof(
        wanted.unit, names[wanted.unit], indicator.indicator, indicator.label, indicator.unit, indicator.shape.value,
        indicator.basis, indicator.body, wanted.period, label, first_on, last_on, wanted.category,
        published=published_value(edition, wanted.unit, indicator.indicator, wanted.period, wanted.category),
        is_older_code=made != (fingerprint(ROW_MEANING),),
    )  # fmt: skip


def _names(edition: duckdb.DuckDBPyConnection, units: set[str]) -> dict[str, str]:
    rows = edition.execute(
        "select unit_code, name from ref.unit where list_contains($units, unit_code) order by unit_code",
        {"units": sorted(units)},
    ).fetchall()
    return dict(rows)


def _concerns(source: Source, proof: Proof, asked: Question) -> bool:
    """Whether a table is about the period: the roll of its last day, or one that covers a day of it."""
    if source.part_id in asked.rolls:
        return source.part_id in proof.standing
    first, last = source.covers_from, source.covers_to
    return first is None or last is None or (first <= proof.last_on and last >= proof.first_on)


def _count(
    con: duckdb.DuckDBPyConnection,
    proof: Proof,
    asked: Question,
    sources: Mapping[int, Source],
    wanted: Wanted,
) -> None:
    """Count the rows of the files, and keep the first of them."""
    counted: Counter[int] = Counter()
    concerned = {p for p, s in sources.items() if _concerns(s, proof, asked)}

    def keep(placed: Placed) -> None:
        row = placed.row
        if placed.reason is not None:
            if wanted.with_passed and row.part_id in concerned:
                proof.passed_by_reason[placed.reason] += 1
                if len(proof.passed) < wanted.limit:
                    proof.passed.append(Passed(row.part_id, row.row_number, placed.reason))
            return
        counted[row.part_id] += 1
        line = _line(placed)
        if len(proof.lines) < wanted.limit:
            proof.lines.append(line)
        if wanted.sink:
            wanted.sink(proof.indicator, line, sources[row.part_id])

    proof.tally = recount(_rows(con, proof, asked), asked, keep)
    proof.counted = counted.total()
    proof.sources = [replace(s, counted=counted[p]) for p, s in sources.items()]


def _line(placed: Placed) -> Line:
    row = placed.row
    return Line(
        row.part_id, row.row_number, row.unit_code, row.since_on, row.until_on, row.category, row.numerator,
        row.denominator, placed.subject, placed.role,
    )  # fmt: skip


def _rows(con: duckdb.DuckDBPyConnection, proof: Proof, asked: Question) -> Iterator[Row]:
    """The rows of the files; those of one subject together, subjects with several rows of the period first."""
    dated = """select part_id, row_number, unit_code, category, coalesce(event_date, from_on) as since_on,
        coalesce(event_date, to_on, case when from_on is not null then date '9999-12-31' end) as until_on,
        subject, numerator, denominator from found_row"""
    order = "part_id, row_number, category"
    if asked.family in ("event", "coverage") or asked.by_subject:
        order = f"""subject is null,
          count(*) filter (where since_on <= $last and until_on >= $first) over (partition by subject) > 1 desc,
          min(cast(part_id as hugeint) * 4294967296 + row_number) over (partition by subject), subject,
          coalesce(denominator, 0) = 0, {order}"""
        query = con.execute(
            f"from ({dated}) order by {order}", {"first": proof.first_on, "last": proof.last_on}
        )
    else:
        query = con.execute(f"from ({dated}) order by {order}")
    while batch := query.fetchmany(_FETCHED):
        for *row, numerator, denominator in batch:
            yield Row._make((*row, _exact(numerator), _exact(denominator)))


def _exact(amount: Any) -> Fraction | None:
    return None if amount is None else Fraction(amount)


def _add_cells(con: duckdb.DuckDBPyConnection, proof: Proof, indicator: Indicator) -> None:
    addresses = {(line.part_id, line.row_number) for line in proof.lines}
    addresses |= {(p.part_id, p.row_number) for p in proof.passed if p.row_number is not None}
    found = cells(con, indicator, addresses)
    proof.lines = [replace(x, cells=found.get((x.part_id, x.row_number), ())) for x in proof.lines]
    proof.passed = [
        x if x.row_number is None else replace(x, cells=found.get((x.part_id, x.row_number), ()))
        for x in proof.passed
    ]
