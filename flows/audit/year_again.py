"""A scored year read again: figures, recorded decisions and days of arrival of some units, and the year scored anew from them.

What was asked for is read again once (`ValueProver`), and every answer about the year is taken from that: the points of an item,
a total, a place. Of units that are not read again the engine has what was published, and whoever answers has to say so.
Refuses to take a recorded decision for granted: the same queries that made the facts of the published file run over the files
read again, and each row that only one side has is a difference.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Any

import duckdb

from flows.assess.fact_queries import RECORDED, read_facts, read_recorded
from flows.assess.places_again import StandingsAgain, standings_again
from flows.assess.scheme_gate import admit
from flows.audit.closed_numbers import as_it_was, closed_book, numbers_of, what_it_was_given
from flows.audit.compare import compare_deliveries
from flows.audit.proof_model import Difference, DueReport, PeersRead, ScoreProof, ValueProof
from flows.audit.reload import reload_deliveries
from flows.audit.value_proof import RowSink, ValueAsked, ValueProver
from flows.contract.catalogue import ROOT
from flows.contract.indicator import indicators
from flows.contract.paths import Paths
from flows.database.connect import open_published, run_file
from flows.normalise.load import Progress
from flows.score.bounds.dependence import Dependence
from flows.score.engine.facts import Facts, Figure, FigureKey
from flows.score.engine.result import ItemScore, Scored
from flows.score.engine.scoring import RunningTotal, YearScoring
from flows.score.engine.scoring_context import ScoringContext
from flows.score.rules import Rule
from flows.score.scheme.required_inputs import figures_read, required_figures
from flows.score.scheme.scheme_loader import SchemeYear
from flows.score.scheme.scheme_model import Gate, Item
from flows.score.sources.late import LateInput
from flows.score.sources.past import PastInput
from flows.score.sources.veto import VetoInput


@dataclass(frozen=True)
class YearAsked:
    """What is read again: of these units and items, with what a kind of decision alone needs (`gate`, `bonus`, `deduction`); None of
    both: all, with what places and grades need.

    `with_peers`: also what the points depend on of other units. The rest as in `ValueAsked`.
    """

    units: tuple[str, ...]
    year: int
    items: tuple[str, ...] | None = None
    kind: str | None = None
    with_peers: bool = False
    limit: int = 20
    with_passed: bool = False
    sink: RowSink | None = None
    edition: int | None = None  # a closed one; None: what is published now

    @property
    def is_whole(self) -> bool:
        """Whether it is the whole year of the units."""
        return self.items is None and self.kind is None


@dataclass
class YearAgain:
    """A year of the published file beside what its files say. `units` were read again with all that was asked for."""

    asked: YearAsked
    edition: duckdb.DuckDBPyConnection
    year: SchemeYear
    published: Facts
    prover: ValueProver
    units: frozenset[str]
    lists: tuple[str, ...]  # of `RECORDED`, those that were read again
    values: dict[tuple[str, FigureKey], ValueProof] = field(default_factory=dict)
    differences: list[Difference] = field(default_factory=list)  # of deliveries with decisions
    differing: dict[str, list[tuple[Any, Difference]]] = field(default_factory=lambda: defaultdict(list))
    facts: Facts | None = None
    items: dict[tuple[str, str], ScoreProof] = field(
        default_factory=dict
    )  # proofs that were made, by unit and item

    @cached_property
    def standings(self) -> StandingsAgain | None:
        """Places and grades as they follow from the published totals, by other code."""
        return standings_again(self.edition, self.year)

    @cached_property
    def scoring(self) -> YearScoring:
        """The year scored from what was read again."""
        return YearScoring(ScoringContext(self.year, self.facts or self.published))

    @cached_property
    def scored(self) -> Scored:
        """What came of it."""
        return self.scoring.scored()

    @cached_property
    def totals(self) -> dict[str, RunningTotal]:
        """The steps of every unit."""
        return {unit: self.scoring.run_steps(unit) for unit in self.scoring.context.units}

    @cached_property
    def scores(self) -> dict[tuple[str, str], ItemScore]:
        """By unit and item."""
        return {(s.unit, s.item): s for s in self.scored.items}

    @cached_property
    def dependence(self) -> Dependence:
        """What items and gates depend on."""
        return Dependence(self.scoring.context)

    def peers(self, unit: str, what: Item | Gate) -> PeersRead:
        """Which other units points (or a gate) depend on, and whether those were read again."""
        return self.peers_of(others_of(self.dependence, self.scored, unit, what))

    def peers_of(self, others: Collection[str]) -> PeersRead:
        """Whether some other units were read again."""
        return PeersRead(len(others), self.units.issuperset(others))

    def unlike(
        self, units: Iterable[str], figures: Collection[tuple[str, str]] | None = None
    ) -> list[Difference]:
        """What is not as published with units that are read beside the one asked for; `figures`: with these alone."""
        wanted = set(units)
        found = [
            Difference("peer_differs", found=f"{proof.unit_name} {proof.label} {proof.period_label}")
            for (unit, key), proof in self.values.items()
            if unit in wanted and not proof.is_proven and (figures is None or key[::2] in figures)
        ]
        return found + [d for unit in sorted(wanted) for _, d in self.differing.get(unit, ())]

    def unlike_records(self, unit: str, item: Item) -> list[Difference]:
        """Recorded decisions of a unit that are not as published and may concern an item."""
        read = {indicator for indicator, _ in self.dependence.of(item).figures}
        out = []
        for record, difference in self.differing.get(unit, ()):
            named, indicator = getattr(record, "item", None), getattr(record, "indicator", None)
            about = self.scoring.context.item_named(named) if named else None
            if (indicator is None or indicator in read) and (named is None or about is item):
                out.append(difference)
        return out

    def due(self, unit: str, records: Collection[str]) -> tuple[list[DueReport], list[Difference]]:
        """The reports of some kinds that a unit owed, as the receipts of the ledger have them, and where that is not what was published."""
        asked = {
            "unit": unit,
            "records": sorted(records),
            "year": self.year.year,
            "closing_on": self.year.scheme.closing_on,
        }
        found = []
        for con in (self.prover.edition, self.prover.again.con):
            rows = run_file(con, ROOT / "sql" / "audit" / "due_report.sql", asked)
            found.append([DueReport(*row) for row in rows.fetchall()])
        was, now = found
        return now, [
            Difference("due_differs", _said(a), _said(b)) for a, b in zip(was, now, strict=True) if a != b
        ]

    # -- made once, by `read_year_again`

    def _prove_values(self, wanted: dict[str, set[FigureKey]]) -> None:
        """By indicator, then by unit: its rows are gathered once for all."""
        asked: dict[tuple[str, str], dict[str, list[str | None]]] = defaultdict(lambda: defaultdict(list))
        for unit, keys in wanted.items():
            for key in keys:
                asked[key.indicator, key.period_id][unit].append(key.category)
        for (indicator, period), by_unit in sorted(asked.items()):
            for unit, categories in by_unit.items():
                is_own = unit in self.asked.units
                one = ValueAsked(
                    unit,
                    indicator,
                    period,
                    None,
                    self.asked.limit if is_own else 0,
                    self.asked.with_passed and is_own,
                    self.asked.sink if is_own else None,
                )
                for proof in self.prover.prove(one, sorted(categories, key=lambda c: c or "")):
                    self.values[unit, FigureKey(indicator, proof.category, period)] = proof

    def _take_facts(self, lists: Collection[str]) -> None:
        """The facts of the units read again take the place of the published ones."""
        figures: dict[tuple[str, FigureKey], Figure] = dict(self.published.figures)
        for key, proof in self.values.items():
            amount = exact(proof)
            if key in figures and amount is not None:
                figures[key] = replace(
                    figures[key],
                    amount=amount,
                    numerator=proof.tally.numerator or Fraction(),
                    denominator=proof.tally.denominator,
                )
        changed: dict[str, Any] = {"figures": figures}
        for name in lists:
            was = getattr(self.published, name)
            now = read_recorded(self.prover.again.con, self.year, name)
            own = [r for r in now if r.unit in self.units]
            changed[name] = (*(r for r in was if r.unit not in self.units), *own)
            if name != "late":  # said report by report
                self._compare(name, [r for r in was if r.unit in self.units], own)
        self.facts = replace(self.published, **changed)

    def _compare(self, name: str, was: Sequence[Any], now: Sequence[Any]) -> None:
        for one, other in ((was, now), (now, was)):
            others = set(other)
            for record in one:
                if record in others:
                    continue
                part, row = getattr(record, "address", (None, None))
                found = Difference("row_differs" if part else "record_differs", part_id=part, row_number=row)
                if all(found != known for _, known in self.differing[record.unit]):
                    self.differing[record.unit].append((record, found))


@contextmanager
def read_year_again(
    paths: Paths, asked: YearAsked, progress: Progress | None = None, root: Path = ROOT
) -> Iterator[YearAgain]:
    """Read again what a year's scores of some units rest on.

    Args:
        paths: Where vault and published file lie.
        asked: Units and items.
        progress: Is told of files compared and read.
        root: The clone whose scheme folders are used.

    Yields:
        The year; its answers are asked for inside.
    """
    with open_published(paths.warehouse_file()) as now, ExitStack() as opened:
        book = None if asked.edition is None else closed_book(paths, asked.year, asked.edition)
        if book is None:
            year = admit(now, asked.year, root).year
            facts, said = read_facts(now, year, root), now
        else:
            year, facts = what_it_was_given(book)
            said = opened.enter_context(numbers_of(book, facts))
        parts = _parts_asked(year, asked)
        wanted = _wanted(YearScoring(ScoringContext(year, facts)), asked, parts)
        late = {kind for part in parts for i in part.inputs if isinstance(i, LateInput) for kind in i.late}
        lists = tuple(_lists(parts, asked))
        about = {
            "recorded": sorted({kind for name in lists for kind in RECORDED[name][2]}),
            "late": sorted(late),
            "units": sorted({*wanted, *asked.units}),
        }
        figures = {unit: {(k.indicator, k.period_id) for k in keys} for unit, keys in wanted.items()}

        def prover_of(con: duckdb.DuckDBPyConnection) -> ValueProver:
            also = run_file(con, ROOT / "sql" / "audit" / "recorded_part.sql", about).fetchall()
            return ValueProver(con, figures, asked.with_passed, [part for (part,) in also], said)

        if book is None:
            prover = prover_of(now)
            opened.enter_context(prover.reread(paths, progress))
            _know_as_published(now, prover.again.con)
        else:
            kinds = {r for of in figures.values() for name, _ in of for r in indicators()[name].records}
            known = {**about, "kinds": sorted(kinds | late), "deliveries": book.manifest.deliveries}
            del known["late"]
            found = run_file(now, ROOT / "sql" / "audit" / "known_part.sql", known).fetchall()
            kinds |= {*about["recorded"], *late}
            again_ = opened.enter_context(
                reload_deliveries(paths, [number for (number,) in found], kinds, (), progress)
            )
            as_it_was(again_.con, paths, book)
            prover = prover_of(again_.con)
            prover.again = again_
        again = YearAgain(asked, said, year, facts, prover, frozenset(wanted) | set(asked.units), lists)
        again.differences = compare_deliveries(
            prover.also.values(), prover.again.sound, prover.unsound_of(prover.also.values())
        )
        again._prove_values(wanted)
        again._take_facts(lists)
        yield again


def _parts_asked(year: SchemeYear, asked: YearAsked) -> list[Item | Gate | Rule]:
    """The leaves that are asked for; gates and the factor of deductions, where they are."""
    scheme, kind = year.scheme, asked.kind
    wanted = () if asked.items is None and kind else asked.items
    leaves = scheme.leaves
    if wanted is not None:
        leaves = tuple(x for item in scheme.walk() if item.id in wanted for x in item.walk() if x.rule)
    factor = scheme.deductions.factor if scheme.deductions else None
    return [
        *leaves,
        *(scheme.gates if kind == "gate" or asked.is_whole else ()),
        *([factor] if factor and (kind == "deduction" or asked.is_whole) else []),
    ]


def _wanted(
    scoring: YearScoring, asked: YearAsked, parts: Sequence[Item | Gate | Rule]
) -> dict[str, set[FigureKey]]:
    """Unit → the figures that are read again: of the units asked for and those below them, of their peers where that is asked."""
    context = scoring.context
    depends, every = Dependence(context), required_figures(context.year)
    wanted: dict[str, set[FigureKey]] = defaultdict(set)
    scored = scoring.scored() if asked.with_peers else None
    for unit, part in product(asked.units, parts):
        keys = set(keys_of(context.year, part))
        if isinstance(part, Item | Gate):
            read = depends.of(part).figures
            keys |= {key for key in every if (key.indicator, key.period_id) in read}
        for member in depends.family.get(unit, (unit,)):
            wanted[member] |= keys
        if scored is not None and isinstance(part, Item | Gate):
            for other in others_of(depends, scored, unit, part):
                wanted[other] |= keys
    return wanted


def others_of(depends: Dependence, scored: Scored, unit: str, what: Item | Gate) -> tuple[str, ...]:
    """The other units that points (of a block: of its items) or a gate depend on, sorted."""
    leaves = [leaf for leaf in what.walk() if leaf.rule] if isinstance(what, Item) else [what]
    policies = {s.item: s.policy for s in scored.items if s.unit == unit}
    found = {u for leaf in leaves for u in depends.others(unit, leaf, policies.get(leaf.id))}
    return tuple(sorted(found - set(depends.family[unit])))


def _lists(parts: Sequence[Item | Gate | Rule], asked: YearAsked) -> Iterator[str]:
    """The lists of recorded facts that are read again."""
    inputs = [one for part in parts for one in part.inputs]
    reads = {
        "corrections": bool(parts),
        "points_rulings": bool(parts),
        "bonus": asked.kind == "bonus",
        "notices": asked.kind == "deduction",
        "scores": any(one.rated_by for one in inputs),
        "late": any(isinstance(one, LateInput) for one in inputs),
        "vetoes": any(isinstance(one, VetoInput) for one in inputs),
        "past": any(isinstance(one, PastInput) for one in inputs),
    }
    yield from (name for name in RECORDED if asked.is_whole or reads.get(name))


def _know_as_published(edition: duckdb.DuckDBPyConnection, con: duckdb.DuckDBPyConnection) -> None:
    """Up to which day deliveries are known, and what was withdrawn by then: days of lateness are those of the published file."""
    as_of, last = edition.execute("select as_of, last_received_at from meta.run").fetchall()[0]
    con.execute(
        "insert into meta.run by name select $as_of as as_of, '' as code_fingerprint, '' as key_fingerprint, 0 as deliveries, "
        "$last as last_received_at",
        {"as_of": as_of, "last": last},
    )
    counted = edition.execute("select delivery_id from meta.delivery where withdrawn_at is null").fetchall()
    con.execute(
        "update meta.delivery set withdrawn_at = null where list_contains($ids, delivery_id)",
        {"ids": [number for (number,) in counted]},
    )
    run_file(con, ROOT / "sql" / "metric" / "report_due.sql")


def _said(report: DueReport) -> str:
    return f"{report.label} {report.period} {report.came_on} ({report.days})"


def keys_of(year: SchemeYear, node: Any) -> tuple[FigureKey, ...]:
    """The figures that an item (its own indicator's too), a gate or a rule reads, in order."""
    if isinstance(node, Item):
        alone = year.scheme.model_copy(update={"items": (node,), "gates": (), "deductions": None})
        keys = required_figures(replace(year, scheme=alone))
    else:
        keys = tuple(figures_read(node, year.year))
    return tuple(sorted(set(keys), key=lambda k: (k.indicator, k.period_id, k.category or "")))


def exact(proof: ValueProof) -> Fraction | None:
    """The figure of the records, unrounded; None where the records give none."""
    if proof.published is None or proof.published.state not in ("value", "zero"):
        return None
    numerator, denominator = proof.tally.numerator or Fraction(), proof.tally.denominator
    if proof.shape in ("ratio", "coverage"):
        return numerator / denominator if denominator else None
    return numerator
