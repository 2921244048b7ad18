"""A file that is edited, moved or new makes what was computed before it stale."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.contract.catalogue import ROOT
from flows.contract.fingerprint import ROW_MEANING, VALUE_MEANING, VERDICT_MEANING, fingerprint, row_meaning
from flows.contract.redaction import redacted_cell, scheme_words
from flows.score.scheme.scheme_loader import load_year, years


def test_every_pattern_meets_files() -> None:
    assert [
        pattern
        for pattern in (*ROW_MEANING, *VALUE_MEANING, *VERDICT_MEANING)
        if not list(ROOT.glob(pattern))
    ] == []


@pytest.mark.parametrize("patterns", [ROW_MEANING, VALUE_MEANING, VERDICT_MEANING])
def test_a_new_a_moved_and_an_edited_file_change_it(tmp_path: Path, patterns: tuple[str, ...]) -> None:
    for pattern in patterns:
        folder = tmp_path / pattern.partition("**")[0] if "**" in pattern else (tmp_path / pattern).parent
        (folder / "deep" / "deeper").mkdir(parents=True, exist_ok=True)
        seen = [fingerprint(patterns, tmp_path)]
        file = folder / (f"new{Path(pattern).suffix}" if "**" in pattern else Path(pattern).name)
        file.write_text("1", encoding="utf-8")
        seen.append(fingerprint(patterns, tmp_path))
        file.write_text("2", encoding="utf-8")
        seen.append(fingerprint(patterns, tmp_path))
        if "**" in pattern:
            file.rename(folder / "deep" / "deeper" / file.name)
            seen.append(fingerprint(patterns, tmp_path))
        assert len(set(seen)) == len(seen), pattern


def test_what_a_scheme_calls_an_item_is_read_as_written(tmp_path: Path) -> None:
    """A notice names an item by the scheme's word: it is matched, so it may not be a mark; a new word is read again."""
    file = tmp_path / "data" / "scheme" / "2016" / "scheme.yml"
    file.parent.mkdir(parents=True)
    seen = [row_meaning(tmp_path)]
    file.write_text("items:\n  - id: lychee\n    label: 荔枝香工程\n    points: 5\n", "utf-8")
    assert scheme_words(tmp_path) == {"lychee", "荔枝香工程"}
    seen.append(row_meaning(tmp_path))
    file.write_text("items:\n  - {id: lychee, label: 荔枝香工程, points: 6}\n", "utf-8")
    assert row_meaning(tmp_path) == seen[1] != seen[0]
    items = [item for year in years() for item in load_year(year).scheme.walk()]
    assert len(items) > 100
    assert not [name for item in items for name in (item.id, item.label) if "□" in redacted_cell(name, b"")]
