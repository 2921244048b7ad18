"""The second count agrees on small files of every shape, and notices a number that is not what its rows say."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.contract.indicator import indicators
from flows.contract.paths import Paths
from flows.database.connect import open_build
from tests.metrics.recount import differing
from tests.support import stand
from tests.support.inboxes import copied


def test_a_number_that_its_rows_do_not_say_is_noticed(filled: Paths, tmp_path: Path) -> None:
    with open_build(copied(filled, tmp_path)) as con:
        compared, differences = differing(con)
        assert compared > 1000 and differences == {}
        con.execute(
            "update metric.value set upper = upper + 1 "
            "where indicator_id = 'members' and unit_code = 'yongchuan' and period_id = '2015' and category is null"
        )
        con.execute(
            "delete from metric.value where indicator_id = 'arts_festivals' and unit_code = 'yongchuan'"
        )
        _, differences = differing(con, {name: indicators()[name] for name in ("members", "arts_festivals")})
    assert ("members", "yongchuan", "2015", None) in differences
    assert {key[:2] for key in differences} == {("members", "yongchuan"), ("arts_festivals", "yongchuan")}


@pytest.mark.parametrize(
    "part",
    [
        ["2011-01-17..2014-11-03", "2015-02-11..2015-02-11"],
        ["2015-01-01..2015-12-31", "2014-12-30..2016-02-29"],
    ],
)
def test_any_span_of_days_is_counted_alike(filled: Paths, tmp_path: Path, part: list[str]) -> None:
    """`metric.in_span` answers from what was kept of the rows, the second count from the rows."""
    with open_build(copied(filled, tmp_path)) as con:
        con.execute("delete from ref.period; delete from metric.value")
        for text in part:
            span = stand.span(text)
            con.execute("insert into ref.period values ($1, $1, $2, $3)", [text, *span])
            con.execute(
                f"insert into metric.value by name select $1 as period_id, * from metric.in_span('{span[0]}', '{span[1]}')",
                [text],
            )
        compared, differences = differing(con)
    assert compared > 1000 and differences == {}
