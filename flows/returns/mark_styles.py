"""The styles of a workbook, with those of our marks added behind its own.

A coloured cell keeps everything of its own style but the fill. Our two fills are colours of our own, so that a
file that comes back and goes out again is freed of the marks of its first round.
"""

from __future__ import annotations

import re

#: Fills of cells by severity; the third is that of our headers.
FILLS = {"error": "FFFBC7C9", "warning": "FFFBEB9D", "head": "FFE4E7EB"}

_FONTS = {
    "bold": '<font><b/><sz val="11"/><name val="宋体"/></font>',
    "title": '<font><b/><sz val="16"/><name val="宋体"/></font>',
    "alert": '<font><b/><sz val="11"/><color rgb="FFC00000"/><name val="宋体"/></font>',
}
#: Style name → (font, fill); all of them are text, at the top of the cell, wrapped unless it is a key.
_NAMED = {
    "head": ("bold", "head"),
    "note": ("", ""),
    "key": ("", ""),
    "title": ("title", ""),
    "text": ("", ""),
    "wide": ("", ""),
    "pair": ("", ""),
    "alert": ("alert", ""),
    "error": ("", "error"),
    "warning": ("", "warning"),
}
_XF = re.compile(r"<xf\b[^>]*?(?:/>|>.*?</xf>)", re.DOTALL)
_FILL = re.compile(r"<fill\b[^>]*?(?:/>|>.*?</fill>)", re.DOTALL)
_FONT = re.compile(r"<font\b[^>]*?(?:/>|>.*?</font>)", re.DOTALL)


class Styles:
    """`xl/styles.xml` as text. Style numbers are places in its `cellXfs`."""

    def __init__(self, xml: str) -> None:
        self._xml = xml
        self._fills, self._fonts = self._items("fills", _FILL), self._items("fonts", _FONT)
        self._xfs = self._items("cellXfs", _XF)
        self._own = len(self._xfs)
        self.is_known = bool(self._fills and self._fonts and self._xfs)
        ours = {i for i, f in enumerate(self._fills) if any(FILLS[k] in f for k in ("error", "warning"))}
        self._ours = {i for i, xf in enumerate(self._xfs) if _number(xf, "fillId") in ours}
        self._made: dict[tuple[object, ...], int] = {}

    def marked(self, style: int, severity: str, as_text: bool) -> int:
        """A style with the fill of a severity, all else as it was; `as_text`: what is typed in stays text."""
        change = {"fillId": str(self._fill(severity)), "applyFill": "1"}
        if as_text:
            change |= {"numFmtId": "49", "applyNumberFormat": "1"}
        return self._changed(style, change)

    @property
    def has_marks(self) -> bool:
        """Whether cells may have a fill of ours already."""
        return bool(self._ours)

    def without_mark(self, style: int) -> int:
        """The style without a fill of ours; itself if it has none."""
        return self._changed(style, {"fillId": "0", "applyFill": "0"}) if style in self._ours else style

    def named(self, name: str) -> int:
        """The style of one of our own cells."""
        if (name,) not in self._made:
            font, fill = _NAMED[name]
            wrap = "" if name == "key" else ' wrapText="1"'
            self._made[name,] = self._add(
                f'<xf numFmtId="49" fontId="{self._font(font)}" fillId="{self._fill(fill)}" borderId="0" xfId="0" '
                'applyNumberFormat="1" applyFont="1" applyFill="1" applyAlignment="1">'
                f'<alignment vertical="top"{wrap}/></xf>'
            )
        return self._made[name,]

    def text(self) -> str:
        """The part with everything that was asked for."""
        xml = self._xml
        for tag, items in (("fonts", self._fonts), ("fills", self._fills), ("cellXfs", self._xfs)):
            block = f'<{tag} count="{len(items)}">{"".join(items)}</{tag}>'
            whole = re.search(rf"<{tag}\b[^>]*>.*?</{tag}>", xml, re.DOTALL)
            xml = xml[: whole.start()] + block + xml[whole.end() :] if whole else xml
        return xml

    def _items(self, tag: str, item: re.Pattern[str]) -> list[str]:
        block = re.search(rf"<{tag}\b[^>]*>(.*?)</{tag}>", self._xml, re.DOTALL)
        return item.findall(block[1]) if block else []

    def _changed(self, style: int, change: dict[str, str]) -> int:
        key = (style, *sorted(change.items()))
        if key not in self._made:
            xf = self._xfs[style if style < self._own else 0]
            for name, value in change.items():
                xf = re.sub(rf'\s{name}="[^"]*"', "", xf, count=1)
                xf = xf.replace("<xf", f'<xf {name}="{value}"', 1)
            self._made[key] = self._add(xf)
        return self._made[key]

    def _add(self, xf: str) -> int:
        self._xfs.append(xf)
        return len(self._xfs) - 1

    def _fill(self, name: str) -> int:
        if not name:
            return 0
        fill = f'<fill><patternFill patternType="solid"><fgColor rgb="{FILLS[name]}"/><bgColor indexed="64"/></patternFill></fill>'
        return _place(self._fills, fill)

    def _font(self, name: str) -> int:
        return _place(self._fonts, _FONTS[name]) if name else 0


def _place(items: list[str], item: str) -> int:
    if item not in items:
        items.append(item)
    return items.index(item)


def _number(xf: str, name: str) -> int:
    found = re.search(rf'\b{name}="(\d+)"', xf[: xf.find(">")])
    return int(found[1]) if found else 0
