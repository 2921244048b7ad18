"""A year begun from another: days move, what nobody can know is marked, and the linter refuses it until that is settled."""

from __future__ import annotations

import csv
import re
import shutil
from collections import Counter
from pathlib import Path

import pytest

from flows.contract.catalogue import ROOT, ContractError
from flows.contract.units import reference
from flows.score.lint import lint_folder
from flows.score.scheme.new_year import NewYear, begin_year
from flows.score.scheme.scheme_loader import load_folder


@pytest.fixture
def data(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "data" / "scheme" / "2015", tmp_path / "scheme" / "2015")
    shutil.copytree(ROOT / "data" / "reference", tmp_path / "reference")
    return tmp_path


def errors(folder: Path) -> list[str]:
    """Codes of the linter's errors, but of periods: it knows those of the repository alone."""
    return [f.code for f in lint_folder(folder) if f.severity == "error" and f.code != "unknown_period"]


def begin(data: Path, year: int = 2016) -> NewYear:
    return begin_year(year, data / "scheme" / "2015", data / "reference", reference())


def test_the_text_is_kept_but_for_what_moves_with_the_year(data: Path) -> None:
    begun = begin(data)
    before = (data / "scheme" / "2015" / "scheme.yml").read_text(encoding="utf-8").splitlines()
    after = (begun.folder / "scheme.yml").read_text(encoding="utf-8").splitlines()
    changed = {b: a for b, a in zip(before, after, strict=True) if b != a}
    assert changed == {
        "scheme: sample-2015": "scheme: sample-2016",
        "year: 2015": "year: 2016",
        "label: 2015年度区县总工会综合目标考核办法（样例）": "label: 2016年度区县总工会综合目标考核办法（样例）",
        "document_no: 样例〔2015〕1号": "document_no: 【待定】",
        "closing_on: 2016-06-30": "closing_on: 2017-06-30  # 【待核】",
        "objections: {until: 2016-07-15, to: 年度目标考核办公室}": "objections: {until: 2017-07-15, to: 年度目标考核办公室}  # 【待核】",
    }
    assert [n for n, _ in begun.marked] == [
        after.index(changed[b]) + 1 for b in changed if "【" in changed[b]
    ]
    assert load_folder(begun.folder).scheme.year == 2016
    assert (begun.folder / "target.csv").read_text(encoding="utf-8").count("\n") == 1


def test_the_linter_refuses_it_until_every_mark_is_settled(data: Path) -> None:
    folder = begin(data).folder
    found = Counter(errors(folder))
    assert found["left_open"] == 3 and found["target_missing"] > 0
    text = (folder / "scheme.yml").read_text(encoding="utf-8").replace("【待定】", "渝工〔2016〕9号")
    (folder / "scheme.yml").write_text(text.replace("  # 【待核】", ""), encoding="utf-8")
    targets = (data / "scheme" / "2015" / "target.csv").read_text(encoding="utf-8")
    (folder / "target.csv").write_text(re.sub("2015", "2016", targets), encoding="utf-8")
    assert errors(folder) == []


def test_a_folder_that_was_copied_by_hand_is_refused(data: Path) -> None:
    folder = data / "scheme" / "2016"
    shutil.copytree(data / "scheme" / "2015", folder)
    text = (folder / "scheme.yml").read_text(encoding="utf-8").replace("year: 2015", "year: 2016")
    text = text.replace("2016-06-30", "2017-06-30").replace("2016-07-15", "2017-07-15")
    (folder / "scheme.yml").write_text(text, encoding="utf-8")
    assert errors(folder) == ["year_copied"] * 3


def test_periods_and_due_days_come_along_once(data: Path) -> None:
    begun = begin(data)
    periods = {
        r["period_id"]: (r["label"], r["from_on"], r["to_on"])
        for r in csv.DictReader((data / "reference" / "period.csv").open(encoding="utf-8-sig"))
    }
    assert periods["2016-02"] == ("2016年2月", "2016-02-01", "2016-02-29")
    assert periods["2016H2"] == ("2016年下半年", "2016-07-01", "2016-12-31")
    assert periods["U2016"] == ("2016工会统计年度（2015年10月至2016年9月）", "2015-10-01", "2016-09-30")
    due = list(csv.DictReader((data / "reference" / "calendar.csv").open(encoding="utf-8-sig")))
    assert {"record": "audit", "period_id": "2016", "due_on": "2017-01-10"} in due
    assert begun.periods > 12 and begun.due_days == sum(r["period_id"] == "2015" for r in due)
    shutil.rmtree(begun.folder)
    again = begin(data)
    assert (again.periods, again.due_days) == (0, 0)


def test_units_that_are_no_more_are_left_out_and_new_ones_are_named(data: Path) -> None:
    group = data / "scheme" / "2015" / "group.csv"
    text = group.read_text(encoding="utf-8")
    group.write_text(text.replace("yongchuan,district\n", "dazu-county,district\n"), encoding="utf-8")
    begun = begin(data)
    assert (begun.left_out, begun.without_group) == (("dazu-county",), ("yongchuan",))


def test_a_year_that_is_there_is_left_as_it_is(data: Path) -> None:
    begin(data)
    with pytest.raises(ContractError, match="is there"):
        begin(data)
