"""What goes wrong on the way: late corrections, withdrawn files, zero reports, junk, wrong folders.

Each mishap is made from tables that are right, so that the truth stays known: a correction is the
right table and what came before it lacked rows; a withdrawn file came last and counts for nothing.
"""

from __future__ import annotations

from copy import deepcopy
from datetime import date, timedelta
from random import Random

from flows.sample import files, generic, pack
from flows.sample.model import Delivery, Row, Table
from flows.sample.scene import Unit

#: Kinds whose rows carry a full key of their own, so that telling them twice is seen.
TWICE_TOLD = ("mediation", "tripartite_meeting", "library", "training_held")


def happen(unit: Unit, deliveries: list[Delivery], seed: int) -> list[Delivery]:
    """More deliveries of a unit, made from those that it sends anyway; may change the earlier ones."""
    out: list[Delivery] = []
    for delivery in deliveries:
        rng = Random(f"{seed}/{unit.code}/{delivery.name}/mishap")
        if delivery.bulk is not None or not delivery.tables:
            continue
        draw = rng.random()
        if draw < 0.06:
            out.append(_corrected(unit, delivery, rng))
        elif draw < 0.10:
            out.append(_withdrawn(delivery, rng))
        elif draw < 0.13:
            out.append(_zero(unit, delivery, rng))
        elif draw < 0.16:
            out.append(_unknown_header(delivery, rng))
        elif draw < 0.20:
            out += _half_year(unit, delivery, rng)
        elif draw < 0.22:
            out += _tie(unit, delivery, rng)
        elif draw < 0.24:
            out.append(_column_missing(delivery, rng))
        _spoil(delivery, rng)
    return out


def _free_table(delivery: Delivery, rng: Random) -> Table | None:
    chosen = [t for t in delivery.tables if len(t.rows) > 2 and not t.record.snapshot]
    return rng.choice(chosen) if chosen else None


def _copy(table: Table, rows: list[Row]) -> Table:
    style = deepcopy(table.style)
    return Table(table.record, table.first, table.last, table.title, rows, style)


def _later(delivery: Delivery, table: Table, days: int, suffix: str) -> Delivery:
    table.sheet = ""
    name = f"{pack.period_text(table.first, table.last)}{table.record.label.replace('/', '')}{suffix}.csv"
    return Delivery(
        delivery.received + timedelta(days=days), delivery.sender, delivery.folder, name, [table], "gb18030"
    )


def _corrected(unit: Unit, delivery: Delivery, rng: Random) -> Delivery:
    """The first version lacked a third of its rows; the correction, weeks later, replaces it whole."""
    table = _free_table(delivery, rng) or delivery.tables[0]
    right = _copy(table, list(table.rows))
    told_twice = {row.ident for row in table.rows if row.state == "duplicate"}
    table.rows = [r for n, r in enumerate(table.rows) if n % 3 or r.ident in told_twice]
    return _later(delivery, right, 30 + rng.randrange(20), "（更正）")


