"""A year's folder: `scheme.yml`, `target.csv`, `group.csv`, read strictly, with the line of everything.

Refuses what is unclear with file and line: an unknown key, a target typed twice with different values (both lines are
named), a unit in two groups. Whether the scheme makes sense is the linter's question, not asked here.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cached_property
from pathlib import Path

import yaml
from pydantic import ValidationError

from flows.contract.catalogue import ROOT, ContractError
from flows.score.scheme.scheme_model import Scheme

_FILES = ("scheme.yml", "target.csv", "group.csv")
_TARGET_COLUMNS = ("unit", "indicator", "target", "document_no", "effective_on")
_GROUP_COLUMNS = ("unit", "group_id")


@dataclass(frozen=True)
class Target:
    """One line of the year's table of targets, in the unit of its indicator (a rate as a fraction of 1)."""

    unit: str
    indicator: str
    target: Decimal
    document_no: str
    effective_on: date
    line: int


@dataclass(frozen=True)
class SchemeYear:
    """Everything written down about a year. `lines` maps a path in scheme.yml ("items.0.items.2.rule") to its line."""

    folder: Path
    scheme: Scheme
    targets: tuple[Target, ...]
    groups: Mapping[str, str]
    lines: Mapping[str, int] = field(default_factory=dict)
    group_lines: Mapping[str, int] = field(default_factory=dict)

    @property
    def year(self) -> int:
        """The assessed calendar year."""
        return self.scheme.year

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the three files, 64 hex digits: the scheme a score was made with."""
        digest = hashlib.sha256()
        for name in _FILES:
            digest.update(name.encode() + b"\0" + (self.folder / name).read_bytes() + b"\0")
        return digest.hexdigest()

    def line(self, path: str) -> int:
        """Line of a path in scheme.yml, or of the nearest node above it."""
        while path and path not in self.lines:
            path = path.rpartition(".")[0]
        return self.lines.get(path, 1)

    def in_force(self, on: date | None = None) -> dict[tuple[str, str], Target]:
        """(unit, indicator) → the latest target in effect on a day (None: all that are written)."""
        return dict(self._last_written) if on is None else self._latest(on)

    @cached_property
    def _last_written(self) -> dict[tuple[str, str], Target]:
        return self._latest(date.max)

    def _latest(self, on: date) -> dict[tuple[str, str], Target]:
        latest: dict[tuple[str, str], Target] = {}
        for target in self.targets:
            if target.effective_on > on:
                continue
            held = latest.get((target.unit, target.indicator))
            if held is None or target.effective_on > held.effective_on:
                latest[target.unit, target.indicator] = target
        return latest


def years(root: Path = ROOT) -> list[int]:
    """The years that have a folder with a scheme, in order."""
    return sorted(int(p.parent.name) for p in (root / "data" / "scheme").glob("[0-9]*/scheme.yml"))


def load_year(year: int, root: Path = ROOT) -> SchemeYear:
    """The folder of a year; `ContractError` names file and line."""
    return load_folder(root / "data" / "scheme" / str(year))


def load_folder(folder: Path) -> SchemeYear:
    """The folder of a scheme, wherever it lies."""
    scheme, lines = load_scheme(folder / "scheme.yml")
    groups, group_lines = read_groups(folder / "group.csv")
    return SchemeYear(folder, scheme, tuple(read_targets(folder / "target.csv")), groups, lines, group_lines)


def load_scheme(path: Path) -> tuple[Scheme, dict[str, int]]:
    """The scheme in a file and the line of each of its nodes."""
    return scheme_of(_text(path), path)


def scheme_text(folder: Path) -> str:
    """What a folder's scheme.yml says."""
    return _text(folder / "scheme.yml")


def scheme_of(text: str, path: Path) -> tuple[Scheme, dict[str, int]]:
    """The scheme of a text, wherever it was kept. Numbers are taken as written, never as binary floats."""
    try:
        data = yaml.load(text, Loader=yaml.CBaseLoader)  # noqa: S506 (every scalar stays a string)
        node = yaml.compose(text, Loader=yaml.CBaseLoader)
    except yaml.YAMLError as error:
        raise ContractError(f"{path}: {error}") from error
    if not isinstance(data, dict) or node is None:
        raise ContractError(f"{path}:1: expected a mapping")
    lines = dict(_node_lines(node, ""))
    if twice := _twice(node):
        raise ContractError(f"{path}:{twice[1]}: {twice[0]} is written twice in one mapping")
    try:
        return Scheme.model_validate(data), lines
    except ValidationError as error:
        raise ContractError("; ".join(_explained(path, lines, error))) from error


