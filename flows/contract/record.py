"""The shape of a record contract (`sql/record/<kind>.yml`), as strict pydantic models.

Refuses unknown keys: a misspelt option must never be silently without effect. Column types are a
closed list, because each one is a pair of SQL macros (`parse_<type>`, `issue_<type>`) that has
been tested against its standard; a new kind needs no new type.
"""

from __future__ import annotations

import re
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator


class ColumnType(StrEnum):
    """What a cell holds. The value is the suffix of the SQL macros that read it."""

    TEXT = "text"  # short public text: enterprise, title, case number
    NAME = "name"  # a person's or mixed name: never stored, at most as keyed hash (keep: key)
    WITHHELD = "withheld"  # address, account, free text, health: read, accounted for, never stored
    DATE = "date"  # one exact day
    SPAN = "span"  # a day, or a month/quarter/half/year as written; two columns, no invented day
    YEAR = "year"
    MONEY = "money"  # yuan
    COUNT = "count"  # whole number
    DECIMAL = "decimal"  # measured quantity: m², hours
    PCT = "pct"  # percent points: 85 % is 85
    BOOL = "bool"
    CODE = "code"  # an entry of sql/code/<list>.csv
    CITIZEN_ID = "citizen_id"  # GB 11643; stored as keyed hash only
    CREDIT_CODE = "credit_code"  # GB 32100
    PHONE = "phone"  # validated, never stored
    UNIT = "unit"  # an assessed unit by name, short name or code: the subject of the row
    DIVISION = "division"  # town or street within the sender's district
    INDICATOR = "indicator"  # an indicator by id or label


#: Physical DuckDB type of a stored column. Types that are absent here are never stored as such.
SQL_TYPE: dict[ColumnType, str] = {
    ColumnType.TEXT: "VARCHAR",
    ColumnType.DATE: "DATE",
    ColumnType.YEAR: "SMALLINT",
    ColumnType.MONEY: "DECIMAL(18,2)",
    ColumnType.COUNT: "BIGINT",
    ColumnType.DECIMAL: "DECIMAL(18,4)",
    ColumnType.PCT: "DECIMAL(9,4)",
    ColumnType.BOOL: "BOOLEAN",
    ColumnType.CODE: "VARCHAR",
    ColumnType.CREDIT_CODE: "VARCHAR",
    ColumnType.UNIT: "VARCHAR",
    ColumnType.DIVISION: "VARCHAR",
    ColumnType.INDICATOR: "VARCHAR",
}

#: A cell that cannot be read rejects its row, except for these, where the row does not depend on it.
WARN_BY_DEFAULT = frozenset(
    {ColumnType.PHONE, ColumnType.CREDIT_CODE, ColumnType.NAME, ColumnType.WITHHELD, ColumnType.TEXT}
)

#: Most that a number may be, unless its contract says otherwise (`most`): more is a telephone or account number or another
#: unit. A number of things has seven digits at most, one less than a landline; yuan ten, one less than a mobile telephone.
MOST: dict[ColumnType, Decimal] = {
    ColumnType.COUNT: Decimal(9_999_999),
    ColumnType.MONEY: Decimal("9999999999.99"),
    ColumnType.DECIMAL: Decimal(9_999_999_999),
    ColumnType.PCT: Decimal(1000),
}
_MOST_POINTS = Decimal(1000)


class Strict(BaseModel):
    """Base of every contract model: unknown keys are errors, instances are immutable."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Sample(Strict):
    """How the made-up sample fills a column; without it the type's own default is used."""

    values: tuple[str, ...] = ()  # choices, written as a district writes them
    low: int | None = None
    high: int | None = None
    blank: float = 0.0  # share of empty cells, 0..1


