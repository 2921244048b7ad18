"""What a unit needs to work out its own score alone: one file made from a book, a preview, or what is published now.

Its deliveries with hash and time, its figures, items with their sentences, result and records; the scheme's files; and the facts that
its points, total, place and grade depend on. Of other units it holds what the published results show and nothing else:
their figures as they count, points of items that raters gave, rulings, bonus applications without their matter, deductions without a
reason, what gates hold. The same book gives the same bytes.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from flows.assess.facts_file import read_facts, write_facts
from flows.book.check_alone import BookFiles, number
from flows.book.close_year import manifest_of
from flows.book.write_book import made_by, write_content
from flows.contract.catalogue import ROOT
from flows.contract.paths import Paths
from flows.contract.units import reference
from flows.database.connect import open_published
from flows.language import _
from flows.score.engine.facts import Address, BonusApplication, Facts, Figure, FigureKey, PointsRuling
from flows.score.scheme.scheme_loader import SchemeYear, load_folder
from flows.warehouse.books import MANIFEST, PREVIEW

FORM = 1
SCHEME_FILES = ("scheme.yml", "target.csv", "group.csv")
_SHOWN = ("unit_code", "group_id", "total_points", "group_rank", "overall_rank", "grade")
_NOWHERE = Address(0, 0)


class NoSuchReceipt(ValueError):
    """The book has no results of the unit."""


def receipts(folder: Path, *units: str, is_named: bool = True) -> Iterator[tuple[str, bytes]]:
    """The receipts of units, by default of all, each as the bytes of a file.

    Args:
        folder: the book, preview, or the same of what is published now.
        units: their codes.
        is_named: False for what is published now, which has no number and is not signed.

    Yields:
        A unit's code and its receipt.

    Raises:
        NoSuchReceipt: a unit is not among the results.
    """
    book, scheme, facts = (
        BookFiles(folder),
        load_folder(folder / "scheme"),
        read_facts(folder / "facts.json"),
    )
    for unit in units or book.results:
        if unit not in book.results:
            raise NoSuchReceipt(_("{unit} has no result in {folder}", unit=unit, folder=folder))
        said = {"form": FORM, "unit": unit, **_said(book, unit, is_named)}
        said["facts"] = _as_json(_shown_to(facts, scheme, book, unit))
        yield unit, (json.dumps(said, ensure_ascii=False, indent=1) + "\n").encode()


def put_receipt(paths: Paths, data: bytes, out: Path | None = None) -> Path:
    """Write a receipt, by default beside the unit's letter; the file, which is for that unit."""
    said = json.loads(data)
    file = out or paths.results / str(said["year"]) / "units" / said["name"] / "成绩单数据.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    file.chmod(0o640)
    return file


def put_receipts(paths: Paths, folder: Path) -> None:
    """Write the receipts of all units of a book or preview beside their letters."""
    for _unit, data in receipts(folder):
        put_receipt(paths, data)


def receipt_now(paths: Paths, year: int, unit: str, root: Path = ROOT) -> bytes:
    """The receipt of a unit from what is published now; `NoWarehouse` before a run."""
    with open_published(paths.warehouse_file()) as con, tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        if not con.execute("from assess.result where year = $year", {"year": year}).fetchall():
            raise NoSuchReceipt(_("no results of {year}: run the year first", year=year))
        write_content(con, year, folder, root)
        said = manifest_of(con, year, 0, None, datetime.combine(date(year, 12, 31), time.min)).model_copy(
            update=made_by()
        )
        (folder / MANIFEST).write_text(said.model_dump_json(), encoding="utf-8")
        [(_unit, receipt)] = receipts(folder, unit, is_named=False)
        return receipt


