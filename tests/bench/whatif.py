"""Other weights, and one unit's paths to a grade, against scoring a year once: ratios of processor time within one run.

    python -m tests.bench.whatif [--draws 300] [--repeat 5]

The year is the sample scheme of 2015 with its 40 units and made-up figures for all that it reads. The three take turns, after
one warm-up, and the medians count.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import time
from collections.abc import Callable
from datetime import date
from fractions import Fraction

from flows.contract.indicator import indicators
from flows.score.engine.facts import Address, Facts, Figure, FigureKey, RaterScore
from flows.score.engine.scoring import YearScoring, score
from flows.score.engine.scoring_context import ScoringContext
from flows.score.scheme.required_inputs import required_figures
from flows.score.scheme.scheme_loader import SchemeYear, load_year
from flows.score.whatif.path_to_grade import paths_to_grade
from flows.score.whatif.sensitivity import DRAWS, weight_sensitivity

#: At most so many scorings.
TARGETS = {"sensitivity": 2.0, "path to a grade": 25.0}


def made_up(year: SchemeYear) -> Facts:
    """Figures around the targets, rates between a half and one, scores of every rater group."""
    draw = random.Random(2015)  # noqa: S311
    units = tuple(sorted(year.groups))
    targets = year.in_force()
    figures = {}
    for unit in units:
        for key in required_figures(year):
            target = targets.get((unit, key.indicator))
            figures[unit, key] = _figure(draw, key, 10 if target is None else int(target.target))
    groups = {
        (leaf.id, read.rated_by) for leaf in year.scheme.leaves for read in leaf.inputs if read.rated_by
    }
    scores = tuple(
        RaterScore(
            unit, item, group, Fraction(draw.randrange(70, 100)), Fraction(100), None, Address(1001, n)
        )
        for n, (unit, (item, group)) in enumerate((u, g) for u in units for g in sorted(groups))
    )
    return Facts(units, {u: u for u in units}, figures, scores=scores, known_on=date(2016, 2, 1))


def _figure(draw: random.Random, key: FigureKey, around: int) -> Figure:
    if indicators()[key.indicator].is_rate:
        below = draw.randrange(50, 400)
        above = draw.randrange(below // 2, below + 1)
        rate = Fraction(above, below)
        return Figure("value", rate, Fraction(above), Fraction(below), rate, rate, below, 0)
    amount = Fraction(around * draw.randrange(60, 120) // 100)
    return Figure(
        "value" if amount else "zero", amount, amount, None, amount, amount, max(1, int(amount) // 3), 0
    )


def main() -> int:
    """Print both ratios; 1 if one is over its target."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--draws", type=int, default=DRAWS)
    parser.add_argument("--repeat", type=int, default=5)
    given = parser.parse_args()
    year = load_year(2015)
    facts = made_up(year)
    scoring = YearScoring(ScoringContext(year, facts))
    scored = scoring.scored()
    unit = scored.results[len(scored.results) // 2].unit
    works: dict[str, Callable[[], object]] = {
        "score": lambda: score(year, facts),
        "sensitivity": lambda: weight_sensitivity(scoring, given.draws),
        "path to a grade": lambda: paths_to_grade(year, facts, unit),
    }
    taken: dict[str, list[float]] = {name: [] for name in works}
    for turn in range(given.repeat + 1):
        for name, work in works.items():
            start = time.process_time()
            work()
            if turn:
                taken[name].append(time.process_time() - start)
    once = statistics.median(taken["score"])
    size = f"{len(facts.units)} units, {len(year.scheme.leaves)} leaves"
    is_over = False
    for name, target in TARGETS.items():
        ratio = statistics.median(taken[name]) / once
        is_over |= ratio > target
        what = f"{given.draws} draws" if name == "sensitivity" else unit
        sys.stdout.write(
            f"{name} ({size}, {what}): {ratio:.1f} × one scoring of {once * 1000:.0f} ms (at most {target:g})\n"
        )
    return int(is_over)


if __name__ == "__main__":
    raise SystemExit(main())
