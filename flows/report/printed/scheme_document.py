"""The 考核办法 of a year as one would print it: one self-contained page, made from the scheme's folder alone.

What is published and what is computed cannot differ, because both come from the same files: the column 评分标准 is
the rule the engine runs, told by the rule's own `describe`; a text of the scheme's own (`standard`) stands above it
and never in its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import count
from typing import NamedTuple

from flows.contract.units import reference
from flows.report.page import numeral, render
from flows.report.printed.scheme_clauses import chapters, general, missing
from flows.report.printed.scheme_targets import in_order, target_annex
from flows.score.explain.format import indicator, measure_of, number
from flows.score.explain.frame import Frame
from flows.score.scheme.required_inputs import required_figures
from flows.score.scheme.scheme_loader import SchemeYear
from flows.score.scheme.scheme_model import Item


class _Row(NamedTuple):
    """Of the table of items: a block's heading, or an item with its number and the sentences of its standard."""

    block: str = ""
    at: int = 0
    item: Item | None = None
    standard: tuple[str, ...] = ()


def document(year: SchemeYear) -> str:
    """The page as HTML text. `ContractError` names an indicator, code, kind or period that nobody knows."""
    return render(
        "scheme.html",
        title=year.scheme.label,
        scheme=year.scheme,
        chapters={
            "总则": general(year),
            "考核对象与分组": _groups(year),
            "考核内容与评分标准": [],
            **chapters(year),
        },
        rows=list(_rows(year, year.scheme.items, count(1))),
        terms=[
            (indicator(code).label, measure_of(code).unit, indicator(code).basis)
            for code in in_order(year, {key.indicator for key in required_figures(year)})
        ],
        **target_annex(year),
    )


def _groups(year: SchemeYear) -> list[str]:
    """One clause per group with its units by the names they bore on the year's first day, as group.csv lists them."""
    members: dict[str, list[str]] = {}
    for unit, group in year.groups.items():
        members.setdefault(group, []).append(reference().short_name_on(unit, date(year.year, 1, 1)))
    return [
        f"{year.scheme.group_label(group)}（{len(names)}个）：{'、'.join(names)}。"
        for group, names in members.items()
    ]


def _rows(year: SchemeYear, items: Iterable[Item], leaves: Iterator[int], depth: int = 0) -> Iterator[_Row]:
    """Blocks as rows of their own above their items, so that the table may break anywhere between rows."""
    for at, item in enumerate(items, 1):
        if item.items:
            sign = (f"{numeral(at)}、", f"（{numeral(at)}）", f"{at}．")[min(depth, 2)]
            yield _Row(f"{sign}{item.label}{_weight(item)}")
            yield from _rows(year, item.items, leaves, depth + 1)
        else:
            yield _Row(at=next(leaves), item=item, standard=tuple(_standard(year, item)))


def _weight(block: Item) -> str:
    parts = [f"{number(block.full)}分"]
    if block.most != block.full:
        parts.append(f"最高{number(block.most)}分")
    if block.least is not None:
        parts.append(f"最低{number(block.least)}分")
    return f"（{'，'.join(parts)}）"


def _standard(year: SchemeYear, item: Item) -> Iterator[str]:
    if item.standard:
        yield item.standard if item.standard.endswith("。") else f"{item.standard}。"
    yield f"{item.rule.describe(Frame(year, item)) if item.rule else ''}。"
    if item.most != item.full:
        yield f"本项最高{number(item.most)}分。"
    if item.least:
        yield f"本项最低{number(item.least)}分。"
    if item.groups:
        yield f"只考核{'、'.join(year.scheme.group_label(g) for g in item.groups)}。"
    yield from missing(item.missing)
