"""Words that nobody knows: found again in the files, offered with what they may mean, let in for one unit alone, taken back."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.contract.catalogue import ContractError, records
from flows.contract.spelling import LearntWord, learn, learnt, own_codes, revoke, spellings
from flows.database.connect import open_build
from flows.ingest.vault import Vault
from flows.normalise.unsettled_words import UnsettledWord, unsettled_words
from tests.support.world import HEADER, World, case

FILE = "2015年调解台账.csv"


def found(world: World, *known: LearntWord) -> dict[str, UnsettledWord]:
    with open_build(world.paths) as con:
        return {w.word: w for w in unsettled_words(con, Vault(world.paths.vault), records(), known)}


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clone whose learnt words are used by the load."""
    folder = tmp_path / "clone"
    monkeypatch.setattr("flows.normalise.load.spellings", lambda: spellings(folder))
    monkeypatch.setattr("flows.normalise.unsettled_words.spellings", lambda: spellings(folder))
    monkeypatch.setattr("flows.normalise.load.own_codes", lambda: own_codes(folder))
    return folder


def test_a_word_is_found_offered_let_in_and_taken_back(tmp_path: Path, root: Path) -> None:
    world = World(tmp_path / "data")
    world.send(
        "2016-01-05", FILE, case(1, result="谈妥了"), case(2), header=HEADER.replace("结案日期", "了结那天")
    )
    world.build()
    words = found(world)
    assert words.keys() == {"谈妥了", "了结那天"}
    header, word = words["了结那天"], words["谈妥了"]
    assert next(iter(header.candidates)) == "closed_on"
    assert (header.count, header.samples) == (2, ("0000-00-00",))
    assert (word.column, word.count, word.samples) == ("result", 1, ())
    assert "agreed" in word.candidates

    chosen = [
        LearntWord("yongchuan", "mediation", "", "了结那天", "closed_on", "数据办", "2016-01-06"),
        LearntWord("yongchuan", "mediation", "result", "谈妥了", "agreed", "数据办", "2016-01-06"),
    ]
    learn(chosen, root)
    assert learnt(root) == tuple(chosen)
    world.paths.build_file().unlink()
    world.build()
    assert world.ask(
        "select result, closed_on is not null, open_columns from current.mediation order by row_number"
    ) == [
        ("agreed", True, None),
        ("agreed", True, None),
    ]

    revoke(chosen[1], root)
    assert learnt(root) == (chosen[0],)
    world.paths.build_file().unlink()
    world.build()
    assert world.ask("select result from current.mediation where open_columns is not null") == [(None,)]


def test_a_table_that_nobody_knows_is_said_by_hand_to_be_of_a_kind(tmp_path: Path, root: Path) -> None:
    """First its kind, by the words of its header line; then what its columns mean, as in any table."""
    world = World(tmp_path / "data")
    header = "来信序,那一天,谁来,几个人"
    world.send("2016-01-05", "2015年信访.csv", "1,2015-03-05,张×,3", "2,2015-04-06,李×,5", header=header)
    world.build()
    word = found(world)[header.replace(",", "|")]
    assert (word.unit, word.record, word.column, word.count) == ("yongchuan", "", "", 2)
    assert word.samples == (), "no cell is shown of a table that nobody knows"

    said = LearntWord("yongchuan", "mediation", "", word.word, "table", "数据办", "2016-01-06")
    learn([said], root)
    assert learnt(root) == (said,)
    world.paths.build_file().unlink()
    world.build()
    assert world.ask("select count(*) from core.mediation") == [(2,)]
    assert found(world)["那一天"].record == "mediation", "its columns are asked about like any other's"

    learn([LearntWord("yongchuan", "mediation", "", "那一天", "accepted_on", "数据办", "2016-01-06")], root)
    world.paths.build_file().unlink()
    world.build()
    assert world.ask("select accepted_on::varchar from core.mediation order by row_number") == [
        ("2015-03-05",),
        ("2015-04-06",),
    ]


def test_another_unit_is_offered_the_word_and_not_given_it(tmp_path: Path, root: Path) -> None:
    own = LearntWord("yongchuan", "mediation", "result", "谈妥了", "agreed", "数据办", "2016-01-06")
    learn([own], root)
    world = World(tmp_path / "data")
    world.send("2016-01-05", FILE, case(1, result="谈妥了"), sender="江津区")
    world.build()
    assert world.ask("select result, open_columns from current.mediation") == [(None, ["result"])]
    assert found(world, own)["谈妥了"].elsewhere == (own,)


def test_a_folder_that_is_no_unit_is_among_them(tmp_path: Path) -> None:
    world = World(tmp_path / "data")
    world.send("2016-01-05", FILE, case(1), sender="永川总工汇")
    world.build()
    assert "yongchuan" in found(world)["永川总工汇"].candidates


@pytest.mark.parametrize(
    "wrong",
    [
        LearntWord("yongchuan", "mediation", "result", "谈妥了", "no_such_code"),
        LearntWord("yongchuan", "mediation", "", "了结那天", "no_such_column"),
        LearntWord("yongchuan", "no_such_kind", "", "了结那天", "closed_on"),
        LearntWord("yongchuan", "mediation", "result", "好了", "refused"),
    ],
)
def test_a_word_that_could_not_take_effect_leaves_the_files_as_they_are(
    root: Path, wrong: LearntWord
) -> None:
    before = LearntWord("yongchuan", "mediation", "result", "好了", "agreed")
    learn([before], root)
    with pytest.raises(ContractError):
        learn([wrong], root)
    assert learnt(root) == (before,)
