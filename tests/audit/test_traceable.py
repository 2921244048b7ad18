"""What a word means for `trace`: exactly one thing, or choices."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from flows.audit.trace_subject import TraceSubject, alike, by_indicator, meant

SUCCEEDED = "mediation_succeeded"


@pytest.fixture
def edition() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        con.execute(
            """create schema ref;
            create table ref.item (year smallint, item_id varchar, indicator_id varchar, label varchar, position integer);
            insert into ref.item values
              (2015, 'mediation', 'mediation_succeeded', '调解', 1), (2015, 'aid', 'legal_aid_cases', '法律 援助', 2),
              (2015, 'aid_more', 'legal_aid_cases', '法律援助加分', 3), (2015, 'members', 'migrant_members', '农民工入会', 4),
              (2014, 'old', 'members', '会员', 1)"""
        )
        yield con


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("mediation", [("mediation", SUCCEEDED)]),
        ("调解", [("mediation", SUCCEEDED)]),
        ("法律援助", [("aid", "legal_aid_cases")]),
        (SUCCEEDED, [("mediation", SUCCEEDED)]),  # the indicator of one item is that item
        ("成功调解劳动争议案件", [("mediation", SUCCEEDED)]),
        ("legal_aid_cases", [("aid", "legal_aid_cases"), ("aid_more", "legal_aid_cases")]),
        ("members", [("members", "migrant_members"), (None, "members")]),  # an item and another indicator
        ("students_aided", [(None, "students_aided")]),
        ("old", []),
    ],
)
def test_exact_meanings(
    edition: duckdb.DuckDBPyConnection, text: str, found: list[tuple[str | None, str]]
) -> None:
    assert [(c.item, c.indicator) for c in meant(edition, 2015, text)] == found


def test_a_part_of_a_name_is_only_a_hint(edition: duckdb.DuckDBPyConnection) -> None:
    assert meant(edition, 2015, "援助") == []
    hints = [c.said for c in alike(edition, 2015, "援助")]
    assert hints[:2] == ["aid 法律 援助", "aid_more 法律援助加分"]
    assert any(said.startswith("legal_aid_cases ") for said in hints)


def test_an_indicator_alone() -> None:
    assert by_indicator("工会会员") == [TraceSubject(None, "members", "工会会员")]
    assert by_indicator("会员") == []


def test_an_edition_without_a_scheme_has_indicators_only() -> None:
    with duckdb.connect() as con:
        assert meant(con, 2015, "members") == [TraceSubject(None, "members", "工会会员")]
