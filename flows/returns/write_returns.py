"""`data/returns/`: for every delivery with errors or warnings the district's own file, with what to put right.

An .xlsx goes back as it came, with marks; every other format as a workbook of text. What lies in a unit's folder is what
it has still to do, and `回执.xlsx`, the receipt for all else: a file whose findings did not change stays, one whose
findings are answered is kept in `旧件/`, one that somebody has worked in is left alone and named until it was handed in. Refuses to hand out a workbook in which, read again,
any cell differs from the original: then the plain copy goes back.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

import pandas as pd

from flows.contract.catalogue import records
from flows.contract.paths import Paths
from flows.ingest.closed_file import private_folder, write
from flows.ingest.vault import Vault
from flows.language import _
from flows.returns.receipt import FILE as RECEIPT
from flows.returns.receipt import receipt
from flows.returns.returned_file import returned_file
from flows.warehouse.delivery_findings import (
    DeliveredTable,
    DeliveryIssue,
    FaultyDelivery,
    SoundTable,
    open_findings,
)

Progress = Callable[[str, int, int], None]

_log = logging.getLogger(__name__)

#: What was written: delivery → (file, hash of its bytes, state it was written for).
_LIST = "written.json"
#: Folder, below that of a unit, of returned files with which nothing is left to do.
_ANSWERED = "旧件"
#: Issues of one delivery that are marked; a roll of a million rows may have one in each.
_MOST_FINDINGS = 200_000


@dataclass(frozen=True)
class Returned:
    """A file in the folder. `done`: written, unchanged, answered (now in `旧件`), worked_in (left alone) or failed."""

    unit_code: str
    unit: str
    delivery_id: int
    path: Path
    errors: int
    warnings: int
    done: str


def write_returns(
    paths: Paths, unit: str | None = None, delivery: int | None = None, progress: Progress | None = None
) -> list[Returned]:
    """Bring the folder up to the published edition; `unit` (a code) and `delivery` confine it to theirs.

    Files are 0600 and folders 0700: they hold what the district wrote. `NoWarehouse` if nothing is published.
    """
    vault, folder = Vault(paths.vault), private_folder(paths.returns)
    for cut_off in (*folder.glob(".*.new"), *folder.glob("*/.*.new")):
        cut_off.unlink()
    written = _read_list(folder)
    style = _style()
    with open_findings(paths.warehouse_file()) as edition:
        names = {d.delivery_id: d.name for d in vault.deliveries()}  # the district sees its own
        found = [replace(f, name=names.get(f.delivery_id, f.name)) for f in edition.deliveries()]
        due = [f for f in found if unit in (None, f.sender) and delivery in (None, f.delivery_id)]
        asked = [
            (f, edition.parts(f.delivery_id), edition.findings(f.delivery_id, _MOST_FINDINGS))
            for f in due
            if not _is_fresh(folder, written, f, style)
        ]
        sound = (
            []
            if delivery
            else [
                replace(t, name=names.get(t.delivery_id, t.name))
                for t in edition.sound()
                if unit in (None, t.sender)
            ]
        )
    out = [] if unit or delivery else list(_set_aside(vault, folder, written, found))
    fresh = {f.delivery_id for f, _, _ in asked}
    for f in due:
        if f.delivery_id not in fresh:
            path = folder / written[str(f.delivery_id)][0]
            out.append(Returned(f.sender, f.unit, f.delivery_id, path, f.errors, f.warnings, "unchanged"))
    try:
        with ThreadPoolExecutor(2) as pool:  # while one waits for the reader process, the other writes
            tasks = [pool.submit(_write, vault, folder, written, *one, style) for one in asked]
            for done, task in enumerate(tasks, 1):
                out.append(task.result())
                if progress:
                    progress(_("returned files"), done, len(tasks))
    finally:
        _write_receipts(folder, written, sound, style)
        write(folder / _LIST, json.dumps(written, ensure_ascii=False).encode(), is_remade=True)
    for what, files in Counter(r.done for r in out).items():
        _log.info("returned files %s: %d", what, files)
    return sorted(out, key=lambda r: (r.unit_code, r.delivery_id))


def as_frame(paths: Paths, made: Sequence[Returned]) -> pd.DataFrame:
    """The files as a table: unit, delivery, path below the folder, errors, warnings, what was done."""
    lines = [
        (r.unit, r.delivery_id, r.path.relative_to(paths.returns).as_posix(), r.errors, r.warnings, r.done)
        for r in made
    ]
    return pd.DataFrame(lines, columns=["unit", "delivery_id", "file", "errors", "warnings", "done"])


def _write(
    vault: Vault,
    folder: Path,
    written: dict[str, list[str]],
    found: FaultyDelivery,
    parts: Sequence[DeliveredTable],
    findings: Sequence[DeliveryIssue],
    style: str,
) -> Returned:
    """Write one file; what goes wrong with it is kept in the vault's log and stops no other."""
    number = str(found.delivery_id)
    path = folder / written[number][0] if number in written else folder
    done = "failed"
    try:
        if number in written and _is_worked_in(path, written[number][1]):
            done = "worked_in"
        else:
            content, suffix = returned_file(vault, found, parts, findings, records())
            before, path = path, private_folder(folder / found.unit) / _name(found, suffix)
            write(path, content, is_remade=True)
            if before not in (path, folder):
                before.unlink(missing_ok=True)
            digest = hashlib.sha256(content).hexdigest()
            written[number] = [path.relative_to(folder).as_posix(), digest, found.state + style]
            done = "written"
    except Exception as error:
        vault.note_error(f"delivery {found.delivery_id}, returned file", error)
    return Returned(found.sender, found.unit, found.delivery_id, path, found.errors, found.warnings, done)


