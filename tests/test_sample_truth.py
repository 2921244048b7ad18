"""The whole run on the whole sample against its truth file: every part, every rejected row, every figure; and all that the README types.

The truth is what the generator meant; it was written without looking at the pipeline. All 40 units at full
size, so that Yongchuan's 260,000 members and every figure of the article are among what must come out.
"""

from __future__ import annotations

import csv
import json
import os
import re
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from flows.assess.fact_queries import read_facts as query_facts
from flows.assess.facts_file import read_facts, write_facts
from flows.assess.scheme_gate import admit
from flows.assess.score_years import score_years
from flows.contract.indicator import Shape, indicators
from flows.contract.paths import Paths
from flows.contract.units import reference
from flows.database.connect import open_build, open_published
from flows.ingest.vault import Vault
from flows.ingest.withdrawal import withdraw_listed
from flows.metrics.refresh import measure
from flows.normalise.build import build
from flows.sample import generate
from flows.sample.sheets import write_workbook
from flows.score.engine.rounding import rounded
from flows.score.engine.scoring import score
from flows.warehouse.publish import publish
from flows.warehouse.query import run_sql
from tests.metrics.recount import differing
from tests.sample.article import READINGS, claims
from tests.support.readme import ENGLISH, PROGRAM, Typist, blocks, commands

NOW = datetime(2016, 12, 1)
#: Rows of a table whose columns are not understood are not read: it is one issue, and its cells are accounted as held.
COUNTS = ("rows_read", "accepted", "rejected", "duplicate", "ignored")


@dataclass
class Sample:
    paths: Paths
    truth: dict[str, Any]
    inbox: Path

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        return list(
            run_sql(self.paths.warehouse_file(), sql).astype(object).itertuples(index=False, name=None)
        )


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    folder = tmp_path_factory.mktemp("sample")
    made = generate(folder / "sample")
    paths = Paths(folder / "data")
    vault = Vault(paths.vault)
    inbox = folder / "sample" / "inbox"
    vault.take_in(inbox, NOW, reference().resolve_sender)
    withdraw_listed(vault, made.withdrawals, NOW)
    build(paths)
    measure(paths)
    with open_build(paths) as con:
        score_years(con, 2015)
    publish(paths)
    return Sample(paths, json.loads(made.truth.read_text(encoding="utf-8")), inbox)


def test_every_part_has_the_rows_that_the_truth_says(sample: Sample) -> None:
    rows = sample.ask(
        """select strftime(d.received_at, '%Y-%m-%d'), d.sender, d.name, p.sheet, p.record, p.covers_from::varchar,
          p.covers_to::varchar, p.rows_read, p.rows_accepted, p.rows_rejected, p.rows_duplicate, p.rows_ignored,
          case when d.withdrawn_at is not null then 'withdrawn' when p.held is not null then 'held_back'
            when p.in_force then 'in_force' else 'replaced' end
        from meta.part as p join meta.delivery as d using (delivery_id) where d.sender is not null"""
    )
    expected = [
        (
            f["received"],
            f["sender"],
            f["name"],
            t["sheet"],
            t["record"],
            t["covers_from"],
            t["covers_to"],
            *(t[count] for count in COUNTS),
            t["state"],
        )
        for f in sample.truth["files"]
        for t in f["tables"]
        if f["sender"] is not None
    ]
    built, meant = Counter(rows), Counter(expected)
    assert sorted((built - meant).elements()) == sorted((meant - built).elements()) == []


def test_every_faulty_row_has_the_issues_that_the_truth_says(sample: Sample) -> None:
    found: dict[tuple[Any, ...], set[str]] = {}
    for *key, row, code in sample.ask(
        """select strftime(d.received_at, '%Y-%m-%d'), d.sender, d.name, p.sheet, i.row_number, i.issue_code
        from meta.issue as i join meta.part as p using (part_id)
        join meta.delivery as d on d.delivery_id = p.delivery_id where i.row_number is not null"""
    ):
        found.setdefault((*key, row), set()).add(code)
    missing = {
        (f["received"], f["sender"], f["name"], t["sheet"], bad["row"]): bad["issues"]
        for f in sample.truth["files"]
        for t in f["tables"]
        for bad in t["faulty_rows"]
        if not set(bad["issues"])
        <= found.get((f["received"], f["sender"], f["name"], t["sheet"], bad["row"]), set())
    }
    assert missing == {}


