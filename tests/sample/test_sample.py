"""The generator by itself: same seed, same bytes; valid made-up IDs; the article's figures; honest counts."""

from __future__ import annotations

import csv
import json
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
import yaml
from stdnum.cn import ric, uscc

from flows.contract.catalogue import ContractError, records
from flows.contract.indicator import indicators
from flows.contract.record import Record
from flows.contract.units import reference
from flows.sample import district, generate, people
from flows.sample.cell_forms import amounts
from flows.sample.filler import KeyReader
from flows.sample.intent import ClerkStyle, FigureShare, PlannedFile, PlannedRow, PlannedTable
from flows.sample.lots import LotMaker
from flows.sample.plan import PLAN, load_plan
from flows.sample.senders import YEARS, senders
from flows.sample.sheets import NOTICE, layout
from flows.sample.truth import figures, settle
from tests.sample.article import READINGS, claims

SCALE = 0.002
SENDERS = {s.code: s for s in senders()}


def maker(code: str = "wanzhou") -> LotMaker:
    sender = SENDERS[code]
    return LotMaker(sender)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("sample")
    generate(target, units=["yongchuan", "wanzhou", "wansheng", "chongqing"], member_scale=SCALE)
    return target


@pytest.fixture(scope="module")
def truth(made: Path) -> dict[str, object]:
    loaded = json.loads((made / "truth.json").read_text(encoding="utf-8"))
    assert isinstance(loaded, dict)
    return loaded


def _bytes(folder: Path) -> dict[str, bytes]:
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()
    }


def test_the_same_seed_gives_the_same_bytes_and_another_seed_other_ones(tmp_path: Path) -> None:
    for name, seed in (("a", 7), ("b", 7), ("c", 8)):
        generate(tmp_path / name, seed=seed, units=["wanzhou"])
    assert _bytes(tmp_path / "a") == _bytes(tmp_path / "b")
    assert _bytes(tmp_path / "a") != _bytes(tmp_path / "c")


def test_a_units_files_do_not_depend_on_which_others_are_written(made: Path, tmp_path: Path) -> None:
    generate(tmp_path, units=["wanzhou"], member_scale=SCALE)
    alone, among = _bytes(tmp_path / "inbox"), _bytes(made / "inbox")
    own = {name for name in alone if name.split("/")[1] in ("万州区", "wanzhou", "万州区总工会")}
    assert len(own) > 5
    assert all(among[name] == alone[name] for name in own)


def test_made_up_ids_are_valid_distinct_and_carry_historic_prefixes() -> None:
    made_up = [people.citizen_id("500118", n) for n in range(0, 300_000, 37)]
    assert len(set(made_up)) == len(made_up)
    assert all(ric.calc_check_digit(i) == i[17] for i in made_up)
    assert all(
        ric.get_birth_date(i) == date.fromisoformat(f"{i[6:10]}-{i[10:12]}-{i[12:14]}") for i in made_up[:500]
    )
    assert {i[:6] for i in made_up} >= {"510229", "519005", "512725"}
    assert "500118" not in {i[:6] for i in made_up}


def test_short_ids_are_the_long_ones_without_century_and_check() -> None:
    long = people.citizen_id("500118", 12_345)
    short = people.short_form(long)
    assert len(short) == 15
    assert short[:6] + "19" + short[6:] == long[:17]


@pytest.mark.parametrize("head", ["91", "81"])
def test_credit_codes_are_valid(head: str) -> None:
    for n in range(0, 200_000, 997):
        assert uscc.is_valid(people.credit_code(n, "500118", head))


def test_every_name_is_seen_to_be_made_up() -> None:
    assert {people.name(n)[1] for n in range(6_000)} == set(people.MADE_UP)


def test_amounts_add_up_exactly() -> None:
    dice = SENDERS["yongchuan"].dice(1)
    for total, count in ((39_468_000, 1_650), (120_000, 1_530), (118_000, 18), (5, 1)):
        drawn = amounts(dice, total, count)
        assert sum(drawn) == total
        assert len(drawn) == count
        assert min(drawn) > 0


def test_every_kind_that_units_or_the_city_send_is_there(truth: dict[str, object]) -> None:
    kinds = {t["record"] for f in truth["files"] for t in f["tables"]}  # type: ignore[attr-defined]
    assert kinds >= set(records())


def test_every_claim_has_an_indicator_and_a_figure_inside_what_the_article_says() -> None:
    countable = {1, 2, 6, 7, *range(9, 17), 18, 19, 20, *range(23, 35), *range(36, 51), 52, 53, 54}
    assert {claim.number for claim in claims()} == countable
    for claim in claims():
        assert claim.indicator in indicators()
        assert claim.at_least is None or claim.at_least <= claim.figure
        assert claim.below is None or claim.figure < claim.below
        assert claim.out_of == 1 or 10 * claim.figure >= 8 * claim.out_of


