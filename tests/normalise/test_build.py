"""The build: which rows count, after replacement, withdrawal, ties and conflicts, in any order of arrival."""

from __future__ import annotations

import errno
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from unittest import mock
from unittest.mock import Mock

import duckdb
import pytest
import xlsxwriter

from flows.contract.catalogue import ContractError, records
from flows.database.connect import sql_text
from flows.ingest.ledger import VaultError
from flows.ingest.vault import Vault
from flows.normalise.machine_trouble import LoadUnfinished
from flows.read import FileReading, file
from flows.read.formats.process import workbooks
from flows.read.formats.process.fault import WorkbookError
from flows.read.tables.detect import Search
from flows.read.tables.slice import CachedGrid
from tests.support.world import HEADER, PERSON, World, case

CURRENT = "select case_no, cast(amount_paid_yuan as varchar) from current.mediation order by 1"
FILE = "2015年调解台账.csv"


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_rows_are_accepted_rejected_or_duplicate_and_add_up(world: World) -> None:
    world.send(
        "2016-01-05",
        FILE,
        case(1),
        case(2, result="不知道"),  # an unknown word: the row stays, its outcome is open
        case(1),  # a plain repeat
        case(3, closed="2015-02-01"),  # closed before accepted
        case(4, paid="约4000"),  # never guessed
        "合计,,,,,,20000,16000",
    )
    result = world.build()
    assert (result.rows_read, result.accepted, result.rejected, result.duplicate, result.ignored) == (
        6,
        2,
        2,
        1,
        1,
    )
    assert world.ask("select row_number, row_state, open_columns from core.mediation order by 1") == [
        (2, "accepted", None),
        (3, "accepted", ["result"]),
        (4, "duplicate", None),
        (5, "rejected", None),
        (6, "rejected", ["amount_paid_yuan"]),
    ]
    codes = world.ask(
        "select row_number, issue_code from meta.issue where row_number is not null order by 1, 2"
    )
    assert codes == [
        (3, "code_unknown"),
        (4, "duplicate_row"),
        (5, "closed_after_accepted"),
        (6, "money_approximate"),
        (7, "total_differs"),  # the repeat is in nobody's total
    ]
    assert world.ask(CURRENT) == [("1", "4000.00"), ("2", "4000.00")]


def test_a_repeat_with_other_content_is_told_apart(world: World) -> None:
    world.send("2016-01-05", FILE, case(1), case(1, paid="3000"))
    world.build()
    assert world.ask("select row_number, issue_code from meta.issue") == [(3, "key_conflict")]
    assert world.ask(CURRENT) == [("1", "4000.00")]


def test_later_delivery_replaces_its_slot_whole_and_lists_what_vanished(world: World) -> None:
    world.send("2016-01-05", FILE, case(1), case(2))
    world.build()
    world.send("2016-02-05", FILE, case(2, paid="4500"), case(3))
    world.build()
    assert world.ask(CURRENT) == [("2", "4500.00"), ("3", "4000.00")]
    gone = world.ask("select delivery_id, row_number from meta.issue where issue_code = 'key_vanished'")
    assert gone == [(1, 2)]
    assert world.ask("select replaced_by from meta.part where part_id = 1001") == [(2001,)]


def test_a_correction_without_a_column_says_that_its_values_are_gone(world: World) -> None:
    world.send("2016-01-05", FILE, case(1), case(2))
    world.build()
    without = "案号,受理日期,结案日期,调解结果"
    world.send(
        "2016-02-05",
        FILE,
        "1,2015-03-01,2015-03-20,调解成功",
        "2,2015-03-01,2015-03-20,调解成功",
        header=without,
    )
    world.build()
    found = world.ask(
        "select delivery_id, column_name, message from meta.issue where issue_code = 'column_vanished' order by all"
    )
    assert [(d, c) for d, c, _ in found] == [(1, "amount_claimed_yuan"), (1, "amount_paid_yuan")]
    assert "兑现金额" in str(found[1][2])
    assert world.ask("from meta.issue where issue_code = 'key_vanished'") == []
    world.send("2016-03-05", FILE, case(1), case(2))
    world.build()
    left = world.ask("select distinct delivery_id from meta.issue where issue_code = 'column_vanished'")
    assert left == [], "the third delivery, which counts now, has them again"


