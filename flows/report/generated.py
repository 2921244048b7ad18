"""Pages made from the contracts and models: written by `make docs`, and refused by `make check` where they are stale."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path


def is_current(file: Path, text: str) -> bool:
    """Whether a file holds what it would be written with."""
    return file.exists() and file.read_text(encoding="utf-8") == text


def write(root: Path, page: Path, text: str, module: str, arguments: Sequence[str] | None) -> int:
    """The command line of a page's module: write it, or with `--check` only say whether it is current (1: stale)."""
    parser = argparse.ArgumentParser(f"python -m {module}", description=f"Write {page}.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when the page is stale")
    if not parser.parse_args(arguments).check:
        (root / page).write_text(text, encoding="utf-8", newline="\n")
        return 0
    if is_current(root / page, text):
        return 0
    print(f"{page} is stale: run `python -m {module}` and commit it", file=sys.stderr)
    return 1
