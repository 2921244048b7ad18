"""The data dictionary says what the contracts say, the same way every time, and is not stale."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import duckdb
import jinja2
import pytest

from flows.contract import catalogue as load
from flows.contract import indicator
from flows.contract.catalogue import ROOT, records
from flows.contract.paths import Paths
from flows.report import dictionary as page
from flows.report.dictionary import dictionary, main, stored_as
from flows.report.generated import stale

KIND = """record: visit
label: 走访台账
description: One row per visit | with a bar.
area: welfare
key: [unit_code, person_key, visited_from_on]
recognise: {title: [走访], columns: [visited]}
columns:
  visited: {type: span, required: true, label: 走访日期, header: [走访日期], description: "When"}
  person_id:
    {type: citizen_id, personal: direct, bad: warn, label: 身份证号, header: [身份证号], description: "Whom"}
  birth_on: {type: date, personal: quasi, keep: 1, label: 出生日期, header: [出生日期], description: "Born"}
  home: {type: withheld, personal: direct, label: 住址, header: [住址], description: "Where"}
  how: {type: code, list: way, label: 方式, header: [方式], description: "How"}
  visit_year: {type: year, derive: year(visited_from_on), label: 年度, description: "Year"}
checks:
  - {id: known, rule: "how = 'a' or how = 'b'", severity: warn, message: 方式不明}
"""

CODES = """code,label,label_en,synonyms,valid_from,valid_to
a,上门,at home,入户|到家,2012,
b,电话,by phone,,,
"""

INDICATOR = """/* ---
indicator: visits
label: 走访次数
unit: 次
shape: count
direction: up
counts: visits by day, a person visited twice counts twice
basis: 按走访日期统计，重复走访重复计
record: visit
--- */
select unit_code, visited_from_on as event_date, 1 as numerator, part_id, row_number from current.visit
"""


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A root with one kind, one list and one indicator."""
    for folder in ("record", "code", "indicator/welfare"):
        (tmp_path / "sql" / folder).mkdir(parents=True)
    (tmp_path / "sql/record/visit.yml").write_text(KIND, encoding="utf-8")
    (tmp_path / "sql/code/way.csv").write_text(CODES, encoding="utf-8")
    (tmp_path / "sql/indicator/welfare/visits.sql").write_text(INDICATOR, encoding="utf-8")
    return tmp_path


def whole(root: Path) -> str:
    """All pages, one after the other."""
    return "\n".join(dictionary(root).values())


def line_with(text: str, start: str) -> str:
    return next(line for line in text.splitlines() if line.startswith(start))


def test_column_says_type_header_class_and_what_is_stored(small: Path) -> None:
    text = whole(small)
    assert line_with(text, "| `visited` |") == (
        "| `visited` | 走访日期 | `span` | 是 | 走访日期 |  |  "
        "| `visited_from_on` DATE、`visited_to_on` DATE | When |"
    )
    assert line_with(text, "| `person_id` |").split(" | ")[2:8] == [
        "`citizen_id`（提示 warn）",
        "",
        "身份证号",
        "",
        "直接标识 direct identifier",
        "`person_key` BLOB（仅假名键 keyed hash only）",
    ]
    assert "`birth_decade` SMALLINT（五人以上相同，第1序 where five persons share it）" in line_with(
        text, "| `birth_on` |"
    )
    assert "不入库 not stored" in line_with(text, "| `home` |")
    assert "计算 `year(visited_from_on)`" in line_with(text, "| `visit_year` |")


def test_key_checks_codes_and_indicator_are_there(small: Path) -> None:
    text = whole(small)
    assert "- 主键 key：`unit_code`、`person_key`、`visited_from_on`" in text
    rule = "`how = 'a' or how = 'b'`"
    assert line_with(text, "| `known` |") == f"| `known` | {rule} | 提示 warn | `how` | 方式不明 |"
    assert line_with(text, "| `a` |") == "| `a` | 上门 | at home | 入户、到家 | 2012– |"
    assert "用于 used by：`visit.how`" in text
    assert "按走访日期统计，重复走访重复计" in text
    assert "- 来源 reads：`visit`\n" in text


