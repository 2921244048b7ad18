"""A returned file that comes back: rows by their keys, what closed, what else was changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest

from flows.read.roundtrip.marks import KEY_HEADER, NOTE_HEADER, RowKey
from tests.support.world import HEADER, World, case

NAME = "2015年劳动争议调解台账"
SENDER = "永川区总工会"


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def send_back(
    world: World,
    day: str,
    lines: list[tuple[str, str | None]],
    *,
    header: str = HEADER,
    sender: str = SENDER,
    sheet: str = "数据",
) -> None:
    """Write a workbook of (line, key) as a district would send it back, and take it in."""
    book = openpyxl.Workbook()
    table = book.active
    table.title = sheet
    table.append([*header.split(","), NOTE_HEADER, KEY_HEADER])
    for line, key in lines:
        table.append([*line.split(","), None, key])
    path = world.paths.inbox / sender / f"{NAME}（报回）.xlsx"
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)
    world.take_in(day)


def key(world: World, row: int, delivery: int = 1, sheet: str = "") -> str:
    sha = next(d.sha256 for d in world.vault.deliveries() if d.delivery_id == delivery)
    return str(RowKey.of(delivery, row, sha, sheet))


def outcomes(world: World) -> Iterator[tuple[object, ...]]:
    yield from world.ask(
        "select row_number, from_row_number, outcome, unasked_columns from meta.returned_row "
        "order by row_number nulls last, from_row_number"
    )


def issues(world: World, delivery: int = 2) -> list[tuple[object, ...]]:
    return world.ask(
        f"select issue_code, row_number, column_name from meta.issue where delivery_id = {delivery} order by all"
    )


def test_a_corrected_cell_closes_its_row_and_nothing_else_is_said(world: World) -> None:
    world.send("2016-01-05", f"{NAME}.csv", case(1), case(2, closed="下周"), case(3))
    world.build()
    back = [(case(1), key(world, 2)), (case(2), key(world, 3)), (case(3), key(world, 4))]
    send_back(world, "2016-01-20", back)
    world.build()
    assert [o[2] for o in outcomes(world)] == ["unchanged", "closed", "unchanged"]
    assert issues(world) == []
    assert world.ask("select count(*) from current.mediation") == [(3,)]
    assert world.ask("select in_force from meta.part order by part_id") == [(False,), (True,)]


def test_one_that_was_saved_as_csv_is_read_like_any_other(world: World) -> None:
    world.send("2016-01-05", f"{NAME}.csv", case(1), case(2, closed="下周"))
    back = [f"{case(n)},,{key(world, n + 1)}" for n in (1, 2)]
    world.send("2016-01-20", f"{NAME}（报回）.csv", *back, header=f"{HEADER},{NOTE_HEADER},{KEY_HEADER}")
    world.build()
    assert [o[2] for o in outcomes(world)] == ["unchanged", "closed"]
    assert issues(world) == []


def test_an_error_that_stays_is_open(world: World) -> None:
    world.send("2016-01-05", f"{NAME}.csv", case(1, closed="下周"), case(2))
    send_back(world, "2016-01-20", [(case(1, closed="月底"), key(world, 2)), (case(2), key(world, 3))])
    world.build()
    assert [o[2] for o in outcomes(world)] == ["open", "unchanged"]
    assert ("date_unreadable", 2, "closed_on") in issues(world)
    assert not [i for i in issues(world) if str(i[0]).startswith("returned")]


def test_rows_are_found_wherever_they_stand(world: World) -> None:
    world.send("2016-01-05", f"{NAME}.csv", case(1), case(2, closed="下周"), case(3))
    back = [(case(3), key(world, 4)), (case(9), None), (case(2), key(world, 3)), (case(1), key(world, 2))]
    send_back(world, "2016-01-20", back)
    world.build()
    assert [o[1:3] for o in outcomes(world)] == [
        (4, "unchanged"),
        (None, "new"),
        (3, "closed"),
        (2, "unchanged"),
    ]
    assert issues(world) == [("returned_row_new", 3, None)]


def test_what_nobody_asked_to_change_is_reported_with_its_column(world: World) -> None:
    world.send("2016-01-05", f"{NAME}.csv", case(1), case(2, closed="下周"))
    back = [(case(1, paid="4999"), key(world, 2)), (case(2, paid="1"), key(world, 3))]
    send_back(world, "2016-01-20", back)
    world.build()
    assert list(outcomes(world)) == [
        (2, 2, "changed", ["amount_paid_yuan"]),
        (3, 3, "closed", ["amount_paid_yuan"]),
    ]
    assert issues(world) == [
        ("returned_row_changed", 2, "amount_paid_yuan"),
        ("returned_row_changed", 3, "amount_paid_yuan"),
    ]
    [(message,)] = world.ask("select message from meta.issue where delivery_id = 2 and row_number = 2")
    assert str(message).startswith("兑现金额：")
    assert "第1号报送第2行" in str(message)
    assert "4999" not in str(message)


def test_of_two_dates_that_disagree_either_may_be_corrected(world: World) -> None:
    world.send("2016-01-05", f"{NAME}.csv", case(1, accepted="2015-04-01", closed="2015-03-20"))
    send_back(world, "2016-01-20", [(case(1, accepted="2015-03-01", closed="2015-03-20"), key(world, 2))])
    world.build()
    assert [o[2:] for o in outcomes(world)] == [("closed", [])]


def test_a_row_that_did_not_come_back_is_missing_but_a_repeat_was_to_go(world: World) -> None:
    world.send("2016-01-05", f"{NAME}.csv", case(1), case(2), case(2), case(3, closed="下周"))
    send_back(world, "2016-01-20", [(case(2), key(world, 3)), (case(3), key(world, 5))])
    world.build()
    assert [o[:3] for o in outcomes(world)] == [
        (2, 3, "unchanged"),
        (3, 5, "closed"),
        (None, 2, "missing"),
        (None, 4, "closed"),
    ]
    assert issues(world) == [("returned_row_missing", None, None)]


def test_a_foreign_mistyped_or_repeated_key_is_none(world: World) -> None:
    world.send("2016-01-05", f"{NAME}.csv", case(1), case(2))
    world.send("2016-01-06", f"{NAME}.csv", case(7), sender="江津区总工会")
    mistyped = key(world, 2)[:-1] + ("A" if key(world, 2)[-1] != "A" else "B")
    back = [
        (case(1), mistyped),
        (case(2), key(world, 3)),
        (case(3), key(world, 3)),
        (case(7), key(world, 2, delivery=2)),
        (case(8), "第5行"),
    ]
    send_back(world, "2016-01-20", back)
    world.build()
    assert [o[2] for o in outcomes(world)] == [
        "key_invalid",
        "unchanged",
        "key_invalid",
        "key_invalid",
        "key_invalid",
        "missing",
    ]


def test_columns_may_move_and_one_that_is_gone_is_said_once(world: World) -> None:
    world.send("2016-01-05", f"{NAME}.csv", case(1), case(2, closed="下周"))
    moved = "受理日期,案号,申请人,身份证号,结案日期,调解结果,申请金额（元）"
    back = [(f"2015-03-01,{n},样某,,2015-03-20,调解成功,5000", key(world, n + 1)) for n in (1, 2)]
    send_back(world, "2016-01-20", back, header=moved)
    world.build()
    assert list(outcomes(world)) == [
        (2, 2, "unchanged", []),
        (3, 3, "closed", []),
        (None, None, "column_missing", ["amount_paid_yuan"]),
    ]
    assert issues(world) == [("returned_column_missing", None, "amount_paid_yuan")]


def test_a_header_put_right_closes_all_rows_below_it(world: World) -> None:
    wrong = HEADER.replace("调解结果", "处里结果")
    world.send("2016-01-05", f"{NAME}.csv", case(1), case(2), header=wrong)
    send_back(world, "2016-01-20", [(case(1), key(world, 2)), (case(2), key(world, 3))])
    world.build()
    assert [o[2] for o in outcomes(world)] == ["closed", "closed"]
    assert issues(world) == []


def test_a_file_whose_keys_are_gone_says_so(world: World) -> None:
    world.send("2016-01-05", f"{NAME}.csv", case(1))
    send_back(world, "2016-01-20", [(case(1), None)])
    world.build()
    assert issues(world) == [("returned_unmatched", None, None)]


def test_a_build_from_the_vault_alone_says_the_same(world: World) -> None:
    everything = "from meta.returned_row order by all"
    world.send("2016-01-05", f"{NAME}.csv", case(1), case(2, closed="下周"), case(3))
    world.build()
    send_back(world, "2016-01-20", [(case(1, paid="1"), key(world, 2)), (case(2), key(world, 3))])
    world.build()
    world.build()
    step_by_step = world.ask(everything), issues(world)
    world.paths.build_file().unlink()
    world.build()
    assert (world.ask(everything), issues(world)) == step_by_step
    assert len(step_by_step[0]) == 3


def test_no_cell_of_either_file_is_in_the_database(world: World) -> None:
    world.send("2016-01-05", f"{NAME}.csv", case(1), case(2, closed="下周"))
    send_back(
        world, "2016-01-20", [(case(1), key(world, 2)), (case(2).replace("样某", "郑样本"), key(world, 3))]
    )
    world.build()
    assert [o[3] for o in outcomes(world)] == [[], ["claimant"]]
    content = world.paths.build_file().read_bytes()
    assert not [text for text in ("样某", "郑样本", key(world, 2)) if text.encode() in content]
