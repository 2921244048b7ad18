"""One case from a seed and a set of features: blocks drawn, made messy, and put on sheets.

`build(seed, features)` is deterministic, and each feature draws from a source of its own: a case with one
feature less is the same case otherwise. Features that a plain text cannot show are left out of one.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from flows.contract.catalogue import records
from tests.messy.cells import CELLS
from tests.messy.feature import COLUMNS
from tests.messy.form import draw, lay_header, period_text, titles
from tests.messy.frame import AROUND, ROWS, title
from tests.messy.layout import Block, Case, Sheet, plain, source

#: What a reader of plain tables has to cope with.
PLAIN = (
    "synonyms",
    "shuffled_columns",
    "serial_column",
    "noisy_headers",
    "units_in_headers",
    "part_of",
    "merged_title",
    "preamble",
    "unit_in_corner",
    "period_in_note",
    "untitled",
    "blank_above_header",
    "footer",
    "sign_off",
    "column_numbers",
    "subtotals",
    "grand_total",
    "total_first",
    "prenumbered_rows",
    "blank_rows",
    "page_headers",
    "repeated_values",
    "typed_cells",
    "blank_ends",
    "awkward_values",
    "missing_cells",
    "stored_formulas",
    "unknown_column",
    "missing_required",
    "leading_rows",
    "leading_columns",
    "more_sheets",
    "explanatory_sheet",
    "hidden_sheet",
    "two_header_rows",
    "paired_header",
    "inline_strings",
    "openpyxl",
    "csv",
    "trimmed_lines",
    "date_formats",
    "rich_text",
    "line_breaks",
    "quotes_inside",
    "blank_looking",
    "few_cells",
    "subtitle",
    "form_number",
    "page_numbers",
    "epoch_1904",
    "formatted_blanks",
    "many_rows",
)
#: What needs the structure of the sheet, kinds of cells, or several tables.
STRUCTURE = (
    "three_header_rows",
    "merged_keys",
    "group_rows",
    "hidden_rows",
    "hidden_columns",
    "error_cells",
    "uncalculated_formulas",
    "stacked_same",
    "stacked_other",
    "side_by_side",
    "wrong_total",
    "zero_formats",
    "numbered_groups",
)
FEATURES = PLAIN + STRUCTURE

_NOT_IN_TEXT = frozenset(
    (
        "merged_keys",
        "hidden_rows",
        "hidden_columns",
        "hidden_sheet",
        "explanatory_sheet",
        "more_sheets",
        "inline_strings",
        "openpyxl",
        "uncalculated_formulas",
        "error_cells",
        "typed_cells",
        "stored_formulas",
        "three_header_rows",
        "date_formats",
        "zero_formats",
        "rich_text",
        "epoch_1904",
        "formatted_blanks",
    )
)
#: Of each group at most one: the first that is asked for.
_EXCLUSIVE = (
    ("three_header_rows", "two_header_rows"),
    ("uncalculated_formulas", "inline_strings"),
    ("stacked_same", "stacked_other", "side_by_side", "untitled"),
    ("more_sheets", "untitled"),
    ("period_in_note", "subtitle", "untitled"),
    ("unknown_column", "missing_required"),
    ("grand_total", "total_first"),
    # What is hidden is hidden for every table that shares the row or column.
    ("stacked_same", "hidden_columns"),
    ("stacked_other", "hidden_columns"),
    ("side_by_side", "hidden_rows"),
)


def settle(features: Iterable[str]) -> frozenset[str]:
    """The features that go together."""
    out = set(features)
    if unknown := out - set(FEATURES):
        raise ValueError(f"no such features: {sorted(unknown)}")
    if "csv" in out:
        out -= _NOT_IN_TEXT
    else:
        out.discard("trimmed_lines")
    if "uncalculated_formulas" in out:
        out.add("openpyxl")  # the other writer always stores a result
    for group in _EXCLUSIVE:
        asked = [feature for feature in group if feature in out]
        out -= set(asked[1:])
    return frozenset(out)


def build(seed: int, features: Iterable[str], rows: int | None = None) -> Case:
    """The case of a seed with these features; `rows`: data rows of each table (else 1 to 14)."""
    chosen = settle(features)
    kinds = list(records())
    sheets = [_sheet(seed, chosen, "Sheet1", kinds, rows)]
    if "more_sheets" in chosen:
        sheets.append(
            _sheet(
                seed + 1_000_003,
                chosen - {"stacked_same", "stacked_other", "side_by_side"},
                "表2",
                kinds,
                rows,
            )
        )
    if "hidden_sheet" in chosen:
        hidden = _sheet(seed + 2_000_003, frozenset(), "旧表", kinds, rows)
        hidden.is_hidden, hidden.tables = True, []
        sheets.append(hidden)
    if "explanatory_sheet" in chosen:
        sheets.insert(0, _explanation())
    suffix = "csv" if "csv" in chosen else "xlsx"
    name = f"报表.{suffix}"
    if "untitled" in chosen:
        table = next(sheet.tables for sheet in sheets if sheet.tables)
        name = f"{period_text(source(seed, 'name'), table[0].covers)}{titles(table[0].record.record)[0]}.{suffix}"
    return Case(seed, chosen, name, sheets)


def _sheet(seed: int, features: frozenset[str], name: str, kinds: list[str], rows: int | None) -> Sheet:
    rng = source(seed, "sheet")
    kind, other = rng.choice(kinds), rng.choice(kinds)
    sheet = Sheet(name)
    top = 1 + (rng.randint(1, 3) if "leading_rows" in features else 0)
    left = 1 + (rng.randint(1, 2) if "leading_columns" in features else 0)
    first = _block(seed, features, kind, rows)
    sheet.place(first, top, left)
    if "side_by_side" in features:
        width = max(len(first.columns), 1 + max(i for line in first.lines for i in line.cells))
        sheet.place(_block(seed + 7, features, other, rows, first.covers[0].year), top, left + width + 1)
    elif "stacked_same" in features or "stacked_other" in features:
        gap = rng.randint(1, 3)
        kind = kind if "stacked_same" in features else other
        second = _block(seed + 7, features, kind, rows, first.covers[0].year)
        sheet.place(second, top + len(first.lines) + gap, left)
    return sheet


def _block(seed: int, features: frozenset[str], kind: str, rows: int | None, not_in: int = 0) -> Block:
    """One table; of another year than `not_in`, where a second of one kind and period would be the same part."""

    base = source(seed, "plain")
    count = base.randint(1, 14) if rows is None else rows
    block = draw(base, kind, count + (110 if "many_rows" in features else 0))
    if block.covers[0].year == not_in:
        year = not_in + 5
        block.covers = (date(year, 12, 31) if block.record.snapshot else date(year, 1, 1), date(year, 12, 31))
    for stage in (COLUMNS, CELLS):
        for name, feature in stage.items():
            if name in features:
                feature(source(seed, name), block)
    lay_header(block)
    for name, feature in ROWS.items():
        if name in features:
            feature(source(seed, name), block)
    if "untitled" not in features:
        title(source(seed, "title"), block)
    for name, feature in AROUND.items():
        if name in features:
            feature(source(seed, name), block)
    return block


def _explanation() -> Sheet:
    """A sheet that tells how to fill in the form, and holds no table."""
    sheet = Sheet("填表说明")
    for row, text in enumerate(("填表说明", "1.本表每月5日前报送。", "2.金额按实际发放填写，不含实物。"), 1):
        sheet.cells[row, 1] = plain(text)
        sheet.kinds[row, 1] = "explanation"
    return sheet