def test_bar_in_a_cell_does_not_break_the_table(small: Path) -> None:
    contract = small / "sql/record/visit.yml"
    contract.write_text(KIND.replace('description: "How"', 'description: "by a | b"'), encoding="utf-8")
    assert "by a \\| b |" in line_with(whole(small), "| `how` |")


def test_check_tells_a_stale_page_from_a_current_one(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--check"], small) == 1
    assert "stale" in capsys.readouterr().err
    assert main([], small) == 0
    assert main(["--check"], small) == 0
    area = small / page.FOLDER / "record" / "welfare.md"
    area.write_text("old", encoding="utf-8")
    assert main(["--check"], small) == 1
    assert area.read_text(encoding="utf-8") == "old"
    assert main([], small) == 0
    left = small / page.FOLDER / "of_before.md"
    left.write_text("old", encoding="utf-8")
    assert main(["--check"], small) == 1
    assert main([], small) == 0 and not left.exists()


def test_same_contracts_give_the_same_bytes(small: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    copy = tmp_path_factory.mktemp("elsewhere") / "root"
    shutil.copytree(small, copy)
    load._records.cache_clear()
    indicator._indicators.cache_clear()
    assert dictionary(copy) == dictionary(small)


@pytest.mark.parametrize("words", ['  "span": ', '  "count": "'])
def test_a_type_or_shape_without_words_is_refused(
    small: Path, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    lines = (
        (ROOT / "flows/report/templates/dictionary.md").read_text(encoding="utf-8").splitlines(keepends=True)
    )
    kept = [line for line in lines if not line.startswith(words)]
    assert len(kept) == len(lines) - 1
    monkeypatch.setattr(
        jinja2, "FileSystemLoader", lambda _: jinja2.DictLoader({"dictionary.md": "".join(kept)})
    )
    with pytest.raises(jinja2.UndefinedError):
        dictionary(small)


def test_personal_cells_are_never_said_to_be_stored_plainly() -> None:
    plain = [
        f"{record.record}.{column.name}"
        for record in records().values()
        for column in record.columns.values()
        if column.personal == "direct" and not stored_as(column).endswith(("only）", "not stored"))
    ]
    assert plain == []


@pytest.fixture(scope="module")
def pages() -> dict[Path, str]:
    return dictionary(ROOT)


def test_pages_in_the_repository_are_current(pages: dict[Path, str]) -> None:
    assert not stale(ROOT, pages, page.FOLDER), (
        "run `python -m flows.report.dictionary` and commit docs/dictionary"
    )


def test_every_table_view_and_macro_of_a_warehouse_is_on_a_page(
    pages: dict[Path, str], filled: Paths
) -> None:
    with duckdb.connect(str(filled.warehouse_file()), read_only=True) as con:
        relations = con.execute(
            "select schema_name, table_name, list(column_name) from duckdb_columns() where not internal group by all"
        ).fetchall()
        macros = con.execute(
            "select schema_name, function_name from duckdb_functions() where not internal"
        ).fetchall()
    assert len(relations) > 120 and len(macros) > 90
    for schema, name, columns in relations:
        told = (
            pages[page.FOLDER / "warehouse" / f"{schema}.md"]
            .partition(f"\n`{schema}.{name}`（")[2]
            .partition("\n<a id=")[0]
        )
        assert told and all(f"\n| `{column}` |" in told for column in columns), f"{schema}.{name}"
    for schema, name in macros:
        told = pages[page.FOLDER / "warehouse" / f"{'macro' if schema == 'main' else schema}.md"]
        assert f"| `{name}(" in told or f"\n`{schema}.{name}`（表宏" in told, name
    for path in (ROOT / "sql" / "open").rglob("*.sql"):
        assert f"\n`open.{path.stem}`（" in pages[page.FOLDER / "warehouse" / "open.md"], path.stem


def test_every_link_leads_to_a_place_that_is_there(pages: dict[Path, str]) -> None:
    for where, text in pages.items():
        for file, place in re.findall(r"\]\(([^)#]*)(?:#([^)]*))?\)", text):
            to = Path(os.path.normpath(where.parent / file)) if file else where
            assert to in pages, f"{where}: {file}"
            assert not place or f'<a id="{place}"></a>' in pages[to], f"{where}: {file}#{place}"
