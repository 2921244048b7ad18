"""Searches against trying every number, for conditions that never turn false again."""

from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from flows.score.whatif.smallest_passing import smallest_pair, smallest_passing

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

    found = smallest_passing(holds, most)
    assert found == next((k for k in range(1, most + 1) if k >= threshold), None)
    assert all(1 <= k <= most for k in asked)
    assert len(asked) <= 15


def test_a_condition_that_turns_false_again_is_found_where_it_was_met() -> None:
    assert smallest_passing(lambda k: 6 <= k <= 9, 1000) == 6
    assert smallest_passing(lambda k: k >= 1000, 1000) == 1000


@given(RISES, RISES, st.integers(1, 40), st.integers(0, 40))
def test_the_smallest_pair(first: list[int], second: list[int], needed: int, below: int) -> None:
    one, two = summed(first), summed(second)
    most = len(one) - 1, len(two) - 1
    pairs = product(range(1, most[0] + 1), range(1, most[1] + 1))
    fits = [(j + k, j, k) for j, k in pairs if one[j] + two[k] >= needed and j + k < below]
    expected = min(fits)[1:] if fits else None
    assert smallest_pair(lambda j, k: one[j] + two[k] >= needed, most, below) == expected


@given(RISES)
def test_a_pair_that_needs_both(rises: list[int]) -> None:
    table = summed(rises)
    most = len(table) - 1, len(table) - 1
    found = smallest_pair(lambda j, k: min(table[j], table[k]) >= 2, most, 99)
    at = next((n for n, held in enumerate(table) if n and held >= 2), None)
    assert found == (None if at is None else (at, at))
