"""Judge the reader over many seeds and print recall, precision and the smallest case of every cause.

python -m tests.messy [--seeds 200] [--first 0] [--only FEATURE …] [--plain]
"""

from __future__ import annotations

import argparse

from flows.read import close_readers
from tests.messy.case import FEATURES, PLAIN, build
from tests.messy.judge import judge, shrink
from tests.messy.layout import Case, source


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--only", nargs="*", choices=FEATURES)
    parser.add_argument("--plain", action="store_true", help="without features of structure")
    parser.add_argument("--show", action="store_true", help="print the cells of each smallest case")
    parser.add_argument("--saved-as", default="", help="xls or ods: as LibreOffice saves the workbook")
    arguments = parser.parse_args()
    pool = arguments.only if arguments.only is not None else PLAIN if arguments.plain else FEATURES
    expected = handed = right = failed = 0
    causes: dict[tuple[str, frozenset[str]], list[int]] = {}
    shown: dict[tuple[str, frozenset[str]], str] = {}
    for seed in range(arguments.first, arguments.first + arguments.seeds):
        features = pool if arguments.only is not None else some(seed, pool)
        verdict = judge(build(seed, features), saved_as=arguments.saved_as)
        expected, handed, right = expected + verdict.expected, handed + verdict.handed, right + verdict.right
        if verdict.findings:
            failed += 1
            least = frozenset(features) if arguments.saved_as else shrink(seed, features)
            causes.setdefault((verdict.causes[0], least), []).append(seed)
            shown.setdefault((verdict.causes[0], least), verdict.findings[0])
    for (cause, least), seeds in sorted(causes.items(), key=lambda item: (-len(item[1]), str(item))):
        print(f"{len(seeds):4} {cause} {sorted(least)} seeds {seeds[:4]}\n       {shown[cause, least]}")
        if arguments.show:
            show(build(seeds[0], least))
    print(
        f"{arguments.seeds} cases, {failed} failed; rows {expected} expected, {handed} handed over, {right} right: "
        f"recall {right / max(1, expected):.4%}, precision {right / max(1, handed):.4%}"
    )
    close_readers()
    return 1 if failed else 0


def show(case: Case) -> None:
    """The cells of a case, row by row, with the class that they belong to."""
    for sheet in case.sheets:
        print(f"       [{sheet.name}] merged {sheet.merges}")
        for row in sorted({row for row, _ in sheet.cells}):
            cells = {column: cell for (at, column), cell in sheet.cells.items() if at == row}
            kinds = "/".join(sorted({sheet.kinds.get((row, column), "blank") for column in cells}))
            texts = " ".join(f"{column}={cell.written!r}" for column, cell in sorted(cells.items()))
            print(f"       {row:4} {kinds}: {texts}")


def some(seed: int, pool: tuple[str, ...] | list[str]) -> list[str]:
    """A random choice of features: mostly a handful, now and then most of them."""
    rng = source(seed, "features")
    share = rng.choice((0.1, 0.2, 0.3, 0.6))
    return [feature for feature in pool if rng.random() < share]


if __name__ == "__main__":
    raise SystemExit(main())
