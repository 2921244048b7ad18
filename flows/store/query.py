"""Read-only questions to a published warehouse, answered as data frames for people."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pandas as pd


class NoWarehouse(RuntimeError):
    """There is no published warehouse yet."""


def run_sql(warehouse: Path, sql: str, parameters: dict[str, object] | None = None) -> pd.DataFrame:
    """The rows of one SELECT on a warehouse opened read-only; `duckdb.Error` says what is wrong with it."""
    if not warehouse.exists():
        raise NoWarehouse(
            f"no warehouse at {warehouse}: run `union-assessment run --year YEAR --inbox DIR` first"
        )
    con = duckdb.connect(str(warehouse), read_only=True)
    try:
        con.execute("set enable_external_access = false")
        return con.execute(sql, parameters).df()
    finally:
        con.close()


def metrics(warehouse: Path, unit: str, year: int) -> pd.DataFrame:
    """Indicators of one unit and calendar year: label, unit of measure, state, value, target, attainment."""
    return run_sql(
        warehouse,
        """select i.label as 指标, v.value as 实绩, i.unit as 单位, v.state as 状态, a.target as 目标, a.attainment as 完成率
        from metric.value as v
        join ref.indicator as i using (indicator_id)
        left join assess.attainment as a
          on a.unit_code = v.unit_code and a.indicator_id = v.indicator_id and a.year = $year
        where v.unit_code = $unit and v.period_id = cast($year as varchar) and v.category is null
        order by i.area, i.indicator_id""",
        {"unit": unit, "year": year},
    )
