"""Names of files and sheets, and reasons, as they may leave the vault: known words stay, everything else is a mark.

Such a text is whoever typed it: a file may be called after a person or carry a telephone number. What names a person cannot
be listed; what does not can: words of contracts, code lists, units and towns, of offices, days and numbers of a few digits.
The original stays in the vault (the ledger has names and reasons, the file its sheets).
"""

from __future__ import annotations

import hashlib
import hmac
import re
from functools import cache, lru_cache

from flows.contract.catalogue import code_lists, records
from flows.contract.indicator import indicators
from flows.contract.units import reference

#: What stands for everything that is not known.
MARK = "□"
#: Words of offices; single characters are those of days, numbers, places and counts.
_OFFICE = (
    "报表 报送 报告 附件 汇总 明细 花名册 名册 名单 登记 统计 台账 清单 材料 情况 情形 统计表 登记表 汇总表 一览 全市 区县 市总 总工会 工会 劳动 调解 "
    "更正 补报 补充 重报 重复 误报 作废 撤回 测试 退回 错误 提醒 修改 修订 最新 最终 正式 定稿 终稿 副本 原件 扫描 打印 说明 填报 样表 模板 代码 目录 "
    "封面 空表 数据 原始 上半年 下半年 季度 全年 月度 年度 截至 以来 累计 本年 上年 会员 职工 企业 单位 街道 乡镇 社区 园区 机关 部门 年终 考核 任务 "
    "文件 表格 工作表 新增 变更 注销 在册 报名 活动 经费 审计 女工 权益 组织 宣传 文体 帮扶 生活 保障 财务 办公室 同一 更正后 缺列 乱码 工作 空文件 扫描件 函告 经核 经查 核实 电话 通知 改为 不符 有误 "
    "sheet book table copy final new old data list report csv xls xlsx xlsm xlsb ods txt zip rar tsv html htm xml et ett pdf doc docx"
)
_SINGLE = frozenset(
    "年月日号季度上下半至第份表区县市省总各新版稿的和与及或在为一二三四五六七八九十零〇两百千万个次期处项已"
)
_RUN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]+|[A-Za-z]+|[0-9](?:[0-9Xx]|[ \-](?=[0-9]))*")
_DAYS = re.compile(
    r"(?:(?:19|20)\d\d(?:[- ]?(?:0?[1-9]|1[0-2])(?:[- ]?(?:0?[1-9]|[12]\d|3[01]))?)?[- ]?){1,2}"
)
#: Digits that may stand together and be no day: fewer than a telephone number has.
_FEW = 6


@lru_cache(1 << 14)
def redacted(text: str, key: bytes) -> str:
    """A text with a mark in the place of what is not known; texts that differ stay different.

    >>> redacted("2015年调解台账.csv", b"")
    '2015年调解台账.csv'
    >>> redacted("欧阳某某13900001234.xlsx", b"")[:1]
    '□'
    """
    shown = _RUN.sub(lambda found: _shown(found[0]), text)
    shown = re.sub(f"{MARK}+", MARK, shown)
    if shown == text:
        return text
    tag = hmac.new(key, text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:6]
    return shown.replace(MARK, MARK + tag, 1)


def without_numbers(text: str) -> str:
    """A header or hint without the numbers of telephones, accounts and IDs.

    >>> without_numbers("联系人13900001234")
    '联系人□'
    """
    return _RUN.sub(lambda found: _shown(found[0]) if found[0][0].isdigit() else found[0], text)


def _shown(run: str) -> str:
    if run[0].isdigit():
        few = sum(c.isalnum() for c in run) <= _FEW
        return run if few or _DAYS.fullmatch(run) else MARK
    words, longest = _known()
    if run[0].isascii():
        return run if len(run) < 3 or run.lower() in words else MARK
    out, place = "", 0
    while place < len(run):
        for length in range(min(longest, len(run) - place), 1, -1):
            if run[place : place + length] in words:
                break
        else:
            length = 1
        word = run[place : place + length]
        out += word if length > 1 or word in _SINGLE else MARK
        place += length
    return out


@cache
def _known() -> tuple[frozenset[str], int]:
    """Every known word of more than one character, and the length of the longest."""
    texts = set(_OFFICE.split())
    for record in records().values():
        texts |= {record.record, record.label, *record.recognise.title}
        texts |= {text for column in record.columns.values() for text in (column.label, *column.header)}
    texts |= {i.label for i in indicators().values()}
    texts |= {text for codes in code_lists().values() for e in codes for text in (e.label, *e.synonyms)}
    places = reference()
    texts |= {text for unit in places.units for text in (unit.name, unit.short_name or "")}
    texts |= {name.key for name in places.unit_names}
    texts |= {division.name for division in places.divisions} | {town.name for town in places.towns}
    words = {word for text in texts for word in re.findall(r"[\u3400-\u9fff]{2,}|[A-Za-z]{3,}", text)}
    return frozenset(word.lower() for word in words), max(map(len, words))
