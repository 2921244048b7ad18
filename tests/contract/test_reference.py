"""The reference data say what is known, mean one thing at a time, and refuse to load when they do not."""

from __future__ import annotations

import shutil
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.contract.catalogue import ROOT, ContractError, records
from flows.contract.text import name_key
from flows.contract.units import EARLIEST, LATEST, reference

BEFORE, SINCE, ARTICLE = date(2011, 11, 30), date(2011, 12, 1), date(2015, 11, 11)
DATA = reference()


def test_forty_units_are_assessed_on_every_day_of_the_five_years() -> None:
    for year in range(2011, 2016):
        for month in range(1, 13):
            units = DATA.assessed_on(date(year, month, 1))
            assert len(units) == 40
            assert {u.parent_code for u in units} == {"chongqing"}
    before, since = ({u.unit_code for u in DATA.assessed_on(day)} for day in (BEFORE, SINCE))
    assert before - since == {
        "qijiang-county",
        "wansheng-district",
        "dazu-county",
        "shuangqiao-district",
    }


def test_every_unit_that_ended_has_a_successor_from_the_next_day() -> None:
    ended = {u.unit_code: u.valid_to for u in DATA.units if u.valid_to != LATEST}
    assert {c.from_unit: c.on_date for c in DATA.unit_changes} == {
        code: date.fromordinal(last.toordinal() + 1) for code, last in ended.items()
    }
    assert all(DATA.unit(c.to_unit).valid_from == c.on_date for c in DATA.unit_changes)


@pytest.mark.parametrize(
    ("text", "on", "expected"),
    [
        ("永川区总工会", ARTICLE, "yongchuan"),
        (" 永 川\n区 ", ARTICLE, "yongchuan"),
        ("重庆市永川区总工会", ARTICLE, "yongchuan"),
        ("yongchuan", ARTICLE, "yongchuan"),
        ("５００１１８", ARTICLE, "yongchuan"),
        ("500110", BEFORE, "wansheng-district"),
        ("500110", SINCE, "qijiang"),
        ("500111", BEFORE, "shuangqiao-district"),
        ("500111", SINCE, "dazu"),
        ("500222", SINCE, None),
        ("綦江", BEFORE, "qijiang-county"),
        ("綦江", SINCE, "qijiang"),
        ("万盛", BEFORE, "wansheng-district"),
        ("万盛经开区", SINCE, "wansheng"),
        ("万盛区总工会", SINCE, None),
        ("璧山县", date(2014, 6, 1), "bishan"),
        ("璧山区", date(2014, 6, 1), "bishan"),
        ("璧山县", ARTICLE, None),
        ("潼南县", date(2015, 6, 30), "tongnan"),
        ("开县", ARTICLE, "kaizhou"),
        ("开州区", ARTICLE, None),
        ("石柱县", ARTICLE, "shizhu"),
        ("石柱土家族自治县总工会", ARTICLE, "shizhu"),
        ("永川县", ARTICLE, None),
        ("", ARTICLE, None),
    ],
)
def test_a_unit_by_name_and_day(text: str, on: date, expected: str | None) -> None:
    assert DATA.resolve_unit(text, "chongqing", on) == expected


def test_an_office_sees_itself_and_its_children_only() -> None:
    assert DATA.is_office("chongqing")
    assert DATA.is_office("acftu")
    assert not DATA.is_office("yongchuan")
    assert DATA.resolve_unit("重庆市总工会", "chongqing", ARTICLE) == "chongqing"
    assert DATA.resolve_unit("江津区", "yongchuan", ARTICLE) is None
    assert DATA.resolve_unit("永川区", "yongchuan", ARTICLE) == "yongchuan"
    assert DATA.resolve_unit("永川区", "acftu", ARTICLE) is None


def test_provinces_by_short_and_full_name() -> None:
    provinces = [u for u in DATA.children("acftu") if u.kind == "province"]
    assert len(provinces) == 31
    for unit in provinces:
        assert DATA.resolve_unit(unit.name, "acftu", ARTICLE) == unit.unit_code
        assert DATA.resolve_unit("  ".join(unit.short_name), "acftu", ARTICLE) == unit.unit_code
    for text in ("重庆", "重庆市"):
        assert DATA.resolve_unit(text, "acftu", ARTICLE) == "cn-chongqing"
    assert DATA.resolve_unit("宁夏回族自治区", "acftu", ARTICLE) == "cn-ningxia"


def test_a_sender_may_use_the_only_name_a_unit_ever_had() -> None:
    assert DATA.resolve_sender("綦江县总工会", ARTICLE) == "qijiang-county"
    assert DATA.resolve_sender("綦江", ARTICLE) == "qijiang"
    assert DATA.resolve_sender("500110", ARTICLE) == "qijiang"
    assert DATA.resolve_sender("开州区总工会", ARTICLE) == "kaizhou"
    assert DATA.resolve_sender("某某区", ARTICLE) is None


