"""Signed targets against written ones: new, revised, earlier, same, and the contradictions that stop them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from flows.score.scheme.scheme_loader import Target, read_targets
from flows.score.scheme.signed_targets import SignedTarget, TargetChange, append, compare, shown

JANUARY, JULY, MAY = date(2015, 1, 20), date(2015, 7, 1), date(2015, 5, 1)
HEADER = "unit,indicator,target,document_no,effective_on"


def line(target: str, on: date = JANUARY, number: int = 2) -> Target:
    return Target("yongchuan", "mediation_succeeded", Decimal(target), "样例1号", on, number)


def signed(
    target: str, on: date = JANUARY, where: str = "a.xlsx › D4", unit: str = "yongchuan"
) -> SignedTarget:
    return SignedTarget(unit, "mediation_succeeded", Decimal(target), "样例9号", on, where)


@pytest.mark.parametrize(
    ("written", "letter", "kind", "before"),
    [
        ([], signed("300"), "new", None),
        ([line("300")], signed("300.0"), "same", None),
        ([line("300")], signed("320", JULY), "revised", "300"),
        ([line("300"), line("310", MAY, 3)], signed("310", JULY), "revised", "310"),
        ([line("320", JULY)], signed("300"), "earlier", "320"),
        ([line("300"), line("320", JULY, 3)], signed("310", MAY), "earlier", "320"),
        ([line("300")], signed("300", unit="wanzhou"), "new", None),
    ],
)
def test_what_a_signed_target_means(
    written: list[Target], letter: SignedTarget, kind: str, before: str | None
) -> None:
    changes, errors = compare([letter], written, "target.csv")
    assert errors == []
    assert [(c.kind, c.before) for c in changes] == [(kind, Decimal(before) if before else None)]


def test_another_value_for_a_day_names_the_line_and_the_cell() -> None:
    changes, (error,) = compare([signed("310")], [line("300", number=17)], "target.csv")
    assert changes == []
    assert "a.xlsx › D4" in error
    assert "target.csv:17" in error
    assert "310" in error and "300" in error


def test_two_letters_that_differ_name_both_cells_and_two_that_agree_are_one() -> None:
    changes, errors = compare([signed("310"), signed("310", where="b.xlsx › D9")], [], "target.csv")
    assert len(changes) == 1 and errors == []
    _, (error,) = compare([signed("310"), signed("311", where="b.xlsx › D9")], [], "target.csv")
    assert "a.xlsx › D4" in error and "b.xlsx › D9" in error


@pytest.mark.parametrize("end", ["\n", "\r\n", ""])
def test_lines_are_appended_in_order_and_no_other_byte_changes(tmp_path: Path, end: str) -> None:
    path = tmp_path / "target.csv"
    rows = [HEADER, "yongchuan,mediation_succeeded,0300,样例1号,2015-01-20"]
    there = (end or "\n").join(rows) + end
    path.write_bytes(there.encode())
    changes = [
        TargetChange("revised", signed("320", JULY)),
        TargetChange("same", signed("300")),
        TargetChange("new", signed("8", unit="wanzhou")),
    ]
    assert append(path, changes) == 2
    assert path.read_bytes().startswith(there.encode())
    assert [(t.unit, str(t.target), t.line) for t in read_targets(path)] == [
        ("yongchuan", "0300".lstrip("0"), 2),
        ("yongchuan", "320", 3),
        ("wanzhou", "8", 4),
    ]
    assert append(path, [TargetChange("same", signed("320", JULY))]) == 0


@pytest.mark.parametrize(
    ("target", "text"),
    [("300.0000", "300"), ("0.9000", "0.90"), ("0.9250", "0.925"), ("1.0000", "1"), ("30000.0000", "30000")],
)
def test_a_target_is_written_plainly(target: str, text: str) -> None:
    assert shown(Decimal(target)) == text
