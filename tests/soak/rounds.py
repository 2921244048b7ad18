"""Rounds of the soak: a step is disturbed, what must hold afterwards is asked, and a run goes on from there."""

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
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import duckdb
import xlsxwriter

from flows.contract.catalogue import ROOT
from flows.contract.paths import Paths
from flows.ingest.backup import restore
from flows.ingest.closed_file import sha256_of
from flows.ingest.lock import run_lock
from flows.warehouse.publish import swap_in
from flows.warehouse.verify import differences
from tests.processes import alive_after, children
from tests.soak.content import contents, differing
from tests.soak.pipeline import RUN, STEPS
from tests.support.scheme import FRAME, assessed, write_scheme
from tests.support.world import HEADER, World, case

SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
KEY = b"soak" * 8
_ITEMS = """
items:
  - {id: mediation, label: 劳动争议调解, points: 100, indicator: mediation_succeeded, rule: {bands: [[1, 100]]}}
"""


@dataclass
class Stand:
    """The state of a data folder before each step, how long the step takes, and what an undisturbed run comes to."""

    folder: Path
    seconds: dict[str, float] = field(default_factory=dict)
    first: dict[str, str] = field(default_factory=dict)
    undisturbed: dict[str, str] = field(default_factory=dict)
    closed: dict[str, str] = field(default_factory=dict)
    returned: dict[str, str] = field(default_factory=dict)

    @property
    def inbox(self) -> Path:
        return self.folder / "made" / "inbox"

    @property
    def root(self) -> Path:
        return self.folder / "root"

    def before(self, step: str) -> Path:
        return self.folder / "before" / step

    def copy(self, step: str, name: str) -> Path:
        """A data folder of its own as it is before a step, its backup beside it."""
        return Path(shutil.copytree(self.before(step), self.folder / name)) / "data"


@dataclass
class Told:
    """What came of the rounds: how many of which kind, how often each thing asked held, and every failure in words."""

    rounds: Counter[str] = field(default_factory=Counter)
    held: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    def expect(self, what: str, holds: bool, words: object) -> None:
        self.held[what] += holds
        if not holds:
            self.failures.append(f"{what}: {words}")


