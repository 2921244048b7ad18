"""2.2 in a column of days: a month and a day, where the column itself shows that no spreadsheet took it for a number.

A number loses its last zero: 2.1 may have been 2.10 or 2.1. A column in which 1.30 or 10.20 still stands holds texts, and
then 2.1 is the first of February. Without such a cell 2.1 stays as it is, and is asked about.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from flows.contract.record import Column

#: A cell with a last zero that a number would have lost; the form of all of them.
_TEXT = r"^(?:1[0-2]|0?[1-9])\.[1-3]0$"
_MONTH_DAY = r"^(1[0-2]|0?[1-9])\.([0-3]?[0-9])$"
#: Longest cell of this form.
_LONGEST = 5


def with_month_days(column: Column, cells: pa.Array) -> pa.Array:
    """The cells of a column of days, `2.2` as `2月2日` where the column holds texts.

    >>> from flows.contract.catalogue import records
    >>> day = records()["mediation"].columns["accepted_on"]
    >>> with_month_days(day, pa.array(["2.1", "10.20", None])).to_pylist()
    ['2月1日', '10月20日', None]
    >>> with_month_days(day, pa.array(["2.1", "11.3"])).to_pylist()
    ['2.1', '11.3']
    """
    if column.personal:
        return cells
    shortest = pc.min(pc.binary_length(cells)).as_py()
    if shortest is None or shortest > _LONGEST or not pc.any(pc.match_substring_regex(cells, _TEXT)).as_py():
        return cells
    return pc.replace_substring_regex(cells, _MONTH_DAY, r"\1月\2日")
