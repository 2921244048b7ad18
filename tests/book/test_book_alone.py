"""A book needs nothing beside it: what it holds, in which forms, signed and chained, and that no person is in it."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import shutil
import subprocess
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from flows.assess.facts_file import read_facts
from flows.book.close_year import close
from flows.book.signing import SigningKeyUnusable, key_fingerprint, signing_key
from flows.contract.paths import Paths
from flows.score.scheme.scheme_loader import load_folder
from flows.warehouse.books import ClosedBook, books
from flows.warehouse.publish import publish

LATER = datetime(2017, 1, 1)


@pytest.fixture
def first(closed: Paths) -> tuple[Paths, ClosedBook]:
    return closed, books(closed.books)[0]


def rows(book: ClosedBook, table: str) -> list[dict[str, str]]:
    text = (book.folder / "csv" / f"{table}.csv").read_text(encoding="utf-8-sig")
    return list(csv.DictReader(text.splitlines()))


def test_every_table_is_there_in_both_forms_and_says_what_its_columns_mean(
    first: tuple[Paths, ClosedBook],
) -> None:
    book = first[1]
    said = book.manifest.rows | book.manifest.beside
    assert {"result", "item_score", "value", "target", "adjustment", "delivery", "unit"} <= said.keys()
    words = (book.folder / "dictionary.csv").read_text(encoding="utf-8-sig").splitlines()
    described = {(r["table"], r["column"]) for r in csv.DictReader(words) if r["description"]}
    for table, count in said.items():
        data = (book.folder / "csv" / f"{table}.csv").read_bytes()
        assert data.startswith("\ufeff".encode())
        with duckdb.connect() as con:
            parquet = con.execute(f"from read_parquet('{book.file(table)}')")
            names = [column[0] for column in parquet.description]
            assert len(parquet.fetchall()) == len(rows(book, table)) == count
        assert data[3:].split(b"\n")[0].decode().split(",") == names
        assert {(table, name) for name in names} - described == set()
    assert rows(book, "bonus")[0]["matter"] == "'=1+1"
    assert "2.000000" in {r["numerator"] for r in rows(book, "value")}


def test_scheme_facts_and_lock_are_those_of_the_year(
    first: tuple[Paths, ClosedBook], book_root: Path
) -> None:
    book = first[1]
    scheme = load_folder(book.folder / "scheme")
    assert scheme.fingerprint == book.manifest.scheme_fingerprint
    assert "样例考核办法" in (book.folder / "scheme" / "scheme.html").read_text(encoding="utf-8")
    decides = json.loads((book.folder / "scheme" / "scheme.json").read_text(encoding="utf-8"))
    assert decides["grades"]["list"][0] == {
        "at_least_units": 0,
        "count": 1,
        "grade": "first",
        "round": "floor",
    }
    assert set(read_facts(book.folder / "facts.json").units) >= {"yongchuan", "dazu"}
    assert "duckdb==" in (book.folder / "requirements.lock").read_text(encoding="utf-8")
    assert book.manifest.version and len(str(book.manifest.code)) == 64


def test_deliveries_are_listed_and_no_person_is_named(first: tuple[Paths, ClosedBook]) -> None:
    book = first[1]
    [delivery] = rows(book, "delivery")
    assert (delivery["sender"], delivery["received_at"]) == ("yongchuan", "2016-01-05 00:00:00")
    assert len(delivery["sha256"]) == 64
    assert delivery["name"].startswith("2015年调解台账□")
    for path in book.folder.rglob("*.*"):
        if path.is_file():
            data = path.read_bytes()
            assert not any(word.encode() in data for word in ("孟冬梅", "13900001234")), path


def test_the_manifest_names_every_file_and_is_signed_by_a_key_that_lies_outside(
    first: tuple[Paths, ClosedBook],
) -> None:
    paths, book = first
    text = (book.folder / "edition.json").read_bytes()
    assert book.manifest_hash == hashlib.sha256(text).hexdigest()
    there = {p.relative_to(book.folder).as_posix() for p in book.folder.rglob("*") if p.is_file()}
    assert there - book.manifest.files.keys() == {"edition.json", "edition.sig", "SHA256SUMS"}
    key = paths.signing_key
    assert key is not None
    assert book.manifest.signed_by == key_fingerprint(signing_key(key, paths.data))
    assert paths.data not in key.parents
    assert key.stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl")
def test_whoever_has_openssl_needs_nothing_of_ours(first: tuple[Paths, ClosedBook]) -> None:
    command = (
        "openssl pkeyutl -verify -pubin -inkey public_key.pem -rawin -in edition.json -sigfile edition.sig"
    )
    done = subprocess.run(command.split(), cwd=first[1].folder, capture_output=True, text=True, check=False)
    assert "Verified Successfully" in done.stdout


def test_the_next_edition_names_the_one_before_and_the_same_content_has_the_same_bytes(closed: Paths) -> None:
    first, again = books(closed.books)
    assert (first.manifest.previous, again.manifest.previous) == (None, first.manifest_hash)
    differing = {n for n in again.sums if again.sums[n] != first.sums.get(n)}
    assert differing == {"edition.json", "edition.sig", "restatement.html"}


def test_a_key_that_others_may_read_or_that_is_none_signs_nothing(
    first: tuple[Paths, ClosedBook], book_root: Path, tmp_path: Path
) -> None:
    data, key = Path(shutil.copytree(first[0].data, tmp_path / "data")), tmp_path / "key.pem"
    for text, mode, said in (("x", 0o644, "others may read it"), ("x", 0o600, "is no Ed25519 key")):
        key.write_text(text, encoding="ascii")
        key.chmod(mode)
        if mode == 0o644 and os.name != "posix":
            continue
        with pytest.raises(SigningKeyUnusable, match=said):
            close(Paths(data, key), 2015, LATER, "再次", again=True, root=book_root)
    with pytest.raises(SigningKeyUnusable, match="lies in the data folder"):
        close(Paths(data, data / "vault" / "key.pem"), 2015, LATER, "再次", again=True, root=book_root)
    assert [book.name for book in books(data / "books")] == ["2015-1", "2015-2"]


def test_an_edition_of_before_books_stood_alone_is_read_and_carried(
    first: tuple[Paths, ClosedBook], tmp_path: Path
) -> None:
    """As older code wrote it: Parquet files, a manifest without what came later, sums."""
    old = tmp_path / "data" / "books" / "2015-1"
    old.mkdir(parents=True)
    said = json.loads((first[1].folder / "edition.json").read_bytes())
    for later in ("kind", "previous", "version", "code", "signed_by", "beside", "files"):
        del said[later]
    (old / "edition.json").write_text(json.dumps(said), encoding="utf-8")
    for table in said["rows"]:
        shutil.copyfile(first[1].file(table), old / f"{table}.parquet")
    names = sorted(path.name for path in old.iterdir())
    sums = [f"{hashlib.sha256((old / name).read_bytes()).hexdigest()}  {name}\n" for name in names]
    (old / "SHA256SUMS").write_text("".join(sums), encoding="ascii")
    [book] = books(old.parent)
    assert book.manifest.kind == "book"
    shutil.copytree(first[0].vault, tmp_path / "data" / "vault")
    (tmp_path / "data" / "vault" / "anchor.jsonl").unlink()
    (tmp_path / "data" / "vault" / "ledger.jsonl").unlink()
    publish(Paths(tmp_path / "data"))
    with duckdb.connect(str(Paths(tmp_path / "data").warehouse_file()), read_only=True) as con:
        asked = "select total_points, (select signed_by from book.edition) from book.result order by 1"
        assert con.execute(asked).fetchall() == [(48, None), (48, None), (101.5, None)]
