"""Words that say the same: never at the cost of a column, by leaving out each spelling of each contract in turn."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest

from flows.contract.catalogue import ContractError, records
from flows.contract.fingerprint import ROW_MEANING, fingerprint
from flows.contract.same_words import plain_words, same_words
from flows.contract.text import header_key
from flows.read.tables.columns.measures import split_unit

KINDS = {name: record for name, record in records().items() if not record.is_decision}


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_spelling_that_is_left_out_is_its_own_column_or_none(kind: str) -> None:
    means: dict[str, str] = {}
    for column in KINDS[kind].read_columns:
        for text in (*column.spellings, column.label):
            means.setdefault(split_unit(header_key(text))[0], column.name)
    alike: dict[str, set[str]] = defaultdict(set)
    for text in means:
        alike[plain_words(text)].add(text)
    for text, column in means.items():
        others = {means[other] for other in alike[plain_words(text)] - {text}}
        assert len(others) > 1 or others <= {column}, (text, alike[plain_words(text)])


def test_half_of_all_spellings_of_days_are_known_without_being_listed() -> None:
    """What the words are for: were the list of a contract shorter, it would lose little."""
    known = total = 0
    for record in KINDS.values():
        for column in record.read_columns:
            plain = [plain_words(split_unit(header_key(text))[0]) for text in column.header]
            if column.name.endswith("_on") and len(plain) > 3:
                known += sum(plain.count(text) > 1 for text in plain)
                total += len(plain)
    assert known * 2 > total > 100


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("化解日", "化解时间"),
        ("所在企业", "所在单位"),
        ("上岗与否", "是否上岗"),
        ("有无女职工委员会", "是否女职工委员会"),
        ("3.所在乡镇(街道)", "镇街"),
        ("获评日期", "受表彰时间"),
    ],
)
def test_words_that_say_the_same(one: str, other: str) -> None:
    assert plain_words(one) == plain_words(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("核准金额", "批准金额"),
        ("申请人", "申请人数"),
        ("参加人数", "参加人次"),
        ("主办单位", "承办单位"),
        ("开始日期", "结束日期"),
        ("职工人数", "女职工人数"),
        ("用人单位", "单位"),
        ("原单位", "单位"),
        ("会员(女)", "会员"),
    ],
)
def test_words_that_only_resemble(one: str, other: str) -> None:
    assert plain_words(one) != plain_words(other)


@pytest.mark.parametrize("line", ["日,日期,middle", ",日期,end", "日期,日期,end", "日,日期,end\n日,时间,end"])
def test_a_line_that_says_too_little_is_refused(tmp_path: Path, line: str) -> None:
    path = tmp_path / "sql" / "vocabulary" / "same.csv"
    path.parent.mkdir(parents=True)
    before = fingerprint(ROW_MEANING, tmp_path)
    path.write_text(f"word,same,place\n{line}\n", encoding="utf-8")
    assert fingerprint(ROW_MEANING, tmp_path) != before
    with pytest.raises(ContractError, match=r"same\.csv"):
        same_words(tmp_path)
