"""One Chinese sentence for a unit and an item: target, actual, rule, branch taken, arithmetic, points.

Whoever is judged must be able to recompute it, so every number that the points were made from is in the sentence:
exact, or marked 约 with the fraction standing in the formula. What is not a number is told by its reason (未报送) and
the policy that took its place. No id and no English word reaches the reader.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

from flows.score.folder import SchemeYear
from flows.score.reading_words import WHY
from flows.score.result import Adjustment, ItemScore, Scored
from flows.score.scheme import Item
from flows.score.words import measure_of, number, quoted
from flows.score.working_words import Teller

_POLICY = {
    "zero": "按办法计0分",
    "full": "按办法计满分",
    "fixed": "按办法计固定分",
    "group_mean": "按办法计本组有数单位的平均分",
    "applicable_mean": "按办法计全部适用单位的平均分",
    "rescale": "按办法不计入，其余各项按满分比例折算",
    "none": "不列入本单位考核",
    "error": "待补齐后计分，目前按0分计入总分",
}
#: Policies whose words say the points as well.
_TOLD = frozenset({"zero", "rescale", "none", "error"})


def explanations(year: SchemeYear, scored: Scored) -> dict[tuple[str, str], str]:
    """(unit, item) → sentence, with the items of a block and the documents of corrections in it."""
    items = {item.id: item for item in year.scheme.walk()}
    scores = {(score.unit, score.item): score for score in scored.items}
    changed: dict[str, list[Adjustment]] = {}
    for adjustment in scored.adjustments:
        changed.setdefault(adjustment.unit, []).append(adjustment)
    out = {}
    for slot, score in scores.items():
        below = (scores.get((score.unit, child.id)) for child in items[score.item].items)
        out[slot] = explain(year, score, [s for s in below if s is not None], changed.get(score.unit, ()))
    return out


def explain(
    year: SchemeYear,
    score: ItemScore,
    below: Sequence[ItemScore] = (),
    adjustments: Iterable[Adjustment] = (),
) -> str:
    """The sentence of one score. `below`: scores of a block's items; `adjustments`: recorded changes for this unit."""
    item = next(i for i in year.scheme.walk() if i.id == score.item)
    changes = tuple(adjustments)
    after = _afterwards(year, score, item, changes)
    clauses = (
        _block(score, item, below)
        if item.items
        else _leaf(year, score, item, changes, "计" if after else "得")
    )
    full = f"（满分{number(score.full)}分）" if score.full else ""
    is_told = (
        score.points is None or (score.policy in _TOLD and not after) or (_is_of_rule(score) and not after)
    )
    if not is_told:
        return "，".join([*clauses, *after, f"得{number(score.points or 0)}分{full}"]) + "。"
    return "，".join(clauses) + ("" if score.points is None else full) + "。"


def _is_of_rule(score: ItemScore) -> bool:
    """Whether the clauses about its rule end with the points."""
    return score.working is not None and score.policy is None


def _block(score: ItemScore, item: Item, below: Sequence[ItemScore]) -> list[str]:
    if score.points is None:
        return ["各项均不列入本单位考核"]
    raw = score.points if score.raw is None else score.raw
    labels = {child.id: child.label for child in item.items}
    given = [f"{labels[s.item]}{number(s.points)}分" for s in below if s.points is not None]
    return [f"各项合计{number(raw)}分" + (f"（{'、'.join(given)}）" if given else "")]


def _leaf(
    year: SchemeYear, score: ItemScore, item: Item, adjustments: Sequence[Adjustment], verb: str
) -> list[str]:
    if item.groups and year.groups.get(score.unit) not in item.groups:
        why = f"本项只考核{'、'.join(year.scheme.group_label(g) for g in item.groups)}"
    elif score.working is not None:
        why = Teller(year, item, _documents(year, score), _notes(adjustments)).tell(score.working, verb)
    else:
        why = WHY.get(score.state, "")
    if score.policy is None:
        return [why]
    lone = score.policy in ("group_mean", "applicable_mean") and score.points is None
    return [why, _POLICY[score.policy] + ("，但没有单位有数，暂不计分" if lone else "")]


def _documents(year: SchemeYear, score: ItemScore) -> dict[str, str]:
    found = {code: t.document_no for (unit, code), t in year.in_force().items() if unit == score.unit}
    return found | (
        {score.indicator: score.target_document} if score.indicator and score.target_document else {}
    )


def _notes(adjustments: Iterable[Adjustment]) -> dict[str, str]:
    """How the figure of each indicator was corrected, in brackets behind it."""
    notes: dict[str, list[str]] = {}
    for change in adjustments:
        if change.indicator is None or change.kind not in ("verified", "spot_check", "ruled_figure"):
            continue
        measure = measure_of(change.indicator)
        said = notes.setdefault(change.indicator, [])
        if not said:
            said.append("原无统计数" if change.before is None else f"统计数{measure.show(change.before)}")
        after = measure.show(change.after or 0)
        said.append(
            {
                "verified": f"据{change.document_no}核定为{after}",
                "spot_check": f"据{change.document_no}核减{measure.gap(change.amount)}",
                "ruled_figure": f"据{change.document_no}裁定为{after}",
            }[change.kind]
        )
    return {code: f"（{'，'.join(said)}）" for code, said in notes.items()}


def _afterwards(
    year: SchemeYear, score: ItemScore, item: Item, adjustments: Sequence[Adjustment]
) -> list[str]:
    """From the points of the rule to those that count: bounds, ruling, rounding, void. Empty where they are the same."""
    if score.points is None:
        return []
    value, clauses, places = score.raw, [], year.scheme.rounding.items
    if value is not None and value > item.most:
        value = Fraction(item.most)
        clauses.append(f"超过上限，按{number(value)}分封顶")
    elif value is not None and item.least is not None and value < item.least:
        value = Fraction(item.least)
        clauses.append(f"低于下限，按{number(value)}分计")
    if score.ruled is not None:
        documents = [
            f"据{a.document_no}" for a in adjustments if a.kind == "ruled_points" and a.item == item.id
        ]
        clauses.append(f"{''.join(documents[-1:])}申诉裁定改计")
    elif places is not None and value is not None and value * 10**places % 1 and not item.items:
        clauses.append(f"四舍五入保留{places}位小数")
    return [*clauses, f"因{_voiding(year, item)}本项作废"] if score.is_void else clauses


def _voiding(year: SchemeYear, item: Item) -> str:
    """The gates that can void an item, by their labels."""
    above = {i.id for i in year.scheme.walk() if item in i.walk()}
    return "或".join(quoted(gate.label) for gate in year.scheme.gates if above & set(gate.effect.void))
