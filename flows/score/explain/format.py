"""How numbers, units of measure and codes are written in Chinese sentences about a scheme or a score.

A number is written out to its last digit. Where its decimals do not end (2/3) or are longer than `_MOST_PLACES`, it
is rounded half up, marked 约, and to so many places that the last one is no zero: 约89.999%, never 约90% beside a
threshold of 90%. Inside a formula such a number stands as a fraction, so that whoever recomputes it gets the same
points. Labels come from the indicators, code lists, contracts and periods; an id that none of them knows is refused,
because it would be printed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias

from flows.contract.catalogue import ContractError, code_lists, records
from flows.contract.indicator import NO_ID, NO_ID_LABEL, Indicator, category_labels, indicators
from flows.contract.units import reference

Amount: TypeAlias = Fraction | Decimal | int

#: Decimals longer than this are rounded, and say so.
_MOST_PLACES = 8
#: A fraction with a longer denominator than this helps nobody to recompute it.
_MOST_DENOMINATOR = 10**9
#: Up to four digits stand without a comma (GB/T 15835-2011).
_UNGROUPED = 10_000


def number(amount: Amount, places: int = 4) -> str:
    """A number in full, or rounded to `places` or more of them and marked 约."""
    value = Fraction(amount)
    ends = _places(value)
    if ends is not None:
        return _decimal(value, ends)
    while places < _MOST_PLACES and _scaled(value, places) % 10 == 0:
        places += 1
    return "约" + _decimal(Fraction(_scaled(value, places), 10**places), places)


def percent(amount: Amount) -> str:
    """A share of 1 as a percentage."""
    return f"{number(Fraction(amount) * 100, 2)}%"


def term(amount: Amount, is_share: bool = False) -> str:
    """A number inside a formula: exact, as a fraction where its decimals do not end; negative ones in brackets."""
    value = Fraction(amount)
    if _places(value * 100 if is_share else value) is None and value.denominator < _MOST_DENOMINATOR:
        text = f"{value.numerator}/{value.denominator}"
    else:
        text = percent(value) if is_share else number(value)
    return f"（{text}）" if value < 0 else text


def _places(value: Fraction) -> int | None:
    """How many decimals a number has; None where they do not end soon."""
    for places in range(_MOST_PLACES + 1):
        if (value * 10**places).denominator == 1:
            return places
    return None


def _scaled(value: Fraction, places: int) -> int:
    """The number in units of its last place, half up (away from 0, as 四舍五入 is understood)."""
    size = int(abs(value) * 10**places + Fraction(1, 2))
    return -size if value < 0 else size


def _decimal(value: Fraction, places: int) -> str:
    digits = str(abs(int(value * 10**places))).rjust(places + 1, "0")
    whole, part = digits[: len(digits) - places], digits[len(digits) - places :].rstrip("0")
    if int(whole) >= _UNGROUPED:
        whole = f"{int(whole):,}"
    return ("-" if value < 0 else "") + whole + ("." + part if part else "")


@dataclass(frozen=True, slots=True)
class Measure:
    """What a number is measured in: 件, 元, 分 …; `%` a share, `百分点` a difference of shares, `名次` a
    place (名 alone counts people), `末` a place from the last, "" a code."""

    unit: str

    @property
    def is_share(self) -> bool:
        """Whether it is held as a part of 1 and written in hundredths."""
        return self.unit in ("%", "百分点")

    @property
    def is_place(self) -> bool:
        """Whether it is a rank."""
        return self.unit in ("名次", "末")

    def show(self, amount: Amount) -> str:
        """The number with its unit: 1650件, 92.35%, 第2名."""
        if self.unit == "%":
            return percent(amount)
        if self.unit == "百分点":
            return f"{number(Fraction(amount) * 100, 2)}个百分点"
        if self.is_place:
            return f"{'第' if self.unit == '名次' else '倒数第'}{number(amount)}名"
        return number(amount) + self.unit

    def gap(self, amount: Amount) -> str:
        """A distance between two such numbers: 3件, 2.5个百分点, 1名."""
        return self.difference.show(amount) if not self.is_place else f"{number(amount)}名"

    def term(self, amount: Amount) -> str:
        """The bare number inside a formula."""
        return term(amount, self.is_share)

    @property
    def difference(self) -> Measure:
        """What the difference of two such numbers is measured in."""
        return Measure("百分点") if self.is_share else self


SHARE, PLACE, LAST, POINTS, CODE = Measure("%"), Measure("名次"), Measure("末"), Measure("分"), Measure("")


def indicator(code: str) -> Indicator:
    """An indicator by its id."""
    found = indicators().get(code)
    if found is None:
        raise ContractError(f"there is no indicator {code}; see sql/indicator")
    return found


def measure_of(code: str) -> Measure:
    """What an indicator is measured in."""
    unit = indicator(code).unit
    return SHARE if unit == "比率" else Measure(unit)


def code_label(name: str, code: str) -> str:
    """The label of a code of one list."""
    found = next((e.label for e in code_lists()[name] if e.code == code), None)
    if found is None:
        raise ContractError(f"there is no code {code} in sql/code/{name}.csv")
    return found


def category_label(code: str, category: str) -> str:
    """The label of a category of an indicator: as its header declares them."""
    if category == NO_ID:
        return NO_ID_LABEL
    labels = category_labels(indicator(code))
    if labels is None:
        return category
    if category not in labels:
        raise ContractError(f"indicator {code} has no category {category}")
    return labels[category]


def record_label(kind: str) -> str:
    """The label of a record kind."""
    found = records().get(kind)
    if found is None:
        raise ContractError(f"there is no record kind {kind}; see sql/record")
    return found.label


def period_label(period_id: str) -> str:
    """The label of a period without its explanation in brackets."""
    found = next((p.label for p in reference().periods if p.period_id == period_id), None)
    if found is None:
        raise ContractError(f"there is no period {period_id} in data/reference/period.csv")
    return found.partition("（")[0]


def numbered(place: int, depth: int = 0) -> str:
    """The sign in front of a part, from 0: ① ② … and, inside such a part, （1） （2） …"""
    if depth or place >= 20:
        return f"（{place + 1}）"
    return chr(ord("①") + place)


def quoted(text: str) -> str:
    """A phrase in quotation marks; those within are single ones."""
    return f"“{text.translate(str.maketrans('“”', '‘’'))}”"


def plain(amount: Amount) -> str:
    """A number in a message to an operator: at most six decimals, none that say nothing.

    >>> [plain(Decimal("0.80")), plain(Fraction(2, 3))]
    ['0.8', '0.666667']
    """
    text = _decimal(Fraction(_scaled(Fraction(amount), 6), 10**6), 6)
    return text.replace(",", "")


def some(names: Sequence[str], most: int = 5) -> str:
    """The first few names and how many more there are.

    >>> some(["a", "b", "c"], 2)
    'a、b and 1 more'
    """
    more = len(names) - most
    return "、".join(names[:most]) + (f" and {more} more" if more > 0 else "")
