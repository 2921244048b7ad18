"""The values of a table, drawn from a seed of the table's own: the truth before a clerk typed it.

Every column draws from its own seed, so that changing one column leaves the others as they are. People, companies and
numbers are made up; streets and towns are real.
"""

import random
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from tests.natural.spec import Column, Table

Row = dict[str, Any]

_PLACES = yaml.safe_load((Path(__file__).parent / "source" / "places.yml").read_text("utf-8"))
_SURNAMES = "王李张刘陈杨黄赵周吴徐孙胡朱高林何郭马罗梁宋郑谢唐冯邓曹彭曾肖田蒋蔡余杜叶程苏魏吕丁任卢姚沈钟姜谭廖范汪石金韦贾夏付方邹熊白孟秦邱侯江尹薛段雷龙黎史陶毛郝顾龚邵万覃武钱戴严欧莫孔向汤冉游代牟张晏"
_MEN = "建国 志强 明 勇 军 伟 刚 平 华 强 超 波 磊 涛 鹏 国庆 世明 德全 兴华 永福 光明 正权 天友 小林 文斌 俊杰 洪波 克勤 中元 大勇 茂才 昌荣 成林 启富 云飞 海 川 代全 祖德 先贵"
_WOMEN = "秀英 丽 敏 静 芳 娟 霞 燕 玲 红梅 晓琴 桂兰 淑珍 小容 艳 莉 雪梅 春燕 洪英 素华 永碧 清秀 代碧 兴会 国蓉 丹 婷 倩 小红 朝英 明芳 泽芬"
_BRANDS = "鑫源 华茂 宏远 金桥 天泰 恒升 瑞丰 永盛 川渝 渝兴 长江 三峡 缙云 星光 正大 中天 宏业 万里 利民 顺达 联发 众诚 嘉陵 腾飞 隆兴 双龙 凯达 新科 博创 美嘉 康泰 聚源 国丰 巨能 汇通 友邦 锦程 立信 渝航 世纪"
_TRADES = "机械制造 建材 服饰 食品 物流 建筑工程 建筑劳务 汽车配件 电子 化工 纸业 商贸 酒店管理 物业服务 纺织 包装 陶瓷 农业开发 煤业 市政园林"
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


class Chance(random.Random):
    """A seeded source: the same seed draws the same values for ever."""


def draw(table: Table, unit: str, seed: str) -> list[Row]:
    """The true rows of a table: for each meaning and each unmeant header, its value in plain terms."""
    people = _People(unit, Chance(f"{seed}/people"))
    rows: list[Row] = [{"": people.person()} for _ in range(table.rows)]
    for column in _in_order_of_need(table.columns):
        key = column.means or column.head
        drawn = _column(column, rows, unit, Chance(f"{seed}/{column.head}"))
        for row, value in zip(rows, drawn, strict=True):
            if column.source == "pick":
                row[f"{key}/word"], value = value, canonical(column.argument, value)
            elif isinstance(value, str) and "=" in value:
                row[f"{key}/word"], value = value.split("=")
            stop = any(row[name] in words for name, words in column.unless.items())
            row[key] = None if stop else value
        if column.blank:
            _leave_blank(column, rows, key, Chance(f"{seed}/{column.head}/blank"))
    for slip in table.slips:
        if slip.value is not ...:
            column = next(column for column in table.columns if column.head == slip.head)
            rows[slip.row - 1][column.means or column.head] = _plain(slip.value)
    for row in rows:
        row.update({name: _plain(value) for name, value in table.facts.items()})
        del row[""]
    return rows


def _in_order_of_need(columns: list[Column]) -> list[Column]:
    """The columns, each after those that its values are drawn from."""
    names = {column.means or column.head for column in columns}
    ordered: list[Column] = []
    drawn: set[str] = set()
    waiting = list(columns)
    while waiting:
        ready = [column for column in waiting if _needs(column) & names <= drawn]
        if not ready:
            raise ValueError(f"{waiting[0].head}: its values depend on each other in a circle")
        ordered += ready[:1]
        drawn.add(ready[0].means or ready[0].head)
        waiting.remove(ready[0])
    return ordered


def _needs(column: Column) -> set[str]:
    words = set(column.unless)
    if column.source in ("after", "share", "upto"):
        words.add(column.argument.split()[0])
    elif column.source == "calc":
        words.update(column.argument.split())
    return words


def _plain(value: Any) -> Any:
    return Decimal(str(value)) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _leave_blank(column: Column, rows: list[Row], key: str, chance: Chance) -> None:
    for row in rows:
        for typed, rate in column.blank.items():
            if row[key] is not None and chance.random() < rate:
                row[key] = None
                row[f"{key}/typed"] = typed


