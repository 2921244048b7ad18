"""What if an appeal were accepted: a copy of the facts in which a figure or points are ruled.

An open appeal is accepted with what it claims, or with another value; where none was made, a value is needed. One ruling
stands afterwards: what was ruled or claimed before about the same figure or item gives way to it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Literal

from flows.contract.text import name_key
from flows.language import _
from flows.score.engine.facts import Address, Correction, Facts, PointsRuling
from flows.score.scheme.required_inputs import required_figures
from flows.score.scheme.scheme_loader import SchemeYear
from flows.score.scheme.scheme_model import Item
from flows.score.whatif.scenario import SUPPOSED, ScenarioError

#: Where a ruling that is only supposed stands: nowhere.
_NOWHERE = Address(0, 0)

Kind = Literal["figure", "points"]


def with_appeal(
    year: SchemeYear,
    facts: Facts,
    unit: str,
    about: str,
    kind: Kind | None = None,
    value: Fraction | None = None,
) -> Facts:
    """The facts with an accepted appeal of a unit about an item (id or label) or an indicator.

    Without `kind`, what the open appeal is about; without `value`, what it claims. `ScenarioError` where that says too little.
    """
    if unit not in facts.units:
        raise ScenarioError(
            _("no assessed unit {unit}; there are {names}", unit=unit, names=", ".join(sorted(facts.units)))
        )
    item, indicator = _meant(year, about)
    claims: dict[Kind, list[Fraction | None]] = {
        "figure": [
            c.amount
            for c in facts.corrections
            if (c.kind, c.unit, c.indicator) == ("appealed", unit, indicator)
        ],
        "points": [
            r.points
            for r in facts.points_rulings
            if not r.is_decided and r.unit == unit and item is not None and _names(item, r.item)
        ],
    }
    kinds: list[Kind] = [kind] if kind else [k for k, found in claims.items() if found]
    if len(kinds) != 1:
        state = "has open appeals about both its figure and its points" if kinds else "has no open appeal"
        raise ScenarioError(
            _(
                "{unit}: {about} {state}; say {about}.figure=… or {about}.points=…{open}",
                unit=unit,
                about=about,
                state=state,
                open=_open(facts),
            )
        )
    (kind,) = kinds
    if value is None:
        value = claims[kind][-1] if claims[kind] else None
        if value is None:
            raise ScenarioError(
                _(
                    "{unit}: no open appeal names the {kind} of {about}; say {about}.{kind}=…{open}",
                    unit=unit,
                    kind=kind,
                    about=about,
                    open=_open(facts),
                )
            )
    on = date(year.year, 12, 31)
    if kind == "points":
        if item is None or item.rule is None:
            raise ScenarioError(
                _(
                    "{about} is no leaf of the scheme: points are ruled for {leaves}",
                    about=about,
                    leaves=_leaves(year),
                )
            )
        ruling = PointsRuling(True, unit, item.id, value, on, SUPPOSED, SUPPOSED, _NOWHERE)
        others = (r for r in facts.points_rulings if r.unit != unit or not _names(item, r.item))
        return replace(facts, points_rulings=(*others, ruling))
    if indicator is None:
        raise ScenarioError(
            _("{about} has no indicator of its own: name the indicator instead of the item", about=about)
        )
    fixed = Correction("ruled", unit, indicator, value, on, SUPPOSED, SUPPOSED, _NOWHERE)
    kept = (
        c
        for c in facts.corrections
        if (c.unit, c.indicator) != (unit, indicator) or c.kind not in ("ruled", "appealed")
    )
    return replace(facts, corrections=(*kept, fixed))


def _meant(year: SchemeYear, about: str) -> tuple[Item | None, str | None]:
    """The item and the indicator that a word means; an item's id goes before an indicator's."""
    for item in year.scheme.walk():
        if _names(item, about):
            return item, item.indicator
    if about in {key.indicator for key in required_figures(year)}:
        return None, about
    raise ScenarioError(
        _("no item or indicator {about}; there are {leaves}", about=about, leaves=_leaves(year))
    )


def _names(item: Item, text: str) -> bool:
    return name_key(text) in (name_key(item.id), name_key(item.label))


def _leaves(year: SchemeYear) -> str:
    return ", ".join(leaf.id for leaf in year.scheme.leaves)


def _open(facts: Facts) -> str:
    """The appeals that are open, for a message."""
    found = [f"{c.unit}:{c.indicator}" for c in facts.corrections if c.kind == "appealed"]
    found += [f"{r.unit}:{r.item}" for r in facts.points_rulings if not r.is_decided]
    return _(" (open: {appeals})", appeals=", ".join(sorted(found))) if found else ""
