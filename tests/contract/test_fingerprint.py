"""A file that is edited, moved or new makes what was computed before it stale."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.contract.catalogue import ROOT
from flows.contract.fingerprint import ROW_MEANING, VALUE_MEANING, VERDICT_MEANING, fingerprint


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
