"""A year of made-up figures and records for all units, different for every seed: what the engine and the oracle are given."""

from __future__ import annotations

from random import Random
from typing import Any

import duckdb

from flows.database.connect import insert_rows
from tests.support import stand
from tests.support.scheme import all_units, assessed

#: Indicators of items.yml and how large their figures are.
SIZES = {
    "mediation_succeeded": 40,
    "legal_aid_cases": 30,
    "training_classes": 20,
    "film_shows": 40,
    "leaflets_copies": 45,
    "model_workers": 6,
    "consultation_events": 12,
    "legal_aid_recovered_yuan": 90_000,
    "wage_recovered_yuan": 900_000,
    "mediation_closed": 40,
    "books_given": 60,
    "libraries_built": 9,
    "late_excuses_refused": 4,
    "reemployed_people": 30,
    "tripartite_meetings": 9,
    "micro_enterprises": 25,
    "trainee_times": 8,
    "students_aided": 50,
}
RATE = "mediation_success_rate"
UNITS = tuple(u.unit_code for u in assessed())


def fill(con: duckdb.DuckDBPyConnection, seed: int) -> dict[str, str]:
    """Everything a year is scored from, but the scheme; returns the group of each unit."""
    random = Random(seed)  # noqa: S311 (made-up figures)
    all_units(con)
    con.execute("delete from meta.run")
    con.execute(
        "insert into meta.run by name select '' as code_fingerprint, '' as key_fingerprint, 0 as deliveries, timestamp '2016-03-01 12:00' as last_received_at"
    )
    insert_rows(
        con,
        "metric.value",
        (
            "unit_code",
            "period_id",
            "indicator_id",
            "category",
            "state",
            "value",
            "numerator",
            "denominator",
            "record_count",
            "undecided_count",
            "lower",
            "upper",
        ),
        [row for unit in UNITS for row in _figures(random, unit)],
    )
    _reports(con, random)
    for record in (
        "verified_figure",
        "spot_check",
        "appeal",
        "rater_score",
        "bonus_application",
        "deduction",
        "veto_event",
        "past_result",
        "rank_decision",
    ):
        stand.give(con, record, [row for unit in UNITS for row in _records(random, record, unit)])
    return {unit: random.choice(("one", "two", "three")) for unit in UNITS}


def targets(seed: int) -> list[str]:
    """Lines of target.csv: some units have none, some a second one that replaced the first."""
    random = Random(seed + 1000)  # noqa: S311
    out = []
    for unit in UNITS:
        for indicator in (
            "mediation_succeeded",
            "legal_aid_cases",
            "mediation_closed",
            "tripartite_meetings",
        ):
            if random.random() < 0.9:
                out.append(
                    f"{unit},{indicator},{random.randint(4, 9 if indicator == 'tripartite_meetings' else 40)},样例1号,2015-01-20"
                )
            if random.random() < 0.2:
                out.append(f"{unit},{indicator},{random.randint(5, 40)},样例2号,2015-07-01")
    return out


