"""What the page, the workbook and the screen say alike: places gained, best and worst items, quality, written numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

from flows.report.results.scored_year import Row, YearResults
from flows.score.explain.format import number

#: Items shown as the best and as those to mend.
_SHOWN = 3

#: Highlights of several years that are shown of a unit.
_OVER_YEARS = 6
#: A place that more units share is no highlight.
_SHARED = 3


class Move(NamedTuple):
    """A unit's place beside that of the year before: places gained, None for one that had no points there."""

    row: Row
    places: int | None


def place_moves(results: YearResults) -> list[Move]:
    """How many places each unit gained on the year before, best place first."""
    return [
        Move(row, None if (before := row["overall_rank_before"]) is None else before - row["overall_rank"])
        for row in results.ranking
    ]


def moved_words(move: Row) -> str:
    """How a unit's result differs from the last publication, and why."""
    total = _from_to(points(move["points_before"]), points(move["points_now"]))
    place = _from_to(*(str(move[f"overall_rank_{when}"] or "－") for when in ("before", "now")))
    grade = _from_to(*(move[f"grade_{when}_label"] or "－" for when in ("before", "now")))
    return f"{total}分，第{place}名，{grade}；{move['reasons']}"


def _from_to(before: str, now: str) -> str:
    return now if before == now else f"{before}→{now}"


def best_items(results: YearResults, unit: str) -> list[Row]:
    """The items with the highest share of their points, the weightier first."""
    scored = [item for item in results.leaves(unit) if item["points"] is not None and item["full_points"] > 0]
    return sorted(scored, key=lambda i: (-i["points"] / i["full_points"], -i["full_points"], i["position"]))[
        :_SHOWN
    ]


def lost_items(results: YearResults, unit: str, most: int = _SHOWN) -> list[Row]:
    """The items that lost most points."""
    lost = [i for i in results.leaves(unit) if i["points"] is not None and i["full_points"] > i["points"]]
    return sorted(lost, key=lambda i: (i["points"] - i["full_points"], i["position"]))[:most]


def unsettled_items(results: YearResults, unit: str) -> list[Row]:
    """The items whose points may still change, those that may change most first: why a result is provisional."""
    found = [item for item in results.leaves(unit) if item["points_low"] != item["points_high"]]
    return sorted(found, key=lambda i: ((i["points_low"] or 0) - (i["points_high"] or 0), i["position"]))


def best_of_years(results: YearResults, unit: str) -> list[Row]:
    """What a unit did over several years, in the first third, shared with few and not fallen; most often first, then most growth."""
    shared = Counter(
        (row["indicator_label"], row["place"]) for rows in results.highlights.values() for row in rows
    )
    found = [
        row
        for row in results.highlights.get(unit, ())
        if row["place"] is not None
        and row["place"] * 3 <= row["placed"]
        and row["value"] > 0
        and shared[row["indicator_label"], row["place"]] <= _SHARED
        and (row["growth"] or 0) >= 0
        and (row["moved"] or 0) >= 0
    ]
    found.sort(
        key=lambda row: (row["place"], -row["years_first"], -row["years_risen"], -(row["growth"] or 0))
    )
    return found[:_OVER_YEARS]


def over_years(row: Row) -> str:
    """What was done of one thing over several years, where that stands, and how it moved."""
    measure = "" if row["measure"] == "比率" else row["measure"]
    said = [f"第{row['place']}"]
    if row["growth"]:
        way = "增长" if row["growth"] > 0 else "下降"
        said.append(f"{row['last_year']}年比{row['first_year']}年{way}{points(abs(row['growth']), 1)}%")
    if row["moved"]:
        way = "提高" if row["moved"] > 0 else "下降"
        said.append(f"{row['last_year']}年比{row['first_year']}年{way}{points(abs(row['moved']), 1)}个百分点")
    if row["years_risen"] > 1:
        said.append(f"连续{row['years_risen']}年向好")
    if row["years_first"] > 1:
        said.append(f"{row['years_first']}个年度第一")
    return f"{row['indicator_label']}{amount(row['value'], row['measure'])}{measure}（{'，'.join(said)}）"


def quality(rows: Sequence[Row]) -> dict[str, Any]:
    """What became of the rows that a unit sent for the year.

    `share` is accepted by accepted and rejected, None without either: rows of totals, notes and repetitions are no fault.
    """
    read = sum(row["rows_read"] or 0 for row in rows)
    accepted = sum(row["rows_accepted"] or 0 for row in rows)
    rejected = sum(row["rows_rejected"] or 0 for row in rows)
    return {
        "deliveries": sum(row["deliveries"] for row in rows),
        "held": sum(row["held"] for row in rows),
        "rows_read": read,
        "rows_accepted": accepted,
        "rows_rejected": rejected,
        "share": Decimal(int(accepted)) / int(accepted + rejected) if accepted + rejected else None,
    }


def places(row: Row) -> str:
    """The places that a unit may still take in its group."""
    best, worst = row["group_rank_best"], row["group_rank_worst"]
    return str(best) if best == worst else f"{best}–{worst}"


def points(value: Decimal | None, digits: int = 2) -> str:
    """Points, rounded half up as people round; a dash where there are none."""
    return "－" if value is None else f"{value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP):f}"


def amount(value: Decimal | None, measure: str | None = None) -> str:
    """A figure as sentences write it; a rate as a percentage."""
    if value is not None and measure == "比率":
        return share(value)
    return "－" if value is None else number(value, 2).removeprefix("约")


def share(value: Decimal | None) -> str:
    """A share of 1 as a percentage with one place."""
    return "－" if value is None else f"{points(value * 100, 1)}%"
