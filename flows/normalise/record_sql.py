"""A contract becomes SQL: the table of a record kind, its one INSERT, its view of rows in force.

The INSERT reads the Arrow stream `arrival` once and writes each row once (measured: writing is the
floor of a load, parsing a tenth of it). A cell is parsed in one projection and judged in the next,
because macros are textual and an argument used twice is evaluated twice. Names, IDs and other
personal cells exist only inside that query; no table, permanent or temporary, ever holds them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from flows.contract.record import Check, Column, ColumnType, Record
from flows.normalise.lookup import LOOKED_UP

#: Types whose macros take the unit of the header or sheet note as a second argument.
WITH_UNIT = frozenset({ColumnType.MONEY, ColumnType.COUNT, ColumnType.DECIMAL, ColumnType.PCT})

#: Types whose issue may be a flag: the value is kept although something is odd about it.
FLAGGED = frozenset({ColumnType.CITIZEN_ID, ColumnType.CREDIT_CODE})

#: Types of which a stroke says that there is none; a stroke among words may be one of them.
_STROKES = frozenset({*WITH_UNIT, ColumnType.DATE, ColumnType.SPAN, ColumnType.YEAR})

#: Types whose unknown word opens its column for the row: what the row counts for without it, it still counts for.
WORDS = frozenset({ColumnType.CODE, ColumnType.DIVISION})

#: An ID or name that cannot be read makes nobody of a person: indicators count who has none.
_PERSONAL = frozenset({ColumnType.CITIZEN_ID, ColumnType.NAME, ColumnType.WITHHELD, ColumnType.PHONE})

#: Columns of every `core.<record>` beside those of its contract: what became of the row, and its address.
ADDRESS = (
    ("row_state", "VARCHAR not null"),
    ("issues", "VARCHAR[]"),
    ("open_columns", "VARCHAR[]"),
    ("part_id", "BIGINT not null"),
    ("row_number", "INTEGER not null"),
)


def unit_column(column: Column) -> str:
    """Name of the part context's column with the unit a column's cells are in."""
    return f"{column.name}__unit"


def issue_column(column: Column) -> str:
    """Name of the stream's column with the issue of a looked-up cell."""
    return f"{column.name}__issue"


def number_column(column: Column) -> str:
    """Name, within the INSERT, of the first 17 characters of a citizen ID as integer: judged many times."""
    return f"{column.name}__number"


def absent_column(column: Column) -> str:
    """Name of the part context's column that says whether a table has no such column."""
    return f"{column.name}__absent"


def may_be_absent(record: Record) -> tuple[Column, ...]:
    """Columns of a record whose absence from a table matters to its rows: an empty cell of them says something."""
    judged = set().union(
        *(record.sources(check.rule) for check in record.checks if _asks_for_null(record, check))
    )
    return tuple(c for c in record.read_columns if c.required or c.name in judged)


def _asks_for_null(record: Record, check: Check) -> bool:
    """Whether a check may fail on an empty cell, itself or by a derived column; NULL passes all others, and so does what
    stands in another column instead."""
    derived = [
        c.derive for c in record.columns.values() if c.derive and re.search(rf"\b{c.name}\b", check.rule)
    ]
    return any(_ON_NULL.search(text) for text in (check.rule, *derived))


#: `x is null`, or a constant in the place of what is empty.
_ON_NULL = re.compile(r"\bnull\b|coalesce\([^()]*,\s*(?:'|\d|true|false)")


def units_of(record: Record) -> tuple[Column, ...]:
    """Columns of a record whose cells need the unit of their header."""
    return tuple(c for c in record.read_columns if c.type in WITH_UNIT)


def looked_up(record: Record) -> tuple[Column, ...]:
    """Columns of a record that the stream brings as value and issue."""
    return tuple(c for c in record.read_columns if c.type in LOOKED_UP)


def create_table(record: Record) -> str:
    """DDL of `core.<record>`: one row per data row of every part."""
    columns = [f'"{name}" {sql_type}' for name, sql_type, _ in record.stored_columns]
    columns += [f"{name} {sql_type}" for name, sql_type in ADDRESS]
    return f"create table core.{record.record} (\n  " + ",\n  ".join(columns) + "\n)"


