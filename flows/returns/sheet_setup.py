"""What a marked sheet gets beside its marks: drop-downs, a head that stays in view, a page that holds all of it.

Text in, text out, like the marks: each element goes where the schema of a worksheet wants it, and one that the
district's own sheet has already is kept, or changed in the attributes that count.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import unescape
from xml.sax.saxutils import escape, quoteattr

from flows.contract.text import column_letter, column_number
from flows.read.roundtrip.marks import CHOICE_SHEET

#: What may follow drop-downs, and what may follow the page set-up, in the schema's order.
_AFTER_PAGE = (
    "headerFooter|rowBreaks|colBreaks|customProperties|cellWatches|ignoredErrors|smartTags|drawing|legacyDrawing|"
    "legacyDrawingHF|drawingHF|picture|oleObjects|controls|webPublishItems|tableParts|extLst"
)
_AFTER_CHOICES = f"hyperlinks|printOptions|pageMargins|pageSetup|{_AFTER_PAGE}"
_RULE = re.compile(r"<(x14:)?dataValidation\b(?:[^>]*/>|.*?</(?:x14:)?dataValidation>)", re.DOTALL)
_AREA = re.compile(r"\$?([A-Z]{1,3})\$?(\d+)(?::\$?([A-Z]{1,3})\$?(\d+))?")
#: A spreadsheet shows no more of a prompt.
_MOST_PROMPT = 250

Area = tuple[int, int, int]  # first row, last row (from 1), position (from 0)


@dataclass(frozen=True)
class Offer:
    """Words that may be chosen in some cells of one column; `title` is what the column is called."""

    title: str
    words: tuple[str, ...]
    areas: tuple[Area, ...]


def with_choices(tail: str, offers: Sequence[tuple[Offer, int]]) -> str:
    """What follows the cells of a sheet, with a drop-down for every offer that meets none of the sheet's own.

    Those of an earlier round are gone, also where the program that saved them wrote 退 as &#36864;. The number of an offer is its column in the sheet of choices, from 1.
    """
    tail = _RULE.sub(lambda m: "" if CHOICE_SHEET in unescape(m[0]) else m[0], tail)
    tail = re.sub(r"<ext\b[^>]*>\s*<x14:dataValidations\b[^>]*>\s*</x14:dataValidations>\s*</ext>", "", tail)
    tail = re.sub(r"<extLst>\s*</extLst>", "", tail)
    own = [rule[0] for rule in _RULE.finditer(tail) if not rule[1]]
    taken = list(_taken(tail))
    rules = [
        _rule(offer, number, areas)
        for offer, number in offers
        if (areas := [area for area in offer.areas if not any(_meet(area, other) for other in taken)])
    ]
    tail = re.sub(r"<dataValidations\b(?:[^>]*/>|.*?</dataValidations>)", "", tail, flags=re.DOTALL)
    if not own and not rules:
        return tail
    block = f'<dataValidations count="{len(own) + len(rules)}">{"".join([*own, *rules])}</dataValidations>'
    return _before(tail, _AFTER_CHOICES, block)


def _rule(offer: Offer, number: int, areas: Sequence[Area]) -> str:
    column = column_letter(number)
    places = " ".join(
        f"{column_letter(p + 1)}{first}" + (f":{column_letter(p + 1)}{last}" if last > first else "")
        for first, last, p in areas
    )
    source = f"'{CHOICE_SHEET}'!${column}$2:${column}${len(offer.words) + 1}"
    shown = "可填：" + "、".join(offer.words)
    shown = shown if len(shown) <= _MOST_PROMPT else "请从下拉列表中选一项"
    return (
        '<dataValidation type="list" errorStyle="warning" allowBlank="1" showInputMessage="1" showErrorMessage="1" '
        f'errorTitle="请核对" error="不在可填的内容之内" promptTitle={quoteattr(offer.title[:30])} '
        f"prompt={quoteattr(shown)} sqref={quoteattr(places)}>"
        f"<formula1>{escape(source)}</formula1></dataValidation>"
    )


def _taken(tail: str) -> list[tuple[int, int, int, int]]:
    """First and last row, first and last position, of every area that has a drop-down or rule of its own."""
    texts = re.findall(r'<dataValidation\b[^>]*\bsqref="([^"]*)"', tail)
    texts += re.findall(r"<xm:sqref>([^<]*)</xm:sqref>", tail)
    out = []
    for left, top, right, bottom in (m.groups() for text in texts for m in _AREA.finditer(text)):
        first = column_number(left) - 1
        out.append((int(top), int(bottom or top), first, column_number(right) - 1 if right else first))
    return out


def _meet(area: Area, other: tuple[int, int, int, int]) -> bool:
    first, last, position = area
    return first <= other[1] and other[0] <= last and other[2] <= position <= other[3]


def with_frozen_head(head: str, rows: int) -> str:
    """What precedes the cells of a sheet, its first rows staying in view where the sheet has no panes of its own."""
    if not rows or "<pane" in head or "<customSheetViews" in head or 'view="pageLayout"' in head:
        return head
    pane = f'<pane ySplit="{rows}" topLeftCell="A{rows + 1}" activePane="bottomLeft" state="frozen"/><selection pane="bottomLeft"/>'
    view = re.search(r"<sheetView\b([^>]*?)(?:/>|>(.*?)</sheetView>)", head, re.DOTALL)
    if view is None:
        whole = f'<sheetViews><sheetView workbookViewId="0">{pane}</sheetView></sheetViews>'
        return _before(head, "sheetFormatPr|cols|sheetData", whole)
    attributes = re.sub(r'\stopLeftCell="[^"]*"', "", view[1])
    inner = re.sub(r"<selection\b[^>]*/>", "", view[2] or "")
    return f"{head[: view.start()]}<sheetView{attributes}>{pane}{inner}</sheetView>{head[view.end() :]}"


def with_page(head: str, tail: str) -> tuple[str, str]:
    """Head and tail of a sheet that prints on A4 landscape, all columns on the width of a page."""
    fit = '<pageSetUpPr fitToPage="1"/>'
    properties = re.search(r"<sheetPr\b([^>]*?)(?:/>|>(.*?)</sheetPr>)", head, re.DOTALL)
    if properties is None:
        head = re.sub(r"(<worksheet\b[^>]*>)", rf"\g<1><sheetPr>{fit}</sheetPr>", head, count=1)
    else:
        inner = re.sub(r"<pageSetUpPr\b[^>]*/>", "", properties[2] or "")
        whole = f"<sheetPr{properties[1]}>{inner}{fit}</sheetPr>"
        head = head[: properties.start()] + whole + head[properties.end() :]
    page = '<pageSetup paperSize="9" orientation="landscape" fitToWidth="1" fitToHeight="0"/>'
    # a printer's own settings, kept beside, would win over these
    tail = re.sub(r"<pageSetup\b[^>]*/>", "", tail)
    return head, _before(tail, _AFTER_PAGE, page)


def _before(xml: str, tags: str, block: str) -> str:
    """A block put before the first of some elements, or at the end of the sheet."""
    place = re.search(rf"<(?:{tags})\b|</worksheet>|\Z", xml)
    at = place.start() if place else len(xml)
    return xml[:at] + block + xml[at:]
