"""The page, the workbook and the screen of a scored year: every number is the warehouse's, and a browser can use the page."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from html import unescape
from importlib.resources import files
from pathlib import Path

import duckdb
import openpyxl
import pytest
from rich.console import Console

from flows.assess.score_years import score_year
from flows.contract.catalogue import ROOT
from flows.contract.paths import Paths
from flows.report.results import screen
from flows.report.results.figures import best_of_years, over_years, quality
from flows.report.results.results_page import results_page, state_of
from flows.report.results.results_workbook import results_workbook
from flows.report.results.scored_year import Report, YearResults, year_results
from flows.report.results.unit_letter import TEMPLATE
from flows.report.results.write_results import write_results
from flows.warehouse.published_scores import NotScored
from tests.support import stand
from tests.support.scheme import measured_year

YEAR = 2015


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Paths, Path]]:
    """A data folder with a warehouse of one year, and the root of its scheme."""
    folder = tmp_path_factory.mktemp("office")
    con, root = measured_year(folder, target=7)
    score_year(con, YEAR, root)
    paths = Paths(folder / "data")
    paths.warehouse.mkdir(parents=True)
    stand.publish(con, paths.warehouse_file())
    (root / TEMPLATE).parent.mkdir(parents=True)
    shutil.copy(ROOT / TEMPLATE, root / TEMPLATE)
    yield paths, root


@pytest.fixture(scope="module")
def found(office: tuple[Paths, Path]) -> YearResults:
    paths, root = office
    return year_results(paths.warehouse_file(), YEAR, root)


@pytest.fixture(scope="module")
def page(found: YearResults) -> str:
    return results_page(found)


def _value(cell: str) -> Decimal:
    """What a cell of the page says, to its last digit."""
    exact = re.search(r"<data value=\"?([-\d.]+)", cell)
    return Decimal(exact[1] if exact else re.sub("<[^>]+>", "", cell).replace(",", "").strip())


def _saved(office: tuple[Paths, Path], sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(office[0].warehouse_file()), read_only=True) as con:
        return con.execute(sql).fetchall()


def test_the_ranking_of_the_page_is_the_warehouse_s(office: tuple[Paths, Path], page: str) -> None:
    table = page.partition('<table class="rank')[2].partition("</table>")[0]
    read = []
    for row in re.findall(r"<tr data-find=.*?</tr>", table, re.DOTALL):
        cells = re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.DOTALL)
        unit = re.search(r'href="#(\w+)"', row)
        assert unit
        read.append((unit[1], _value(cells[0]), _value(cells[2])))
    said = "select unit_code, overall_rank, total_points from assess.result order by overall_rank, unit_code"
    assert read == _saved(office, said) and len(read) == 40


def test_every_item_of_the_page_is_the_warehouse_s(office: tuple[Paths, Path], page: str) -> None:
    said = _saved(
        office,
        "select unit_code, item_id, points, full_points, explanation from assess.item_score where is_leaf",
    )
    for unit, item, points, full, words in said:
        row = page.partition(f"<tr id={unit}.{item}>")[2].partition("<tr")[0]
        cells = row.split("<td>")
        assert (_value(cells[3]), _value(cells[4])) == (points, full), row
        assert unescape(cells[7]).strip().startswith(str(words)), row
    assert len(said) == 80


def test_what_differs_from_the_last_publication_is_said_with_its_reason(found: YearResults) -> None:
    first, second = (row for row in found.ranking[:2])
    move = {
        **{name: first[name] for name in ("unit_code", "name", "short_name")},
        "since": date(2016, 1, 5),
        "points_before": Decimal("69.5"),
        "points_now": Decimal(70),
        "overall_rank_before": 3,
        "overall_rank_now": 1,
        "grade_before_label": "二等奖",
        "grade_now_label": "二等奖",
        "reasons": "劳动争议调解＋0.50分（数据有变）",
    }
    words = "69.50→70.00分，第3→1名，二等奖；劳动争议调解＋0.50分（数据有变）"
    moved = replace(found, moves=(move,))
    assert results_page(moved).count(words) == 2, "under the ranking, and in the unit's own part"
    assert "比上次发布" not in results_page(found)
    book = openpyxl.load_workbook(io.BytesIO(results_workbook(moved)))
    [line] = book["与上次发布比较"].iter_rows(min_row=4, values_only=True)
    assert line == (first["name"], 69.5, 70, 3, 1, "二等奖", "二等奖", "劳动争议调解＋0.50分（数据有变）")
    for unit, times in ((None, 1), (first["unit_code"], 1), (second["unit_code"], 0)):
        console = Console(file=io.StringIO(), width=200)
        if unit is None:
            screen.show_ranking(console, moved, 10)
        else:
            screen.show_unit(console, moved, unit)
        said = console.file.getvalue().replace("\n", "")  # type: ignore[attr-defined]
        assert said.count(words) == times


def test_what_was_done_over_years_is_the_view_s(office: tuple[Paths, Path], found: YearResults) -> None:
    said = _saved(
        office,
        "select 单位, 指标, 数值, 位次, 增长百分数 from open.工作亮点 where 时期代码 = 'F2011-2015' and 单位代码 in "
        "(select unit_code from assess.result where year = 2015)",
    )
    book = openpyxl.load_workbook(io.BytesIO(results_workbook(found)))
    rows = list(book["工作亮点"].iter_rows(min_row=4, values_only=True))
    assert (
        sorted((r[0], r[2], r[3]) for r in rows)
        == sorted((u, i, float(str(v))) for u, i, v, *_ in said)
        != []
    )


def test_a_unit_s_highlights_stand_on_the_page(found: YearResults) -> None:
    unit = found.ranking[0]["unit_code"]
    row = found.highlights[unit][0] | {"value": Decimal(7), "growth": None, "moved": None, "placed": 40}
    rows = [
        row | {"indicator_label": "甲", "place": 2},
        row | {"indicator_label": "乙", "place": 1},
        row | {"indicator_label": "丙", "place": 1, "growth": Decimal(-3)},  # fell
        row | {"indicator_label": "丁", "place": 14},  # below the first third
        row | {"indicator_label": "戊", "place": 1, "value": Decimal(0)},
    ]
    shared = row | {"indicator_label": "己", "place": 1}
    own = {unit: (*rows, shared), **{f"other{n}": (shared,) for n in range(3)}}
    shown = best_of_years(replace(found, highlights=own), unit)
    assert [r["indicator_label"] for r in shown] == ["乙", "甲"]
    assert all(over_years(r) in results_page(replace(found, highlights=own)) for r in shown)


def test_why_a_result_is_provisional_stands_with_it(found: YearResults) -> None:
    unit = found.ranking[0]["unit_code"]
    items = tuple(
        {**i, "points_low": Decimal(0), "points_high": Decimal("2.5")} if i["item_id"] == "aid" else i
        for i in found.items[unit]
    )
    said = results_page(replace(found, items={**found.items, unit: items}))
    part = said.partition(f'<details id="{unit}"')[2].partition("</details>")[0]
    assert "法律援助（0.00–2.50）" in re.sub("<[^>]+>", "", part)


def test_a_highlight_in_words() -> None:
    row = {
        "indicator_label": "法律援助",
        "value": Decimal(955),
        "measure": "件",
        "place": 1,
        "growth": Decimal("-1.1"),
        "moved": None,
    }
    row |= {"first_year": 2011, "last_year": 2015, "years_risen": 2, "years_first": 5}
    assert over_years(row) == "法律援助955件（第1，2015年比2011年下降1.1%，连续2年向好，5个年度第一）"
    rate = row | {
        "measure": "比率",
        "value": Decimal("0.864"),
        "growth": None,
        "moved": Decimal("2.9"),
        "years_first": 0,
        "years_risen": 1,
    }
    assert over_years(rate) == "法律援助86.4%（第1，2015年比2011年提高2.9个百分点）"


def test_the_page_stands_alone_and_is_the_same_each_time(found: YearResults, page: str) -> None:
    assert not re.search(
        r"(?:src|href)=[\"']?(?:https?:|//|file:)|@import|url\((?!#)|<link (?!rel=\"icon\" href=\"data:,\")",
        page,
    )
    assert page == results_page(found)
    assert len(page.encode()) < 1_000_000


def test_the_workbook_holds_the_same_numbers(office: tuple[Paths, Path], found: YearResults) -> None:
    data = results_workbook(found)
    assert data == results_workbook(found)
    book = openpyxl.load_workbook(io.BytesIO(data))
    rows = list(book["总表"].iter_rows(min_row=4, values_only=True))
    said = _saved(
        office,
        "select name, overall_rank, total_points, points_low from assess.result join ref.unit using (unit_code) "
        "where year = 2015 order by overall_rank, unit_code",
    )
    assert [(r[1], r[0], r[4], r[10]) for r in rows] == [
        (n, p, float(t), float(low)) for n, p, t, low in said
    ]
    told = {(r[0], r[1]): (r[3], r[6]) for r in book["目标与实绩"].iter_rows(min_row=4, values_only=True)}
    first = _saved(
        office,
        "select target, points from assess.item_score where unit_code = 'yongchuan' and item_id = 'mediation'",
    )
    assert told["永川区总工会", "劳动争议调解"] == tuple(map(float, first[0]))
    assert len(book["总分图"]._charts) == 1
    assert {"说明", "报送", "数据质量", "加分与扣分"} <= set(book.sheetnames)


def _printed(show: object, *arguments: object) -> list[str]:
    console = Console(width=80, file=io.StringIO(), highlight=False)
    show(console, *arguments)  # type: ignore[operator]
    lines = console.file.getvalue().splitlines()  # type: ignore[attr-defined]
    assert max(sum(1 + (c > "⺀") for c in line.rstrip()) for line in lines) <= 80
    return lines


@pytest.mark.usefixtures("chinese")
def test_the_ranking_fits_a_terminal(found: YearResults) -> None:
    lines = _printed(screen.show_ranking, found)
    assert sum(bool(re.match(r" *\d+ │", line)) for line in lines) == 40
    lines = _printed(screen.show_ranking, found, 10)
    assert sum(bool(re.match(r" *\d+ │", line)) for line in lines) == 10
    assert "以上为前10名，共40个单位。" in lines


def test_a_unit_fits_a_terminal(found: YearResults) -> None:
    lines = _printed(screen.show_unit, found, "yongchuan")
    assert any("劳动争议调解" in line and "60.00" in line for line in lines)
    assert "trace 永川区 --year 2015" in " ".join(lines)


def test_why_a_unit_stands_there_is_one_screen(found: YearResults) -> None:
    lines = _printed(screen.show_why, found, "fuling")
    assert len(lines) <= 23
    assert any(re.match("Place 2: |Place 1: ", line) for line in lines), "its neighbours"
    assert any("Where it lost most" in line for line in lines) and any("headroom" in line for line in lines)


def test_a_year_without_results_is_refused(office: tuple[Paths, Path]) -> None:
    paths, root = office
    with pytest.raises(NotScored, match="2014"):
        year_results(paths.warehouse_file(), 2014, root)
    assert write_results(paths, 2014, root) is None


def test_files_are_written_once_and_left_as_they_are(
    office: tuple[Paths, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    paths, root = office
    monkeypatch.setenv("PATH", "")  # no LibreOffice
    written = write_results(paths, YEAR, root)
    assert written is not None and written.missing and "LibreOffice" in written.missing
    before = [
        (path, path.stat().st_mtime_ns, path.stat().st_mode & 0o777)
        for path in (written.page, written.workbook, *written.letters)
    ]
    assert write_results(paths, YEAR, root) == written
    assert [(p, p.stat().st_mtime_ns, p.stat().st_mode & 0o777) for p, *_ in before] == before
    assert {mode for *_, mode in before} == {0o640}
    names = ["2015.xlsx", "data", "index.html", "units"]
    assert sorted(path.name for path in written.page.parent.iterdir()) == names


def test_reports_stand_as_they_are_scored(tmp_path: Path) -> None:
    con, root = measured_year(tmp_path, target=7)
    con.execute(
        "insert into meta.run by name select '' as code_fingerprint, '' as key_fingerprint, 0 as deliveries, timestamp '2016-03-01' as last_received_at;"
        "insert into ref.calendar values ('mediation', '2015', date '2016-01-10'), ('member', '2015', date '2016-04-10');"
        "insert into meta.delivery by name select 900 as delivery_id, 'fuling' as sender, 'made' as name, 'x' as sha256, "
        "timestamp '2016-01-05' as received_at, 0 as cells_nonempty, 0 as cells_explained, false as is_backdated;"
        "insert into meta.part by name select 900000 as part_id, 900 as delivery_id, '' as sheet, 'mediation' as record, "
        "date '2015-01-01' as covers_from, date '2015-06-30' as covers_to, 0 as rows_read, 0 as rows_accepted, 0 as rows_rejected, "
        "0 as rows_duplicate, 0 as rows_ignored, true as in_force, 1 as header_row, false as is_turned;"
        "insert into meta.part_unit values (900000, 'fuling')"
    )
    score_year(con, YEAR, root)
    stand.publish(con, tmp_path / "warehouse.duckdb")
    reports = {r.unit: r for r in year_results(tmp_path / "warehouse.duckdb", YEAR, root).reports}
    assert {r.kind for r in reports.values()} == {"劳动争议调解台账"}, "the roll is not due yet"
    short, silent = reports["fuling"], reports["wanzhou"]
    assert (short.state, short.days_late) == ("missing", 51)
    assert (silent.state, silent.days_late) == ("missing", 51)
    assert short.period == f"{silent.period}，只报到2015-06-30"


def test_how_reports_of_a_kind_stand_is_the_worst_of_them(found: YearResults) -> None:
    day = found.scheme["closing_on"]
    in_time, late, later = (Report("u", "k", "p", day, "late" if n else "in_time", n) for n in (0, 3, 9))
    missing = Report("u", "k", "p", day, "missing", 20)
    assert state_of([in_time], "k") == ("in_time", "●")
    assert state_of([in_time, late, later], "k") == ("late", "迟9")
    assert state_of([late, missing, missing], "k") == ("missing", "缺2")
    assert state_of([late], "other") == ("none", "")


def test_quality_is_accepted_by_what_was_accepted_or_rejected() -> None:
    row = {"deliveries": 1, "held": 0, "rows_read": 10, "rows_accepted": 6, "rows_rejected": 2}
    assert quality([row, {**row, "rows_read": None, "rows_accepted": None, "rows_rejected": None}])[
        "share"
    ] == Decimal("0.75")
    assert quality([])["share"] is None


_TRIED = """
<pre id="said"></pre><script>%s</script><script>
addEventListener("load", async () => {
  const rows = () => [...document.querySelectorAll("table.rank tbody tr")].filter(row => !row.hidden).map(row => row.querySelector("a").textContent);
  const said = {faults: window.faults, requests: performance.getEntriesByType("resource").length, all: rows().length};
  const search = document.querySelector("input[type=search]");
  search.value = "永川"; search.dispatchEvent(new Event("input")); said.searched = rows();
  search.value = ""; search.dispatchEvent(new Event("input"));
  document.querySelectorAll("table.rank thead button")[1].click(); said.sorted = rows();
  location.hash = "#yongchuan.mediation"; await new Promise(done => setTimeout(done, 300));
  said.opened = document.getElementById("yongchuan").open;
  document.querySelector("[data-switch=lang]").click(); said.language = document.documentElement.lang;
  const found = await axe.run(); said.violations = found.violations.map(v => [v.id, v.nodes[0].html]);
  document.getElementById("said").textContent = JSON.stringify(said);
});
</script></body>"""


@pytest.mark.slow
def test_a_browser_can_use_the_page(page: str, tmp_path: Path) -> None:
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if browser is None:
        pytest.skip("no chromium on this machine")
    axe = files("axe_core_python").joinpath("axe.min.js").read_text(encoding="utf-8")
    faults = "<head><script>window.faults = []; onerror = text => { faults.push(text); };</script>"
    file = tmp_path / "page.html"
    file.write_text(
        page.replace("<head>", faults, 1).replace(
            "</body>", _TRIED % axe.replace("</script>", "<\\/script>")
        ),
        "utf-8",
    )
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--virtual-time-budget=60000"]
    done = subprocess.run(
        [browser, *options, f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", file.as_uri()],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        timeout=180,
    )
    dom = done.stdout.decode("utf-8", "replace")
    said = json.loads(unescape(dom.partition('<pre id="said">')[2].partition("</pre>")[0]))
    assert said["violations"] == [] and said["faults"] == [] and said["requests"] == 0
    assert said["all"] == 40 and said["searched"] == ["永川区"]
    assert said["sorted"] == sorted(said["sorted"])
    assert said["opened"] is True and said["language"] == "en"
