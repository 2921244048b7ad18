"""Headers that say the same in other words: 化解日 is 化解日期, 所在企业 is 所在单位, 上岗与否 is 是否上岗.

`sql/vocabulary/same.csv` lists words that mean one thing in every header of every kind. Two headers are the same if they
become one text when each word is replaced. Refuses what only resembles: a header of several words is never taken apart, and
a word that means two things in any contract is not in the list (`tests/contract` leaves out each spelling of each
contract in turn: what the others make of it must be its own column, or nothing).
"""

from __future__ import annotations

import csv
import re
from functools import cache, lru_cache
from pathlib import Path

from flows.contract.catalogue import ROOT, ContractError

#: Where a word is replaced: anywhere, or only where a header begins or ends with it and says something more.
PLACES = ("any", "start", "end")
_NUMBER = re.compile(r"^[(\[]?(?:\d{1,2}|[一二三四五六七八九十]{1,2})[)\].、:](?=\D)")
_OR_NOT = re.compile(r"^(?!是否)(.{2,}?)(?:与否|否)$")
_BRACKET = re.compile(r"\((?!其|含|不|未|非|已|拟|原|新|旧|曾|男|女|[一二三四五六七八九十\d])[^()]{2,}\)")


@cache
def same_words(root: Path = ROOT) -> dict[str, dict[str, str]]:
    """Place → word → what it is replaced by, longest words first. A word without a place, or twice at one, is an error."""
    path = root / "sql" / "vocabulary" / "same.csv"
    out: dict[str, dict[str, str]] = {place: {} for place in PLACES}
    with path.open(encoding="utf-8", newline="") as stream:
        for line, row in enumerate(csv.DictReader(stream), 2):
            words = out.get(row["place"] or "")
            if words is None or not row["word"] or row["word"] in words or row["same"] == row["word"]:
                raise ContractError(
                    f"{path}:{line}: expected a new word, what it says and {'|'.join(PLACES)}"
                )
            words[row["word"]] = row["same"]
    for words in out.values():  # a word inside a longer one is not replaced by itself: 单位 in 用人单位
        words |= {same: same for same in {*words.values()} - {"", *words}}
    return {place: dict(sorted(ws.items(), key=lambda pair: -len(pair[0]))) for place, ws in out.items()}


@lru_cache(1 << 14)
def plain_words(key: str) -> str:
    """A folded header without its unit, each word replaced by the one that says the same.

    >>> plain_words("企业建会与否"), plain_words("所在单位是否建立工会"), plain_words("2.化解日")
    ('是否单位建会', '单位是否建会', '化解日期')
    """
    key = _NUMBER.sub("", key)
    if match := _OR_NOT.match(key):
        key = f"是否{match[1]}"
    words = same_words()
    start = next((w for w in words["start"] if key.startswith(w) and len(w) < len(key)), "")
    rest = _anywhere().sub(lambda found: words["any"][found[0]], key.removeprefix(start))
    end = next((w for w in words["end"] if rest.endswith(w) and len(w) < len(rest)), "")
    return words["start"].get(start, "") + rest.removesuffix(end) + words["end"].get(end, "")


@cache
def _anywhere() -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, same_words()["any"])))


def without_brackets(key: str) -> str:
    """A header without what it says in brackets: of a text 企业(个体户)名称 is 企业名称; a number may be one of its parts."""
    return _BRACKET.sub("", key) if "(" in key else ""
