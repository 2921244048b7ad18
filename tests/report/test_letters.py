"""The letter to a unit: its numbers are the warehouse's, each with the key that `trace` takes, and its words are the office's."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import docx
import pytest

from flows.assess.score_years import score_year
from flows.audit.decided_proof import kind_meant
from flows.audit.trace_subject import TOTAL, meant
from flows.contract.catalogue import ROOT
from flows.contract.paths import Paths
from flows.database.connect import open_published
from flows.report.results.letter_pdf import NoPdf, as_pdf
from flows.report.results.scored_year import YearResults, year_results
from flows.report.results.unit_letter import TEMPLATE, LetterError, unit_letter
from flows.report.results.write_results import write_results
from flows.warehouse.books import ClosedBook, Manifest
from tests.support import stand
from tests.support.scheme import measured_year

YEAR, UNIT = 2015, "yongchuan"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Paths:
    """A data folder with a warehouse of one year."""
    folder = tmp_path_factory.mktemp("letters")
    con, root = measured_year(folder, target=7)
    scheme = root / "data" / "scheme" / str(YEAR) / "scheme.yml"
    scheme.write_text(
        f"{scheme.read_text(encoding='utf-8')}\nobjections: {{until: 2016-04-10, to: 考核办公室}}\n",
        encoding="utf-8",
    )
    (root / TEMPLATE).parent.mkdir(parents=True)
    (root / TEMPLATE).write_bytes((ROOT / TEMPLATE).read_bytes())
    score_year(con, YEAR, root)
    paths = Paths(folder / "data")
    paths.warehouse.mkdir(parents=True)
    stand.publish(con, paths.warehouse_file())
    return paths


@pytest.fixture(scope="module")
def root(office: Paths) -> Path:
    [scheme] = office.data.parent.glob("**/scheme.yml")
    return scheme.parents[3]


@pytest.fixture(scope="module")
def found(office: Paths, root: Path) -> YearResults:
    return year_results(office.warehouse_file(), YEAR, root, is_lifted=True)


@pytest.fixture(scope="module")
def letter(found: YearResults) -> docx.document.Document:
    return docx.Document(io.BytesIO(unit_letter(found, UNIT)))


def _rows(letter: docx.document.Document) -> Iterator[dict[str, str]]:
    """Every row of every table, by its heads."""
    for table in letter.tables:
        heads = [cell.text for cell in table.rows[0].cells]
        for row in table.rows[1:]:
            yield dict(zip(heads, (cell.text for cell in row.cells), strict=True))


def test_its_numbers_are_the_warehouse_s(office: Paths, letter: docx.document.Document) -> None:
    with open_published(office.warehouse_file()) as con:
        items = {
            item: points
            for item, *points in con.execute(
                "select item_id, points, full_points, full_points - points from assess.item_score where unit_code = $1",
                [UNIT],
            ).fetchall()
        }
        [(total, place, group_place)] = con.execute(
            "select total_points, overall_rank, group_rank from assess.result where unit_code = $1", [UNIT]
        ).fetchall()
    read = [row for row in _rows(letter) if "查询码" in row]
    for row in read:
        points, full, lost = items[row["查询码"]]
        for head, value in (("得分", points), ("满分", full), ("失分", lost)):
            if head in row:
                assert Decimal(row[head]) == round(value, 2), row
    assert {row["查询码"] for row in read} == {"rights", "mediation", "aid"}
    said = "\n".join(p.text for p in letter.paragraphs)
    assert f"总分{round(total, 2)}分" in said and f"第{group_place}名，全市第{place}名" in said


def test_a_row_with_a_number_has_a_key_that_trace_takes(
    office: Paths, letter: docx.document.Document
) -> None:
    seen = 0
    with open_published(office.warehouse_file()) as con:
        for row in _rows(letter):
            if any(
                re.search(r"\d", text) for head, text in row.items() if head not in ("查询码", "报送编号")
            ):
                assert row.get("报送编号") or len(meant(con, YEAR, row["查询码"])) == 1, row
                seen += 1
    assert seen > 3


def test_the_key_of_the_total_is_taken_too() -> None:
    """What `trace` does with it is a test of `tests/audit/test_decided_proof.py`."""
    assert kind_meant(TOTAL) == "total"


def test_it_says_how_and_until_when_to_object_and_what_would_lift(
    found: YearResults, letter: docx.document.Document
) -> None:
    said = "\n".join(p.text for p in letter.paragraphs)
    assert "2016年4月10日前（含当日）书面向考核办公室提出" in said and f"查询码：{TOTAL}" in said
    lost = [row for row in _rows(letter) if "怎样提高" in row]
    assert lost and all(row["怎样提高"] == str(found.lifts.get((UNIT, row["查询码"]), "—")) for row in lost)
    assert any("本项可增" in row["怎样提高"] for row in lost)


@pytest.mark.parametrize("kind", ["book", "preview", None])
def test_it_names_the_book_or_says_that_there_is_none(
    found: YearResults, root: Path, kind: str | None
) -> None:
    said = {
        "edition": 2,
        "reason": None,
        "recorded_at": "2016-04-01T00:00",
        "scheme": "s",
        "rows": {},
        "year": 2015,
    }
    said |= {"scheme_fingerprint": "", "code_fingerprint": "", "closed_on": "2016-04-01", "deliveries": 1}
    more = {
        "last_received_at": "2016-04-01T00:00",
        "kind": kind or "book",
        "until": "2016-02-10",
        "signed_by": "c0ffee" * 8,
    }
    book = ClosedBook(Path("2015-2"), Manifest.model_validate(said | more), {"edition.json": "abc" * 20}, "")
    letter = docx.Document(io.BytesIO(unit_letter(replace(found, book=book if kind else None), UNIT, root)))
    text = "\n".join(p.text for p in letter.paragraphs)
    assert ("账册2015-2，清单指纹（SHA-256）" + "abc" * 20 in text) == (kind == "book")
    assert ("最近一次预览为2015-预2" in text) == (kind == "preview")
    assert ("没有账册" in text) == (kind is None)
    assert ("2016年2月10日" in text) == (kind == "preview")  # else as the scheme says
    assert (("c0ffee" * 8)[:32] in text) == (kind is not None)


def test_equal_results_give_equal_bytes(found: YearResults) -> None:
    assert unit_letter(found, UNIT) == unit_letter(found, UNIT)


def _with(tmp_path: Path, text: str) -> Path:
    """The root of a template of one paragraph."""
    made = docx.Document()
    made.add_paragraph(text)
    (tmp_path / TEMPLATE).parent.mkdir(parents=True)
    made.save(str(tmp_path / TEMPLATE))
    return tmp_path


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("得分{{ 总分 }}", "没有印出查询码"),
        ("{% for i in 板块 %}{{ i.得分 }}{% endfor %}{{ 总分查询码 }}", "没有印出查询码"),
        ("{{ 3 + 4 }}", "没有查询码"),
        ("{{ 板块|length }}", "没有查询码"),
        ("{{ 总评 }}", "总评"),
        ("{{ 总分", "模板不能用"),
        ("{% if 单位 %}", "模板不能用"),
    ],
)
def test_a_number_without_its_key_and_an_unknown_tag_are_refused(
    found: YearResults, tmp_path: Path, text: str, says: str
) -> None:
    root = _with(tmp_path, text)
    with pytest.raises(LetterError, match=says) as raised:
        unit_letter(found, UNIT, root)
    assert str(root / TEMPLATE) in str(raised.value)


def test_the_office_s_own_words_and_numbers_stand(found: YearResults, tmp_path: Path) -> None:
    root = _with(tmp_path, "满分100分，联系电话见通知。{{ 单位 }}{{ 总分 }}（{{ 总分查询码 }}）")
    said = docx.Document(io.BytesIO(unit_letter(found, UNIT, root))).paragraphs[0].text
    assert said.startswith("满分100分，联系电话见通知。永川区总工会") and said.endswith(f"（{TOTAL}）")


def _no_document(path: Path) -> None:
    path.write_text("no Word document", encoding="utf-8")


@pytest.mark.parametrize("spoil", [_no_document, Path.unlink])
def test_a_template_that_is_none_leaves_the_page_and_the_workbook(
    office: Paths, root: Path, monkeypatch: pytest.MonkeyPatch, spoil: Callable[[Path], None]
) -> None:
    monkeypatch.setenv("PATH", "")
    template = root / TEMPLATE
    kept = template.read_bytes()
    try:
        spoil(template)
        written = write_results(office, YEAR, root)
    finally:
        template.write_bytes(kept)
    assert written is not None and written.page.exists() and written.workbook.exists()
    assert written.letters == () and written.missing and "成绩单" in written.missing


def test_a_letter_of_a_unit_that_is_not_assessed_goes(
    office: Paths, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    old = office.results / str(YEAR) / "units" / "旧单位" / "成绩单.docx"
    old.parent.mkdir(parents=True, exist_ok=True)
    old.write_bytes(b"")
    written = write_results(office, YEAR, root)
    assert written is not None and len(written.letters) == 40 and not old.exists()


def test_a_letter_is_printed_on_two_pages_at_most_and_the_same_each_time(found: YearResults) -> None:
    letter = unit_letter(found, UNIT)
    try:
        [page], [again] = as_pdf([letter]), as_pdf([letter])
    except NoPdf as error:
        pytest.skip(str(error))
    assert page == again
    assert 1 <= len(re.findall(rb"/Type\s*/Page\b", page)) <= 2
