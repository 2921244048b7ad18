"""What a rule did for one unit, in words: the figures it read, then branch and arithmetic, then what it gave.

A clause that was said once in a sentence is not said again: two parts that read the same figure show it once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from flows.score.engine.result import ResolvedInput, RuleTrace
from flows.score.explain.condition_text import condition
from flows.score.explain.derivation import Course, course
from flows.score.explain.format import number, numbered, percent, quoted, term
from flows.score.explain.reading_text import told
from flows.score.explain.rule_text import FACTOR, period_names
from flows.score.rules.grammar import Condition, Rule
from flows.score.scheme.scheme_loader import SchemeYear
from flows.score.scheme.scheme_model import Item


@dataclass
class Teller:
    """Tells the workings of one unit and item. `documents`: indicator → document of its target; `notes`: indicator → how
    its figure was corrected."""

    year: SchemeYear
    item: Item
    documents: Mapping[str, str] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    said: set[str] = field(default_factory=set)

    def tell(self, working: RuleTrace, verb: str = "得", depth: int = 0) -> str:
        """Clauses up to what it gave: 得3分, 计3分, 系数0.9. A missing number is told by its reason."""
        if working.points is None and not working.parts:
            clauses = [c for r in working.inputs for c in self._told(r)]
            unlisted = ["评分标准未列此情形"] if all(r.is_known for r in working.inputs) else []
            return "，".join([*clauses, *unlisted])
        clauses = self._read(working)
        went = self._course(working, depth)
        return "，".join([*clauses, *(c for c in went.clauses if c), *_ending(working.points, went, verb)])

    def _told(self, reading: ResolvedInput) -> list[str]:
        return told(reading, self.item, self.year, self.documents, self.notes)

    def _read(self, working: RuleTrace) -> list[str]:
        """The clauses of the readings that have not been said."""
        new = [c for r in working.inputs for c in self._told(r) if c not in self.said]
        self.said |= set(new)
        return list(dict.fromkeys(new))

    def _course(self, working: RuleTrace, depth: int) -> Course:
        if working.rule.first:
            return self._first(working, depth)
        if not working.parts:
            return course(working, self.item, self.year)
        listed = "；".join(self._part(working, at, depth) for at in range(len(working.parts)))
        if working.points is None:
            return Course((listed,))
        if working.rule.best or working.rule.worst:
            chosen = numbered(working.branch, depth) if isinstance(working.branch, int) else ""
            return Course((listed, f"取{'最高' if working.rule.best else '最低'}的{chosen}"))
        return _joined(working, working.rule, listed)

    def _first(self, working: RuleTrace, depth: int) -> Course:
        rule = working.rule.first
        if rule is None or not working.parts or not isinstance(working.branch, int):
            return Course()
        failed = rule.branches if working.branch < 0 else rule.branches[: working.branch]
        said = [self._held(branch.if_, False) for branch in failed]
        if working.branch >= 0:
            said.append(self._held(rule.branches[working.branch].if_, True))
        inner = working.parts[0]
        read, went = self._read(inner), self._course(inner, depth)
        return Course((*said, *read, *went.clauses), went.formula, went.value, went.limit)

    def _held(self, test: Condition, is_true: bool) -> str:
        if test.not_ is not None:
            return self._held(test.not_, not is_true)
        return f"{'符合' if is_true else '不符合'}{quoted(condition(test, self.item, self.year))}"

    def _part(self, working: RuleTrace, at: int, depth: int) -> str:
        part, rule = working.parts[at], working.rule
        if rule.each:  # every period has figures of its own, equal or not
            self.said.clear()
        said = self.tell(part, FACTOR if rule.times and at else "得", depth + 1)
        if part.points is None and working.points is not None:
            said += "，计0分"
        names = period_names(rule.each, self.year) if rule.each else [p.label for p in rule.mean or ()]
        name = names[at] if at < len(names) else ""
        return numbered(at, depth) + (f"{name}：" if name and not said.startswith(name) else "") + said


def _joined(working: RuleTrace, rule: Rule, listed: str) -> Course:
    """The formula over the parts: a sum, a weighted mean or a product."""
    given = [part.points or Fraction(0) for part in working.parts]
    if rule.mean:
        weighted = zip(given, rule.mean, strict=True)
        return Course(
            (listed,), "＋".join(f"{term(g)}×{percent(p.weight)}" for g, p in weighted), working.points
        )
    if rule.times:
        return Course((listed,), "×".join(term(g) for g in given), working.points)
    value, points = sum(given, start=Fraction(0)), working.points or Fraction(0)
    limit = "" if value == points else f"合计{'最高' if value > points else '最低'}{number(points)}分"
    return Course((listed,), "＋".join(term(g) for g in given), value, limit)


def _ending(points: Fraction | None, went: Course, verb: str) -> list[str]:
    """得8×96%＝7.68分; where the result was kept within bounds, the sum first and then what it gives."""
    if points is None:
        return []
    unit = "" if verb == FACTOR else "分"
    limit = [went.limit] if went.limit else []
    if went.value is None or went.formula == number(went.value):
        return [*limit, f"{verb}{number(points)}{unit}"]
    worked = f"{went.formula}＝{number(went.value)}{unit}"
    return [worked, *limit, f"{verb}{number(points)}{unit}"] if limit else [f"{verb}{worked}"]
