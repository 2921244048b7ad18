"""The smallest whole numbers for which something holds, found by growing steps and halving.

What is asked costs a scoring, so not every number is tried. Where a condition never turns false again once it is true
(points of a sound scheme never fall), the answer is the smallest there is; otherwise it is a threshold all the same: the
number was asked and holds, the one before was asked and does not.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence

#: Each probe is so many times the one before.
_GROWTH = 8


def least(holds: Callable[[int], bool], most: int) -> int | None:
    """The k of 1..most that holds; 0 is taken not to."""
    low, high = 0, 1
    while high < most and not holds(high):
        low, high = high, high * _GROWTH
    if high >= most:
        high = most
        if high <= low or not holds(high):
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high


def least_pair(
    holds: Callable[[int, int], bool], most: tuple[int, int], below: int
) -> tuple[int, int] | None:
    """The (j, k), both at least 1, that holds with the least j + k, which must be under `below`; of equal sums the least j."""
    best: tuple[int, int] | None = None
    j = 1
    while j <= most[0] and j + 1 < below:
        k = min(most[1], below - 1 - j)
        if holds(j, k):
            k = _halved(holds, j, k)
            best, below = (j, k), j + k
        j += 1
    return best


def _halved(holds: Callable[[int, int], bool], j: int, high: int) -> int:
    low = 0
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(j, middle) else (middle, high)
    return high


def tabled(gain: Callable[[int], int], most: int) -> list[int]:
    """gain(0), … gain(most), asked only where it bends: between equal ends it is level, between points of a line a line."""
    found: dict[int, int] = {0: gain(0), most: gain(most)}

    def fill(low: int, high: int) -> None:
        if high - low < 2:
            return
        middle = (low + high) // 2
        rise = found[high] - found[low]
        if rise:
            found[middle] = gain(middle)
            quarter = (low + middle) // 2
            found.setdefault(quarter, gain(quarter))
            if all(
                abs((found[at] - found[low]) * (high - low) - rise * (at - low)) <= high - low
                for at in (middle, quarter)
            ):
                rise_at = {at: found[low] + rise * (at - low) // (high - low) for at in range(low + 1, high)}
                found.update(rise_at)
                return
            fill(low, middle)
            fill(middle, high)
        else:
            found.update(dict.fromkeys(range(low + 1, high), found[low]))

    fill(0, most)
    return [found[at] for at in range(most + 1)]


def least_sum(first: Sequence[int], second: Sequence[int], needed: int, below: int) -> tuple[int, int] | None:
    """As `least_pair` where the gains of two tables (index 0: none) add up to what is needed."""
    best: tuple[int, int] | None = None
    for j in range(1, min(len(first), below - 1)):
        if j > 1 and first[j] == first[j - 1]:
            continue
        k = max(1, bisect_left(second, needed - first[j]))
        if k < len(second) and j + k < below:
            best, below = (j, k), j + k
    return best
