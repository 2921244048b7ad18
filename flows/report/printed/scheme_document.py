"""The 考核办法 of a year as one would print it: one self-contained page, made from the scheme's folder alone.

What is published and what is computed cannot differ, because both come from the same files: the column 评分标准 is
the rule the engine runs, told by `flows/score/explain/rule_text.py`; a text of the scheme's own (`standard`) stands above it
and never in its place. No day of printing, no script, nothing fetched: equal folders give equal bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from html import escape

from flows.contract.units import reference
from flows.report.printed.scheme_clauses import chapters, general, missing
from flows.report.printed.scheme_style import CSS
from flows.report.printed.scheme_targets import in_order, target_annex
from flows.score.explain.format import indicator, measure_of, number
from flows.score.explain.frame import Frame
from flows.score.scheme.required_inputs import required_figures
from flows.score.scheme.scheme_loader import SchemeYear
from flows.score.scheme.scheme_model import Item

_NUMERALS = "一二三四五六七八九十"
_HEADS = {
    "seq": "序号",
    "name": "项目和指标",
    "points": "分值",
    "standard": "评分标准",
    "who": "考核部门",
    "how": "考核办法",
}


def document(year: SchemeYear) -> str:
    """The page as HTML text. `ContractError` names an indicator, code, kind or period that nobody knows."""
    scheme = year.scheme
    title, number_line = escape(scheme.label), escape(scheme.document_no)
    note = f'<p class="sample">{escape(scheme.note)}</p>\n' if scheme.note else ""
    bodies = [
        ("总则", _clauses(general(year))),
        ("考核对象与分组", _clauses(_groups(year))),
        ("考核内容与评分标准", _content(year)),
        *((name, _clauses(clauses)) for name, clauses in chapters(year).items()),
    ]
    told = "".join(f"<h2>{_numeral(at)}、{name}</h2>\n{body}" for at, (name, body) in enumerate(bodies, 1))
    return (
        f'<!doctype html>\n<html lang="zh-CN">\n<head>\n<meta charset="utf-8">\n<title>{title}</title>\n'
        f"<style>{CSS}</style>\n</head>\n<body>\n<h1>{title}</h1>\n"
        f'<p class="number">{number_line}</p>\n{note}{told}{target_annex(year)}{_terms(year)}</body>\n</html>\n'
    )


def _numeral(at: int) -> str:
    """一 … 十, 十一 … 十九, 二十 …"""
    tens, ones = divmod(at, 10)
    head = "" if tens == 0 else "十" if tens == 1 else _NUMERALS[tens - 1] + "十"
    return head + (_NUMERALS[ones - 1] if ones else "")


def _clauses(clauses: Sequence[str]) -> str:
    if len(clauses) == 1:
        return f"<p>{escape(clauses[0])}</p>\n"
    return "".join(f"<p>（{_numeral(at)}）{escape(text)}</p>\n" for at, text in enumerate(clauses, 1))


def _groups(year: SchemeYear) -> list[str]:
    """One clause per group with its units by the names they bore on the year's first day, as group.csv lists them."""
    members: dict[str, list[str]] = {}
    for unit, group in year.groups.items():
        members.setdefault(group, []).append(reference().short_name_on(unit, date(year.year, 1, 1)))
    return [
        f"{year.scheme.group_label(group)}（{len(names)}个）：{'、'.join(names)}。"
        for group, names in members.items()
    ]


def _content(year: SchemeYear) -> str:
    full = sum(item.full for item in year.scheme.items)
    rows = "".join(_rows(year, iter(range(1, 1000))))
    return (
        f"<p>各项目满分合计{number(full)}分，分值、评分标准、考核部门和考核办法如下表。</p>\n"
        f'<table class="items"><colgroup>{"".join(f"<col class={name}>" for name in _HEADS)}</colgroup>\n'
        f"<thead><tr>{''.join(f'<th>{head}</th>' for head in _HEADS.values())}</tr></thead>\n"
        f"<tbody>\n{rows}</tbody></table>\n"
    )


def _rows(year: SchemeYear, leaves: Iterator[int]) -> Iterator[str]:
    """Blocks as rows of their own above their items, so that the table may break anywhere between rows."""

    def of(item: Item, at: int, depth: int) -> Iterator[str]:
        if item.items:
            sign = f"{_numeral(at)}、" if depth == 0 else f"（{_numeral(at)}）" if depth == 1 else f"{at}．"
            yield f'<tr class="block"><td colspan="6">{sign}{escape(item.label + _weight(item))}</td></tr>\n'
            for inner, child in enumerate(item.items, 1):
                yield from of(child, inner, depth + 1)
        else:
            yield _leaf(year, item, next(leaves))

    for at, item in enumerate(year.scheme.items, 1):
        yield from of(item, at, 0)


def _weight(block: Item) -> str:
    parts = [f"{number(block.full)}分"]
    if block.most != block.full:
        parts.append(f"最高{number(block.most)}分")
    if block.least is not None:
        parts.append(f"最低{number(block.least)}分")
    return f"（{'，'.join(parts)}）"


def _leaf(year: SchemeYear, item: Item, at: int) -> str:
    told = [f"{item.rule.describe(Frame(year, item)) if item.rule else ''}。"]
    if item.standard:
        told.insert(0, item.standard if item.standard.endswith("。") else f"{item.standard}。")
    if item.most != item.full:
        told.append(f"本项最高{number(item.most)}分。")
    if item.least:
        told.append(f"本项最低{number(item.least)}分。")
    if item.groups:
        told.append(f"只考核{'、'.join(year.scheme.group_label(g) for g in item.groups)}。")
    told += missing(item.missing)
    first, *more = told
    standard = escape(first) + "".join(f'<span class="more">{escape(text)}</span>' for text in more)
    cells = (
        f'<td class="mid">{at}</td><td>{escape(item.label)}</td><td class="mid">{number(item.full)}</td>'
        f"<td>{standard}</td><td>{escape(item.department)}</td><td>{escape(item.evidence)}</td>"
    )
    return f"<tr>{cells}</tr>\n"


def _terms(year: SchemeYear) -> str:
    """The annex that says what each indicator counts."""
    rows = "".join(
        f'<tr><td>{escape(indicator(code).label)}</td><td class="mid">{escape(measure_of(code).unit)}</td>'
        f"<td>{escape(indicator(code).basis)}</td></tr>\n"
        for code in in_order(year, {key.indicator for key in required_figures(year)})
    )
    return (
        '<section class="terms">\n<h2>附件2：指标口径</h2>\n<table><colgroup><col class="name"><col class="unit"><col></colgroup>\n'
        f"<thead><tr><th>指标</th><th>单位</th><th>统计口径</th></tr></thead>\n<tbody>\n{rows}</tbody></table>\n</section>\n"
    )
