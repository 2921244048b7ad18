"""Whatever is altered behind the system's back is noticed, and by which command.

Each line of the table is one tampering with a copy of a data folder that has three deliveries, a withdrawal and a closed year.
`run` is the comparison that every run and publication begins with: it stops them before anything is taken in or
published. What a run makes anew anyway does not stop it, and `verify` names it.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import sys
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from flows import cli
from flows.book.close_year import close
from flows.contract.paths import Paths
from flows.ingest.backup import backup, restore
from flows.ingest.closed_file import sha256_of
from flows.ingest.ledger import VaultError, as_lines, read_lines
from flows.ingest.vault import Vault
from flows.metrics.refresh import measure
from flows.normalise.build import build
from flows.warehouse import verify as verify_module
from flows.warehouse.books import BookDamaged
from flows.warehouse.publish import publish
from flows.warehouse.verify import TrustBroken, require, verify
from tests.support.scheme import write_scheme
from tests.support.scored import GROUPS, score
from tests.support.world import World, case

NOON = datetime(2016, 4, 1, 12)
warehouse = Paths.warehouse_file
TODAY = date(2016, 4, 2)
RUN, VERIFY, READ = "run", "verify", "build"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_scheme(tmp_path_factory.mktemp("root"), groups=GROUPS)


@pytest.fixture(scope="module")
def closed(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    paths = score(tmp_path_factory.mktemp("closed"), root)
    shutil.copy(paths.warehouse_file(), paths.data / "older.duckdb")
    world = World(paths.data)
    world.send("2016-02-05", "2015年3月调解台账.csv", case(7))
    world.send("2016-02-06", "2015年调解台账.csv", case(1), sender="大足区总工会")
    world.vault.withdraw(2, "误报", datetime(2016, 2, 7))
    build(paths)
    measure(paths)
    publish(paths)
    close(paths, 2015, NOON, root=root)
    return paths.data


@pytest.fixture
def paths(closed: Path, tmp_path: Path) -> Paths:
    return Paths(Path(shutil.copytree(closed, tmp_path / "data")))


def book(paths: Paths) -> Path:
    return paths.books / "2015-1"


def delete_book(paths: Paths) -> None:
    shutil.rmtree(paths.books)


def edit_book(paths: Paths, table: str = "result", change: str = "grade = 'first'") -> None:
    file = book(paths) / f"{table}.parquet"
    file.chmod(0o644)
    con = duckdb.connect()
    con.execute(
        f"create table t as from '{file}'; update t set {change}; copy t to '{file}' (format parquet)"
    )


def rehash_book(paths: Paths) -> None:
    edit_book(paths)
    sums = book(paths) / "SHA256SUMS"
    sums.chmod(0o644)
    new = hashlib.sha256((book(paths) / "result.parquet").read_bytes()).hexdigest()
    sums.write_text(re.sub(r"[0-9a-f]{64}(?=  result)", new, sums.read_text()))


def after_a_run(tamper: Callable[[Paths], None]) -> Callable[[Paths], None]:
    def both(paths: Paths) -> None:
        publish(paths)
        tamper(paths)

    return both


def vault_file(paths: Paths, delivery_id: int = 1) -> Path:
    return Vault(paths.vault).place(Vault(paths.vault).delivery(delivery_id).sha256)


def flip_bit(paths: Paths) -> None:
    content = vault_file(paths).read_bytes()
    vault_file(paths).write_bytes(content[:-3] + bytes([content[-3] ^ 1]) + content[-2:])


def lose_file(paths: Paths) -> None:
    vault_file(paths).unlink()


def lines(paths: Paths) -> list[bytes]:
    return (paths.vault / "ledger.jsonl").read_bytes().splitlines(keepends=True)


def rewrite(paths: Paths, new: list[bytes]) -> None:
    (paths.vault / "ledger.jsonl").write_bytes(b"".join(new))


def say(paths: Paths, old: str, new: str) -> None:
    """Another text in the first line of the ledger that has the old one."""
    rewrite(paths, b"".join(lines(paths)).replace(old.encode(), new.encode(), 1).splitlines(keepends=True))


def replace_file(paths: Paths) -> None:
    """Other contents, and the line of the ledger that names them."""
    old = vault_file(paths)
    content = old.read_bytes().replace(b"4000", b"9000")
    new = hashlib.sha256(content).hexdigest()
    place = Vault(paths.vault).place(new)
    place.parent.mkdir(exist_ok=True)
    place.write_bytes(content)
    say(paths, old.name, new)


def chain_anew(paths: Paths) -> None:
    """The ledger with a chain of its own."""
    events = [json.loads(line) for line in lines(paths)]
    rewrite(paths, [as_lines(events, "")[0]])


def anchor_anew(paths: Paths) -> None:
    """Ledger and anchor both."""
    chain_anew(paths)
    file = paths.vault / "anchor.jsonl"
    kept = [e for e in read_lines(file).events if e["event"] in ("key", "book")]
    held = read_lines(paths.vault / "ledger.jsonl")
    start = {"event": "start", "lines": len(held.events), "sha256": held.head}
    file.write_bytes(as_lines([start, *kept], "")[0])


def then(*steps: Callable[[Paths], None]) -> Callable[[Paths], None]:
    def all_of_them(paths: Paths) -> None:
        for step in steps:
            step(paths)

    return all_of_them


def drop(event: str) -> Callable[[Paths], None]:
    return lambda paths: rewrite(paths, [line for line in lines(paths) if json.loads(line)["event"] != event])


def forge_withdrawal(paths: Paths) -> None:
    """A line that follows from the one before, as it should, and that nobody decided."""
    head = read_lines(paths.vault / "ledger.jsonl").head
    forged = {"event": "withdrawal", "delivery_id": 1, "reason": "x", "at": "2016-03-01T00:00:00+08:00"}
    rewrite(paths, [*lines(paths), as_lines([forged], head)[0]])


def replace_key(paths: Paths) -> None:
    (paths.vault / "key").write_bytes(os.urandom(32))


def forget_key(paths: Paths) -> None:
    """The anchor anew, without the key that was."""
    file = paths.vault / "anchor.jsonl"
    file.write_bytes(as_lines([e for e in read_lines(file).events if e["event"] != "key"], "")[0])


def alter(file: Callable[[Paths], Path], sql: str) -> Callable[[Paths], None]:
    def change(paths: Paths) -> None:
        file(paths).chmod(0o644)
        with duckdb.connect(str(file(paths))) as con:
            con.execute(sql)

    return change


def note_anew(
    change: Callable[[Paths, dict[str, object]], dict[str, object] | None],
) -> Callable[[Paths], None]:
    """The anchor anew with other lines, chained as they should be."""

    def rewritten(paths: Paths) -> None:
        file = paths.vault / "anchor.jsonl"
        held = ({k: v for k, v in e.items() if k != "prev"} for e in read_lines(file).events)
        file.write_bytes(as_lines([new for e in held if (new := change(paths, e)) is not None], "")[0])

    return rewritten


def without(*events: str) -> Callable[[Paths], None]:
    return note_anew(lambda _, e: None if e["event"] in events else e)


note_book = note_anew(
    lambda p, e: e | {"fingerprint": sha256_of(book(p) / "SHA256SUMS")} if e["event"] == "book" else e
)
note_warehouse = note_anew(
    lambda p, e: e | {"sha256": sha256_of(warehouse(p))} if e["event"] == "published" else e
)


def publish_by_hand(paths: Paths) -> None:
    """The build as the warehouse."""
    paths.warehouse_file().unlink()
    shutil.copy(paths.build_file(), paths.warehouse_file())


def link_file(paths: Paths) -> None:
    """The same bytes, in a place of somebody else's."""
    elsewhere = vault_file(paths).rename(paths.data / "elsewhere")
    vault_file(paths).symlink_to(elsewhere)


