"""The smallest whole numbers for which something holds, found by growing steps and halving.

What is asked costs a scoring, so not every number is tried. Where a condition never turns false again once it is true
(points of a sound scheme never fall), the answer is the smallest there is; otherwise it is a threshold all the same: the
number was asked and holds, the one before was asked and does not.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from functools import partial

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
    return low + _halved(lambda k: holds(low + k), high - low)


def least_pair(
    holds: Callable[[int, int], bool], most: tuple[int, int], below: int
) -> tuple[int, int] | None:
    """The (j, k), both at least 1, that holds with the least j + k, which must be under `below`; of equal sums the least j."""
    highest = min(most[0], below - 2), min(most[1], below - 2)
    if min(highest) < 1 or not holds(*highest):
        return None
    fewest = _halved(lambda k: holds(highest[0], k), highest[1])  # whatever j is
    j = _halved(lambda j: holds(j, highest[1]), highest[0])
    best: tuple[int, int] | None = None
    while j <= highest[0] and j + fewest < below:
        k = min(highest[1], below - 1 - j)
        if holds(j, k):
            best = j, _halved(partial(holds, j), k)
            below = sum(best)
        j += 1
    return best


def _halved(holds: Callable[[int], bool], high: int) -> int:
    """The threshold in 1..high, of which `high` holds."""
    low = 0
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high


def tabled(gain: Callable[[int], int], most: int) -> list[int]:
    """gain(0), … gain(most) of a gain that never falls: between equal ends it is level, and not asked.

    Where it rises every number is asked: a few probes on a line are no proof that it is straight.
    """
    found: dict[int, int] = {0: gain(0), most: gain(most)}

    def fill(low: int, high: int) -> None:
        if found[low] == found[high]:
            for at in range(low + 1, high):
                found[at] = found[low]
        elif high - low > 1:
            middle = (low + high) // 2
            found[middle] = gain(middle)
            fill(low, middle)
            fill(middle, high)

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
