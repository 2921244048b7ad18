"""Made-up people: names from syllables, citizen IDs that are valid in form and belong to nobody.

Every given name begins with one of a few syllables that mean "example" or "made up", so that a
sample name can never be taken for a person, and a search for leaks has something to search for.
Prefixes are those a person of that birth year would carry (GB/T 2260 as it was then): a check that
knows only today's division list fails on them, as it would on real records.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜"
MADE_UP = "例样拟虚"
SYLLABLES = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥东南西北春夏秋冬天地玄黄宇宙洪荒"

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"
_FIRST_BIRTH = date(1956, 1, 1)
_BIRTH_DAYS = 14_000  # to 1994-05-01: everybody is of working age from 2011 on

#: Birth years from which a code of Yongchuan is on the card. Cards began in 1984, so that the elder
#: carry 510229; a few kept the code of the prefecture's county before it.
YONGCHUAN_PREFIXES = ((2006, "500118"), (1997, "500183"), (1995, "510281"), (1992, "519005"), (0, "510229"))


def name(n: int) -> str:
    """The n-th made-up name. Names repeat after some 5,000, as real ones do: a name is no key."""
    return (
        SURNAMES[n % len(SURNAMES)]
        + MADE_UP[n // len(SURNAMES) % len(MADE_UP)]
        + SYLLABLES[n // (len(SURNAMES) * len(MADE_UP)) % len(SYLLABLES)]
    )


def check_digit(first17: str) -> str:
    """The 18th character of a GB 11643 citizen ID."""
    return _CHECK[sum(w * int(c) for w, c in zip(_WEIGHTS, first17, strict=True)) % 11]


@cache
def _weight(text: str, offset: int) -> int:
    return sum(_WEIGHTS[offset + i] * int(c) for i, c in enumerate(text))


def birth(n: int) -> date:
    """The birth date of the n-th person; a stride spreads neighbours over the years."""
    return _FIRST_BIRTH + timedelta(days=n * 5_003 % _BIRTH_DAYS)


def prefix_of(division: str, born: date) -> str:
    """The division code a person born then carries: the old ones for Yongchuan, else the unit's own."""
    if division == "500118":
        if born.year < 1983 and born.day == 1:
            return "512725"
        return next(code for year, code in YONGCHUAN_PREFIXES if born.year >= year)
    return division


def citizen_id(division: str, n: int, born: date | None = None) -> str:
    """The n-th valid 18-character citizen ID of a division; distinct for n < 6.9 million.

    With `born` given (students, who are younger than all others) distinct for 998 numbers a day.
    """
    day = born or birth(n)
    sequence = f"{n % 998 + 1 if born else n // _BIRTH_DAYS * 2 % 998 + 1 + n % 2:03d}"
    head = prefix_of(division, day)
    written = day.strftime("%Y%m%d")
    total = _weight(head, 0) + _weight(written, 6) + _weight(sequence, 14)
    return f"{head}{written}{sequence}{_CHECK[total % 11]}"


def sex_of(person: str) -> str:
    """GB/T 2261.1: 1 male, 2 female, from the 17th digit."""
    return "1" if int(person[16]) % 2 else "2"


def birth_of(person: str) -> date:
    """The birth date inside an ID."""
    return date(int(person[6:10]), int(person[10:12]), int(person[12:14]))


def short_form(person: str) -> str:
    """The 15-digit form of an ID of a person born before 2000."""
    return person[:6] + person[8:17]


def phone(n: int) -> str:
    """A mobile number of a series (1390000…) chosen so that a sample is seen to be one."""
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