def _column(column: Column, rows: list[Row], unit: str, chance: Chance) -> list[Any]:
    how, argument, count = column.source, column.argument, len(rows)
    match how:
        case "number":
            pattern = argument if isinstance(argument, str) else None
            return [pattern.format(number) if pattern else number for number in range(1, count + 1)]
        case "empty_column":
            return [None] * count
        case "same":
            return [_plain(argument)] * count
        case "list":
            if len(argument) != count:
                raise ValueError(f"{column.head}: {len(argument)} values for {count} rows")
            return [_plain(value) for value in argument]
        case "text":
            return [_plain(argument[number % len(argument)]) for number in range(count)]
        case "pick":
            return _picked(argument, count, chance, column)
        case "date":
            first, last = (date.fromisoformat(part.strip()) for part in str(argument).split(".."))
            days = [first + timedelta(chance.randint(0, (last - first).days)) for _ in range(count)]
            return days if column.unordered else sorted(days)
        case "after":
            name, span = argument.split()
            fewest, most = map(int, span.split(".."))
            return [
                row[name] + timedelta(chance.randint(fewest, most)) if row[name] else None for row in rows
            ]
        case "int" | "money":
            return [_number(str(argument), chance) for _ in range(count)]
        case "upto":
            name, span = argument.split()
            low, high = map(float, span.split(".."))
            return [
                Decimal(int(row[name] * Decimal(str(round(chance.uniform(low, high), 3))))) for row in rows
            ]
        case "share":
            name, part = argument.split()
            return [None if row[name] is None else row[name] * Decimal(part) for row in rows]
        case "calc":
            return [_calculated(argument, row) for row in rows]
        case "both":
            return [None] * count
        case "person":
            people = _People(unit, chance)
            of_the_row = argument == "self"
            return [row[""]["name"] if of_the_row else people.person()["name"] for row in rows]
        case "id" | "sex" | "born" | "phone":
            return [row[""][how] for row in rows]
        case "town":
            if argument == "each":
                return chance.sample(_PLACES[unit]["towns"], count)
            towns = _PLACES[unit]["towns"][: argument or None]
            chosen = [chance.choice(towns) for _ in rows]
            return chosen if column.unordered else sorted(chosen, key=towns.index)
        case "company":
            return _companies(argument, unit, count, chance)
    raise ValueError(f"{column.head}: no such source {how}")


def _picked(words: dict[str, Any], count: int, chance: Chance, column: Column) -> list[Any]:
    typed = list(words)
    weights = [int(str(words[word]).split()[-1]) for word in typed]
    if sum(weights) == count:
        dealt = [word for word, weight in zip(typed, weights, strict=True) for _ in range(weight)]
        if not column.merged:
            chance.shuffle(dealt)
    else:
        dealt = chance.choices(typed, weights, k=count)
    return dealt


def canonical(words: dict[str, Any], typed: str) -> str:
    """What a code word of a column means: the words before its weight, or the word itself."""
    meaning = str(words[typed]).rsplit(" ", 1)
    return meaning[0] if len(meaning) == 2 else typed


def _number(span: str, chance: Chance) -> Decimal:
    bounds, _, step = span.partition("/")
    low, high = (Decimal(part) for part in bounds.split(".."))
    size = Decimal(step or 1)
    return low + size * chance.randint(0, int((high - low) / size))


def _calculated(formula: str, row: Row) -> Decimal | None:
    sign, result = "+", Decimal(0)
    for part in formula.split():
        if part in "+-*":
            sign = part
            continue
        value = row[part] if part in row else Decimal(part)
        value = Decimal(0) if value is None else value
        result = result + value if sign == "+" else result - value if sign == "-" else result * value
    return result


def _companies(argument: Any, unit: str, count: int, chance: Chance) -> list[str]:
    """``argument`` says what is written after the name: 有限公司, 工会委员会, or a choice of shapes."""
    tail = "有限公司" if argument in (None, True) else str(argument)
    place = unit if len(unit) == 2 else unit[:-1]
    trades = _TRADES.split()
    pairs = [(brand, trade) for brand in _BRANDS.split() for trade in trades]
    chosen = chance.sample(pairs, count)
    starts = ("重庆", f"重庆{place}", f"重庆市{unit}", place, "")
    return [f"{chance.choice(starts)}{brand}{trade}{tail}" for brand, trade in chosen]


class _People:
    def __init__(self, unit: str, chance: Chance) -> None:
        self._code = str(_PLACES[unit]["code"])
        self._chance = chance

    def person(self) -> dict[str, Any]:
        chance = self._chance
        woman = chance.random() < 0.4
        given = chance.choice((_WOMEN if woman else _MEN).split())
        born = date(chance.randint(1958, 1993), chance.randint(1, 12), chance.randint(1, 28))
        serial = chance.randint(1, 498) * 2 + (0 if woman else 1)
        stem = f"{self._code}{born:%Y%m%d}{serial:03d}"
        check = "10X98765432"[
            sum(int(digit) * weight for digit, weight in zip(stem, _WEIGHTS, strict=True)) % 11
        ]
        return {
            "name": chance.choice(_SURNAMES) + given,
            "id": stem + check,
            "sex": "女" if woman else "男",
            "born": born,
            "phone": f"1{chance.choice('358')}{chance.randint(0, 9)}{chance.randint(10**7, 10**8 - 1)}",
        }