def _withdrawn(delivery: Delivery, rng: Random) -> Delivery:
    """A later version with half of the rows, sent by mistake and taken back."""
    table = _free_table(delivery, rng) or delivery.tables[0]
    late = _later(
        delivery, _copy(table, table.rows[: len(table.rows) // 2]), 60 + rng.randrange(9), "（误报）"
    )
    late.withdrawn = "误报，已函告撤回"
    return late


def _zero(unit: Unit, delivery: Delivery, rng: Random) -> Delivery:
    """A form without a row: nothing to report in the half-year before the unit's first year here."""
    table = delivery.tables[rng.randrange(len(delivery.tables))]
    first, last = date(2010, 1, 1), date(2010, 6, 30)
    empty = pack.table_of(unit, table.record, [], first, last, rng)
    empty.style.title = True
    return _later(delivery, empty, 1 + rng.randrange(5), "（零报告）")


def _unknown_header(delivery: Delivery, rng: Random) -> Delivery:
    """A part with a column that nobody knows is held back; the earlier one stays in force."""
    table = _free_table(delivery, rng) or delivery.tables[0]
    odd = _copy(table, table.rows[:3])
    odd.extra_header, odd.held = "自定义栏", "header_unknown"
    return _later(delivery, odd, 75 + rng.randrange(9), "（补充）")


def _half_year(unit: Unit, delivery: Delivery, rng: Random) -> list[Delivery]:
    """The half-year told before the whole year: different periods add, so what is told twice must be seen."""
    out = []
    for table in delivery.tables:
        if table.record.record not in TWICE_TOLD or (table.first.month, table.last.month) != (1, 12):
            continue
        last = date(table.first.year, 6, 30)
        early = [r for r in table.rows if r.on and r.on <= last and r.state == "accepted"]
        if early and all(generic.key_of(table.record, r.values) for r in early):
            half = pack.table_of(unit, table.record, early, table.first, last, rng)
            half.style.title = True
            out.append(pack.csv_delivery(unit, half, last + timedelta(days=12 + rng.randrange(9)), rng))
    return out


def _tie(unit: Unit, delivery: Delivery, rng: Random) -> list[Delivery]:
    """Two files of one day for one slot that differ: nobody can know which counts, so neither does."""
    table = _free_table(delivery, rng) or delivery.tables[0]
    out = []
    for n, suffix in enumerate(("（定稿）", "（最终）")):
        half = pack.table_of(
            unit, table.record, table.rows[: n + 1], date(2010, 7, 1), date(2010, 12, 31), rng
        )

        half.style.title, half.held = True, "slot_tie"
        tied = _later(delivery, half, 90, suffix)
        tied.name = f"2010年下半年{table.record.label.replace('/', '')}{suffix}.csv"
        out.append(tied)
    return out


def _column_missing(delivery: Delivery, rng: Random) -> Delivery:
    """A table without a column that it must have is held back."""
    table = _free_table(delivery, rng) or delivery.tables[0]
    short = _copy(table, table.rows[:3])
    names = [c.name for c in files.columns_of(short)]
    known = set(table.record.recognise.columns)
    spare = [c.name for c in table.record.read_columns if c.required and c.name not in known]
    if spare:
        short.columns = tuple(n for n in names if n != spare[0])
        short.held = "column_missing"
    else:
        short.extra_header, short.held = "自定义栏", "header_unknown"
    return _later(delivery, short, 80 + rng.randrange(9), "（缺列）")


def _spoil(delivery: Delivery, rng: Random) -> None:
    """A line told twice, a line that must be rejected, in tables of the smaller units."""
    for table in delivery.tables:
        rows = [r for r in table.rows if r.state == "accepted"]
        if not rows or len(table.rows) > 200 or rng.random() > 0.08:
            continue
        row = rng.choice(rows)
        if rng.random() < 0.5 and generic.key_of(table.record, row.values) is not None:
            table.rows.append(
                Row(dict(row.values), "duplicate", ("duplicate_row",), (), row.ident, row.subject, row.on)
            )
            continue
        required = [c for c in table.record.read_columns if c.required]
        if required:
            values = dict(row.values) | {rng.choice(required).name: None}
            table.rows.append(Row(values, "rejected", ("missing",), (), "", row.subject, row.on))


JUNK: tuple[tuple[str, str, bytes, tuple[str, ...]], ...] = (
    (
        "无名单位",
        "2014年度劳动争议调解台账.csv",
        "案号,受理日期\r\n1,2014-03-05\r\n".encode(),
        ("sender_unknown",),
    ),
    ("永川区", "说明.docx", b"PK\x03\x04 not a sheet", ("workbook_broken",)),
    ("永川区", "空文件.csv", b"", ("file_empty",)),
    ("万州区", "扫描件.xlsx", bytes(range(256)) * 8, ("file_binary",)),
    ("万州区", "2013年度乱码.csv", b"\xff\xfe\x00\xd8" * 40, ("encoding_unknown",)),
)


_SENDERS = {"永川区": "yongchuan", "万州区": "wanzhou"}


def junk() -> list[Delivery]:
    """Files that nobody can read and a folder that nobody knows: one issue each, the others go on."""
    return [
        Delivery(
            date(2015, 3, 2 + n),
            _SENDERS.get(folder, ""),
            folder,
            name,
            [],
            content=content,
            problems=problems,
        )
        for n, (folder, name, content, problems) in enumerate(JUNK)
    ]
