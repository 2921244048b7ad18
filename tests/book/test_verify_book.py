"""`union-assessment verify BOOK`: a book alone, without the data folder it came from; signature, both forms, results scored anew."""

from __future__ import annotations

import hashlib
import json
import shutil
from datetime import datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from flows import cli
from flows.assess.score_years import score_year
from flows.book import close_year, verify_book, write_book
from flows.book.signing import key_fingerprint, signing_key
from flows.contract.paths import Paths
from flows.database.connect import open_published
from flows.warehouse.books import ClosedBook, Manifest, books
from tests.support import stand
from tests.support.scheme import measured_year


@pytest.fixture(scope="module")
def scored_book(tmp_path_factory: pytest.TempPathFactory) -> ClosedBook:
    """A book of a year that the engine scored: forty units."""
    folder = tmp_path_factory.mktemp("scored")
    con, root = measured_year(folder, target=7)
    score_year(con, 2015, root)
    paths = Paths(folder / "data", folder / "key.pem")
    for place in (paths.warehouse, paths.vault):
        place.mkdir(parents=True)
    stand.publish(con, paths.warehouse_file())
    said = {"edition": 1, "reason": None, "recorded_at": datetime(2016, 4, 1), "scheme": "made", "rows": {}}
    said |= {"scheme_fingerprint": "", "code_fingerprint": "", "closed_on": "2016-04-01", "deliveries": 1}
    manifest = Manifest.model_validate({**said, "year": 2015, "last_received_at": datetime(2016, 4, 1)})
    with open_published(paths.warehouse_file()) as published:
        return write_book.write_book(published, paths, manifest, root)


