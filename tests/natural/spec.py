"""What a natural file is: read from the YAML files of the set, refused where a key is not known.

A misspelt key would silently leave out a column's style or a quantity, so nothing unknown is passed over.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent

# Every third file is kept back from those who mend the reader; the rule was fixed before anything was measured.
KEEP_BACK_EVERY = 3

_SOURCES = (
    "date",
    "after",
    "person",
    "id",
    "sex",
    "born",
    "phone",
    "company",
    "town",
    "int",
    "money",
    "share",
    "upto",
    "calc",
    "pick",
    "text",
    "list",
    "same",
    "number",
    "empty_column",
    "both",
)


@dataclass(frozen=True)
class Column:
    """One column: its header as typed, what it means, where its values come from, how they are typed.

    A header that starts with ``~`` is not written: the value exists for the truth and for other columns.
    ``>`` separates the lines of a header of several rows.
    """

    head: str
    means: str | None
    source: str
    argument: Any
    style: str | None
    blank: dict[str, float]
    unless: dict[str, list[str]]
    merged: bool
    unordered: bool

    @property
    def written(self) -> bool:
        return not self.head.startswith("~")

    @property
    def lines(self) -> list[str]:
        return [line.strip() for line in self.head.split(">")]


@dataclass(frozen=True)
class Total:
    label: str
    of: list[str]
    top: bool = False
    wrong: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Slip:
    """One cell that the clerk typed in another way than the rest of the column.

    ``value`` is what a careful reader takes it for; absent, the slip changes only how the cell looks.
    """

    row: int
    head: str
    typed: Any
    value: Any = ...


@dataclass(frozen=True)
class Quantity:
    """A number that a careful reader draws from one table, as text: ``sum 涉及人数 结果=成功 @受理日期:2015-Q1 -> 17``."""

    name: str
    by: str
    value: str | None
    open: str | None


@dataclass(frozen=True)
class Table:
    kind: str
    covers: str
    columns: list[Column]
    rows: int
    above: list[str]
    under: str | None
    below: list[str]
    sections: dict[str, int]
    subtotal: str | None
    total: Total | None
    facts: dict[str, Any]
    slips: list[Slip]
    blank_after: list[int]
    gap: int
    quantities: list[Quantity]


@dataclass(frozen=True)
class Sheet:
    name: str
    indent: int
    tables: list[Table]
    text: list[str]


@dataclass(frozen=True)
class NaturalFile:
    number: int
    unit: str
    name: str
    format: str
    encoding: str
    seen: dict[str, str]
    sheets: list[Sheet]

    @property
    def kept_back(self) -> bool:
        return self.number % KEEP_BACK_EVERY == 0

    @property
    def tables(self) -> list[tuple[Sheet, Table]]:
        return [(sheet, table) for sheet in self.sheets for table in sheet.tables]


def load(kept_back: bool | None = None) -> list[NaturalFile]:
    """The files of the set in the order of their numbers; ``kept_back`` chooses one part, None gives both."""
    folders = [name for name, part in (("files", False), ("heldback", True)) if kept_back in (None, part)]
    return _read(*folders)


def load_second() -> list[NaturalFile]:
    """The second set, which is kept back whole: written later, by hands that knew neither contracts nor reader."""
    return _read("second")


def _read(*folders: str) -> list[NaturalFile]:
    paths = [path for folder in folders for path in sorted((FOLDER / folder).glob("*.yml"))]
    files = [_file(raw) for path in paths for raw in yaml.safe_load(path.read_text("utf-8"))]
    return sorted(files, key=lambda file: file.number)


def _take(raw: dict[str, Any], *names: str) -> dict[str, Any]:
    unknown = set(raw) - set(names)
    if unknown:
        raise ValueError(f"unknown keys {sorted(unknown)} in {raw}")
    return raw


def _file(raw: dict[str, Any]) -> NaturalFile:
    _take(raw, "number", "unit", "file", "format", "encoding", "seen", "sheets")
    return NaturalFile(
        number=raw["number"],
        unit=raw["unit"],
        name=raw["file"],
        format=raw.get("format") or raw["file"].rsplit(".", 1)[1],
        encoding=raw.get("encoding", "utf-8"),
        seen=raw.get("seen", {}),
        sheets=[_sheet(sheet) for sheet in raw["sheets"]],
    )


def _sheet(raw: dict[str, Any]) -> Sheet:
    _take(raw, "name", "indent", "tables", "text")
    return Sheet(
        str(raw["name"]),
        raw.get("indent", 0),
        [_table(table) for table in raw.get("tables", [])],
        raw.get("text", []),
    )


def _table(raw: dict[str, Any]) -> Table:
    _take(
        raw,
        "kind",
        "covers",
        "columns",
        "rows",
        "above",
        "under",
        "below",
        "sections",
        "subtotal",
        "total",
        "facts",
        "slips",
        "blank_after",
        "gap",
        "quantities",
    )
    sections = raw.get("sections", {})
    return Table(
        kind=raw["kind"],
        covers=str(raw["covers"]),
        columns=[_column(head, body or {}) for entry in raw["columns"] for head, body in entry.items()],
        rows=sum(sections.values()) if sections else raw["rows"],
        above=raw.get("above", []),
        under=raw.get("under"),
        below=raw.get("below", []),
        sections=sections,
        subtotal=raw.get("subtotal"),
        total=Total(**raw["total"]) if "total" in raw else None,
        facts=raw.get("facts", {}),
        slips=[Slip(*slip) for slip in raw.get("slips", [])],
        blank_after=raw.get("blank_after", []),
        gap=raw.get("gap", 2),
        quantities=[
            _quantity(name, body) for entry in raw.get("quantities", []) for name, body in entry.items()
        ],
    )


def _column(head: str, raw: dict[str, Any]) -> Column:
    _take(raw, "means", "as", "blank", "unless", "merged", "unordered", *_SOURCES)
    sources = [name for name in _SOURCES if name in raw]
    if len(sources) > 1:
        raise ValueError(f"{head}: one source of values, not {sources}")
    source = sources[0] if sources else ("number" if head.strip() in ("序号", "编号") else "empty_column")
    return Column(
        head=str(head),
        means=raw.get("means"),
        source=source,
        argument=raw.get(source),
        style=raw.get("as"),
        blank=raw.get("blank", {}),
        unless={
            name: words if isinstance(words, list) else [words]
            for name, words in raw.get("unless", {}).items()
        },
        merged=raw.get("merged", False),
        unordered=raw.get("unordered", False),
    )


def _quantity(name: str, raw: Any) -> Quantity:
    body = raw if isinstance(raw, dict) else {"by": raw}
    _take(body, "by", "open")
    by, _, value = body["by"].partition(" -> ")
    return Quantity(name, by.strip(), value.strip() or None, body.get("open"))