@pytest.mark.parametrize(
    "pairs",
    [list(DATA.subjects()), [(u.unit_code, n) for u in DATA.units for n in DATA.localities_of(u.unit_code)]],
    ids=["units", "divisions"],
)
def test_a_join_on_sender_name_and_day_never_doubles_a_row(pairs: list[tuple[str, object]]) -> None:
    spans: dict[tuple[str, str], list[tuple[date, date]]] = {}
    for sender, name in pairs:
        spans.setdefault((sender, name.key), []).append((name.valid_from, name.valid_to))  # type: ignore[attr-defined]
    for uses in spans.values():
        uses.sort()
        assert all(first <= last for first, last in uses)
        assert all(a[1] < b[0] for a, b in pairwise(uses))


def test_the_lineage_of_yongchuan_and_the_districts_on_given_days() -> None:
    named = {d.code for d in DATA.divisions if d.level == "district" and d.name.startswith("永川")}
    assert named == {"512725", "510229", "519005", "510281", "500183", "500383", "500118"}
    assert named <= set(DATA.id_prefixes)
    # In years of which only the year of a change is known, old and new overlap: count on settled days.
    counted = {
        day: {
            d.name for d in DATA.divisions if d.parent_code == "500000" and d.valid_from <= day <= d.valid_to
        }
        for day in (date(2010, 6, 1), SINCE, ARTICLE, date(2024, 1, 1), date(2025, 12, 1))
    }
    assert [len(names) for names in counted.values()] == [
        40,
        38,
        38,
        38,
        36,
    ]  # 37 with the one without a code
    assert sum(name.endswith("县") for name in counted[ARTICLE]) == 15


def test_towns_by_name_within_their_own_district() -> None:
    towns = DATA.towns_of("yongchuan")
    assert (len(towns), sum(t.name.endswith("街道") for t in towns)) == (23, 7)
    for town in towns:
        for text in (town.name, f"永川区{town.name}", town.name.removesuffix("街道").removesuffix("镇")):
            assert DATA.resolve_division(text, "yongchuan", ARTICLE) == town.code
        if town.name != "临江镇":  # another one of this name is in 开州
            assert DATA.resolve_division(town.name, "kaizhou", ARTICLE) is None
    assert DATA.resolve_division("临江镇", "kaizhou", ARTICLE) == "500154117"
    assert DATA.resolve_division("500118001", "yongchuan", ARTICLE) == "500118001"
    assert (
        DATA.resolve_division("500118104", "yongchuan", ARTICLE) is None
    )  # 临江 in one table, 何埂 in the other
    assert DATA.resolve_division("500101001", "wanzhou", ARTICLE) is None  # one table alone lists its code
    assert DATA.resolve_division("500110", "qijiang", SINCE) == "500110"
    assert DATA.resolve_division("500110", "qijiang", BEFORE) is None
    assert DATA.resolve_division("璧山", "bishan", date(2014, 6, 1)) == "500120"
    assert DATA.resolve_division("璧山", "bishan", date(2013, 6, 1)) == "500227"


def test_every_assessed_unit_has_its_towns() -> None:
    assert len(DATA.towns) == 1031
    for unit in (u for u in DATA.units if u.is_assessed):
        towns = DATA.towns_of(unit.unit_code)
        assert len(towns) >= 3
        for town in towns:
            assert DATA.resolve_division(town.name, unit.unit_code, ARTICLE) == town.code
            assert DATA.resolve_division(unit.short_name + town.name, unit.unit_code, ARTICLE) == town.code


@pytest.mark.parametrize(
    ("text", "sender", "expected"),
    [
        ("开县汉丰街道", "kaizhou", "500154001"),
        ("开州区汉丰街道", "kaizhou", "500154001"),
        ("石角镇", "qijiang-county", "500110108"),  # its list is that of the district it became part of
        ("青年镇", "wansheng-district", "500110102"),
        ("万盛经开区青年镇", "wansheng", "500110102"),
        ("古南街道", "wansheng", None),
        ("南坪", "nanan", None),  # 南坪街道 or 南坪镇
        ("南坪镇", "nanan", "500108101"),
        ("云阳", "yunyang", "500235"),  # the county, not its 云阳镇
        ("地宝土家族乡", "wanzhou", "500101238"),
    ],
)
def test_towns_of_districts_that_changed_or_share_names(text: str, sender: str, expected: str | None) -> None:
    assert DATA.resolve_division(text, sender, ARTICLE) == expected


