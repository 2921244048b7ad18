"""What can be made again from the vault is: a build that is damaged, of another shape or not what was loaded."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from flows.database.connect import open_build
from flows.ingest.lock import run_lock
from flows.metrics.refresh import measure
from flows.warehouse.publish import publish
from tests.support.world import World, case

ROWS = "from current.mediation order by all"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    world = World(tmp_path_factory.mktemp("rebuilt") / "data")
    world.send("2016-01-05", "2015年调解台账.csv", *(case(n) for n in range(1, 400)))
    world.build()
    measure(world.paths)
    publish(world.paths)
    return world.paths.data


@pytest.fixture
def world(published: Path, tmp_path: Path) -> World:
    """The same in a folder with quotes in its name."""
    return World(Path(shutil.copytree(published, tmp_path / '王\'s "data"')))


def by_hand(sql: str) -> Callable[[World], None]:
    def change(world: World) -> None:
        with open_build(world.paths) as con:
            con.execute(sql)

    return change


def bad_block(world: World) -> None:
    file = world.paths.build_file()
    content = bytearray(file.read_bytes())
    for at in range(20_000, len(content) - 1, 50_000):
        content[at] ^= 0xFF
    file.write_bytes(content)


def cut_off(world: World) -> None:
    content = world.paths.build_file().read_bytes()
    world.paths.build_file().write_bytes(content[: len(content) // 2])


DAMAGES = {
    "bad block": bad_block,
    "cut off": cut_off,
    "no database": lambda world: world.paths.build_file().write_bytes(b"nothing"),
    "older shape": by_hand("alter table meta.delivery drop column evidence"),
    "newer shape": by_hand("alter table core.mediation add column more varchar"),
    "no seals": by_hand("delete from meta.seal"),
}
HANDS = {
    "value": by_hand(
        "update core.mediation set amount_paid_yuan = amount_paid_yuan + 1 where row_number = 2"
    ),
    "row": by_hand("delete from core.mediation where row_number = 2"),
    "doubled row": by_hand("insert into core.mediation from core.mediation where row_number = 2"),
    "part": by_hand("update meta.part set in_force = false"),
    "figure": by_hand("update metric.value set value = value + 1"),
}


@pytest.mark.parametrize("damage", [*DAMAGES, *HANDS])
def test_a_build_that_cannot_be_gone_on_with_is_not_published_and_made_anew(
    world: World, damage: str
) -> None:
    before, edition = world.ask(ROWS), world.paths.warehouse_file().read_bytes()
    (DAMAGES | HANDS)[damage](world)
    with pytest.raises(Exception, match="made anew" if damage in HANDS else None):
        publish(world.paths)
    assert world.paths.warehouse_file().read_bytes() == edition
    remade = world.build().remade
    aside = world.paths.vault / "build.aside.duckdb"
    assert remade is not None and str(aside) in remade
    assert aside.is_file()
    assert world.ask(ROWS) == before
    assert world.build().remade is None


def test_a_build_in_an_older_format_is_made_anew(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file keeps the format that it was made in, so that code of before would go on with it for ever."""
    before = world.ask(ROWS)
    with monkeypatch.context() as older:
        older.setattr("flows.database.connect.STORAGE_VERSION", "v1.3.0")
        assert world.build().remade is not None
    assert world.build().remade is not None
    assert world.ask(ROWS) == before and world.build().remade is None


def test_a_build_that_somebody_else_has_open_is_not_taken_for_damaged(world: World) -> None:
    other = duckdb.IOException('IO Error: Could not set lock on file "build.duckdb"')
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("flows.normalise.build._unusable", lambda *_: (_ for _ in ()).throw(other))
        with pytest.raises(duckdb.IOException):
            world.build()
    assert not (world.paths.vault / "build.aside.duckdb").exists()
    assert world.build().remade is None


def test_a_run_that_was_cut_off_between_batches_goes_on_where_it_was(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.send("2016-02-05", "2014年调解台账.csv", case(1, accepted="2014-03-01", closed="2014-04-01"))
    with monkeypatch.context() as cut:
        cut.setattr("flows.normalise.build._derive", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            world.build()
    assert world.build().remade is None
    assert world.ask("select count(*) from current.mediation") == [(400,)]


def test_what_a_killed_run_left_is_gone_with_the_next(world: World) -> None:
    """A spill file, a supposed ledger, a returned workbook with all its cells, a trace; one that is at it goes on."""
    names = (
        "duckdb_temp_storage_S32K-0.tmp",
        "supposed.duckdb.wal",
        "tmp0k7_18c6.xlsx",
        "proof-a/proof.duckdb",
    )
    left = [world.paths.temporary / name for name in names]
    held = world.paths.temporary / "proof-b" / "proof.duckdb"
    for path in (*left, held):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"left")
    with run_lock(held.parent / "lock"):
        world.build()
    assert not any(path.exists() for path in left)
    assert held.exists()
    world.build()
    assert list(world.paths.temporary.iterdir()) == []