class Column(Strict):
    """One column of a record kind.

    `header` lists the spellings districts use (matched exactly after normalising), `also` those that say it only once the
    kind of a table is known (人数, 日期): no table is recognised by them. A column with `derive` is computed from the
    others by that SQL expression and has neither.
    """

    name: str = ""
    type: ColumnType
    label: str
    description: str
    header: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    required: bool = False
    list: str | None = None
    unit: str | None = None  # the unit a bare number has: 元, 万元, 人 …
    most: Decimal | None = None  # largest plausible number, where it is not that of the type
    personal: Literal["direct", "quasi", "sensitive", "free_text"] | None = None
    # What a table keeps of it. key: of a NAME the keyed hash as <name>_key. A number: of a quasi-identifier what five persons
    # share, the lowest longest. count: one that a figure counts by, row by row. One without it, or free text, is never stored.
    keep: Literal["key", "count", 1, 2, 3, 4] | None = None
    bad: Literal["reject", "warn"] | None = None
    derive: str | None = None
    sample: Sample | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Column:
        if (self.type is ColumnType.CODE) != (self.list is not None):
            raise ValueError("type code needs `list`, and only type code has one")
        if (self.derive is None) == (not self.header) or (self.also and self.derive):
            raise ValueError("a column has either `header` or `derive`")
        if (self.keep == "key") and self.type is not ColumnType.NAME:
            raise ValueError("`keep: key` belongs to type name")
        if self.keep not in (None, "key") and self.personal != "quasi":
            raise ValueError("`keep: count` and a number belong to `personal: quasi`")
        personal_types = {ColumnType.NAME, ColumnType.WITHHELD, ColumnType.CITIZEN_ID, ColumnType.PHONE}
        if self.type in personal_types and self.personal is None:
            raise ValueError(f"type {self.type.value} needs its class of personal data (`personal`)")
        if self.type is ColumnType.CITIZEN_ID and not self.name.endswith("_id"):
            raise ValueError("a citizen_id column is named <someone>_id")
        if self.type is ColumnType.DATE and self.personal and not self.name.endswith("_on"):
            raise ValueError("a personal date is named <what>_on: it is stored as <what>_decade")
        if self.type is ColumnType.UNIT and self.name != "unit_code":
            raise ValueError("the column of type unit is the subject of the row and is named unit_code")
        if self.most is not None and self.type not in MOST:
            raise ValueError("`most` belongs to a number")
        return self

    @property
    def spellings(self) -> tuple[str, ...]:
        """All that a header of it may say besides its label."""
        return (*self.header, *self.also)

    @property
    def largest(self) -> Decimal | None:
        """The largest number a cell may plausibly hold, in the unit it is stored in; None if it holds none."""
        points = self.type is ColumnType.DECIMAL and self.unit == "分"
        return self.most or (_MOST_POINTS if points else MOST.get(self.type))

    @property
    def rejects(self) -> bool:
        """Whether an unreadable or missing cell of this column rejects the row."""
        if self.bad is not None:
            return self.bad == "reject"
        return self.type not in WARN_BY_DEFAULT

    @property
    def stored(self) -> tuple[tuple[str, str], ...]:
        """(name, SQL type) of the physical columns this column becomes; () if it is never stored."""
        kind = self.type
        if kind is ColumnType.CITIZEN_ID:
            return ((self.name.removesuffix("_id") + "_key", "BLOB"),)
        if kind is ColumnType.NAME:
            return ((self.name + "_key", "BLOB"),) if self.keep else ()
        if kind in (ColumnType.WITHHELD, ColumnType.PHONE):
            return ()
        if self.personal in ("quasi", "free_text") and self.keep is None:
            return ()
        if kind is ColumnType.SPAN:
            return ((self.name + "_from_on", "DATE"), (self.name + "_to_on", "DATE"))
        if kind is ColumnType.DATE and self.personal:
            return ((self.name.removesuffix("_on") + "_decade", "SMALLINT"),)
        return ((self.name, SQL_TYPE[kind]),)


class Check(Strict):
    """A rule between columns of one row. NULL passes; false is an issue with the check's id as code.

    `rule` is a DuckDB boolean expression over the contract's column names, before personal columns
    are dropped: `person_id` is the normalised 18-character ID there, a span `x` is `x_from_on`/`x_to_on`.
    """

    id: str
    rule: str
    severity: Literal["reject", "warn"]
    message: str
    column: str | None = None  # the column the message points at


class CrossReference(Strict):
    """A column that names what another kind lists: the unit's own lists of that kind should have it.

    Compared as texts are folded, with rows of any state of all lists in force; judged only where the unit sent
    the other list for a year that the table covers, because what was never sent is another matter.
    """

    column: str
    to: str = Field(pattern=r"^[a-z_]+\.[a-z_]+$")  # <record>.<column>
    when: str | None = None  # rows it is asked of: an SQL condition over stored columns
    broken: Literal["warn", "block"] = (
        "warn"  # block: nothing is published before a person has acknowledged it
    )

    @property
    def target(self) -> tuple[str, str]:
        """The other kind and its column."""
        kind, _, column = self.to.partition(".")
        return kind, column


class Recognise(Strict):
    """How a table is known to be of this kind: words of the title, columns that must be mapped."""

    title: tuple[str, ...] = ()
    columns: tuple[str, ...]


