"""The vault keeps what arrived, once, unchanged, and can say what it held at any moment."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import shutil
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.contract.catalogue import ROOT, issue_messages
from flows.ingest import inbox as inbox_module
from flows.ingest import vault as vault_module
from flows.ingest.ledger import VaultError
from flows.ingest.lock import login
from flows.ingest.vault import Vault

NOON = datetime(2016, 1, 8, 12)
UNITS = {"永川区": "yongchuan", "永川": "yongchuan", "江津区": "jiangjin"}

posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions and links")


def resolve(folder: str, on: date) -> str | None:
    return UNITS.get(folder)


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "vault")


def put(inbox: Path, name: str, content: bytes) -> None:
    path = inbox / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def tree(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_round_trip_leaves_the_inbox_alone(inbox: Path, vault: Vault) -> None:
    put(inbox, "永川区/2015/调解台账.csv", b"a,b\n1,2\n")
    put(inbox, "江津区/empty.csv", b"")
    before = tree(inbox)
    report = vault.take_in(inbox, NOON, resolve)
    assert tree(inbox) == before
    assert [(d.delivery_id, d.sender, d.folder, d.name, d.size) for d in report.new] == [
        (1, "yongchuan", "永川区", "2015/调解台账.csv", 8),
        (2, "jiangjin", "江津区", "empty.csv", 0),
    ]
    assert list(report.new) == vault.deliveries() == Vault(vault.root).deliveries()
    first = report.new[0]
    assert first.sha256 == hashlib.sha256(b"a,b\n1,2\n").hexdigest()
    assert vault.path(first.sha256).read_bytes() == b"a,b\n1,2\n"
    with vault.open_bytes(first.sha256) as stream:
        assert stream.read() == b"a,b\n1,2\n"
    assert (first.received_at, first.backdated) == (NOON, False)


def test_equal_bytes_of_two_senders_are_two_deliveries_of_one_file(inbox: Path, vault: Vault) -> None:
    put(inbox, "永川区/a.csv", b"same")
    put(inbox, "江津区/a.csv", b"same")
    report = vault.take_in(inbox, NOON, resolve)
    assert len({d.sha256 for d in report.new}) == 1
    assert {d.sender for d in report.new} == {"yongchuan", "jiangjin"}
    assert len(list((vault.root / "file").rglob("*/*"))) == 1


def test_only_the_latest_delivery_of_a_name_counts_as_a_repeat(inbox: Path, vault: Vault) -> None:
    for hour, content in enumerate((b"v1", b"v1", b"v2", b"v1", b"v1")):
        put(inbox, "永川区/a.csv", content)
        vault.take_in(inbox, NOON + timedelta(hours=hour), resolve)
    assert [(d.received_at.hour, d.size) for d in vault.deliveries()] == [(12, 2), (14, 2), (15, 2)]
    shas = [d.sha256 for d in vault.deliveries()]
    assert shas[0] == shas[2] != shas[1]


def test_folders_named_as_days_back_date_and_are_met_again_without_effect(inbox: Path, vault: Vault) -> None:
    put(inbox, "2015-01-10/永川区/a.csv", b"v1")
    put(inbox, "2015-03-01/永川区/a.csv", b"v2")
    put(inbox, "永川区/a.csv", b"v3")
    first = vault.take_in(inbox, NOON, resolve)
    assert [(d.received_at, d.backdated) for d in first.new] == [
        (datetime(2015, 1, 10), True),
        (datetime(2015, 3, 1), True),
        (NOON, False),
    ]
    assert all(d.taken_in_at == NOON and d.name == "a.csv" for d in first.new)
    again = vault.take_in(inbox, NOON + timedelta(days=1), resolve)
    assert (len(again.new), len(again.repeated)) == (0, 3)


def test_a_day_brought_in_late_does_not_make_the_newer_file_new_again(inbox: Path, vault: Vault) -> None:
    put(inbox, "永川区/a.csv", b"v2")
    vault.take_in(inbox, NOON, resolve)
    put(inbox, "2015-01-10/永川区/a.csv", b"v1")
    report = vault.take_in(inbox, NOON + timedelta(days=1), resolve)
    assert [d.received_at for d in report.new] == [datetime(2015, 1, 10)]
    assert vault.take_in(inbox, NOON + timedelta(days=2), resolve).new == ()


def test_two_spellings_of_a_sender_do_not_take_turns_being_new(inbox: Path, vault: Vault) -> None:
    put(inbox, "永川/a.csv", b"x")
    put(inbox, "永川区/a.csv", b"y")
    assert len(vault.take_in(inbox, NOON, resolve).new) == 2
    assert vault.take_in(inbox, NOON + timedelta(days=1), resolve).new == ()


def test_received_back_dates_the_whole_intake_and_says_so(inbox: Path, vault: Vault) -> None:
    put(inbox, "永川区/a.csv", b"x")
    report = vault.take_in(inbox, NOON, resolve, received=date(2015, 2, 3))
    assert [(d.received_at, d.taken_in_at, d.backdated) for d in report.new] == [
        (datetime(2015, 2, 3), NOON, True)
    ]
    line = json.loads(vault.ledger.read_text(encoding="utf-8"))
    assert (line["received_at"], line["backdated"]) == ("2015-02-03T00:00:00+08:00", True)
    with pytest.raises(VaultError, match="after the time of the intake"):
        vault.take_in(inbox, NOON, resolve, received=date(2016, 1, 9))


def test_a_time_with_an_offset_is_turned_into_china_time(inbox: Path, vault: Vault) -> None:
    put(inbox, "永川区/a.csv", b"x")
    report = vault.take_in(inbox, datetime(2016, 1, 8, 20, tzinfo=UTC), resolve)
    assert report.new[0].received_at == datetime(2016, 1, 9, 4)
    assert vault.deliveries(datetime(2016, 1, 8, 19, tzinfo=UTC)) == []


def test_impossible_and_future_days_are_problems_not_senders(inbox: Path, vault: Vault) -> None:
    put(inbox, "2015-02-30/永川区/a.csv", b"x")
    put(inbox, "2099-01-01/永川区/a.csv", b"x")
    report = vault.take_in(inbox, NOON, resolve)
    assert report.new == ()
    assert [p.code for p in report.problems] == ["received_date_impossible", "received_in_future"]


def test_an_unknown_sender_is_kept_and_named(inbox: Path, vault: Vault) -> None:
    put(inbox, "永川大区/a.csv", b"x")
    put(inbox, "loose.csv", b"x")
    put(inbox, "2015-05-05/older.csv", b"x")
    report = vault.take_in(inbox, NOON, resolve)
    assert [d.sender for d in report.new] == [None, None, None]
    assert report.unknown_senders == ("", "永川大区")
    UNITS["永川大区"] = "yongchuan"
    try:
        later = vault.take_in(inbox, NOON, resolve)
    finally:
        del UNITS["永川大区"]
    assert [d.sender for d in later.new] == ["yongchuan"]


def test_what_nobody_sent_is_passed_over_by_a_named_rule(inbox: Path, vault: Vault) -> None:
    files = {
        ".DS_Store": "system_file",
        ".hidden/a.csv": "hidden",
        ".~lock.a.xlsx#": "office_lock",
        "Thumbs.db": "system_file",
        "__MACOSX/a.csv": "system_file",
        "b.csv.part": "partial_download",
        "~$台账.xlsx": "office_lock",
    }
    for name in files:
        put(inbox, f"永川区/{name}", b"x")
    report = vault.take_in(inbox, NOON, resolve)
    assert report.new == ()
    assert report.problems == ()
    assert {p.name.removeprefix("永川区/"): p.code for p in report.ignored} == files


@posix
def test_links_are_refused_and_the_others_go_on(inbox: Path, vault: Vault, tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "x.csv").write_bytes(b"secret")
    put(inbox, "永川区/a.csv", b"x")
    (inbox / "永川区" / "link.csv").symlink_to(tmp_path / "secret" / "x.csv")
    (inbox / "永川区" / "folder").symlink_to(tmp_path / "secret", target_is_directory=True)
    (inbox / "永川区" / "loop").symlink_to(inbox, target_is_directory=True)
    os.mkfifo(inbox / "永川区" / "pipe")
    report = vault.take_in(inbox, NOON, resolve)
    assert [d.name for d in report.new] == ["a.csv"]
    assert {p.name: p.code for p in report.problems} == {
        "永川区/link.csv": "link_refused",
        "永川区/folder": "link_refused",
        "永川区/loop": "link_refused",
        "永川区/pipe": "not_a_file",
    }
    assert b"secret" not in b"".join(tree(vault.root).values())


@posix
def test_what_cannot_be_read_is_one_problem(inbox: Path, vault: Vault) -> None:
    put(inbox, "永川区/a.csv", b"x")
    put(inbox, "永川区/b.csv", b"x")
    put(inbox, "江津区/c.csv", b"x")
    (inbox / "永川区" / "b.csv").chmod(0)
    if os.access(inbox / "永川区" / "b.csv", os.R_OK):
        pytest.skip("root may read everything")
    (inbox / "江津区").chmod(0)
    try:
        report = vault.take_in(inbox, NOON, resolve)
    finally:
        (inbox / "江津区").chmod(0o700)
    assert [d.name for d in report.new] == ["a.csv"]
    assert {(p.name, p.code) for p in report.problems} == {
        ("永川区/b.csv", "file_unreadable"),
        ("江津区", "folder_unreadable"),
    }


def test_a_file_that_vanishes_or_changes_meanwhile_is_one_problem(
    inbox: Path, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("gone.csv", "growing.csv", "well.csv"):
        put(inbox, f"永川区/{name}", name.encode())
    found = list(vault_module.look(inbox))
    (inbox / "永川区" / "gone.csv").unlink()
    copy = Vault._copy

    def write_while_copying(self: Vault, stream: object, place: Path) -> None:
        if (
            "growing" in str(getattr(stream, "name", ""))
            or place.name == hashlib.sha256(b"growing.csv").hexdigest()
        ):
            put(inbox, "永川区/growing.csv", b"growing.csv and more")
        copy(self, stream, place)  # type: ignore[arg-type]

    monkeypatch.setattr(vault_module, "look", lambda _: iter(found))
    monkeypatch.setattr(Vault, "_copy", write_while_copying)
    report = vault.take_in(inbox, NOON, resolve)
    assert [d.name for d in report.new] == ["well.csv"]
    assert [p.code for p in report.problems] == ["file_unreadable", "file_changed"]
    monkeypatch.undo()
    assert [d.name for d in vault.take_in(inbox, NOON, resolve).new] == ["growing.csv"]


def test_withdrawal_counts_from_its_moment_on_and_stays(inbox: Path, vault: Vault) -> None:
    put(inbox, "永川区/a.csv", b"x")
    vault.take_in(inbox, NOON, resolve)
    put(inbox, "永川区/b.csv", b"y")
    vault.take_in(inbox, NOON + timedelta(days=2), resolve)
    withdrawn = vault.withdraw(1, " 重复报送 ", NOON + timedelta(days=3))
    assert (withdrawn.delivery_id, withdrawn.withdrawn_reason) == (1, "重复报送")
    assert [(d.name, d.withdrawn_at) for d in vault.deliveries()] == [
        ("a.csv", NOON + timedelta(days=3)),
        ("b.csv", None),
    ]
    assert [(d.name, d.withdrawn_at) for d in vault.deliveries(NOON + timedelta(days=1))] == [("a.csv", None)]
    assert vault.deliveries(NOON - timedelta(seconds=1)) == []
    # the bytes still lie in the inbox: they must not come back by themselves
    again = vault.take_in(inbox, NOON + timedelta(days=4), resolve)
    assert (again.new, [d.delivery_id for d in again.repeated]) == ((), [1, 2])


def test_every_decision_says_who_and_why(inbox: Path, vault: Vault) -> None:
    put(inbox, "永川区/a.csv", b"x")
    vault.take_in(inbox, NOON, resolve)
    vault.withdraw(1, "误报", NOON, by="王主任")
    vault.unwithdraw(1, "仍算", NOON)
    vault.retry([1], NOON, "李工", "换了机器")
    vault.note_decision("targets", "张科长", "任务书下达", NOON, year=2015)
    said = [(e["event"], e["by"], e["reason"]) for e in vault.events()[1:]]
    assert said == [
        ("withdrawal", "王主任", "误报"),
        ("unwithdrawal", login(), "仍算"),
        ("retry", "李工", "换了机器"),
    ]
    [noted] = vault.chain.noted("targets")
    assert (noted["by"], noted["reason"], noted["year"]) == ("张科长", "任务书下达", 2015)


def test_a_withdrawn_file_that_is_put_there_again_comes_in(inbox: Path, vault: Vault) -> None:
    for name in ("a", "b", "c"):
        put(inbox, f"永川区/{name}.csv", name.encode())
    vault.take_in(inbox, NOON, resolve)
    vault.withdraw(1, "错", NOON + timedelta(hours=1))
    assert vault.take_in(inbox, NOON + timedelta(hours=2), resolve).new == ()
    put(inbox, "永川区/a.csv", b"a")
    [again] = vault.take_in(inbox, NOON + timedelta(hours=3), resolve).new
    assert (again.delivery_id, again.sha256, again.withdrawn_at) == (4, vault.deliveries()[0].sha256, None)
    later = vault.take_in(inbox, NOON + timedelta(hours=4), resolve)
    assert (later.new, [d.delivery_id for d in later.repeated]) == ((), [4, 2, 3])


def test_taken_away_and_brought_back_or_under_another_day_is_put_there_again(
    inbox: Path, vault: Vault
) -> None:
    put(inbox, "永川区/a.csv", b"a")
    put(inbox, "永川区/b.csv", b"b")
    vault.take_in(inbox, NOON, resolve)
    vault.withdraw(1, "错", NOON + timedelta(hours=1))
    (inbox / "永川区" / "a.csv").rename(inbox.parent / "away.csv")
    vault.take_in(inbox, NOON + timedelta(hours=2), resolve)
    put(inbox, "永川区/a.csv", b"a")
    assert [d.delivery_id for d in vault.take_in(inbox, NOON + timedelta(hours=3), resolve).new] == [3]
    vault.withdraw(3, "又错", NOON + timedelta(hours=4))
    put(inbox, "2016-01-09/永川区/a.csv", b"a")
    [dated] = vault.take_in(inbox, NOON + timedelta(days=2), resolve).new
    assert (dated.delivery_id, dated.received_at) == (4, datetime(2016, 1, 9))
    assert vault.take_in(inbox, NOON + timedelta(days=3), resolve).new == ()


def test_an_inbox_restored_or_moved_as_a_whole_brings_no_withdrawn_file_back(
    inbox: Path, vault: Vault
) -> None:
    for name in ("a", "b", "c"):
        put(inbox, f"永川区/{name}.csv", name.encode())
    vault.take_in(inbox, NOON, resolve)
    vault.withdraw(1, "错", NOON + timedelta(hours=1))
    shutil.copytree(inbox, inbox.parent / "backup")
    assert vault.take_in(inbox.parent / "backup", NOON + timedelta(hours=2), resolve).new == ()
    shutil.rmtree(inbox)
    shutil.copytree(inbox.parent / "backup", inbox)
    assert vault.take_in(inbox, NOON + timedelta(hours=3), resolve).new == ()


def test_a_withdrawal_is_taken_back_and_both_stay_in_the_ledger(inbox: Path, vault: Vault) -> None:
    put(inbox, "永川区/a.csv", b"x")
    vault.take_in(inbox, NOON, resolve)
    with pytest.raises(VaultError, match="is not withdrawn"):
        vault.unwithdraw(1, "x", NOON)
    vault.withdraw(1, "错", NOON + timedelta(days=1))
    for reason, at, words in (
        (" ", NOON + timedelta(days=2), "needs a reason"),
        ("x", NOON, "withdrawn later"),
    ):
        with pytest.raises(VaultError, match=words):
            vault.unwithdraw(1, reason, at)
    assert vault.unwithdraw(1, "没有错", NOON + timedelta(days=2)).withdrawn_at is None
    assert vault.deliveries(NOON + timedelta(days=1))[0].withdrawn_reason == "错"
    assert [json.loads(line)["event"] for line in vault.ledger.read_text("utf-8").splitlines()] == [
        "delivery",
        "withdrawal",
        "unwithdrawal",
    ]
    vault.withdraw(1, "还是错", NOON + timedelta(days=3))
    assert vault.deliveries()[0].withdrawn_reason == "还是错"


def test_a_senseless_withdrawal_is_refused(inbox: Path, vault: Vault) -> None:
    put(inbox, "永川区/a.csv", b"x")
    vault.take_in(inbox, NOON, resolve)
    for delivery_id, reason, at, words in (
        (7, "x", NOON, "no delivery 7"),
        (1, "  ", NOON, "needs a reason"),
        (1, "x", NOON - timedelta(days=1), "received later"),
    ):
        with pytest.raises(VaultError, match=words):
            vault.withdraw(delivery_id, reason, at)
    vault.withdraw(1, "x", NOON)
    with pytest.raises(VaultError, match="was withdrawn"):
        vault.withdraw(1, "x", NOON)


def test_an_as_of_view_never_changes_when_more_arrives(inbox: Path, vault: Vault) -> None:
    put(inbox, "永川区/a.csv", b"x")
    vault.take_in(inbox, NOON, resolve)
    view = vault.deliveries(NOON)
    put(inbox, "永川区/a.csv", b"z")
    vault.take_in(inbox, NOON + timedelta(days=1), resolve)
    vault.withdraw(1, "错", NOON + timedelta(days=1))
    assert vault.deliveries(NOON) == view


def test_a_torn_last_line_is_passed_over_and_set_aside(inbox: Path, vault: Vault) -> None:
    put(inbox, "永川区/a.csv", b"x")
    vault.take_in(inbox, NOON, resolve)
    whole = vault.ledger.read_bytes()
    put(inbox, "永川区/b.csv", b"y")
    vault.take_in(inbox, NOON, resolve)
    torn = vault.ledger.read_bytes()[:-1]  # complete but for its newline: still nobody was told it succeeded
    vault.ledger.write_bytes(torn)
    with pytest.raises(VaultError, match="has 1 lines instead of 2"):
        vault.deliveries()  # a loss, because the end of the ledger was confirmed
    anchor = vault.chain.anchor
    anchor.write_bytes(b"".join(anchor.read_bytes().splitlines(keepends=True)[:-1]))  # a crash: it never was
    assert [d.name for d in vault.deliveries()] == ["a.csv"]
    report = vault.take_in(inbox, NOON, resolve)
    assert [(d.delivery_id, d.name) for d in report.new] == [(2, "b.csv")]
    assert [d.delivery_id for d in vault.deliveries()] == [1, 2]
    assert vault.ledger.with_suffix(".torn").read_bytes() == torn.removeprefix(whole) + b"\n"


def test_damage_in_the_ledger_is_refused(inbox: Path, vault: Vault) -> None:
    put(inbox, "永川区/a.csv", b"x")
    vault.take_in(inbox, NOON, resolve)
    good = vault.ledger.read_bytes()
    with pytest.raises(VaultError, match="line 2 does not follow"):
        vault.ledger.write_bytes(good + good)
        vault.deliveries()
    for damage in (b"{not json}\n", b"[]\n", b"\n"):
        vault.ledger.write_bytes(damage + good)
        with pytest.raises(VaultError, match="line 1 is not an event"):
            vault.deliveries()
    vault.ledger.write_bytes(b'{"event":"delivery","sender":null}\n')
    vault.chain.anchor.unlink()  # as it was before there was a chain
    with pytest.raises(VaultError, match="delivery 1 is damaged"):
        vault.deliveries()


def test_changed_or_missing_contents_are_never_read(inbox: Path, vault: Vault) -> None:
    put(inbox, "永川区/a.csv", b"x")
    sha = vault.take_in(inbox, NOON, resolve).new[0].sha256
    place = vault.root / "file" / sha[:2] / sha
    place.write_bytes(b"y")
    with pytest.raises(VaultError, match="was changed"):
        vault.path(sha)
    place.write_bytes(b"longer")
    with pytest.raises(VaultError, match="was changed"):
        vault.take_in(inbox, NOON, resolve)
    place.unlink()
    with pytest.raises(VaultError, match="is missing"):
        vault.open_bytes(sha)


@posix
def test_nobody_else_may_read_the_vault(inbox: Path, vault: Vault) -> None:
    put(inbox, "永川区/a.csv", b"x")
    (inbox / "永川区" / "a.csv").chmod(0o644)
    old = os.umask(0)
    try:
        vault.take_in(inbox, NOON, resolve)
    finally:
        os.umask(old)
    modes = {p.is_dir(): set() for p in (vault.root, vault.ledger)}
    for path in (vault.root, *vault.root.rglob("*")):
        modes[path.is_dir()].add(path.stat().st_mode & 0o777)
    assert modes == {True: {0o700}, False: {0o600}}


def test_the_key_is_made_once_and_its_loss_is_noticed(inbox: Path, vault: Vault) -> None:
    key = vault.key()
    assert (len(key), Vault(vault.root).key()) == (32, key)
    assert vault.key_fingerprint() == Vault(vault.root).key_fingerprint()
    assert len(bytes.fromhex(vault.key_fingerprint())) == 8
    assert key.hex() not in vault.key_fingerprint()
    inner, outer = vault.hmac_pads()
    by_hand = hashlib.sha256(outer + hashlib.sha256(inner + b"id").digest()).digest()
    assert by_hand == hmac.new(key, b"id", hashlib.sha256).digest()
    put(inbox, "永川区/a.csv", b"x")
    vault.take_in(inbox, NOON, resolve)
    (vault.root / "key").write_bytes(b"short")
    with pytest.raises(VaultError, match="5 bytes instead of 32"):
        Vault(vault.root).key()
    (vault.root / "key").unlink()
    with pytest.raises(VaultError, match="key is missing"):
        Vault(vault.root).take_in(inbox, NOON, resolve)


@posix
def test_names_are_composed_and_decodable(inbox: Path, vault: Vault) -> None:
    put(inbox, "永川区/re\u0301sume\u0301.csv", b"x")  # as macOS writes it
    gb = os.fsencode(inbox / "永川区") + b"/" + "台账.csv".encode("gb18030")
    try:
        with open(gb, "wb") as stream:  # noqa: PTH123 (bytes, not a path)
            stream.write(b"y")
    except OSError:
        pytest.skip("this file system only takes UTF-8 names")
    names = {d.name for d in vault.take_in(inbox, NOON, resolve).new}
    assert names == {"r\u00e9sum\u00e9.csv", "台账.csv"}
    assert {d.name for d in vault.deliveries()} == names


def test_names_are_their_bytes_under_any_locale(monkeypatch: pytest.MonkeyPatch) -> None:
    """Under a GBK locale the system hands UTF-8 names over garbled, and back as the same bytes."""
    monkeypatch.setattr(inbox_module.os, "fsencode", lambda name: name.encode("gbk", "surrogateescape"))
    for raw in ("永川区/2015年台账.csv".encode(), "永川区/2015年台账.csv".encode("gb18030")):
        assert inbox_module.readable(raw.decode("gbk", "surrogateescape")) == "永川区/2015年台账.csv"


def test_a_clock_that_was_wrong_never_decides(inbox: Path, vault: Vault) -> None:
    put(inbox, "永川区/a.csv", b"v1")
    vault.take_in(inbox, NOON, resolve)
    for wrong in (NOON - timedelta(days=1), NOON + timedelta(days=30000)):
        put(inbox, "永川区/a.csv", str(wrong).encode())
        with pytest.raises(VaultError, match=f"clock says {wrong:%Y-%m-%d %H:%M}"):
            vault.take_in(inbox, wrong, resolve)
        assert sum(d.withdrawn_at is None for d in vault.deliveries()) == 1
        stated = NOON + timedelta(hours=1)
        [new] = vault.take_in(inbox, wrong, resolve, received=stated).new
        assert (new.received_at, new.taken_in_at, new.backdated) == (stated, stated, True)
        vault.withdraw(new.delivery_id, "试", stated)
    put(inbox, "永川区/a.csv", b"v3")
    [later] = vault.take_in(inbox, NOON - timedelta(minutes=1), resolve).new  # a clock that was set right
    assert later.received_at == NOON + timedelta(microseconds=1), "a later line is a later moment"
    assert vault.take_in(inbox, NOON - timedelta(days=1), resolve).new == (), "nothing new: nothing to settle"
    with pytest.raises(VaultError, match="far after"):
        vault.take_in(inbox, NOON - timedelta(days=1), resolve, received=datetime(2099, 1, 1))


def test_what_an_intake_passed_over_is_kept_once_in_the_ledger(inbox: Path, vault: Vault) -> None:
    put(inbox, "2099-01-01/永川区/a.csv", b"x")
    put(inbox, "2015-02-30/永川区/a.csv", b"x")
    put(inbox, "永川区/.hidden", b"x")
    put(inbox, "永川区/a.csv.part", b"x")
    (inbox / "永川区" / "link.csv").symlink_to(inbox / "永川区" / ".hidden")
    for day in range(3):
        vault.take_in(inbox, NOON + timedelta(days=day), resolve)
    assert {p.name: p.code for p in Vault(vault.root).passed_over()} == {
        "2099-01-01/永川区/a.csv": "received_in_future",
        "2015-02-30/永川区/a.csv": "received_date_impossible",
        "永川区/.hidden": "hidden",
        "永川区/a.csv.part": "partial_download",
        "永川区/link.csv": "link_refused",
    }
    assert [event["event"] for event in vault.events()] == ["passed_over"]
    shutil.rmtree(inbox / "2099-01-01")
    vault.take_in(inbox, NOON + timedelta(days=3), resolve)
    assert len(vault.passed_over()) == 4 and len(vault.events()) == 2


def test_a_ledger_of_before_there_was_a_chain_is_taken_up_as_it_is(inbox: Path, vault: Vault) -> None:
    put(inbox, "永川区/a.csv", b"x")
    put(inbox, "永川区/b.csv", b"y")
    vault.take_in(inbox, NOON, resolve)
    old = [{k: v for k, v in event.items() if k != "prev"} for event in vault.events()]
    before = "".join(json.dumps(event, ensure_ascii=False) + "\n" for event in old)
    vault.ledger.write_text(before, encoding="utf-8")
    vault.chain.anchor.unlink()
    assert vault.events() == old
    vault.withdraw(1, "误报", NOON + timedelta(days=1))
    assert vault.ledger.read_text("utf-8").startswith(before), "no byte of it was touched"
    assert [d.withdrawn_at is None for d in vault.deliveries()] == [False, True]
    vault.ledger.write_text(vault.ledger.read_text("utf-8").replace("yongchuan", "jiangjin", 1), "utf-8")
    with pytest.raises(VaultError, match="line 3 does not follow"):
        vault.deliveries()


@pytest.mark.parametrize("kept", [0, 1, 3])
def test_lines_that_were_announced_and_never_confirmed_are_no_loss(
    inbox: Path, vault: Vault, kept: int
) -> None:
    """Killed while three lines were written: what is not whole is set aside, and its files come in again."""
    put(inbox, "永川区/a.csv", b"x")
    vault.take_in(inbox, NOON, resolve)
    good = vault.ledger.read_bytes()
    for name in "bcd":
        put(inbox, f"永川区/{name}.csv", name.encode())
    vault.take_in(inbox, NOON, resolve)
    added = vault.ledger.read_bytes().removeprefix(good).splitlines(keepends=True)
    vault.ledger.write_bytes(good + b"".join(added[:kept]))
    vault.chain.anchor.write_bytes(b"".join(vault.chain.anchor.read_bytes().splitlines(keepends=True)[:-1]))
    assert len(vault.deliveries()) == (4 if kept == 3 else 1)
    assert len(vault.take_in(inbox, NOON + timedelta(hours=1), resolve).new) == (0 if kept == 3 else 3)
    assert [d.name for d in vault.deliveries()] == ["a.csv", "b.csv", "c.csv", "d.csv"]


def test_no_inbox_is_said(vault: Vault, tmp_path: Path) -> None:
    with pytest.raises(VaultError, match="there is no inbox"):
        vault.take_in(tmp_path / "nowhere", NOON, resolve)


FILES = st.dictionaries(
    st.tuples(st.sampled_from(["永川区", "江津区", "别处"]), st.sampled_from(["a.csv", "b/a.csv", "c.xlsx"])),
    st.binary(max_size=4),
    min_size=1,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(files=FILES, order=st.randoms(use_true_random=False))
def test_the_order_of_files_changes_nothing(
    files: dict[tuple[str, str], bytes], order: object, tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = tmp_path_factory.mktemp("order")
    (root / "inbox").mkdir()
    together, one_by_one = Vault(root / "together"), Vault(root / "one_by_one")
    names = list(files)
    order.shuffle(names)  # type: ignore[attr-defined]
    for hour, (folder, name) in enumerate(names):
        put(root / "inbox", f"{folder}/{name}", files[folder, name])
        one_by_one.take_in(root / "inbox", NOON + timedelta(hours=hour), resolve)
    together.take_in(root / "inbox", NOON, resolve)

    def held(vault: Vault) -> set[tuple[str | None, str, str]]:
        return {(d.sender, d.name, d.sha256) for d in vault.deliveries()}

    assert held(together) == held(one_by_one)
    assert len(one_by_one.deliveries()) == len(files)


def test_every_problem_of_an_intake_has_its_message() -> None:
    source = "".join(Path(str(m.__file__)).read_text(encoding="utf-8") for m in (vault_module, inbox_module))
    codes = set(re.findall(r'(?:_RefusedError\(|PassedOver\([^"\n]*, )"(\w+)"', source)) | {
        "folder_unreadable"
    }
    messages = {code for code, _severity, _message in issue_messages(ROOT)}
    assert {"link_refused", "file_unreadable", "received_in_future"} <= codes <= messages
