"""A difference in a sentence for the unit: how much each factor moved, and what of its own did: which delivery, target, decision.

Where a factor moved a unit and nothing of its own differs, it says so: the numbers of other units (or another item of its own, where the
item reads that) moved. Chinese, as all that is said to districts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cached_property
from typing import Any

from flows.contract.indicator import indicators
from flows.contract.text import name_key
from flows.score.engine.facts import Address, FigureKey
from flows.score.explain.format import code_label, measure_of, number, quoted, record_label
from flows.score.restate.factor_split import (
    FIELDS,
    RESULT,
    Factor,
    Kind,
    MatterDifference,
    PartInForce,
    PublishedYear,
    Swaps,
    grade_names,
)
from flows.score.scheme.required_inputs import dependencies, figures_read
from flows.score.scheme.scheme_model import Item
from flows.score.sources.figure import IndicatorInput
from flows.score.sources.late import LateInput

FACTOR_LABEL: Mapping[Factor, str] = {
    "data": "数据",
    "target": "目标",
    "scheme": "办法",
    "decision": "核定裁定",
    "code": "程序",
}
KIND_LABEL: Mapping[Kind, str] = {
    "total": "总分",
    "group_rank": "组内名次",
    "overall_rank": "总名次",
    "grade": "等次",
    "bonus": "加分",
    "deduction": "扣分",
    "other": "折算、封顶与取整",
}
_DECIDED = {
    "verified": "核定",
    "spot_check": "抽查核减",
    "ruled": "申诉裁定",
    "appealed": "待裁申诉",
    "PointsRuling": "申诉裁定",
    "RaterScore": "评分",
    "BonusApplication": "加分申报",
    "Notice": "扣分通知",
    "VetoEvent": "否决情形登记",
    "PastResult": "往年结果",
    "Decision": "名次裁定",
}
_OTHERS, _CODE, _SCHEME = "其他单位的得分有变", "程序、参考数据或用词认定有变", "考核办法有变"
#: Deliveries, figures, decisions and items that are named of one cause.
_NAMED = 3


class Sentences:
    """The sentences of one restatement: of its differences by unit and matter."""

    def __init__(
        self, before: PublishedYear, after: PublishedYear, found: Iterable[MatterDifference]
    ) -> None:
        self._swaps = Swaps(before, after)
        self._before, self._after = before, after
        self._found = {(d.unit, d.matter): d for d in found}
        self._leaves = {i.id: i for side in (before, after) for i in side.year.scheme.leaves}

    def label(self, difference: MatterDifference) -> str:
        """What the matter is called."""
        kind, item = difference.matter
        return self._leaves[item].label if kind == "item" else KIND_LABEL[kind]

    def sentence(self, difference: MatterDifference) -> str:
        """Why it differs, the factor that moved most first."""
        if not difference.by:
            return "参评单位有变"
        if difference.path:
            return "；".join(
                f"{FACTOR_LABEL[f]}使其成为{quoted(code_label('assessment_grade', grade))}（{self._why(difference, f)}）"
                for f, grade in difference.path
            )
        factors = sorted((f for f, by in difference.by.items() if by), key=lambda f: -abs(difference.by[f]))
        return "；".join(
            f"{FACTOR_LABEL[f]}{_amount(difference.matter.kind, difference.by[f])}（{self._why(difference, f)}）"
            for f in factors
        )

    def shown(self, difference: MatterDifference) -> tuple[str, str]:
        """The matter before and after, as people read it."""
        ends = zip((self._before, self._after), (difference.before, difference.after), strict=True)
        before, after = (_shown(difference.matter.kind, side, value) for side, value in ends)
        return before, after

    def of_unit(self, unit: str) -> str:
        """A unit's total, places and grade in one text; empty where none of them differs."""
        found = (d for (u, m), d in self._found.items() if u == unit and m.kind in RESULT)
        told = ((self.label(d), *self.shown(d), self.sentence(d)) for d in found)
        return "".join(f"{label}由{before}变为{after}：{why}。" for label, before, after, why in told)

    def deliveries(
        self, difference: MatterDifference, factor: Factor = "data"
    ) -> tuple[list[PartInForce], list[PartInForce]]:
        """The unit's own parts that no longer count and that newly count, as far as they move the matter."""
        if factor != "data" or difference.matter.kind != "item":
            return [], []
        kinds = {
            r
            for key in self._figures(difference, is_data=True)
            for r in indicators()[key[1].indicator].records
        }
        return self._swaps.moved(difference.unit, kinds | self._late(difference))

    def _why(self, difference: MatterDifference, factor: Factor) -> str:
        kind, unit = difference.matter.kind, difference.unit
        if kind == "item":
            return self._item_why(difference, factor)
        if kind in ("bonus", "deduction"):
            names = {"bonus": ("bonus",), "deduction": ("notices",)}[kind]
            return self._decided(unit, names, None) or _of_factor(factor)
        if kind == "other":
            return _of_factor(factor) if factor in ("scheme", "code") else "随各项得分变化"
        moved = [
            d
            for (u, m), d in self._found.items()
            if u == unit and m.kind in ("item", "bonus", "deduction", "other") and d.by.get(factor)
        ]
        moved.sort(key=lambda d: -abs(d.by[factor]))
        shown = []
        for d in moved[:_NAMED]:
            why = self._why(d, factor) if kind == "total" else ""
            shown.append(self.label(d) + _amount("item", d.by[factor]) + (f"：{why}" if why else ""))
        more = f"；等{len(moved)}项" if len(moved) > _NAMED else ""
        return "；".join(shown) + more if moved else _of_factor(factor)

    def _item_why(self, difference: MatterDifference, factor: Factor) -> str:
        unit, leaf = difference.unit, self._leaves[difference.matter.item]
        match factor:
            case "data":
                own = "，".join([*self._figure_words(difference, True), *self._delivery_words(difference)])
            case "target":
                own = "，".join(self._target_words(unit, leaf))
            case "decision":
                names = tuple(n for n in FIELDS["decision"] if n not in ("bonus", "notices"))
                own = self._decided(unit, names, leaf)
            case "code":
                own = "，".join([*self._figure_words(difference, False), _CODE])
            case "scheme":
                own = _SCHEME
        return own or "其他项目或其他单位的数有变"

    def _figure_words(self, difference: MatterDifference, is_data: bool) -> Iterator[str]:
        """The unit's own figures behind an item that differ, before and after."""
        before, after = self._swaps.own
        for unit, key in self._figures(difference, is_data)[:_NAMED]:
            measure, words = measure_of(key.indicator), []
            for facts in (before, after):
                figure = facts.figures.get((unit, key))
                known = figure is not None and figure.amount is not None
                state = figure.state if figure is not None else "not_reported"
                words.append(measure.show(figure.amount) if known else code_label("value_state", state))  # type: ignore[union-attr,arg-type]
            of = f"（{key.period_id}）" if key.period_id != str(self._after.year.year) else ""
            label = indicators()[key.indicator].label
            yield (
                f"{label}{of}由{words[0]}变为{words[1]}"
                if words[0] != words[1]
                else f"{label}{of}的未定部分有变"
            )

    def _figures(self, difference: MatterDifference, is_data: bool) -> list[tuple[str, FigureKey]]:
        """The figures of a unit and those below it that an item reads and that differ, by data or by how they are read."""
        read, about = self._read(difference.matter.item), self._swaps.family(difference.unit)
        found = [
            k for k, data in self._swaps.changed.items() if data == is_data and k[0] in about and k[1] in read
        ]
        return sorted(found, key=lambda key: (key[0] != difference.unit, key[0], key[1].order))

    def _read(self, item: str) -> set[FigureKey]:
        return self._keys[item]

    @cached_property
    def _keys(self) -> dict[str, set[FigureKey]]:
        """Leaf → figures that it reads, by way of other leaves too."""
        out: dict[str, set[FigureKey]] = {}
        for side in (self._before, self._after):
            year, leaves = side.year.year, {leaf.id: leaf for leaf in side.year.scheme.leaves}
            for item, reached in dependencies(side.year.scheme).items():
                for name in reached:
                    found = out.setdefault(item, set())
                    found.update(IndicatorInput().figure_keys(leaves[name].indicator, year, None))
                    found.update(figures_read(leaves[name], year))
        return out

    def _late(self, difference: MatterDifference) -> set[str]:
        """Record kinds whose late days an item reads and that differ for the unit."""
        leaf = self._leaves[difference.matter.item]
        read = {kind for i in leaf.inputs if isinstance(i, LateInput) for kind in i.late}
        sides = [
            {r for r in side.late if r.unit == difference.unit and r.record in read}
            for side in self._swaps.own
        ]
        return {report.record for report in sides[0] ^ sides[1]}

    def _delivery_words(self, difference: MatterDifference) -> Iterator[str]:
        for kind in sorted(self._late(difference)):
            yield f"{record_label(kind)}的迟报有变"
        for word, parts in zip(("不再计入", "新计入"), self.deliveries(difference), strict=True):
            names = list(dict.fromkeys(part.name for part in parts))
            if names:
                more = f"等{len(names)}份" if len(names) > _NAMED else ""
                yield word + "、".join(names[:_NAMED]) + more

    def _target_words(self, unit: str, leaf: Item) -> Iterator[str]:
        read = {key.indicator for key in self._read(leaf.id)}
        sides = [side.year.in_force() for side in (self._before, self._after)]
        for indicator in sorted(read):
            was, now = (targets.get((unit, indicator)) for targets in sides)
            if (was and was.target) != (now and now.target):
                measure = measure_of(indicator)
                shown = [measure.show(t.target) if t else "未定" for t in (was, now)]
                document = f"（{now.document_no}）" if now else ""
                yield f"目标由{shown[0]}变为{shown[1]}{document}"

    def _decided(self, unit: str, names: Sequence[str], leaf: Item | None) -> str:
        """The decisions about a unit (and item) that only one side knows, with their documents."""
        before, after = (
            {
                _bare(r): r
                for name in names
                for r in getattr(side, name)
                if r.unit == unit and self._about(r, leaf)
            }
            for side in self._swaps.own
        )
        words = [(_document(r), "新增") for key, r in after.items() if key not in before]
        words += [(_document(r), "不再有") for key, r in before.items() if key not in after]
        return "，".join(f"{way}{document}" for document, way in words[:_NAMED])

    def _about(self, record: Any, leaf: Item | None) -> bool:
        if leaf is None:
            return True
        if (indicator := getattr(record, "indicator", None)) is not None:
            return indicator in {key.indicator for key in self._read(leaf.id)}
        if (item := getattr(record, "item", None)) is not None:
            return name_key(item) in (name_key(leaf.id), name_key(leaf.label))
        return False


