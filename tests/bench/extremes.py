"""Very small, very long and very wide files, each against a measure of its own within one run.

    python -m tests.bench.extremes [--repeat 200] [--rows 1048576]

Small workbooks: bytes to grids against bare calamine, one file after the other in one process, so that the way to the
reader process and back counts in full; the tenth percentile of many turns. The full sheet: what all processes hold at
any one time, looked at twenty times a second. Wide texts: seconds for a megabyte, which must not grow with the columns.
"""

from __future__ import annotations

import argparse
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import python_calamine

from flows.read import close_readers, read_file
from flows.read.formats.process.payload import ROWS
from flows.read.formats.process.workbooks import read_workbook
from tests.bench.read import HEADER, write_book
from tests.read.binary import biff, compound
from tests.read.forms import KINDS
from tests.read.packages import MAIN, OFFICE, RELATIONS

MOST_MIB = 600.0


def turns(deed: Callable[[], object], repeat: int) -> float:
    """Milliseconds of a deed, as it mostly is when nobody disturbs."""
    taken = []
    for _ in range(repeat):
        start = time.perf_counter()
        deed()
        taken.append(time.perf_counter() - start)
    return sorted(taken)[repeat // 10] * 1000


def small(folder: Path, repeat: int) -> None:
    """Print one line for each format and size."""
    for rows in (30, 300):
        path = folder / f"{rows}.xlsx"
        write_book(path, rows, 1, rich=False)
        texts: list[list[str | float | None]] = [[f"{name}{n}" for name in HEADER] for n in range(rows)]
        content = biff(folder / "a", texts, 8, 1200, "").read_bytes()
        for file in (compound(folder / f"{rows}.xls", content), path):

            def bare(file: Path = file) -> object:
                return python_calamine.CalamineWorkbook.from_path(file).get_sheet_by_index(0).to_python()

            def ours(file: Path = file) -> object:
                return read_workbook(file, file.suffix[1:])

            ours()
            a, b = turns(bare, repeat), turns(ours, repeat)
            print(
                f"{file.suffix:>5} of {rows:3} rows: bare {a:6.3f} ms, grids {b:6.3f} ms, ratio {b / a:5.1f}",
                flush=True,
            )


def write_full(path: Path, rows: int) -> None:
    """A sheet of rows × 6, every kind of cell; written as text, since a library takes minutes."""
    head = "".join(f'<c r="{c}1" t="s"><v>{i}</v></c>' for i, c in enumerate("ABCDEF"))
    names = ("案号", "受理日期", "用人单位", "申请金额", "兑现金额", "备注")
    parts = {
        "_rels/.rels": f'<Relationships {RELATIONS}><Relationship Id="r" Type="{OFFICE}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {MAIN} xmlns:r="{OFFICE}"><sheets><sheet name="表" sheetId="1" r:id="r1"/>'
        "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f"<Relationships {RELATIONS}>"
        f'<Relationship Id="r1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="r2" Type="{OFFICE}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet {MAIN}><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>',
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
        for name, content in parts.items():
            package.writestr(name, content)
        with package.open("xl/sharedStrings.xml", "w") as part:
            part.write(
                f"<sst {MAIN}>".encode() + "".join(f"<si><t>{name}</t></si>" for name in names).encode()
            )
            for n in range(2, rows + 1):
                part.write(f"<si><t>永调〔2015〕{n}号</t></si>".encode())
            part.write("".join(f"<si><t>永川{n}机械厂</t></si>" for n in range(300)).encode() + b"</sst>")
        with package.open("xl/worksheets/sheet1.xml", "w") as part:
            part.write(f'<worksheet {MAIN}><sheetData><row r="1">{head}</row>'.encode())
            for n in range(2, rows + 1):
                part.write(
                    f'<row r="{n}"><c r="A{n}" t="s"><v>{n + 4}</v></c><c r="B{n}" s="1"><v>{42005 + n % 365}</v></c>'
                    f'<c r="C{n}" t="s"><v>{rows + 5 + n % 300}</v></c><c r="D{n}"><v>{n * 37 % 10**7 / 100}</v></c>'
                    f'<c r="E{n}"><v>{n * 53 % 10**6}</v></c><c r="F{n}" t="inlineStr"><is><t>无</t></is></c></row>'.encode()
                )
            part.write(b"</sheetData></worksheet>")


def held() -> float:
    """MiB that this process and its reader processes hold now; Linux alone, else 0."""
    total, own = 0, Path("/proc/self/task")
    if not own.exists():
        return 0.0
    children = {child for task in own.iterdir() for child in (task / "children").read_text().split()}
    for process in ("self", *children):
        try:
            status = (Path("/proc") / process / "status").read_text()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
    return total / 1024


def full(folder: Path, rows: int) -> None:
    """Print what reading a full sheet takes."""
    path = folder / "2015年调解.xlsx"
    write_full(path, rows)
    seen, done = [held()], threading.Event()

    def look() -> None:
        while not done.wait(0.05):
            seen.append(held())

    watch = threading.Thread(target=look)
    watch.start()
    start = time.perf_counter()
    reading = read_file(path, path.name, KINDS)
    count = sum(batch.num_rows for table in reading.tables for batch in table.batches())
    seconds = time.perf_counter() - start
    done.set()
    watch.join()
    print(
        f"{count:,} rows: {seconds:.1f} s, {max(seen):.0f} MiB at most (target {MOST_MIB:.0f}), {seen[0]:.0f} before"
    )


def wide(folder: Path) -> None:
    """Print seconds for a megabyte of texts of the same size and more and more columns."""
    for columns in (100, 1_000, 4_000, 16_000, 50_000):
        path = folder / "2015年调解.csv"
        line = ",".join(str(n % 97) for n in range(columns))
        names = ",".join(f"列{n}" for n in range(columns))
        path.write_text("\n".join([names, *[line] * (4_000_000 // len(line))]), encoding="utf-8")
        start = time.process_time()
        reading = read_file(path, path.name, KINDS)
        seconds = (time.process_time() - start) / path.stat().st_size * 1e6
        print(
            f"{columns:6} columns: {seconds:5.2f} s of work for a MB  {[p.code for p in reading.problems]}",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repeat", type=int, default=200)
    parser.add_argument("--rows", type=int, default=ROWS)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as work:
        full(Path(work), given.rows)  # first, while nothing else is held
        small(Path(work), given.repeat)
        wide(Path(work))
    close_readers()


if __name__ == "__main__":
    main()