def _figures(random: Random, unit: str) -> list[tuple[object, ...]]:
    rows = [
        _row(unit, indicator, period, None, _state(random), random.randint(1, most))
        for indicator, most in SIZES.items()
        for period in ("2014", "2015", *(("2015H1", "2015H2") if indicator == "trainee_times" else ()))
    ]
    if (known := next(r for r in rows if r[1:3] == ("2015", "model_workers")))[5]:
        for category in random.sample(("national", "municipal", "district", "base"), 3):
            rows.append(_row(unit, "model_workers", "2015", category, "value", random.randint(1, 3)))
    assert known is not None
    state = random.choice(("value",) * 6 + ("zero", "not_reported", "rejected", "not_applicable"))
    below = random.randint(1, 60)
    above = {"value": random.randint(max(1, below // 2), below), "zero": 0}.get(state)
    value = None if above is None else round(above / below, 6)
    rows.append(
        (unit, "2015", RATE, None, state, value, above, None if above is None else below, 1, 0, value, value)
    )
    return rows


def _row(
    unit: str, indicator: str, period: str, category: str | None, state: str, amount: int
) -> tuple[object, ...]:
    value = {"value": amount, "zero": 0}.get(state)
    return (unit, period, indicator, category, state, value, value, None, 1, 0, value, value)


def _state(random: Random) -> str:
    return random.choice(("value",) * 8 + ("zero", "not_reported", "rejected"))


def _reports(con: duckdb.DuckDBPyConnection, random: Random) -> None:
    con.execute("delete from ref.calendar")
    con.execute(
        "insert into ref.calendar values ('mediation', '2015', date '2016-01-10'), ('member', '2015', date '2016-01-15'), "
        "('mediation', '2014', date '2015-01-10')"
    )
    number = 0
    for unit in UNITS:
        for record in ("mediation", "member"):
            for _ in range(random.choice((0, 1, 1, 1, 2))):
                number += 1
                day = random.choice(("2016-01-09", "2016-01-12", "2016-01-18", "2016-02-20"))
                con.execute(
                    "insert into meta.delivery by name select $1 as delivery_id, $2 as sender, 'made' as name, 'x' as sha256, "
                    "cast($3 as timestamp) as received_at, 0 as cells_nonempty, 0 as cells_explained, false as is_backdated, "
                    "case when $4 then timestamp '2016-02-25' end as withdrawn_at",
                    [number, unit, day, random.random() < 0.2],
                )
                con.execute(
                    "insert into meta.part by name select $1 * 1000 as part_id, $1 as delivery_id, '' as sheet, $2 as record, "
                    "date '2015-01-01' as covers_from, date '2015-12-31' as covers_to, 0 as rows_read, 0 as rows_accepted, "
                    "0 as rows_rejected, 0 as rows_duplicate, 0 as rows_ignored, false as in_force, 1 as header_row, "
                    "false as is_turned",
                    [number, record],
                )
                con.execute("insert into meta.part_unit values ($1 * 1000, $2)", [number, unit])


def _records(random: Random, record: str, unit: str) -> list[dict[str, Any]]:
    row: dict[str, Any] = {
        "unit_code": unit,
        "sender": "chongqing",
        "year": 2015,
        "document_no": f"样字{random.random()}号",
    }

    def some(share: float) -> bool:
        return random.random() < share

    def day() -> str:
        return f"2016-01-{random.randint(10, 28)}"

    match record:
        case "verified_figure":
            return [
                {**row, "indicator": i, "verified": random.randint(0, most), "verified_on": day()}
                for i, most in SIZES.items()
                if i != "model_workers" and some(0.15)
            ]
        case "spot_check":
            return [
                {
                    **row,
                    "indicator": i,
                    "reduction": random.randint(0, most // 2),
                    "checked_on": day(),
                    "reason": "重复",
                }
                for i, most in SIZES.items()
                if i != "model_workers" and some(0.15)
            ]
        case "appeal":
            ruled = {**row, "filed_on": "2016-01-05", "ruling": "partly", "ruled_on": "2016-02-01"}
            figure = [{**ruled, "item": "film_shows", "indicator": "film_shows", "ruled_figure": 24}] * some(
                0.1
            )
            return figure + [{**ruled, "item": "place", "ruled_points": random.randint(0, 9)}] * some(0.1)
        case "rater_score":
            row.pop("document_no")
            given = [random.randint(60, 100) for _ in range(random.choice((2, 3, 4, 5)))]
            score = {
                **row,
                "item": random.choice(("raters", "部门评分")),
                "rater_group": "department",
                "full_points": 100,
            }
            out = [{**score, "points": points, "rater_key": str(n)} for n, points in enumerate(given)]
            return out + _other_scores(random, {**row, "full_points": 100})
        case "bonus_application":
            return [_bonus(random, unit) for _ in range(random.randint(0, 5))]
        case "deduction":
            item = ("work", "linear", "调解", "重点工作", "late", "按时报送", "best")
            return [
                {**row, "item": random.choice(item), "points": random.choice((0.1, 0.5, 1)), "reason": "迟报"}
                for _ in range(random.randint(0, 4))
            ]
        case "veto_event":
            condition = random.choice(("fraud", "criticism", "finance", "accident"))
            return [
                {**row, "condition": condition, "status": random.choice((None, "active", "lifted"))}
            ] * some(0.3)
        case "past_result":
            result = {
                "grade": "pass",
                "overall_rank": random.randint(1, 15),
                "total_points": random.choice((None, 88.5, 97, 104)),
            }
            return [{**row, **result, "year": 2014}] * some(0.8)
    return [{**row, "place": random.randint(1, 4), "reason": "表决"}] * some(0.4)


def _other_scores(random: Random, row: dict[str, Any]) -> list[dict[str, Any]]:
    """Scores of leaders and peers, and the committee's opinion; now and then somebody has not scored."""
    out = []
    for group, raters in (("leader", random.randint(0, 3)), ("peer", random.randint(2, 6))):
        for n in range(raters):
            key = {"rater_group": group, "rater_key": f"{group}{n}"}
            out.append({**row, **key, "item": "mixed", "points": random.randint(60, 100)})
    opinion = random.choice(("very_satisfied", "satisfied", "fairly_satisfied", "dissatisfied", None))
    if opinion:
        said = {
            "item": "opinion",
            "rater_group": "committee",
            "opinion": opinion,
            "rater_key": "k",
            "full_points": None,
        }
        out.append({**row, **said})
    return out


def _bonus(random: Random, unit: str) -> dict[str, Any]:
    claimed = random.choice((0.5, 1, 2, 3))
    return {
        "unit_code": unit,
        "sender": "chongqing",
        "matter": random.choice(("劳模", "奖状", "试点", "转发")),
        "kind": random.choice(("award", "award", "innovation", "pilot", "other", None)),
        "level": random.choice(("national", "municipal", "district")),
        "work_year": random.choice((2013, 2014, 2015)),
        "counted_year": random.choice((2014, 2015, 2015, 2015)),
        "claimed_points": claimed,
        "granted_points": random.choice((None, claimed, claimed, claimed / 2, 0)),
        "document_no": random.choice((None, "样奖1号", "样奖2号", "样奖3号")),
    }
