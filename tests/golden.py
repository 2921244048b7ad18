"""The golden comparison: everything the sample publishes, before and after a change that must change no result.

    python -m tests.golden --keep before.duckdb                        make, and print a fingerprint per table
    python -m tests.golden --against before.duckdb                     make, compare, name the first differing rows
    python -m tests.golden --inbox DIR --withdraw FILE --against …     on an inbox that was made earlier

The vault's key and the time of receipt are fixed, so that two runs of the same code publish the same rows. Left out is
what tells runs apart and not results: fingerprints of code and the formats of book-keeping tables.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import tempfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import duckdb

from flows.assess.score_years import create_open, score_years
from flows.contract.paths import Paths
from flows.contract.units import reference
from flows.database.connect import open_build
from flows.ingest.vault import Vault
from flows.ingest.withdrawal import withdraw_listed
from flows.metrics.refresh import measure
from flows.normalise.build import build
from flows.sample import generate
from flows.warehouse.publish import publish

#: When everything that no day folder back-dates is received, and when withdrawals are recorded.
NOW = datetime(2016, 12, 1)
#: Person keys are equal in two runs only under the same key; this one protects nobody.
KEY = hashlib.sha256(b"golden").digest()
YEAR = 2015
SCHEMAS = ("core", "current", "metric", "assess", "book", "meta", "open")
#: What differs between two runs that publish the same.
LEFT_OUT = {
    ("meta", "run"): {"code_fingerprint", "ledger_lines", "ledger_head"},
    ("meta", "measured"): {"definition_fingerprint"},
    ("meta", "seal"): {"name", "content"},
    # what a publication changed beside the one before it: another history, another answer
    ("meta", "restatement"): {
        *(
            "year",
            "unit_code",
            "against",
            "since",
            "kind",
            "item_id",
            "label",
            "before",
            "after",
            "gone",
            "came",
        ),
        *(
            "by_data",
            "by_target",
            "by_scheme",
            "by_decision",
            "by_code",
            "before_label",
            "after_label",
            "reasons",
        ),
    },
}
SHOWN = 3


def publish_sample(folder: Path, inbox: Path | None, withdrawals: Path | None) -> Path:
    """Run everything but Prefect and the returned files into `folder`; the published file."""
    if inbox is None:
        made = generate(folder / "sample")
        inbox, withdrawals = folder / "sample" / "inbox", made.withdrawals
    paths = Paths(folder / "data")
    paths.vault.mkdir(parents=True, mode=0o700)
    (paths.vault / "key").write_bytes(KEY)
    vault = Vault(paths.vault)
    vault.take_in(inbox, NOW, reference().resolve_sender)
    if withdrawals is not None:
        withdraw_listed(vault, withdrawals, NOW)
    build(paths)
    measure(paths)
    with open_build(paths) as con:
        score_years(con, YEAR)
        create_open(con)
    publish(paths)
    return paths.warehouse_file()


def relations(con: duckdb.DuckDBPyConnection, database: str) -> dict[tuple[str, str], list[str]]:
    """(schema, table or view) → columns, in order of their names."""
    rows = con.execute(
        "select schema_name, table_name, list(column_name order by column_name) from duckdb_columns() "
        "where database_name = $database and list_contains($schemas, schema_name) group by all order by all",
        {"database": database, "schemas": list(SCHEMAS)},
    ).fetchall()
    kept = {(s, t): [c for c in columns if c not in LEFT_OUT.get((s, t), ())] for s, t, columns in rows}
    return {name: columns for name, columns in kept.items() if columns}


def fingerprint(
    con: duckdb.DuckDBPyConnection, database: str, name: tuple[str, str], columns: Sequence[str]
) -> str:
    """Rows and a sum of their hashes, whatever their order."""
    listed = ", ".join(f'"{c}"' for c in columns)
    rows, total = con.execute(
        f'select count(*), coalesce(sum(hash({listed})), 0) from "{database}"."{name[0]}"."{name[1]}"'
    ).fetchall()[0]
    return f"{rows} {total % 2**64:016x}"


def differing(con: duckdb.DuckDBPyConnection, name: tuple[str, str], columns: Sequence[str]) -> list[str]:
    """The first rows that only one side has."""
    listed, relation = ", ".join(f'"{c}"' for c in columns), f'"{name[0]}"."{name[1]}"'
    lines = []
    for sign, this, other in (("-", "before", "after"), ("+", "after", "before")):
        query = f"select {listed} from {this}.{relation} except all select {listed} from {other}.{relation}"
        [(count,)] = con.execute(f"select count(*) from ({query})").fetchall()
        lines.append(f"  {sign} {count} rows")
        for row in con.execute(f"from ({query}) order by all limit {SHOWN}").fetchall():
            lines.append(f"  {sign} " + ", ".join(f"{c}={v}" for c, v in zip(columns, row, strict=True)))
    return lines


def compare(before: Path, after: Path) -> list[str]:
    """One line per relation that differs, followed by its first differing rows; empty where nothing does."""
    lines: list[str] = []
    with duckdb.connect() as con:
        con.execute(f"attach '{before}' as before (read_only)")
        con.execute(f"attach '{after}' as after (read_only)")
        old, new = relations(con, "before"), relations(con, "after")
        for name in sorted(old.keys() | new.keys()):
            label = ".".join(name)
            if name not in new or name not in old:
                lines.append(f"{label}: only {'before' if name in old else 'after'}")
                continue
            gone, more = sorted({*old[name]} - {*new[name]}), sorted({*new[name]} - {*old[name]})
            if gone or more:
                lines.append(f"{label}: columns gone {gone}, new {more}")
            shared = [c for c in new[name] if c in old[name]]
            if fingerprint(con, "before", name, shared) != fingerprint(con, "after", name, shared):
                lines += [f"{label}: rows differ", *differing(con, name, shared)]
    return lines


def main() -> int:
    ask = argparse.ArgumentParser(
        description="Publish the sample and compare it with what was published before."
    )
    ask.add_argument("--inbox", type=Path, help="an inbox made earlier; without one the sample is made")
    ask.add_argument("--withdraw", type=Path, help="the list of withdrawals that goes with --inbox")
    ask.add_argument("--keep", type=Path, help="where to keep the published file for a later comparison")
    ask.add_argument("--against", type=Path, help="a file kept before")
    ask.add_argument("--quiet", action="store_true", help="no fingerprint per table")
    asked = ask.parse_args()
    with tempfile.TemporaryDirectory(prefix="golden-") as folder:
        published = publish_sample(Path(folder), asked.inbox, asked.withdraw)
        if not asked.quiet:
            with duckdb.connect() as con:
                con.execute(f"attach '{published}' as after (read_only)")
                for name, columns in relations(con, "after").items():
                    print(".".join(name), fingerprint(con, "after", name, columns))
        if asked.keep:
            asked.keep.unlink(missing_ok=True)
            shutil.copyfile(published, asked.keep)
        differences = compare(asked.against, published) if asked.against else []
    print("\n".join(differences) if differences else "no difference" if asked.against else "")
    return 1 if differences else 0


if __name__ == "__main__":
    raise SystemExit(main())
