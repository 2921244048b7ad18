"""Rows as they may be shown: the cells a definition reads, and why a row does not count.

Refuses every column that a contract calls personal, whatever it holds: its value is None, and the query does not ask
for it. Persons are told apart by numbers that mean nothing outside of one answer.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

import duckdb

from flows.audit.evidence import Cell, Passed, Source
from flows.contract.catalogue import code_lists, records
from flows.contract.indicator import Indicator
from flows.contract.record import Column, ColumnType, Record
from flows.metrics.indicator_sql import columns_read

Address = tuple[int, int]


def cells(
    con: duckdb.DuckDBPyConnection, indicator: Indicator, addresses: Collection[Address]
) -> dict[Address, tuple[Cell, ...]]:
    """What the indicator's SELECT reads of rows of `con`, by address."""
    out: dict[Address, tuple[Cell, ...]] = {}
    for record in (records()[name] for name in indicator.records):
        out |= cells_of(con, record, _read(con, record, indicator), addresses)
    return out


def cells_of(
    con: duckdb.DuckDBPyConnection,
    record: Record,
    columns: Sequence[tuple[str, Column]],
    addresses: Collection[Address],
) -> dict[Address, tuple[Cell, ...]]:
    """Stored columns of rows of one kind, by address; those about persons without their value."""
    open_ones = [name for name, column in columns if not column.personal]
    rows = con.execute(
        f"select c.part_id, c.row_number{''.join(f', c.{name}' for name in open_ones)} from core.{record.record} as c "
        f"semi join {ADDRESSES} as a on a.part_id = c.part_id and a.row_number = c.row_number",
        asked_for(addresses),
    ).fetchall()
    out = {}
    for part, row, *values in rows:
        value = dict(zip(open_ones, values, strict=True))
        out[part, row] = tuple(
            Cell(_label(name, column), _text(column, value[name]) if name in value else None)
            for name, column in columns
        )
    return out


#: Addresses as a table; its parameters are those of `asked_for`.
ADDRESSES = "(select unnest($parts) as part_id, unnest($rows) as row_number)"


def asked_for(addresses: Iterable[Address]) -> dict[str, list[int]]:
    """Parameters of `ADDRESSES`."""
    wanted = sorted(addresses)
    return {"parts": [part for part, _ in wanted], "rows": [row for _, row in wanted]}


def _read(con: duckdb.DuckDBPyConnection, record: Record, indicator: Indicator) -> list[tuple[str, Column]]:
    """Stored columns that the SELECTs of a record kind name; whose row it is, is said already."""
    words = columns_read(con, indicator, record.record)
    return [
        (name, column)
        for name, _, column in record.stored_columns
        if column is not None and name in words and column.type is not ColumnType.UNIT
    ]


def _label(name: str, column: Column) -> str:
    if name == f"{column.name}_from_on":
        return f"{column.label}（起）"
    return f"{column.label}（止）" if name == f"{column.name}_to_on" else column.label


def _text(column: Column, value: object) -> str:
    if value is None:
        return "空"
    if isinstance(value, bool):
        return "是" if value else "否"
    if column.list:
        return next((e.label for e in code_lists()[column.list] if e.code == value), str(value))
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value.isoformat() if isinstance(value, date) else str(value)


def beside(
    edition: duckdb.DuckDBPyConnection,
    indicator: Indicator,
    members: Iterable[str],
    first_on: date,
    last_on: date,
) -> dict[int, str]:
    """Tables of the period that do not count, with the reason in Chinese: replaced, withdrawn, held back."""
    rows = edition.execute(
        """select p.part_id, case
          when d.withdrawn_at is not null then '整份报送已于' || strftime(d.withdrawn_at, '%Y-%m-%d') || '撤回：' || d.withdrawn_reason
          when p.replaced_by is not null then '已被第' || n.delivery_id || '号报送更正'
          else '整表搁置：' || coalesce(c.message, p.held, '') end
        from meta.part as p
        join meta.delivery as d on d.delivery_id = p.delivery_id
        left join meta.part as n on n.part_id = p.replaced_by
        left join ref.issue as c on c.code = p.held
        where not p.in_force and list_contains($records, p.record)
          and coalesce(p.covers_from <= $last and p.covers_to >= $first, true)
          and (list_contains($members, d.sender) or exists (
            from meta.part_unit as u where u.part_id = p.part_id and list_contains($members, u.unit_code)))""",
        {"records": list(indicator.records), "members": list(members), "first": first_on, "last": last_on},
    ).fetchall()
    return dict(rows)


def passed_over(
    con: duckdb.DuckDBPyConnection,
    indicator: Indicator,
    sources: Mapping[int, Source],
    members: Iterable[str],
    whole: Mapping[int, str],
    limit: int,
) -> tuple[list[Passed], dict[str, int]]:
    """Rows of the tables of `sources` that the SELECT does not give, the first with their reasons, and counts by reason.

    `whole`: tables that do not count as such, with why.
    """
    shown: list[Passed] = []
    counts: dict[str, int] = {}
    for name in indicator.records:
        parts = [p for p, s in sources.items() if s.record == name]
        con.execute(_PASSED.format(record=name), {"record": name, "parts": parts, "members": list(members)})
        for reason, rows in con.execute("select reason, count(*) from passed_row group by all").fetchall():
            counts[reason] = counts.get(reason, 0) + rows
        rows = con.execute(_FIRST, {"limit": limit - len(shown)}).fetchall()
        shown += [
            Passed(part, row, reason, whole.get(part) or detail or "") for part, row, reason, detail in rows
        ]
    loaded = {
        p for (p,) in con.execute("select part_id from meta.part where rows_read > rows_ignored").fetchall()
    }
    held = [Passed(p, None, "not_in_force", why) for p, why in sorted(whole.items()) if p not in loaded]
    return shown + held, counts


_PASSED = """create or replace temporary table passed_row as
select c.part_id, c.row_number, case
    when not m.in_force then 'not_in_force' when c.row_state = 'rejected' then 'rejected'
    when c.row_state = 'duplicate' then 'duplicate' when l.part_id is not null then 'key_elsewhere'
    else 'not_meant' end as reason,
  l.winner_part_id // 1000 as winner_delivery, l.winner_row_number
from core.{record} as c
join meta.part as m on m.part_id = c.part_id
join meta.delivery as d on d.delivery_id = m.delivery_id
left join meta.loser as l on l.record = $record and l.part_id = c.part_id and l.row_number = c.row_number
where list_contains($parts, c.part_id) and list_contains($members, coalesce(c.unit_code, d.sender))
  and not exists (from found_row as f where f.part_id = c.part_id and f.row_number = c.row_number)"""

#: The findings of a row of a turned table name its column in their text.
_FIRST = """
with first as (from passed_row order by part_id, row_number limit $limit)
select f.part_id, f.row_number, f.reason, case
    when f.reason = 'key_elsewhere' then '第' || f.winner_delivery || '号报送第' || f.winner_row_number || '行'
    else (select string_agg(distinct i.message, '；' order by i.message) from meta.issue as i where i.part_id = f.part_id
      and i.severity <> 'info'
      and (i.row_number = f.row_number or starts_with(i.message, '第' || f.row_number || '列：'))) end
from first as f order by f.part_id, f.row_number"""
