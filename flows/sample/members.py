"""Member rolls: too large for row objects, so written line by line, counted on the way.

Yongchuan at 2015-09-30 holds 260,000 different members, 146,000 of them migrant workers. Besides
them the roll has what a count of lines would add: people in two unions, people who left, died or
were expelled, and lines that must be rejected. A member without a usable ID is a member.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from flows.contract.record import Record
from flows.sample import pack, people
from flows.sample.files import NOTICE
from flows.sample.kinds.organisation import MEMBERS, MIGRANT_MEMBERS, employer_name
from flows.sample.model import Delivery, Mark, Style, Table
from flows.sample.scene import STOCK_ON, Scene

#: Yongchuan's rolls: the collection of real names took years, so that the earlier ones are smaller.
ROLLS = (
    (date(2013, 12, 31), 60_000, 31_000),
    (date(2014, 12, 31), 130_000, 70_000),
    (STOCK_ON, MEMBERS, MIGRANT_MEMBERS),
)
_CHANGES = ("转出", "退会", "除名", "死亡")
_HEADER = "序号,姓 名,性别,*身份证号,是否农民工,联系电话,所在工会,入会时间,会籍变化\r\n"
_CHUNK = 5_000


def rolls(scene: Scene, record: Record, scale: float) -> list[Delivery]:
    """A CSV per snapshot day."""
    if scene.is_yongchuan:
        sizes = [(day, round(members * scale), round(migrant * scale)) for day, members, migrant in ROLLS]
    else:
        members = scene.rng.randint(300, 1_500)
        years = [y for y in scene.lived_years() if y >= 2013 and scene.unit.lives_on(date(y, 12, 31))]
        sizes = [(date(y, 12, 31), members + (y - 2013) * 60, members // 2) for y in years]
    return [_delivery(scene, record, day, members, migrant) for day, members, migrant in sizes]


def _delivery(scene: Scene, record: Record, day: date, members: int, migrant: int) -> Delivery:
    extra = _extra(members)
    table = Table(
        record, day, day, f"{scene.unit.name}{pack.period_text(day, day)}会员实名制名册", [], Style()
    )
    rejected = [
        (3 + members + extra[0] + extra[1] + n + 1, ("missing" if n % 2 else "bool_unreadable",))
        for n in range(extra[2])
    ]
    table.numbers = {
        "rows_read": members + sum(extra) + 1,
        "accepted": members + extra[1],
        "rejected": extra[2],
        "duplicate": extra[0],
        "ignored": 1,
    }
    table.rejected = rejected  # type: ignore[assignment]
    table.marks = [
        (Mark("members", day, stock=True), members),
        (Mark("migrant_members", day, stock=True), migrant),
        (Mark("members_without_id", day, stock=True), _without_id(members)),
    ]
    encoding = "gb18030" if day.year % 2 == 0 else "utf-8-sig" if scene.unit.number % 2 else "utf-8"
    name = f"会员名册{day.strftime('%Y%m%d')}.csv"
    return Delivery(
        received=pack.arrival(scene.unit, day, scene.rng),
        sender=scene.unit.code,
        folder=pack.folder(scene.unit),
        name=name,
        tables=[table],
        encoding=encoding,
        bulk=_lines(scene, table.title, members, migrant, encoding),
    )


def _extra(members: int) -> tuple[int, int, int]:
    """Lines beside the members: second lines of a person, people who left, lines to be rejected."""
    return max(2, members // 200), max(2, members // 80), max(2, members // 5_000)


def _without_id(members: int) -> int:
    """Members whose ID cannot be used: lossy, masked or blank."""
    return members // 1_000


def _lines(scene: Scene, title: str, members: int, migrant: int, encoding: str) -> Iterator[bytes]:
    twice, left, rejected = _extra(members)
    head = f"{title}\r\n{NOTICE}\r\n{_HEADER}"
    yield head.encode(encoding)
    plain = "utf-8" if encoding == "utf-8-sig" else encoding
    unit = scene.unit
    unions = [f"{employer_name(unit, n)}工会委员会" for n in range(1_180 if scene.is_yongchuan else 20)]
    unusable = _without_id(members)
    batch: list[str] = []
    for n in range(members):
        person = scene.citizen(n)
        shown = (
            _written(person, n)
            if n >= unusable
            else ("5.00118199001011E+17", "500118********0012", "")[n % 3]
        )
        batch.append(
            _line(
                n + 1,
                n,
                person,
                shown,
                n < migrant,
                unions,
                "保留" if n % 97 == 5 else "正常" if n % 3 else "",
            )
        )
        if len(batch) == _CHUNK:
            yield "".join(batch).encode(plain)
            batch = []
    for n in range(unusable, unusable + twice):  # the same person in a second union, written another way
        person = scene.citizen(n)
        shown = people.short_form(person) if n % 2 else person.lower()
        batch.append(_line(members + n + 1 - unusable, n, person, shown, n < migrant, unions[1:], ""))
    for n in range(left):
        person = scene.citizen(members + n)
        batch.append(
            _line(members + twice + n + 1, members + n, person, person, False, unions, _CHANGES[n % 4])
        )
    for n in range(rejected):
        person = scene.citizen(members + left + n)
        line = _line(members + twice + left + n + 1, n, person, person, True, unions, "")
        fields = line.split(",")
        fields[1 if n % 2 else 4] = "" if n % 2 else "不详"
        batch.append(",".join(fields))
    batch.append(f"注：{NOTICE}。,,,,,,,,\r\n")
    yield "".join(batch).encode(plain)


def _line(
    serial: int, n: int, person: str, shown: str, is_migrant: bool, unions: list[str], change: str
) -> str:
    sex = "男" if int(person[16]) % 2 else "女"
    joined = f"{2006 + n % 7}.{1 + n % 12}.{1 + n % 28}" if n % 5 else f"{2006 + n % 7}年{1 + n % 12}月"
    return (
        f"{serial},{people.name(n)},{sex},{shown},{'是' if is_migrant else '否'},{people.phone(n)},"
        f"{unions[n % len(unions)]},{joined},{change}\r\n"
    )


def _written(person: str, n: int) -> str:
    """Most IDs as they are; some in the 15-digit form of old cards, in lower case or full width."""
    if n % 50 == 7:
        return people.short_form(person)
    if n % 50 == 11:
        return person.lower()
    return person.translate(_FULL_WIDTH) if n % 500 == 13 else person


_FULL_WIDTH = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")
