"""Searches against trying every number: monotone conditions, tables that are level, straight and bent."""

from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from flows.score.whatif.smallest_passing import least, least_pair, least_sum, tabled

RISES = st.lists(st.integers(0, 3), min_size=2, max_size=24)


def summed(rises: list[int]) -> list[int]:
    """A table that begins with 0 and never falls."""
    return [sum(rises[: n + 1]) - rises[0] for n in range(len(rises))]


@given(st.integers(0, 300), st.integers(-1, 400))
def test_the_least_number_that_holds(most: int, threshold: int) -> None:
    asked: list[int] = []

    def holds(k: int) -> bool:
        asked.append(k)
        return k >= threshold

    found = least(holds, most)
    assert found == next((k for k in range(1, most + 1) if k >= threshold), None)
    assert all(1 <= k <= most for k in asked)
    assert len(asked) <= 15


def test_a_condition_that_turns_false_again_is_found_where_it_was_met() -> None:
    assert least(lambda k: 6 <= k <= 9, 1000) == 6
    assert least(lambda k: k >= 1000, 1000) == 1000


@given(RISES, RISES, st.integers(1, 40), st.integers(0, 40))
def test_the_least_pair(first: list[int], second: list[int], needed: int, below: int) -> None:
    one, two = summed(first), summed(second)
    most = len(one) - 1, len(two) - 1
    pairs = product(range(1, most[0] + 1), range(1, most[1] + 1))
    fits = [(j + k, j, k) for j, k in pairs if one[j] + two[k] >= needed and j + k < below]
    expected = min(fits)[1:] if fits else None
    assert least_sum(one, two, needed, below) == expected
    assert least_pair(lambda j, k: one[j] + two[k] >= needed, most, below) == expected


@given(RISES)
def test_a_pair_that_needs_both(rises: list[int]) -> None:
    table = summed(rises)
    most = len(table) - 1, len(table) - 1
    found = least_pair(lambda j, k: min(table[j], table[k]) >= 2, most, 99)
    at = next((n for n, held in enumerate(table) if n and held >= 2), None)
    assert found == (None if at is None else (at, at))


@given(st.integers(1, 256), st.integers(0, 9), st.integers(1, 9), st.lists(st.integers(0, 256), max_size=3))
def test_a_table_is_asked_where_it_rises(most: int, slope: int, stair: int, jumps: list[int]) -> None:
    def gain(k: int) -> int:
        return 10**6 * (min(slope * k, 5 * most) + k // stair + 100 * sum(k >= jump for jump in jumps))

    assert tabled(gain, most) == [gain(k) for k in range(most + 1)]
    asked: list[int] = []
    tabled(lambda k: (asked.append(k), min(k, 3))[1], 256)  # type: ignore[func-returns-value]
    assert len(asked) < 16, "the level part is not asked"
    assert tabled(gain, 0) == [gain(0)]
