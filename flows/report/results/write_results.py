"""What a run leaves for people: `data/results/<year>/`, made anew from the published warehouse alone.

It holds no more than the warehouse does, and is read by whoever may read that. A file is replaced whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from flows.contract.catalogue import ROOT
from flows.contract.paths import Paths
from flows.ingest import closed_file
from flows.report.results.data_package import write_data_package
from flows.report.results.results_page import results_page
from flows.report.results.results_workbook import results_workbook
from flows.report.results.scored_year import scored_years, year_results

PAGE = "index.html"
#: For the group of the folder, as the warehouse: matters of bonuses and corrections are texts that people wrote.
_MODE = 0o640


@dataclass(frozen=True)
class WrittenResults:
    """The page and the workbook of a year, and the folder of its tables."""

    page: Path
    workbook: Path
    data: Path


def write_results(paths: Paths, year: int, root: Path = ROOT) -> WrittenResults | None:
    """Write the page, the workbook and the tables of a year; None where the published warehouse has no results of it."""
    warehouse = paths.warehouse_file()
    if year not in scored_years(warehouse):
        return None
    found = year_results(warehouse, year, root)
    folder = paths.results / str(year)
    folder.mkdir(parents=True, exist_ok=True)
    written = WrittenResults(folder / PAGE, folder / f"{year}.xlsx", folder / "data")
    for path, data in (
        (written.page, results_page(found).encode()),
        (written.workbook, results_workbook(found)),
    ):
        if not path.exists() or path.read_bytes() != data:
            closed_file.write(path, data, is_remade=True)
            path.chmod(_MODE)
    write_data_package(warehouse, written.data, year, f"{found.scheme['label']}：结果数据")
    return written
