"""A book of a year, or a preview of one, that stands alone: whoever has the folder needs no data folder, database or network.

    edition.json, edition.sig, public_key.pem   from what it was made, the hash of each file, who signed it
    <table>.parquet, csv/<table>.csv            results, items, values, targets, corrections …, names, deliveries
    dictionary.csv                              what every column means
    facts.json, scheme/                         what was scored, and the rules as they were: files, printed form, scheme.json
    restatement.html, restatement.parquet       what it changed beside the edition or preview before, and why
    requirements.lock                           with which packages
    verify.py                                   compares it all, with Python alone

Names of deliveries are those of the warehouse, where what may name a person is a mark; no table about single persons is in it.
The same content gives the same bytes, but for `recorded_at` and what follows from it. A folder appears whole or not at all.
"""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb

from flows.assess.fact_queries import read_facts
from flows.assess.facts_file import write_facts
from flows.book import check_alone
from flows.book.published_sides import rows_beside
from flows.book.signing import PUBLIC_KEY, key_fingerprint, public_pem, signing_key
from flows.contract.catalogue import ROOT
from flows.contract.fingerprint import fingerprint
from flows.contract.paths import Paths
from flows.database.connect import literal, sql_text
from flows.ingest.closed_file import sha256_of, sync_folder
from flows.ingest.vault import Vault
from flows.report.printed.scheme_document import document
from flows.report.results.data_package import BOM, TableColumn, columns_of, csv_of
from flows.report.results.restatement_text import restatement_page
from flows.score.scheme.scheme_loader import SchemeYear, load_year
from flows.warehouse.books import (
    MANIFEST,
    SIGNATURE,
    SUMS,
    ClosedBook,
    Manifest,
    books,
    note,
    read_book,
    selects,
)
from flows.warehouse.describe import words_of

#: Tables that only the folder has, so that names, days and senders can be read in it.
_BESIDE = {
    "delivery": f"from ({sql_text('book', 'delivery')})",
    "part": "select p.part_id, p.delivery_id, p.record, p.covers_from, p.covers_to, u.unit_code, p.name, p.received_at "
    "from meta.part_in_force as p join meta.part_unit as u on u.part_id = p.part_id",
    "unit": "select * from ref.unit",
    "indicator": "select * from ref.indicator",
    "period": "select * from ref.period",
    "code": "select * from ref.code where list in ('assessment_grade', 'value_state', 'bonus_kind', 'honour_level')",
}
_SOURCE = {
    "delivery": "meta.delivery",
    "part": "meta.part_in_force",
    "value": "metric.value",
    "restatement": "meta.restatement",
}
_WORDS = {"records": "表种 | Record kinds that were read in it."}
#: What decides places, grades and totals beside the items: for whoever reads no YAML.
_DECIDES: dict[str, Any] = {
    **dict.fromkeys(("order", "rounding", "rank", "grades", "bonus"), True),
    "deductions": {"cap": True, "classes": True, "factor": True},
    "gates": {"__all__": {"id", "label", "effect"}},
}


_README = """\
本文件夹是一个年度考核的账册（或预览），不依赖旁边的任何东西。
  edition.json 清单：由什么数据、哪版程序、什么理由而成，每个文件的指纹（SHA-256），上一版的指纹；edition.sig 是考核办公室的签名
  csv/*.csv、*.parquet 同样的表：result 结果，item_score 各项得分和算法说明，figure 计分所用指标值，value 指标值（含分子分母），target 目标，
    adjustment 核定和扣分，bonus 加分，gate 限制，delivery 报送清单，unit、indicator、item、period、code 名称；各列的意思见 dictionary.csv
  scheme/ 考核办法的文件和印刷版 scheme.html；facts.json 计分时已知的一切；requirements.lock 所用的软件包
  restatement.html、restatement.csv 更正说明：比上一版（或预览）改了什么，数据、目标、办法、核定裁定、程序各占多少
核对：python verify.py（只需要 Python）；union-assessment verify 本文件夹（连同签名、Parquet，并重新计分）。
The book (or a preview) of a year's assessment; nothing beside it is needed. edition.json names every file's hash and the edition before, and
is signed (edition.sig, public_key.pem). Check it: python verify.py, or union-assessment verify FOLDER.
"""


