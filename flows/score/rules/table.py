"""By a code or a whole number: R8 escalating events (A24: once 0.5 off, then nothing), R13 a ladder of places (A24), R22 opinions
(A10: 4/2/0)."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import ceil, floor
from typing import Any, ClassVar

from pydantic import Field, model_validator

from flows.score.explain.format import some
from flows.score.explain.frame import POINTS, Derivation, Frame, Narrator, gives
from flows.score.rules.rule import Choice, Domains, InputRule, RuleContext, RuleTrace, exact
from flows.score.sources.input import Defect, Exact, unknown_code
from flows.score.transforms.domain import Domain


class PointTable(InputRule, key="table"):
    """Points by an opinion, a number of events, a place."""

    reads_codes: ClassVar[bool] = True

    points: dict[str, Exact] = Field(min_length=1)
    otherwise: Exact | None = None

    @model_validator(mode="before")
    @classmethod
    def _keys(cls, data: Any) -> Any:
        if isinstance(data, dict) and isinstance(data.get("points"), dict):
            return {**data, "points": {str(k): v for k, v in data["points"].items()}}
        return data

    @model_validator(mode="after")
    def _whole(self) -> PointTable:
        words = [] if self.of.code_list else [k for k in self.points if not k.lstrip("-").isdecimal()]
        if words:
            raise ValueError(f"{words[0]} is no whole number, and what the table reads is a number")
        return self

    def evaluate(self, context: RuleContext) -> RuleTrace:
        resolved = context.resolve(self.of)
        if not resolved.is_known:
            return RuleTrace(self, None, (resolved,), missing=resolved.state)
        key = resolved.text if resolved.amount is None else str(resolved.amount)
        if key in self.points:
            return RuleTrace(self, exact(self.points[key]), (resolved,), key)
        if self.otherwise is not None:
            return RuleTrace(self, exact(self.otherwise), (resolved,), "otherwise")
        context.add_finding("no_entry", f"“{context.label}”的结果不在计分表内，办法未规定得分，请补充")
        return RuleTrace(self, None, (resolved,), missing="unscored")

    def breakpoints(self, full: Fraction, most: Fraction | None) -> Iterator[Fraction]:
        yield from (Fraction(key) for key in self.points if not self.of.code_list)

    def choices(self) -> Iterator[Choice]:
        for key in self.points if not self.of.code_list else ():
            yield Choice(
                key, Defect("entry_unreachable", f"points.{key}", f"what the table reads is never {key}")
            )

    def check(self, domain: Domains) -> Iterator[Defect]:
        of = domain(self.of)
        if self.of.code_list:
            yield from self._codes(of)
        elif not of.whole:
            words = "a table looks up whole numbers, and what it reads need not be one: write bands"
            yield Defect("table_key", "", words)
        elif self.otherwise is None:
            if of.low is None or of.high is None:
                yield Defect(
                    "table_gap", "", f"no points beyond {max(map(int, self.points))}, and no otherwise"
                )
            elif lacking := set(range(ceil(of.low), floor(of.high) + 1)) - set(map(int, self.points)):
                yield Defect("table_gap", "", f"no points for {min(lacking)}, and no otherwise")

    def _codes(self, of: Domain) -> Iterator[Defect]:
        for key in self.points:
            if key not in of.codes:
                yield unknown_code(self.of.code_list, key, of.codes, f"points.{key}")
        lacking = [code for code in of.codes if code not in self.points]
        if lacking and self.otherwise is None:
            yield Defect("code_unlisted", "", f"no points for {some(lacking, 12)}, and no otherwise")

    def _label(self, key: str, frame: Frame) -> str:
        """A key: a code in words, or a whole number with its unit."""
        return self.of.label(key) if self.of.code_list else self.of.named(frame).measure.show(Fraction(key))

    def describe(self, frame: Frame, verb: str = POINTS, depth: int = 0) -> str:
        parts = [f"{self._label(key, frame)}{gives(points, verb)}" for key, points in self.points.items()]
        if self.otherwise is not None:
            parts.append(f"其他{gives(self.otherwise, verb)}")
        return f"{self.of.named(frame).name}：{'，'.join(parts)}"

    def derive(self, trace: RuleTrace, narrator: Narrator, depth: int) -> Derivation:
        if trace.branch == "otherwise":
            return Derivation(("不在所列情形之内",))
        return Derivation((f"按{self._label(str(trace.branch), narrator)}一档",))
