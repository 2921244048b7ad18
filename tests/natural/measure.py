"""What the pipeline makes of the set: per file the rows that count, the quantities and the figures.

A quantity is an aggregate over the record's rows that came from the file; a figure is the published value of an
indicator for the unit and the covered period, which only this file feeds (the set has a kind once per unit). Each is

- right: what is claimed is the truth;
- wrong: something else is claimed and no finding stands at the sheet (silently wrong);
- differs: something else is claimed and a finding stands there;
- named: nothing is claimed and a finding there names one of the headers or code words in question, as typed;
- unsettled: nothing is claimed and a finding stands there that does not name them;
- missing: nothing is claimed and nothing is said.

A figure is claimed when the warehouse gives a value whose lower and upper bounds are equal. A quantity is claimed when
rows of the file are in force and the column has values; where a quantity is open, naming what is open is as good as the value.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import yaml

from flows.contract.paths import Paths
from flows.contract.units import reference
from flows.ingest.vault import Vault
from flows.metrics.refresh import measure
from flows.normalise.build import build
from flows.warehouse.publish import publish
from tests.natural.layout import TrueTable, lay_out
from tests.natural.spec import FOLDER, NaturalFile, Quantity
from tests.natural.truth import count, parts, plain, within
from tests.natural.values import Row
from tests.natural.write import write

RECEIVED = datetime(2016, 1, 8)
OUTCOMES = ("right", "named", "unsettled", "differs", "wrong", "missing")
#: Findings about the file as such say nothing of a column or a word in it.
_OF_THE_FILE = ("suffix_wrong", "reference_broken")
#: Names in the mapping for what the contract does not store.
NOT_STORED = "-"
MAPPING = yaml.safe_load((FOLDER / "mapping.yml").read_text("utf-8"))


@dataclass
class FileResult:
    """What became of one file."""

    file: NaturalFile
    rows_true: int = 0
    rows_counted: int = 0
    rows_extra: int = 0
    quantities: dict[str, str] = field(default_factory=dict)
    figures: dict[str, str] = field(default_factory=dict)
    not_stored: list[str] = field(default_factory=list)
    kinds: dict[str, str] = field(default_factory=dict)

    @property
    def whole(self) -> bool:
        return self.rows_counted == self.rows_true and not self.rows_extra


def deliver(files: Iterable[NaturalFile], inbox: Path) -> None:
    """Write the files as their units would send them for the year."""
    for file in files:
        path = inbox / f"{file.unit}总工会" / "2015年" / file.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(write(lay_out(file)[0], file.format, file.encoding))


def publish_set(files: list[NaturalFile], folder: Path) -> Path:
    """Everything from the vault to the published warehouse, without scores; the published file."""
    deliver(files, folder / "inbox")
    paths = Paths(folder / "data")
    paths.vault.mkdir(parents=True, mode=0o700)
    Vault(paths.vault).take_in(folder / "inbox", RECEIVED, reference().resolve_sender)
    build(paths)
    measure(paths)
    publish(paths)
    return paths.warehouse_file()


def measure_set(files: list[NaturalFile]) -> list[FileResult]:
    with tempfile.TemporaryDirectory(prefix="natural-") as folder:
        warehouse = publish_set(files, Path(folder))
        shown = Vault(Path(folder) / "data" / "vault").redacted
        with duckdb.connect(warehouse, read_only=True) as con:
            return [_file(con, file, shown) for file in files]


def totals(results: list[FileResult]) -> dict[str, Any]:
    quantities = Counter(outcome for result in results for outcome in result.quantities.values())
    figures = Counter(outcome for result in results for outcome in result.figures.values())
    kinds = Counter(kind for result in results for kind in result.kinds.values())
    return {
        "files": len(results),
        "whole": sum(result.whole for result in results),
        "tables": {
            "all": kinds.total(),
            "right": kinds["right"],
            "other": kinds["other"],
            "none": kinds["none"],
        },
        "rows": sum(result.rows_true for result in results),
        "rows_counted": sum(result.rows_counted for result in results),
        "rows_extra": sum(result.rows_extra for result in results),
        "quantities": {"all": quantities.total(), **{outcome: quantities[outcome] for outcome in OUTCOMES}},
        "figures": {"all": figures.total(), **{outcome: figures[outcome] for outcome in OUTCOMES}},
        "not_stored": sum(len(result.not_stored) for result in results),
    }


def _file(con: duckdb.DuckDBPyConnection, file: NaturalFile, shown: Callable[[str], str]) -> FileResult:
    """`shown`: how the warehouse shows the name of a file or sheet."""
    [(delivery, unit)] = con.execute(
        "select delivery_id, sender from meta.delivery where name = ? and sender = ?",
        [shown(f"2015年/{file.name}"), reference().resolve_sender(f"{file.unit}总工会", RECEIVED.date())],
    ).fetchall()
    result = FileResult(file)
    _, truths = lay_out(file)
    for truth in truths:
        table = _Table(
            con, truth, delivery, unit, [t for t in truths if t.table.kind == truth.table.kind], shown
        )
        table.rows(result)
        result.kinds[f"{truth.sheet.name}/{truth.table.kind}"] = table.kind()
        for quantity in truth.table.quantities:
            table.quantity(quantity, result)
        table.figures(result)
    wanted = {MAPPING[truth.table.kind]["record"] for truth in truths}
    parts_elsewhere = con.execute(
        "select record, rows_accepted from meta.part where delivery_id = ? and in_force", [delivery]
    ).fetchall()
    result.rows_extra += sum(rows for record, rows in parts_elsewhere if record not in wanted)
    return result


class _Table:
    """One table of a file beside what the warehouse has of it."""

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        truth: TrueTable,
        delivery: int,
        unit: str,
        of_kind: list[TrueTable],
        shown: Callable[[str], str],
    ) -> None:
        self._con, self._truth, self._delivery, self._unit = con, truth, delivery, unit
        #: A figure is of all tables of the kind and period that the unit sends.
        self._of_figure = [other for other in of_kind if other.table.covers == truth.table.covers]
        self._map = MAPPING[truth.table.kind]
        self._record = self._map["record"]
        self._stored = {name for name, *_ in con.execute(f'describe current."{self._record}"').fetchall()}
        self._of_year = self._map.get("form") == "year"
        csv_like = truth.file.format in ("csv", "tsv", "txt")
        sheet = "" if csv_like or truth.file.format == "html" else truth.sheet.name
        sheet = self._sheet = shown(sheet) if sheet else ""
        places = set(truth.places)
        self._parts = [
            part
            for part, header in con.execute(
                "select part_id, header_row from meta.part where delivery_id = ? and sheet = ? and record = ?",
                [delivery, sheet, self._record],
            ).fetchall()
            if header is None or header <= min(places)
        ]

    def _name(self, word: str) -> str:
        return f"{self._truth.sheet.name}/{self._truth.table.kind}/{word}"

    def _select(self, expression: str) -> Any:
        if not self._parts:
            return None
        listed = ", ".join(map(str, self._parts))
        query = (
            f'select {expression} from current."{self._record}" where unit_code = ? and part_id in ({listed})'
        )
        return self._con.execute(query, [self._unit]).fetchall()

    def rows(self, result: FileResult) -> None:
        in_force = {row for (row,) in self._select("row_number") or []}
        if self._of_year:
            result.rows_true += 1
            result.rows_counted += bool(in_force)
            return
        places = set(self._truth.places)
        result.rows_true += len(places)
        result.rows_counted += len(in_force & places)
        result.rows_extra += len(in_force - places)

    def quantity(self, quantity: Quantity, result: FileResult) -> None:
        name = self._name(quantity.name)
        candidates = self._expressions(quantity)
        if candidates is None:
            result.not_stored.append(name)
            return
        assert quantity.value is not None
        claimed = [value for expression in candidates if (value := self._claimed(*expression)) is not None]
        how = parts(quantity.by)
        result.quantities[name] = self._outcome(
            Decimal(quantity.value), claimed, {how.of, how.dated, *how.where}, bool(quantity.open)
        )

    def _claimed(self, needs: str | None, expression: str) -> Decimal | None:
        rows = self._select(f"count(*), {f'count({needs})' if needs else 'count(*)'}, {expression}")
        if not rows:
            return None
        [(in_force, with_value, value)] = rows
        return Decimal(value or 0) if in_force and with_value else None

    def _expressions(self, quantity: Quantity) -> list[tuple[str | None, str]] | None:
        """What may be claimed of a quantity, as (column that must have values, SQL); None where it is not stored."""
        override = self._map.get("quantities", {}).get(quantity.name)
        if override == NOT_STORED:
            return None
        if override:
            how, column = override.split()
            if column not in self._stored:
                return None
            return [(column, f"{how}({column})")]
        how = parts(quantity.by)
        stated = [*([how.of] if how.of else []), *how.where, *([how.dated] if how.dated else [])]
        columns = {meaning: self._map["columns"].get(meaning, NOT_STORED).split("|") for meaning in stated}
        columns = {meaning: [n for n in names if n in self._stored] for meaning, names in columns.items()}
        if not all(columns.values()):
            return None
        conditions = []
        for meaning, words in how.where.items():
            codes = self._map["codes"].get(meaning, {})
            others = {row.get(meaning) for row in self._truth.rows} - set(words)
            kept = {code for word in words for code in codes.get(word, word).split("|")}
            if any(kept & set(codes[word].split("|")) for word in others if word in codes):
                return None  # one code for two words of the form: a needy migrant is a needy worker
            listed = ", ".join(f"'{code}'" for word in words for code in codes.get(word, word).split("|"))
            conditions.append(f"cast({columns[meaning][0]} as varchar) in ({listed})")
        if how.dated:
            first, last = span(how.during or "")
            conditions.append(f"{columns[how.dated][0]} between date '{first}' and date '{last}'")
        chosen = " and ".join(conditions) or "true"
        needed = next(
            (columns[meaning][0] for meaning in (*how.where, *([how.dated] if how.dated else []))), None
        )
        if not how.of:
            return [(needed, f"count(*) filter (where {chosen})")]
        return [(column, f"{how.how}({column}) filter (where {chosen})") for column in columns[how.of]]

    def figures(self, result: FileResult) -> None:
        not_said = MAPPING["except"].get(self._truth.file.number, [])
        for indicator, formulas in self._map["figures"].items():
            if indicator in not_said:
                continue
            truth = next(
                (value for formula in formulas if (value := self._reckoned(formula)) is not None), None
            )
            if truth is not None:
                period = self._truth.table.covers.replace("-", "")
                claimed = self._published(indicator, period, ratio=len(truth) == 2)
                expected = truth[0] if len(truth) == 1 else truth[0] / truth[1] if truth[1] else None
                if expected is not None:
                    sides = [
                        parts(side.partition(" @")[0])
                        for formula in formulas
                        for side in formula.split(" / ")
                    ]
                    meanings = {meaning for how in sides for meaning in (how.of, *how.where)}
                    result.figures[f"{indicator}/{period}"] = self._outcome(expected, claimed, meanings)

    def _reckoned(self, formula: str) -> list[Decimal] | None:
        """The truth of a figure by one formula, or None where the table lacks a meaning that it needs."""
        values = []
        for side in formula.split(" / "):
            text, _, dated = side.partition(" @")
            how = parts(text)
            needed = {*([how.of] if how.of else []), *how.where}
            if not needed <= set(self._truth.rows[0]):
                return None
            # a table that does not have a meaning adds nothing to it
            rows = [row for truth in self._of_figure if needed <= set(truth.rows[0]) for row in truth.rows]
            if dated:
                rows = [
                    row for row in rows if dated not in row or within(row[dated], self._truth.table.covers)
                ]
            values.append(count(Quantity(formula, text, None, None), rows))
        return values

    def _published(self, indicator: str, period: str, ratio: bool) -> list[Decimal]:
        rows = self._con.execute(
            "select value, numerator, denominator from metric.value where unit_code = $unit and indicator_id = $indicator "
            "and list_contains($periods, period_id) and category is null and state in ('value', 'zero') "
            "and lower is not distinct from upper",
            {"unit": self._unit, "indicator": indicator, "periods": [period, *self._map.get("periods", [])]},
        ).fetchall()
        return [n / d if ratio and d else value for value, n, d in rows]

    def _outcome(
        self, truth: Decimal, claimed: list[Decimal], meanings: set[str | None], is_open: bool = False
    ) -> str:
        if any(abs(value - truth) < Decimal("0.000001") for value in claimed):
            return "right"
        findings = self._findings()
        if claimed:
            return "differs" if findings else "wrong"
        if not findings:
            return "missing"
        named = any(word in message for word in self._words(meanings) for message in findings)
        return "right" if is_open and named else "named" if named else "unsettled"

    def _findings(self) -> list[str]:
        """What is said at this table's sheet of its columns and words, without the neighbours on the sheet."""
        issues = self._con.execute(
            "select i.issue_code, p.record, i.message from meta.issue as i left join meta.part as p using (part_id) "
            "where i.delivery_id = ? and i.sheet = ? and i.severity in ('error', 'warning')",
            [self._delivery, self._sheet],
        ).fetchall()
        neighbours = {MAPPING[table.kind]["record"] for table in self._truth.sheet.tables} - {self._record}
        return [
            plain(message)
            for code, record, message in issues
            if code not in _OF_THE_FILE and record not in neighbours
        ]

    def _words(self, meanings: set[str | None]) -> set[str]:
        """The headers and code words that carry some meanings; where none are known, every header of the table."""
        columns = [column for column in self._truth.table.columns if column.written]
        chosen = [column for column in columns if column.means in meanings - {None}] or columns
        words = {column.lines[-1] for column in chosen}
        for column in chosen:
            if isinstance(column.argument, dict | list):
                words |= {str(word).split("=")[0] for word in column.argument}
        return {plain(word) for word in words}

    def kind(self) -> str:
        """Whether the table was taken for what it is: right, other or none."""
        if self._parts:
            return "right"
        neighbours = {MAPPING[table.kind]["record"] for table in self._truth.sheet.tables}
        taken = self._con.execute(
            "select distinct record from meta.part where delivery_id = ? and sheet = ?",
            [self._delivery, self._sheet],
        ).fetchall()
        return "other" if {record for (record,) in taken} - neighbours else "none"


