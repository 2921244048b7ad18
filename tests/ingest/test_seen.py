"""An unchanged file is not read again, and a changed one always is."""

from __future__ import annotations

import os
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from flows.ingest import vault as vault_module
from flows.ingest.vault import Vault

NOON = datetime(2016, 1, 8, 12)


def resolve(_folder: str, _on: date) -> str | None:
    return "yongchuan"


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    (tmp_path / "inbox" / "永川").mkdir(parents=True)
    return tmp_path / "inbox"


def put(path: Path, content: bytes) -> None:
    """A file that has lain there for a while: in place of waiting, the list is dated into the future below."""
    path.write_bytes(content)


def take(vault: Vault, inbox: Path, hour: int) -> int:
    """Deliveries that an intake finds new; its list of seen files counts as written ten seconds later."""
    report = vault.take_in(inbox, NOON + timedelta(hours=hour), resolve)
    seen = vault.root / "seen.json"
    later = seen.stat().st_mtime + 10
    os.utime(seen, (later, later))
    return len(report.new)


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the files that were read in full."""
    read: list[str] = []
    digest = vault_module.hashlib.file_digest

    def watched(stream: object, kind: str) -> object:
        read.append(
            Path(getattr(stream, "name", "")).name if isinstance(getattr(stream, "name", 0), str) else "?"
        )
        return digest(stream, kind)  # type: ignore[arg-type]

    monkeypatch.setattr(vault_module.hashlib, "file_digest", watched)
    return read


def test_an_unchanged_file_is_not_read_again(tmp_path: Path, inbox: Path, hashed: list[str]) -> None:
    vault = Vault(tmp_path / "vault")
    put(inbox / "永川" / "a.csv", b"a")
    assert take(vault, inbox, 0) == 1
    assert len(hashed) == 1
    assert take(Vault(tmp_path / "vault"), inbox, 1) == 0
    assert len(hashed) == 1


@pytest.mark.parametrize("content", [b"b", b"other"])
def test_other_bytes_are_noticed_whatever_time_the_file_shows(
    tmp_path: Path, inbox: Path, content: bytes
) -> None:
    vault, path = Vault(tmp_path / "vault"), inbox / "永川" / "a.csv"
    put(path, b"a")
    assert take(vault, inbox, 0) == 1
    before = path.stat()
    put(path, content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert take(vault, inbox, 1) == 1


def test_a_file_just_written_is_read_once_more(tmp_path: Path, inbox: Path, hashed: list[str]) -> None:
    vault = Vault(tmp_path / "vault")
    put(inbox / "永川" / "a.csv", b"a")
    vault.take_in(
        inbox, NOON, resolve
    )  # its list is as old as the file: a change in the same tick would not show
    vault.take_in(inbox, NOON + timedelta(hours=1), resolve)
    assert len(hashed) == 2


def test_without_the_list_or_with_a_broken_one_everything_is_read(
    tmp_path: Path, inbox: Path, hashed: list[str]
) -> None:
    vault = Vault(tmp_path / "vault")
    put(inbox / "永川" / "a.csv", b"a")
    assert take(vault, inbox, 0) == 1
    for broken in ("", "[]", '{"x": 3}', "not json"):
        (vault.root / "seen.json").write_text(broken)
        assert take(vault, inbox, 1) == 0
    assert len(hashed) == 5
