"""What becomes of an issue while a clerk corrects: open, answered, closed, withdrawn; and the counts that fall."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from flows.read.roundtrip.marks import KEY_HEADER, NOTE_HEADER, RowKey
from tests.support.world import HEADER, World, case

NAME = "2015年劳动争议调解台账.csv"
#: Without the check that follows from a date that cannot be read.
STATES = (
    "select delivery_id, row_number, issue_code, state from meta.issue "
    "where severity <> 'info' and issue_code <> 'agreed_has_close' order by all"
)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def states(world: World) -> list[tuple[object, ...]]:
    world.build()
    step_by_step = world.ask(STATES)
    world.paths.build_file().unlink()
    world.build()
    assert world.ask(STATES) == step_by_step  # what is open does not depend on when a build ran
    return step_by_step


def test_a_file_that_replaces_another_answers_what_was_wrong_with_it(world: World) -> None:
    world.send("2016-01-05", NAME, case(1), case(2, closed="下周"), case(3, closed="月底"))
    assert [s[3] for s in states(world)] == ["open", "open"]
    world.send("2016-01-20", NAME, case(1), case(2), case(3, closed="月底"))
    assert states(world) == [
        (1, 3, "date_unreadable", "answered"),
        (1, 4, "date_unreadable", "answered"),
        (2, 4, "date_unreadable", "open"),
    ]
    world.send("2016-01-25", NAME, case(1), case(2), case(3))
    assert {s[3] for s in states(world)} == {"answered"}


def test_a_withdrawal_of_the_answer_opens_the_question_again(world: World) -> None:
    world.send("2016-01-05", NAME, case(1, closed="下周"))
    world.send("2016-01-20", NAME, case(1))
    assert [s[3] for s in states(world)] == ["answered"]
    world.vault.withdraw(2, "误报", datetime(2016, 1, 21))
    assert [s[3] for s in states(world)] == ["open"]
    world.vault.withdraw(1, "误报", datetime(2016, 1, 22))
    assert [s[3] for s in states(world)] == ["withdrawn"]


def test_a_row_that_came_back_right_is_closed_and_one_that_did_not_is_asked_of_the_new_file(
    world: World,
) -> None:
    world.send("2016-01-05", NAME, case(1, closed="下周"), case(2, closed="月底"))
    sha = world.vault.deliveries()[0].sha256
    book = openpyxl.Workbook()
    table = book.active
    table.append([*HEADER.split(","), NOTE_HEADER, KEY_HEADER])
    for row, line in ((2, case(1)), (3, case(2, closed="年底"))):
        table.append([*line.split(","), None, str(RowKey.of(1, row, sha, ""))])
    book.save(world.paths.inbox / "永川区总工会" / "2015年调解（报回）.xlsx")
    world.take_in("2016-01-20")
    assert states(world) == [
        (1, 2, "date_unreadable", "closed"),
        (1, 3, "date_unreadable", "answered"),
        (2, 3, "date_unreadable", "open"),
    ]


def test_a_table_that_was_held_back_is_answered_by_the_same_file_put_right(world: World) -> None:
    name = "劳动争议调解台账.csv"  # no period anywhere: held back, and it has no slot of its own
    world.send("2016-01-05", name, case(1))
    assert [s[2:] for s in states(world)] == [("period_unknown", "open")]
    world.send("2016-01-20", name, HEADER, case(1), header="2015年劳动争议调解台账")
    assert [s[2:] for s in states(world)] == [("period_unknown", "answered")]


def test_a_tie_is_answered_by_a_third_file(world: World) -> None:
    world.write(NAME, case(1))
    world.send("2016-01-05", "2015年度调解台账（更正）.csv", case(2))
    assert [s[2:] for s in states(world)] == [("slot_tie", "open")] * 2
    world.send("2016-01-09", "2015年调解（定稿）.csv", case(1), case(2))
    assert [s[2:] for s in states(world)] == [("slot_tie", "answered")] * 2


def test_a_file_that_could_not_be_read_is_answered_when_it_comes_again(world: World) -> None:
    path = world.paths.inbox / "永川区总工会" / "2015年调解.xlsx"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"%PDF-1.4 not a table")
    world.take_in("2016-01-05")
    assert [s[2:] for s in states(world)] == [("format_pdf", "open")]
    openpyxl.Workbook().save(path)
    world.take_in("2016-01-06")
    assert [s[2:] for s in states(world) if s[0] == 1] == [("format_pdf", "answered")]


def test_a_folder_that_is_no_unit_is_answered_when_the_file_lies_in_one(world: World) -> None:
    world.send("2016-01-05", NAME, case(1), sender="永川大区")
    assert [s[2:] for s in states(world)] == [("sender_unknown", "open")]
    (world.paths.inbox / "永川大区").rename(world.paths.inbox / "永川区总工会")
    world.take_in("2016-01-06")
    assert [s[2:] for s in states(world)] == [("sender_unknown", "answered")]
    assert world.ask("select count(*) from current.mediation") == [(1,)]


def test_a_row_that_vanished_is_asked_once_and_of_the_last_file_that_had_it(world: World) -> None:
    world.send("2016-01-05", NAME, case(1), case(2))
    world.send("2016-01-06", NAME, case(1), case(2), case(3))
    world.send("2016-01-07", NAME, case(1), case(3))
    assert states(world) == [(1, 3, "key_vanished", "answered"), (2, 3, "key_vanished", "open")]
    world.send("2016-01-08", NAME, case(1, paid="1"), case(3))  # sent again without it: that is the answer
    assert {s[3] for s in states(world)} == {"answered"}


def test_a_part_in_force_stays_open_whatever_comes_beside_it(world: World) -> None:
    world.send("2016-01-05", NAME, case(1, closed="下周"))
    world.send("2016-01-06", "2014年劳动争议调解台账.csv", case(1, "2014-05-01", "2014-06-01"))
    world.send("2016-01-07", NAME, case(1, closed="下周"), sender="江津区总工会")
    assert [s[3] for s in states(world)] == ["open", "open"]
