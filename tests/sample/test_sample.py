"""The generator by itself: same seed, same bytes; valid made-up IDs; the article's figures; honest counts."""

from __future__ import annotations

import csv
import json
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from stdnum.cn import ric, uscc

from flows.contract.catalogue import records
from flows.contract.record import Record
from flows.sample import district, generate, generic, people
from flows.sample.claims import READINGS, claims
from flows.sample.files import NOTICE, layout
from flows.sample.kinds import MAKERS
from flows.sample.model import Delivery, Mark, Row, Style, Table
from flows.sample.scene import Scene, amounts, units
from flows.sample.truth import figures, settle

SCALE = 0.002


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
    assert all(ric.get_birth_date(i) == people.birth_of(i) for i in made_up[:500])
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
    scene = Scene(units(only=["yongchuan"])[0], "amounts", 1)
    for total, count in ((39_468_000, 1_650), (120_000, 1_530), (118_000, 18), (5, 1)):
        drawn = amounts(scene.rng, total, count)
        assert sum(drawn) == total
        assert len(drawn) == count
        assert min(drawn) > 0


def test_every_kind_that_units_or_the_city_send_is_there(truth: dict[str, object]) -> None:
    kinds = {t["record"] for f in truth["files"] for t in f["tables"]}  # type: ignore[attr-defined]
    assert kinds >= set(records())


def test_the_articles_figures_come_out_under_both_readings(truth: dict[str, object]) -> None:
    figures = truth["figures"]
    ratios = {
        "labour_competition_coverage": ("contest_covered_employers", "contest_due"),
        "unionisation_rate": ("employers_unionised", "employers_due"),
        "membership_rate": ("unionised_members", "unionised_staff"),
    }
    named = {
        "special_grade_streak": "special_grade_years",
        "five_good_team_streak": "five_good_team_years",
    }
    for claim in claims(SCALE):
        for period in READINGS:
            if claim.indicator == "needy_coverage":
                continue  # who was visited is known by person, not by a mark
            if claim.indicator in ratios:
                a, b = (Fraction(figures[f]["yongchuan"][period]) for f in ratios[claim.indicator])  # type: ignore[index]
                assert a / b == claim.value, claim
                continue
            name = named.get(claim.indicator, claim.indicator)
            name += f"/{claim.category}" if claim.category else ""
            assert Fraction(figures[name]["yongchuan"][period]) == claim.value, claim  # type: ignore[index]


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
            assert len(table["rejected_rows"]) == table["rejected"]
            assert all(row["issues"] for row in table["rejected_rows"])


def test_rows_that_share_a_key_are_duplicates_and_the_rest_has_keys_of_its_own() -> None:
    for name in ("wanzhou", "yongchuan"):
        for delivery in district(units(only=[name])[0], 2015):
            for table in delivery.tables:
                keys = [generic.key_of(table.record, r.values) for r in table.rows if r.state == "accepted"]
                known = [k for k in keys if k is not None]
                assert len(known) == len(set(known)), (name, table.record.record, table.first)


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
                "beds": _column("count", "床位数", sample={"low": 10, "high": 20}),
                "rent_yuan": _column("money", "租金", unit="元"),
                "rate_pct": _column("pct", "入住率"),
            },
            "checks": [
                {"id": "order", "rule": "opened_on <= closed_on", "severity": "reject", "message": "日期"},
                {"id": "odd", "rule": "rate_pct < beds * 3", "severity": "reject", "message": "比率"},
            ],
        }
    )
    scene = Scene(units(only=["wanzhou"])[0], "hostel", 1)
    rows = generic.rows(scene, record)
    assert {row.day.year for row in rows} == {2011, 2012, 2013, 2014, 2015}
    assert all(row.day_of("opened_on") <= row.day_of("closed_on") for row in rows)
    assert all(10 <= row.amount_of("beds") <= 20 for row in rows if "beds" in row.values)
    assert all("rate_pct" not in row.values for row in rows), "a rule it does not know is left alone"
    assert len({row.values["hostel_name"] for row in rows}) == len(rows)


def _column(kind: str, label: str, **more: object) -> dict[str, object]:
    return {"type": kind, "label": label, "header": [label], "description": label, **more}


def test_rows_read_are_the_lines_below_the_header(tmp_path: Path) -> None:
    record = records()["tripartite_meeting"]
    scene = Scene(units(only=["wanzhou"])[0], "tripartite_meeting", 3)
    rows = MAKERS["tripartite_meeting"](scene, record)[:4]
    rows.append(
        generic.rejected(MAKERS["tripartite_meeting"](scene, record)[5], {"held_on": None}, "missing")
    )
    table = Table(record, date(2014, 1, 1), date(2014, 12, 31), "标题", rows, Style(subtotal=True), sheet="")
    sheet = layout(table)
    header = next(n for n, cells in enumerate(sheet) if cells and cells[0] == "序号")
    below = [cells for cells in sheet[header + 1 :] if any(c is not None for c in cells)]
    assert len(below) == table.numbers["rows_read"] == 4 + 1 + 3
    assert table.numbers["ignored"] == 3
    assert table.rejected == [(header + 1 + 5, ("missing",))]


def test_a_correction_replaces_and_a_withdrawn_file_counts_for_nothing() -> None:
    record = records()["tripartite_meeting"]
    year = (date(2014, 1, 1), date(2014, 12, 31))

    def sent(day: int, meetings: int, reason: str | None = None) -> Delivery:
        rows = [
            Row({}, marks=(Mark("tripartite_meetings", date(2014, 5, 1)),), ident=f"m{n}")
            for n in range(meetings)
        ]
        table = Table(record, *year, "标题", rows, Style())
        return Delivery(date(2015, 1, day), "wanzhou", "万州区", f"{day}.csv", [table], withdrawn=reason)

    deliveries = [sent(5, 2), sent(9, 3), sent(20, 7, "误报")]
    settle(deliveries)
    assert [d.tables[0].state for d in deliveries] == ["replaced", "in_force", "withdrawn"]
    assert figures(deliveries)["tripartite_meetings"]["wanzhou"]["2014"] == "3"