def swap_warehouse(paths: Paths) -> None:
    """The edition of before the correction."""
    paths.warehouse_file().unlink()
    shutil.copy(paths.data / "older.duckdb", paths.warehouse_file())


def lose_vault(paths: Paths) -> None:
    shutil.rmtree(paths.vault)


YONGCHUAN = "where unit_code = 'yongchuan'"
TABLE: dict[str, tuple[Callable[[Paths], None], str, str]] = {
    "book deleted": (delete_book, RUN, "2015-1 is gone"),
    "book deleted after a run": (after_a_run(delete_book), RUN, "2015-1 is gone"),
    "book edited": (edit_book, RUN, "result.parquet was changed"),
    "book re-hashed": (rehash_book, RUN, "is not the edition that was closed"),
    "book re-hashed after a run": (after_a_run(rehash_book), RUN, "is not the edition that was closed"),
    "book with its anchor line": (then(rehash_book, note_book), RUN, "shows as closed"),
    "book gone with its anchor line": (then(delete_book, without("book")), RUN, "shows as closed"),
    "vault file made a link": (link_file, RUN, "is a link"),
    "bit of a vault file": (flip_bit, READ, "was changed after it arrived"),
    "vault file deleted": (lose_file, RUN, "is missing"),
    "vault file with its line": (replace_file, RUN, "line 2 does not follow"),
    "the same, chained anew": (then(replace_file, chain_anew), RUN, "lines 1 to 1 are not those"),
    "the same, anchored anew": (then(replace_file, anchor_anew), RUN, "are not those that what is published"),
    "line deleted": (lambda p: rewrite(p, [lines(p)[0], *lines(p)[2:]]), RUN, "line 2 does not follow"),
    "last line lost": (lambda p: rewrite(p, lines(p)[:-1]), RUN, "has 3 lines instead of 4"),
    "line doubled": (lambda p: rewrite(p, [*lines(p), lines(p)[-1]]), RUN, "line 5 does not follow"),
    "lines swapped": (
        lambda p: rewrite(p, [lines(p)[i] for i in (0, 2, 1, 3)]),
        RUN,
        "line 2 does not follow",
    ),
    "received_at": (
        lambda p: say(p, '"received_at":"2016-02-05', '"received_at":"2015-02-05'),
        RUN,
        "line 3",
    ),
    "sender": (lambda p: say(p, '"sender":"dazu"', '"sender":"jiangjin"'), RUN, "line 4 does not follow"),
    "a unit's figure": (
        alter(warehouse, f"update assess.item_score set actual = 9 {YONGCHUAN}"),
        VERIFY,
        r"assess\.item_score \(1 rows\)",
    ),
    "points": (
        alter(warehouse, f"update assess.item_score set points = 99 {YONGCHUAN}"),
        VERIFY,
        "item_score",
    ),
    "total": (
        alter(warehouse, f"update assess.result set total_points = 99 {YONGCHUAN}"),
        VERIFY,
        r"\.result",
    ),
    "place": (alter(warehouse, "update assess.result set group_rank = 3 - group_rank"), VERIFY, r"2 rows"),
    "grade": (
        alter(warehouse, "update assess.result set grade = 'first'"),
        VERIFY,
        r"assess\.result \(1 rows",
    ),
    "peers' figures": (
        alter(warehouse, "update metric.value set value = 0 where unit_code <> 'yongchuan' and value > 0"),
        VERIFY,
        r"metric\.value",
    ),
    "a decided grade": (
        alter(warehouse, "update book.result set grade = 'first'"),
        VERIFY,
        "not the file that",
    ),
    "a grade, noted as published": (
        then(alter(warehouse, "update assess.result set grade = 'first'"), note_warehouse),
        VERIFY,
        r"other rows than what was published from it: assess\.result \(1 rows",
    ),
    "a grade, nothing noted": (
        then(
            alter(warehouse, "update assess.result set grade = 'first'"), without("published", "publishing")
        ),
        VERIFY,
        r"other rows than what was published from it: assess\.result \(1 rows",
    ),
    "a grade in build and warehouse, noted": (
        then(
            alter(Paths.build_file, "update assess.result set grade = 'first'"),
            publish_by_hand,
            note_warehouse,
        ),
        VERIFY,
        r"not what was loaded and computed: assess\.result",
    ),
    "a grade while a run has taken the build further": (
        then(
            alter(Paths.build_file, "update meta.run set is_published = false; delete from book.edition"),
            alter(warehouse, "update assess.result set grade = 'first'"),
            note_warehouse,
        ),
        VERIFY,
        r"not what was published: assess\.result",
    ),
    "build rows": (
        alter(Paths.build_file, "update core.mediation set amount_paid_yuan = 1"),
        VERIFY,
        r"not what was loaded and computed: core\.mediation\.",
    ),
    "warehouse swapped": (swap_warehouse, VERIFY, "is not the file that was published"),
    "key replaced": (replace_key, RUN, "is another key"),
    "the same, with its anchor": (
        then(replace_key, forget_key),
        RUN,
        "is not the key that what is published",
    ),
    "withdrawal removed": (drop("withdrawal"), RUN, "has 3 lines instead of 4"),
    "withdrawal forged": (forge_withdrawal, RUN, "has lines after line 4"),
    "anchor lost": (lambda p: (p.vault / "anchor.jsonl").unlink(), RUN, "anchor.jsonl is missing"),
    "ledger lost": (lambda p: (p.vault / "ledger.jsonl").unlink(), RUN, "has 0 lines instead of 4"),
    "vault lost": (lose_vault, RUN, "has 0 deliveries, and what is published was made from 3"),
}