def write_book(
    con: duckdb.DuckDBPyConnection,
    paths: Paths,
    manifest: Manifest,
    root: Path = ROOT,
) -> ClosedBook:
    """Write what the warehouse `con` says about a year as its next book, or preview.

    Args:
        con: the published warehouse, or a build as of a day.
        paths: where books and previews go; the key that signs them.
        manifest: `kind`, year, number and what was decided; tables, files and signature are filled in here.
        root: where schemes and the lock are.

    Returns:
        What was written; its fingerprint is in the vault's anchor.
    """
    folder = paths.books if manifest.kind == "book" else paths.previews
    name = f"{manifest.year}-{manifest.edition}"
    before = [b for b in books(folder) if b.manifest.year == manifest.year]
    fresh = folder / f".{name}.new"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    against, restated, select = rows_beside(con, paths, manifest, root)
    rows = write_content(con, manifest.year, fresh, root, {"restatement": select})
    shutil.copyfile(check_alone.__file__, fresh / "verify.py")
    (fresh / "README.txt").write_text(_README, encoding="utf-8", newline="\n")
    if against:
        page = restatement_page(f"{manifest.year}年考核结果更正说明（对照{against}）", restated)
        (fresh / "restatement.html").write_text(page, encoding="utf-8", newline="\n")
    signer = signing_key(paths.signing_key, paths.data) if paths.signing_key else None
    if signer:
        (fresh / PUBLIC_KEY).write_bytes(public_pem(signer))
    said = {
        **made_by(),
        "rows": {table: n for table, n in rows.items() if table not in _BESIDE},
        "beside": {table: rows[table] for table in _BESIDE},
        "previous": before[-1].manifest_hash if before else None,
        "signed_by": key_fingerprint(signer) if signer else None,
        "files": _hashes(fresh),
    }
    text = (manifest.model_copy(update=said).model_dump_json(indent=2) + "\n").encode()
    (fresh / MANIFEST).write_bytes(text)
    if signer:
        (fresh / SIGNATURE).write_bytes(signer.sign(text))
    sums = "".join(f"{sha256}  {path}\n" for path, sha256 in _hashes(fresh).items())
    (fresh / SUMS).write_bytes(sums.encode())
    for path in _files(fresh):
        with path.open("rb+") as stream:
            os.fsync(stream.fileno())
        path.chmod(0o444)
    for inner in {path.parent for path in _files(fresh)}:
        sync_folder(inner)
    decided = {"by": manifest.by, "reason": manifest.reason, "despite": manifest.despite}
    note(Vault(paths.vault).chain, name, sha256_of(fresh / SUMS), manifest.kind, **decided)
    target = fresh.rename(folder / name)
    sync_folder(folder)
    return read_book(target, manifest.year, manifest.edition)


def write_content(
    con: duckdb.DuckDBPyConnection,
    year: int,
    fresh: Path,
    root: Path = ROOT,
    more: Mapping[str, str] | None = None,
) -> dict[str, int]:
    """Write tables, scheme, facts and lock of a year into a folder.

    Args:
        con: the warehouse.
        year: the assessed year.
        fresh: the folder.
        root: where schemes and the lock are.
        more: further tables, and the SELECTs that give them.

    Returns:
        The rows of each table.
    """
    rows = dict(_tables(con, selects(con, year) | dict(more or {}) | _BESIDE, fresh))
    _scheme_and_facts(con, year, fresh, root)
    return rows


def made_by() -> dict[str, str]:
    """The version of this code, and the hash of all of it, as a manifest says them."""
    return {"version": version("union-assessment"), "code": code_hash()}


def _tables(
    con: duckdb.DuckDBPyConnection, tables: Mapping[str, str], fresh: Path
) -> Iterator[tuple[str, int]]:
    """Write each table in both forms, and what their columns mean; (table, its rows)."""
    (fresh / "csv").mkdir()
    words = io.StringIO()
    writer = csv.writer(words, lineterminator="\n")
    writer.writerow(("table", "column", "type", "label", "description"))
    for table, select in tables.items():
        ordered = f"{select} order by all"  # so that the same content gives the same file
        copy = f"copy ({ordered}) to {literal(str(fresh / f'{table}.parquet'))} (format parquet)"
        [(count,)] = con.execute(copy).fetchall()
        columns = _columns(con, table, select)
        (fresh / "csv" / f"{table}.csv").write_bytes(csv_of(con, columns, ordered))
        for column in columns:
            label, _, english = column.comment.partition(" | ")
            writer.writerow((table, column.name, column.sql_type, label, english))
        yield table, int(count)
    (fresh / "dictionary.csv").write_text(BOM + words.getvalue(), encoding="utf-8", newline="\n")


def _columns(con: duckdb.DuckDBPyConnection, table: str, select: str) -> list[TableColumn]:
    """What a SELECT gives, with the words of the table it reads."""
    source = _SOURCE.get(table) or next(
        f"{schema}.{table}" for schema in ("assess", "ref") if columns_of(con, f"{schema}.{table}")
    )
    known = {c.name: c for c in columns_of(con, source)}
    found = con.execute(f"describe {select}").fetchall()
    return [
        known.get(name) or TableColumn(name, kind, True, _WORDS.get(name) or words_of("book", table, name))
        for name, kind, *_ in found
    ]


def _scheme_and_facts(con: duckdb.DuckDBPyConnection, year: int, fresh: Path, root: Path) -> None:
    scheme = load_year(year, root)
    write_facts(read_facts(con, scheme, root), fresh / "facts.json")
    shutil.copytree(
        scheme.folder, fresh / "scheme", ignore=shutil.ignore_patterns(".*"), copy_function=shutil.copyfile
    )
    (fresh / "scheme" / "scheme.html").write_text(document(scheme), encoding="utf-8", newline="\n")
    (fresh / "scheme" / "scheme.json").write_text(_decides(scheme), encoding="utf-8", newline="\n")
    lock = root / "requirements.lock"
    shutil.copyfile(lock if lock.exists() else ROOT / "requirements.lock", fresh / "requirements.lock")


def _decides(scheme: SchemeYear) -> str:
    """What a scheme says of order, rounding, caps, ties, gates and grades, as JSON."""
    said = scheme.scheme.model_dump(mode="json", by_alias=True, include=_DECIDES, exclude_none=True)
    return json.dumps(said, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


@cache
def code_hash() -> str:
    """The SHA-256 of all code that a result depends on."""
    return fingerprint(("flows/**/*.py", "sql/**/*.*", "data/reference/**/*.csv"))


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _hashes(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): sha256_of(path) for path in _files(folder)}
