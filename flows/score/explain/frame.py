"""What a sentence about a rule is made with: the year and the item it is about, and how far a derivation has come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from flows.score.explain.format import Amount, indicator, number, numbered

if TYPE_CHECKING:
    from flows.score.rules.rule import RuleTrace
    from flows.score.scheme.scheme_loader import SchemeYear
    from flows.score.scheme.scheme_model import Item
    from flows.score.sources.input import InputBase, ResolvedInput

#: What a rule gives: points, or what points are multiplied with.
POINTS, FACTOR = "得", "系数"


@dataclass(frozen=True)
class Frame:
    """The year and the item that a rule is of; a gate, or a factor of deductions, has no item."""

    year: SchemeYear
    item: Item | None

    @property
    def indicator(self) -> str | None:
        """The item's own indicator."""
        return self.item.indicator if self.item else None

    @property
    def label(self) -> str:
        """What the item is called."""
        return self.item.label if self.item else "a gate"

    @property
    def full(self) -> Decimal:
        """Points of the item."""
        return self.item.full if self.item else Decimal(0)

    @property
    def most(self) -> Decimal:
        """Cap of the item."""
        return self.item.most if self.item else Decimal(0)

    def is_down(self, read: InputBase) -> bool:
        """Whether less of an input is better, so that the least of its peers is the best."""
        code = read.indicator_for(self.indicator)
        return code is not None and indicator(code).direction == "down"

    def item_label(self, item_id: str) -> str:
        """The label of an item of the scheme."""
        return next(item.label for item in self.year.scheme.walk() if item.id == item_id)


class Derivation(NamedTuple):
    """Clauses about the branch; a formula with what it comes to; why the points are not that (扣完为止)."""

    clauses: tuple[str, ...] = ()
    formula: str = ""
    value: Fraction | None = None
    limit: str = ""


@dataclass(frozen=True)
class Narrator(Frame):
    """Tells what a rule did for one unit: the inputs it read, the branch and arithmetic, what it gave.

    A clause that was said once in a sentence is not said again: two parts that read the same figure show it once.
    `documents`: indicator → document of its target; `notes`: indicator → how its figure was corrected.
    """

    documents: Mapping[str, str] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    said: set[str] = field(default_factory=set)

    def tell(self, trace: RuleTrace, verb: str = POINTS, depth: int = 0) -> str:
        """Clauses up to what it gave: 得3分, 计3分, 系数0.9. A missing input is told by its reason."""
        if trace.points is None and not trace.parts:
            clauses = [clause for r in trace.inputs for clause in r.explain(self)]
            unlisted = ["评分标准未列此情形"] if all(r.is_known for r in trace.inputs) else []
            return "，".join([*clauses, *unlisted])
        clauses = self.read(trace.inputs)
        way = trace.rule.derive(trace, self, depth)
        return "，".join([*clauses, *(c for c in way.clauses if c), *_ending(trace.points, way, verb)])

    def read(self, inputs: Sequence[ResolvedInput]) -> list[str]:
        """The clauses of inputs that have not been said."""
        new = dict.fromkeys(c for r in inputs for c in r.explain(self) if c not in self.said)
        self.said.update(new)
        return list(new)

    def part(self, trace: RuleTrace, at: int, depth: int, name: str = "", verb: str = POINTS) -> str:
        """One of the rules inside a rule; one that gave nothing for want of an input counts 0 beside others.

        Args:
            trace: of the outer rule.
            at: which of its parts.
            depth: how deep the outer rule is itself, for the kind of number.
            name: what the part is called.
            verb: what the part gives.

        Returns:
            Its number, its name and what it did.
        """
        part = trace.parts[at]
        said = self.tell(part, verb, depth + 1)
        if part.points is None and trace.points is not None:
            said += "，计0分"
        return numbered(at, depth) + (f"{name}：" if name and not said.startswith(name) else "") + said


def gives(points: Amount, verb: str = POINTS) -> str:
    """What a branch gives.

    >>> [gives(3), gives(0), gives(-2), gives(Decimal("0.9"), FACTOR)]
    ['得3分', '不得分', '倒扣2分', '系数0.9']
    """
    if verb == FACTOR:
        return f"系数{number(points)}"
    if points == 0:
        return "不得分"
    return f"得{number(points)}分" if points > 0 else f"倒扣{number(-points)}分"


def limits(least: Decimal | None, most: Decimal, changes: Sequence[Decimal]) -> list[str]:
    """Where a rule that adds and deducts stops. `changes`: what one unit adds or takes off.

    >>> limits(Decimal(0), Decimal(8), [Decimal(-1)])
    ['扣完为止']
    """
    ends = [f"最高得{number(most)}分"] if any(k > 0 for k in changes) else []
    if least is None or not any(k < 0 for k in changes):
        return ends
    if least == 0:
        return [*ends, "扣完为止"]
    return [*ends, f"最低得{number(least)}分" if least > 0 else f"最多倒扣{number(-least)}分"]


def kept(trace: RuleTrace, value: Fraction) -> str:
    """What kept the points away from the value of their formula."""
    if not trace.is_clipped or trace.points is None or value == trace.points:
        return ""
    if value > trace.points:
        return f"最高{number(trace.points)}分"
    return "扣完为止" if trace.points == 0 else f"最低{number(trace.points)}分"


def _ending(points: Fraction | None, way: Derivation, verb: str) -> list[str]:
    """得8×96%＝7.68分; where the result was kept within bounds, the sum first and then what it gives."""
    if points is None:
        return []
    unit = "" if verb == FACTOR else "分"
    limit = [way.limit] if way.limit else []
    if way.value is None or way.formula == number(way.value):
        return [*limit, f"{verb}{number(points)}{unit}"]
    worked = f"{way.formula}＝{number(way.value)}{unit}"
    return [worked, *limit, f"{verb}{number(points)}{unit}"] if limit else [f"{verb}{worked}"]
