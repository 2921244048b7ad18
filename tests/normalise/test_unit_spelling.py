"""An unknown header on its way: its column is held with a suggestion, and used once the unit's own spelling is known."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.contract.spelling import FOLDER, spellings
from tests.support.world import HEADER, World, case


def test_an_unknown_header_is_suggested_and_its_registration_lets_the_column_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(tmp_path / "data")
    header = HEADER.replace("结案日期", "结案日期间")
    world.send("2016-01-05", "2015年调解台账.csv", case(1), header=header)
    assert world.build().accepted == 1
    is_open = "select closed_on, list_contains(open_columns, 'closed_on') from current.mediation"
    assert world.ask(is_open) == [(None, True)]
    ((message, column),) = world.ask(
        "select message, column_name from meta.issue where issue_code = 'header_unknown'"
    )
    assert column == "E"
    assert str(message).startswith("E列的表头“结案日期□")
    assert str(message).endswith("；疑似“结案日期”")

    file = tmp_path / FOLDER / "yongchuan.csv"
    file.parent.mkdir(parents=True)
    file.write_text("record,header,column,note\nmediation,结案日期间,closed_on,\n", encoding="utf-8")
    monkeypatch.setattr("flows.normalise.load.spellings", lambda: spellings(tmp_path))
    world.paths.build_file().unlink()
    assert world.build().accepted == 1
    assert world.ask("select cast(closed_on as varchar), open_columns from current.mediation") == [
        ("2015-03-20", None)
    ]
    other = World(tmp_path / "other")
    other.send("2016-01-05", "2015年调解台账.csv", case(1), sender="江津区", header=header)
    other.build()
    assert other.ask(is_open) == [(None, True)]


def test_a_header_unlike_any_column_is_suggested_by_its_cells(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.send("2016-01-05", "2015年调解台账.csv", case(1), header=HEADER.replace("结案日期", "我区自设"))
    world.build()
    ((message,),) = world.ask("select message from meta.issue where issue_code = 'header_unknown'")
    assert str(message).endswith("；疑似“结案日期”")
