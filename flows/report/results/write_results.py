"""What a run leaves for people: `data/results/<year>/`, made anew from the published warehouse alone.

It holds no more than the warehouse does, and is read by whoever may read that. A file is replaced whole, and only where its
content differs; a letter of a unit that is not assessed any more goes. What cannot be made is said, and the rest is there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from flows.contract.catalogue import ROOT
from flows.contract.paths import Paths
from flows.ingest import closed_file
from flows.report.results.data_package import write_data_package
from flows.report.results.letter_pdf import NoPdf, as_pdf
from flows.report.results.results_page import results_page
from flows.report.results.results_workbook import results_workbook
from flows.report.results.scored_year import YearResults, scored_years, year_results
from flows.report.results.unit_letter import LetterError, unit_letter
from flows.warehouse.books import latest

PAGE = "index.html"
#: For the group of the folder, as the warehouse: matters of bonuses and corrections are texts that people wrote.
_MODE = 0o640
_LETTER = "成绩单"


@dataclass(frozen=True)
class WrittenResults:
    """The page, the workbook, the folder of tables and the letters of a year; `missing`: what could not be made, and why."""

    page: Path
    workbook: Path
    data: Path
    letters: tuple[Path, ...]
    missing: str | None


def write_results(paths: Paths, year: int, root: Path = ROOT) -> WrittenResults | None:
    """Write what belongs to a year; None where the published warehouse has no results of it."""
    warehouse = paths.warehouse_file()
    if year not in scored_years(warehouse):
        return None
    found = replace(year_results(warehouse, year, root, is_lifted=True), book=latest(paths, year))
    folder = paths.results / str(year)
    page, workbook, data = folder / PAGE, folder / f"{year}.xlsx", folder / "data"
    _write(page, results_page(found).encode())
    _write(workbook, results_workbook(found))
    write_data_package(warehouse, data, year, f"{found.scheme['label']}：结果数据")
    letters: tuple[Path, ...] = ()
    missing = None
    try:
        letters = _letters(folder / "units", found, root)
        _pdfs(letters)
    except (LetterError, NoPdf) as error:
        missing = str(error)
    return WrittenResults(page, workbook, data, letters, missing)


def _letters(folder: Path, found: YearResults, root: Path) -> tuple[Path, ...]:
    """A letter for each unit, in its folder."""
    written = []
    for row in found.ranking:
        path = folder / row["name"] / f"{_LETTER}.docx"
        if _write(path, unit_letter(found, row["unit_code"], root)):
            path.with_suffix(".pdf").unlink(missing_ok=True)
        written.append(path)
    for old in {*folder.glob(f"*/{_LETTER}.docx")} - {*written}:
        for path in (old, old.with_suffix(".pdf")):
            path.unlink(missing_ok=True)
    return tuple(written)


def _pdfs(letters: tuple[Path, ...]) -> None:
    """Those that are new, or have none."""
    new = [path for path in letters if not path.with_suffix(".pdf").exists()]
    if new:
        for path, data in zip(new, as_pdf([path.read_bytes() for path in new]), strict=True):
            _write(path.with_suffix(".pdf"), data)


def _write(path: Path, data: bytes) -> bool:
    """Put a file in place, and whether it is another than was there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.read_bytes() == data:
        return False
    closed_file.write(path, data, is_remade=True)
    path.chmod(_MODE)
    return True