def create_current(record: Record) -> str:
    """DDL of `current.<record>`: accepted rows of parts in force minus the losers among equal keys."""
    names = [f'c."{name}"' for name, _, _ in record.stored_columns]
    if record.snapshot:
        names.append("p.snapshot_on")
    names += ["c.open_columns", "c.part_id", "c.row_number"]
    return f"""create or replace view current.{record.record} as
select {", ".join(names)}
from core.{record.record} as c
join meta.part_in_force as p on p.part_id = c.part_id
anti join (select part_id, row_number from meta.loser where record = '{record.record}') as l
  on l.part_id = c.part_id and l.row_number = c.row_number
where c.row_state = 'accepted'"""


@dataclass(frozen=True)
class ColumnSql:
    """SQL of one column on its way through the INSERT."""

    column: Column
    parsed: tuple[tuple[str, str], ...]  # (name, expression over t_<column>)
    issue: str  # expression over t_<column> and the parsed names: an issue code or NULL; '' if there is none
    suspect: str  # cheap expression, true wherever `issue` might be one; '' if there is none
    unread: str  # true where a cell is there whose value nobody knows; '' if every cell can be read
    rejects: str  # true where the row is rejected for it; '' if it never is
    stored: tuple[tuple[str, str], ...]  # (physical name, expression)


def insert(record: Record) -> str:
    """The INSERT that moves `arrival` (joined with `part_context`) into `core.<record>`; of a kind with groups of persons
    into the temporary table `typed`, for `insert_grouped`.

    Parameters: `$inner` and `$outer`, the two padded keys of HMAC-SHA256 (RFC 2104).
    """
    cells = [_cell(record, column) for column in record.read_columns]
    raw = [f"{_written(c)} as t_{c.name}" for c in record.read_columns]
    raw += [f"a.{issue_column(c)}" for c in looked_up(record)]
    raw += [
        f'id_number(a."{c.name}") as {number_column(c)}'
        for c in record.read_columns
        if c.type is ColumnType.CITIZEN_ID
    ]
    context = ["sender", "covers_from", "covers_to", "held_columns"]
    context += [*map(unit_column, units_of(record)), *map(absent_column, may_be_absent(record))]
    parsed = [f"{expression} as {name}" for cell in cells for name, expression in cell.parsed]
    plausible = [
        f"case when {_read(c)} <= {c.largest} then {_read(c)} end as {c.name}"
        for c in record.read_columns
        if c.largest is not None
    ]
    derived = [
        f"cast({c.derive} as {c.stored[0][1]}) as {c.name}" for c in record.columns.values() if c.derive
    ]
    judged = [f"{_fails(record, check, cells)} as x_{check.id}" for check in record.checks]
    if record.dated:
        judged.append(_dated(record))
    bad = [cell.rejects for cell in cells if cell.rejects]
    rejecting = [f"x_{check.id}" for check in record.checks if check.severity == "reject"]
    rejected = " or ".join(["reader_issue is not null", *bad, *rejecting])
    suspects = " or ".join(_suspects(record, cells))
    issues = _issue_list(record, cells, suspects)
    stored = dict(pair for cell in cells for pair in cell.stored)
    stored |= {c.name: c.name for c in record.columns.values() if c.derive}
    stored.setdefault("unit_code", "sender")
    final = [f'{stored[name]} as "{name}"' for name, _, _ in record.stored_columns]
    head = (
        "create or replace temporary table typed as"
        if record.grouped
        else f"insert into core.{record.record}"
    )
    return f"""{head}
with
arrived as (
  select a.part_id, a.row_number, a.reader_issue, {", ".join(f"p.{c}" for c in context)},
    {_lines(raw)}
  from arrival as a join part_context as p on p.part_id = a.part_id
),
parsed as (
  select arrived.*,
    {_lines(parsed)}
  from arrived
),
plausible as (
  select {", ".join(["*", *plausible])} from parsed
),
derived as (
  select {", ".join(["*", *derived])} from plausible
),
judged as (
  select {", ".join(["*", *judged])}
  from derived
)
select
  {_lines(final)},
  case when {rejected} then 'rejected' else 'accepted' end as row_state,
  {issues} as issues,
  {_open_list(cells, suspects)} as open_columns,
  part_id, row_number
from judged"""


