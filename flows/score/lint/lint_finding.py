"""A finding of the linter: where it stands, in whose clause, what is wrong and what to do.

What a code is worth and what to do about it stand once, in `codes.csv`; a check gives the place and the particulars. An error
is what cannot be computed, refers to nothing, or promises what no unit can get; a warning is computed as written and is
probably not meant; an info is worth knowing before the year begins.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from flows.contract.catalogue import code_lists
from flows.contract.indicator import indicators
from flows.contract.units import reference
from flows.score.scheme.scheme_loader import SchemeYear, Target
from flows.score.scheme.scheme_model import Item, Scheme

_Severity = Literal["error", "warning", "info"]


def _codes() -> dict[str, tuple[_Severity, str]]:
    with (Path(__file__).parent / "codes.csv").open(encoding="utf-8", newline="") as stream:
        rows: list[dict[str, Any]] = list(csv.DictReader(stream))
    return {row["code"]: (row["severity"], row["hint"]) for row in rows}


#: code → severity, what to do.
CODES = _codes()

_SECTIONS = {
    "bonus": "加分",
    "deductions": "扣分",
    "gates": "门槛与否决",
    "grades": "等次",
    "rank": "排名",
    "order": "计算顺序",
    "missing": "缺项处理",
    "closing_on": "截止日",
    "objections": "申诉期限",
    "total": "总分",
    "rounding": "小数位",
    "pace": "进度",
    "year": "年度",
    "document_no": "文号",
    "groups": "分组",
    "items": "考核项目",
}
_COUNTED = {"branches": "支", "points": "档"}


@dataclass(frozen=True)
class LintFinding:
    """One matter in a file of the year's folder; `clause` is the place as a reader of the scheme calls it."""

    severity: _Severity
    code: str
    file: str
    line: int
    clause: str
    message: str
    hint: str

    @property
    def place(self) -> tuple[str, int, str, str]:
        """What findings are sorted by: file, line, then clause and code."""
        return self.file, self.line, self.clause, self.code


def in_scheme(year: SchemeYear, code: str, path: str, message: str) -> LintFinding:
    """A finding about a place in scheme.yml.

    Args:
        year: the year.
        code: of `CODES`.
        path: of the place, as the models have it.
        message: what is wrong.

    Returns:
        The finding, with file, line and clause.
    """
    return _found(year, "scheme.yml", code, _line_of(year, path), clause(year.scheme, path), message)


def at_line(year: SchemeYear, code: str, line: int, message: str) -> LintFinding:
    """A finding about a line of scheme.yml, whatever stands there."""
    return _found(year, "scheme.yml", code, line, "方案", message)


def in_target(year: SchemeYear, code: str, target: Target, message: str) -> LintFinding:
    """A finding about a line of target.csv.

    Args:
        year: the year.
        code: of `CODES`.
        target: the line.
        message: what is wrong.

    Returns:
        The finding.
    """
    indicator = indicators().get(target.indicator)
    label = indicator.label if indicator else target.indicator
    return _found(year, "target.csv", code, target.line, f"{unit_name(target.unit)} · {label}", message)


def in_group(year: SchemeYear, code: str, unit: str, message: str) -> LintFinding:
    """A finding about a unit's line in group.csv.

    Args:
        year: the year.
        code: of `CODES`.
        unit: whose line; of a unit that has none, the file is meant.
        message: what is wrong.

    Returns:
        The finding.
    """
    return _found(
        year, "group.csv", code, year.group_lines.get(unit, 1), f"分组 · {unit_name(unit)}", message
    )


def _found(year: SchemeYear, file: str, code: str, line: int, words: str, message: str) -> LintFinding:
    severity, hint = CODES[code]
    return LintFinding(severity, code, str(year.folder / file), line, words, message, hint)


def unit_name(unit: str) -> str:
    """Short Chinese name of a unit; its code where there is none."""
    return next((u.short_name for u in reference().units if u.unit_code == unit), unit)


def _line_of(year: SchemeYear, path: str) -> int:
    """Line of a path in the models; the short form of bands leaves `points` out of it."""
    if path not in year.lines:
        path = re.sub(r"\.bands\.points\.(\d+).*", r".bands.\1", path) if _short(year, path) else path
    return year.line(path)


def _short(year: SchemeYear, path: str) -> bool:
    return ".bands.points." in path and path.partition(".points.")[0] + ".0" in year.lines


def clause(scheme: Scheme, path: str) -> str:
    """A path in the words of the document: labels of the items, then the part of the rule."""
    parts = path.split(".")
    names: list[str] = []
    level: tuple[Item, ...] = scheme.items
    while len(parts) > 1 and parts[0] == "items" and parts[1].isdecimal() and int(parts[1]) < len(level):
        item = level[int(parts[1])]
        names.append(item.label)
        level, parts = item.items, parts[2:]
    if not names:
        names, parts = _section(scheme, parts)
    tail = _tail(parts)
    return " › ".join(names) + (f" · {tail}" if tail else "")


def _section(scheme: Scheme, parts: Sequence[str]) -> tuple[list[str], list[str]]:
    names, rest = [_SECTIONS.get(parts[0], "方案")], list(parts[1:])
    if names == ["方案"]:
        rest = list(parts)
    labelled: Mapping[str, Sequence[str]] = {
        "gates": [g.label for g in scheme.gates],
        "bonus": [c.label for c in scheme.bonus.classes] if scheme.bonus else [],
        "deductions": [c.label for c in scheme.deductions.classes] if scheme.deductions else [],
        "grades": [grade_name(g.grade) for g in scheme.grades.list_],
    }
    number = next((n for n, part in enumerate(rest) if part.isdecimal()), None)
    if parts[0] in labelled and number is not None and int(rest[number]) < len(labelled[parts[0]]):
        names.append(labelled[parts[0]][int(rest[number])])
        rest = rest[number + 1 :]
    return names, rest


def grade_name(code: str) -> str:
    """Label of a grade; its code where there is none."""
    return next((e.label for e in code_lists()["assessment_grade"] if e.code == code), code)


def _tail(parts: Sequence[str]) -> str:
    words: list[str] = []
    before = ""
    for part in parts:
        if part.isdecimal():
            words.append(f"第{int(part) + 1}{_COUNTED.get(before, '项')}")
        elif part not in ("rule", "branches", "points", "then") or part == parts[-1]:
            words.append(part)
        before = part
    return " ".join(w for w in words if w != "rule")