def _explained(path: Path, lines: Mapping[str, int], error: ValidationError) -> Iterator[str]:
    for item in error.errors():
        where, last = "", ""
        for last in map(
            str, item["loc"]
        ):  # kinds that a key stands for are named there as well, and written nowhere
            inner = f"{where}.{last}" if where else last
            where = inner if inner in lines else where
        lacking = f".{last}" if item["type"] == "missing" else ""
        words = item["msg"].removeprefix("Value error, ")
        yield f"{path}:{lines.get(where, 1)}: {where or 'scheme'}{lacking}: {words}"


def _node_lines(node: yaml.Node, path: str) -> Iterator[tuple[str, int]]:
    if path:
        yield path, node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inner = f"{path}.{key.value}" if path else key.value
            yield inner, key.start_mark.line + 1
            yield from ((p, n) for p, n in _node_lines(value, inner) if p != inner)
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            yield from _node_lines(value, f"{path}.{number}" if path else str(number))


def _twice(node: yaml.Node) -> tuple[str, int] | None:
    """A key that a mapping has twice: YAML would keep the last one silently."""
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                return str(key.value), key.start_mark.line + 1
            seen.add(key.value)
            if found := _twice(value):
                return found
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            if found := _twice(value):
                return found
    return None


def read_targets(path: Path) -> list[Target]:
    """The targets of a year, every version of them. Two for one unit, indicator and day are refused, both lines named."""
    seen: dict[tuple[str, str, date], Target] = {}
    for line, row in _lines(path, _TARGET_COLUMNS):
        try:
            found = Target(
                row["unit"],
                row["indicator"],
                Decimal(row["target"]),
                row["document_no"],
                date.fromisoformat(row["effective_on"]),
                line,
            )
        except (InvalidOperation, ValueError) as error:
            raise ContractError(f"{path}:{line}: {error}") from error
        if not found.target.is_finite():
            raise ContractError(f"{path}:{line}: a target is a number")
        if not found.document_no:
            raise ContractError(f"{path}:{line}: a target needs its document")
        slot = (found.unit, found.indicator, found.effective_on)
        if slot in seen:
            other = seen[slot]
            differs = "another value" if other.target != found.target else "the same value again"
            raise ContractError(
                f"{path}:{line}: {differs} for {found.unit}, {found.indicator} on {found.effective_on}; "
                f"line {other.line} says {other.target}, line {line} says {found.target}: keep one"
            )
        seen[slot] = found
    return list(seen.values())


def read_groups(path: Path) -> tuple[dict[str, str], dict[str, int]]:
    """Group of each unit and its line; a unit in two groups is refused, both lines named."""
    out: dict[str, str] = {}
    at: dict[str, int] = {}
    for line, row in _lines(path, _GROUP_COLUMNS):
        unit, group = row["unit"], row["group_id"]
        if not unit or not group:
            raise ContractError(f"{path}:{line}: a line has a unit and its group")
        if unit in out:
            raise ContractError(
                f"{path}:{line}: {unit} is in {group} here and in {out[unit]} on line {at[unit]}: keep one"
            )
        out[unit], at[unit] = group, line
    return out, at


def _lines(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    reader = csv.reader(_text(path).splitlines(keepends=True))
    if tuple(next(reader, ())) != columns:
        raise ContractError(f"{path}:1: expected the columns {','.join(columns)}")
    for cells in reader:
        if len(cells) != len(columns):
            raise ContractError(f"{path}:{reader.line_num}: expected {len(columns)} cells")
        yield reader.line_num, dict(zip(columns, cells, strict=True))


def _text(path: Path) -> str:
    """A file as text; the mark a spreadsheet puts in front of UTF-8 is no part of it."""
    if not path.exists():
        raise ContractError(
            f"{path}: no such file; a year is assessed by its own folder, copied from another and edited"
        )
    content = path.read_bytes()
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ContractError(f"{path}:{line}: not UTF-8; save the file as UTF-8") from error
