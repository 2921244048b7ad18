"""Rounds of the soak: a run is disturbed, what must hold afterwards is asked, and a run goes on from there."""

from __future__ import annotations

import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import xlsxwriter

from flows.contract.catalogue import ROOT
from flows.contract.paths import Paths
from flows.ingest.lock import run_lock
from flows.warehouse.publish import swap_in
from tests.processes import alive_after, children
from tests.soak.content import contents, differing
from tests.support.inboxes import fill
from tests.support.world import HEADER, case

SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
KEY = b"soak" * 8


@dataclass
class Stand:
    """A data folder with a first edition, the inbox that the next run meets, and what an undisturbed run makes of it."""

    folder: Path
    first: dict[str, str] = field(default_factory=dict)
    undisturbed: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def inbox(self) -> Path:
        return self.folder / "inbox"

    @property
    def base(self) -> Path:
        return self.folder / "base"


@dataclass
class Told:
    """What came of the rounds: how many ended in which step, and every failure in words."""

    rounds: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    def expect(self, holds: bool, words: str) -> None:
        if not holds:
            self.failures.append(words)


def process(
    data: Path, inbox: Path, limit: Callable[[], object] | None = None, **environment: str
) -> subprocess.Popen[str]:
    """The pipeline as a process in a group of its own. `limit`: run in it before it starts."""

    def prepare() -> None:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        if limit:
            limit()

    return subprocess.Popen(
        [sys.executable, "-m", "tests.soak.pipeline", str(data), str(inbox)],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=prepare,
    )


def complete(data: Path, inbox: Path, limit: Callable[[], object] | None = None, **environment: str) -> str:
    """Run to the end; what it said, with its exit code in front unless that is 0."""
    done = process(data, inbox, limit, **environment)
    out, err = done.communicate()
    return "" if done.returncode == 0 else f"{done.returncode}: {out.split()[-1:]} {err[-500:]}"


def make_stand(folder: Path) -> Stand:
    """Files of 2011 to 2016 and a workbook; the days to 2015 are published, the rest arrives with the next run."""
    stand = Stand(folder)
    made = fill(folder / "made")
    shutil.copytree(made.paths.inbox, stand.inbox)
    late = stand.inbox / "2016-03-10" / "大足区总工会"
    late.mkdir(parents=True)
    with xlsxwriter.Workbook(str(late / "2015年调解台账.xlsx")) as book:
        sheet = book.add_worksheet("台账")
        for row, line in enumerate(
            [HEADER, *(case(n, closed="2015-13-01" if n % 5 else "2015-04-01") for n in range(200))]
        ):
            sheet.write_row(row, 0, line.split(","))
    early = folder / "early"
    shutil.copytree(stand.inbox, early, ignore=lambda at, names: [n for n in names if n.startswith("2016-0")])
    fresh(stand.base)
    assert not (wrong := complete(stand.base, early)), wrong
    stand.first = contents(Paths(stand.base).warehouse_file())
    last = Path(shutil.copytree(stand.base, folder / "last"))
    begun = time.monotonic()
    assert not (wrong := complete(last, stand.inbox)), wrong
    stand.seconds = time.monotonic() - begun
    stand.undisturbed = contents(Paths(last).warehouse_file())
    assert differing(stand.first, stand.undisturbed)
    return stand


def fresh(data: Path) -> Path:
    """An empty data folder whose person keys are those of all others."""
    vault = data / "vault"
    vault.mkdir(parents=True, mode=0o700)
    (vault / "key").write_bytes(KEY)
    return data


def disturb(stand: Stand, chance: random.Random, told: Told) -> None:
    """One round: a signal at a random moment of a run, what must hold then, and the run that goes on."""
    data = Path(shutil.copytree(stand.base, stand.folder / "round"))
    paths = Paths(data)
    number, wait = chance.choice(SIGNALS), chance.uniform(0.3, stand.seconds)
    running = process(data, stand.inbox)
    time.sleep(wait)
    started = children(running.pid)
    running.send_signal(number)
    out, err = running.communicate(timeout=120)
    reached = (out.split() or ["start"])[-1]
    where = f"{number.name} in {reached} after {wait:.2f} s"
    told.rounds[reached] += 1
    expected = {0} | ({-9} if number == signal.SIGKILL else {130})
    if reached == "start":
        expected.add(-number)  # before there is a handler
    told.expect(running.returncode in expected, f"{where}: exit {running.returncode}: {err[-300:]}")
    told.expect(not alive_after(5, started), f"{where}: orphans")
    try:
        with run_lock(paths.lock):
            pass
    except RuntimeError as error:
        told.failures.append(f"{where}: {error}")
    seen = contents(paths.warehouse_file())
    told.expect(seen in (stand.first, stand.undisturbed), f"{where}: an edition that is neither")
    go_on(stand, data, where, told)
    shutil.rmtree(data)


