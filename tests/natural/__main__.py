"""Measure the reader on the natural set.

python -m tests.natural                 the open part, a line per file
python -m tests.natural --heldback      the part kept back: totals only
python -m tests.natural --second        the second set, kept back whole: totals only
python -m tests.natural --json          as JSON
python -m tests.natural --only 1,5,62   these files
python -m tests.natural --write FOLDER  the files themselves, nothing measured
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from tests.natural import spec
from tests.natural.measure import OUTCOMES, deliver, measure_set, rows_of, totals


def main() -> int:
    ask = argparse.ArgumentParser(
        prog="python -m tests.natural", description="Measure the reader on the natural set."
    )
    ask.add_argument("--json", action="store_true", help="machine-readable")
    unread = ask.add_mutually_exclusive_group()
    unread.add_argument(
        "--heldback", action="store_true", help="the part kept back; totals only, so that it stays unread"
    )
    unread.add_argument(
        "--second", action="store_true", help="the second set; totals only, so that it stays unread"
    )
    ask.add_argument("--only", help="numbers of files, with commas")
    ask.add_argument("--write", type=Path, metavar="FOLDER", help="write the files and measure nothing")
    asked = ask.parse_args()
    files = spec.load_second() if asked.second else spec.load(kept_back=asked.heldback)
    if asked.only:
        chosen = {int(number) for number in asked.only.split(",")}
        files = [file for file in files if file.number in chosen]
    if asked.write:
        deliver(files, asked.write)
        return 0
    results = measure_set(files)
    summary = totals(results)
    lines = [] if asked.heldback or asked.second else rows_of(results)
    if asked.json:
        print(json.dumps({"totals": summary, "files": lines}, ensure_ascii=False, indent=1))
    else:
        for line in lines:
            counts = " ".join(
                f"{name} " + "/".join(str(line[name].get(outcome, 0)) for outcome in OUTCOMES)
                for name in ("quantities", "figures")
            )
            print(
                f"{line['number']:>3} {'whole' if line['whole'] else '     '} rows {line['rows']:>7} {counts}  {line['unit']} {line['file']}"
            )
            for outcome in ("wrong", "differs", "missing"):
                for name in line[outcome]:
                    print(f"      {outcome}: {name}")
        print("(quantities and figures: " + "/".join(OUTCOMES) + ")")
        for name, value in summary.items():
            print(f"{name}: {value}")
    return 1 if summary["quantities"]["wrong"] + summary["figures"]["wrong"] else 0


if __name__ == "__main__":
    raise SystemExit(main())
