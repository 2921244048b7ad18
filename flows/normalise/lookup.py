"""Cells that name something — a code, a unit, a town, an indicator — become its code, by exact spelling.

Done on the distinct texts of a batch, before DuckDB: a lookup is the same for every row that says the
same, and as a join it had to be written (and planned) twice per column, once as typed and once
normalised, which cost more than the rest of the load. Nothing is guessed: a spelling that is not listed
is an issue. Listed means `sql/code/*.csv`, `data/reference/`, the labels of the indicators, and the words of the sender's own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache

import pyarrow as pa

from flows.contract.catalogue import code_lists
from flows.contract.indicator import indicators
from flows.contract.record import CodeEntry, Column, ColumnType
from flows.contract.text import name_key
from flows.contract.units import Reference
from flows.read.formats.number_formats import cell_issue

#: Types that are looked up here and reach the INSERT as (value, issue).
LOOKED_UP = frozenset({ColumnType.CODE, ColumnType.UNIT, ColumnType.DIVISION, ColumnType.INDICATOR})

Found = tuple[str | None, str | None]  # value, issue code


@dataclass
class Lookup:
    """Lookups in the context of one part: whose file it is, which day it describes, and the sender's own words:
    (column, folded word) → code."""

    reference: Reference
    sender: str
    day: date
    own: Mapping[tuple[str, str], str] = field(default_factory=dict)
    _found: dict[tuple[str, str], Found] = field(default_factory=dict)

    def column(self, column: Column, cells: pa.Array) -> tuple[pa.Array, pa.Array]:
        """(values, issues), both strings, for the text cells of a column; an empty cell is NULL in both."""
        coded = cells.dictionary_encode()
        found = [self.find(column, text) for text in coded.dictionary.to_pylist()]
        values = pa.array([value for value, _ in found], pa.string()).take(coded.indices)
        if not any(issue for _, issue in found):
            return values, pa.nulls(len(cells), pa.string())
        return values, pa.array([issue for _, issue in found], pa.string()).take(coded.indices)

    def find(self, column: Column, text: str) -> Found:
        """What one text means in a column, or the issue why it means nothing."""
        key = (column.name, text)
        if key not in self._found:
            issue, own = cell_issue(text), self.own.get((column.name, name_key(text)))
            found = (own, None) if own else _FIND[column.type](self, column, text)
            self._found[key] = (None, issue) if issue else found
        return self._found[key]

    def code(self, column: Column, text: str) -> Found:
        entry = _spelled(column.list or "").get(name_key(text))
        if entry is None:
            return None, "code_unknown"
        first, last = entry.valid_from or 0, entry.valid_to or 9999
        return entry.code, None if first <= self.day.year <= last else "code_out_of_validity"

    def unit(self, _column: Column, text: str) -> Found:
        value = self.reference.resolve_unit(text, self.sender, self.day)
        if value is not None:
            return value, None
        return None, "unit_unknown" if self.reference.resolve_unit(
            text, None, self.day
        ) is None else "unit_not_yours"

    def division(self, _column: Column, text: str) -> Found:
        value = _localities(self.reference, self.sender, self.day).get(name_key(text))
        return value, None if value is not None else "division_unknown"

    def indicator(self, _column: Column, text: str) -> Found:
        value = _indicator_names().get(name_key(text))
        return value, None if value is not None else "indicator_unknown"


_FIND: Mapping[ColumnType, Callable[[Lookup, Column, str], Found]] = {
    ColumnType.CODE: Lookup.code,
    ColumnType.UNIT: Lookup.unit,
    ColumnType.DIVISION: Lookup.division,
    ColumnType.INDICATOR: Lookup.indicator,
}


@cache
def _spelled(name: str) -> dict[str, CodeEntry]:
    """Every spelling of a code list, normalised; the loader made sure that none means two codes."""
    return {name_key(text): e for e in code_lists()[name] for text in (e.code, e.label, *e.synonyms)}


@cache
def _indicator_names() -> dict[str, str]:
    return {name_key(text): i.indicator for i in indicators().values() for text in (i.indicator, i.label)}


_places: dict[tuple[int, str, date], dict[str, str]] = {}


def _localities(reference: Reference, sender: str, day: date) -> dict[str, str]:
    """A sender's own divisions and towns on a day, by normalised spelling."""
    key = (id(reference), sender, day)
    if key not in _places:
        _places[key] = {
            n.key: n.code for n in reference.localities_of(sender) if n.valid_from <= day <= n.valid_to
        }
    return _places[key]
