"""A case file becomes a scheme of one item, facts and what must come out.

Cases are written short: `a: 50` is the figure of the item's indicator, `mediation_succeeded/national@2014` one of a
category and another year; a word instead of a number is a state. A case overrides what its file says for all.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import yaml

from flows.score.engine.facts import (
    Address,
    BonusApplication,
    Facts,
    Figure,
    FigureKey,
    LateReport,
    PastResult,
    RaterScore,
    VetoEvent,
)
from flows.score.scheme.scheme_loader import SchemeYear, load_folder

YEAR = 2015
SCHEME: dict[str, Any] = {
    "scheme": "case",
    "year": YEAR,
    "label": "样例",
    "document_no": "样例〔2015〕1号",
    "closing_on": "2016-02-28",
    "missing": {"not_applicable": "rescale", "no_target": "zero", "not_reported": "zero", "rejected": "zero"},
    "rank": {"ties": "shared"},
    "grades": {"barred": "passes_on", "edge_tie": "extend", "list": [{"grade": "first"}]},
}
STATES = ("not_applicable", "not_reported", "rejected")


def cases(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """(name, case) of every file, the file's own words filled in."""
    for path in sorted(folder.glob("*.yml")):
        held = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CBaseLoader)  # noqa: S506
        general = {k: v for k, v in held.items() if k not in ("cases", "kind", "source")}
        for number, case in enumerate(held["cases"], 1):
            item = {**general.get("item", {}), **case.get("item", {})}
            scheme = {**general.get("scheme", {}), **case.get("scheme", {})}
            yield f"{path.stem}-{number}", {**general, **case, "item": item, "scheme": scheme}


def number(text: Any) -> Fraction | None:
    """An exact number; `null` is none."""
    return None if text in ("null", "", None) else Fraction(text)


def made(case: Mapping[str, Any]) -> tuple[SchemeYear, Facts]:
    """The scheme and the facts of a case."""
    item = {"id": "x", "label": "考核项", **case["item"]}
    if "missing" in case:
        item["missing"] = case["missing"]
    units = _units(case)
    groups = case.get("groups") or dict.fromkeys(units, "g")
    rows = [
        (unit, indicator, value)
        for unit, given in case.get("targets", {}).items()
        for indicator, value in (
            given if isinstance(given, dict) else {item.get("indicator", ""): given}
        ).items()
    ]
    data = {**SCHEME, "total": item["points"], **case["scheme"], "items": [item]}
    if "effect" in case:
        condition = case.get("gate") or {"of": {"veto": [case["veto"]]}, "at_least": 1}
        data["gates"] = [{"id": "veto", "label": "否决", "if": condition, "effect": case["effect"]}]
    steps = ["items", "rescale", "bonus", "deductions", "round", "gates", "rank", "grades"]
    data["order"] = [s for s in steps if s in data or s not in ("bonus", "deductions")]
    return _written(data, rows, groups), _facts(case, item, tuple(sorted(groups)))


def _units(case: Mapping[str, Any]) -> list[str]:
    named = [u for key in ("points", "figures", "targets", "grade", "total") for u in case.get(key, {})]
    listed = [
        row[0]
        for key in ("scores", "opinions", "late", "vetoes", "appealed", "past")
        for row in case.get(key, ())
    ]
    children = {c for below in case.get("children", {}).values() for c in below}
    return sorted(({*named, *listed} | ({"a"} if not named and not listed else set())) - children)


def _written(
    data: Mapping[str, Any], rows: list[tuple[str, str, str]], groups: Mapping[str, str]
) -> SchemeYear:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "scheme.yml").write_text(yaml.safe_dump(dict(data), allow_unicode=True), encoding="utf-8")
        targets = "".join(f"{u},{i},{t},样例〔2015〕1号,2015-01-20\n" for u, i, t in rows)
        (folder / "target.csv").write_text(
            "unit,indicator,target,document_no,effective_on\n" + targets, encoding="utf-8"
        )
        members = "".join(f"{u},{g}\n" for u, g in groups.items())
        (folder / "group.csv").write_text("unit,group_id\n" + members, encoding="utf-8")
        return load_folder(folder)


def _facts(case: Mapping[str, Any], item: Mapping[str, Any], units: tuple[str, ...]) -> Facts:
    figures: dict[tuple[str, FigureKey], Figure] = {}
    for unit, given in case.get("figures", {}).items():
        for name, value in (given if isinstance(given, dict) else {item.get("indicator", ""): given}).items():
            figures[unit, _key(name)] = _figure(value)
    at = iter(Address(1001, n) for n in range(2, 1000))
    return Facts(
        units=units,
        names={u: f"{u}区" for u in units},
        figures=figures,
        children={k: tuple(v) for k, v in case.get("children", {}).items()},
        scores=tuple(
            RaterScore(u, "考核项", g, number(p), number(full), None, next(at))
            for u, g, p, full in case.get("scores", ())
        )
        + tuple(
            RaterScore(u, "x", g, None, None, opinion, next(at)) for u, g, opinion in case.get("opinions", ())
        ),
        late=tuple(LateReport(u, r, f"{YEAR}-01", int(d)) for u, r, d in case.get("late", ())),
        vetoes=tuple(
            VetoEvent(u, c, is_appealed, f"样认{n}号", next(at))
            for is_appealed, key in ((False, "vetoes"), (True, "appealed"))
            for n, (u, c) in enumerate(case.get(key, ()))
        ),
        past=tuple(
            PastResult(u, YEAR - 1, number(points), int(rank), int(rank), grade)
            for u, points, rank, grade in case.get("past", ())
        ),
        bonus=tuple(_bonus(given, next(at)) for given in case.get("bonus", ())),
        known_on=date(2016, 1, 31),
    )


def _bonus(given: Mapping[str, Any], address: Address) -> BonusApplication:
    document = given.get("document_no", f"样奖{address.row_number}号")
    granted = number(given["granted"])
    return BonusApplication(
        given.get("unit", "a"),
        given.get("kind", "award"),
        given["matter"],
        given["level"],
        int(given.get("work_year", YEAR)),
        int(given.get("counted_year", YEAR)),
        granted or Fraction(4),
        granted,
        None if document == "null" else document,
        address,
    )


def _key(name: str) -> FigureKey:
    indicator, _, period = name.partition("@")
    indicator, _, category = indicator.partition("/")
    return FigureKey(indicator, category or None, period or str(YEAR))


def _figure(value: str) -> Figure:
    if value in STATES:
        return Figure(value)  # type: ignore[arg-type]
    amount = Fraction(value)
    return Figure("value" if amount else "zero", amount, amount, None, amount, amount, 1, 0)
