"""A condition in words: 完成率不低于60%且低于80%, 前3名, 发生“弄虚作假”.

Used by the printed scheme and by the sentence that says which condition held, so that both name it alike.
"""

from __future__ import annotations

from decimal import Decimal

from flows.score.explain.format import Measure, code_label, number, quoted
from flows.score.explain.input_text import Named, named, text_label
from flows.score.rules.grammar import Condition
from flows.score.scheme.scheme_loader import SchemeYear
from flows.score.scheme.scheme_model import Item

_SHARE_BOUND = {"at_least": "不低于{}", "more_than": "高于{}", "at_most": "不高于{}", "less_than": "低于{}"}
_COUNT_BOUND = {"at_least": "不少于{}", "more_than": "多于{}", "at_most": "不多于{}", "less_than": "少于{}"}


def condition(test: Condition, item: Item, year: SchemeYear, within: str = "") -> str:
    """The condition as a clause; `within`: the word that joins it with others, where brackets may be needed."""
    if test.not_ is not None:
        return f"不符合{quoted(condition(test.not_, item, year))}"
    if test.all_ or test.any_:
        word = "且" if test.all_ else "或"
        text = word.join(condition(c, item, year, word) for c in test.all_ or test.any_)
        return f"（{text}）" if within and within != word else text
    text = _bounded(test, named(test.of, item, year), item, year)
    text += "（没有数据的视为符合）" if test.if_missing else ""
    return f"（{text}）" if within == "或" and len(test.bounds) > 1 else text


def _bounded(test: Condition, of: Named, item: Item, year: SchemeYear) -> str:
    if test.is_ is not None:
        return f"{of.name}为{quoted(text_label(test.of, test.is_))}"
    if test.of.veto is not None and test.bounds in (
        (("at_least", Decimal(1)),),
        (("more_than", Decimal(0)),),
    ):
        return "发生" + "或".join(quoted(code_label("veto_condition", code)) for code in test.of.veto)
    if of.measure.is_place:
        name = of.name.removesuffix("的名次").removesuffix("的倒数名次")
        return name + "且".join(_place(name, bound, of.measure) for name, bound in test.bounds)
    words = _SHARE_BOUND if of.measure.is_share or of.measure.unit == "分" else _COUNT_BOUND
    return of.name + "且".join(words[name].format(of.measure.show(bound)) for name, bound in test.bounds)


def _place(name: str, bound: Decimal, measure: Measure) -> str:
    """Bounds of a whole-numbered place: 前3名, 后3名, 在第4名及以后."""
    ahead, behind = ("前", "后") if measure.unit == "名次" else ("后", "前")
    if name in ("at_most", "less_than"):
        places = bound if name == "at_most" else bound - 1
        return f"居{ahead}{number(places)}名" if places != 1 else f"为{measure.show(1)}"
    first = bound if name == "at_least" else bound + 1
    return f"为{measure.show(first)}及以{behind}"
