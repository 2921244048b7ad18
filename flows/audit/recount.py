"""A number counted once more, in Python: which rows count for a unit and a period, and what they come to.

The rules of placing are those of `sql/metric/*.sql`, written a second time on purpose: a proof that ran the same
SQL again would repeat its mistakes. Refuses to hold rows: they pass by one at a time, so that a roll of a quarter of
a million persons needs no more memory than one of ten. Exact fractions; no order of equal rows matters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from itertools import groupby
from typing import NamedTuple


class Row(NamedTuple):
    """A row of an indicator's SELECT with the days on which it lies; `subject` is a keyed hash or text in UTF-8."""

    part_id: int
    row_number: int
    unit_code: str
    category: str | None
    since_on: date | None
    until_on: date | None
    subject: bytes | None
    numerator: Fraction | None
    denominator: Fraction | None


@dataclass(frozen=True)
class Question:
    """What is asked: one indicator, unit, period and category (None: the total).

    `members`: units whose rows count for the unit, each with the day from which they no longer do. `rolls`: parts
    that are snapshots, with their day; `standing`: the (part, unit) of those that say how it stands on the last day.
    `is_beyond`: the period begins after everything that was handed in.
    """

    family: str  # flow, event, stock, coverage, streak
    first_on: date
    last_on: date
    members: Mapping[str, date | None]
    rolls: Mapping[int, date] = field(default_factory=dict)
    standing: frozenset[tuple[int, str]] = frozenset()
    category: str | None = None
    by_subject: bool = False  # stock: of persons, not of amounts
    is_edition: bool = False
    at_end: bool = False  # coverage: the population is a roll
    is_beyond: bool = False


@dataclass(frozen=True)
class Placed:
    """A row with what became of it: `reason` is None where it counts, `role` tells the sides of a coverage apart.

    `subject` numbers the persons of one answer, or is the edition or year: never a key.
    """

    row: Row
    reason: str | None
    subject: str | None = None
    role: str | None = None  # population, reached


@dataclass(frozen=True)
class Year:
    """One year of a streak: whether it is in the run that counts."""

    year: int
    is_awarded: bool
    in_run: bool


@dataclass
class Tally:
    """What the rows come to. `numerator` None: no row says anything; `records` as in metric.value.record_count."""

    numerator: Fraction | None = None
    denominator: Fraction | None = None
    records: int = 0
    straddling: int = 0  # rows that lie in the period only in part: undecided
    subjects: int = 0  # different ones
    anonymous: int = 0  # rows without a usable subject, each counted for itself
    repeats: int = 0  # rows of a subject that counts already
    hits: int = 0  # coverage: rows that reach somebody of the population
    editions: tuple[str, ...] = ()
    years: tuple[Year, ...] = ()


Keep = Callable[[Placed], None]


def recount(rows: Iterable[Row], asked: Question, keep: Keep) -> Tally:
    """Count the rows and hand each to `keep` with what became of it.

    Shapes that count subjects need the rows of one subject next to each other; a subject that came apart would
    be counted twice, and the proof would fail rather than succeed.
    """
    if asked.family == "streak":
        return _streak(rows, asked, keep)
    if asked.family == "coverage":
        return _coverage(rows, asked, keep)
    if asked.family == "event" or asked.by_subject:
        return _subjects(rows, asked, keep)
    return _sums(rows, asked, keep)


def place(row: Row, asked: Question) -> str | None:
    """Why a row does not count, None if it does."""
    if asked.category is not None and not _is_of_category(row, asked):
        return "other_category"
    if row.part_id in asked.rolls and (asked.family == "stock" or _is_population(row, asked)):
        return _place_on_roll(row, asked)
    if asked.family == "stock":
        return _place_standing(row, asked)
    if row.since_on is None or row.until_on is None:
        return "undated"
    if _has_left(row.unit_code, row.until_on, asked):
        return "unit_left"
    if row.since_on > asked.last_on or row.until_on < asked.first_on:
        return "other_period"
    if row.since_on < asked.first_on or row.until_on > asked.last_on:
        return "straddles"
    return "no_edition" if asked.is_edition and row.subject is None else None


def _is_of_category(row: Row, asked: Question) -> bool:
    if asked.category == "no_id" and (asked.family == "event" or asked.by_subject):
        return row.subject is None
    if asked.family == "coverage" and not row.denominator:
        return True
    return row.category == asked.category


def _is_population(row: Row, asked: Question) -> bool:
    return asked.family == "coverage" and asked.at_end and bool(row.denominator)


def _place_on_roll(row: Row, asked: Question) -> str | None:
    if _has_left(row.unit_code, asked.rolls[row.part_id], asked):
        return "unit_left"
    return None if (row.part_id, row.unit_code) in asked.standing else "other_roll"


