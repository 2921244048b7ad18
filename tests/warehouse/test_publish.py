"""Publication: read-only, whole, beside open readers, and without a write-ahead log that would replay."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb
import pytest

from flows.database.connect import NoWarehouse, open_build
from flows.ingest.chain import Chain
from flows.ingest.ledger import VaultError
from flows.metrics.refresh import measure
from flows.warehouse.publish import CheckFailed, check, publish, swap_in
from flows.warehouse.query import run_sql
from tests.support.world import World, case


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    world = World(tmp_path_factory.mktemp("publish"))
    world.send("2016-01-05", "2015年调解台账.csv", case(1), case(2))
    world.build()
    measure(world.paths)
    return world


def test_an_edition_is_read_only_and_open_readers_keep_theirs(world: World) -> None:
    first = publish(world.paths)
    assert first.path.stat().st_mode & 0o777 == 0o440 and first.cleared_wal is None
    reader = duckdb.connect(str(first.path), read_only=True)
    publish(world.paths)
    assert reader.execute("select count(*) from current.mediation").fetchone() == (2,)
    reader.close()
    assert run_sql(first.path, "select count(*) as n from core.mediation")["n"].tolist() == [2]


def test_a_stray_log_beside_the_old_edition_is_removed_and_named(world: World) -> None:
    edition = publish(world.paths).path
    stray = edition.with_name(edition.name + ".wal")
    stray.write_bytes(b"left behind")
    assert publish(world.paths).cleared_wal == stray and not stray.exists()


def test_a_failing_check_publishes_nothing(world: World) -> None:
    before = publish(world.paths).path.read_bytes()
    with open_build(world.paths) as con:
        con.execute("insert into meta.stale values ('mediation')")
        with pytest.raises(CheckFailed, match="nothing_stale"):
            check(con)
    with pytest.raises(CheckFailed):
        publish(world.paths)
    assert world.paths.warehouse_file().read_bytes() == before
    with open_build(world.paths) as con:
        con.execute("delete from meta.stale")


def test_a_copy_that_was_cut_off_is_overwritten(tmp_path: Path) -> None:
    source, target = tmp_path / "build.duckdb", tmp_path / "out" / "warehouse.duckdb"
    duckdb.connect(str(source)).close()
    target.parent.mkdir()
    target.with_name(".warehouse.duckdb.new").write_bytes(b"half")
    assert swap_in(source, target).path.read_bytes() == source.read_bytes()


def test_an_edition_is_published_where_a_folder_cannot_be_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on Windows; the new name may then be lost in a power cut, and the edition before is still there."""
    source, target = tmp_path / "build.duckdb", tmp_path / "out" / "warehouse.duckdb"
    duckdb.connect(str(source)).close()
    opened = os.open

    def refuse(path: Path, *rest: int) -> int:
        if Path(path).is_dir():
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, *rest)

    monkeypatch.setattr(os, "open", refuse)
    assert swap_in(source, target).path.read_bytes() == source.read_bytes()
    Chain(tmp_path).append([{"event": "delivery"}])
    assert Chain(tmp_path).lines().events == [{"event": "delivery", "prev": ""}]


def test_a_missing_warehouse_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(NoWarehouse, match="union-assessment run"):
        run_sql(tmp_path / "none.duckdb", "select 1")


def test_a_replaced_key_is_refused(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.send("2016-01-05", "2015年调解台账.csv", case(1))
    world.build()
    measure(world.paths)
    before = publish(world.paths).path.read_bytes()
    key = world.paths.vault / "key"
    key.write_bytes(bytes(32))
    with pytest.raises(VaultError, match="another key"):
        world.build()
    world.paths.build_file().unlink()  # and what was published remembers
    with pytest.raises(VaultError, match="another key"):
        world.build()
    assert world.paths.warehouse_file().read_bytes() == before
