"""Take any column that an indicator reads away from its case, or let nobody understand it: no number may be silently wrong.

The value is what it was, or it is withheld, or it is the lower end of bounds between which the true one lies. The one exception is
what a definition says of an empty cell (a blank number of sessions is one): a table without the column means the same.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from flows.contract.catalogue import load_yaml, records
from flows.contract.indicator import indicators
from flows.metrics.indicator_sql import compile_indicator
from flows.metrics.values import fill
from tests.support import stand

CASES = sorted((Path(__file__).parents[1] / "case" / "indicator").glob("*.yml"))

#: What a definition says of an empty cell (it is paid, active, on file, one session …), so that a table without the column is
#: counted by that. An aid case that names no mediation continues none.
SAYS = {
    "arts_festivals": {"level"},
    "audit_committee_rate": {"status"},
    "collective_contract_rate": {"status"},
    "consolation_goods_yuan": {"payment_state"},
    "consolation_money_yuan": {"payment_state"},
    "consolation_visits": {"payment_state", "reached_people"},
    "covered_employers": {"status"},
    "federation_honours_national": {"status"},
    "labour_competition_coverage": {"status"},
    "labour_competitions": {"kind"},
    "may_day_medals": {"status"},
    "mediation_accepted": {"result"},
    "mediation_closed": {"result"},
    "mediation_closing_rate": {"result"},
    "members": {"membership_change"},
    "membership_rate_all_staff": {"status"},
    "micro_enterprises": {"town"},
    "migrant_members": {"membership_change"},
    "needy_coverage": {"payment_state", "file_state"},
    "needy_on_file": {"file_state"},
    "registered_members": {"status"},
    "rights_amount_yuan": {"mediation_case_no"},
    "stage_shows": {"sessions"},
    "student_aid_yuan": {"payment_state"},
    "students_aided": {"payment_state"},
    "union_organisations": {"status", "union_kind"},
    "unionisation_rate": {"is_due", "status"},
    "women_members": {"membership_change"},
}


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_no_number_is_silently_wrong_without_a_column(path: Path) -> None:
    case: dict[str, Any] = load_yaml(path)
    con = stand.shared()
    indicator = indicators()[path.stem]
    wrong = []
    for record, column in compile_indicator(con, indicator, records()).columns:
        if record not in case["given"] or records()[record].is_decision:
            continue  # a decision is read as a whole or not at all
        for mode in ("absent", "open_columns"):
            con.execute("begin")
            try:
                for kind, rows in case["given"].items():
                    stand.give(
                        con,
                        kind,
                        [_without(kind, row, column, mode) if kind == record else row for row in rows],
                    )
                fill(con, {path.stem: indicator})
                wrong += [
                    (column, mode, *found)
                    for expected in case["expect"]
                    if "value" in expected and (found := _silently_wrong(con, path.stem, expected))
                ]
            finally:
                con.execute("rollback")
    assert {column for column, mode, *_ in wrong if mode == "absent"} == SAYS.get(path.stem, set())
    assert [w for w in wrong if w[1] != "absent"] == []


def _without(kind: str, row: dict[str, Any], column: str, mode: str) -> dict[str, Any]:
    """The row of a file that lacks the column, or whose column nobody understands."""
    record = records()[kind]
    gone = {column, *(name for name, _ in record.columns[column].stored)}
    gone |= {c.name for c in record.columns.values() if c.derive and column in record.sources(c.name)}
    return {name: value for name, value in row.items() if name not in gone} | {mode: [column]}


def _silently_wrong(con: Any, name: str, expected: dict[str, Any]) -> tuple[object, ...]:
    key = [name, expected.get("unit", "yongchuan"), expected.get("period", "2015"), expected.get("category")]
    found = con.execute(
        "select state, value, lower, upper, undecided_count from metric.value where indicator_id = ? and unit_code = ? "
        "and period_id = ? and category is not distinct from ?",
        key,
    ).fetchall()
    if not found or found[0][1] is None:
        return ()
    state, value, lower, upper, undecided = found[0]
    true = None if expected["value"] is None else Decimal(str(expected["value"]))
    is_between = (
        undecided > 0
        and true is not None
        and (lower is None or lower <= true)
        and (upper is None or true <= upper)
    )
    return () if value == true or is_between else (state, value, lower, upper, true)