@pytest.fixture
def copied(scored_book: ClosedBook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The book alone, on a machine without a data folder."""
    monkeypatch.setenv("UNION_ASSESSMENT_DATA", str(tmp_path / "nowhere"))
    shutil.copytree(scored_book.folder, tmp_path / "2015-1")
    for path in (tmp_path / "2015-1").rglob("*"):
        path.chmod(0o755)
    return tmp_path / "2015-1"


def call(*arguments: str) -> tuple[int, dict[str, str]]:
    """Exit code, and each check with what is wrong, '' for nothing or '?' for not checked."""
    done = CliRunner().invoke(cli.app, ["verify", *arguments, "--json"])
    found = json.loads(done.stdout)["checks"]
    return done.exit_code, {c["name"]: "; ".join(c["wrong"]) or ("?" if c["is_open"] else "") for c in found}


def test_a_book_is_found_sound_without_data_folder_and_its_results_come_again(
    copied: Path, scored_book: ClosedBook
) -> None:
    code, found = call(str(copied))
    assert code == 0
    assert {"files", "totals", "places", "grades", "signature", "parquet", "scored"} <= found.keys()
    assert set(found.values()) == {""}
    assert not (copied.parent / "nowhere").exists()
    assert call(str(copied), "--manifest", scored_book.manifest_hash[:20])[0] == 0
    code, found = call(str(copied), "--manifest", "0" * 16, "--signed-by", "0" * 16)
    assert (code, bool(found["manifest"]), bool(found["key"])) == (1, True, True)
    told = CliRunner().invoke(cli.app, ["verify", str(copied)]).stdout
    assert str(scored_book.manifest.signed_by)[:32] in told


def test_what_is_altered_is_said(copied: Path) -> None:
    shutil.copyfile(copied / "unit.parquet", copied / "result.parquet")
    (copied / "edition.sig").write_bytes(bytes(64))
    (copied / "unit.parquet").write_bytes(b"x")
    facts = (copied / "facts.json").read_text(encoding="utf-8")
    (copied / "facts.json").write_text(facts.replace('"value", "2"', '"value", "7"'), encoding="utf-8")
    code, found = call(str(copied))
    assert code == 1
    assert {name for name, wrong in found.items() if wrong} == {"files", "signature", "parquet", "scored"}
    assert "result.parquet" in found["parquet"]
    assert "yongchuan mediation" in found["scored"]


def test_a_book_of_this_form_without_a_signature_is_none(copied: Path) -> None:
    """As somebody would leave it who has no key: nothing in it names one, and every hash fits."""
    said = json.loads((copied / "edition.json").read_bytes())
    gone = ("edition.sig", "public_key.pem")
    said |= {"signed_by": None, "files": {n: h for n, h in said["files"].items() if n not in gone}}
    for name in gone:
        (copied / name).unlink()
    (copied / "edition.json").write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")
    sums = said["files"] | {
        "edition.json": hashlib.sha256((copied / "edition.json").read_bytes()).hexdigest()
    }
    text = "".join(f"{h}  {n}\n" for n, h in sorted(sums.items()))
    (copied / "SHA256SUMS").write_text(text, encoding="utf-8")
    code, found = call(str(copied))
    assert (code, {name for name, wrong in found.items() if wrong}) == (1, {"signature"})


def test_what_other_code_gives_is_no_fault_of_the_book(copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    facts = (copied / "facts.json").read_text(encoding="utf-8")
    (copied / "facts.json").write_text(facts.replace('"value", "2"', '"value", "7"'), encoding="utf-8")
    monkeypatch.setattr(verify_book, "code_hash", lambda: "other")
    assert call(str(copied))[1]["scored"] == "?"
    (copied / "facts.json").write_text('{"form": 9, "past": [], "decisions": []}', encoding="utf-8")
    assert call(str(copied))[1]["scored"] == "?"


def test_of_an_edition_of_older_code_only_the_hashes_are_checked_and_that_is_said(tmp_path: Path) -> None:
    (tmp_path / "2014-1").mkdir()
    (tmp_path / "2014-1" / "edition.json").write_text("{}", encoding="utf-8")
    sums = tmp_path / "2014-1" / "SHA256SUMS"
    sums.write_text(f"{hashlib.sha256(b'{}').hexdigest()}  edition.json\n", encoding="utf-8")
    assert call(str(tmp_path / "2014-1")) == (0, {"files": "", "read": "?"})
    sums.write_text(f"{'0' * 64}  edition.json\n", encoding="utf-8")
    assert call(str(tmp_path / "2014-1"))[0] == 1


@pytest.mark.parametrize(
    "arguments", [["--manifest", "00"], [".", "--all"], [".", "--head", "0" * 16], ["gone"]]
)
def test_wrong_usage_is_2(arguments: list[str]) -> None:
    assert CliRunner().invoke(cli.app, ["verify", *arguments]).exit_code == 2


def test_status_says_who_signed(closed: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    from flows.report import terminal, year_tables

    year_tables.show_editions(terminal.results(), closed)
    shown = capsys.readouterr().out
    assert closed.signing_key is not None
    assert key_fingerprint(signing_key(closed.signing_key, closed.data))[:16] in shown
    assert books(closed.books)[1].manifest_hash[:16] in shown


def test_after_a_close_letters_and_receipts_are_about_the_book(
    closed: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That they are written; what they say is their own tests'."""
    paths = Paths(Path(shutil.copytree(closed.data, tmp_path / "data")))
    monkeypatch.setenv("UNION_ASSESSMENT_DATA", str(paths.data))
    [_first, second] = books(paths.books)
    written: list[int] = []
    monkeypatch.setattr(
        "flows.report.results.write_results.write_results", lambda _paths, year: written.append(year)
    )
    monkeypatch.setattr(close_year, "close", lambda *_, **__: second)
    assert CliRunner().invoke(cli.app, ["close", "2015"]).exit_code == 0
    assert written == [2015]
    receipt = paths.results / "2015" / "units" / "大足区总工会" / "成绩单数据.json"
    assert json.loads(receipt.read_bytes())["of"]["manifest"] == second.manifest_hash