def test_the_articles_figures_come_out_under_both_readings(truth: dict[str, object]) -> None:
    figures = truth["figures"]
    ratios = {
        "labour_competition_coverage": ("contest_covered_employers", "contest_due"),
        "unionisation_rate": ("employers_unionised", "employers_due"),
        "membership_rate": ("registered_members", "registered_staff"),
    }
    named = {
        "special_grade_streak": "special_grade_years",
        "five_good_team_streak": "five_good_team_years",
    }
    for claim in claims():
        for period in READINGS:
            if claim.indicator == "needy_coverage":
                continue  # who was visited is known by person, not by a figure
            if claim.indicator in ratios:
                a, b = (Fraction(figures[f]["yongchuan"][period]) for f in ratios[claim.indicator])  # type: ignore[index]
                assert a / b == claim.value, claim
                continue
            name = named.get(claim.indicator, claim.indicator)
            name += f"/{claim.category}" if claim.category else ""
            scale = SCALE if claim.indicator in ("members", "migrant_members") else 1
            assert Fraction(figures[name]["yongchuan"][period]) == round(claim.value * Fraction(scale)), claim  # type: ignore[index]


def test_calendar_years_differ_from_the_articles_period(truth: dict[str, object]) -> None:
    figures = truth["figures"]
    for name in (
        "mediation_succeeded",
        "legal_aid_cases",
        "film_shows",
        "members" if SCALE == 1 else "libraries_built",
    ):
        found = figures[name]["yongchuan"]  # type: ignore[index]
        assert Fraction(found["F2011-2015"]) > Fraction(found["F201101-201510"])


def test_every_row_of_every_table_has_one_fate(truth: dict[str, object]) -> None:
    for file in truth["files"]:  # type: ignore[attr-defined]
        for table in file["tables"]:
            parts = table["accepted"] + table["rejected"] + table["duplicate"] + table["ignored"]
            assert table["rows_read"] == parts
            assert len(table["faulty_rows"]) >= table["rejected"]
            assert all(row["issues"] for row in table["faulty_rows"])


def test_rows_that_share_a_key_are_duplicates_and_the_rest_has_keys_of_its_own() -> None:
    for code in ("wanzhou", "yongchuan"):
        for file in district(SENDERS[code]):
            for table in file.tables:
                key = KeyReader(table.record)
                keys = [key.of(r.values) for r in table.rows if r.fate == "accepted"]
                known = [k for k in keys if k is not None]
                assert len(known) == len(set(known)), (code, table.record.record, table.first)


def test_every_unit_writes_towns_of_its_own() -> None:
    data = reference()
    for code in ("wanzhou", "qijiang", "qijiang-county", "wansheng", "shuangqiao-district", "kaizhou"):
        rows = maker(code).rows(records()["library"])
        towns = {str(row.values["town"]) for row in rows}
        assert towns
        assert all(data.resolve_division(town, code, row.day) for town in towns for row in rows[:1])
    assert not set(SENDERS["qijiang"].towns) & set(SENDERS["wansheng"].towns)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"lots": [{"rows": 1, "cells": {"no_column": 1}}]}, "no columns"),
        ({"lots": [{"rows": 1, "colour": "red"}]}, "colour"),
        ({"lots": [{"rows": 1, "cells": {"kind": {"low": 1, "hight": 2}}}]}, "hight"),
        ({"lots": [{"id": "a"}, {"id": "a"}]}, "two of one name"),
        ({"lots": [{"continues": {"lot": "library.nowhere"}}]}, "nowhere"),
    ],
)
def test_a_plan_that_says_what_cannot_be_is_refused(
    change: dict[str, object], words: str, tmp_path: Path
) -> None:
    for path in PLAN.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "culture.yml").write_text(yaml.safe_dump({"library": change}), encoding="utf-8")
    with pytest.raises(ContractError, match=words):
        load_plan(False, tmp_path)