def _place_standing(row: Row, asked: Question) -> str | None:
    if row.since_on is None or row.until_on is None:
        return "undated"
    if _has_left(row.unit_code, row.since_on, asked):
        return "unit_left"
    is_valid = row.since_on <= asked.last_on <= row.until_on and not asked.is_beyond
    return None if is_valid else "not_valid"


def _has_left(unit: str, day: date, asked: Question) -> bool:
    before = asked.members[unit]
    return before is not None and day >= before


def _sums(rows: Iterable[Row], asked: Question, keep: Keep) -> Tally:
    tally = Tally()
    for row in rows:
        reason = place(row, asked)
        if reason is None:
            tally.records += 1
            if row.numerator is not None:
                tally.numerator = (tally.numerator or Fraction()) + row.numerator
            if row.denominator is not None:
                tally.denominator = (tally.denominator or Fraction()) + row.denominator
        tally.straddling += reason == "straddles"
        keep(Placed(row, reason))
    return tally


def _groups(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """The rows of each subject; a row without one is a group of its own."""
    for subject, group in groupby(rows, lambda row: row.subject):
        if subject is None:
            yield from ([row] for row in group)
        else:
            yield list(group)


def _subjects(rows: Iterable[Row], asked: Question, keep: Keep) -> Tally:
    tally, editions = Tally(), []
    for group in _groups(rows):
        reasons = [place(row, asked) for row in group]
        counted = [row for row, reason in zip(group, reasons, strict=True) if reason is None]
        name = None
        if counted:
            # who is on a roll and has a validity of his own as well stands in both sums
            persons = len({row.part_id in asked.rolls for row in counted})
            tally.records += len(counted)
            tally.numerator = (tally.numerator or Fraction()) + persons
            tally.anonymous += counted[0].subject is None
            tally.subjects += persons
            tally.repeats += len(counted) - persons
            name = _text(counted[0]) if asked.is_edition else str(tally.subjects)
            if asked.is_edition and name is not None:
                editions.append(name)
        tally.straddling += sum(reason in ("straddles", "no_edition") for reason in reasons)
        for row, reason in zip(group, reasons, strict=True):
            keep(Placed(row, reason, name))
    tally.editions = tuple(sorted(editions, key=lambda text: (len(text), text)))
    return tally


def _coverage(rows: Iterable[Row], asked: Question, keep: Keep) -> Tally:
    tally = Tally()
    for group in _groups(rows):
        placed = [(row, place(row, asked), bool(row.denominator)) for row in group]
        population = [row for row, reason, is_population in placed if is_population and reason is None]
        hits = [row for row, reason, is_population in placed if not is_population and reason is None]
        hits = [row for row in hits if row.subject is not None and row.numerator]
        is_reached = bool(hits) or any(row.numerator for row in population)
        if population:
            tally.records += len(population)
            tally.subjects += 1
            tally.repeats += len(population) - 1
            tally.hits += len(hits)
            tally.anonymous += population[0].subject is None
            tally.denominator = (tally.denominator or Fraction()) + 1
            tally.numerator = (tally.numerator or Fraction()) + is_reached
        for row, reason, is_population in placed:
            tally.straddling += reason == "straddles"
            reason = reason or (None if population else "not_in_population")
            keep(Placed(row, reason, str(tally.subjects), "population" if is_population else "reached"))
    return tally


def _streak(rows: Iterable[Row], asked: Question, keep: Keep) -> Tally:
    """The run of awarded years that ends with the last decided one; decided is a year by the middle of the next."""
    tally = Tally()
    awarded: dict[int, bool] = {}
    for row in rows:
        reason = _place_year(row, asked)
        name = _text(row)
        if reason is None and name is not None:
            tally.records += 1
            awarded[int(name)] = awarded.get(int(name), False) or bool(row.numerator)
        keep(Placed(row, reason, name))
    if not awarded:
        return tally
    last, run = max(awarded), 0
    oldest_end = asked.last_on.year - (2 if asked.last_on.month <= 6 else 1)
    while last >= oldest_end and awarded.get(last - run, False):
        run += 1
    tally.numerator = Fraction(run)
    tally.years = tuple(Year(y, awarded[y], y > last - run) for y in sorted(awarded))
    return tally


def _place_year(row: Row, asked: Question) -> str | None:
    if row.subject is None or row.since_on is None or row.until_on is None:
        return "undated"
    if _has_left(row.unit_code, row.until_on, asked):
        return "unit_left"
    return "other_period" if asked.is_beyond or row.since_on > asked.last_on else None


def _text(row: Row) -> str | None:
    return None if row.subject is None else row.subject.decode("utf-8")


def half_up(amount: Fraction, places: int = 6) -> Fraction:
    """Rounded as the macro of that name does: halves away from zero."""
    scaled = abs(amount) * 10**places
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return Fraction(whole if amount >= 0 else -whole, 10**places)
