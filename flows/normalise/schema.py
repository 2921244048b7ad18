"""A new build database: schemas, macros, reference tables, the tables and views of every record kind.

All of it follows from contracts, code lists, macros and reference data; where one of them changed, the vault is read again.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import duckdb

from flows.contract.catalogue import ROOT, ContractError, code_lists, issue_messages
from flows.contract.record import SQL_TYPE, Column, ColumnType, Record
from flows.contract.units import Reference
from flows.database.connect import run_file, write_table
from flows.normalise.key_sql import broken_references, written_names
from flows.normalise.record_sql import create_current, create_table, hash_parameters


def create(
    con: duckdb.DuckDBPyConnection, kinds: Mapping[str, Record], reference: Reference, root: Path = ROOT
) -> None:
    """Fill an empty database with everything but records."""
    run_file(con, root / "sql" / "meta" / "schema.sql")
    run_file(con, root / "sql" / "assess" / "table.sql")
    load_macros(con, root)
    _load_reference(con, reference)
    _load_codes(con, kinds, root)
    for record in kinds.values():
        con.execute(create_table(record))
        con.execute(create_current(record))


def bind_rules(con: duckdb.DuckDBPyConnection, kinds: Mapping[str, Record]) -> None:
    """Bind the SQL that contracts hold, before any file is read: a slip in it is no district's bad file.

    `con` has the macros. `ContractError` names the contract, the rule and what DuckDB says of it.
    """
    for record in kinds.values():
        _bind(con, record)
        for refer in record.refers:
            try:
                con.execute(f"explain {written_names(refer, f'core.{record.record}', 'true')}")
                query = broken_references(record, refer)
                con.execute(f"explain {query}", hash_parameters(query, (b"", b"")))
            except duckdb.Error as error:
                raise ContractError(
                    f"sql/record/{record.record}.yml: refers {refer.column}: {error}"
                ) from error


def _bind(con: duckdb.DuckDBPyConnection, record: Record) -> None:
    cells = ", ".join(
        f"cast(null as {kind}) as {name}" for c in record.read_columns for name, kind in _parsed(c)
    )
    context = (
        "cast(null as varchar) as sender, cast(null as date) as covers_from, cast(null as date) as covers_to"
    )
    derived = [c for c in record.columns.values() if c.derive]
    known = f"select {cells}, {context}"
    with_derived = f"select *, {_derived(derived)} from ({known})" if derived else known
    rules = [(f"column {c.name}, derive", c.derive, known) for c in derived]
    rules += [(f"check {check.id}, rule", check.rule, with_derived) for check in record.checks]
    asked = ", ".join(f"cast({check.rule} as boolean)" for check in record.checks)
    try:
        con.execute(f"explain select {asked or '1'} from ({with_derived})")
    except duckdb.Error:
        for place, rule, source in rules:  # which of them, and what DuckDB says of it alone
            try:
                con.execute(f"explain select ({rule}) from ({source})")
            except duckdb.Error as error:
                raise ContractError(f"sql/record/{record.record}.yml: {place}: {rule}: {error}") from error
        raise


def _parsed(column: Column) -> tuple[tuple[str, str], ...]:
    """(name, SQL type) of a column as the rules of its contract see it, before personal columns are dropped."""
    if column.type is ColumnType.SPAN:
        return column.stored
    return ((column.name, SQL_TYPE.get(column.type, "VARCHAR")),)


def _derived(columns: list[Column]) -> str:
    return ", ".join(f"cast({c.derive} as {c.stored[0][1]}) as {c.name}" for c in columns)


def load_macros(con: duckdb.DuckDBPyConnection, root: Path = ROOT) -> None:
    """Create the macros of every column type; a macro may use those of `text` and `number`, so these come first."""
    first = ("text", "number")
    for path in sorted(
        (root / "sql" / "macro").glob("*.sql"), key=lambda p: (p.stem not in first, p.stem != "text", p.stem)
    ):
        run_file(con, path)


def _load_reference(con: duckdb.DuckDBPyConnection, data: Reference) -> None:
    valid = {"valid_from": "date", "valid_to": "date"}
    write_table(
        con,
        "ref.unit",
        {
            "unit_code": "varchar",
            "name": "varchar",
            "kind": "varchar",
            "parent_code": "varchar",
            **valid,
            "short_name": "varchar",
            "is_assessed": "boolean",
        },
        [
            (
                u.unit_code,
                u.name,
                u.kind,
                u.parent_code,
                u.valid_from,
                u.valid_to,
                u.short_name,
                u.is_assessed,
            )
            for u in data.units
        ],
    )
    write_table(
        con,
        "ref.unit_change",
        {"from_unit": "varchar", "to_unit": "varchar", "on_date": "date"},
        [(c.from_unit, c.to_unit, c.on_date) for c in data.unit_changes],
    )
    write_table(
        con,
        "ref.division",
        {
            "division_code": "varchar",
            "name": "varchar",
            "level": "varchar",
            "parent_code": "varchar",
            **valid,
            "source": "varchar",
        },
        [
            (d.code, d.name, d.level, d.parent_code, d.valid_from, d.valid_to, d.source)
            for d in data.divisions
        ],
    )
    write_table(
        con,
        "ref.period",
        {"period_id": "varchar", "label": "varchar", "from_on": "date", "to_on": "date"},
        [(p.period_id, p.label, p.from_on, p.to_on) for p in data.periods],
    )
    write_table(
        con,
        "ref.calendar",
        {"record": "varchar", "period_id": "varchar", "due_on": "date"},
        [(d.record, d.period_id, d.due_on) for d in data.calendar],
    )
    write_table(
        con,
        "ref.fall_limit",
        {"record": "varchar", "against": "varchar", "fall_share": "decimal(9, 6)", "least_rows": "bigint"},
        [(f.record, f.against, f.fall_share, f.least_rows) for f in data.fall_limits],
    )
    write_table(con, "ref.id_prefix", {"prefix": "varchar"}, [(prefix,) for prefix in data.id_prefixes])


def _load_codes(con: duckdb.DuckDBPyConnection, kinds: Mapping[str, Record], root: Path) -> None:
    lists = code_lists(root)
    entries = [(name, e) for name, codes in lists.items() for e in codes]
    span = {"valid_from": "smallint", "valid_to": "smallint"}
    write_table(
        con,
        "ref.code",
        {"list": "varchar", "code": "varchar", "label": "varchar", "label_en": "varchar", **span},
        [(n, e.code, e.label, e.label_en, e.valid_from, e.valid_to) for n, e in entries],
    )
    write_table(
        con,
        "ref.issue",
        {"code": "varchar", "severity": "varchar", "message": "varchar"},
        issue_messages(root),
    )
    severity = {"reject": "error", "warn": "warning"}
    write_table(
        con,
        "ref.check_issue",
        {"record": "varchar", "code": "varchar", "severity": "varchar", "message": "varchar"},
        [(r.record, c.id, severity[c.severity], c.message) for r in kinds.values() for c in r.checks],
    )
    write_table(
        con,
        "ref.record",
        {
            "record": "varchar",
            "label": "varchar",
            "area": "varchar",
            "is_snapshot": "boolean",
            "is_form": "boolean",
            "office_speaks_for_all": "boolean",
        },
        [
            (r.record, r.label, r.area, r.snapshot, r.years_across, r.office_speaks_for_all)
            for r in kinds.values()
        ],
    )
    write_table(
        con,
        "ref.record_column",
        {"record": "varchar", "column_name": "varchar", "label": "varchar", "rejects": "boolean"},
        [
            (r.record, c.name, c.label, c.rejects or c.required)
            for r in kinds.values()
            for c in r.columns.values()
        ],
    )
    write_table(
        con,
        "ref.reference",
        {
            "record": "varchar",
            "column_name": "varchar",
            "to_record": "varchar",
            "to_column": "varchar",
            "blocks": "boolean",
        },
        [(r.record, f.column, *f.target, f.broken == "block") for r in kinds.values() for f in r.refers],
    )
