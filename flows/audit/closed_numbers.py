"""A closed book as what a trace holds numbers against: what it says in its own tables, and the deliveries it was made from.

The tables of the book's folder stand in a database in memory under the names that they have in a warehouse, so that the same queries ask
the book and what is published now. Which tables of the vault's files counted is derived anew, with the deliveries and withdrawals that
there were when it was closed: what came later is no difference. Refuses a book that does not hold its facts and scheme.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from flows.assess.facts_file import read_facts
from flows.audit.proof_model import NotPublishedError
from flows.contract.paths import Paths
from flows.database.connect import insert_rows, literal, open_scratch
from flows.ingest.vault import Vault
from flows.language import _
from flows.metrics.values import create_views
from flows.normalise.build import suppose
from flows.normalise.schema import load_macros
from flows.score.engine.facts import Facts
from flows.score.scheme.scheme_loader import SchemeYear, load_folder
from flows.warehouse.books import ClosedBook, books

#: Tables of a book by the schema that they have in a warehouse; all others of it are `assess`.
_SCHEMA = {"value": "metric", "unit": "ref", "period": "ref", "code": "ref"}
_REF = ("scheme", "item", "bonus_class", "target", "unit_group")


def closed_book(paths: Paths, year: int, number: int) -> ClosedBook:
    """A closed edition of a year, every byte compared; `NotPublishedError` where there is none that can be traced."""
    found = [b for b in books(paths.books) if (b.manifest.year, b.manifest.edition) == (year, number)]
    if not found:
        raise NotPublishedError(_("there is no edition {year}-{number}", year=year, number=number))
    if not (found[0].folder / "facts.json").exists():
        raise NotPublishedError(
            _(
                "edition {year}-{number} is of older code and holds no facts: it cannot be traced",
                year=year,
                number=number,
            )
        )
    return found[0]


def what_it_was_given(book: ClosedBook) -> tuple[SchemeYear, Facts]:
    """The scheme and the facts that its results were made from."""
    return load_folder(book.folder / "scheme"), read_facts(book.folder / "facts.json")


@contextmanager
def numbers_of(book: ClosedBook, facts: Facts) -> Iterator[duckdb.DuckDBPyConnection]:
    """The tables of a book under the names of a warehouse; recorded decisions and past results come from its facts."""
    with open_scratch() as con:
        load_macros(con)
        for schema in ("assess", "ref", "metric", "meta", "current"):
            con.execute(f"create schema {schema}")
        for path in sorted(book.folder.glob("*.parquet")):
            schema = _SCHEMA.get(path.stem, "ref" if path.stem in _REF else "assess")
            con.execute(f'create table {schema}."{path.stem}" as from read_parquet({literal(str(path))})')
        con.execute(
            "create table metric.flag (unit_code varchar, period_id varchar, indicator_id varchar, flag varchar, message varchar)"
        )
        con.execute(
            "create table meta.run as select $code as code_fingerprint",
            {"code": book.manifest.code_fingerprint},
        )
        year = book.manifest.year
        con.execute(
            "create table current.rank_decision (year integer, unit_code varchar, place integer, part_id bigint, row_number integer); "
            "create table current.past_result (year integer, unit_code varchar, overall_rank integer)"
        )
        columns = ("year", "unit_code", "place", "part_id", "row_number")
        insert_rows(
            con,
            "current.rank_decision",
            columns,
            [(year, d.unit, d.place, *d.address) for d in facts.decisions],
        )
        past = [(p.year, p.unit, p.overall_rank) for p in facts.past]
        insert_rows(con, "current.past_result", ("year", "unit_code", "overall_rank"), past)
        yield con


def as_it_was(con: duckdb.DuckDBPyConnection, paths: Paths, book: ClosedBook) -> None:
    """Derive in deliveries that were read again which tables counted when the book was closed, and the rows of every indicator."""
    vault, manifest = Vault(paths.vault), book.manifest
    known = [d for d in vault.deliveries(manifest.recorded_at) if d.delivery_id <= manifest.deliveries]
    loaded = {number for (number,) in con.execute("select delivery_id from meta.delivery").fetchall()}
    suppose(con, vault, [d for d in known if d.delivery_id in loaded])
    create_views(con)
    con.execute(
        "insert into meta.run by name select $closed as as_of, $code as code_fingerprint, '' as key_fingerprint, 0 as deliveries, "
        "$last as last_received_at",
        {
            "closed": manifest.closed_on,
            "code": manifest.code_fingerprint,
            "last": manifest.last_received_at.replace(tzinfo=None),
        },
    )
