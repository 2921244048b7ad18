"""Read-only questions to a published warehouse, answered as data frames for people."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from flows.database.connect import open_published


def run_sql(warehouse: Path, sql: str, parameters: dict[str, object] | None = None) -> pd.DataFrame:
    """The rows of one SELECT on a warehouse opened read-only; `duckdb.Error` says what is wrong with it."""
    with open_published(warehouse) as con:
        con.execute("set enable_external_access = false")
        return con.execute(sql, parameters).df()


def metrics(warehouse: Path, unit: str, year: int) -> pd.DataFrame:
    """Indicators of one unit and calendar year: label, unit of measure, state, value, target, attainment."""
    return run_sql(
        warehouse,
        """select i.label as 指标, v.value as 实绩, i.unit as 单位, v.state as 状态, a.target as 目标, a.attainment as 完成率
        from metric.value as v
        join ref.indicator as i using (indicator_id)
        left join (
          select indicator_id, max(target) as target, max(attainment) as attainment
          from assess.item_score
          where unit_code = $unit and year = $year and is_leaf
          group by indicator_id
        ) as a using (indicator_id)
        where v.unit_code = $unit and v.period_id = cast($year as varchar) and v.category is null
        order by i.area, i.indicator_id""",
        {"unit": unit, "year": year},
    )


def result(warehouse: Path, unit: str, year: int) -> pd.DataFrame:
    """What a unit reached in a year: total, places, grade, status; no row where the year is not scored."""
    return run_sql(
        warehouse,
        """select r.total_points as 总分, r.group_id as 分组, r.group_rank as 组内名次,
          (select count(*) from assess.result as o where o.year = r.year and o.group_id = r.group_id) as 组内单位数,
          r.overall_rank as 总名次, coalesce(c.label, r.grade) as 等次, r.status as 状态,
          coalesce(b.label, r.grade_best) as 最好等次, coalesce(w.label, r.grade_worst) as 最差等次
        from assess.result as r
        left join ref.code as c on c.list = 'assessment_grade' and c.code = r.grade
        left join ref.code as b on b.list = 'assessment_grade' and b.code = r.grade_best
        left join ref.code as w on w.list = 'assessment_grade' and w.code = r.grade_worst
        where r.unit_code = $unit and r.year = $year""",
        {"unit": unit, "year": year},
    )


def leaf_scores(warehouse: Path, unit: str, year: int) -> pd.DataFrame:
    """The points of one unit and year item by item, without blocks, in the order of the scheme."""
    return run_sql(
        warehouse,
        """select i.label as 项目, s.full_points as 满分, s.points as 得分, s.full_points - s.points as 失分, s.state as 状态
        from assess.item_score as s
        join ref.item as i using (year, item_id)
        where s.unit_code = $unit and s.year = $year and s.is_leaf
        order by i.position""",
        {"unit": unit, "year": year},
    )


def findings(warehouse: Path, year: int) -> dict[str, int]:
    """How many matters of a year are to be settled or known, by severity."""
    frame = run_sql(
        warehouse,
        "select severity, count(*) as number from assess.finding where year = $year group by severity",
        {"year": year},
    )
    found = dict(zip(frame["severity"], frame["number"], strict=True))
    return {severity: int(found.get(severity, 0)) for severity in ("error", "warning", "info")}
