"""The smallest whole numbers for which something holds, found by growing steps and halving.

What is asked costs a scoring, so not every number is tried. Where a condition never turns false again once it is true
(points of a sound scheme never fall), the answer is the smallest there is; otherwise it is a threshold all the same: the
number was asked and holds, the one before was asked and does not.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

#: Each probe is so many times the one before.
_GROWTH = 8


def smallest_passing(holds: Callable[[int], bool], most: int) -> int | None:
    """The k of 1..most that holds; 0 is taken not to.

    >>> smallest_passing(lambda k: k >= 30, 100), smallest_passing(lambda k: k >= 30, 29)
    (30, None)
    """
    low, high = 0, 1
    while high < most and not holds(high):
        low, high = high, high * _GROWTH
    if high >= most:
        high = most
        if high <= low or not holds(high):
            return None
    return low + _halved(lambda k: holds(low + k), high - low)


def smallest_pair(
    holds: Callable[[int, int], bool], most: tuple[int, int], below: int
) -> tuple[int, int] | None:
    """The (j, k), both at least 1, that holds with the least j + k, which must be under `below`; of equal sums the least j."""
    highest = min(most[0], below - 2), min(most[1], below - 2)
    if min(highest) < 1 or not holds(*highest):
        return None
    fewest = _halved(partial(holds, highest[0]), highest[1])  # whatever j is
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
