"""A unit's own words: `data/reference/header/<unit_code>.csv` for headers, `data/reference/word/<unit_code>.csv` for cells.

What one district calls a column or a code is no reason to change a contract or a code list for all. A line says who let the
word in and when; whoever takes the line out revokes it. Refuses a line that could not take effect: an unknown unit, record,
column or code, a computed column, a word that is given two meanings.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from flows.contract.catalogue import ROOT, ContractError, code_lists, records
from flows.contract.record import Column, ColumnType, Record
from flows.contract.text import name_key
from flows.contract.units import reference

#: Where the files of headers lie, below the root, and those of words in cells.
FOLDER = Path("data", "reference", "header")
WORDS = Path("data", "reference", "word")
FIELDS = ("record", "header", "column", "note")
_WORD_FIELDS = ("record", "column", "word", "code", "note")
#: Who let a line in, and when; a line written by hand need not say it.
_LET_IN = ("by", "on")
#: In place of a column: the unit's column is read past.
IGNORE = "ignore"
#: In place of a column: the header is a whole line, and a table that has it is one of this record.
TABLE = "table"


@dataclass(frozen=True)
class LearntWord:
    """A line of either file. `column` is '' for a header, whose meaning is a column, `ignore` or, of a whole line, `table`."""

    unit: str
    record: str
    column: str
    word: str
    meaning: str
    by: str = ""
    on: str = ""


@cache
def spellings(root: Path = ROOT) -> Mapping[str, Mapping[str, str]]:
    """unit_code → header → `record.column`, `record.ignore` or `record.table`, several with blanks between.

    `ContractError` with file and line for a line that cannot be used. `root` holds the spellings; what they
    refer to are the contracts and units of this clone.
    """
    out: dict[str, dict[str, str]] = {}
    for word in learnt(root):
        if not word.column:
            of_unit = out.setdefault(word.unit, {})
            of_unit[word.word] = f"{of_unit.get(word.word, '')} {word.record}.{word.meaning}".strip()
    return out


@cache
def own_codes(root: Path = ROOT) -> Mapping[tuple[str, str], Mapping[tuple[str, str], str]]:
    """(unit_code, record) → (column, folded word) → code."""
    out: dict[tuple[str, str], dict[tuple[str, str], str]] = {}
    for word in learnt(root):
        if word.column:
            out.setdefault((word.unit, word.record), {})[word.column, name_key(word.word)] = word.meaning
    return out


def learnt(root: Path = ROOT) -> tuple[LearntWord, ...]:
    """Every line of both files, those of headers first."""
    found = []
    for folder, fields in ((FOLDER, FIELDS), (WORDS, _WORD_FIELDS)):
        for path in sorted((root / folder).glob("*.csv")):
            if path.stem not in {unit.unit_code for unit in reference().units}:
                raise ContractError(
                    f"{path}: no unit {path.stem} in data/reference/unit.csv; name the file after one"
                )
            found += _load(path, fields)
    return tuple(found)


def learn(words: Sequence[LearntWord], root: Path = ROOT) -> None:
    """Append words to the files of their units; one that could not take effect raises `ContractError`, and none is written."""
    before = {path: path.read_bytes() if path.exists() else None for path in {_path(w, root) for w in words}}
    try:
        for word in words:
            path, fields = _path(word, root), _fields(word)
            path.parent.mkdir(parents=True, exist_ok=True)
            lines = _lines(path, fields)
            said = (word.record, word.column, word.word, word.meaning) if word.column else _of_header(word)
            _write(path, fields, [*lines, dict(zip(fields, (*said, "", word.by, word.on), strict=True))])
        learnt(root)
    except ContractError:
        for path, content in before.items():
            path.unlink(missing_ok=True) if content is None else path.write_bytes(content)
        raise
    finally:
        spellings.cache_clear()
        own_codes.cache_clear()


def revoke(word: LearntWord, root: Path = ROOT) -> None:
    """Take a line out again."""
    path, fields = _path(word, root), _fields(word)
    named = {
        "record": word.record,
        **({"column": word.column, "word": word.word} if word.column else {"header": word.word}),
    }
    _write(path, fields, [row for row in _lines(path, fields) if any(row[k] != v for k, v in named.items())])
    spellings.cache_clear()
    own_codes.cache_clear()


def _path(word: LearntWord, root: Path) -> Path:
    return root / (WORDS if word.column else FOLDER) / f"{word.unit}.csv"


def _fields(word: LearntWord) -> tuple[str, ...]:
    return (*(_WORD_FIELDS if word.column else FIELDS), *_LET_IN)


def _of_header(word: LearntWord) -> tuple[str, str, str]:
    return word.record, word.word, word.meaning


def _lines(path: Path, fields: Sequence[str]) -> list[dict[str, str]]:
    if not path.exists():
        return []
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return [{name: row.get(name) or "" for name in fields} for row in csv.DictReader(stream)]


def _write(path: Path, fields: Sequence[str], lines: Sequence[Mapping[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, fields, lineterminator="\n")
        writer.writeheader()
        writer.writerows(lines)


def line(record: str, header: str, column: str) -> str:
    """The line that gives a header its meaning, as the file wants it."""
    quoted = f'"{header.replace(chr(34), chr(34) * 2)}"' if set(header) & set(',"\r\n') else header
    return f"{record},{quoted},{column},"


def _load(path: Path, fields: tuple[str, ...]) -> list[LearntWord]:
    out: dict[tuple[str, str, str], LearntWord] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream, strict=True)
            if tuple(reader.fieldnames or ()) not in (fields, (*fields, *_LET_IN)):
                raise ContractError(f"{path}:1: expected {','.join(fields)}, and {','.join(_LET_IN)} or not")
            for row in reader:
                place = f"{path}:{reader.line_num}"
                if None in row or any(row.get(name) is None for name in fields):
                    raise ContractError(f"{place}: expected {','.join(reader.fieldnames or ())}")
                word = _word(place, path.stem, {name: (text or "").strip() for name, text in row.items()})
                key = (word.record, word.column, name_key(word.word))
                if (said := out.setdefault(key, word)).meaning != word.meaning:
                    raise ContractError(f"{place}: {word.word} of {word.record} means {said.meaning} already")
    except (csv.Error, UnicodeDecodeError) as error:
        raise ContractError(f"{path}: {error}; save it as CSV in UTF-8") from error
    return list(out.values())


def _word(place: str, unit: str, row: Mapping[str, str]) -> LearntWord:
    """A line that can take effect."""
    record: Record | None = records().get(row["record"])
    if record is None:
        raise ContractError(f"{place}: no record {row['record']}; expected one of {', '.join(records())}")
    readable = {c.name: c for c in record.read_columns}
    column = row["column"]
    if "header" in row:
        if column not in (*readable, IGNORE, TABLE):
            raise ContractError(
                f"{place}: {record.record} reads no column {column}; expected {IGNORE}, {TABLE} or one of {', '.join(readable)}"
            )
        out = LearntWord(unit, record.record, "", row["header"], column)
    else:
        codes = codes_of(readable[column], unit) if column in readable else {}
        if row["code"] not in codes:
            raise ContractError(
                f"{place}: {column} of {record.record} has no code {row['code']}; expected {', '.join(codes)}"
            )
        out = LearntWord(unit, record.record, column, row["word"], row["code"])
    if not out.word:
        raise ContractError(f"{place}: the {'word' if out.column else 'header'} is empty")
    return replace(out, by=row.get("by", ""), on=row.get("on", ""))


def codes_of(column: Column, unit: str) -> dict[str, str]:
    """What a word of a column may mean in a unit's files: code → label; nothing for columns that are no words."""
    if column.type is ColumnType.CODE:
        return {entry.code: entry.label for entry in code_lists()[column.list or ""]}
    if column.type is ColumnType.DIVISION:
        codes = {name.code for name in reference().localities_of(unit)}
        return {d.code: d.name for d in reference().divisions if d.code in codes}
    return {}
