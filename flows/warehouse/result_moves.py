"""What a publication changes in results beside the one before, split as between any two; written into the build before it is copied,
because only then are both there. A first publication, one over what older code made and one as of an earlier moment say nothing. What the
publication before said of a year stays where nothing of that year differs."""

from __future__ import annotations

from pathlib import Path

import duckdb

from flows.assess.restatement import kept_scheme, published_values, published_year, restatement_rows
from flows.contract.catalogue import ContractError
from flows.database.connect import insert_named, insert_rows, open_published

#: What the two publications are called.
BEFORE, NOW = "before", "now"


def note_moves(con: duckdb.DuckDBPyConnection, edition: Path | None) -> None:
    """Fill `meta.restatement` of a build from the edition in place (None: nothing to compare with)."""
    con.execute("delete from meta.restatement")
    if edition is None or not edition.exists():
        return
    try:
        with open_published(edition) as before:
            for year in sorted(_years(before) & _years(con)):
                _note_year(con, before, year)
    except (duckdb.CatalogException, duckdb.BinderException, ContractError):  # of older code, in another form
        con.execute("delete from meta.restatement")
    except duckdb.IOException:  # no database, so nothing that was published
        return


def _years(con: duckdb.DuckDBPyConnection) -> set[int]:
    return {year for (year,) in con.execute("select year from ref.scheme").fetchall()}


def _note_year(con: duckdb.DuckDBPyConnection, before: duckdb.DuckDBPyConnection, year: int) -> None:
    was, now = (published_values(side, kept_scheme(side, year, BEFORE)) for side in (before, con))
    if was != now:
        [(since,)] = before.execute("select last_received_at from meta.run").fetchall()
        sides = published_year(before, year, BEFORE), published_year(con, year, NOW)
        insert_named(con, "meta.restatement", restatement_rows(*sides, since))
        return
    kept = before.execute("from meta.restatement where year = $year", {"year": year})
    names = [column[0] for column in kept.description]
    insert_rows(con, "meta.restatement", names, kept.fetchall())
