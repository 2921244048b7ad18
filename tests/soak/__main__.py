"""The long form: every circumstance and shortage once, then rounds until there are enough, then the figures."""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

from tests.soak.rounds import (
    CIRCUMSTANCES,
    LIMITS,
    MOMENTS,
    Stand,
    Told,
    disturb,
    full_disk,
    gbk,
    in_any_order,
    make_stand,
    read_only,
    readers,
    short_of,
    under,
    wrong_clock,
)


def main() -> int:
    ask = argparse.ArgumentParser(description="Disturb steps at random moments and compare what comes of it.")
    ask.add_argument("--rounds", type=int, default=200)
    ask.add_argument("--seed", type=int, default=1)
    ask.add_argument("--only", nargs="+", choices=MOMENTS, help="these steps, and no other circumstances")
    asked = ask.parse_args()
    begun = time.monotonic()
    told, chance = Told(), random.Random(asked.seed)  # noqa: S311 (repeatable)
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        stand = make_stand(Path(folder))
        print("seconds of each step:", {step: round(s, 1) for step, s in stand.seconds.items()}, flush=True)
        if not asked.only:
            _circumstances(stand, told)
            _say(told, begun)
        for done in range(1, asked.rounds + 1):
            before = len(told.failures)
            disturb(stand, chance, told, asked.only or MOMENTS)
            print(*told.failures[before:], sep="\n", end="", flush=True)
            if done % 50 == 0:
                _say(told, begun)
    print(f"{len(told.failures)} failures", *told.failures, sep="\n")
    return 1 if told.failures else 0


def _circumstances(stand: Stand, told: Told) -> None:
    for name, (environment, limit) in CIRCUMSTANCES.items():
        under(stand, told, name, environment, limit)
    if spoken := gbk(stand.folder / "locale"):
        under(stand, told, "a GBK locale", spoken)
    in_any_order(stand, told)
    for clock in (datetime(2001, 1, 1), datetime(2099, 1, 1)):
        wrong_clock(stand, told, clock)
    for name in LIMITS:
        short_of(stand, name, told)
    tried = [read_only(stand, told), *(full_disk(stand, room, told) for room in (1, 8, 16))]
    if not all(tried):
        print("no right to mount: a full disk and a read-only folder were not tried", flush=True)
    told.expect("readers", readers(stand, 1000, 50) == 1000, "an open that saw no whole edition")


def _say(told: Told, begun: float) -> None:
    """The figures so far."""
    print(f"after {time.monotonic() - begun:.0f} s: {sum(told.rounds.values())} rounds", flush=True)
    print("  rounds:", dict(sorted(told.rounds.items())), flush=True)
    print("  held:", dict(sorted(told.held.items())), f"{len(told.failures)} did not", flush=True)


if __name__ == "__main__":
    sys.exit(main())