def _lines(parts: list[str]) -> str:
    return ",\n    ".join(parts)


def _cell(record: Record, column: Column) -> ColumnSql:
    name, text = column.name, f"t_{column.name}"
    kind = column.type
    value = name
    stored: tuple[tuple[str, str], ...] = ((name, name),)
    if kind in LOOKED_UP:
        parsed: tuple[tuple[str, str], ...] = ((name, text),)
        issue = issue_column(column)
        suspect = f"{issue} is not null"
    elif kind is ColumnType.SPAN:
        value = f"{name}_from_on"
        parsed = ((value, f"parse_span_from({text})"), (f"{name}_to_on", f"parse_span_to({text})"))
        issue = f"issue_span({text}, {value})"
        suspect = f"({text} is not null and {value} is null)"
        stored = ((value, value), (f"{name}_to_on", f"{name}_to_on"))
    elif kind in (ColumnType.TEXT, ColumnType.NAME, ColumnType.WITHHELD):
        parsed = ((name, f"parse_text({text})" if kind is ColumnType.TEXT else text),)
        issue = suspect = ""
        if kind is ColumnType.TEXT:
            issue, suspect = f"cell_issue({text})", f"cell_issue({text}) is not null"
        stored = () if kind is not ColumnType.TEXT else stored
        if column.keep == "key":
            stored = ((f"{name}_key", hmac(f"'name:' || sender || ':' || key_text({text})", text)),)
    else:
        argument = f"{text}, {unit_column(column)}" if kind in WITH_UNIT else text
        parsed = ((name if column.largest is None else _read(column), _parse(column, argument)),)
        issue = f"issue_{kind.value}({argument}, {name})"
        if column.largest is not None:
            issue = f"case when {_beyond(column)} then 'out_of_range' else {issue} end"
        suspect = (
            f"({text} is not null and {name} is null)" if kind not in FLAGGED else f"{issue} is not null"
        )
        if kind is ColumnType.CITIZEN_ID:
            suspect = f"case when {name} = {text} then not id_prefix_known({number_column(column)} // 100000000000) else {suspect} end"
            stored = ((name.removesuffix("_id") + "_key", hmac(name, name)),)
        elif kind is ColumnType.PHONE:
            stored = ()
        elif kind is ColumnType.DATE and column.personal:
            stored = ((name.removesuffix("_on") + "_decade", f"year({name}) // 10 * 10"),)
    present = f"({text} is not null or {issue} is not null)" if kind in LOOKED_UP else f"{text} is not null"
    unread = f"({present} and {value} is null)" if stored and kind not in _PERSONAL else ""
    rejects = (
        f"({present} and {value} is null)"
        if column.rejects and (kind not in WORDS or record.is_decision)
        else ""
    )
    if rejects and not record.is_decision and column.largest is not None:
        # What its cell says is known to be wrong, the rest of the row is not: its column is open.
        rejects = f"case when {rejects} then not {_beyond(column)} else false end"
    if column.required:
        missing = f"(not ({present}) and not {absent_column(column)})"
        issue = f"case when {missing} then 'missing' else {issue or 'cast(null as varchar)'} end"
        suspect = " or ".join(filter(None, [missing, suspect]))
        rejects = " or ".join(filter(None, [missing, rejects]))
    return ColumnSql(column, parsed, issue, suspect, unread, rejects, stored)


def _written(column: Column) -> str:
    """The text of a cell; a stroke is none, as 无 is of money, a month and day without a year are in the year that the table covers."""
    cell = f'a."{column.name}"'
    if column.type in _STROKES:
        cell = f"stated({cell})"
    if column.type is ColumnType.MONEY:
        cell = f"nullif({cell}, '无')"
    if column.type in (ColumnType.DATE, ColumnType.SPAN) and not column.personal:
        return f"in_covered_year({cell}, p.covers_from, p.covers_to)"
    return cell