def test_an_untouched_folder_is_what_it_was(paths: Paths, root: Path) -> None:
    require(paths)
    found = verify(paths, TODAY, date.max, root=root)
    assert found.differences == () and found.counts == {"files": 3, "books": 1, "files_read": 3}


@pytest.fixture(scope="module")
def disk(closed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of before the tampering."""
    target = tmp_path_factory.mktemp("disk")
    backup(Paths(closed), target)
    return target


@pytest.mark.parametrize("name", TABLE)
def test_a_tampering_is_noticed_and_mended(name: str, paths: Paths, root: Path, disk: Path) -> None:
    tamper, by, said = TABLE[name]
    tamper(paths)
    before = paths.warehouse_file().read_bytes()
    found = "\n".join(str(d) for d in verify(paths, TODAY, date.max, root=root).differences)
    assert re.search(said, found), found
    if by == RUN:
        for step in (require, publish):
            with pytest.raises(TrustBroken, match=said):
                step(paths)
        assert "restore" in found
    if by == READ:
        paths.build_file().unlink()
        with pytest.raises(VaultError, match=said):
            build(paths)
    assert paths.warehouse_file().read_bytes() == before
    if by != VERIFY:
        restored = restore(paths, disk)
        assert restored.put_back and restored.lost == ()
        require(paths)
        assert vault_file(paths).stat().st_size and Vault(paths.vault).path(vault_file(paths).name)


def test_a_scheme_other_than_the_one_of_a_closed_year_is_noticed(paths: Paths, tmp_path: Path) -> None:
    other = write_scheme(tmp_path, groups={"yongchuan": "g", "dazu": "h"})
    found = verify(paths, TODAY, None, root=other).differences
    assert [re.search(r"scheme that (\S+) was", d.what)[1] for d in found] == ["2015", "2015-1"]  # type: ignore[index]


def test_verify_status_and_doctor_say_it(paths: Paths, monkeypatch: pytest.MonkeyPatch, root: Path) -> None:
    monkeypatch.setenv("UNION_ASSESSMENT_DATA", str(paths.data))
    monkeypatch.setattr(verify_module, "_schemes", lambda *_: ())
    call = CliRunner().invoke
    sound = call(cli.app, ["verify", "--json"])
    assert (sound.exit_code, json.loads(sound.stdout)["differences"]) == (0, [])
    assert "older than the ledger" not in call(cli.app, ["doctor"]).stdout
    Vault(paths.vault).withdraw(1, "误报", datetime(2016, 4, 1))
    assert "LOOK  the warehouse is older than the ledger by 1 lines" in call(cli.app, ["doctor"]).stdout
    delete_book(paths)
    told = call(cli.app, ["verify", "--all", "--json"])
    assert told.exit_code == 1
    [difference] = json.loads(told.stdout)["differences"]
    assert difference["where"] == str(book(paths)) and "restore" in difference["what"]
    assert "NOT AS IT WAS" in call(cli.app, ["status"]).stdout
    looked = call(cli.app, ["doctor"])
    assert looked.exit_code == 1 and re.search("LOOK .*2015-1 is gone", looked.stdout)
    flip_bit(paths)
    assert re.search("LOOK .*was changed after it arrived", call(cli.app, ["doctor"]).stdout)


def test_status_reads_every_byte_and_does_without_a_warehouse(
    paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UNION_ASSESSMENT_DATA", str(paths.data))
    call = CliRunner().invoke
    told = call(cli.app, ["status"])
    assert told.exit_code == 0 and "NOT AS IT WAS" not in told.stdout
    flip_bit(paths)
    for spoil in (lambda: None, warehouse(paths).unlink):
        spoil()
        told = call(cli.app, ["status"])
        assert told.exit_code == 1 and re.search("NOT AS IT WAS: .*was changed after it arrived", told.stdout)
    assert "no warehouse at" in told.stdout and re.search("NOT AS IT WAS: .*duckdb: is missing", told.stdout)


def test_an_edition_that_was_changed_is_kept_and_named_by_the_run_that_takes_its_place(paths: Paths) -> None:
    alter(warehouse, "update assess.result set grade = 'first'")(paths)
    forged = warehouse(paths).read_bytes()
    altered = publish(paths).altered
    assert altered is not None and altered.read_bytes() == forged
    assert verify_module.warehouse_differences(paths) == [] and publish(paths).altered is None


def test_a_run_that_was_cut_off_is_no_change_by_hand(paths: Paths) -> None:
    """Before there was anything in a new build, and after it was read and before it was published."""
    paths.build_file().unlink()
    duckdb.connect(str(paths.build_file())).close()
    assert verify_module.warehouse_differences(paths) == []
    assert "cut off" in str(build(paths).remade) and not list(paths.vault.glob("build.aside*"))
    assert verify_module.warehouse_differences(paths) == []


@pytest.mark.parametrize("moment", ["flows.warehouse.publish.swap_in", "flows.warehouse.publish.sync_folder"])
def test_a_publication_that_was_cut_off_is_no_change_by_hand(
    paths: Paths, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """Before the file is in its place, and after that but before the anchor says so."""
    with monkeypatch.context() as cut:
        cut.setattr(moment, lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            publish(paths)
    assert verify_module.warehouse_differences(paths) == []
    assert publish(paths).altered is None


def test_an_older_copy_of_everything_is_noticed_by_what_lies_elsewhere(paths: Paths, tmp_path: Path) -> None:
    """A backup, and the end of the chain that somebody wrote down: nothing inside the folder can tell."""
    older, disk = Path(shutil.copytree(paths.data, tmp_path / "older")), tmp_path / "backup"
    call, environment = CliRunner().invoke, {"UNION_ASSESSMENT_DATA": str(paths.data)}
    Vault(paths.vault).withdraw(1, "误报", datetime(2016, 4, 1))
    publish(paths)
    backup(paths, disk)
    head = json.loads(call(cli.app, ["verify", "--json"], env=environment).stdout)["head"]
    assert not verify_module.older_than(paths, head[:16])
    shutil.rmtree(paths.data)
    older.rename(paths.data)
    assert verify_module.differences_at_hand(paths) == []
    told = call(cli.app, ["verify", "--head", head[:16]], env=environment)
    assert told.exit_code == 1 and "an older copy was put back" in told.stdout
    with pytest.raises(VaultError, match="is newer than this vault"):
        backup(paths, disk)
    assert restore(paths, disk).put_back and not verify_module.older_than(paths, head)


def test_verify_goes_on_where_it_was(paths: Paths, root: Path) -> None:
    """A file is read once per span; one whose bytes rot afterwards is found when it is due again."""
    assert verify(paths, date(2016, 4, 2), None, root=root).counts["files_read"] == 3
    assert verify(paths, date(2016, 4, 3), None, root=root).counts["files_read"] == 0
    flip_bit(paths)
    assert verify(paths, date(2016, 4, 9), date(2016, 4, 2), root=root).differences == ()
    again = verify(paths, date(2016, 5, 9), date(2016, 4, 11), root=root)
    assert again.counts["files_read"] == 3 and len(again.differences) == 1
    last = verify(paths, date(2016, 5, 10), date(2016, 4, 11), root=root)
    assert last.counts["files_read"] == 1, "only the one that was not sound"


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
@pytest.mark.parametrize("is_apart", [False, True])
def test_a_destroyed_data_folder_is_restored(
    paths: Paths, root: Path, tmp_path: Path, is_apart: bool
) -> None:
    disk = tmp_path / "disk"
    key = ["--key", str(tmp_path / "safe" / "key")] if is_apart else []
    environment = {"UNION_ASSESSMENT_DATA": str(paths.data)}
    call = CliRunner().invoke
    before = [d.sha256 for d in Vault(paths.vault).deliveries()]
    fingerprint = Vault(paths.vault).key_fingerprint()
    assert call(cli.app, ["backup", str(disk), *key], env=environment).exit_code == 0
    assert (disk / "0001" / "key").exists() != is_apart
    assert all(p.stat().st_mode & 0o077 == 0 for p in disk.rglob("*"))
    shutil.rmtree(paths.data)
    done = call(cli.app, ["restore", str(disk), *key], env=environment)
    assert done.exit_code == 0, done.output
    assert [d.sha256 for d in Vault(paths.vault).deliveries()] == before
    assert Vault(paths.vault).key_fingerprint() == fingerprint
    assert verify(paths, TODAY, date.max, root=root).counts == {"files": 3, "books": 1, "files_read": 3}
    build(paths)
    if is_apart:
        (paths.vault / "key").unlink()
        lost = call(cli.app, ["restore", str(disk)], env=environment)
        assert lost.exit_code == 1 and "key is missing" in lost.stdout, "said, and not made anew"


def test_what_came_after_the_backup_stays(paths: Paths, tmp_path: Path) -> None:
    backup(paths, tmp_path / "disk")
    World(paths.data).send("2016-05-05", "2015年4月调解台账.csv", case(9))
    flip_bit(paths)
    restored = restore(paths, tmp_path / "disk")
    assert [p.name for p in restored.put_back] == [vault_file(paths).name]
    assert len(Vault(paths.vault).deliveries()) == 4
    assert len(list(restored.aside.rglob("*"))) > 0, "what was replaced is set aside"
    backup(paths, tmp_path / "disk")
    assert sorted(p.name for p in (tmp_path / "disk").iterdir()) == ["0001", "0002", "file"]


def test_a_backup_that_is_older_than_the_warehouse_sets_it_aside(paths: Paths, tmp_path: Path) -> None:
    backup(paths, tmp_path / "disk")
    World(paths.data).send("2016-05-05", "2015年4月调解台账.csv", case(9))
    build(paths)
    measure(paths)
    publish(paths)
    lose_vault(paths)
    done = CliRunner().invoke(
        cli.app, ["restore", str(tmp_path / "disk")], env={"UNION_ASSESSMENT_DATA": str(paths.data)}
    )
    assert done.exit_code == 0 and "put the files that came later" in done.output
    require(paths)


def test_a_backup_of_what_is_not_sound_is_refused_and_one_of_another_vault(
    paths: Paths, tmp_path: Path
) -> None:
    state = backup(paths, tmp_path / "disk")
    other = World(tmp_path / "other")
    other.send("2016-01-05", "2015年调解台账.csv", case(1))
    with pytest.raises(VaultError, match="not a backup of this vault"):
        backup(other.paths, tmp_path / "disk")
    flip_bit(paths)
    with pytest.raises(VaultError, match="was changed after it arrived"):
        backup(paths, tmp_path / "elsewhere")
    (state / "ledger.jsonl").write_bytes(b"")
    with pytest.raises(VaultError, match="is not what was backed up"):
        restore(paths, tmp_path / "disk")


def test_a_damaged_book_is_named_by_itself(paths: Paths) -> None:
    from flows.warehouse.books import books

    edit_book(paths)
    with pytest.raises(BookDamaged, match="restore"):
        books(paths.books)
