"""The contracts and code lists as a whole: what one file cannot see about itself.

A contract is judged by the loader alone where that suffices; here is what needs all of them (two kinds
that look alike) or the database (a rule that does not bind would only fail on a district's file).
"""

from __future__ import annotations

import re
import unicodedata
from itertools import permutations
from pathlib import Path
from typing import get_args

import duckdb
import pytest

from flows.contract.catalogue import (
    ROOT,
    ContractError,
    beside_words,
    code_lists,
    issue_messages,
    load_record,
    records,
    state_reasons,
)
from flows.contract.record import SQL_TYPE, Column, ColumnType, Record
from flows.contract.text import header_key
from flows.normalise.load import AS_WRITTEN
from flows.normalise.schema import load_macros
from flows.read.tables.columns.measures import split_unit
from flows.score.engine.facts import State

KINDS = sorted(records())

#: Code lists that stand for something no column holds yet; each needs a reason here.
REFERENCE_ONLY = {
    "value_state": "states of values and scores, not cells",
    "indicator_area": "folders of indicators, not cells",
}

#: Classes of personal data that a header promises, whatever the contract's author thought of.
_DIRECT = re.compile(r"姓名|身份证|手机|电话|账号|卡号|住址|证件号")

#: Rules that an empty row breaks on purpose.
NEEDS_A_CELL = {
    "consolation": {"something_given"},  # a visit without money or goods
    "rater_score": {"points_or_opinion"},  # a rater who says nothing
}

_UNIT_SUFFIX = {ColumnType.MONEY: ("_yuan",), ColumnType.DATE: ("_on",), ColumnType.PCT: ("_pct",)}

MINIMAL = """\
record: visit
label: 走访台账
description: One row per visit.
area: welfare
key: [unit_code, place, visited_on]
recognise: {title: [走访], columns: [place, visited_on]}
columns:
  place: {type: text, label: 地点, header: [地点], description: Where}
  visited_on: {type: date, label: 日期, header: [日期], description: When}
"""


def spellings(record: Record) -> dict[str, set[str]]:
    """Folded header → columns; a bracketed unit is folded away as the reader does."""
    out: dict[str, set[str]] = {}
    for column in record.read_columns:
        for header in column.header:
            for form in {header_key(header), split_unit(header_key(header))[0]}:
                out.setdefault(form, set()).add(column.name)
    return out


def write(root: Path, text: str, name: str = "visit") -> Path:
    """A project of one contract and one code list; answers with the contract's path."""
    (root / "sql" / "record").mkdir(parents=True)
    (root / "sql" / "code").mkdir()
    (root / "sql" / "code" / "colour.csv").write_text(
        "code,label,label_en,synonyms,valid_from,valid_to\nred,红,red,红色,,\n", encoding="utf-8"
    )
    path = root / "sql" / "record" / f"{name}.yml"
    path.write_text(text, encoding="utf-8")
    return path


# --- the loader refuses what is unclear ---------------------------------------------------------


def test_the_minimal_contract_is_accepted(tmp_path: Path) -> None:
    write(tmp_path, MINIMAL)
    assert records(tmp_path)["visit"].key == ("unit_code", "place", "visited_on")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("area: welfare", "area: welfare\nsnapshots: true"), "snapshots"),
        (("description: Where}", "description: Where, requird: true}"), "requird"),
        (("title: [走访],", "titles: [走访],"), "titles"),
        (("type: text", "type: string"), "place"),
        (("description: Where}", "description: Where, bad: ignore}"), "bad"),
        (("key: [unit_code, place,", "key: [unit_code, town,"), "town"),
        (("columns: [place, visited_on]", "columns: [place, went_on]"), "went_on"),
        (("area: welfare", "area: welfare\ndated: went_on"), "went_on"),
        (("header: [日期]", "header: [日期, 地点]"), "地点"),
        (
            ("  place: {", "  part_id: {type: count, label: 件, header: [件], description: x}\n  place: {"),
            "part_id",
        ),
        (("type: text", "type: code"), "list"),
        (("type: text", "list: colour, type: text"), "list"),
        (("type: text", "type: code, list: colours"), "colours"),
        (("type: text", "type: name"), "personal"),
        (("type: text", "type: citizen_id, personal: direct"), "_id"),
        (("type: text", "keep: key, type: text"), "keep"),
        (("header: [地点], ", ""), "header"),
        (("header: [地点]", "header: [地点], derive: upper(place)"), "derive"),
        (("type: text", "type: unit"), "unit_code"),
        (
            ("  place: {type: text, label: 地点, header: [地点], description: Where}", "  place: text"),
            "mapping",
        ),
        (("record: visit", "record: visits"), "expected visit"),
        (
            ("area: welfare", "area: welfare\nrefers: [{column: place, to: visits.place}]"),
            "no column visits.place",
        ),
        (
            ("area: welfare", "area: welfare\nrefers: [{column: place, to: visit.visited_on}]"),
            "no column visit.visited_on",
        ),
        (
            ("area: welfare", "area: welfare\nrefers: [{column: visited_on, to: visit.place}]"),
            "refers names visited_on",
        ),
        (("area: welfare", "area: welfare\nrefers: [{column: place, to: place}]"), "refers.0.to"),
        (
            ("area: welfare", "area: welfare\nrefers: [{column: place, to: visit.place, broken: reject}]"),
            "'warn' or 'block'",
        ),
    ],
)
def test_a_contract_with_a_mistake_is_refused_by_name(
    tmp_path: Path, change: tuple[str, str], reason: str
) -> None:
    assert change[0] in MINIMAL
    path = write(tmp_path, MINIMAL.replace(*change))
    with pytest.raises(ContractError, match=reason) as refused:
        records(tmp_path)
    assert path.name in str(refused.value)


