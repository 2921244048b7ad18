"""An unknown header on its way: held back with a suggestion, used once the unit's own spelling is known."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.contract.spelling import FOLDER, spellings
from tests.support.world import HEADER, World, case


def test_an_unknown_header_is_suggested_and_its_registration_lets_the_file_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(tmp_path / "data")
    header = HEADER.replace("结案日期", "结案日期间")
    world.send("2016-01-05", "2015年调解台账.csv", case(1), header=header)
    assert world.build().accepted == 0
    ((message, column),) = world.ask(
        "select message, column_name from meta.issue where issue_code = 'header_unknown'"
    )
    assert column == "E"
    assert str(message).startswith("E列的表头不认识")
    assert str(message).endswith("；疑似“结案日期”")
    assert "结案日期间" not in str(message)

    file = tmp_path / FOLDER / "yongchuan.csv"
    file.parent.mkdir(parents=True)
    file.write_text("record,header,column,note\nmediation,结案日期间,closed_on,\n", encoding="utf-8")
    monkeypatch.setattr("flows.normalise.load.spellings", lambda: spellings(tmp_path))
    world.paths.build_file().unlink()
    assert world.build().accepted == 1
    assert world.ask("select cast(closed_on as varchar) from current.mediation") == [("2015-03-20",)]
    other = World(tmp_path / "other")
    other.send("2016-01-05", "2015年调解台账.csv", case(1), sender="江津区", header=header)
    assert other.build().accepted == 0


def test_a_header_unlike_any_column_has_no_suggestion(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.send("2016-01-05", "2015年调解台账.csv", case(1), header=HEADER.replace("结案日期", "我区自设"))
    world.build()
    ((message,),) = world.ask("select message from meta.issue where issue_code = 'header_unknown'")
    assert str(message).endswith("登记本单位的写法")
