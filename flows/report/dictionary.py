"""The data dictionary: what every record kind, column, code list and indicator means, as one page.

Written from the contracts, code lists and indicator headers alone, never from a database: a page that
was read off the tables would describe an accident as if it were intended. Nothing is added by hand, so
the page cannot disagree with what the reader, the store and the sample do; `--check` refuses a stale one.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path

from flows.contract.catalogue import ROOT, code_lists, records
from flows.contract.indicator import Indicator, indicators
from flows.contract.record import WARN_BY_DEFAULT, Check, CodeEntry, Column, ColumnType, Record
from flows.report import generated

#: Where the page is kept, beside what it is made from.
PAGE = Path("sql") / "DICTIONARY.md"

#: What a cell of each type may hold, in both languages; a type without words fails the test.
TYPE_WORDS: dict[ColumnType, tuple[str, str]] = {
    ColumnType.TEXT: ("公开短文本", "short public text"),
    ColumnType.NAME: ("姓名或名称", "name of a person, or of whoever a list names"),
    ColumnType.WITHHELD: ("不入库文本", "text that is read and accounted for, never stored"),
    ColumnType.DATE: ("日期", "one exact day"),
    ColumnType.SPAN: ("时间段", "a day, a month, quarter, half or year, or from–to; a month stays a month"),
    ColumnType.YEAR: ("年度", "a year"),
    ColumnType.MONEY: ("金额", "money, in yuan once stored"),
    ColumnType.COUNT: ("计数", "whole number"),
    ColumnType.DECIMAL: ("数值", "measured quantity, points"),
    ColumnType.PCT: ("百分比", "percent points: 85 % is 85"),
    ColumnType.BOOL: ("是否", "yes or no"),
    ColumnType.CODE: ("代码", "an entry of a code list; an unknown one is an issue, never a guess"),
    ColumnType.CITIZEN_ID: ("公民身份号码", "GB 11643, 18 or 15 digits"),
    ColumnType.CREDIT_CODE: ("统一社会信用代码", "GB 32100; a failing check character is a flag"),
    ColumnType.PHONE: ("电话", "telephone, checked and not stored"),
    ColumnType.UNIT: ("单位", "a unit by name, short name or code: the subject of the row"),
    ColumnType.DIVISION: ("镇街", "a town or street of the sender's district"),
    ColumnType.INDICATOR: ("指标", "an indicator by id or label"),
}

PERSONAL_WORDS = {
    "direct": "直接标识 direct identifier",
    "quasi": "间接标识 quasi-identifier",
    "sensitive": "敏感信息 sensitive",
    "free_text": "自由文本 free text",
}

SHAPE_WORDS = {
    "count": "计数 count of rows",
    "sum": "求和 sum",
    "distinct": "去重计数 distinct subjects",
    "ratio": "比率 ratio",
    "stock": "时点数 stock",
    "coverage": "覆盖率 coverage",
    "edition": "届次 editions",
    "streak": "连续年数 streak of years",
}

DIRECTION_WORDS = {
    "up": "越高越好 higher is better",
    "down": "越低越好 lower is better",
    "none": "不论高低 neutral",
}

CONTENTS_HEAD = ("领域 area", "台账 record kinds", "指标 indicators")
TYPE_HEAD = ("类型 type", "名称", "meaning", "无法识别时 unreadable")
COLUMN_HEAD = (
    "列 column",
    "名称",
    "类型 type",
    "必填",
    "表头 headers",
    "单位 unit",
    "个人信息 personal",
    "入库 stored",
    "description",
)
CHECK_HEAD = ("规则 check", "条件 rule", "级别 severity", "指向 column", "提示")
CODE_HEAD = ("代码 code", "名称", "label", "同义写法 synonyms", "有效年份 valid")

_INTRO = """# 数据字典 · Data dictionary

本页由 `python -m flows.report.dictionary` 根据 `sql/record`、`sql/code`、`sql/indicator` 生成，请勿手工修改。
Generated from the contracts, the code lists and the indicator headers: change those, then run the command.

- 每种台账在库中有 `core.<名称>`（全部数据行及其状态、问题和出处）、`current.<名称>`（生效记录）
  和中文列名的 `open.<标签>`。
  Each kind has `core.<kind>` (every data row with its state, issues and address), `current.<kind>`
  (rows in force) and an `open` view with Chinese column names.
- 主键任一部分为空时不去重。A key with an empty part does not deduplicate.
- 校验规则遇空值视为通过。A rule between columns passes where a value is missing.
- “拒收”：单元格无法识别时整行拒收；“提示”：该格置空并提示。必填单元格为空时一律拒收。
  `reject`: an unreadable cell rejects its row; `warn`: it becomes NULL and is reported. An empty
  required cell always rejects.