def test_the_roll_has_the_rows_that_the_truth_counts(made: Path, truth: dict[str, object]) -> None:
    roll = next(made.glob("inbox/*/*/会员名册20150930.csv"))
    lines = roll.read_bytes().decode("utf-8-sig").splitlines()
    assert NOTICE in lines[1]
    rows = list(csv.reader(lines[3:]))
    entry = next(f for f in truth["files"] if f["name"] == roll.name)["tables"][0]  # type: ignore[attr-defined]
    assert len(rows) == entry["rows_read"]
    current = [
        r
        for r in rows
        if r[0].isdigit() and r[8] not in ("转出", "退会", "除名", "死亡") and r[1] and r[4] != "不详"
    ]
    assert len(current) == entry["accepted"] + entry["duplicate"] - max(2, round(260_000 * SCALE) // 80)


def test_every_sheet_says_that_its_people_are_made_up(made: Path) -> None:
    written = [NOTICE.encode(encoding) for encoding in ("gb18030", "utf-8", "utf-16-le")]
    for path in made.rglob("*.csv"):
        raw = path.read_bytes()
        if len(raw) > 300:  # the junk is smaller or no text at all
            assert any(text in raw for text in written), path.name


def test_a_new_kind_needs_no_python() -> None:
    record = Record.model_validate(
        {
            "record": "hostel",
            "label": "职工宿舍台账",
            "description": "One row per hostel.",
            "area": "welfare",
            "key": ["unit_code", "hostel_name"],
            "recognise": {"title": ["宿舍"], "columns": ["hostel_name"]},
            "columns": {
                "hostel_name": _column("text", "宿舍名称", required=True),
                "opened_on": _column("date", "启用日期", required=True),
                "closed_on": _column("date", "停用日期", required=True),
                "beds": _column("count", "床位数", required=True, sample={"low": 10, "high": 20}),
                "rent_yuan": _column("money", "租金", unit="元"),
                "rate_pct": _column("pct", "入住率"),
            },
            "checks": [
                {"id": "order", "rule": "opened_on <= closed_on", "severity": "reject", "message": "日期"},
                {"id": "odd", "rule": "rate_pct < beds * 3", "severity": "reject", "message": "比率"},
            ],
        }
    )
    rows = maker().rows(record)
    assert {row.day.year for row in rows} == set(YEARS)
    for row in rows:
        opened, closed, beds = (row.values[name] for name in ("opened_on", "closed_on", "beds"))
        assert isinstance(opened, date) and isinstance(closed, date) and opened <= closed
        assert isinstance(beds, int) and 10 <= beds <= 20
        assert "rate_pct" not in row.values, "a rule it does not know is left alone"
    assert len({row.values["hostel_name"] for row in rows}) == len(rows)


def _column(kind: str, label: str, **more: object) -> dict[str, object]:
    return {"type": kind, "label": label, "header": [label], "description": label, **more}


def test_rows_read_are_the_lines_below_the_header() -> None:
    record = records()["tripartite_meeting"]
    rows = maker().rows(record)[:4]
    rows.append(
        PlannedRow({**rows[0].values, "held_on": None}, rows[0].day, fate="rejected", issues=("missing",))
    )
    table = PlannedTable(
        record, date(2014, 1, 1), date(2014, 12, 31), "标题", rows, ClerkStyle(subtotal=True), sheet=""
    )
    sheet = layout(table)
    header = next(n for n, cells in enumerate(sheet) if cells and cells[0] == "序号")
    below = [cells for cells in sheet[header + 1 :] if any(c is not None for c in cells)]
    assert len(below) == table.numbers["rows_read"] == 4 + 1 + 3
    assert table.numbers["ignored"] == 3
    assert table.faulty == [(header + 1 + 5, ("missing",))]


def test_a_correction_replaces_and_a_withdrawn_file_counts_for_nothing() -> None:
    record = records()["tripartite_meeting"]
    day = date(2014, 5, 1)

    def sent(received: int, meetings: int, reason: str | None = None) -> PlannedFile:
        rows = [
            PlannedRow({}, day, ident=f"m{n}", shares=(FigureShare("tripartite_meetings", day),))
            for n in range(meetings)
        ]
        table = PlannedTable(record, date(2014, 1, 1), date(2014, 12, 31), "标题", rows)
        name = f"{received}.csv"
        return PlannedFile(date(2015, 1, received), "wanzhou", "万州区", name, [table], withdrawn=reason)

    files = [sent(5, 2), sent(9, 3), sent(20, 7, "误报")]
    settle(files)
    assert [f.tables[0].state for f in files] == ["replaced", "in_force", "withdrawn"]
    assert figures(files)["tripartite_meetings"]["wanzhou"]["2014"] == "3"


def test_what_a_unit_did_counts_for_its_successor_until_that_begins() -> None:
    record = records()["mediation"]
    shares = [FigureShare("mediation_closed", date(2011, 11, d)) for d in (29, 30)]
    late = FigureShare("mediation_closed", date(2011, 12, 4))
    rows = [PlannedRow({}, share.on, shares=(share,)) for share in (*shares, late)]
    table = PlannedTable(record, date(2011, 1, 1), date(2011, 12, 31), "标题", rows)
    files = [PlannedFile(date(2012, 1, 9), "dazu-county", "大足", "a.csv", [table])]
    settle(files)
    counted = figures(files)["mediation_closed"]
    assert (counted["dazu-county"]["2011"], counted["dazu"]["2011"]) == ("3", "2")