def test_broken_yaml_names_file_and_line(tmp_path: Path) -> None:
    path = write(tmp_path, MINIMAL + "  note: {type: text\n")
    with pytest.raises(ContractError, match=r"visit\.yml(.|\n)*line \d+"):
        load_record(path)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("crimson,绯,crimson,红色,,", "红色 means both red and crimson"),
        ("crimson,绯,crimson,,since 2012,", ":3: expected code,label"),
    ],
)
def test_an_unclear_code_list_is_refused(tmp_path: Path, line: str, reason: str) -> None:
    write(tmp_path, MINIMAL)
    with (tmp_path / "sql" / "code" / "colour.csv").open("a", encoding="utf-8") as stream:
        stream.write(line + "\n")
    with pytest.raises(ContractError, match=reason):
        code_lists(tmp_path)


# --- each contract --------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_texts_are_in_their_language(kind: str) -> None:
    record = records()[kind]
    chinese = re.compile(r"[\u4e00-\u9fff]")
    assert chinese.search(record.label)
    assert re.match(r"[A-Z][a-z]*\b", record.description)
    for column in record.columns.values():
        assert chinese.search(column.label), column.name
        assert re.search(r"[A-Za-z]{3}", column.description), column.name
    for check in record.checks:
        assert chinese.search(check.message), check.id


@pytest.mark.parametrize("kind", KINDS)
def test_columns_say_their_unit(kind: str) -> None:
    for column in records()[kind].columns.values():
        assert re.fullmatch(r"[a-z][a-z0-9_]*", column.name)
        if suffix := _UNIT_SUFFIX.get(column.type):
            assert column.name.endswith(suffix), column.name
        if column.type is ColumnType.BOOL:
            assert column.name.startswith(("is_", "has_", "can_")), column.name
        if column.type is ColumnType.COUNT and column.unit == "人":
            assert "people" in column.name, column.name
        if column.type is ColumnType.MONEY and column.derive is None:
            assert column.unit and column.unit.endswith("元"), column.name


@pytest.mark.parametrize("kind", KINDS)
def test_every_number_has_a_range_that_holds_no_telephone(kind: str) -> None:
    numbers = (ColumnType.COUNT, ColumnType.MONEY, ColumnType.DECIMAL, ColumnType.PCT)
    for column in records()[kind].read_columns:
        assert (column.largest is not None) == (column.type in numbers), column.name
        assert column.largest is None or 0 < column.largest < 13_000_000_000, column.name


@pytest.mark.parametrize("kind", KINDS)
def test_what_names_a_person_is_never_kept_as_text(kind: str) -> None:
    for column in records()[kind].read_columns:
        if any(_DIRECT.search(header) for header in column.header):
            assert column.personal is not None, column.name
            assert all(sql_type == "BLOB" for _, sql_type in column.stored), column.name


@pytest.mark.parametrize("kind", KINDS)
def test_no_derived_column_carries_a_personal_cell(kind: str) -> None:
    record = records()[kind]
    hidden = {c.name for c in record.read_columns if c.name not in {name for name, _ in c.stored}}
    hidden -= {c.name for c in record.read_columns if c.type is ColumnType.SPAN}
    for column in record.columns.values():
        if column.derive:
            names = hidden & set(re.findall(r"[a-z_0-9]+", column.derive))
            if column.type is not ColumnType.TEXT:  # a number that free text holds carries no text
                names -= {c.name for c in record.read_columns if c.personal == "free_text"}
            assert not names, column.name


