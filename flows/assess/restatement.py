"""Two publications of a year side by side, from wherever they are: the warehouse, an earlier file of it, the folder of a book.

Each is read as scheme, facts and the numbers it published; `score/restate` splits the difference. The scheme is the text that the year was
scored with (`ref.scheme`), never the folder, which may be another by now. A book's own tables are asked by the same queries as a
warehouse's. A book of older code, without facts, is refused: nothing could be said of why.
"""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb

from flows.assess import facts_file
from flows.assess.fact_queries import read_facts
from flows.contract.catalogue import ROOT, ContractError
from flows.database.connect import literal, open_scratch, sql_text
from flows.language import _
from flows.score.engine.facts import Facts
from flows.score.engine.rounding import rounded
from flows.score.engine.scoring_context import AssessmentError
from flows.score.restate.factor_split import (
    FACTORS,
    MatterDifference,
    PartInForce,
    PublishedYear,
    UnitTotal,
    Values,
    restated,
    values_of,
)
from flows.score.restate.restated_sentence import Sentences
from flows.score.scheme.scheme_loader import SchemeYear, Target, scheme_of

#: A row of meta.restatement.
Row = dict[str, Any]

#: What the queries read, and the table of a book that has it.
_OF_BOOK = {
    "ref.scheme": "scheme",
    "ref.target": "target",
    "ref.unit_group": "unit_group",
    "assess.item_score": "item_score",
    "assess.result": "result",
    "meta.delivery": "delivery",
    "meta.part_in_force": "part",
    "meta.part_unit": "part",
}


class CannotCompare(ValueError):
    """There is no such publication, or it says too little to be split; the text says which and what to do."""


def published_year(
    con: duckdb.DuckDBPyConnection, year: int, name: str, facts: Facts | None = None, root: Path = ROOT
) -> PublishedYear:
    """A year as a database has it.

    Args:
        con: a build, a warehouse, or a book's tables under the same names.
        year: the assessed year.
        name: what the publication is called: 2015-1, now.
        facts: those of a book; None: they are asked of the database.
        root: where the queries are.

    Returns:
        Scheme, facts, numbers and the deliveries behind them.

    Raises:
        CannotCompare: the year was not scored there.
        duckdb.Error: older code made it, without what is asked for.
    """
    scheme = kept_scheme(con, year, name)
    found = con.execute(sql_text("restate", "source"), {"year": year}).fetchall()
    sources = frozenset(PartInForce(*row) for row in found)
    return PublishedYear(
        name, scheme, facts or read_facts(con, scheme, root), published_values(con, scheme), sources
    )


def published_values(con: duckdb.DuckDBPyConnection, scheme: SchemeYear) -> Values:
    """The numbers of a year that were published."""
    of_year = {"year": scheme.year}
    points = con.execute(sql_text("restate", "item"), of_year).fetchall()
    totals = con.execute(sql_text("restate", "total"), of_year).fetchall()
    return values_of(
        scheme,
        ((unit, item, None if amount is None else Fraction(amount)) for unit, item, amount in points),
        (
            UnitTotal(unit, Fraction(b), Fraction(d), Fraction(t), *places)
            for unit, b, d, t, *places in totals
        ),
    )


def kept_scheme(con: duckdb.DuckDBPyConnection, year: int, name: str) -> SchemeYear:
    """The scheme that a year was scored with, as a database keeps it; `CannotCompare` where it was not."""
    of_year = {"year": year}
    kept = con.execute("select text from ref.scheme where year = $year", of_year).fetchone()
    if kept is None:
        raise CannotCompare(_("{name} has no results of {year}", name=name, year=year))
    targets = con.execute(
        "select unit_code, indicator_id, target, document_no, effective_on from ref.target where year = $year",
        of_year,
    ).fetchall()
    groups = con.execute(
        "select unit_code, group_id from ref.unit_group where year = $year", of_year
    ).fetchall()
    scheme, lines = scheme_of(kept[0], Path(name))
    return SchemeYear(
        Path(name),
        scheme,
        tuple(Target(u, i, t, d, on, 0) for u, i, t, d, on in targets),
        dict(groups),
        lines,
    )


def book_year(folder: Path, year: int, name: str) -> PublishedYear:
    """A year as the folder of a book or preview has it; `CannotCompare` where that was written without facts."""
    facts = folder / "facts.json"
    if not facts.exists():
        message = _(
            "{name} was written by older code, without its facts: the difference to it cannot be split",
            name=name,
        )
        raise CannotCompare(message)
    with open_scratch() as con:
        for view, table in _OF_BOOK.items():
            con.execute(f"create schema if not exists {view.partition('.')[0]}")
            file = folder / f"{table}.parquet"
            if file.exists():
                con.execute(f"create view {view} as from read_parquet({literal(str(file))})")
        return published_year(con, year, name, facts_file.read_facts(facts))


def split(before: PublishedYear, after: PublishedYear) -> tuple[MatterDifference, ...]:
    """What differs. A publication that today's code cannot score any more is told apart from the other by code alone."""
    try:
        return restated(before, after)
    except (ContractError, AssessmentError):
        return restated(before, after, is_split=False)


def restatement_rows(before: PublishedYear, after: PublishedYear, since: datetime | None) -> list[Row]:
    """What differs between two publications, split and in words: the rows of meta.restatement. `since`: the last receipt that the
    earlier one knew."""
    found = split(before, after)
    words = Sentences(before, after, found)
    rows = []
    for one in found:
        shown, moved = words.shown(one), words.deliveries(one)
        gone, came = ([*dict.fromkeys(part.delivery for part in parts)] for parts in moved)
        rows.append(
            {
                "year": after.year.year,
                "unit_code": one.unit,
                "against": before.name,
                "since": since,
                "kind": one.matter.kind,
                "item_id": one.matter.item or None,
                "label": words.label(one),
                "before": rounded(one.before),
                "after": rounded(one.after),
                **{f"by_{factor}": rounded(one.by.get(factor)) for factor in FACTORS},
                "before_label": shown[0],
                "after_label": shown[1],
                "reasons": words.sentence(one),
                "gone": gone,
                "came": came,
            }
        )
    return rows
