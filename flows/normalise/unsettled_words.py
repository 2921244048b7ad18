"""Words that nobody knows, over all units: headers whose column is held, words of code lists and townships, folders.

The files are read again from the vault, for no table holds a word of theirs; sample cells are masked. A word is offered with
what it may mean, by the cells below it or by its spelling, and with what other units mean by it; nothing is ever applied.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import duckdb
from rapidfuzz import fuzz, process

from flows.contract.catalogue import code_lists
from flows.contract.record import Column, Record
from flows.contract.spelling import LearntWord, codes_of, own_codes, spellings
from flows.contract.text import name_key
from flows.contract.units import reference
from flows.database.connect import sql_text
from flows.ingest.delivery import Delivery
from flows.ingest.vault import Vault
from flows.normalise.lookup import Lookup
from flows.read import MappedColumn, Table, own_words
from flows.read.roundtrip.sheet_view import View, look_through

#: Rows of a sheet that are looked at; candidates and sample cells of a word.
_MOST_ROWS, _MOST_CANDIDATES, _SAMPLES = 50_000, 5, 3
#: A folder that is less like every name of a unit than this (`测试`, `新建文件夹`) was not meant for any.
_NEAR_UNIT = 66


@dataclass(frozen=True)
class UnsettledWord:
    """A word of one unit and record kind. `column` is '' for a header, else the column whose cell it is; `record` is '' for
    the header line of a table of no known kind, and without a unit for a folder of the inbox. `candidates`: meaning → label, likeliest first; `elsewhere`: what other units mean by it."""

    unit: str
    record: str
    column: str
    word: str
    count: int
    files: tuple[str, ...]
    candidates: Mapping[str, str]
    samples: tuple[str, ...] = ()
    elsewhere: tuple[LearntWord, ...] = ()


def unsettled_words(
    con: duckdb.DuckDBPyConnection,
    vault: Vault,
    kinds: Mapping[str, Record],
    known: Sequence[LearntWord] = (),
) -> list[UnsettledWord]:
    """Every word that leaves something open in a part in force, those of most cells first.

    Args:
        con: A build, or the published file.
        vault: Whose files are read again.
        kinds: The contracts.
        known: Words that were learnt, offered where another unit writes them too.

    Returns:
        One entry per unit, kind, column and word.
    """
    asked = {row[0] for row in con.execute(sql_text("ask", "unsettled_deliveries")).fetchall()}
    counts: Counter[tuple[str, str, str, str]] = Counter()
    files: dict[tuple[str, str, str, str], list[str]] = {}
    meant: dict[tuple[str, str, str, str], tuple[Mapping[str, str], tuple[str, ...]]] = {}
    found: list[_Found]
    deliveries = vault.deliveries()
    settled = {
        d.sha256 for d in deliveries if d.sender is not None
    }  # the file lies in the folder of a unit by now
    for delivery in deliveries:
        if delivery.sender is None and delivery.withdrawn_at is None and delivery.sha256 not in settled:
            found = [(("", "", delivery.folder), 1, nearest_units(delivery.folder), ())]
        elif delivery.delivery_id in asked:
            found = list(_of_file(vault, delivery, kinds))
        else:
            continue
        for (record, column, word), count, candidates, samples in found:
            key = (delivery.sender or "", record, column, word)
            counts[key] += count
            files[key] = [*files.get(key, []), delivery.name]
            meant.setdefault(key, (candidates, samples))
    return [
        UnsettledWord(*key, count, tuple(dict.fromkeys(files[key])), *meant[key], _elsewhere(key, known))
        for key, count in counts.most_common()
    ]


_Found = tuple[tuple[str, str, str], int, Mapping[str, str], tuple[str, ...]]


def _of_file(vault: Vault, delivery: Delivery, kinds: Mapping[str, Record]) -> Iterator[_Found]:
    sender = delivery.sender or ""
    reading, views = look_through(
        vault.path(delivery.sha256), delivery.name, kinds, _MOST_ROWS, own=spellings().get(sender)
    )
    for table in reading.unrecognised:
        line = "|".join(mapped.header for mapped in table.columns)
        if table.near and own_words(line):
            labels = {name: kinds[name].label for name in table.near}
            yield ("", "", line), table.rows_read - table.rows_ignored, labels, ()
    for view in views:
        for table in view.tables:
            if table.record is None:
                continue
            record = kinds[table.record]
            for mapped in table.columns:
                cells = _cells(view, table, mapped)
                word = own_words(mapped.header)
                if mapped.is_held and mapped.candidates and word:
                    labels = {
                        name: record.columns[name].label for name in mapped.candidates[:_MOST_CANDIDATES]
                    }
                    samples = tuple(map(masked, list(dict.fromkeys(cells))[:_SAMPLES]))
                    yield (record.record, "", word), len(cells), labels, samples
                elif mapped.column is not None:
                    column = record.columns[mapped.column]
                    yield from _unknown(record, column, cells, sender, table.covers_to or date.max)


def _cells(view: View, table: Table, mapped: MappedColumn) -> list[str]:
    """Non-empty cells of a column in the data rows of a table."""
    rows = [view.rows[row] for row in sorted(view.data) if row in view.rows and view.table_at(row) is table]
    return [
        cells[mapped.position - 1]
        for cells in rows
        if len(cells) >= mapped.position and cells[mapped.position - 1]
    ]


def _unknown(
    record: Record, column: Column, cells: Sequence[str], sender: str, day: date
) -> Iterator[_Found]:
    """Words of a column that its list does not have; one with a long number is nobody's word."""
    codes = codes_of(column, sender)
    if not codes:
        return
    lookup = Lookup(reference(), sender, day, own_codes().get((sender, record.record), {}))
    for word, count in Counter(cells).items():
        if lookup.find(column, word)[1] in ("code_unknown", "division_unknown") and own_words(word):
            yield (
                (record.record, column.name, word),
                count,
                _nearest(word, _spellings_of(column, codes), codes),
                (),
            )