def _name(found: FaultyDelivery, suffix: str) -> str:
    """Folders and name of the file as one name, because both may name the period; which delivery it answers, and with what.

    The number has five digits, because four of them may be a year to whoever reads the name.
    """
    place = PurePosixPath(found.name)
    stem = "_".join([*place.parts[:-1], place.stem])
    counts = "".join(f"，{word}{n}处" for word, n in (("错误", found.errors), ("提醒", found.warnings)) if n)
    return f"{stem.encode()[:150].decode(errors='ignore')}（退回R{found.delivery_id:05}{counts}）{suffix}"


def _is_fresh(folder: Path, written: Mapping[str, list[str]], found: FaultyDelivery, style: str) -> bool:
    entry = written.get(str(found.delivery_id))
    return entry is not None and entry[2] == found.state + style and (folder / entry[0]).exists()


def _is_worked_in(path: Path, digest: str) -> bool:
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() != digest


def _set_aside(
    vault: Vault, folder: Path, written: dict[str, list[str]], found: Sequence[FaultyDelivery]
) -> Iterator[Returned]:
    """Take out of the way what was written for deliveries with which nothing is open any more."""
    current = {str(f.delivery_id) for f in found}
    for number in [n for n in written if n.isdigit() and n not in current]:
        path, digest = folder / written[number][0], written[number][1]
        done = "worked_in" if _is_worked_in(path, digest) and not _is_handed_in(vault, path) else "answered"
        if done == "answered":
            if path.is_file():
                path.replace(private_folder(path.parent / _ANSWERED) / path.name)
            del written[number]
        yield Returned("", path.parent.name, int(number), path, 0, 0, done)


def _is_handed_in(vault: Vault, path: Path) -> bool:
    """Whether the very file, as it was worked in, has arrived."""
    return vault.place(hashlib.sha256(path.read_bytes()).hexdigest()).exists()


def _write_receipts(
    folder: Path, written: dict[str, list[str]], sound: Sequence[SoundTable], style: str
) -> None:
    """The receipt of each unit, where it says something else than before."""
    by_unit: dict[str, list[SoundTable]] = defaultdict(list)
    for table in sound:
        by_unit[table.unit].append(table)
    for unit, tables in by_unit.items():
        path, key = folder / unit / RECEIPT, f"{RECEIPT} {unit}"
        state = hashlib.sha256(repr(tables).encode()).hexdigest() + style
        if written.get(key, ["", "", ""])[2] != state or not path.is_file():
            content = receipt(unit, tables)
            private_folder(path.parent)
            write(path, content, is_remade=True)
            name = path.relative_to(folder).as_posix()
            written[key] = [name, hashlib.sha256(content).hexdigest(), state]


def _style() -> str:
    """Hash of the code that writes: another look of the files writes them anew."""
    digest = hashlib.sha256()
    for module in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(module.read_bytes())
    return digest.hexdigest()[:16]


def _read_list(folder: Path) -> dict[str, list[str]]:
    try:
        found = json.loads((folder / _LIST).read_bytes())
        return {str(n): [str(v) for v in entry] for n, entry in found.items() if len(entry) == 3}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}
