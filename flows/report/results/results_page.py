"""The page of a scored year: one file that fetches nothing, read without a script, with the ranking first.

A number that is not read to its last digit stands in an element whose value is; what is read is rounded half up. Equal
warehouses give equal bytes: nothing of the machine or the day is on it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from markupsafe import Markup, escape

from flows.contract.indicator import indicators
from flows.report.page import templates
from flows.report.results.chart import spark, spread
from flows.report.results.figures import (
    amount,
    best_items,
    best_of_years,
    lost_items,
    moved_words,
    over_years,
    place_moves,
    places,
    points,
    quality,
    share,
    unsettled_items,
)
from flows.report.results.scored_year import Report, YearResults

#: Units that moved most, up and down.
_SHOWN = 3


def results_page(results: YearResults) -> str:
    """The page as HTML."""
    moves = place_moves(results)
    known = [move for move in moves if move.places is not None]
    by_unit: dict[str, list[Report]] = {row["unit_code"]: [] for row in results.ranking}
    for report in results.reports:
        by_unit[report.unit].append(report)
    pages = templates(filters={"points": _points, "amount": _amount, "share": share})
    return pages.get_template("results.html").render(
        r=results,
        moves={move.row["unit_code"]: move.places for move in moves},
        places=places,
        up=sorted((m for m in known if (m.places or 0) > 0), key=lambda m: -(m.places or 0))[:_SHOWN],
        down=sorted((m for m in known if (m.places or 0) < 0), key=lambda m: m.places or 0)[:_SHOWN],
        grades=_grades(results),
        open_units=[row for row in results.ranking if not row["is_final"]],
        top=max((row["points_high"] for row in results.ranking), default=Decimal(1)),
        charts=_charts(results),
        spark=spark,
        kinds=list(dict.fromkeys(report.kind for report in results.reports)),
        reports=by_unit,
        state_of=state_of,
        quality=quality,
        best=best_items,
        worst=lost_items,
        unsettled=unsettled_items,
        moved_words=moved_words,
        best_of_years=best_of_years,
        over_years=over_years,
        since=results.moves[0]["since"] if results.moves else None,
    )


def state_of(reports: Sequence[Report], kind: str) -> tuple[str, str]:
    """How the reports of a kind stand, the worst first: a class of the style and what is written."""
    of = [report for report in reports if report.kind == kind]
    counts = Counter(report.state for report in of)
    for state, mark in (("missing", "缺"), ("held", "搁"), ("late", "迟")):
        if counts[state]:
            days = max(report.days_late or 0 for report in of)
            many = days if state == "late" else counts[state] if counts[state] > 1 else 0
            return state, f"{mark}{many or ''}"
    return ("in_time", "●") if of else ("none", "")


def _grades(results: YearResults) -> list[tuple[str, int]]:
    """The grades with how many units hold each, in the order in which the ranking meets them."""
    return list(Counter(row["grade_label"] for row in results.ranking).items())


def _charts(results: YearResults) -> list[dict[str, Any]]:
    """A chart per indicator that the scheme reads, in the order of the scheme."""
    first = results.ranking[0]["unit_code"]
    seen: dict[str, str] = {
        i["indicator_id"]: i["indicator_label"] for i in results.leaves(first) if i["indicator_id"]
    }
    units = [row["unit_code"] for row in results.ranking]
    out = []
    for indicator_id, label in seen.items():
        lines = [results.series.get((unit, indicator_id), {}) for unit in units]
        now = [v for line in lines if (v := line.get(results.year)) is not None]
        total = None if indicators()[indicator_id].is_rate or not now else sum(now, Decimal(0))
        out.append(
            {
                "label": label,
                "measure": indicators()[indicator_id].unit,
                "chart": spread(results.years, lines),
                "units": len(now),
                "total": total,
            }
        )
    return out


def _points(value: Decimal | None, digits: int = 2) -> Markup:
    return _exact(value, points(value, digits))


def _amount(value: Decimal | None, measure: str | None = None) -> Markup:
    return _exact(value, amount(value, measure))


def _exact(value: Decimal | None, shown: str) -> Markup:
    """What is read; in an element that keeps the value to its last digit where that is not what is read."""
    if value is None:
        return escape(shown)
    read = Decimal(shown.rstrip("%").replace(",", "")) / (100 if shown.endswith("%") else 1)
    return (
        escape(shown)
        if read == value
        else Markup("<data value={}>{}</data>").format(f"{value.normalize():f}", shown)
    )