def _bare(record: Any) -> Any:
    """A decision without its address: sent again it is the same."""
    return replace(record, address=Address(0, 0)) if hasattr(record, "address") else record


def _document(record: Any) -> str:
    kind = getattr(record, "kind", None)
    label = _DECIDED.get(kind or "") or _DECIDED[type(record).__name__]
    if getattr(record, "is_decided", True) is False:
        label = _DECIDED["appealed"]
    document = getattr(record, "document_no", None)
    return f"{label}（{document}）" if document else label


def _of_factor(factor: Factor) -> str:
    return {"scheme": _SCHEME, "code": _CODE}.get(factor, _OTHERS)


def _amount(kind: Kind, by: Fraction) -> str:
    """A difference with its sign: of points, or of places forwards and back."""
    if kind in ("group_rank", "overall_rank"):
        return f"{'前进' if by < 0 else '后退'}{abs(by)}名"
    return f"{'＋' if by > 0 else '－'}{number(abs(by), 2)}分"


def _shown(kind: Kind, side: PublishedYear, value: Fraction | None) -> str:
    if value is None:
        return "未参评"
    if kind == "grade":
        return code_label("assessment_grade", grade_names(side.year)[int(value) - 1])
    return f"第{value}名" if kind in ("group_rank", "overall_rank") else f"{number(value, 2)}分"