def process(
    stand: Stand,
    data: Path,
    steps: Sequence[str],
    limit: Callable[[], object] | None = None,
    inbox: Path | None = None,
    **environment: str,
) -> subprocess.Popen[str]:
    """Steps of the pipeline as a process in a group of its own. `limit`: run in it before it starts."""

    def prepare() -> None:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        if limit:
            limit()

    arguments = [str(data), str(inbox or stand.inbox), str(stand.root), *steps]
    return subprocess.Popen(
        [sys.executable, "-m", "tests.soak.pipeline", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=prepare,
    )


def complete(
    stand: Stand,
    data: Path,
    steps: Sequence[str] = RUN,
    limit: Callable[[], object] | None = None,
    inbox: Path | None = None,
    **environment: str,
) -> str:
    """Run to the end; what it said, with its exit code in front unless that is 0."""
    done = process(stand, data, steps, limit, inbox, **environment)
    out, err = done.communicate()
    return "" if done.returncode == 0 else f"{done.returncode}: {out.split()[-1:]} {err[-500:]}"


def returned(data: Path) -> dict[str, str]:
    """The files that go back to districts: path → hash."""
    folder = data / "returns"
    return {
        p.relative_to(folder).as_posix(): sha256_of(p)
        for p in folder.rglob("*")
        if p.suffix in (".xlsx", ".csv")
    }


def closable_scheme(root: Path) -> Path:
    """A scheme of 2015 by which a year with any mediation can be closed."""
    root.mkdir(parents=True)
    frame = FRAME.replace("2016-03-31", "2016-02-28").replace("{id: first, count: 1}, ", "")
    return write_scheme(root, _ITEMS, frame=frame, groups={unit.unit_code: "g" for unit in assessed()})


def make_stand(folder: Path) -> Stand:
    """Files of 2015 and early 2016 are published; a correction and a workbook full of faults arrive with the next run."""
    stand = Stand(folder)
    closable_scheme(stand.root)
    world = World(folder / "made")
    made: list[tuple[str, list[str], str, str]] = [
        ("2014年调解台账.csv", [case(7), case(8, paid="3500")], "2015-01-20/大足区总工会", HEADER),
        ("2015年调解台账.csv", [case(1), case(20)], "2016-01-05/永川区总工会", HEADER),
        (
            "会员名册20151231.csv",
            ["甲,,2010-05", "乙,,2011-06"],
            "2016-01-06/永川区总工会",
            "姓名,身份证号,入会时间",
        ),
        ("2015年法律援助台账.csv", [], "2016-01-17/永川区总工会", "援助案号,申请日期,援助方式,标的额"),
    ]
    for name, lines, sender, header in made:
        world.write(name, *lines, sender=sender, header=header)
    early = Path(shutil.copytree(stand.inbox, folder / "early"))
    world.write("2015年调解台账.csv", case(1), case(2), case(1), sender="2016-02-05/永川区总工会")
    late = stand.inbox / "2016-03-10" / "大足区总工会"
    late.mkdir(parents=True)
    (late / "新.csv.part").write_text("x", encoding="utf-8")
    with xlsxwriter.Workbook(str(late / "2014年调解台账.xlsx")) as book:
        sheet = book.add_worksheet("台账")
        for row, line in enumerate(
            [HEADER, *(case(n, closed="2014-13-01" if n % 5 else "2014-04-01") for n in range(200))]
        ):
            sheet.write_row(row, 0, line.split(","))
    now = folder / "now"
    data = fresh(now / "data")
    assert not (wrong := complete(stand, data, inbox=early)), wrong
    stand.first = contents(Paths(data).warehouse_file())
    for step in RUN:
        _advance(stand, now, step)
    stand.undisturbed, stand.returned = contents(Paths(data).warehouse_file()), returned(data)
    assert differing(stand.first, stand.undisturbed)
    assert stand.returned
    closing = Path(shutil.copytree(now, folder / "closing"))
    _advance(stand, closing, "close")
    stand.closed = contents(Paths(closing / "data").warehouse_file())
    _advance(stand, now, "backup")
    lose(data)
    _advance(stand, now, "restore")
    assert not (wrong := complete(stand, data)), wrong
    assert contents(Paths(data).warehouse_file()) == stand.undisturbed
    return stand


def _advance(stand: Stand, state: Path, step: str) -> None:
    """Keep a state as the one before a step, then do the step and measure it."""
    shutil.copytree(state, stand.before(step))
    running = process(stand, state / "data", [step])
    assert running.stdout is not None
    assert running.stdout.readline(), f"{step}: {running.stderr and running.stderr.read()}"
    begun = time.monotonic()
    running.stdout.readline()  # done
    stand.seconds[step] = time.monotonic() - begun
    _, err = running.communicate()
    assert running.returncode == 0, f"{step}: {err}"


def fresh(data: Path) -> Path:
    """An empty data folder whose person keys are those of all others."""
    vault = data / "vault"
    vault.mkdir(parents=True, mode=0o700)
    (vault / "key").write_bytes(KEY)
    return data


def lose(data: Path) -> None:
    """Every kept file, the key and half of the ledger are gone."""
    vault = data / "vault"
    shutil.rmtree(vault / "file")
    (vault / "key").unlink()
    ledger = vault / "ledger.jsonl"
    os.truncate(ledger, ledger.stat().st_size // 2)


#: Where a round can be disturbed; `start` is before the first step.
MOMENTS = ("start", *STEPS)


def disturb(stand: Stand, chance: random.Random, told: Told, moments: Sequence[str] = MOMENTS) -> None:
    """One round: a signal at a random moment of a step, what must hold then, and the run that goes on."""
    step = chance.choice(moments)
    number = chance.choice(SIGNALS)
    first = RUN[0] if step == "start" else step
    data = stand.copy(first, "round")
    running = process(stand, data, RUN[RUN.index(first) :] if first in RUN else (first,))
    reached: list[str] = []
    assert running.stdout is not None
    heard = threading.Thread(target=lambda: reached.extend(map(str.strip, iter(running.stdout.readline, ""))))  # type: ignore[union-attr]
    heard.start()
    if step == "start":
        time.sleep(chance.uniform(0.05, 1.5))
    else:
        while not reached and running.poll() is None:
            time.sleep(0.002)
        time.sleep(chance.uniform(0, stand.seconds[step]))
    started = children(running.pid)
    if number in (signal.SIGINT, signal.SIGHUP) and running.poll() is None:
        os.killpg(running.pid, number)  # as a terminal does: readers get it, too
    else:
        running.send_signal(number)
    assert running.stderr is not None
    err = running.stderr.read()
    running.wait(120)
    heard.join()
    at = (reached or ["start"])[-1]
    where = f"{number.name} in {at}"
    told.rounds[where] += 1
    expected = {0} | ({-9} if number == signal.SIGKILL else {130})
    if at in ("start", "done"):
        expected.add(-number)  # when there is no handler yet, or no more
    told.expect("exit code", running.returncode in expected, f"{where}: {running.returncode}: {err[-300:]}")
    told.expect("no orphan", not alive_after(5, started), where)
    told.expect("opened", _shown(data) in (stand.first, stand.undisturbed, stand.closed), where)
    go_on(stand, data, where, told, first)
    shutil.rmtree(data.parent)


def _shown(data: Path) -> dict[str, str] | None:
    """The content of the published file; None where it cannot be opened."""
    try:
        return contents(Paths(data).warehouse_file())
    except duckdb.Error:
        return None


def go_on(stand: Stand, data: Path, where: str, told: Told, step: str = "load") -> None:
    """Go on, undisturbed: the same content, and nothing is left of before."""
    try:
        with run_lock(Paths(data).lock):
            told.expect("no lock", True, where)
    except RuntimeError as error:
        told.expect("no lock", False, f"{where}: {error}")
    steps = {"close": (*RUN, "close"), "backup": (*RUN, "backup"), "restore": ("restore", *RUN)}.get(
        step, RUN
    )
    wrong = complete(stand, data, steps)
    told.expect("went on", not wrong, f"{where}: {wrong}")
    other = differing(_shown(data) or {}, stand.closed if step == "close" else stand.undisturbed)
    told.expect("equal", not other, f"{where}: {other}")
    told.expect("returned alike", returned(data) == stand.returned, where)
    told.expect("sound", not (found := differences(Paths(data))), f"{where}: {found}")
    left = [p for p in data.parent.rglob("*") if p.is_file() and _is_left(p)]
    told.expect("no leftovers", not left, f"{where}: {left}")
    if step == "backup":
        empty = fresh(data.parent / "empty")
        done = restore(Paths(empty), data.parent / "backup")
        found = differences(Paths(empty))
        told.expect("backup whole", not done.lost and not found, f"{where}: {done.lost} {found}")


def _is_left(path: Path) -> bool:
    return (
        path.suffix in (".new", ".part", ".wal", ".owner")
        or path.parent.name in ("tmp", "incoming")
        or ".aside" in path.name
        or any(step.startswith(".") for step in path.parts[-3:])
    )


def shuffled(stand: Stand, chance: random.Random) -> Path:
    """All files, each taken in by a run of its own, in another order."""
    data, files = fresh(stand.folder / "shuffled"), sorted(p for p in stand.inbox.rglob("*") if p.is_file())
    chance.shuffle(files)
    sparse = stand.folder / "sparse"
    for file in files:
        (sparse / file.relative_to(stand.inbox)).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, sparse / file.relative_to(stand.inbox))
        assert not (wrong := complete(stand, data, ["intake", "load"], inbox=sparse)), wrong
    assert not (wrong := complete(stand, data)), wrong
    return data


def gbk(folder: Path) -> Mapping[str, str] | None:
    """The environment of a locale in GBK, made in a folder if the system can make one."""
    if not shutil.which("localedef"):
        return None
    folder.mkdir()
    made = ["localedef", "-f", "GBK", "-i", "zh_CN", str(folder / "zh_CN.GBK")]
    subprocess.run(made, stderr=subprocess.DEVNULL)
    is_made = (folder / "zh_CN.GBK" / "LC_CTYPE").exists()
    return {"LOCPATH": str(folder), "LC_ALL": "zh_CN.GBK"} if is_made else None


#: Circumstances that must make no difference: environment, and what is done in the process before it starts.
CIRCUMSTANCES: dict[str, tuple[Mapping[str, str], Callable[[], object] | None]] = {
    "at once": ({}, None),
    "another time zone": ({"TZ": "America/New_York"}, None),
    "a zone of tomorrow": ({"TZ": "Pacific/Kiritimati"}, None),
    "another locale and hash seed": ({"LC_ALL": "C", "PYTHONHASHSEED": "1"}, None),
    "one processor": ({"PYTHONHASHSEED": "7"}, lambda: os.sched_setaffinity(0, {0})),
    "just enough memory": ({}, lambda: resource.setrlimit(resource.RLIMIT_AS, (4000 << 20, 4000 << 20))),
    "a dead proxy": ({"HTTP_PROXY": "http://127.0.0.1:9", "ALL_PROXY": "socks5://127.0.0.1:9"}, None),
}


def under(
    stand: Stand,
    told: Told,
    name: str,
    environment: Mapping[str, str],
    limit: Callable[[], object] | None = None,
) -> None:
    """A run from an empty vault under other circumstances comes to the same content."""
    data = fresh(stand.folder / "other" / "data")
    wrong = complete(stand, data, RUN, limit, **environment)
    told.rounds[name] += 1
    told.expect("equal", not wrong and _shown(data) == stand.undisturbed, f"{name}: {wrong}")
    told.expect("returned alike", returned(data) == stand.returned, name)
    shutil.rmtree(data.parent)


def in_any_order(stand: Stand, told: Told) -> None:
    """Files that arrive one by one in another order come to the same content."""
    data = shuffled(stand, random.Random(3))  # noqa: S311
    told.rounds["shuffled arrival"] += 1
    other = differing(_shown(data) or {}, stand.undisturbed)
    told.expect("equal", not other, f"shuffled arrival: {other}")


def wrong_clock(stand: Stand, told: Told, clock: datetime) -> None:
    """A clock that is far off takes nothing in and says so; set right, the run goes on."""
    name = f"a clock of {clock:%Y}"
    data = stand.copy("intake", "clock")
    wrong = complete(stand, data, SOAK_NOW=clock.isoformat())
    told.rounds[name] += 1
    told.expect(
        "said", wrong.startswith("1:") and f"clock says {clock:%Y-%m-%d}" in wrong, f"{name}: {wrong}"
    )
    told.expect("opened", _shown(data) == stand.first, name)
    go_on(stand, data, name, told)
    shutil.rmtree(data.parent)


#: Limits at which a run must end by itself, with the old edition in place, and go on without them.
LIMITS: dict[str, Callable[[], object]] = {
    "files of 3 MB": lambda: (
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN),
        resource.setrlimit(resource.RLIMIT_FSIZE, (3 << 20, 3 << 20)),
    ),
    "few file handles": lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (12, 12)),
    "little memory": lambda: resource.setrlimit(resource.RLIMIT_AS, (3999 << 20, 3999 << 20)),
}