def test_every_article_figure_comes_out_exactly(sample: Sample) -> None:
    values = {
        row[:3]: row[3]
        for row in sample.ask(
            "select indicator_id, period_id, coalesce(category, ''), value from metric.value where unit_code = 'yongchuan' and value is not null"
        )
    }
    wrong = {}
    for claim in claims():
        exact = Decimal(claim.figure) / Decimal(claim.out_of)
        for period in READINGS:
            value = values.get((claim.indicator, period, claim.category or ""))
            if value is None or abs(Decimal(str(value)) - exact) > Decimal("0.0000005"):
                wrong[claim.number, period] = (value, exact)
    assert wrong == {}
    wanted = {1, 2, 6, 7, *range(9, 17), *range(18, 21), *range(23, 35), *range(36, 51), 52, 53, 54}
    assert {claim.number for claim in claims()} == wanted


def test_every_unit_has_the_figures_that_the_truth_says(sample: Sample) -> None:
    known = indicators()
    exact = {Shape.COUNT, Shape.SUM, Shape.DISTINCT, Shape.STOCK}
    values = {
        row[:4]: tuple(None if amount is None else Decimal(str(amount)) for amount in row[4:])
        for row in sample.ask(
            "select indicator_id, coalesce(category, ''), unit_code, period_id, coalesce(value, 0), lower, upper from metric.value"
        )
    }
    compared, wrong, between = 0, {}, 0
    for name, units in sample.truth["figures"].items():
        indicator, _, category = name.partition("/")
        if indicator not in known or known[indicator].shape not in exact:
            continue
        for unit, periods in units.items():
            for period, figure in periods.items():
                compared += 1
                value, lower, upper = values.get((indicator, category, unit, period), (None, None, None))
                if value == Decimal(figure):
                    continue
                # a held column leaves its rows undecided: the figure lies between the bounds
                if lower is not None and lower <= Decimal(figure) <= (
                    upper if upper is not None else Decimal(figure)
                ):
                    between += 1
                else:
                    wrong[name, unit, period] = (value, figure)
    assert wrong == {} and compared > 15_000 and between < 20


def test_every_number_is_counted_a_second_time(sample: Sample) -> None:
    """Of every unit, period, indicator and category: state, value, both sides, records and bounds."""
    with open_published(sample.paths.warehouse_file()) as con:
        compared, differences = differing(con)
    assert compared > 450_000 and differences == {}


