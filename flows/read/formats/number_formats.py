"""The text of a typed cell: one fixed form for each kind of value, whatever the sheet shows.

Numbers have at most the 15 digits that a spreadsheet keeps, and say so when they lost some; dates are ISO,
by the workbook's own epoch; booleans 是 and 否. Refuses what a number format only shows (thousands, units,
rounding) and uses what it proves: percent, leading zeros, a day, and a month or year that was typed as such,
since 2015年9月 is stored as the first of the month and nobody meant that day. Standard library alone: it is
part of the child process.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from decimal import Decimal

#: "", percent, zeros and how many (zeros6), day, month, year, time, span
Kind = str

#: From here on a number has more than the 15 digits that a spreadsheet keeps.
LOSSY = 10**15
#: The text of a formula that no program has calculated yet: visible, and an issue wherever it stands.
NOT_CALCULATED = "#未计算!"
#: What a sheet shows where a formula failed.
ERRORS = frozenset(
    (
        "#N/A",
        "#REF!",
        "#DIV/0!",
        "#VALUE!",
        "#NAME?",
        "#NULL!",
        "#NUM!",
        "#SPILL!",
        "#CALC!",
        "#FIELD!",
        "#GETTING_DATA",
        "#CONNECT!",
        "#BLOCKED!",
        "#UNKNOWN!",
        "#BUSY!",
        "#EXTERNAL!",
        "#PYTHON!",
        "#ERROR!",
    )
)
#: The day after the last one of a spreadsheet, 9999-12-31.
_END = 2_958_466

#: Number formats that files name by number alone; 27 to 36 and 50 to 58 as in a Chinese spreadsheet.
BUILT_IN: Mapping[int, Kind] = {
    9: "percent",
    10: "percent",
    17: "month",
    18: "time",
    19: "time",
    20: "time",
    21: "time",
    46: "span",
    45: "time",
    47: "time",
    **dict.fromkeys((14, 15, 16, 22, 28, 29, 30, 31, 51, 53, 54, 58), "day"),
    **dict.fromkeys((27, 36, 50, 52, 57), "month"),
    **dict.fromkeys((32, 33, 34, 35, 55, 56), "time"),
}
_SHOWN = re.compile(r'"[^"]*"?|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)


def cell_issue(text: str) -> str | None:
    """The code of the problem that a cell shows in place of a value; the macro of this name says the same."""
    if text == NOT_CALCULATED:
        return "cell_not_calculated"
    return "cell_error" if text.upper() in ERRORS else None


def kind_of(code: str) -> Kind:
    """What a number format says about the value, from the section for positive numbers."""
    bare = _SHOWN.sub("", code).split(";")[0].strip().lower()
    bare = bare.replace("general", "").replace("am/pm", "h").replace("a/p", "h").replace("上午/下午", "h")
    if re.search(r"\[[hms]+\]", bare):
        return "span"
    if re.search(r"[ymdhs]|aaa|(?<![a-z0#?])e", bare) and not re.search(r"[0#?]", re.sub(r"\.0+", "", bare)):
        if "d" in bare or "aaa" in bare:
            return "day"
        if re.search("[hs]", bare):
            return "time" if not re.search("[ye]", bare) else "day"
        return "month" if "m" in bare else "year"
    if "%" in bare:
        return "percent"
    return f"zeros{len(bare)}" if re.fullmatch("0{2,}", bare) else ""


def number_text(value: float) -> str:
    """A number with at most its 15 digits; longer ones as 5.00118199001011E+17."""
    if value != value or value in (float("inf"), float("-inf")):
        return "#NUM!"
    if abs(value) >= LOSSY:
        mantissa, _, exponent = f"{value:.14E}".partition("E")
        return f"{mantissa.rstrip('0').rstrip('.')}E{exponent}"
    if value == int(value):
        return str(int(value))
    text = f"{value:.15g}"
    return format(Decimal(text).normalize(), "f") if "e" in text else text


def styled_text(value: float, kind: Kind, is_1904: bool = False) -> str:
    """A number by what its format proves. A date beyond the calendar stays the number that it is."""
    text = number_text(value)
    if not kind or "#" in text or "E" in text:
        return text
    if kind == "percent":
        return f"{(Decimal(text) * 100).normalize():f}%"
    if kind.startswith("zeros"):
        return text.zfill(int(kind[5:])) if text.isdigit() else text
    if kind == "span":
        return span_text(dt.timedelta(seconds=round(value * 86400))) if abs(value) < _END else text
    return _date_text(value, kind, is_1904) or text


def _date_text(value: float, kind: Kind, is_1904: bool) -> str | None:
    if not 0 <= value < _END - (1462 if is_1904 else 0):
        return None
    days, seconds = divmod(round(value * 86400), 86400)
    clock = str(dt.timedelta(seconds=seconds)).zfill(8)
    if kind == "time" and not days:
        return clock
    if is_1904:
        days += 1462
    if days in (0, 60):
        # Days that only a spreadsheet has: they stay what it shows, and no calendar accepts them.
        day = "1900-01-00" if days == 0 else "1900-02-29"
    else:
        day = (dt.date(1899, 12, 30 if days > 60 else 31) + dt.timedelta(days=days)).isoformat()
    if seconds:
        return f"{day} {clock}"
    if kind == "month" and day.endswith("-01"):
        return f"{day[:4]}年{int(day[5:7])}月"
    if kind == "year" and day.endswith("-01-01"):
        return f"{day[:4]}年"
    return day


def span_text(span: dt.timedelta) -> str:
    """A length of time as hours:minutes:seconds, 30:05:00."""
    seconds = round(span.total_seconds())
    sign, seconds = ("-" if seconds < 0 else ""), abs(seconds)
    return f"{sign}{seconds // 3600}:{seconds % 3600 // 60:02}:{seconds % 60:02}"


def cell_text(value: object) -> str | None:
    """The text of a cell that comes as a Python value; None for an empty cell."""
    kind = type(value)
    if kind is str:
        return value or None  # type: ignore[return-value]
    if kind is float or kind is int:
        return number_text(value)  # type: ignore[arg-type]
    if kind is bool:
        return "是" if value else "否"
    if isinstance(value, dt.datetime):
        if value.time() == dt.time():
            return value.date().isoformat()
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, dt.time):
        return value.isoformat(timespec="seconds")
    if isinstance(value, dt.timedelta):
        return span_text(value)
    return None if value is None else str(value)