def test_as_of_sees_what_had_been_received_by_then(world: World) -> None:
    world.send("2016-01-05", FILE, case(1))
    world.send("2016-02-05", FILE, case(2))
    world.build("2016-01-31")
    assert world.ask(CURRENT, "2016-01-31") == [("1", "4000.00")]
    world.build()
    assert world.ask(CURRENT) == [("2", "4000.00")]


def test_withdrawal_brings_the_earlier_version_back(world: World) -> None:
    from datetime import datetime

    world.send("2016-01-05", FILE, case(1))
    world.send("2016-02-05", FILE, case(2))
    world.build()
    world.vault.withdraw(2, "测试", datetime(2016, 3, 1))
    world.build()
    assert world.ask(CURRENT) == [("1", "4000.00")]
    assert world.ask("select withdrawn_reason from meta.delivery where delivery_id = 2") == [("测试",)]


def test_a_slip_in_the_rule_of_a_contract_fails_at_the_start_and_is_no_bad_file(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = records()["mediation"]
    slip = sound.checks[0].model_copy(update={"rule": "closed_at >= accepted_on"})
    broken = sound.model_copy(update={"checks": (slip, *sound.checks[1:])})
    monkeypatch.setattr("flows.normalise.build.records", lambda: {**records(), "mediation": broken})
    world.send("2016-01-05", FILE, case(1))
    with pytest.raises(
        ContractError, match=r"mediation\.yml: check closed_after_accepted, rule: .*closed_at"
    ):
        world.build()
    monkeypatch.undo()
    assert world.build().accepted == 1


def test_other_periods_add_and_the_latest_received_wins_a_shared_key(world: World) -> None:
    world.send("2015-07-05", "2015年上半年调解台账.csv", case(1), case(2))
    world.send(
        "2016-01-05",
        "2015年下半年调解台账.csv",
        case(2, paid="1000"),
        case(3, accepted="2015-08-01", closed="2015-08-09"),
    )
    world.build()
    assert world.ask(CURRENT) == [("1", "4000.00"), ("2", "1000.00"), ("3", "4000.00")]
    conflict = world.ask(
        "select delivery_id, row_number, message from meta.issue where issue_code = 'key_conflict_parts'"
    )
    assert [row[:2] for row in conflict] == [(1, 3)] and "第2号报送" in str(conflict[0][2])


def test_two_files_of_one_moment_for_one_slot_are_held_back(world: World) -> None:
    world.write(FILE, case(1))
    world.send("2016-01-05", "2015年度调解台账（更正）.csv", case(2))
    world.build()
    assert world.ask(CURRENT) == []
    assert world.ask("select issue_code from meta.issue order by delivery_id") == [
        ("slot_tie",),
        ("slot_tie",),
    ]
    from datetime import datetime

    tied = world.ask("select delivery_id from meta.delivery where name = '2015年调解台账.csv'")[0][0]
    world.vault.withdraw(int(str(tied)), "以更正为准", datetime(2016, 1, 6))
    world.build()
    assert world.ask(CURRENT) == [("2", "4000.00")]


def test_equal_bytes_under_two_names_are_no_tie(world: World) -> None:
    world.write(FILE, case(1))
    world.send("2016-01-05", "副本 2015年调解台账.csv", case(1))
    world.build()
    assert world.ask(CURRENT) == [("1", "4000.00")]


def test_order_of_arrival_within_a_moment_changes_nothing(tmp_path: Path) -> None:
    seen = []
    files = [
        ("2015年上半年调解.csv", case(1)),
        ("2015年下半年调解.csv", case(1, paid="100")),
        ("2014年调解.csv", case(9, "2014-01-05", "2014-01-06")),
    ]
    for turn, order in enumerate((files, files[::-1], [files[1], files[2], files[0]])):
        world = World(tmp_path / str(turn))
        for name, line in order:
            world.write(name, line)
            world.take_in("2016-01-05")
        world.build()
        seen.append(
            world.ask("select case_no, amount_paid_yuan, accepted_on from current.mediation order by all")
        )
    assert seen[0] == seen[1] == seen[2] and len(seen[0]) == 2


def test_incremental_build_equals_rebuild_from_the_vault(world: World) -> None:
    world.send("2016-01-05", FILE, case(1), case(2))
    world.build()
    world.send("2016-02-05", FILE, case(2), case(3))
    world.send("2016-02-06", "2014年调解台账.csv", case(1, "2014-05-01", "2014-06-01"), sender="江津区总工会")
    world.build()
    tables = [
        "core.mediation",
        "current.mediation",
        "meta.part",
        "meta.issue",
        "meta.loser",
        "meta.delivery",
        "meta.vanished",
    ]
    before = [world.ask(f"select * from {t} order by all") for t in tables]
    world.paths.build_file().unlink()
    world.build()
    assert [world.ask(f"select * from {t} order by all") for t in tables] == before


def test_unknown_sender_is_one_issue_and_is_never_read(world: World) -> None:
    world.send("2016-01-05", FILE, case(1), sender="某某办公室")
    world.build()
    assert world.ask("select issue_code, severity from meta.issue") == [("sender_unknown", "error")]
    assert world.ask("select count(*) from meta.part") == [(0,)]


def test_a_zero_report_is_a_part_without_rows(world: World) -> None:
    world.send("2016-01-05", FILE)
    world.build()
    assert world.ask("select rows_read, in_force from meta.part") == [(0, True)]
    assert world.ask("select unit_code from meta.part_unit") == [("yongchuan",)]


def test_person_is_kept_as_key_only(world: World) -> None:
    world.send("2016-01-05", FILE, case(1, person=PERSON), case(2, person=PERSON.lower()))
    world.build()
    keys = world.ask("select person_key from current.mediation")
    assert keys[0] == keys[1] and len(bytes(keys[0][0])) == 16  # type: ignore[arg-type]
    file = world.paths.build_file().read_bytes()
    assert PERSON.encode() not in file and "样某".encode() not in file


def test_person_key_is_hmac_sha256(world: World) -> None:
    import hashlib
    import hmac

    world.send("2016-01-05", FILE, case(1, person=PERSON))
    world.build()
    expected = hmac.new(world.vault.key(), PERSON.encode(), hashlib.sha256).digest()[:16]
    assert world.ask("select person_key from current.mediation") == [(expected,)]


def test_every_chinese_column_name_of_a_view_is_its_own() -> None:
    from flows.contract.catalogue import records
    from flows.warehouse.describe import OPEN_ADDRESS, open_name

    for record in records().values():
        named = [
            open_name(name, column.label, column.name)
            for name, _, column in record.stored_columns
            if column is not None and column.name != "unit_code"
        ]
        assert len({*named, *OPEN_ADDRESS}) == len(named) + len(OPEN_ADDRESS), record.record


def test_records_in_columns_are_addressed_by_column(world: World) -> None:
    lines = ["受理日期,2015-03-01,2015-02-30", "用人单位,甲厂,乙厂", "调解结果,在办,在办"]
    world.send("2016-01-05", FILE, *lines, header="案号,调1,调2")
    world.build()
    assert world.ask("select row_number, row_state from core.mediation order by 1") == [
        (2, "accepted"),
        (3, "rejected"),
    ]
    assert world.ask("select is_turned, rows_read from meta.part") == [(True, 2)]
    [(row, column, message)] = world.ask(
        "select row_number, column_name, message from meta.issue where severity = 'error'"
    )
    assert (row, column) == (None, "accepted_on")
    assert str(message).startswith("第3列：受理日期")


def test_the_account_of_cells_is_kept_by_sheet(world: World) -> None:
    world.send("2016-01-05", FILE, case(1), "合计,,,,,,4000,4000")
    world.build()
    assert world.ask("select sheet, class, cells from meta.cell_account order by all") == [
        ("", "header", 8),
        ("", "subtotal", 3),
        ("", "used", 7),
    ]


def test_a_sheet_whose_cells_are_not_all_explained_is_refused(world: World) -> None:
    """The reader's own sums agree, and yet the sheet had more: found by the count made before reading."""

    def count(reading: FileReading, kept: CachedGrid) -> None:
        reading.cells_in_sheet[kept.sheet] += 1_000

    with mock.patch("flows.read.file._count_hidden", count):
        world.send("2016-01-05", FILE, case(1), "填表人：某甲,,,,,,,")
        result = world.build()
    assert (result.parts, result.accepted) == (0, 0)
    assert world.ask("select issue_code from meta.issue") == [("rows_unaccounted",)]


def _query_interrupted() -> BaseException:
    """What DuckDB makes of Ctrl-C or SIGTERM while a query runs."""
    error = RuntimeError("Query interrupted")
    error.__cause__ = KeyboardInterrupt()
    return error


@pytest.mark.parametrize(
    ("trouble", "ends_with"),
    [
        (KeyboardInterrupt, KeyboardInterrupt),
        (SystemExit, KeyboardInterrupt),
        (_query_interrupted, KeyboardInterrupt),
        (MemoryError, LoadUnfinished),
        (lambda: OSError(errno.ENOSPC, "No space left on device"), LoadUnfinished),
        (lambda: duckdb.OutOfMemoryException("could not allocate"), LoadUnfinished),
    ],
)
@pytest.mark.parametrize("place", ["flows.read.file._read_sheet", "flows.normalise.load.Lookup.column"])
def test_an_interrupt_or_a_full_machine_is_no_bad_file_and_the_next_run_loads_it(
    world: World, place: str, trouble: Callable[[], BaseException], ends_with: type[BaseException]
) -> None:
    world.send("2016-01-05", FILE, case(1))
    world.send("2016-01-05", "2014年调解台账.csv", case(2, accepted="2014-03-01", closed="2014-04-01"))
    with (
        mock.patch(place, side_effect=lambda *_: (_ for _ in ()).throw(trouble())),
        pytest.raises((ends_with, SystemExit) if trouble is SystemExit else ends_with),
    ):
        world.build()
    assert world.ask("select count(*) from meta.delivery") == [(0,)]
    assert world.build().accepted == 2
    assert world.ask("from meta.issue") == []


def test_a_vault_file_that_is_gone_ends_the_load_and_never_blames_its_sender(world: World) -> None:
    world.send("2016-01-05", FILE, case(1))
    sha256 = world.vault.deliveries()[0].sha256
    content = world.vault.place(sha256).read_bytes()
    for spoil in (lambda p: p.unlink(), lambda p: p.write_bytes(b"%PDF" + content[4:])):
        spoil(world.vault.place(sha256))
        with pytest.raises(VaultError, match="union-assessment restore"):
            world.build()
        assert world.ask("select count(*) from meta.delivery") == [(0,)]
        world.vault.place(sha256).write_bytes(content)
    world.vault = Vault(world.paths.vault)
    assert world.build().accepted == 1


def test_a_fault_of_ours_costs_one_file_and_is_told_to_the_office_alone(world: World) -> None:
    world.send("2016-01-05", FILE, case(1))
    world.send("2016-01-05", "2014年调解台账.csv", case(2, accepted="2014-03-01", closed="2014-04-01"))
    read_sheet = file._read_sheet

    def failing(reading: FileReading, search: Search) -> None:
        if "2014" in str(search.path):
            raise KeyError(PERSON)
        read_sheet(reading, search)

    with mock.patch("flows.read.file._read_sheet", failing):
        world.build()
    assert world.ask(CURRENT) == [("1", "4000.00")]
    [(code, message)] = world.ask("select issue_code, message from meta.issue")
    assert code == "reader_failed"
    assert "KeyError" in str(message)
    assert PERSON not in str(message)
    assert PERSON in (world.vault.root / "errors.log").read_text(encoding="utf-8")
    assert world.ask(sql_text("ask", "faulty_deliveries")) == []


def test_what_a_limit_stopped_is_kept_with_the_delivery(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A faster machine, or a quieter night, makes nothing else of it; another reader tries anew."""

    def build() -> list[tuple[object, ...]]:
        world.paths.build_file(None).unlink(missing_ok=True)
        world.build()
        return world.ask("select issue_code from meta.issue")

    folder = world.paths.inbox / "永川区总工会"
    folder.mkdir(parents=True)
    with xlsxwriter.Workbook(str(folder / "2015年调解台账.xlsx")) as book:
        sheet = book.add_worksheet()
        for row, line in enumerate([HEADER, case(1)]):
            sheet.write_row(row, 0, line.split(","))
    world.take_in("2016-01-05")
    with monkeypatch.context() as slow:
        slow.setattr(workbooks._Child, "ask", Mock(side_effect=WorkbookError("workbook_timeout")))
        assert build() == [("workbook_timeout",)]
    assert build() == [("workbook_timeout",)]
    assert [event["event"] for event in world.vault.events()] == ["delivery", "stopped"]
    assert len(world.vault.deliveries()) == 1
    with monkeypatch.context() as newer:
        newer.setattr(Vault, "_reader", "another")
        assert build() == []
    assert build() == [("workbook_timeout",)]
    world.vault.retry([1], datetime(2016, 3, 1))
    assert build() == []
    assert world.ask(CURRENT) == [("1", "4000.00")]


def test_what_failed_is_read_again_without_a_rebuild(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a rebuild has it: rows, what they replace and what is asked about the others."""
    world.send("2016-01-05", FILE, case(1), case(2))
    world.send("2016-02-05", "2015年调解台账更正.csv", case(1), case(3))
    world.send("2016-02-06", "2014年调解台账.csv", case(1, "2014-05-01", "2014-06-01"))
    read_sheet = file._read_sheet

    def failing(reading: FileReading, search: Search) -> None:
        if "更正" in str(search.path):
            raise KeyError
        read_sheet(reading, search)

    with mock.patch("flows.read.file._read_sheet", failing):
        world.build()
        assert world.ask(sql_text("ask", "failed_deliveries")) == [(2, ["reader_failed"])]
        assert len(world.ask(CURRENT)) == 3
        world.vault.retry([2], datetime(2016, 3, 1))
        world.build()
    assert world.ask(sql_text("ask", "failed_deliveries")) == [(2, ["reader_failed"])], "it failed again"
    world.build()
    assert len(world.ask(CURRENT)) == 3, "asked for once, tried once"
    world.vault.retry([2, 3], datetime(2016, 3, 1))
    read = Mock(side_effect=file.read_file)
    monkeypatch.setattr("flows.normalise.load.read_file", read)
    world.build()
    assert sorted(call.args[1] for call in read.call_args_list) == [
        "2014年调解台账.csv",
        "2015年调解台账更正.csv",
    ]
    tables = (
        "current.mediation",
        "core.mediation",
        *(f"meta.{t}" for t in ("part", "part_unit", "issue", "loser", "vanished")),
    )
    before = {t: world.ask(f"select * from {t} order by all") for t in tables}
    assert [row[1] for row in before["current.mediation"]] == ["1", "1", "3"], "the correction replaces"
    world.paths.build_file().unlink()
    world.build()
    assert {t: world.ask(f"select * from {t} order by all") for t in tables} == before


def test_alike_rows_of_a_table_without_its_key_both_count_and_are_said(world: World) -> None:
    header = HEADER.split(",")
    place = header.index("案号")
    rows = [",".join(c for i, c in enumerate(case(1).split(",")) if i != place) for _ in range(2)]
    world.send("2016-01-05", FILE, *rows, header=",".join(h for i, h in enumerate(header) if i != place))
    result = world.build()
    assert (result.accepted, result.duplicate) == (2, 0)
    assert world.ask("select row_number from meta.issue where issue_code = 'row_alike'") == [(3,)]


@pytest.mark.parametrize(
    "column, header, written",
    [
        ("claimant_people", "涉及人数", "13987650008"),
        ("claimant_people", "涉及人数", "02349876500"),
        ("amount_paid_yuan", "兑现金额（元）", "13987650008"),
    ],
)
def test_a_telephone_number_is_no_number_of_people_and_no_amount(
    world: World, column: str, header: str, written: str
) -> None:
    row = f"永仲1号,2015-03-01,2015-03-20,调解成功,{written}"
    world.send("2016-01-05T09:00", FILE, row, header=f"案号,受理日期,结案日期,调解结果,{header}")
    world.build()
    found = world.ask(f"select row_state, {column}, open_columns from core.mediation")
    assert found == [("accepted", None, [column])]
    issues = world.ask("select column_name, row_number, issue_code from meta.issue where severity = 'error'")
    assert issues == [(column, 2, "out_of_range")]