"""


def dictionary(root: Path = ROOT) -> str:
    """The page as Markdown, UTF-8 text with a final line break; the same contracts give the same bytes."""
    kinds = sorted(records(root).values(), key=lambda record: (record.area, record.record))
    counted = sorted(indicators(root).values(), key=lambda indicator: (indicator.area, indicator.indicator))
    lists = sorted(code_lists(root).items())
    parts = [_INTRO, _contents(kinds, counted), _types()]
    parts += ["## 台账 · Record kinds\n", *(_record(record) for record in kinds)]
    parts += ["## 代码表 · Code lists\n", *(_code_list(name, entries, kinds) for name, entries in lists)]
    parts += ["## 指标 · Indicators\n", *(_indicator(indicator) for indicator in counted)]
    return "\n".join(parts)


def _contents(kinds: Sequence[Record], counted: Sequence[Indicator]) -> str:
    areas = []
    for area, found in groupby(kinds, key=lambda record: record.area):
        links = "、".join(f"[{record.label}](#{record.record})" for record in found)
        measured = [i for i in counted if i.area == area]
        areas.append((f"`{area}`", links, "、".join(f"[{i.label}](#{i.indicator})" for i in measured) or "–"))
    return _heading(2, "目录 · Contents") + "\n" + _table(CONTENTS_HEAD, areas)


def _types() -> str:
    rows = []
    for kind in ColumnType:
        chinese, english = TYPE_WORDS[kind]
        rows.append((f"`{kind.value}`", chinese, english, _SEVERITY[kind not in WARN_BY_DEFAULT]))
    return _heading(2, "列类型 · Column types") + "\n" + _table(TYPE_HEAD, rows)


_SEVERITY = {True: "拒收 reject", False: "提示 warn"}


def _record(record: Record) -> str:
    notes = [
        f"- 标识 id：`{record.record}`，领域 area：`{record.area}`",
        f"- 主键 key：{_names(record.key)}",
        f"- 标题词 title words：{_or(record.recognise.title)}；须有列 {_names(record.recognise.columns)}",
    ]
    if record.snapshot:
        notes.append("- 时点名册 snapshot：期末一天的状态 the state on the last day of the covered period")
    if record.dated:
        notes.append(f"- 应在填报期内的日期 dated by：`{record.dated}`")
    if record.years_across:
        notes.append("- 也接受年份横排的表 also read with years as columns, one measure per file")
    columns = [_column(column) for column in record.columns.values()]
    heading = _heading(3, record.label, record.record)
    out = [heading, record.description, "", *notes, "", _table(COLUMN_HEAD, columns)]
    if record.checks:
        out += ["校验 Checks", "", _table(CHECK_HEAD, [_check(record, check) for check in record.checks])]
    return "\n".join(out)


def _check(record: Record, check: Check) -> tuple[str, ...]:
    column = record.stored_at(check)
    severity = _SEVERITY[check.severity == "reject"]
    return f"`{check.id}`", f"`{check.rule}`", severity, f"`{column}`" if column else "–", check.message


def _column(column: Column) -> tuple[str, ...]:
    kind = f"[{column.list}](#list-{column.list})" if column.list else f"`{column.type.value}`"
    source = "、".join(column.header) or f"计算 `{column.derive}`"
    severity = "" if column.derive or column.bad is None else f"（{_SEVERITY[column.rejects]}）"
    return (
        f"`{column.name}`",
        column.label,
        kind + severity,
        "是" if column.required else "",
        source,
        column.unit or "",
        PERSONAL_WORDS[column.personal] if column.personal else "",
        stored_as(column),
        column.description,
    )


def stored_as(column: Column) -> str:
    """What the warehouse keeps of a column: its physical columns, or that it keeps nothing."""
    if not column.stored:
        return "不入库 not stored"
    kept = "、".join(f"`{name}` {sql_type}" for name, sql_type in column.stored)
    if column.stored[0][1] == "BLOB":
        return f"{kept}（仅假名键 keyed hash only）"
    if column.type is ColumnType.DATE and column.personal:
        return f"{kept}（仅年份 year only）"
    return kept


def _code_list(name: str, entries: Sequence[CodeEntry], kinds: Sequence[Record]) -> str:
    users = [f"`{r.record}.{c.name}`" for r in kinds for c in r.columns.values() if c.list == name]
    rows = [(f"`{e.code}`", e.label, e.label_en, "、".join(e.synonyms), _validity(e)) for e in entries]
    used = f"用于 used by：{'、'.join(users) or '–'}"
    return "\n".join([_heading(3, f"`{name}`", f"list-{name}"), used, "", _table(CODE_HEAD, rows)])


def _validity(entry: CodeEntry) -> str:
    if entry.valid_from is None and entry.valid_to is None:
        return ""
    return f"{entry.valid_from or ''}–{entry.valid_to or ''}"


def _indicator(indicator: Indicator) -> str:
    shape = SHAPE_WORDS[indicator.shape.value]
    at_end = "，期末时点 at the end of the period" if indicator.at else ""
    notes = [
        indicator.basis,
        "",
        indicator.counts,
        "",
        f"- 标识 id：`{indicator.indicator}`，领域 area：`{indicator.area}`，单位 unit：{indicator.unit}",
        f"- 算法 shape：{shape}{at_end}；{DIRECTION_WORDS[indicator.direction]}",
        f"- 来源 reads：{_names(indicator.records)}",
        f"- 已报送后无记录才计零 no rows are a zero once these are in：{_names(indicator.reported_by)}",
    ]
    if indicator.above_one:
        notes.append("- 按定义可超过 100%，照实列出并提示 may exceed 100 %: shown and flagged, never capped")
    return "\n".join([_heading(3, indicator.label, indicator.indicator), *notes, ""])


def _heading(level: int, text: str, anchor: str = "") -> str:
    mark = f'<a id="{anchor}"></a>\n\n' if anchor else ""
    return f"{mark}{'#' * level} {text}\n"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(_cell(text) for text in line) + " |" for line in lines) + "\n"


def _cell(text: str) -> str:
    """A text that stays in its cell: a bar would end it, a line break the table."""
    return " ".join(text.split()).replace("|", "\\|")


def _names(names: Iterable[str]) -> str:
    return "、".join(f"`{name}`" for name in names)


def _or(words: Sequence[str]) -> str:
    return " 或 ".join(f"“{word}”" for word in words) or "（不限）"


def is_current(root: Path = ROOT) -> bool:
    """Whether the page in the repository is the one it is made from now."""
    return generated.is_current(root / PAGE, dictionary(root))


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Write the page, or with `--check` only say whether it is current (exit code 1 when stale)."""
    return generated.write(root, PAGE, dictionary(root), "flows.report.dictionary", arguments)


if __name__ == "__main__":
    sys.exit(main())
