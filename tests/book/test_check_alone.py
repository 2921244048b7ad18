"""verify.py, as it lies in a book: Python alone, in a copied folder, sound and altered in every way it claims to see."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from flows.book.check_alone import checks
from flows.contract.paths import Paths


@pytest.fixture
def copied(closed: Paths, tmp_path: Path) -> Path:
    """Both editions somewhere else, where files may be changed; the second is what is checked."""
    shutil.copytree(closed.books, tmp_path / "books")
    for path in (tmp_path / "books").rglob("*"):
        path.chmod(0o755)
    return tmp_path / "books" / "2015-2"


def alone(folder: Path) -> tuple[int, str]:
    """What `python -I -S verify.py` ends with and prints, in that folder: no package, no setting, no path of ours."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", "verify.py"], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    return done.returncode, done.stdout


def rehash(folder: Path) -> None:
    """What somebody does who changes a file and makes manifest and sums fit again."""
    files = {p.relative_to(folder).as_posix(): p for p in sorted(folder.rglob("*")) if p.is_file()}
    hashes = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()}
    said = json.loads((folder / "edition.json").read_bytes())
    said["files"] = {
        n: h for n, h in hashes.items() if n not in ("edition.json", "edition.sig", "SHA256SUMS")
    }
    (folder / "edition.json").write_text(json.dumps(said), encoding="utf-8")
    hashes["edition.json"] = hashlib.sha256((folder / "edition.json").read_bytes()).hexdigest()
    lines = [f"{h}  {name}\n" for name, h in hashes.items() if name != "SHA256SUMS"]
    (folder / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")


def put(folder: Path, table: str, row: dict[str, str], **values: str) -> None:
    """Change the row of a table that has these cells."""
    path = folder / "csv" / f"{table}.csv"
    lines = list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))
    [found] = [line for line in lines if row.items() <= line.items()]
    found.update(values)
    out = io.StringIO()
    writer = csv.DictWriter(out, list(found), lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines)
    path.write_text("\ufeff" + out.getvalue(), encoding="utf-8")


def test_a_sound_book_is_found_sound_and_what_is_not_checked_is_said(copied: Path) -> None:
    code, told = alone(copied)
    assert code == 0
    named = [line.split("  ")[1].partition("：")[0] for line in told.splitlines()[:-1]]
    right = [
        "files",
        "rows",
        "items",
        "totals",
        "bonus",
        "deductions",
        "places",
        "grades",
        "restatement",
        "chain",
    ]
    assert named == [*right, "signature", "parquet"]
    assert told.count("一致 OK") == len(right)
    assert "the signature was not checked: it needs the package cryptography" in told
    assert not list(copied.rglob("*.pyc"))
    # with the package it is
    assert [c for c in checks(copied) if c.wrong or c.is_open] == []


DAZU, YONGCHUAN = {"unit_code": "dazu"}, {"unit_code": "yongchuan"}
FIGURES: dict[str, tuple[str, Callable[[Path], None]]] = {
    "a block": ("items", lambda f: put(f, "item_score", DAZU | {"item_id": "rights"}, points="51")),
    "an item": ("items", lambda f: put(f, "item_score", DAZU | {"item_id": "aid"}, points="21")),
    "a base": ("totals", lambda f: put(f, "result", DAZU, base_points="51")),
    "a total": ("totals", lambda f: put(f, "result", YONGCHUAN, total_points="101.6")),
    "a bonus": ("bonus", lambda f: put(f, "bonus", YONGCHUAN, counted="1")),
    "a bonus above its class": ("bonus", lambda f: put(f, "bonus", YONGCHUAN, counted="2.5")),
    "a deduction": ("deductions", lambda f: put(f, "adjustment", DAZU, amount="1")),
    "a place": ("places", lambda f: put(f, "result", DAZU, overall_rank="3")),
    "a place in the group": ("places", lambda f: put(f, "result", YONGCHUAN, group_rank="2")),
    "a grade": ("grades", lambda f: put(f, "result", DAZU, grade="first")),
    "a grade not given": ("grades", lambda f: put(f, "result", YONGCHUAN, grade="second")),
}


@pytest.mark.parametrize("what", FIGURES)
def test_a_figure_that_was_changed_with_all_hashes_made_to_fit_is_found_by_what_it_no_longer_follows(
    copied: Path, what: str
) -> None:
    name, change = FIGURES[what]
    change(copied)
    rehash(copied)
    code, told = alone(copied)
    wrong = [line for line in told.splitlines() if line.startswith("不符 WRONG")]
    assert code == 1
    assert f"不符 WRONG  {name}：" in "\n".join(wrong)
    assert "不符 WRONG  files" not in told


