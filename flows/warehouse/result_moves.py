"""What a publication changes in results beside the one before, unit by unit, with the reason; written into the build before it is
copied, because only then are both there. A first publication, one over what older code made and one as of an earlier
moment say nothing."""

from __future__ import annotations

from pathlib import Path

import duckdb

from flows.database.connect import attach_read_only, sql_text


def note_moves(con: duckdb.DuckDBPyConnection, edition: Path | None) -> None:
    """Fill `meta.result_move` of a build from the edition in place (None: nothing to compare with)."""
    con.execute("delete from meta.result_move")
    if edition is None or not edition.exists():
        return
    try:
        attach_read_only(con, edition, "before")
    except duckdb.Error:  # no database, so nothing that was published
        return
    try:
        con.execute(sql_text("meta", "result_move"))
    except (duckdb.CatalogException, duckdb.BinderException):  # older code made it, without what is asked for
        con.execute("delete from meta.result_move")
    finally:
        con.execute("detach before")
