"""How long scoring takes: 40 units times 62 leaves of every primitive, beside a bare loop over as many ratios.

The bare loop does what no score can do without: `min(x / t, 1) * w` in exact fractions, once per unit and leaf. It is run between
the scorings; processor time is measured, so that a busy machine counts for little, and the ratio is the median over the repeats.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Callable
from fractions import Fraction
from itertools import cycle, islice
from time import process_time

from flows.score.engine.facts import Facts, FigureKey
from flows.score.engine.scoring import score
from flows.score.scheme.scheme_loader import SchemeYear
from tests.score.made import bounds_of, facts_of, year_of

UNITS = tuple(f"u{n:02}" for n in range(40))
LEAVES = 62
RULES = (
    "{linear: {of: attainment}}",
    "{bands: {of: attainment, points: [[1, 2], [0.9, 1.5], [0.8, 1]]}}",
    "{steps: {of: excess, per: 5, above: 0.1, below: -0.2, parts: drop}}",
    "{linear: {of: share_of_best}}",
    "{steps: {of: rank, at: 1, above: -0.05, parts: share}}",
    "{sum: [{linear: {of: attainment, points: 1}}, {linear: {of: position, points: 1}}]}",
    "{tally: {points: {national: 1, municipal: 0.5}, otherwise: 0}}",
    "{first: {branches: [{if: {of: attainment, at_least: 1}, then: 2}], otherwise: {linear: {of: share_of_mean}}}}",
    "{mean: [{weight: 0.6, rule: {linear: {of: attainment}}}, {weight: 0.4, rule: {steps: {of: growth, per: 0.01, above: 0.1, below: -0.1, parts: share}}}]}",
    "{each: {periods: ['{year}H1', '{year}H2'], rule: {linear: {of: position, points: 1}}}}",
)


def year() -> SchemeYear:
    """A scheme of `LEAVES` leaves that take the rules in turn, in blocks of ten; two groups."""
    leaves = [
        f"{{id: i{n}, label: 项{n}, points: 2, indicator: x{n}, rule: {rule}}}"
        for n, rule in enumerate(islice(cycle(RULES), LEAVES))
    ]
    blocks = "\n".join(
        f"  - {{id: b{n}, label: 块{n}, items: [{', '.join(leaves[n : n + 10])}]}}"
        for n in range(0, LEAVES, 10)
    )
    grades = (
        "grades: {barred: passes_on, edge_tie: extend, list: [{grade: first, share: 0.3}, {grade: second}]}"
    )
    targets = {(u, f"x{n}"): 80 + (7 * n + int(u[1:])) % 40 for u in UNITS for n in range(LEAVES)}
    groups = {u: "district" if int(u[1:]) < 26 else "county" for u in UNITS}
    return year_of(f"items:\n{blocks}\n{grades}", targets, groups)


def facts(moving: int) -> Facts:
    """Figures of every unit and leaf; one in `moving` has undecided rows."""
    figures: dict[tuple[str, str], object] = {}
    for n in range(LEAVES):
        for u in UNITS:
            x = 60 + (13 * n + 17 * int(u[1:])) % 60
            is_moving = (n + int(u[1:])) % moving == 0
            figures[u, f"x{n}"] = (x - 3, x, x + 4) if is_moving else x
            figures[u, f"x{n}@2014"] = x - 5
            figures[u, f"x{n}@2015H1"] = x // 2
            figures[u, f"x{n}@2015H2"] = x - x // 2
            figures[u, f"x{n}/national"] = x % 3
            figures[u, f"x{n}/municipal"] = x % 5
    return facts_of(UNITS, figures)


def bare(of: SchemeYear, given: Facts) -> Fraction:
    """The least that any scoring does."""
    targets = {(t.unit, t.indicator): Fraction(t.target) for t in of.targets}
    whole, one, weight = Fraction(0), Fraction(1), Fraction(2)
    for n in range(LEAVES):
        for u in UNITS:
            amount = given.figures[u, FigureKey(f"x{n}", None, "2015")].amount or Fraction(0)
            whole += min(amount / targets[u, f"x{n}"], one) * weight
    return whole


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--moving", type=int, default=10, help="one figure in so many has undecided rows")
    arguments = parser.parse_args()
    of, given = year(), facts(arguments.moving)
    tried: dict[str, Callable[[], object]] = {
        "score": lambda: score(of, given),
        "bounds": lambda: bounds_of(of, given),
    }
    cells = len(UNITS) * LEAVES
    for name, run in tried.items():
        taken, ratios = [], []
        for _ in range(arguments.repeat):
            least = _seconds(lambda: bare(of, given))
            taken.append(_seconds(run))
            ratios.append(taken[-1] / least)
        print(
            f"{name:>8}  {cells:,} cells  {statistics.median(taken) * 1000:6.0f} ms  {statistics.median(ratios):5.1f} x the bare loop"
        )


def _seconds(run: Callable[[], object]) -> float:
    start = process_time()
    run()
    return process_time() - start


if __name__ == "__main__":
    main()
