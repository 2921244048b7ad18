"""A number that a column nobody understands leaves open is proven as such: its rows are named, and the column."""

from __future__ import annotations

import re
from pathlib import Path

from flows.audit.value_proof import ValueAsked, prove_value
from flows.metrics.refresh import measure
from flows.warehouse.publish import publish
from tests.support.world import HEADER, World, case


def test_an_unsettled_number_names_its_column_and_its_rows(tmp_path: Path) -> None:
    world = World(tmp_path)
    header = HEADER.replace("调解结果", "弄成了没有")
    world.send("2016-01-05", "2015年调解台账.csv", case(1), case(2), header=header)
    world.build()
    measure(world.paths)
    publish(world.paths)
    asked = ValueAsked("yongchuan", "mediation_succeeded", "2015", with_passed=True)
    proof = prove_value(world.paths, asked)
    assert proof.is_proven and proof.published is not None
    assert (proof.published.state, proof.published.value) == ("unsettled", None)
    assert (proof.published.lower, proof.published.upper) == (0, 2)
    [remark] = proof.remarks
    assert re.search("表头“□[0-9a-f]{6}没有”看不懂，可能是“调解结果”", remark) and remark.endswith(
        "最少0，最多2"
    )
    assert [(row.row_number, row.reason) for row in proof.passed] == [(2, "open_column"), (3, "open_column")]
    assert "“调解结果”" in proof.passed[0].detail
