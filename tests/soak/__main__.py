"""The long form: rounds until the time is up, then the figures."""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path

from tests.soak.rounds import LIMITS, Told, circumstances, disturb, make_stand, readers, short_of


def main() -> int:
    ask = argparse.ArgumentParser(description="Disturb runs at random moments until the time is up.")
    ask.add_argument("--minutes", type=float, default=60)
    ask.add_argument("--seed", type=int, default=1)
    asked = ask.parse_args()
    end = time.monotonic() + 60 * asked.minutes
    told, chance = Told(), random.Random(asked.seed)  # noqa: S311 (repeatable)
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        stand = make_stand(Path(folder))
        print(f"an undisturbed run takes {stand.seconds:.1f} s", flush=True)
        circumstances(stand, told)
        for name in LIMITS:
            short_of(stand, name, told)
        print(f"{readers(stand, 1000, 50)} opens over 50 publications", flush=True)
        print(*told.failures, sep="\n", flush=True)
        while time.monotonic() < end:
            before = len(told.failures)
            disturb(stand, chance, told)
            print(*told.failures[before:], sep="\n", end="", flush=True)
    print(f"{sum(told.rounds.values())} rounds: {dict(told.rounds.most_common())}")
    print(f"{len(told.failures)} failures", *told.failures, sep="\n")
    return 1 if told.failures else 0


if __name__ == "__main__":
    sys.exit(main())
