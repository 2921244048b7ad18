"""A unit's own header spellings: `data/reference/header/<unit_code>.csv`, columns `record,header,column,note`.

What one district calls a column is no reason to change a contract for all. Refuses a line that could not take
effect: an unknown unit, record or column, a computed column, a header that is given two meanings.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from flows.contract.catalogue import ROOT, ContractError, records
from flows.contract.record import Record
from flows.contract.text import name_key
from flows.contract.units import reference

#: Where the files lie, below the root.
FOLDER = Path("data", "reference", "header")
FIELDS = ("record", "header", "column", "note")
#: In place of a column: the unit's column is read past.
IGNORE = "ignore"


@cache
def spellings(root: Path = ROOT) -> Mapping[str, Mapping[str, str]]:
    """unit_code → header → `record.column` or `record.ignore`, several with blanks between.

    `ContractError` with file and line for a line that cannot be used. `root` holds the spellings; what they
    refer to are the contracts and units of this clone.
    """
    units = {unit.unit_code for unit in reference().units}
    out = {}
    for path in sorted((root / FOLDER).glob("*.csv")):
        if path.stem not in units:
            raise ContractError(
                f"{path}: no unit {path.stem} in data/reference/unit.csv; name the file after one"
            )
        out[path.stem] = _load(path)
    return out


def line(record: str, header: str, column: str) -> str:
    """The line that gives a header its meaning, as the file wants it."""
    quoted = f'"{header.replace(chr(34), chr(34) * 2)}"' if set(header) & set(',"\r\n') else header
    return f"{record},{quoted},{column},"


def _load(path: Path) -> Mapping[str, str]:
    meant: dict[str, dict[str, str]] = {}  # header → record → column
    first: dict[tuple[str, str], str] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream, strict=True)
            if tuple(reader.fieldnames or ()) != FIELDS:
                raise ContractError(f"{path}:1: expected {','.join(FIELDS)}")
            for row in reader:
                record, header, column = _row(f"{path}:{reader.line_num}", row)
                if (said := first.setdefault((record, name_key(header)), column)) != column:
                    raise ContractError(
                        f"{path}:{reader.line_num}: {header} of {record} means {said} already"
                    )
                meant.setdefault(header, {})[record] = column
    except (csv.Error, UnicodeDecodeError) as error:
        raise ContractError(f"{path}: {error}; save it as CSV in UTF-8") from error
    return {h: " ".join(f"{r}.{c}" for r, c in targets.items()) for h, targets in meant.items()}


def _row(place: str, row: dict[str, str | None]) -> tuple[str, str, str]:
    if None in row or row.get("column") is None:
        raise ContractError(f"{place}: expected {','.join(FIELDS)}")
    record, header, column = ((row[name] or "").strip() for name in FIELDS[:3])
    known: Record | None = records().get(record)
    if known is None:
        raise ContractError(f"{place}: no record {record}; expected one of {', '.join(records())}")
    readable = [c.name for c in known.read_columns]
    if column not in (*readable, IGNORE):
        raise ContractError(
            f"{place}: {record} reads no column {column}; expected {IGNORE} or one of {', '.join(readable)}"
        )
    if not header:
        raise ContractError(f"{place}: the header is empty")
    return record, header, column