def _fails(record: Record, check: Check, cells: list[ColumnSql]) -> str:
    """Whether a row breaks a rule; one that an empty cell breaks is only judged where the table has its columns and
    their cells could be read: else it would be told that something is missing that is there."""
    broken = f"not coalesce({check.rule}, true)"
    if record.is_decision or not _asks_for_null(record, check):
        return broken
    asked = [cell for cell in cells if cell.column.name in record.sources(check.rule)]
    unknown = [absent_column(cell.column) for cell in asked] + [cell.unread for cell in asked if cell.unread]
    return f"{broken} and not ({' or '.join(unknown)})"


def _parse(column: Column, argument: str) -> str:
    parsed = f"parse_{column.type.value}({argument})"
    if column.type is ColumnType.CITIZEN_ID:
        return f"coalesce(plain_citizen_id({argument}, {number_column(column)}), {parsed})"
    return parsed


def _read(column: Column) -> str:
    return f"read_{column.name}"


def _beyond(column: Column) -> str:
    """Whether a number was read and is more than its contract takes for plausible."""
    return f"({column.name} is null and {_read(column)} is not null)"


def hash_parameters(statement: str, of: tuple[bytes, bytes]) -> dict[str, bytes] | None:
    """The parameters of a statement that hashes with a key, the two padded ones of it; None for any other."""
    return dict(zip(("inner", "outer"), of, strict=True)) if "$inner" in statement else None


def hmac(message: str, present: str) -> str:
    """HMAC-SHA256 (RFC 2104) of a text, first 16 bytes; NULL where there is nothing to hash."""
    inner = f"unhex(sha256($inner || encode({message})))"
    return f"case when {present} is not null then unhex(left(sha256($outer || {inner}), 32)) end"


def _dated(record: Record) -> str:
    column = record.columns[record.dated or ""]
    first, last = (column.name, column.name)
    if column.type is ColumnType.SPAN:
        first, last = f"{column.name}_from_on", f"{column.name}_to_on"
    return f"coalesce({last} < covers_from or {first} > covers_to, false) as x_outside_period"


def _suspects(record: Record, cells: list[ColumnSql]) -> list[str]:
    """Cheap conditions, one of which is true for every row that is not clean."""
    dated = ["x_outside_period"] if record.dated else []
    return [*(c.suspect for c in cells if c.suspect), *(f"x_{check.id}" for check in record.checks), *dated]


def _open_list(cells: list[ColumnSql], suspects: str) -> str:
    """Columns of which nobody knows what they say of the row: those that a held column may be, and unread cells."""
    items = [f"case when {c.unread} then '{c.column.name}' end" for c in cells if c.unread]
    listed = f"list_filter([{', '.join(items)}], lambda i: i is not null)" if items else "[]"
    if not suspects:
        return "held_columns"
    return (
        f"case when {suspects} then nullif(list_concat(coalesce(held_columns, []), {listed}), []) "
        "else held_columns end"
    )


def _issue_list(record: Record, cells: list[ColumnSql], suspects: str) -> str:
    """NULL for a clean row, else the list of 'column:code'; of a row that the reader rejects, its reason alone.

    Clean is decided by what is cheap to ask of every row; the issues themselves, whose macros look at
    text, are written inside the branch that only the other rows take (measured: 1.4 s per million rows).
    """
    checks = [(f"x_{check.id}", check.id, _pointed(record, check)) for check in record.checks]
    if record.dated:
        checks.append(("x_outside_period", "outside_period", record.dated))
    items = [f"'{c.column.name}:' || {c.issue}" for c in cells if c.issue]
    items += [f"case when {failed} then '{column}:{code}' end" for failed, code, column in checks]
    listed = f"list_filter([{', '.join(items)}], lambda i: i is not null)"
    judged = f"when {suspects} then nullif({listed}, [])" if suspects else ""
    return f"case when reader_issue is not null then [':' || reader_issue] {judged} end"


def _pointed(record: Record, check: Check) -> str:
    return record.stored_at(check) or ""