def go_on(stand: Stand, data: Path, where: str, told: Told) -> None:
    """Run again, undisturbed: the same content, and nothing is left of before."""
    wrong = complete(data, stand.inbox)
    told.expect(not wrong, f"{where}: the next run {wrong}")
    other = differing(contents(Paths(data).warehouse_file()), stand.undisturbed)
    told.expect(not other, f"{where}: differs in {other}")
    left = [p.relative_to(data) for p in data.rglob("*") if p.is_file() and _is_left(p)]
    told.expect(not left, f"{where}: left {left}")


def _is_left(path: Path) -> bool:
    return (
        path.suffix in (".new", ".wal", ".owner")
        or path.parent.name in ("tmp", "incoming")
        or ".aside" in path.name
    )


def shuffled(stand: Stand, chance: random.Random) -> Path:
    """All files, each taken in by a run of its own, in another order."""
    data, files = fresh(stand.folder / "shuffled"), sorted(p for p in stand.inbox.rglob("*") if p.is_file())
    chance.shuffle(files)
    sparse = stand.folder / "sparse"
    for file in files[:-1]:
        (sparse / file.relative_to(stand.inbox)).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, sparse / file.relative_to(stand.inbox))
        _take_in(data, sparse)
    assert not (wrong := complete(data, stand.inbox)), wrong
    return data


def _take_in(data: Path, inbox: Path) -> None:
    from flows.contract.units import reference
    from flows.ingest.vault import Vault
    from tests.soak.pipeline import NOW

    Vault(data / "vault").take_in(inbox, NOW, reference().resolve_sender)


#: Circumstances that must make no difference: environment, and what is done in the process before it starts.
CIRCUMSTANCES: dict[str, tuple[Mapping[str, str], Callable[[], object] | None]] = {
    "another time zone": ({"TZ": "America/New_York"}, None),
    "another locale and hash seed": ({"LC_ALL": "C", "PYTHONHASHSEED": "1"}, None),
    "one processor": ({"PYTHONHASHSEED": "7"}, lambda: os.sched_setaffinity(0, {0})),
}


def circumstances(stand: Stand, told: Told) -> None:
    """From an empty vault under other circumstances, and with another order of arrival: one content."""
    plain = fresh(stand.folder / "plain")
    told.expect(not (wrong := complete(plain, stand.inbox)), f"plain: {wrong}")
    at_once = contents(Paths(plain).warehouse_file())
    told.expect(at_once == stand.undisturbed, f"in two runs: {differing(at_once, stand.undisturbed)}")
    for name, (environment, limit) in CIRCUMSTANCES.items():
        data = fresh(stand.folder / "other")
        wrong = complete(data, stand.inbox, limit, **environment)
        other = [wrong] if wrong else differing(contents(Paths(data).warehouse_file()), at_once)
        told.expect(not other, f"{name}: {other}")
        shutil.rmtree(data)
    data = shuffled(stand, random.Random(3))  # noqa: S311
    other = differing(contents(Paths(data).warehouse_file()), at_once)
    told.expect(not other, f"shuffled arrival: {other}")


#: Limits at which a run must end by itself, with the old edition in place, and go on without them.
LIMITS: dict[str, Callable[[], object]] = {
    "a full disk": lambda: (
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN),
        resource.setrlimit(resource.RLIMIT_FSIZE, (3 << 20, 3 << 20)),
    ),
    "few file handles": lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (12, 12)),
    "little memory": lambda: resource.setrlimit(resource.RLIMIT_AS, (700 << 20, 700 << 20)),
}


def short_of(stand: Stand, name: str, told: Told) -> None:
    """A run under one of the `LIMITS`, then one without."""
    data = Path(shutil.copytree(stand.base, stand.folder / "short"))
    wrong = complete(data, stand.inbox, LIMITS[name])
    told.rounds[name] += 1
    told.expect(wrong.startswith("1:"), f"{name}: {wrong or 'completed'}")
    told.expect(contents(Paths(data).warehouse_file()) == stand.first, f"{name}: another edition")
    go_on(stand, data, name, told)
    shutil.rmtree(data)


def readers(stand: Stand, opens: int, publishes: int) -> int:
    """Open the edition again and again while it is published; how many opens saw a whole edition."""
    source, target = Paths(stand.base).build_file(), stand.folder / "read" / "warehouse.duckdb"
    swap_in(source, target)
    seen: list[int] = []

    def read() -> None:
        for _ in range(opens // 2):
            with duckdb.connect(str(target), read_only=True) as con:
                seen.extend(con.execute("select count(*) from meta.delivery").fetchone() or ())

    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    for _ in range(publishes):
        swap_in(source, target)
        time.sleep(0.02)
    for thread in threads:
        thread.join()
    return len(seen) if len(set(seen)) == 1 else 0
