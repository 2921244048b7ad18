"""Kinds that are no lots: rolls too large for rows, tables that say what files of the repository say, years across.

Yongchuan's last roll holds 260,000 different members, 146,000 of them migrant workers. Besides them a roll has what a
count of lines would add: people in two unions, people who left, died or were expelled, and lines that must be
rejected. A member without a usable ID is a member.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import islice
from pathlib import Path

from flows.contract.catalogue import ROOT, records
from flows.contract.indicator import indicators
from flows.sample import packing, people
from flows.sample.handwriting import FULL_WIDTH, plain_number
from flows.sample.intent import FigureShare, PlannedFile, PlannedRow, PlannedTable, Value
from flows.sample.plan import PLAN, load_plan
from flows.sample.senders import YEARS, Sender, alive
from flows.sample.sheets import NOTICE

_DAYS = [(2006 + n % 7, 1 + n % 12, 1 + n % 28) for n in range(420)]
_JOINED = [f"{y}.{m}.{d}" if n % 5 else f"{y}年{m}月" for n, (y, m, d) in enumerate(_DAYS)]


def member_rolls(sender: Sender, scale: float) -> list[PlannedFile]:
    """A CSV for each day of a roll; `scale` shrinks the planned ones."""
    dice, plan = sender.dice("member"), load_plan(sender.is_article)
    rolls = {day: (round(m * scale), round(migrant * scale)) for day, (m, migrant) in plan.rolls.items()}
    if not rolls:
        size, days = dice.randint(*plan.roll_size), [date(year, 12, 31) for year in YEARS if year >= 2013]
        rolls = {d: (size + (d.year - 2013) * 60, size // 2) for d in days if sender.unit.exists_on(d)}
    return [_Roll(sender, d, *sizes).file(packing.arrival(sender, d, dice)) for d, sizes in rolls.items()]


class _Roll:
    """One roll: `members`, and for each of the other sorts of lines how many."""

    def __init__(self, sender: Sender, day: date, members: int, migrant: int) -> None:
        self._sender, self._day, self._members, self._migrant = sender, day, members, migrant
        self._twice, self._left = max(2, members // 200), max(2, members // 80)
        self._rejected = max(2, members // 5_000)
        self._title = f"{sender.unit.name}{packing.period_text(day, day)}会员实名制名册"
        count = 1_033 if sender.is_article else 11  # unions of one employer that every register has
        self._unions = [f"{sender.short}样例单位{n:04d}工会委员会" for n in range(count)]

    def file(self, received: date) -> PlannedFile:
        """The roll as a CSV that is written line by line."""
        sender, day, members = self._sender, self._day, self._members
        table = PlannedTable(records()["member"], day, day, self._title, [])
        accepted = members + self._left
        table.count(accepted=accepted, rejected=self._rejected, duplicate=self._twice, ignored=1)
        above, issues = 3 + accepted + self._twice, ("missing", "bool_unreadable")
        table.faulty = [(above + n + 1, (issues[(accepted + n) % 2],)) for n in range(self._rejected)]
        for figure, size in (("members", members), ("migrant_members", self._migrant)):
            table.bulk_shares.append(FigureShare(figure, day, size, is_stock=True))
        encoding = "gb18030" if day.year % 2 == 0 else "utf-8-sig" if sender.number % 2 else "utf-8"
        chunks, name = _encoded(self._lines(), encoding), f"会员名册{day:%Y%m%d}.csv"
        return PlannedFile(received, sender.code, packing.folder(sender), name, [table], encoding, chunks)

    def _lines(self) -> Iterator[str]:
        yield f"{self._title}\r\n{NOTICE}\r\n"
        yield "序号,姓 名,性别,*身份证号,是否农民工,联系电话,所在工会,入会时间,会籍变化\r\n"
        for serial, (n, person, shown, change, union) in enumerate(self._people(), 1):
            name, migrant = people.NAMES[n % len(people.NAMES)], "是" if n < self._migrant else "否"
            if change == "?":  # to be rejected
                name, migrant, change = (name, "不详", "") if n % 2 else ("", migrant, "")
            yield (
                f"{serial},{name},{'男' if person[16] in '13579' else '女'},{shown},{migrant},"
                f"1390000{n % 10_000:04d},{self._unions[union % len(self._unions)]},{_JOINED[n % 420]},{change}\r\n"
            )
        yield f"注：{NOTICE}。,,,,,,,,\r\n"

    def _people(self) -> Iterator[tuple[int, str, str, str, int]]:
        """Number, ID, ID as written, change of membership and union of each line."""
        citizen, unusable, last = self._sender.citizen, self._members // 1_000, self._members + self._left
        for n in range(self._members):
            shown = person = citizen(n)
            if n < unusable:  # lossy, masked or blank
                shown = ("5.00118199001011E+17", "500118********0012", "")[n % 3]
            elif n % 50 == 7:  # of an old card
                shown = people.short_form(person)
            elif n % 50 == 11:
                shown = person.translate(FULL_WIDTH) if n % 500 == 11 else person.lower()
            yield n, person, shown, "保留" if n % 97 == 5 else "正常" if n % 3 else "", n
        for n in range(unusable, unusable + self._twice):  # in another union, written another way
            person = citizen(n)
            yield n, person, people.short_form(person) if n % 2 else person.lower(), "", n + 1
        for n in range(self._members, last):
            yield n, citizen(n), citizen(n), ("转出", "退会", "除名", "死亡")[n % 4], n
        for n in range(self._rejected):
            yield last + n, citizen(last + n), citizen(last + n), "?", n


def _encoded(lines: Iterator[str], encoding: str) -> Iterator[bytes]:
    """Lines in chunks of bytes; a byte order mark stands before the first only."""
    while batch := "".join(islice(lines, 5_000)):
        yield batch.encode(encoding)
        encoding = encoding.removesuffix("-sig")


def target_letters(units: Sequence[Sender]) -> Iterator[PlannedRow]:
    """Signed letters that say what each year's table of targets (`data/scheme/<year>/target.csv`) says.

    A letter and the table must say the same, and `union-assessment targets` shows that they do. A rate is written as a
    percentage.
    """
    for year in YEARS:
        known = {unit.code: unit for unit in alive(units, year)}
        for line in _lines_of(ROOT / "data" / "scheme" / str(year) / "target.csv", known):
            indicator, amount = indicators()[line["indicator"]], Decimal(line["target"])
            percent, day = plain_number(amount * 100) + "%", date.fromisoformat(line["effective_on"])
            values: dict[str, Value] = {
                "unit_code": known[line["unit"]].short,
                "year": year,
                "indicator": indicator.label,
                "target_written": percent if indicator.is_rate else plain_number(amount),
                "measure": None if indicator.is_rate else indicator.unit,
                "document_no": line["document_no"],
                **dict.fromkeys(("effective_on", "signed_on"), day),
            }
            yield PlannedRow(values, day, subject=line["unit"])


def past_results(units: Sequence[Sender]) -> Iterator[PlannedRow]:
    """The results of `past_result.csv`, in the table of the year in which they were decided.

    Those of scored years are what scoring this very sample gives (`python -m tests.past_result` records them); that of
    the year before the first is made up.
    """
    known = {unit.code: unit for unit in units}
    for line in _lines_of(PLAN / "past_result.csv", known):
        decided = date(int(line["year"]) + 1, 2, 20)
        values: dict[str, Value] = {
            "unit_code": known[line["unit"]].short,
            "grade": line["grade"],
            "decided_on": decided,
            "document_no": f"样总工发〔{decided.year}〕12号",
            **{name: Decimal(line[name]) for name in ("year", "total_points", "group_rank", "overall_rank")},
        }
        special = (FigureShare("special_grade_years", decided),) if line["grade"] == "special" else ()
        yield PlannedRow(values, decided, shares=special, subject=line["unit"])


def _lines_of(path: Path, units: dict[str, Sender]) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return [line for line in csv.DictReader(stream) if line["unit"] in units]


def employment(city: Sender, units: Sequence[Sender]) -> PlannedFile:
    """The statistics bureau's table as the city passes it on: years across, newest first, gaps left empty.

    People employed in urban units, in 万人 to one decimal, of the units that lived through all years. Every year that
    has values is a report of its own period; a cell without a value is not reported, never a zero.
    """
    record, dice = records()["employment_statistics"], city.dice("employment_statistics")
    title = f"城镇单位就业人员统计（{YEARS[0]}-{YEARS[-1]}年）"
    years = ",".join(f"{year}年" for year in reversed(YEARS))
    lines = [title, "指标：城镇单位就业人员(万人)", NOTICE, f"地区,{years}"]
    tables = {y: PlannedTable(record, date(y, 1, 1), date(y, 12, 31), title, []) for y in YEARS}
    for n, unit in enumerate(u for u in units if u.unit.exists_on(date(YEARS[0], 1, 1)) and not u.is_gone):
        tenths, written = dice.randint(60, 600), dict.fromkeys(YEARS, "")
        for year, table in tables.items():
            if (n, year) != (2, YEARS[1]):
                reached = tenths + 7 * (year - YEARS[0])
                written[year] = f"{reached // 10}.{reached % 10}"
                share = FigureShare("urban_employed", table.last, reached * 1_000, until=table.last)
                table.rows.append(PlannedRow({}, table.last, shares=(share,), subject=unit.code))
        lines.append(",".join([unit.short, *(written[year] for year in reversed(YEARS))]))
    for year, table in tables.items():  # what is no data of any year goes with the first
        table.count(accepted=len(table.rows), ignored=int(year == YEARS[0]))
    chunks = ["\r\n".join([*lines, f"注：{NOTICE}。\r\n"]).encode("gb18030")]
    name, folder = "城镇单位就业人员.csv", packing.folder(city)
    return PlannedFile(date(2016, 3, 1), city.code, folder, name, [*tables.values()], "gb18030", chunks)


#: Kinds whose rows the city copies from files, and all kinds that are no lots.
OF_CITY = {"past_result": past_results, "target_letter": target_letters}
ALL = {"member", "employment_statistics", *OF_CITY}
