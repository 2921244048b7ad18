"""What a word can mean for `trace`: an item of the year's scheme or an indicator, by id or label. Never a guess."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from flows.audit.decided_proof import KINDS
from flows.contract.indicator import indicators
from flows.contract.text import name_key

#: What stands for a unit's total, place and grade.
TOTAL = KINDS["total"]


@dataclass(frozen=True)
class TraceSubject:
    """An item (`indicator` is what it reads, if one) or an indicator by itself (`item` None)."""

    item: str | None
    indicator: str | None
    label: str

    @property
    def said(self) -> str:
        """As it can be asked for."""
        return f"{self.item or self.indicator} {self.label}"


def meant(edition: duckdb.DuckDBPyConnection, year: int, text: str) -> list[TraceSubject]:
    """What a text means exactly, spelled as id or label; several choices are for the asker to decide.

    An indicator that items of the year read means those items: its points are asked for, not only its value.
    """
    key = name_key(text)
    items = _items(edition, year)
    named = [c for c in items if key in (name_key(c.item or ""), name_key(c.label))]
    for indicator in indicators().values():
        if key in (name_key(indicator.indicator), name_key(indicator.label)):
            readers = [c for c in items if c.indicator == indicator.indicator]
            named += [
                c
                for c in readers or [TraceSubject(None, indicator.indicator, indicator.label)]
                if c not in named
            ]
    return named


def alike(edition: duckdb.DuckDBPyConnection, year: int, text: str) -> list[TraceSubject]:
    """Items and indicators whose id or label contains a text, for a hint."""
    key = name_key(text)
    every = [
        *_items(edition, year),
        *(TraceSubject(None, i.indicator, i.label) for i in indicators().values()),
    ]
    return [c for c in every if key in name_key(c.item or c.indicator or "") or key in name_key(c.label)]


def by_indicator(text: str) -> list[TraceSubject]:
    """The indicator of that id or label."""
    key = name_key(text)
    return [
        TraceSubject(None, i.indicator, i.label)
        for i in indicators().values()
        if key in (name_key(i.indicator), name_key(i.label))
    ]


def _items(edition: duckdb.DuckDBPyConnection, year: int) -> list[TraceSubject]:
    """Items of the year in the order of its scheme; none where the year was not scored."""
    has_items = edition.execute(
        "select 1 from information_schema.tables where table_schema = 'ref' and table_name = 'item'"
    ).fetchone()
    if has_items is None:
        return []
    rows = edition.execute(
        "select item_id, indicator_id, label from ref.item where year = $year order by position",
        {"year": year},
    ).fetchall()
    return [TraceSubject(*row) for row in rows]
