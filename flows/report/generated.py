"""Pages made from the contracts and models: written by `make docs`, and refused by `make check` where they are stale."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path


def stale(root: Path, pages: Mapping[Path, str], folder: Path | None = None) -> list[Path]:
    """The pages that are not what they would be written with, and in `folder` those that nothing writes."""
    old = [page for page, text in pages.items() if not _holds(root / page, text)]
    there = [path.relative_to(root) for path in (root / folder).rglob("*.md")] if folder else []
    return sorted([*old, *(page for page in there if page not in pages)])


def _holds(file: Path, text: str) -> bool:
    return file.exists() and file.read_text(encoding="utf-8") == text


def write(
    root: Path,
    pages: Mapping[Path, str],
    module: str,
    arguments: Sequence[str] | None,
    folder: Path | None = None,
) -> int:
    """The command line of a module that makes pages: write them, or with `--check` only say whether they are current.

    Args:
        root: The clone.
        pages: Page, from there → its text.
        module: Who makes them.
        arguments: Of the command line.
        folder: A folder that holds these pages and no others.

    Returns:
        1 where a page is stale, else 0.
    """
    parser = argparse.ArgumentParser(f"python -m {module}", description="Write generated pages.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when a page is stale")
    is_check = parser.parse_args(arguments).check
    for page in (found := stale(root, pages, folder)):
        if is_check:
            print(f"{page} is stale: run `python -m {module}` and commit it", file=sys.stderr)
        elif page in pages:
            (root / page).parent.mkdir(parents=True, exist_ok=True)
            (root / page).write_text(pages[page], encoding="utf-8", newline="\n")
        else:
            (root / page).unlink()
    return int(is_check and bool(found))
