"""A second run is refused with the first one's owner; a run that died leaves nothing to clean up."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from flows.ingest.lock import AlreadyRunningError, run_lock

HOLDER = """
import sys
from pathlib import Path
from flows.ingest.lock import run_lock
with run_lock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_run_is_told_who_is_at_it(tmp_path: Path) -> None:
    lock = tmp_path / "data" / "run.lock"
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(lock)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert holder.stdout is not None
    try:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(AlreadyRunningError) as refused, run_lock(lock):
            pytest.fail("two runs at once")
        assert f"process {holder.pid} of" in str(refused.value)
        assert socket.gethostname() in str(refused.value)
        assert " s. Wait" in str(refused.value) or " min. Wait" in str(refused.value)
    finally:
        holder.kill()  # no chance to clean up
        holder.wait()
        holder.communicate()
    with run_lock(lock):
        assert f'"pid": {os.getpid()}' in lock.with_name("run.lock.owner").read_text(encoding="utf-8")
    assert not lock.with_name("run.lock.owner").exists()


def test_age_is_told_in_the_largest_unit(tmp_path: Path) -> None:
    lock = tmp_path / "run.lock"
    with run_lock(lock):
        note = lock.with_name("run.lock.owner")
        started = note.stat().st_mtime
        for seconds, words in ((90, "for 1 min"), (3 * 3600 + 5, "for 3 h"), (49 * 3600, "for 2 d")):
            os.utime(note, (started - seconds, started - seconds))
            with pytest.raises(AlreadyRunningError, match=words), run_lock(lock):
                pytest.fail("two runs at once")


def test_an_unreadable_note_does_not_hide_the_refusal(tmp_path: Path) -> None:
    lock = tmp_path / "run.lock"
    with run_lock(lock):
        lock.with_name("run.lock.owner").write_text("not json", encoding="utf-8")
        with pytest.raises(AlreadyRunningError, match="just started"), run_lock(lock):
            pytest.fail("two runs at once")


def test_a_failing_run_lets_go(tmp_path: Path) -> None:
    lock = tmp_path / "run.lock"
    with pytest.raises(ZeroDivisionError), run_lock(lock):
        raise ZeroDivisionError
    with run_lock(lock):
        pass