def _spellings_of(column: Column, codes: Mapping[str, str]) -> dict[str, str]:
    """Spelling → code of what a column may say."""
    entries = code_lists().get(column.list or "", ())
    spelled = {text: entry.code for entry in entries for text in (entry.label, *entry.synonyms)}
    return spelled or {label: code for code, label in codes.items()}


def nearest_units(folder: str) -> Mapping[str, str]:
    """The units, code → short name, that a folder of the inbox may have been meant for, nearest first."""
    names = {u.unit_code: u.short_name for u in reference().units}
    return _nearest(folder, {name.key: name.code for name in reference().unit_names}, names, _NEAR_UNIT)


def _nearest(
    word: str, spelled: Mapping[str, str], labels: Mapping[str, str], least: float = 0
) -> dict[str, str]:
    """The meanings whose spellings come nearest, nearest first; none that is less like the word than asked (0 to 100)."""
    ranked = process.extract(
        name_key(word), list(spelled), scorer=fuzz.WRatio, limit=4 * _MOST_CANDIDATES, score_cutoff=least
    )
    codes = dict.fromkeys(spelled[text] for text, *_ in ranked)
    return {code: labels[code] for code in list(codes)[:_MOST_CANDIDATES]}


def _elsewhere(key: tuple[str, str, str, str], known: Sequence[LearntWord]) -> tuple[LearntWord, ...]:
    unit, record, column, word = key
    same = (record, column, name_key(word))
    return tuple(w for w in known if w.unit != unit and (w.record, w.column, name_key(w.word)) == same)


def masked(cell: str) -> str:
    """A cell of which its form is left: what sort of thing it is, not whose.

    >>> masked("张三2015年3月"), masked("AB-17")
    ('张×0000年0月', 'xx-00')
    """
    hidden = re.sub("[A-Za-z]", "x", re.sub(r"\d", "0", cell))
    return re.sub("(?<=[\u4e00-\u9fff])(?![年月日元])[\u4e00-\u9fff]", "×", hidden)[:20]
