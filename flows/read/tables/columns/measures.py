"""Units of measure: in a header, in a note above the table, beside the contract's own.

Refuses to choose where header and note give different factors: `金额(元)` under `单位：万元` is a conflict.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from functools import lru_cache

from flows.contract.record import ColumnType
from flows.contract.text import header_key

_BRACKET = re.compile(r"[\[(【〔「〈《{]([^\[\](){}【】〔〕「」〈〉《》]*)[\])】〕」〉》}]$")
_UNIT_AT_END = re.compile(r"[:/,、](?:单位:?)?([^:/,、()]+)$")
_SCALE = r"(?:十万|百万|千万|十亿|百亿|万|亿|千|百)?"
_MEASURE = (
    r"(?:人民币元|元/人|元/年|元/月|元/人·?年|元|人/次|人次|人天|人|名|个|件|户|家|条|册|本|份|张|种|场次|场|次|期|届|起|宗|项|篇|部|支|对|台|套|间|所|处"
    r"|平方米|m2|㎡|亩|公里|小时|学时|课时|天|日|周|个月|岁|周岁|分|分值|%|‰|百分点|百分比|吨|种|档|队|组|班|座|只|封|幅|盏|单位)"
)
_UNIT = re.compile(rf"{_SCALE}{_MEASURE}|{_SCALE[:-1]}")
_POWERS = {"十": 10, "百": 10**2, "千": 10**3, "万": 10**4, "亿": 10**8}
_FILLING_HINT = re.compile(
    r"必填|选填|必填项|公历|年月日|年/月/日|年-月-日|年\.月\.日|年月|[yY年]{2,4}[-/.]?[mM月]{1,2}([-/.]?[dD日]{1,2})?"
    r"|是/否|有/无|是否|男/女|18位|15位|1[58]位或1[58]位|盖章|签字|全称|填全称|例.*|如.*|可不填|没有不填|填数字|阿拉伯数字|大写|小写|下拉选择|请选择|[\d.]+%"
)


def as_unit(text: str) -> str | None:
    """A unit of measure in its plain form, or None if the text is none.

    >>> as_unit("单位：人民币万元")
    '万元'
    """
    text = header_key(text).removeprefix("单位:").removeprefix("计量单位:").removeprefix("人民币")
    return text if text and _UNIT.fullmatch(text) else None


@lru_cache(1 << 14)
def split_unit(key: str) -> tuple[str, str | None]:
    """A folded header and the unit of measure in it; a bracket with a hint for filling in is dropped.

    >>> split_unit("金额(万元)(必填)"), split_unit("金额/元")
    (('金额', '万元'), ('金额', '元'))
    """
    unit = None
    while match := _BRACKET.search(key):
        if unit is None and (measure := as_unit(match[1])):
            unit = measure
        elif match[1] and not _FILLING_HINT.fullmatch(match[1]):
            break
        key = key[: match.start()]
    if unit is None and (match := _UNIT_AT_END.search(key)) and (measure := as_unit(match[1])):
        return key[: match.start()], measure
    return key, unit


def factor(unit: str) -> int:
    """How many a unit stands for.

    >>> factor("百万元"), factor("人")
    (1000000, 1)
    """
    scale = re.match(_SCALE, unit)
    return math.prod(_POWERS[sign] for sign in (scale[0] if scale else ""))


_SORT_OF_TYPE = {
    ColumnType.MONEY: "money",
    ColumnType.PCT: "percent",
    ColumnType.COUNT: "quantity",
    ColumnType.DECIMAL: "quantity",
}


def _sort(unit: str) -> str:
    if unit.endswith("元") or "元/" in unit:
        return "money"
    return "percent" if unit in ("%", "‰", "百分点", "百分比") else "quantity"


def column_unit(
    kind: ColumnType, header: str | None, notes: Sequence[str], contract: str | None = None
) -> str | None:
    """The unit that bare numbers of a column have.

    A note speaks only to columns of its own sort (元 to money, 人 to counts).

    Args:
        kind: the column's type.
        header: the unit in its header.
        notes: the units that notes above the table name.
        contract: the unit that the contract gives the column.

    Returns:
        the unit; `conflict` when header and note, or two notes, give factors that differ: `金额(元)` under
        `单位：万元`.
    """
    sort = _SORT_OF_TYPE.get(kind)
    if sort is None:
        return header
    stated = ([header] if header else []) + [unit for unit in notes if _sort(unit) == sort]
    if len(set(map(factor, stated))) > 1:
        return "conflict"
    return contract if contract in stated else stated[0] if stated else None