@pytest.mark.parametrize("kind", KINDS)
def test_no_header_leads_to_two_columns(kind: str) -> None:
    for header, columns in spellings(records()[kind]).items():
        assert len(columns) == 1, f"{header}: {sorted(columns)}"


@pytest.mark.parametrize("kind", KINDS)
def test_no_contract_claims_the_line_counter(kind: str) -> None:
    """编号 can be a thing's own number, and a contract that says so wins; 序号 never is."""
    assert beside_words()["序号"] == "serial"
    assert not {"序号", "序", "行号", "行次"} & set(spellings(records()[kind]))


@pytest.mark.parametrize("kind", KINDS)
def test_a_snapshot_is_not_dated_and_checks_have_distinct_names(kind: str) -> None:
    record = records()[kind]
    assert not (record.snapshot and record.dated)
    ids = [check.id for check in record.checks]
    assert len(ids) == len(set(ids))
    assert all(check.column is None or check.column in record.columns for check in record.checks)


def parsed_columns(column: Column) -> list[tuple[str, str]]:
    """What a rule can name: cells as parsed, before personal ones are dropped."""
    if column.type is ColumnType.SPAN:
        return list(column.stored)
    return [(column.name, SQL_TYPE.get(column.type, "VARCHAR"))]


@pytest.fixture(scope="module")
def database() -> duckdb.DuckDBPyConnection:
    """An empty database with the project's macros."""
    con = duckdb.connect()
    con.execute(f"set disabled_optimizers = '{AS_WRITTEN}'")  # as the load does; planning takes a tenth
    con.execute("create schema ref; create table ref.id_prefix (prefix varchar)")
    load_macros(con)
    return con


#: The largest and smallest cells that the column types let through.
_EXTREME = {
    "BIGINT": ("999999999999999999", "0"),
    "DECIMAL(18,2)": ("9999999999999999.99", "0"),
    "DECIMAL(18,4)": ("99999999999999.9999", "0"),
    "DECIMAL(9,4)": ("99999.9999", "0"),
    "DATE": ("2099-12-31", "1900-01-01"),
    "SMALLINT": ("2099", "1900"),
    "BOOLEAN": ("true", "false"),
    "VARCHAR": ("第九届", ""),
}

#: Cells whose macro lets one form through only; the number is the worked example of GB 11643.
_READ = {ColumnType.CITIZEN_ID: "11010519491231002X", ColumnType.CREDIT_CODE: "91350100M000100Y43"}


def given_cells(record: Record, place: int | None) -> str:
    """A one-row SELECT of every cell a rule can name: empty (None), the largest (0) or smallest (1)."""
    cells = [(*pair, column.type) for column in record.read_columns for pair in parsed_columns(column)]
    cells += [("covers_from", "DATE", ColumnType.DATE), ("covers_to", "DATE", ColumnType.DATE)]
    out = []
    for name, sql_type, kind in cells:
        text = _READ.get(kind) or _EXTREME[sql_type][place or 0]
        value = "null" if place is None else f"'{text}'"
        out.append(f"cast({value} as {sql_type}) as {name}")
    return f"select {', '.join(out)}"


def with_derived(record: Record, source: str) -> str:
    """The same row with the derived columns."""
    for column in record.columns.values():
        if column.derive:
            source = (
                f"select *, cast({column.derive} as {column.stored[0][1]}) as {column.name} from ({source})"
            )
    return source


@pytest.mark.parametrize("kind", KINDS)
def test_every_rule_and_derivation_binds(kind: str, database: duckdb.DuckDBPyConnection) -> None:
    record = records()[kind]
    source = with_derived(record, given_cells(record, None))
    for check in record.checks:
        found = database.execute(f"select typeof({check.rule}) from ({source})").fetchall()[0][0]
        assert found == "BOOLEAN", f"{check.id}: {found}"
        # DECIMAL division gives DOUBLE; quoted texts may hold a slash.
        assert not re.search(r"(?<!/)/(?!/)", re.sub(r"'[^']*'", "", check.rule)), check.id


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_row_breaks_no_rule(kind: str, database: duckdb.DuckDBPyConnection) -> None:
    """NULL passes: a file without the optional columns is not buried under warnings about them."""
    record = records()[kind]
    source = with_derived(record, given_cells(record, None))
    broken = [
        check.id
        for check in record.checks
        if database.execute(f"select {check.rule} from ({source})").fetchall()[0][0] is False
    ]
    assert set(broken) == NEEDS_A_CELL.get(kind, set())


@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize("kind", KINDS)
def test_no_cell_makes_a_rule_fail(kind: str, place: int, database: duckdb.DuckDBPyConnection) -> None:
    """An ID typed into a count column must not overflow: it would take the whole file's INSERT down."""
    record = records()[kind]
    source = with_derived(record, given_cells(record, place))
    rules = [check.rule for check in record.checks] or ["true"]
    row = database.execute(f"select {', '.join(rules)} from ({source})").fetchall()[0]
    assert all(value in (True, False, None) for value in row)


