"""Polluted texts: one clean table, one thing changed about how it is written, as exports are found in the wild.

For each pollution the reader gives the table's rows, or says what is wrong. What it may never do is hand over
a cell that differs from the clean one without rejecting the row. Prints one line a pollution.
"""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterator
from pathlib import Path

from flows.contract.catalogue import records
from flows.read import ISSUE_COLUMN, read_file

HEADER = ["案号", "受理日期", "申请人", "用人单位", "申请金额", "备注"]
NAMES = ("case_no", "accepted_on", "claimant", "employer", "amount_claimed_yuan", "remark")
ROWS = [
    [
        f"调{n}",
        f"2015-03-{n % 28 + 1:02}",
        f"赵某{n}",
        ("甲厂", "乙厂,二车间", '丙"好"厂', "丁厂\n分部")[n % 4],
        f"{n}.5",
        "",
    ]
    for n in range(1, 61)
]
NAME = "2015年调解.csv"
DELIMITERS = (",", ";", "\t", "|", " ", ":", "^", "~", "，", "、")
QUOTES = ('"', "'", "`", "“")
ENDS = ("\n", "\r\n", "\r", "\n\n", "\r\r\n")
ENCODINGS = (
    "utf-8",
    "utf-8-sig",
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "gb18030",
    "gbk",
    "utf-32",
    "big5",
    "latin-1",
)


def text(rows: list[list[str]], end: str = "\r\n", **how: str) -> str:
    """Rows as CSV; `how`: delimiter, quotechar, escapechar, and quoting by the csv module."""
    stream = io.StringIO()
    options: dict[str, object] = {"delimiter": ",", "lineterminator": end, **how}
    if "escapechar" in how:
        options["doublequote"] = False
    csv.writer(stream, **options).writerows(rows)  # type: ignore[arg-type]
    return stream.getvalue()


def variants() -> Iterator[tuple[str, bytes, int]]:
    """(what is polluted, bytes, rows whose cells were themselves damaged and may only be rejected)."""
    table = [HEADER, *ROWS]
    for delimiter in DELIMITERS:
        yield f"delimiter {delimiter!r}", text(table, delimiter=delimiter).encode(), 0
    for quote in QUOTES:
        yield f"quote {quote}", text(table, quotechar=quote).encode(), 0
    for escape in ("\\",):
        yield f"escape {escape}", text(table, escapechar=escape).encode(), 0
    for end in ENDS:
        yield f"record end {end!r}", text(table, end).encode(), 0
    for encoding in ENCODINGS:
        yield f"encoding {encoding}", text(table).encode(encoding, "replace"), 0
    yield "mixed record ends", text(table[:30]).encode() + text(table[30:], "\n").encode(), 0
    yield "no header", text(ROWS).encode(), 0
    yield "header twice", text([HEADER, *table]).encode(), 0
    yield "header in the middle", text([*table[:20], HEADER, *table[20:]]).encode(), 0
    yield "header of two lines", text([["情况"] * 6, *table]).encode(), 0
    yield "no last record end", text(table).rstrip().encode(), 0
    yield "title above", text([["2015年调解台账"], *table]).encode(), 0
    yield "lines above", text([["2015年调解台账"], [""], ["填报：某区"], *table]).encode(), 0
    yield "lines below", text([*table, [""], ["注：以上为全部"]]).encode(), 0
    yield "blank lines between", text([row for pair in ((r, []) for r in table) for row in pair]).encode(), 0
    yield "empty columns at the end", text([[*row, "", ""] for row in table]).encode(), 0
    yield "empty column in front", text([["", *row] for row in table]).encode(), 0
    yield (
        "separator at every end",
        b"".join(
            line + b",\r\n"
            for line in text([r for r in table if "\n" not in r[3]]).encode().split(b"\r\n")
            if line
        ),
        0,
    )
    for at in (0, 3, 5):
        cells = [row[:at] + row[at + 1 :] if i == 20 else row for i, row in enumerate(table)]
        yield f"a cell less at {at} in row 20", text(cells).encode(), 0
        cells = [[*row[:at], "多", *row[at:]] if i == 20 else row for i, row in enumerate(table)]
        yield f"a cell more at {at} in row 20", text(cells).encode(), 0
        cells = [row[:at] + row[at + 1 :] if i > 20 else row for i, row in enumerate(table)]
        yield f"a cell less at {at} from row 20", text(cells).encode(), 0
    yield "short rows", text([[*row[:5]] if i else row for i, row in enumerate(table)]).encode(), 0
    content = text(table)
    for at in (content.index("调7,"), content.index("调40,") + 2, len(content) - 4):
        yield f"a quote too many at {at}", (content[:at] + '"' + content[at:]).encode(), 1
    yield "a zero byte", content.replace("赵某9", "赵\x00某9").encode(), 1
    yield (
        "blanks around",
        "\n".join(", ".join(row) for row in table if not set(row[3]) & set(',"\n')).encode(),
        0,
    )


def polluted() -> int:
    """Try them all; the number of pollutions after which a cell was wrong without a word, or rows were lost."""
    silent = 0
    clean = {row[0]: dict(zip(NAMES, row, strict=True)) for row in ROWS}
    with tempfile.TemporaryDirectory(prefix="polluted-") as folder:
        path = Path(folder) / NAME
        for label, content, damaged in variants():
            path.write_bytes(content)
            reading = read_file(path, NAME, records())
            rows = [row for table in reading.tables for batch in table.batches() for row in batch.to_pylist()]
            rejected = [row for row in rows if row.get(ISSUE_COLUMN)]
            kept = [row for row in rows if not row.get(ISSUE_COLUMN)]
            wrong = [row for row in kept if not _is_clean(row, clean)]
            problems = sorted(
                {p.code for p in [*reading.problems, *(p for t in reading.tables for p in t.problems)]}
            )
            said = bool(rejected) or any(table.held for table in reading.tables) or not reading.tables
            is_warned = any(p.code == "quotes_escaped" for p in reading.problems)
            lost = (
                0 if said and not kept else max(0, len(_present(content, label)) - len(kept) - len(rejected))
            )
            bad = (len(wrong) > damaged and not is_warned) or lost > damaged
            silent += bad
            mark = "SILENT" if bad else "      "
            print(
                f"{mark} {label:34} {len(kept):3} kept {len(rejected):3} rejected {len(wrong):3} wrong {lost:3} lost  {' '.join(problems)}"
            )
    return silent


def _is_clean(row: dict[str, str | None], clean: dict[str, dict[str, str]]) -> bool:
    """Whether a row is one of the clean table's, cell by cell; a line break in a cell may be either kind."""
    wanted = clean.get(row.get("case_no") or "")
    if wanted is None:
        return False
    return all((row.get(name) or "").replace("\r\n", "\n") == wanted[name] for name in NAMES)


def _present(content: bytes, label: str) -> list[list[str]]:
    """The rows that a variant still holds."""
    few = ("separator at every end", "blanks around")
    return [
        row
        for row in ROWS
        if label not in few or not set(row[3]) & (set("\n") if label == few[0] else set(',"\n'))
    ]
