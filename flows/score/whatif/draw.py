"""Random weights around those of a scheme, as whole numbers that add up to the same total.

The total is cut at random whole places (spacings of uniform numbers), and each item gets as many neighbouring pieces as its
weight calls for: a Dirichlet distribution around the scheme, drawn without a binary float, the same on every machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Whole: TypeAlias = npt.NDArray[np.int64]

#: Pieces that the total is cut into. With 400 an item of 5 % of the total keeps 5 % ± 1.1 (standard deviation), one of 20 %
#: ± 2: what offices shift between two years' schemes, not a different assessment.
PIECES = 400


def drawn(weights: Sequence[int], draws: int, random: np.random.Generator, pieces: int = PIECES) -> Whole:
    """(items × draws) weights, each column with the sum of `weights` (all positive)."""
    if not weights:
        return np.zeros((0, draws), dtype=np.int64)
    total = sum(weights)
    shares = [max(1, (2 * pieces * weight + total) // (2 * total)) for weight in weights]
    ends = np.cumsum(shares)
    cuts = random.integers(0, total + 1, size=(draws, int(ends[-1]) - 1), dtype=np.int32)
    cuts.sort(axis=1)
    edges = np.zeros((len(weights) + 1, draws), dtype=np.int64)
    edges[1:-1] = cuts[:, ends[:-1] - 1].T
    edges[-1] = total
    return np.diff(edges, axis=0)
