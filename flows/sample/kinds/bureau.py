"""The statistics bureau's table as the city office passes it on: years across, newest first, gaps left empty.

Every year that has values is a report of its own period; a cell without a value is not reported.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from flows.contract.record import Record
from flows.sample import pack
from flows.sample.files import NOTICE
from flows.sample.model import Delivery, Mark, Row, Style, Table
from flows.sample.scene import YEARS, Scene, Unit


def employment(scene: Scene, record: Record, units: list[Unit]) -> Delivery:
    """People employed in urban units, in 万人 to one decimal, of the units that lived through all years."""
    title = f"城镇单位就业人员统计（{YEARS[0]}-{YEARS[-1]}年）"
    tables = {
        year: Table(record, date(year, 1, 1), date(year, 12, 31), title, [], Style(), state="")
        for year in YEARS
    }
    alive = [u for u in units if u.lives_on(date(YEARS[0], 1, 1)) and u.lives_on(date(YEARS[-1], 12, 31))]
    lines = [
        title,
        "指标：城镇单位就业人员(万人)",
        NOTICE,
        "地区," + ",".join(f"{y}年" for y in reversed(YEARS)),
    ]
    for n, unit in enumerate(alive):
        tenths = scene.rng.randint(60, 600)
        written: dict[int, str] = {}
        for year in YEARS:
            value = tenths + 7 * (year - YEARS[0])
            if (n, year) == (2, YEARS[1]):
                continue  # not reported: an empty cell, never a zero
            written[year] = f"{value // 10}.{value % 10}"
            day = date(year, 12, 31)
            row = Row({"unit_code": unit.short, "urban_employed_people": Decimal(written[year])}, on=day)
            row.subject, row.ident = unit.code, f"{unit.code}/employed/{year}"
            row.marks = (Mark("urban_employed", day, value * 1_000, until=day),)
            tables[year].rows.append(row)
        lines.append(unit.short + "," + ",".join(written.get(y, "") for y in reversed(YEARS)))
    lines.append(f"注：{NOTICE}。")
    for year, table in tables.items():
        extra = 1 if year == YEARS[0] else 0  # what is no data of any year goes with the first
        count = len(table.rows)
        table.numbers = {
            "rows_read": count + extra,
            "accepted": count,
            "rejected": 0,
            "duplicate": 0,
            "ignored": extra,
        }
    return Delivery(
        received=date(2016, 3, 1),
        sender=scene.unit.code,
        folder=pack.folder(scene.unit),
        name="城镇单位就业人员.csv",
        tables=[t for t in tables.values() if t.rows],
        encoding="gb18030",
        content="\r\n".join([*lines, ""]).encode("gb18030"),
    )