def _said(book: BookFiles, unit: str, is_named: bool) -> dict[str, Any]:
    """All but the facts."""
    [name] = [row["name"] for row in book.rows("unit") if row["unit_code"] == unit]
    manifest, members = book.manifest, {unit}
    members |= {c.from_unit for c in reference().unit_changes if c.to_unit == unit}
    deliveries, tables = book.rows("delivery"), ("figure", "adjustment", "bonus", "gate")
    items, mark = _own(book, "item_score", unit), PREVIEW if manifest["kind"] == "preview" else ""
    return {
        "name": name,
        "year": manifest["year"],
        "of": {
            "kind": manifest["kind"] if is_named else "now",
            "name": f"{manifest['year']}-{mark}{manifest['edition']}" if is_named else None,
            "manifest": book.hash() if is_named else None,
            "known_on": manifest["closed_on"],
            **{of: manifest[of] for of in ("signed_by", "version", "code")},
        },
        "result": book.results[unit],
        "items": [{"label": book.items[row["item_id"]]["label"], **row} for row in items],
        **{table: _own(book, table, unit) for table in tables},
        "deliveries": [row for row in deliveries if row["sender"] in members],
        "office_lists": [
            {c: row[c] for c in ("sender", "sha256", "received_at", "withdrawn_at", "records")}
            for row in deliveries
            if reference().is_office(row["sender"]) and row["sender"] not in members
        ],
        "results_of_all": [{c: row[c] for c in _SHOWN} for row in book.results.values()],
        "scheme": {name: book.bytes(f"scheme/{name}").decode("utf-8-sig") for name in SCHEME_FILES},
    }


def _own(book: BookFiles, table: str, unit: str) -> list[dict[str, str]]:
    rows = (row for row in book.rows(table) if row["unit_code"] == unit)
    return [{name: value for name, value in row.items() if name not in ("year", "unit_code")} for row in rows]


def _as_json(facts: Facts) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "facts.json"
        write_facts(facts, file)
        return json.loads(file.read_bytes())


def _shown_to(facts: Facts, scheme: SchemeYear, book: BookFiles, unit: str) -> Facts:
    """The facts of a unit, and of the others what is published of them."""
    hits = {(int(r["part_id"]), int(r["row_number"])) for r in book.rows("gate") if r["part_id"]}
    return replace(
        facts,
        figures={**facts.figures, **_as_counted(facts, book, unit)},
        corrections=tuple(c for c in facts.corrections if c.unit == unit),
        points_rulings=(
            *(r for r in facts.points_rulings if r.unit == unit),
            *(replace(r, reason="") for r in facts.points_rulings if r.unit != unit and r.is_decided),
            *_rated(facts, scheme, book, unit),
        ),
        scores=tuple(s for s in facts.scores if s.unit == unit),
        bonus=tuple(_without_matters(facts.bonus, unit)),
        notices=tuple(n if n.unit == unit else replace(n, reason="") for n in facts.notices),
        vetoes=tuple(v for v in facts.vetoes if v.unit == unit or v.address in hits),
        decisions=tuple(d if d.unit == unit else replace(d, reason="") for d in facts.decisions),
    )


def _as_counted(facts: Facts, book: BookFiles, unit: str) -> dict[tuple[str, FigureKey], Figure]:
    """Figures of others that were corrected, as they count: what was decided about them is not said, only what came of it."""
    corrected = {(c.unit, c.indicator) for c in facts.corrections if c.unit != unit}
    out = {}
    for row in book.rows("figure"):
        of, key = row["unit_code"], FigureKey(row["indicator_id"], row["category"] or None, row["period_id"])
        if (of, key.indicator) in corrected and key[1:] == (None, str(book.manifest["year"])):
            before = facts.figures.get((of, key))
            state: Any = row["state"]
            counts = (before.records, before.undecided) if before else (0, 0)
            amount, parts = number(row["actual"]), (number(row["numerator"]), number(row["denominator"]))
            out[of, key] = Figure(state, amount, *parts, number(row["lower"]), number(row["upper"]), *counts)
    return out


def _rated(facts: Facts, scheme: SchemeYear, book: BookFiles, unit: str) -> Iterator[PointsRuling]:
    """What raters gave others, as the points that came of it: single ratings are not published."""
    ruled = {(r.unit, r.item) for r in facts.points_rulings if r.is_decided}
    for leaf in scheme.scheme.leaves:
        if not any(read.rated_by for read in leaf.inputs):
            continue
        for other in book.results:
            points = book.points.get((other, leaf.id))
            if other != unit and points is not None and not {(other, leaf.id), (other, leaf.label)} & ruled:
                yield PointsRuling(True, other, leaf.id, points, None, "", "", _NOWHERE)


def _without_matters(entries: Iterable[BonusApplication], unit: str) -> Iterator[BonusApplication]:
    """Matters of others are numbers: that two applications are about one matter decides which counts."""
    numbers: dict[tuple[str, str], str] = {}
    for entry in entries:
        if entry.unit != unit:
            known = numbers.setdefault((entry.unit, entry.matter), f"{len(numbers) + 1}")
            entry = replace(entry, matter=known)
        yield entry
