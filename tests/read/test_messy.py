"""Everything that messes up a sheet, alone and together, against the truth: no row lost, none invented, no cell wrong.

One seed is one workbook or text; `python -m tests.messy --first SEED --seeds 1 --show` shows it.
"""

from __future__ import annotations

import pytest

from tests.messy.__main__ import some
from tests.messy.case import FEATURES, PLAIN, build
from tests.messy.judge import Verdict, judge, shrink

ALONE = 3
TOGETHER = 12
#: Each case of a hundred rows and more costs as much as ten: alone it is enough.
LONG = frozenset(("many_rows",))


def check(verdicts: dict[tuple[int, tuple[str, ...]], Verdict]) -> None:
    """Recall and precision are 100 %; else the first failing case is shown with the features it needs."""
    expected = sum(v.expected for v in verdicts.values())
    handed = sum(v.handed for v in verdicts.values())
    right = sum(v.right for v in verdicts.values())
    print(f"rows: {expected} expected, {handed} handed over, {right} right")
    failing = {case: verdict for case, verdict in verdicts.items() if verdict.findings}
    if failing:
        (seed, features), verdict = next(iter(failing.items()))
        least = sorted(shrink(seed, features))
        others = {cause for v in failing.values() for cause in v.causes}
        pytest.fail(
            f"{len(failing)} of {len(verdicts)} cases fail ({', '.join(sorted(others))}); recall {right}/{expected}, "
            f"precision {right}/{handed}. Seed {seed} with {least}: {verdict.findings[0]}",
            pytrace=False,
        )
    assert right == expected == handed


@pytest.mark.parametrize("feature", FEATURES)
def test_each_feature_alone(feature: str) -> None:
    # Seeds differ by feature, so that more kinds of records are seen.
    first = 100 * FEATURES.index(feature)
    check({(seed, (feature,)): judge(build(seed, [feature])) for seed in range(first, first + ALONE)})


@pytest.mark.parametrize("first", range(0, 96, TOGETHER))
@pytest.mark.parametrize("pool", [PLAIN, FEATURES], ids=["plain", "all"])
def test_features_together(pool: tuple[str, ...], first: int) -> None:
    cases = {
        seed: tuple(f for f in some(seed, pool) if f not in LONG) for seed in range(first, first + TOGETHER)
    }
    check({(seed, features): judge(build(seed, features)) for seed, features in cases.items()})
