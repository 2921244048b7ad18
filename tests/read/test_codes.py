"""Every code the reader can report has a Chinese message that says what to do."""

from __future__ import annotations

import csv
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_CODE = re.compile(
    r'"((?:archive|bytes|cell|cells|column|encoding|file|format|header|line|measure|period|quotes|record|row|second|sheet'
    r'|suffix|table|total|unit|value|workbook)_[a-z_]+)"'
)
#: Class names of the account, and names of columns: no codes of problems.
_OTHER = {"column_numbers", "row_number", "second_table", "cell_text", "file_contents", "unit_code"}


def test_every_code_has_its_message() -> None:
    used = {
        code
        for path in (ROOT / "flows" / "read").rglob("*.py")
        for code in _CODE.findall(path.read_text(encoding="utf-8"))
    } - _OTHER | {"second_table"}
    with (ROOT / "sql" / "code" / "issue.csv").open(encoding="utf-8", newline="") as stream:
        messages = {row["code"]: row for row in csv.DictReader(stream)}
    assert len(used) > 30
    assert used - set(messages) == set()
    for code in used:
        assert messages[code]["severity"] in ("error", "warning", "info")
        assert "，" in messages[code]["message"]
