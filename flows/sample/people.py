"""Made-up people: names from syllables, citizen IDs that are valid in form and belong to nobody.

Every given name begins with one of a few syllables that mean "example" or "made up", so that a
sample name can never be taken for a person, and a search for leaks has something to search for.
Prefixes are those a person of that birth year would carry (GB/T 2260 as it was then): a check that
knows only today's division list fails on them, as it would on real records.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from operator import mul

SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜"
MADE_UP = "例样拟虚"
SYLLABLES = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥东南西北春夏秋冬天地玄黄宇宙洪荒"
NAMES = tuple(family + mark + given for given in SYLLABLES for mark in MADE_UP for family in SURNAMES)

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"
_FIRST_BIRTH = date(1956, 1, 1)
_BIRTH_DAYS = 14_000  # to 1994-05-01: everybody is of working age from 2011 on


def name(n: int) -> str:
    """The n-th made-up name. Names repeat after some 5,000, as real ones do: a name is no key."""
    return NAMES[n % len(NAMES)]


def prefix_of(division: str, born: date) -> str:
    """The division code a person born then carries: for Yongchuan that of its day, else the unit's own.

    Cards began in 1984, so that the elder carry 510229; a few kept the code of the prefecture's county before it.
    """
    if division != "500118":
        return division
    if born.year < 1983 and born.day == 1:
        return "512725"
    codes = ((1992, "510229"), (1995, "519005"), (1997, "510281"), (2006, "500183"), (9999, "500118"))
    return next(code for year, code in codes if born.year < year)


def _weight(text: str, offset: int) -> int:
    return sum(map(mul, _WEIGHTS[offset:], map(int, text)))


@cache
def _head(division: str, born: date | int) -> tuple[str, int]:
    """The first 14 characters of an ID, of a day or of the n-th day of birth, and their part of the check sum."""
    day = _FIRST_BIRTH + timedelta(days=born) if isinstance(born, int) else born
    text = prefix_of(division, day) + day.strftime("%Y%m%d")
    return text, _weight(text, 0)


_SEQUENCES = [(f"{n:03d}", _weight(f"{n:03d}", 14)) for n in range(1_000)]


def citizen_id(division: str, n: int, born: date | None = None) -> str:
    """The n-th valid 18-character citizen ID (GB 11643) of a division; distinct for n < 6.9 million.

    A stride spreads neighbours over the years of birth. With `born` given (students, who are younger
    than all others) distinct for 998 numbers a day.
    """
    head, weight = _head(division, born or n * 5_003 % _BIRTH_DAYS)
    sequence, more = _SEQUENCES[n % 998 + 1 if born else n // _BIRTH_DAYS * 2 % 998 + 1 + n % 2]
    return f"{head}{sequence}{_CHECK[(weight + more) % 11]}"


def sex_of(person: str) -> str:
    """GB/T 2261.1: 1 male, 2 female, from the 17th digit."""
    return "2" if person[16] in "02468" else "1"


def short_form(person: str) -> str:
    """The 15-digit form of an ID of a person born before 2000."""
    return person[:6] + person[8:17]


def phone(n: int) -> str:
    """A mobile number of a series that is seen to be none."""
    return f"1390000{n % 10_000:04d}"


_CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_WEIGHTS = tuple(pow(3, i, 31) for i in range(17))
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def credit_code(n: int, division: str = "500118", head: str = "91") -> str:
    """The n-th valid GB 32100 code; head 91 is an enterprise, 81 a grass-roots union."""
    body = f"{n % 100_000_000:08d}"
    rest = 11 - sum(w * int(c) for w, c in zip(_ORGANISATION_WEIGHTS, body, strict=True)) % 11
    organisation = body + ("X" if rest == 10 else "0" if rest == 11 else str(rest))
    first17 = f"{head}{division}{organisation}"
    total = sum(w * _CREDIT.index(c) for w, c in zip(_CREDIT_WEIGHTS, first17, strict=True)) % 31
    return first17 + _CREDIT[(31 - total) % 31]
