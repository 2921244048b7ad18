"""Targets of a year meet its values: what each unit reached of what it was set.

Targets are files (`data/scheme/<year>/target.csv`, `group.csv`), read strictly: an unknown unit or indicator,
a target of zero, or two targets of one day for the same thing stop the run, because a target that silently
does not apply would be a point lost that nobody can explain. Computes no points; nothing is capped.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

import duckdb

from flows.contract.indicator import indicators
from flows.contract.load import ROOT, ContractError


@dataclass(frozen=True)
class AssessResult:
    """Rows of `assess.attainment` for the year: one per unit and indicator that has a target."""

    rows: int


@dataclass(frozen=True)
class Target:
    """One line of the year's table of targets, in the unit of its indicator (a rate as a fraction of 1)."""

    unit: str
    indicator: str
    target: Decimal
    document_no: str
    effective_on: date


def create_open(con: duckdb.DuckDBPyConnection, root: Path = ROOT) -> None:
    """Create the views with Chinese names; needs `metric.*` and `assess.*`."""
    con.execute((root / "sql" / "assess" / "table.sql").read_text(encoding="utf-8"))
    for path in sorted((root / "sql" / "open").glob("*.sql")):
        con.execute(path.read_text(encoding="utf-8"))


def assess(con: duckdb.DuckDBPyConnection, year: int, root: Path = ROOT) -> AssessResult:
    """Fill `ref.target`, `ref.unit_group` and `assess.attainment` for one year; needs `metric.value`.

    Repeatable: the year's rows are replaced, other years stay. `ContractError` names file and line.
    """
    folder = root / "data" / "scheme" / str(year)
    targets, groups = read_targets(folder / "target.csv", root), read_groups(folder / "group.csv")
    _check_units(con, folder, year, {t.unit for t in targets} | set(groups))
    con.execute((root / "sql" / "assess" / "table.sql").read_text(encoding="utf-8"))
    for table in ("ref.target", "ref.unit_group", "assess.attainment"):
        con.execute(f"delete from {table} where year = $year", {"year": year})
    if targets:
        con.executemany(
            "insert into ref.target values (?, ?, ?, ?, ?, ?)",
            [(year, t.unit, t.indicator, t.target, t.document_no, t.effective_on) for t in targets],
        )
    if groups:
        con.executemany(
            "insert into ref.unit_group values (?, ?, ?)", [(year, u, g) for u, g in groups.items()]
        )
    con.execute((root / "sql" / "assess" / "attainment.sql").read_text(encoding="utf-8"), {"year": year})
    row = con.execute("select count(*) from assess.attainment where year = $year", {"year": year}).fetchone()
    return AssessResult(int(row[0]) if row else 0)


def read_targets(path: Path, root: Path = ROOT) -> list[Target]:
    """The targets of a year, every version of them."""
    known = indicators(root)
    seen: dict[tuple[str, str, date], int] = {}
    out = []
    for line, row in _lines(path, ("unit", "indicator", "target", "document_no", "effective_on")):
        try:
            found = Target(
                row["unit"], row["indicator"], Decimal(row["target"]), row["document_no"],
                date.fromisoformat(row["effective_on"]),
            )  # fmt: skip
        except (InvalidOperation, ValueError) as error:
            raise ContractError(f"{path}:{line}: {error}") from error
        indicator = known.get(found.indicator)
        if indicator is None:
            raise ContractError(f"{path}:{line}: no indicator {found.indicator}")
        if indicator.direction != "up":
            raise ContractError(f"{path}:{line}: {found.indicator} is no indicator where more is better")
        if not found.target.is_finite() or found.target <= 0:
            raise ContractError(f"{path}:{line}: a target is a positive number")
        if not found.document_no:
            raise ContractError(f"{path}:{line}: a target needs its document")
        slot = (found.unit, found.indicator, found.effective_on)
        if slot in seen:
            raise ContractError(f"{path}:{line}: line {seen[slot]} sets the same target on the same day")
        seen[slot] = line
        out.append(found)
    return out


def read_groups(path: Path) -> dict[str, str]:
    """Group of each unit; a unit is in one group."""
    out: dict[str, str] = {}
    for line, row in _lines(path, ("unit", "group_id")):
        if row["unit"] in out or not row["group_id"]:
            raise ContractError(f"{path}:{line}: {row['unit']} needs exactly one group")
        out[row["unit"]] = row["group_id"]
    return out


def _lines(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    if not path.exists():
        raise ContractError(
            f"{path}: no such file; a year is assessed by its own folder, copied from another and edited"
        )
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.reader(stream)
        if tuple(next(reader, ())) != columns:
            raise ContractError(f"{path}:1: expected the columns {','.join(columns)}")
        for cells in reader:
            if len(cells) != len(columns):
                raise ContractError(f"{path}:{reader.line_num}: expected {len(columns)} cells")
            yield reader.line_num, dict(zip(columns, cells, strict=True))


def _check_units(con: duckdb.DuckDBPyConnection, folder: Path, year: int, units: set[str]) -> None:
    rows = con.execute(
        "select unit_code from ref.unit where is_assessed "
        "and coalesce(valid_from <= make_date($year, 12, 31), true) "
        "and coalesce(valid_to >= make_date($year, 12, 31), true)",
        {"year": year},
    ).fetchall()
    if unknown := sorted(units - {unit for (unit,) in rows}):
        raise ContractError(f"{folder}: not assessed at the end of {year}: {', '.join(unknown)}")
