"""The 考核办法 of a year as one would print it: one self-contained page, made from the scheme's folder alone.

What is published and what is computed cannot differ, because both come from the same files: the column 评分标准 is
the rule the engine runs, told by the rule's own `describe`, every other setting is a clause of `templates/scheme_clauses.html`; a text of the scheme's own (`standard`) stands above it
and never in its place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from itertools import count
from typing import NamedTuple

from flows.contract.catalogue import state_reasons
from flows.contract.units import reference
from flows.report.page import numeral, templates
from flows.report.printed.scheme_targets import day, in_order, target_annex
from flows.score.explain.format import code_label, indicator, measure_of, number, percent, quoted
from flows.score.explain.frame import Frame
from flows.score.scheme.required_inputs import required_figures
from flows.score.scheme.scheme_loader import SchemeYear
from flows.score.scheme.scheme_model import Effect, Item, Missing
from flows.score.sources.late import LateInput


class _Row(NamedTuple):
    """Of the table of items: a block's heading, or an item with its number and the sentences of its standard."""

    block: str = ""
    at: int = 0
    item: Item | None = None
    standard: tuple[str, ...] = ()


def document(year: SchemeYear) -> str:
    """The page as HTML text. `ContractError` names an indicator, code, kind or period that nobody knows."""

    def item(item_id: str) -> str:
        return quoted(Frame(year, None).item_label(item_id))

    filters: dict[str, Callable[..., object]] = {
        "day": day,
        "described": lambda rule, *verb: rule.describe(Frame(year, None), *verb),
        "effects": lambda effect: _effects(effect, year, item),
        "item": item,
        "label_in": lambda code, name: code_label(name, code),
        "percent": percent,
    }
    page = templates(filters=filters).get_template("scheme.html")
    return page.render(
        title=year.scheme.label,
        scheme=year.scheme,
        reasons={state: state_reasons()[state] for state in Missing.model_fields},
        counts_late=any(isinstance(one, LateInput) for item in year.scheme.leaves for one in item.inputs),
        members=_members(year),
        rows=list(_rows(year, year.scheme.items, count(1))),
        terms=[
            (indicator(code).label, measure_of(code).unit, indicator(code).basis)
            for code in in_order(year, {key.indicator for key in required_figures(year)})
        ],
        **target_annex(year),
    )


def _members(year: SchemeYear) -> dict[str, list[str]]:
    """Group → its units by the names they bore on the year's first day, as group.csv lists them."""
    members: dict[str, list[str]] = {}
    for unit, group in year.groups.items():
        name = reference().short_name_on(unit, date(year.year, 1, 1))
        members.setdefault(year.scheme.group_label(group), []).append(name)
    return members


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
    frame = Frame(year, item)
    yield f"{item.rule.describe(frame) if item.rule else ''}。"
    for said in dict.fromkeys(read.by_zero(frame) for read in (item.rule.inputs if item.rule else ())):
        if said:
            yield f"{said}。"
    if item.most != item.full:
        yield f"本项最高{number(item.most)}分。"
    if item.least:
        yield f"本项最低{number(item.least)}分。"
    if item.groups:
        yield f"只考核{'、'.join(year.scheme.group_label(g) for g in item.groups)}。"


def _effects(effect: Effect, year: SchemeYear, item: Callable[[str], str]) -> Iterator[str]:
    """The effects of a gate, each as a clause."""
    if effect.no_award:
        yield "取消当年评奖资格，得分和名次保留"
    if effect.at_best is not None:
        yield f"等次最高为{quoted(code_label('assessment_grade', effect.at_best))}"
    if effect.lower_one:
        yield "等次降低一等"
    if effect.lowest:
        yield f"等次定为{quoted(code_label('assessment_grade', year.scheme.grades.list_[-1].grade))}"
    if effect.zero_score:
        yield "总分计0分"
    if effect.void:
        yield f"{'、'.join(map(item, effect.void))}不计分"
    if effect.claw_back is not None:
        yield f"追回此前{effect.claw_back}年所获等次"
