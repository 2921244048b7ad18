"""Texts as they may leave the vault: known words stay, everything else is a mark that tells equal texts from different ones.

A name of a file or sheet, a header, a cell of free text is whoever typed it: it may be called after a person or carry a
telephone number. What names a person cannot be listed; what does not can: words of contracts, code lists, units and towns,
those of `data/reference/public_word.csv`, numbers of documents, days, and numbers of a few digits. The original stays in the
vault (the ledger has names and reasons, the file its sheets and cells).
"""

from __future__ import annotations

import hashlib
import hmac
import re
from functools import cache, lru_cache
from pathlib import Path

from flows.contract.catalogue import ROOT, code_lists, records
from flows.contract.indicator import indicators
from flows.contract.text import clean, name_key
from flows.contract.units import reference

#: What stands for everything that is not known.
MARK = "□"
#: Single characters of days, numbers, places, counts and offices.
_SINGLE = frozenset(
    "年月日号季度上下半至第份表区县市省总各新版稿的和与及或在为一二三四五六七八九十零〇两百千万个次期处项已"
    "届批场班组部局室站所厂店院馆科队村镇乡无被后"
)
#: The characters that a document's number begins with, beside those of short names of units: 渝工发〔2016〕3号.
_OFFICE = "渝总工发办函字通文令组党委政府会劳人社考核援调仲裁案认扣奖查样例经审财"
_RUN = re.compile(
    r"[\u3400-\u9fff\U00020000-\U0003ffff]+|[A-Za-z]+|[0-9](?:[0-9Xx]|[ \-.·_](?=[0-9]))*|[^\W\u3400-\u9fff\U00020000-\U0003ffffA-Za-z0-9]+"
)
_DAYS = re.compile(
    r"(?:(?:19|20)\d\d(?:[-. _]?(?:0?[1-9]|1[0-2])(?:[-. _]?(?:0?[1-9]|[12]\d|3[01]))?)?[-. _]?){1,2}"
)
_NUMERALS = re.compile("[一二三四五六七八九十零〇两百千万]{7,}")
#: What a scheme calls an item, in one line of YAML or within braces.
_ITEM = re.compile(r"(?<![\w])(?:id|label): *([^,}\n#]+)")
#: Digits that may stand together and be no day: fewer than a telephone number has.
_FEW = 6


@lru_cache(1 << 14)
def redacted(text: str, key: bytes) -> str:
    """A name, header or reason with a mark in the place of what is not known; texts that differ stay different.

    >>> redacted("2015年调解台账.csv", b"")
    '2015年调解台账.csv'
    >>> redacted("欧阳某某13900001234.xlsx", b"")[:1]
    '□'
    """
    return _tagged(text, _marked(text), text, key, 6)


def redacted_cell(text: str, key: bytes) -> str:
    """A cell of a text column, in the form that is stored. Figures count and join by it, so that its tag is as good as the text.

    >>> redacted_cell("渝工发〔2016〕3号", b""), len(redacted_cell("孟冬梅副食店", b""))
    ('渝工发〔2016〕3号', 18)
    """
    stored = clean(text)
    shown = re.sub(f"{MARK}(?: {MARK})+", MARK, _marked(stored))
    return _tagged(stored, shown, name_key(stored), key, 16)  # as names are compared: without blanks


def _tagged(text: str, shown: str, whose: str, key: bytes, digits: int) -> str:
    if MARK not in shown:
        return text
    tag = hmac.new(key, whose.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:digits]
    return shown.replace(MARK, MARK + tag, 1)


def _marked(text: str) -> str:
    if _document().fullmatch(text):
        return text
    shown = _RUN.sub(lambda found: _shown(found[0]), text.replace(MARK, " "))
    return re.sub(f"{MARK}+", MARK, shown)


def without_numbers(text: str) -> str:
    """A hint without the numbers of telephones, accounts and IDs.

    >>> without_numbers("联系人13900001234")
    '联系人□'
    """
    return _RUN.sub(lambda found: _shown(found[0]) if found[0][0].isdigit() else found[0], text)


def _shown(run: str) -> str:
    if run[0] in "0123456789":
        few = sum(c.isalnum() for c in run) <= _FEW
        return run if few or _DAYS.fullmatch(run) else MARK
    words, lengths = _known()
    if run[0].isascii():
        return run if len(run) < 3 or run.lower() in words else MARK
    if not re.match("[\u3400-\u9fff\U00020000-\U0003ffff]", run):
        return MARK
    run = _NUMERALS.sub(MARK, run)
    out, place = "", 0
    while place < len(run):
        first = run[place]
        for length in lengths.get(first, ()):
            if run[place : place + length] in words:
                out += run[place : place + length]
                break
        else:
            length = 1
            out += first if first in _SINGLE else MARK
        place += length
    return out


def scheme_words(root: Path = ROOT) -> frozenset[str]:
    """How schemes call their items: a notice, a rating or an appeal names an item so, and is matched with it."""
    files = sorted((root / "data" / "scheme").glob("*/scheme.yml"))
    named = (text for file in files for text in _ITEM.findall(file.read_text(encoding="utf-8")))
    return frozenset(text.strip(" \"'") for text in named)


@cache
def _document() -> re.Pattern[str]:
    places = {c for unit in reference().units for c in unit.short_name or ""}
    prefix = "".join(sorted(places | set(_OFFICE)))
    return re.compile(rf"[{prefix}]{{1,8}}[〔\[(（【](?:19|20)\d\d[〕\])）】]第?\d{{1,5}}号(?:附件\d?)?")


@cache
def _known() -> tuple[frozenset[str], dict[str, tuple[int, ...]]]:
    """Every known word of more than one character, and by first character the lengths there are, longest first."""
    texts = set(scheme_words())
    texts |= set((ROOT / "data" / "reference" / "public_word.csv").read_text(encoding="utf-8").split()[1:])
    for record in records().values():
        texts |= {record.record, record.label, *record.recognise.title}
        texts |= {text for column in record.columns.values() for text in (column.label, *column.header)}
    texts |= {i.label for i in indicators().values()} | {i.indicator for i in indicators().values()}
    texts |= {text for codes in code_lists().values() for e in codes for text in (e.label, *e.synonyms)}
    places = reference()
    texts |= {text for unit in places.units for text in (unit.name, unit.short_name or "")}
    texts |= {name.key for name in places.unit_names}
    texts |= {division.name for division in places.divisions} | {town.name for town in places.towns}
    words = {word.lower() for text in texts for word in re.findall(r"[\u3400-\u9fff]{2,}|[A-Za-z]{3,}", text)}
    lengths: dict[str, set[int]] = {}
    for word in words:
        lengths.setdefault(word[0], set()).add(len(word))
    return frozenset(words), {c: tuple(sorted(n, reverse=True)) for c, n in lengths.items()}