class Record(Strict):
    """One record kind: `sql/record/<record>.yml`."""

    record: str
    label: str
    description: str
    area: str  # folder of its indicators: rights, organisation, welfare, …
    key: tuple[str, ...]
    snapshot: bool = False  # a roll or register: the state on the last day of the covered period
    dated: str | None = None  # column whose day must lie in the covered period (else a warning)
    years_across: bool = False  # also sent with years as columns, one measure per file
    recognise: Recognise
    columns: dict[str, Column]
    checks: tuple[Check, ...] = ()
    refers: tuple[CrossReference, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _name_columns(cls, data: dict[str, object]) -> dict[str, object]:
        columns = data.get("columns")
        if isinstance(columns, dict):
            odd = [name for name, column in columns.items() if not isinstance(column, dict)]
            if odd:
                raise ValueError(f"columns {odd}: expected mappings like {{type: text, label: …}}")
            named = {name: {**column, "name": name} for name, column in columns.items()}
            data = {**data, "columns": named}
        return data

    @model_validator(mode="after")
    def _references(self) -> Record:
        physical = {name for column in self.columns.values() for name, _ in column.stored} | {"unit_code"}
        for name in self.key:
            if name not in physical:
                raise ValueError(f"key names {name}, which is not a stored column")
        for name in self.recognise.columns:
            if name not in self.columns:
                raise ValueError(f"recognise names {name}, which is not a column")
        if self.dated and self.dated not in self.columns:
            raise ValueError(f"dated names {self.dated}, which is not a column")
        for name in (referring := [refer.column for refer in self.refers]):
            if name not in self.texts or referring.count(name) > 1:
                raise ValueError(f"refers names {name}, which is no column stored as text, or twice")
        spellings: dict[str, str] = {}
        for column in self.columns.values():
            for spelling in column.spellings:
                other = spellings.setdefault(spelling, column.name)
                if other != column.name:
                    raise ValueError(f"header {spelling} is claimed by {other} and {column.name}")
        for column in self.columns.values():
            if column.derive and column.type is ColumnType.TEXT:
                for name in self.sources(column.derive):
                    if self.columns[name].type is ColumnType.TEXT and not self.columns[name].stored:
                        raise ValueError(f"{column.name} would store what {name} withholds")
        reserved = {"part_id", "row_number", "row_state", "issues", "open_columns"}
        if clash := reserved & set(self.columns):
            raise ValueError(f"reserved column names: {sorted(clash)}")
        return self

    @property
    def texts(self) -> frozenset[str]:
        """Columns that are stored as texts: they may refer, and be referred to."""
        return frozenset(n for c in self.columns.values() for n, kind in c.stored if kind == "VARCHAR")

    @property
    def is_decision(self) -> bool:
        """Whether it belongs to the assessment itself: one word that nobody knows makes it no decision."""
        return self.area == "assessment"

    @property
    def office_speaks_for_all(self) -> bool:
        """Whether a list that an office sends is complete for all its units: one of events, not of their state."""
        return "unit_code" in self.columns and not self.snapshot and not self.years_across

    @property
    def read_columns(self) -> tuple[Column, ...]:
        """Columns that are read from a file, in contract order."""
        return tuple(c for c in self.columns.values() if c.derive is None)

    @property
    def grouped(self) -> tuple[str, ...]:
        """Stored columns of which a row has what at least five persons of its table share, in the order in which they go."""
        kept = sorted(
            (c for c in self.columns.values() if isinstance(c.keep, int)), key=lambda c: int(c.keep or 0)
        )
        return tuple(n for c in kept for n, _ in c.stored)

    @property
    def counted(self) -> tuple[str, ...]:
        """Stored columns about a person that figures count by: never withheld."""
        return tuple(n for c in self.columns.values() if c.keep == "count" for n, _ in c.stored)

    @property
    def compared(self) -> tuple[str, ...]:
        """Stored columns that say whether two rows of one key say the same."""
        return tuple(n for n, _, _ in self.stored_columns if n not in self.grouped)

    @property
    def stored_columns(self) -> tuple[tuple[str, str, Column | None], ...]:
        """(name, SQL type, contract column) of `core.<record>`, before its address columns."""
        out: list[tuple[str, str, Column | None]] = []
        if "unit_code" not in self.columns:
            out.append(("unit_code", "VARCHAR", None))
        for column in self.columns.values():
            out.extend((name, sql_type, column) for name, sql_type in column.stored)
        return tuple(out)

    def sources(self, expression: str) -> frozenset[str]:
        """Columns of the file that an SQL expression over stored and derived names comes from; what no file says
        (`sender`, `covers_to`) has none.

        >>> from flows.contract.catalogue import records
        >>> sorted(records()["consolation"].sources("is_paid and sender = 'x'"))
        ['payment_state']
        """
        return frozenset().union(*(self._source_of.get(name, frozenset()) for name in _names(expression)))

    @cached_property
    def _source_of(self) -> dict[str, frozenset[str]]:
        out: dict[str, frozenset[str]] = {}
        for column in sorted(
            self.columns.values(), key=lambda c: c.derive is not None
        ):  # a derived one derives from read ones
            own = (
                [out.get(name, frozenset()) for name in _names(column.derive)]
                if column.derive
                else [{column.name}]
            )
            names = (column.name, *(stored for stored, _ in column.stored))
            out |= dict.fromkeys(names, frozenset().union(*own))
        return out

    def stored_at(self, check: Check) -> str | None:
        """The contract column a check's issue points at."""
        if check.column:
            return check.column
        return next((n for n in self.columns if n in check.rule), None)


def _names(expression: str) -> list[str]:
    """Names in an SQL expression, those of functions among them."""
    return re.findall(r"[a-z_][a-z0-9_]*", re.sub(r"'[^']*'", "", expression))


class CodeEntry(Strict):
    """One line of `sql/code/<list>.csv`; years are inclusive, empty = open."""

    code: str
    label: str
    label_en: str = ""
    synonyms: tuple[str, ...] = Field(default=())
    valid_from: int | None = None
    valid_to: int | None = None