def span(period: str) -> tuple[date, date]:
    """First and last day of ``2015``, ``2015-H1``, ``2015-Q3`` or ``2015-02``."""
    days = [
        date.fromordinal(day) for day in range(date(2015, 1, 1).toordinal(), date(2016, 1, 1).toordinal())
    ]
    inside = [day for day in days if within(day, period)]
    return inside[0], inside[-1]


def rows_of(results: list[FileResult]) -> list[Row]:
    """One line per file for a table or for JSON."""
    return [
        {
            "number": result.file.number,
            "unit": result.file.unit,
            "file": result.file.name,
            "whole": result.whole,
            "rows": f"{result.rows_counted}/{result.rows_true}"
            + (f"+{result.rows_extra}" if result.rows_extra else ""),
            "kinds": result.kinds,
            "quantities": Counter(result.quantities.values()),
            "figures": Counter(result.figures.values()),
            "wrong": sorted(
                k for part in (result.quantities, result.figures) for k, v in part.items() if v == "wrong"
            ),
            "differs": sorted(
                k for part in (result.quantities, result.figures) for k, v in part.items() if v == "differs"
            ),
            "missing": sorted(
                k for part in (result.quantities, result.figures) for k, v in part.items() if v == "missing"
            ),
        }
        for result in results
    ]