# --- all contracts together ----------------------------------------------------------------------------


def looks_like(table: Record, kind: Record) -> bool:
    """Whether a table with every header of `table` has all columns that `kind` is recognised by."""
    known = spellings(table)
    return all(any(header_key(h) in known for h in kind.columns[c].header) for c in kind.recognise.columns)


def told_apart(table: Record, kind: Record) -> bool:
    """Whether a title word, or a recognising column that the other kind does not know, decides."""
    words = [(a, b) for a in table.recognise.title for b in kind.recognise.title]
    if words and not any(a in b or b in a for a, b in words):
        return True
    known = spellings(kind)
    return any(
        not any(header_key(h) in known for h in table.columns[c].header) for c in table.recognise.columns
    )


def test_no_kind_is_mistaken_for_another() -> None:
    kinds = records()
    mistaken = [
        f"{a} looks like {b}"
        for a, b in permutations(kinds, 2)
        if looks_like(kinds[a], kinds[b]) and not told_apart(kinds[a], kinds[b])
    ]
    assert mistaken == []


def test_two_kinds_with_the_same_signature_do_not_exist() -> None:
    """Two kinds that satisfy each other could only be told apart by a title, which files often lack."""
    kinds = records()
    assert [
        (a, b)
        for a, b in permutations(kinds, 2)
        if a < b and looks_like(kinds[a], kinds[b]) and looks_like(kinds[b], kinds[a])
    ] == []


# --- code lists ----------------------------------------------------------------------------------------


def test_every_code_list_is_used() -> None:
    used = {c.list for r in records().values() for c in r.columns.values() if c.list}
    unused = set(code_lists()) - used - {"issue"}
    assert unused == set(REFERENCE_ONLY)


@pytest.mark.parametrize("name", sorted(set(code_lists()) - {"issue"}))
def test_a_code_list_is_sane(name: str) -> None:
    entries = code_lists()[name]
    assert entries
    codes = [entry.code for entry in entries]
    assert len(codes) == len(set(codes))
    for entry in entries:
        assert re.fullmatch(r"[A-Za-z0-9_]+", entry.code), entry.code
        assert re.search(r"[\u4e00-\u9fff0-9]", entry.label) and entry.label_en, entry.code
        first, last = entry.valid_from, entry.valid_to
        assert first is None or 1949 <= first <= 2100, entry.code
        assert last is None or 1949 <= last <= 2100, entry.code
        assert first is None or last is None or first <= last, entry.code
    assert any((e.valid_from or 0) <= 2015 <= (e.valid_to or 9999) for e in entries)


@pytest.mark.parametrize("name", sorted(set(code_lists()) - {"issue"}))
def test_no_spelling_of_a_code_list_folds_into_another_code(name: str) -> None:
    folded: dict[str, str] = {}
    for entry in code_lists()[name]:
        for text in (entry.code, entry.label, *entry.synonyms):
            key = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).upper()
            assert folded.setdefault(key, entry.code) == entry.code, text


def test_three_generations_of_needy_categories_follow_each_other() -> None:
    """Every year of the sample has a valid category, and no generation outlives the next by long."""
    entries = code_lists()["hardship_category"]
    spans = {(e.valid_from, e.valid_to) for e in entries}
    assert len(spans) == 3
    for year in range(2011, 2019):
        assert any((e.valid_from or 0) <= year <= (e.valid_to or 9999) for e in entries)


def test_a_town_that_our_list_does_not_know_is_no_fault_of_a_district() -> None:
    severities = {code: severity for code, severity, _ in issue_messages()}
    assert severities["division_unknown"] == "info"  # not sent back, and so it must reject nothing
    towns = [c for r in records().values() for c in r.columns.values() if c.type is ColumnType.DIVISION]
    assert len(towns) > 5 and not any(c.rejects for c in towns)


def test_the_states_are_those_of_the_engine_and_of_the_tables() -> None:
    """Views, pages and sentences say a state as the code list does; the tables admit no other."""
    states = tuple(entry.code for entry in code_lists()["value_state"])
    assert set(states) == set(get_args(State))
    assert set(state_reasons()) == set(states) - {"value", "zero"}
    for table in ("metric", "assess"):
        text = (ROOT / "sql" / table / "table.sql").read_text(encoding="utf-8")
        named = set(re.findall(r"'(\w+)'", re.search(r"check \(state in \((.*?)\)\)", text)[1]))  # type: ignore[index]
        assert named <= set(states)
