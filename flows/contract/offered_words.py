"""What may be chosen in a column: the words that forms and returned files offer in a drop-down.

The label of each code, unit, town or indicator, in the order of its list. Refuses to offer what is not valid in the
years it is for; every word that is offered is understood when it comes back.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from flows.contract.catalogue import code_lists
from flows.contract.indicator import indicators
from flows.contract.record import CodeEntry, Column, ColumnType
from flows.contract.units import reference

_YES_NO = ("是", "否")


def offered_words(
    column: Column,
    years: tuple[int, int],
    sender: str | None = None,
    lists: Mapping[str, tuple[CodeEntry, ...]] | None = None,
) -> tuple[str, ...]:
    """The words of a column; () where it is free.

    Args:
        column: of a contract.
        years: first and last year that it is for, both included.
        sender: code of the unit that fills it in: whose units and towns are offered; without one none are.
        lists: code lists by name, default those of the clone.
    """
    first, last = years
    match column.type:
        case ColumnType.BOOL:
            return _YES_NO
        case ColumnType.CODE:
            entries = (code_lists() if lists is None else lists)[column.list or ""]
            return tuple(
                e.label for e in entries if (e.valid_from or first) <= last and first <= (e.valid_to or last)
            )
        case ColumnType.UNIT if sender:
            own = (reference().unit(sender), *reference().children(sender))
            return tuple(u.name for u in own if u.exists_on(date(min(last, 9999), 12, 31)))
        case ColumnType.DIVISION if sender:
            return tuple(dict.fromkeys(town.name for town in reference().towns_of(sender)))
        case ColumnType.INDICATOR:
            return tuple(i.label for i in indicators().values())
    return ()
