"""Load contracts and code lists from `sql/`, refusing what is unclear with file and reason."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import yaml
from pydantic import ValidationError

from flows.contract.record import CodeEntry, ColumnType, Record
from flows.contract.text import header_key

ROOT = Path(__file__).resolve().parents[2]


class ContractError(ValueError):
    """A contract, code list or indicator file that cannot be used; the text names file and place."""


class _StringLoader(yaml.CSafeLoader):  # libyaml, which every wheel carries: ten times as fast
    """YAML in which only booleans, integers and floats without leading zeros are not strings."""


_StringLoader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def load_yaml(path: Path, text: str | None = None) -> dict[str, object]:
    """The mapping in a YAML file, or in `text` taken from it; `ContractError` with file and line when it is not one."""
    if text is None:
        text = path.read_text(encoding="utf-8")
    try:
        data = yaml.load(text, Loader=_StringLoader)  # noqa: S506 (a SafeLoader)
    except yaml.YAMLError as error:
        raise ContractError(f"{path}: {error}") from error
    if not isinstance(data, dict):
        raise ContractError(f"{path}: expected a mapping")
    return data


def explain(error: ValidationError) -> str:
    """A pydantic error as one line a person can act on."""
    return "; ".join(
        f"{'.'.join(str(part) for part in item['loc']) or 'file'}: {item['msg']}" for item in error.errors()
    )


def load_record(path: Path) -> Record:
    """One contract; its file name must be its record name."""
    try:
        record = Record.model_validate(load_yaml(path))
    except ValidationError as error:
        raise ContractError(f"{path}: {explain(error)}") from error
    if record.record != path.stem:
        raise ContractError(f"{path}: record is {record.record}, expected {path.stem}")
    return record


def records(root: Path = ROOT) -> dict[str, Record]:
    """All contracts by name, in file-name order; code lists they name must exist."""
    return _records(root)  # once per root, whether it is named or left out


@cache
def _records(root: Path) -> dict[str, Record]:
    out = {path.stem: load_record(path) for path in sorted((root / "sql" / "record").glob("*.yml"))}
    lists = set(code_lists(root))
    for record in out.values():
        for column in record.columns.values():
            if column.list is not None and column.list not in lists:
                raise ContractError(
                    f"sql/record/{record.record}.yml: {column.name}: no code list sql/code/{column.list}.csv"
                )
        for refer in record.refers:
            kind, there = refer.target
            if kind not in out or there not in out[kind].texts:
                raise ContractError(
                    f"sql/record/{record.record}.yml: refers {refer.column}: no column {refer.to} stored as text"
                )
    return out


@cache
def code_lists(root: Path = ROOT) -> dict[str, tuple[CodeEntry, ...]]:
    """All code lists by name. A spelling that leads to two codes of one list is an error."""
    out = {}
    for path in sorted((root / "sql" / "code").glob("*.csv")):
        if path.stem == "issue":  # messages, not a list of codes
            continue
        with path.open(encoding="utf-8", newline="") as stream:
            entries = tuple(
                _code_entry(path, line, row) for line, row in enumerate(csv.DictReader(stream), 2)
            )
        spelled: dict[str, str] = {}
        for entry in entries:
            for text in (entry.code, entry.label, *entry.synonyms):
                if spelled.setdefault(text, entry.code) != entry.code:
                    raise ContractError(f"{path}: {text} means both {spelled[text]} and {entry.code}")
        out[path.stem] = entries
    return out


def state_labels(language: str = "zh", root: Path = ROOT) -> dict[str, str]:
    """The states of a value or score in a word each: 有数, 未报 …; in English in some."""
    states = code_lists(root)["value_state"]
    return {entry.code: entry.label if language == "zh" else entry.label_en for entry in states}


def state_reasons(root: Path = ROOT) -> dict[str, str]:
    """Why there is no number, as a clause, of the states that are a reason: 未报送 …"""
    return {entry.code: entry.synonyms[0] for entry in code_lists(root)["value_state"] if entry.synonyms}


def _code_entry(path: Path, line: int, row: dict[str, str]) -> CodeEntry:
    try:
        return CodeEntry(
            code=row["code"],
            label=row["label"],
            label_en=row.get("label_en") or "",
            synonyms=tuple(s for s in (row.get("synonyms") or "").split("|") if s),
            valid_from=int(row["valid_from"]) if row.get("valid_from") else None,
            valid_to=int(row["valid_to"]) if row.get("valid_to") else None,
        )
    except (KeyError, ValueError) as error:
        raise ContractError(
            f"{path}:{line}: expected code,label,label_en,synonyms,valid_from,valid_to ({error})"
        ) from error


#: Why a column is a clerk's own and read past, as `sql/vocabulary/beside.csv` says of each word.
BESIDE_RULES = ("serial", "translation", "contact", "person", "office", "remark", "address", "account")


@cache
def beside_words(root: Path = ROOT) -> dict[str, str]:
    """Headers, folded, of a clerk's own columns, which no figure depends on → the rule that reads past them.

    A contract that has such a header wins over this table. A word that comes twice, an unknown rule and a word
    without the place where it was seen are errors.
    """
    path = root / "sql" / "vocabulary" / "beside.csv"
    out: dict[str, str] = {}
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        if reader.fieldnames != ["word", "rule", "seen"]:
            raise ContractError(f"{path}:1: expected word,rule,seen")
        for line, row in enumerate(reader, 2):
            word = header_key(row["word"] or "")
            if not word or not row["seen"] or None in row:
                raise ContractError(f"{path}:{line}: expected a word, its rule and where it was seen")
            if row["rule"] not in BESIDE_RULES:
                raise ContractError(f"{path}:{line}: no rule {row['rule']}, one of {', '.join(BESIDE_RULES)}")
            if word in out:
                raise ContractError(f"{path}:{line}: {row['word']} comes twice")
            out[word] = row["rule"]
    return out


def columns_of_type(record: Record, kind: ColumnType) -> tuple[str, ...]:
    """Names of a record's columns of one type."""
    return tuple(c.name for c in record.columns.values() if c.type is kind)


def issue_words(code: str, column: str | None = None, header: str = "", hint: str = "") -> str:
    """What a finding says of a place; `sql/meta/issue.sql` says the same of rows.

    Args:
        code: Of the finding.
        column: Label or letter of the column.
        header: The header's own words.
        hint: What it may mean, or the place of a fault of ours.

    Returns:
        The message of `sql/code/issue.csv`, or the code where it has none.
    """
    said = {"{column}": column or "", "{header}": f"“{header}”" if header else "", "{place}": hint}
    said["{hint}"] = f"；疑似“{hint}”" if hint else ""
    text = _messages().get(code, code)
    for place, words in said.items():
        text = text.replace(place, words)
    return text


@cache
def _messages() -> dict[str, str]:
    return {code: message for code, _, message in issue_messages()}


def issue_messages(root: Path = ROOT) -> list[tuple[str, str, str]]:
    """(code, severity, Chinese message with `{column}`) of `sql/code/issue.csv`; a code occurs once."""
    path = root / "sql" / "code" / "issue.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        rows = [(row["code"], row["severity"], row["message"]) for row in csv.DictReader(stream)]
    codes = [code for code, _, _ in rows]
    if repeated := {code for code in codes if codes.count(code) > 1}:
        raise ContractError(f"{path}: codes given twice: {sorted(repeated)}")
    if unknown := {severity for _, severity, _ in rows} - {"error", "warning", "info"}:
        raise ContractError(f"{path}: unknown severities {sorted(unknown)}")
    return rows