def _flip(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[:40] + bytes([data[40] ^ 1]) + data[41:])


FILES: dict[str, tuple[str, Callable[[Path], object]]] = {
    "a table in CSV": ("csv/value.csv：已改动", lambda f: _flip(f / "csv" / "value.csv")),
    "a table in Parquet": ("result.parquet：已改动", lambda f: _flip(f / "result.parquet")),
    "the scheme": ("scheme/scheme.yml：已改动", lambda f: _flip(f / "scheme" / "scheme.yml")),
    "the facts": (
        "facts.json：已改动",
        lambda f: (f / "facts.json").write_text('{"past": [], "decisions": []}'),
    ),
    "the reason": (
        "edition.json：已改动",
        lambda f: (f / "edition.json").write_text(
            (f / "edition.json").read_text(encoding="utf-8").replace("复议", "复查"), encoding="utf-8"
        ),
    ),
    "the signature": ("edition.sig：已改动", lambda f: _flip(f / "edition.sig")),
    "a file gone": ("csv/bonus.csv", lambda f: (f / "csv" / "bonus.csv").unlink()),
    "a file more": ("more.txt：不属于账册", lambda f: (f / "more.txt").write_text("x")),
    "the sums alone": (
        "与清单不符",
        lambda f: (
            (f / "csv" / "code.csv").write_text("x")
            and (f / "SHA256SUMS").write_text(
                (f / "SHA256SUMS")
                .read_text()
                .replace(
                    json.loads((f / "edition.json").read_bytes())["files"]["csv/code.csv"],
                    hashlib.sha256(b"x").hexdigest(),
                )
            )
        ),
    ),
    "a table that is none": (
        "账册读不下去",
        lambda f: (f / "csv" / "gate.csv").write_text("unit_code," + "x" * 200_000, encoding="utf-8"),
    ),
    "no book": ("账册读不下去", lambda f: (f / "edition.json").write_text("[]")),
}


@pytest.mark.parametrize("what", FILES)
def test_a_file_that_was_changed_is_named(copied: Path, what: str) -> None:
    said, change = FILES[what]
    change(copied)
    code, told = alone(copied)
    assert code == 1
    assert said in told


def test_a_row_taken_out_with_all_hashes_made_to_fit_is_missed(copied: Path) -> None:
    path = copied / "csv" / "delivery.csv"
    path.write_bytes(path.read_bytes().splitlines(keepends=True)[0])
    rehash(copied)
    assert "delivery：0 行，清单为 1 行" in alone(copied)[1]


@pytest.mark.parametrize(("after", "by_data", "is_right"), [(48, -2, True), (48, -1, False), (47, -3, False)])
def test_what_changed_is_the_sum_of_its_parts_and_ends_at_what_the_book_says(
    copied: Path, after: int, by_data: int, is_right: bool
) -> None:
    path = copied / "csv" / "restatement.csv"
    names = path.read_text(encoding="utf-8-sig").strip().split(",")
    said = {
        "unit_code": "dazu",
        "kind": "total",
        "before": "50",
        "after": str(after),
        "by_data": str(by_data),
    }
    said |= dict.fromkeys(("by_target", "by_scheme", "by_decision", "by_code"), "0")
    line = ",".join(said.get(name, "") for name in names)
    path.write_text(f"\ufeff{','.join(names)}\n{line}\n", encoding="utf-8")
    manifest = json.loads((copied / "edition.json").read_bytes())
    manifest["rows"]["restatement"] = 1
    (copied / "edition.json").write_text(json.dumps(manifest), encoding="utf-8")
    rehash(copied)
    code, told = alone(copied)
    assert (code, "不符 WRONG  restatement：" in told) == ((0, False) if is_right else (1, True))


def test_editions_that_do_not_follow_each_other_are_found_from_both_sides(copied: Path) -> None:
    first = copied.with_name("2015-1")
    rehash(first)  # another manifest than the one that the second edition follows
    assert "2015-1：不是本版所接的上一版" in alone(copied)[1]
    assert "2015-2：所接的不是本版" in alone(first)[1]
    shutil.rmtree(first)
    code, told = alone(copied)
    assert code == 0
    assert "未查 OPEN  chain" in told


def test_what_no_sum_shows_only_the_signature_does(copied: Path) -> None:
    path = copied / "csv" / "unit.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("永川区", "永州区"), encoding="utf-8")
    rehash(copied)
    assert alone(copied)[0] == 0
    assert [c.name for c in checks(copied) if c.wrong] == ["signature"]