def short_of(stand: Stand, name: str, told: Told) -> None:
    """A run under one of the `LIMITS`, then one without."""
    data = stand.copy("intake", "short")
    _ended_by_itself(stand, data, name, complete(stand, data, RUN, LIMITS[name]), told)
    shutil.rmtree(data.parent)


def full_disk(stand: Stand, room: int, told: Told) -> bool:
    """A run on a file system of its own that is full but for some MB, then one with room; whether this can be tried here."""
    name, folder = f"a disk with {room} MB left", stand.folder / "disk"
    folder.mkdir(exist_ok=True)
    if not _mount("-t", "tmpfs", "-o", "size=2g", "none", str(folder)):
        return False
    try:
        data = Path(shutil.copytree(stand.before("intake"), folder / "state")) / "data"
        used = shutil.disk_usage(folder).used
        assert _mount("-o", f"remount,size={used + (room << 20)}", str(folder))
        wrong = complete(stand, data)
        assert _mount("-o", "remount,size=2g", str(folder))
        _ended_by_itself(stand, data, name, wrong, told)
    finally:
        subprocess.run(["umount", str(folder)], check=True)  # noqa: S607
    return True


def read_only(stand: Stand, told: Told) -> bool:
    """A run in a folder that cannot be written to, then one in the folder itself; whether this can be tried here."""
    data = stand.copy("intake", "short")
    folder = str(data.parent)
    if is_mounted := _mount("--bind", folder, folder):
        try:
            assert _mount("-o", "remount,bind,ro", folder)
            wrong = complete(stand, data)
        finally:
            subprocess.run(["umount", folder], check=True)  # noqa: S607
        _ended_by_itself(stand, data, "a read-only folder", wrong, told)
    shutil.rmtree(data.parent)
    return is_mounted


def _mount(*arguments: str) -> bool:
    return subprocess.run(["mount", *arguments], stderr=subprocess.DEVNULL).returncode == 0  # noqa: S607


def _ended_by_itself(stand: Stand, data: Path, name: str, wrong: str, told: Told) -> None:
    told.rounds[name] += 1
    told.expect(
        "said", wrong.startswith("1:") and "Traceback" not in wrong, f"{name}: {wrong or 'completed'}"
    )
    told.expect("opened", _shown(data) == stand.first, f"{name}: another edition")
    go_on(stand, data, name, told)


def readers(stand: Stand, opens: int, publishes: int) -> int:
    """Open the edition again and again while it is published; how many opens saw a whole edition."""
    source, target = (
        Paths(stand.before("load") / "data").build_file(),
        stand.folder / "read" / "warehouse.duckdb",
    )
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
