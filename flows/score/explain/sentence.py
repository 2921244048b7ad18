"""One Chinese sentence for a unit and an item: target, actual, rule, branch taken, arithmetic, points.

Whoever is judged must be able to recompute it, so every number that the points were made from is in the sentence:
exact, or marked 约 with the fraction standing in the formula. What is not a number is told by its reason (未报送) and
the policy that took its place. No id and no English word reaches the reader.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction

from flows.contract.catalogue import state_reasons
from flows.score.engine.result import Adjustment, ItemScore, Scored
from flows.score.explain.format import measure_of, number, quoted
from flows.score.explain.frame import POINTS, Narrator
from flows.score.scheme.scheme_loader import SchemeYear
from flows.score.scheme.scheme_model import Item

_POLICY = {
    "zero": "按办法计0分",
    "full": "按办法计满分",
    "fixed": "按办法计固定分",
    "group_mean": "按办法计本组有数单位的平均分",
    "applicable_mean": "按办法计全部适用单位的平均分",
    "rescale": "按办法不计入，其余各项按满分比例折算",
    "none": "不列入本单位考核",
    "error": "待补正后再计分，目前按0分计入总分",
}
#: Policies whose words say the points as well.
_TOLD = frozenset({"zero", "rescale", "none", "error"})


def explanations(year: SchemeYear, scored: Scored, on: date | None = None) -> dict[tuple[str, str], str]:
    """(unit, item) → sentence, with the items of a block and the documents of corrections in it. `on`: as for `score`."""
    items = {item.id: item for item in year.scheme.walk()}
    scores = {(score.unit, score.item): score for score in scored.items}
    documents, changed = _documents(year, on), dict[str, list[Adjustment]]()
    for adjustment in scored.adjustments:
        changed.setdefault(adjustment.unit, []).append(adjustment)
    out = {}
    for (unit, code), score in scores.items():
        item = items[code]
        if item.items:
            out[unit, code] = _block(year, score, item, [scores[unit, child.id] for child in item.items])
        else:
            out[unit, code] = _leaf(year, score, item, documents.get(unit, {}), changed.get(unit, ()))
    return out


def _documents(year: SchemeYear, on: date | None = None) -> dict[str, dict[str, str]]:
    """unit → indicator → document of its target in force."""
    found: dict[str, dict[str, str]] = {}
    for (unit, code), target in year.in_force(on).items():
        found.setdefault(unit, {})[code] = target.document_no
    return found


def _block(year: SchemeYear, score: ItemScore, item: Item, below: Sequence[ItemScore]) -> str:
    if not score.full:
        return "各项均不计入本单位考核。"
    labels = {child.id: child.label for child in item.items}
    given = [(labels[s.item], s.points) for s in below if s.points is not None]
    whole = sum((points for _, points in given), start=Fraction(0)) if below else score.points or Fraction(0)
    listed = "（" + "、".join(f"{label}{number(points)}分" for label, points in given) + "）" if given else ""
    clauses = [f"各项合计{number(whole)}分{listed}", *_bounded(whole, item)[1]]
    if score.is_void:
        clauses.append(f"因{_voiding(year, item)}本项作废")
    return "，".join([*clauses, _points(score)]) + "。"


def _points(score: ItemScore) -> str:
    return f"得{number(score.points or 0)}分{_full(score)}"


def _full(score: ItemScore) -> str:
    return f"（满分{number(score.full)}分）" if score.full else ""


def _leaf(
    year: SchemeYear,
    score: ItemScore,
    item: Item,
    documents: Mapping[str, str],
    adjustments: Sequence[Adjustment],
) -> str:
    after = _afterwards(year, score, item, adjustments)
    if item.groups and year.groups.get(score.unit) not in item.groups:
        why = f"本项只考核{'、'.join(year.scheme.group_label(g) for g in item.groups)}"
    elif score.trace is not None:
        narrator = Narrator(year, item, _with_own(documents, score), _notes(adjustments))
        why = narrator.tell(score.trace, "计" if after else POINTS)
    else:
        why = state_reasons()[score.state]
    clauses = [why] if score.policy is None else [why, _policy(score)]
    is_told = score.points is None or (not after and (score.policy is None or score.policy in _TOLD))
    if not is_told:
        return "，".join([*clauses, *after, _points(score)]) + "。"
    return "，".join(clauses) + ("" if score.points is None else _full(score)) + "。"


def _with_own(documents: Mapping[str, str], score: ItemScore) -> dict[str, str]:
    """The document that the score itself names counts: it may be of an earlier day than the latest one."""
    own = {score.indicator: score.target_document} if score.indicator and score.target_document else {}
    return {**documents, **own}


def _policy(score: ItemScore) -> str:
    is_lone = score.policy in ("group_mean", "applicable_mean") and score.points is None
    return _POLICY[score.policy or ""] + ("，但没有单位有数，暂不计分" if is_lone else "")


def _notes(adjustments: Iterable[Adjustment]) -> dict[str, str]:
    """How the figure of each indicator was corrected, in brackets behind it."""
    notes: dict[str, list[str]] = {}
    order = {"verified": 0, "spot_check": 1, "ruled_figure": 2}
    of_figures = [a for a in adjustments if a.kind in order]
    for change in sorted(of_figures, key=lambda a: (order[a.kind], a.address)):
        if change.indicator is None:
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


def _bounded(points: Fraction, item: Item) -> tuple[Fraction, list[str]]:
    """Points within the item's cap and floor, and the clause about it."""
    if points > item.most:
        return Fraction(item.most), [f"超过上限，按{number(item.most)}分封顶"]
    if item.least is not None and points < item.least:
        return Fraction(item.least), [f"低于下限，按{number(item.least)}分计"]
    return points, []


def _afterwards(
    year: SchemeYear, score: ItemScore, item: Item, adjustments: Sequence[Adjustment]
) -> list[str]:
    """From the points of the rule to those that count: bounds, rounding, ruling, void. Empty where they are the same."""
    if score.points is None:
        return []
    value, clauses = (None, []) if score.raw is None else _bounded(score.raw, item)
    places = year.scheme.rounding.items
    if score.ruled is not None:
        documents = [
            f"据{a.document_no}" for a in adjustments if a.kind == "ruled_points" and a.item == item.id
        ]
        clauses.append(f"{''.join(documents[-1:])}申诉裁定改计")
    elif places is not None and value is not None and value * 10**places % 1:
        clauses.append(f"四舍五入保留{places}位小数")
    return [*clauses, f"因{_voiding(year, item)}本项作废"] if score.is_void else clauses


def _voiding(year: SchemeYear, item: Item) -> str:
    """The gates that can void an item, by their labels."""
    above = {i.id for i in year.scheme.walk() if item in i.walk()}
    return "或".join(quoted(gate.label) for gate in year.scheme.gates if above & set(gate.effect.void))