def test_no_identifier_leaves_the_vault(sample: Sample) -> None:
    """Every byte below the data folder, vault apart, and the build holds none of the sample's IDs, phones, names."""
    numbers, names = _identifiers(sample.inbox)
    assert len(numbers) > 100_000 and len(names) > 1000
    run = re.compile(rb"[0-9]{11,17}[0-9Xx]?")
    closed = {sample.paths.vault}
    files = [p for p in sample.paths.data.rglob("*") if p.is_file() and not closed & set(p.parents)]
    files.append(sample.paths.build_file())
    assert any(p.name == "warehouse.duckdb" for p in files)
    for path in files:
        content = path.read_bytes()
        assert not {found.upper() for found in run.findall(content)} & numbers, path
        assert [name for name in sorted(names)[:: len(names) // 150] if name.encode() in content] == [], path


def _identifiers(inbox: Path) -> tuple[set[bytes], set[str]]:
    """(IDs and mobile numbers, names of three characters) of people as the CSV files of the inbox spell them."""
    header = re.compile("身份证|证件号|手机|联系电话|姓名$")
    numbers: set[bytes] = set()
    names: set[str] = set()
    for path in sorted(inbox.rglob("*.csv")):
        columns: list[int] = []
        for cells in csv.reader(_text(path.read_bytes()).splitlines()):
            named = [i for i, cell in enumerate(cells) if header.search(re.sub(r"[\s*＊﹡]", "", cell))]
            if len(named) > 1:
                columns = named
                continue
            for cell in (cells[i].strip() for i in columns if i < len(cells)):
                if re.fullmatch("[0-9]{11}|[0-9]{15}|[0-9]{17}[0-9Xx]", cell):
                    numbers.add(cell.upper().encode())
                elif re.fullmatch("[\u4e00-\u9fff]{3}", cell):
                    names.add(cell)
    return numbers, names


def _text(raw: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030", "utf-16"):
        try:
            return raw.decode(encoding)
        except UnicodeError:
            continue
    return ""


def test_the_warehouse_is_read_only_and_described(sample: Sample) -> None:
    assert sample.paths.warehouse_file().stat().st_mode & 0o777 == 0o440
    for kind in ("tables", "views", "columns"):
        undescribed = sample.ask(
            f"select * from duckdb_{kind}() where comment is null and not internal and database_name <> 'temp' "
            "and schema_name in ('ref', 'core', 'current', 'metric', 'assess', 'open', 'meta')"
        )
        assert undescribed == []


def test_every_target_that_an_item_reads_is_beside_a_figure_or_a_state(sample: Sample) -> None:
    rows = sample.ask(
        "select unit_code, indicator_id, state, attainment is not null from assess.item_score "
        "where year = 2015 and target is not null"
    )
    with (Path("data") / "scheme" / "2015" / "target.csv").open(encoding="utf-8") as stream:
        targets = {(r["unit"], r["indicator"]) for r in csv.DictReader(stream)}
    assert {row[:2] for row in rows} <= targets and len({row[0] for row in rows}) == 40
    assert len(rows) > 0.9 * len(targets)
    assert all(bool(row[3]) == (row[2] in ("value", "zero")) for row in rows)


def test_yongchuan_gets_the_special_prize_of_four_years_by_computation(sample: Sample) -> None:
    grades = dict(
        sample.ask(
            "select year, grade from assess.result where unit_code = 'yongchuan' and year between 2011 and 2014"
        )
    )
    assert grades == dict.fromkeys(range(2011, 2015), "special")
    ((streak,),) = sample.ask(
        "select value from metric.value where indicator_id = 'special_grade_streak' and unit_code = 'yongchuan' "
        "and period_id = '2015' and category is null"
    )
    assert streak == 4


def test_the_sample_years_spread_over_points_and_grades_and_are_open_in_nothing_but_the_last(
    sample: Sample,
) -> None:
    rows = sample.ask(
        """select year, count(*), min(total_points), median(total_points), max(total_points), count(distinct grade),
          count(*) filter (grade = 'none'), count(*) filter (status = 'provisional')
        from assess.result group by year order by year"""
    )
    assert [row[0] for row in rows] == list(range(2011, 2016))
    for year, units, least, middle, most, grades, without, provisional in rows:
        assert units == 40 and grades == 5 and 0 < without <= 10
        assert 40 < least < middle - 5 and middle + 5 < most < 105 and 60 < middle < 90
        assert (provisional > 0) or year < 2015
    earlier = "select year, unit_code from {table} where year < 2015 and {why} order by all"
    appealed = sample.ask(earlier.format(table="assess.finding", why="code = 'appeal_open'"))
    assert sample.ask(earlier.format(table="assess.result", why="status = 'provisional'")) == appealed
    assert sample.ask("select * from assess.finding where severity <> 'info'") == []
    whys = {why for (why,) in sample.ask("select distinct why from assess.bonus")}
    assert whys >= {"granted", "undecided", "no_document", "lower_level", "counted_before", "above_level"}


def test_nothing_the_office_sent_is_refused(sample: Sample) -> None:
    """The made-up districts' lists of honours know nothing of the awards that the office's bonuses name: said, and no more."""
    assert (
        sample.ask(
            "select i.message from meta.issue as i join meta.delivery as d using (delivery_id) "
            "join meta.part as p using (part_id) where d.sender = 'chongqing' and p.record in ('bonus_application', "
            "'deduction', 'rater_score', 'verified_figure', 'spot_check', 'appeal', 'veto_event', 'late_excuse', 'target_letter') "
            "and i.issue_code <> 'reference_broken'"
        )
        == []
    )


def test_target_letters_are_what_the_tables_of_targets_say(sample: Sample) -> None:
    told = sample.ask("select year, unit_code, indicator, target, effective_on from current.target_letter")
    written = sample.ask("select year, unit_code, indicator_id, target, effective_on from ref.target")
    assert sorted(told) == sorted(written) and len(written) > 5000


def test_past_results_are_what_scoring_gives(sample: Sample) -> None:
    """Where they differ: `python -m tests.past_result`."""
    scored = sample.ask(
        "select year, unit_code, total_points::decimal(18, 2), group_rank, overall_rank, grade from assess.result where year < 2015"
    )
    told = sample.ask(
        "select year, unit_code, total_points::decimal(18, 2), group_rank, overall_rank, grade from current.past_result where year > 2010"
    )
    assert sorted(told) == sorted(scored) and len(told) == 160


def test_a_year_scored_from_its_file_of_facts_gives_what_was_published(
    sample: Sample, tmp_path: Path
) -> None:
    with open_published(sample.paths.warehouse_file()) as con:
        years = [year for (year,) in con.execute("select year from ref.scheme order by year").fetchall()]
        assert len(years) == 5
        for year in years:
            scheme = admit(con, year).year
            facts = query_facts(con, scheme)
            write_facts(facts, tmp_path / "facts.json")
            assert read_facts(tmp_path / "facts.json") == facts
            scored = score(scheme, read_facts(tmp_path / "facts.json"))
            published = con.execute(
                "select unit_code, item_id, points from assess.item_score where year = $1", [year]
            ).fetchall()
            points = ((s.unit, s.item, s.points and rounded(s.points)) for s in scored.items)
            assert sorted(points) == sorted(published)
            places = con.execute(
                "select unit_code, total_points, overall_rank, grade from assess.result where year = $1",
                [year],
            ).fetchall()
            results = ((r.unit, rounded(r.total), r.overall_rank, r.grade) for r in scored.results)
            assert sorted(results) == sorted(places)


#: Not 0: over a form that differs nothing is written, the sample's last year cannot be closed yet, a stopped publication waits.
ENDS = {"template --all": 1, "close": 1, "acknowledge": 1}


@pytest.mark.skipif("UNION_ASSESSMENT_LONG" not in os.environ, reason="takes minutes: make readme runs it")
def test_every_command_of_the_readme_runs_in_its_order(tmp_path: Path) -> None:
    """On the sample of the page's beginning; "your own files" go into a data folder of their own, as the page asks."""
    office, own = Typist(tmp_path, tmp_path / "data"), Typist(tmp_path, tmp_path / "own")
    ran: list[str] = []
    for number, block in enumerate(blocks(ENGLISH, "sh")[1:]):
        if number == 1:
            _write_own_files(tmp_path, office.data, rows=40)
        typed = [[w.replace("/mnt/disk", "mnt") for w in words] for words in commands(f"```sh\n{block}```")]
        is_own = any(words[1:] == ["run", "--year", "2015", "--inbox", "inbox"] for words in typed)
        if ["acknowledge"] in [words[1:] for words in typed]:  # what the page tells before: far fewer rows
            is_own = True
            _write_own_files(tmp_path, office.data, rows=1)
            assert own.types([PROGRAM, "run", "--year", "2015", "--inbox", "inbox"]).returncode == 1
        for words in (words for words in typed if words[0] == PROGRAM):
            if "--reason" in words:  # there is no terminal to answer on; the page's 17 is any number
                words = [_legal_aid(own) if word == "17" else word for word in words] + ["--yes"]
            done = (own if is_own else office).types(words)
            name = " ".join(words[1:])
            wanted = (
                0
                if "--reason" in words
                else next((ENDS[start] for start in ENDS if name.startswith(start)), 0)
            )
            assert done.returncode == wanted, (name, done.stdout, done.stderr)
            assert "Traceback" not in done.stdout + done.stderr, name
            ran.append(words[1])
    assert len(ran) > 25 and set(ran) > {
        "run",
        "withdraw",
        "trace",
        "close",
        "verify",
        "recompute",
        "backup",
        "restore",
    }
    [program] = blocks(ENGLISH, "python")
    done = office.runs(program)
    assert done.returncode == 0, done.stderr


def _legal_aid(own: Typist) -> str:
    found = run_sql(
        own.data / "warehouse" / "warehouse.duckdb", "from meta.delivery where name like '%法律援助%'"
    )
    return str(found["delivery_id"][0])


def _write_own_files(folder: Path, data: Path, rows: int) -> None:
    """The files that the page names, made up: a list of the sample, its first rows only, and a letter of targets."""
    inbox = folder / "inbox" / "永川区总工会"
    (inbox / "2015年").mkdir(parents=True, exist_ok=True)
    (inbox / "2015年" / "法律援助台账.csv").write_text(
        "受援人姓名,援助方式,受理日期,结案日期\n郑样本,代理仲裁,2015-03-02,2015-04-01\n", encoding="utf-8"
    )
    header = ("案号", "受理日期", "申请人", "身份证号", "结案日期", "调解结果", "兑现金额")
    lines = [(f"{n}号", "2015-03-02", "郑样本", "", "2015-03-20", "调解成功", "1200元") for n in range(rows)]
    table = [("永川区2015年劳动争议调解台账",), header, *lines]
    for path in (inbox / f"2015年劳动争议调解台账{'' if rows > 1 else '（补）'}.xlsx", folder / "台账.xlsx"):
        write_workbook(path, [("台账", table)])
    [letters] = data.glob("sample/inbox/2016-*/重庆市总工会/2015年度目标任务书.csv")
    write_workbook(
        folder / "任务书.xlsx", [("任务书", list(csv.reader(_text(letters.read_bytes()).splitlines())))]
    )