def test_periods_have_the_days_they_say() -> None:
    spans = {p.period_id: (p.from_on, p.to_on) for p in DATA.periods}
    assert spans["2015"] == (date(2015, 1, 1), date(2015, 12, 31))
    assert spans["U2014"] == (date(2013, 10, 1), date(2014, 9, 30))
    assert spans["2012-02"] == (date(2012, 2, 1), date(2012, 2, 29))
    assert spans["F201011-201510"] == (date(2010, 11, 1), date(2015, 10, 31))
    assert spans["F201101-201510"] == (date(2011, 1, 1), date(2015, 10, 31))
    assert spans["F2011-2015"] == (date(2011, 1, 1), date(2015, 12, 31))
    assert {"2000", *map(str, range(2006, 2026))} <= set(spans)
    for year in range(2011, 2016):
        for parts in (
            [f"{year}-{month:02d}" for month in range(1, 13)],
            [f"{year}Q{n}" for n in range(1, 5)],
            [f"{year}H{n}" for n in (1, 2)],
        ):
            days = [(spans[p][1] - spans[p][0]).days + 1 for p in parts]
            assert sum(days) == (spans[str(year)][1] - spans[str(year)][0]).days + 1
            assert all(spans[a][1].toordinal() + 1 == spans[b][0].toordinal() for a, b in pairwise(parts))


def test_the_calendar_knows_real_kinds_and_due_days_after_their_period() -> None:
    ends = {p.period_id: p.to_on for p in DATA.periods}
    assert DATA.calendar
    for due in DATA.calendar:
        assert due.record in records()
        assert due.due_on > ends[due.period_id]


@given(st.text(alphabet="永川区 　\u200b\ufeff\tＡa（(１1", max_size=12))
def test_the_key_of_a_key_is_itself(text: str) -> None:
    assert name_key(name_key(text)) == name_key(text)
    assert name_key(" " + text + "\u3000") == name_key(text)


@pytest.mark.parametrize(
    ("file", "line", "words"),
    [
        ("division.csv", "500118,永州区,district,500000,2010-01-01,,x", "500118 means both"),
        ("division.csv", "500998,某县,district,509999,,,x", "no parent 509999"),
        ("division.csv", "5001,某县,district,500000,,,x", "not a division code"),
        ("division.csv", "500998,某县,town,500000,,,x", "level town"),
        ("division.csv", "500998,某县,district,500000,2012-02-30,,x", "day is out of range"),
        ("unit.csv", "nowhere,某区总工会,永川区,,district,chongqing,true,,", "永川区 means both"),
        ("unit.csv", "nowhere,某区总工会,某区,,district,atlantis,true,,", "no parent atlantis"),
        ("unit.csv", "nowhere,某区总工会,某区,,district,chongqing,maybe,,", "expected true or false"),
        ("town_code.csv", "500118,某镇,x,500118999,nowhere", "no unit nowhere"),
        ("unit_name.csv", "nowhere,某区,,", "no unit nowhere"),
        ("unit_name.csv", "yongchuan,永川市,2012-01-01,2011-01-01", "ends before it starts"),
        ("unit_change.csv", "yongchuan,nowhere,2012-01-01", "no unit nowhere"),
        ("unit_change.csv", "yongchuan,nowhere", "not as many fields"),
        ("period.csv", "2015,again,2015-01-01,2015-12-31", "2015 twice"),
        ("period.csv", "X,backwards,2015-12-31,2015-01-01", "X ends before it starts"),
        ("calendar.csv", "mediation,2099,2100-01-10", "no period 2099"),
        ("calendar.csv", "mediation,2015,2016-01-11", "mediation 2015 twice"),
        ("fall_limit.csv", "mediations,year,0.5,20,", "mediations: no such record kind"),
        ("fall_limit.csv", ",year,0.4,20,", "any kind year twice"),
        ("fall_limit.csv", "mediation,month,0.5,20,", "fall_limit.csv:4: against is month"),
        ("fall_limit.csv", "mediation,year,50%,20,", "50% or 20 is no number"),
        ("fall_limit.csv", "mediation,year,1.5,20,", "expected 0 < fall_share <= 1"),
    ],
)
def test_inconsistent_files_do_not_load(tmp_path: Path, file: str, line: str, words: str) -> None:
    shutil.copytree(ROOT / "data" / "reference", tmp_path / "data" / "reference")
    with (tmp_path / "data" / "reference" / file).open("a", encoding="utf-8") as stream:
        stream.write(line + "\n")
    with pytest.raises(ContractError, match=words):
        reference(tmp_path)


def test_open_ends_are_real_days() -> None:
    assert all(EARLIEST <= n.valid_from <= n.valid_to <= LATEST for n in DATA.unit_names)


@pytest.mark.parametrize(
    ("unit", "on", "expected"),
    [
        ("tongliang", date(2013, 1, 1), "铜梁县"),
        ("tongliang", date(2015, 1, 1), "铜梁区"),
        ("rongchang", date(2015, 1, 1), "荣昌县"),
        ("kaizhou", date(2015, 1, 1), "开县"),
        ("kaizhou", date(2017, 1, 1), "开州区"),
        ("yongchuan", date(2011, 1, 1), "永川区"),
    ],
)
def test_the_short_name_of_a_day(unit: str, on: date, expected: str) -> None:
    assert DATA.short_name_on(unit, on) == expected
