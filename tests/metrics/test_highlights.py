"""What units did over several years, beside the same reckoned in Python."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.assess.score_years import create_open
from flows.contract.catalogue import ROOT
from tests.support import stand

YEARS = (2013, 2014, 2015)
SPAN = "F2013-2015"
UNITS = ("yongchuan", "dazu", "dazu-county")
MORE, NEITHER, RATE = "legal_aid_cases", "mediation_accepted", "mediation_success_rate"

Values = Mapping[tuple[str, int], int | None]


@pytest.fixture(scope="module")
def con() -> duckdb.DuckDBPyConnection:
    made = stand.empty()
    create_open(made)
    made.execute(
        "insert into ref.period by name select $1 as period_id, '三年' as label, date '2013-01-01' as from_on, date '2015-12-31' as to_on",
        [SPAN],
    )
    return made


def fill(con: duckdb.DuckDBPyConnection, indicator: str, values: Values) -> None:
    con.execute("delete from metric.value")
    for (unit, year), value in values.items():
        periods = [str(year), *([SPAN] if year == YEARS[-1] else [])]
        for period in periods:
            con.execute(
                "insert into metric.value by name select $1 as unit_code, $2 as period_id, $3 as indicator_id, "
                "$4 as state, $5 as value, 0 as record_count, 0 as undecided_count",
                [unit, period, indicator, "not_reported" if value is None else "value", value],
            )


def said(con: duckdb.DuckDBPyConnection) -> dict[str, dict[str, object]]:
    found = con.execute("select * from open.工作亮点 where 时期代码 = $1", [SPAN])
    names = [column[0] for column in found.description]
    return {row["单位代码"]: row for row in (dict(zip(names, r, strict=True)) for r in found.fetchall())}


def by_hand(values: Values, sign: int) -> dict[str, dict[str, object]]:
    """Of the units that still exist on the last day: dazu does not yet in 2013, dazu-county no longer in 2015."""
    exists = {"yongchuan": YEARS, "dazu": YEARS[1:], "dazu-county": YEARS[:1]}
    have = {u: {y: v for y in exists[u] if (v := values.get((u, y))) is not None} for u in UNITS}
    out = {}
    shown = {u: have[u][YEARS[-1]] for u in UNITS if YEARS[-1] in have[u]}
    for unit, value in shown.items():
        years = sorted(have[unit])
        rises = 0
        for year in reversed(years[1:]):
            if year - 1 not in have[unit] or have[unit][year] * sign <= have[unit][year - 1] * sign:
                break
            rises += 1
        firsts = sum(
            1
            for year in years
            if have[unit][year]
            and all(sign * have[unit][year] >= sign * have[o].get(year, have[unit][year]) for o in UNITS)
        )
        first, last = have[unit][years[0]], have[unit][years[-1]]
        growth = None
        if first > 0 and len(years) > 1:
            growth = (Decimal(last * 100) / first).quantize(Decimal("0.1"), ROUND_HALF_UP) - 100
        out[unit] = {
            "数值": value,
            "位次": 1 + sum(1 for other in shown.values() if sign * other > sign * value),
            "有数单位": len(shown),
            "起始年": years[0],
            "起始年数值": first,
            "末年": years[-1],
            "末年数值": last,
            "增长百分数": growth,
            "连续向好年数": rises,
            "年度第一次数": firsts,
        }
    return out


@given(
    st.dictionaries(
        st.tuples(st.sampled_from(UNITS), st.sampled_from(YEARS)), st.none() | st.integers(0, 4), min_size=3
    )
)
@settings(max_examples=60, deadline=None)
def test_a_span_is_what_its_years_say(con: duckdb.DuckDBPyConnection, values: Values) -> None:
    fill(con, MORE, values)
    found = said(con)
    expected = by_hand(values, 1)
    assert found.keys() == expected.keys()
    for unit, row in expected.items():
        assert {name: found[unit][name] for name in row} == row


def test_of_what_should_be_less_the_least_is_first(con: duckdb.DuckDBPyConnection) -> None:
    values = {("yongchuan", 2014): 3, ("yongchuan", 2015): 2, ("dazu", 2014): 1, ("dazu", 2015): 4}
    fill(con, MORE, values)
    con.execute("begin; update ref.indicator set direction = 'down' where indicator_id = $1", [MORE])
    try:
        found = said(con)
    finally:
        con.execute("rollback")
    for unit, row in by_hand(values, -1).items():
        assert {name: found[unit][name] for name in row} == row


def test_a_rate_moves_by_points_and_what_is_neither_has_no_place(con: duckdb.DuckDBPyConnection) -> None:
    fill(con, RATE, {("yongchuan", 2014): 0, ("yongchuan", 2015): 1})
    row = said(con)["yongchuan"]
    assert (row["变动百分点"], row["增长百分数"], row["板块"]) == (Decimal("100.0"), None, "维权服务")
    fill(con, NEITHER, {("yongchuan", 2015): 7})
    assert said(con)["yongchuan"]["位次"] is None


def test_matters_of_the_assessment_itself_are_no_highlights(con: duckdb.DuckDBPyConnection) -> None:
    fill(con, "late_excuses_refused", {("yongchuan", 2015): 7})
    assert said(con) == {}


def test_every_area_of_an_indicator_has_words() -> None:
    areas = {path.parent.name for path in (ROOT / "sql" / "indicator").glob("*/*.sql")}
    words = (ROOT / "sql" / "code" / "indicator_area.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert areas == {line.split(",")[0] for line in words}
