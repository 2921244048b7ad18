"""The words of clerks that no single contract holds: well-formed, and never at the cost of a contract."""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path

import pytest

from flows.contract.catalogue import BESIDE_RULES, ROOT, ContractError, beside_words, code_lists, records
from flows.contract.fingerprint import ROW_MEANING, fingerprint
from flows.contract.record import ColumnType
from flows.contract.text import header_key, name_key
from flows.read.tables.headers import headers_of, map_columns

TOP = "word,rule,seen\n"


def root(folder: Path, text: str) -> Path:
    path = folder / "sql" / "vocabulary" / "beside.csv"
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("word,rule\n甲,serial\n", "csv:1: expected word,rule,seen"),
        (TOP + "甲,serial,\n", "csv:2: expected a word"),
        (TOP + ",serial,office usage\n", "csv:2: expected a word"),
        (TOP + "甲,serial,office usage,more\n", "csv:2: expected a word"),
        (TOP + "甲,whatever,office usage\n", "csv:2: no rule whatever"),
        (TOP + "甲 乙,serial,office usage\n甲乙,remark,office usage\n", "csv:3: 甲乙 comes twice"),
    ],
)
def test_a_line_that_says_too_little_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(ContractError, match=reason):
        beside_words(root(tmp_path, text))


def test_a_new_word_changes_what_rows_mean(tmp_path: Path) -> None:
    before = fingerprint(ROW_MEANING, tmp_path)
    assert fingerprint(ROW_MEANING, root(tmp_path, TOP)) != before


def test_every_rule_has_its_words() -> None:
    assert set(beside_words().values()) == set(BESIDE_RULES)
    assert beside_words()["电话"] == "contact"
    assert not {"单位", "单位名称", "人数", "金额", "日期", "时间", "姓名", "合计"} & set(beside_words())


@pytest.mark.parametrize("kind", sorted(records()))
def test_a_header_of_a_contract_wins(kind: str) -> None:
    record = records()[kind]
    claimed = {header_key(text): c.name for c in record.read_columns for text in (*c.header, c.label)}
    words = [word for word in beside_words() if word in claimed]
    known = headers_of(records(), {})
    mapped = map_columns(known, record, known.cells(words), [])
    assert [(m.column, m.ignored_by) for m in mapped] == [(claimed[word], None) for word in words]


def test_a_word_that_any_contract_stores_is_known_wherever_that_is_stored() -> None:
    """Else it would be read past in a kind whose rows need it: 身份证号 is no clerk's own where persons count.

    编号 is a thing's own number where a contract says so, and a serial number everywhere else.
    """
    stored: dict[str, set[str]] = {}
    for record in records().values():
        for column in record.read_columns:
            for text in (*column.header, column.label):
                if column.stored and header_key(text) in beside_words():
                    stored.setdefault(header_key(text), set()).add(column.label)
    for word, labels in stored.items():
        for record in records().values():
            for column in record.read_columns:
                if column.label in labels and column.type is not ColumnType.SPAN:
                    assert word in {header_key(text) for text in (*column.header, column.label)}, (
                        f"{record.record}.{column.name}: {word}"
                    )


def seen() -> list[dict[str, str]]:
    with (ROOT / "sql" / "vocabulary" / "seen.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_every_word_seen_stands_where_the_table_says() -> None:
    known = {
        (name, code, text)
        for name, entries in code_lists().items()
        for code, texts in ((entry.code, entry.synonyms) for entry in entries)
        for text in texts
    }
    known |= {
        (record.record, column.name, text)
        for record in records().values()
        for column in record.read_columns
        for text in column.header
    }
    assert not set(code_lists()) & set(records())
    for row in seen():
        assert (row["list_or_record"], row["column_or_code"], row["word"]) in known, row
        assert row["seen"] == "office usage" or re.search(r", \d{4}s?(-\d{4})?$", row["seen"]), row


def test_no_word_was_seen_twice_for_one_list_or_contract() -> None:
    keys = [(row["list_or_record"], header_key(row["word"])) for row in seen()]
    assert [key for key, count in Counter(keys).items() if count > 1] == []


@pytest.mark.parametrize("name", sorted(code_lists()))
def test_no_word_means_two_codes_of_a_list(name: str) -> None:
    """As a cell is compared: half-width, without blanks; the loader compares the texts as they are typed."""
    means: dict[str, set[str]] = {}
    for entry in code_lists()[name]:
        for text in (entry.code, entry.label, *entry.synonyms):
            means.setdefault(name_key(text), set()).add(entry.code)
    assert {text: codes for text, codes in means.items() if len(codes) > 1} == {}
