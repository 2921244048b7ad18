"""Member rolls of any size for benchmarks, written by DuckDB; every person in them is made up."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from flows.contract.catalogue import code_lists, records
from flows.contract.record import Column, ColumnType

#: Sum over the first 17 digits of weight * digit, modulo 11, picks the check character (GB 11643).
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


#: Towns of Yongchuan, whose rolls these are unless other places are given.
TOWNS = ["中山路街道", "胜利路街道", "南大街街道", "青峰镇", "吉安镇", "三教镇", "朱沱镇"]


def _expression(column: Column, towns: Sequence[str]) -> str:
    if column.list is not None:
        labels = [entry.label for entry in code_lists()[column.list] if entry.valid_to is None]
        labels = ["居民身份证"] if column.list == "id_kind" else labels
        return f"{labels!r}[1 + i % {len(labels)}]"
    match column.type:
        case ColumnType.CITIZEN_ID:
            return "citizen_id"
        case ColumnType.DATE if column.personal:
            return "strftime(born, '%Y-%m-%d')"
        case ColumnType.DATE | ColumnType.SPAN:
            return "strftime(date '2005-01-01' + (i % 3650)::int, '%Y-%m-%d')"
        case ColumnType.BOOL:
            return "if(i % 3 = 0, '是', '否')"
        case ColumnType.PHONE:
            return "'13' || lpad((i % 1000000000)::varchar, 9, '0')"
        case ColumnType.NAME:
            return "'样' || chr(19968 + (i % 5000)::int)"
        case ColumnType.COUNT | ColumnType.YEAR | ColumnType.MONEY | ColumnType.DECIMAL | ColumnType.PCT:
            return "(2000 + i % 20)::varchar"
        case ColumnType.DIVISION:
            return f"{list(towns)!r}[1 + i % {len(towns)}]"
        case _:
            return f"'虚构{column.label}' || (i % 900)::varchar"


def write_roll(path: Path, rows: int, first: int = 0, towns: Sequence[str] = TOWNS) -> None:
    """A UTF-8 CSV with one header line and `rows` different made-up members from number `first` on, of `towns`."""
    record = records()["member"]
    digits = " + ".join(f"{w} * substr(stem, {i}, 1)::int" for i, w in enumerate(_WEIGHTS, 1))
    sex = "if(substr(stem, 17, 1)::int % 2 = 1, '男', '女')"
    chosen = ", ".join(
        f'{sex if c.list == "sex" else _expression(c, towns)} as "{c.header[0]}"' for c in record.read_columns
    )
    duckdb.sql(
        f"""copy (
          with numbered as (select range as i from range({first}, {first + rows})),
          stemmed as (select i, date '1960-01-01' + (i // 1000 % 15000)::int as born,
            '510229' || strftime(date '1960-01-01' + (i // 1000 % 15000)::int, '%Y%m%d') || lpad((i % 1000)::varchar, 3, '0') as stem
            from numbered),
          identified as (select *, stem || substr('10X98765432', 1 + ({digits}) % 11, 1) as citizen_id from stemmed)
          select {chosen} from identified
        ) to '{path}' (header, delimiter ',')"""
    )
