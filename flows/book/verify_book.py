"""A book compared with itself and, where this code is the one that wrote it, scored anew: no data folder, database file or network.

What `verify.py` in the book checks is checked by the same code, as this installation has it; then the signature, the Parquet files
against the CSV files, and results against `facts.json` and the scheme's folder. Results that other code does not give again are said,
and are no fault of the book.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

from flows.assess.facts_file import FactsUnreadable, read_facts
from flows.book.check_alone import BookFiles, Claim, checks, number
from flows.book.write_book import code_hash
from flows.contract.catalogue import ContractError
from flows.database.connect import literal, open_scratch
from flows.ingest.closed_file import sha256_of
from flows.report.results.data_package import TableColumn, csv_of
from flows.score.engine.rounding import rounded
from flows.score.engine.scoring import score
from flows.score.scheme.scheme_loader import load_folder

_READ = (OSError, ValueError, KeyError, TypeError)


def verify_book(folder: Path, manifest: str | None = None, signed_by: str | None = None) -> list[Claim]:
    """Every claim of a book, each with what differs.

    Args:
        folder: the book, wherever it lies.
        manifest: beginning of the hash that a letter prints.
        signed_by: beginning of the fingerprint of the key that the office is known by.
    """
    found = list(checks(folder))
    if found[-1].name == "read":
        return found
    book = BookFiles(folder)
    found += [_parquet(book), _scored_anew(book)]
    own = sha256_of(folder / "edition.json")
    for name, asked, held in (
        ("manifest", manifest, own),
        ("key", signed_by, str(book.manifest.get("signed_by"))),
    ):
        if asked is not None:
            wrong = () if held.startswith(asked) else (f"{held[:32]}，应为 expected {asked}",)
            found.append(Claim(name, "与所给的指纹一致 is the one that was named", wrong))
    return found


def _parquet(book: BookFiles) -> Claim:
    wrong = []
    files = sorted(book.folder.glob("*.parquet"))
    with open_scratch() as con:
        for path in files:
            select = f"from read_parquet({literal(str(path))})"
            try:
                columns = [
                    TableColumn(n, t, True, n) for n, t, *_ in con.execute(f"describe {select}").fetchall()
                ]
                is_same = csv_of(con, columns, select) == book.bytes(f"csv/{path.stem}.csv")
            except Exception:  # whatever DuckDB says of a file that is no Parquet
                is_same = False
            if not is_same:
                wrong.append(f"{path.name}：与 CSV 不同 says something else than its CSV file")
    return Claim("parquet", f"{len(files)} 个 Parquet 文件与 CSV 一致 files say what CSV says", tuple(wrong))


def _scored_anew(book: BookFiles) -> Claim:
    """Results and points worked out again by the engine, from what the book says it was given."""
    try:
        again = dict(_again(book))
        said = {
            (u, part): row[column]
            for u, row in book.results.items()
            for part, column in (("total", "total_points"), ("place", "overall_rank"), ("grade", "grade"))
        }
        said |= {(u, i): "" if p is None else str(p) for (u, i), p in book.points.items()}
    except (*_READ, ContractError, FactsUnreadable) as error:
        return Claim("scored", f"未能重新计分 could not be scored again: {error}", is_open=True)
    wrong = tuple(
        f"{unit} {part}：{said.get((unit, part))}，重新计分 scored again {again.get((unit, part))}"
        for unit, part in sorted(said.keys() | again.keys())
        if _value(said.get((unit, part))) != _value(again.get((unit, part)))
    )
    if wrong and book.manifest.get("code") != code_hash():
        told = f"{len(wrong)} 处与本版程序重新计分不同 differ when other code than the book's scores again; 用账册所记版本核对 use the code it names"
        return Claim("scored", told, is_open=True)
    return Claim(
        "scored", f"{len(again)} 个数按事实和办法重新计分一致 figures come again from facts and scheme", wrong
    )


def _again(book: BookFiles) -> Iterator[tuple[tuple[str, str], str]]:
    scored = score(load_folder(book.folder / "scheme"), read_facts(book.folder / "facts.json"))
    for r in scored.results:
        yield (r.unit, "total"), str(rounded(r.total))
        yield (r.unit, "place"), str(r.overall_rank)
        yield (r.unit, "grade"), r.grade
    for s in scored.items:
        yield (s.unit, s.item), "" if s.points is None else str(rounded(s.points))


def _value(text: str | None) -> Fraction | str | None:
    """Numbers compare as numbers."""
    try:
        return number(text) if text else text
    except ValueError:
        return text
