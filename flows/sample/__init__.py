"""Made-up districts: a seeded inbox as forty units would fill it, and the truth about every file.

`generate` writes an inbox of dated folders and, beside it, `truth.json` (what is right) and
`withdraw.json` (files that their sender took back). The same seed gives the same bytes. What the rows are comes from
the contracts and one plan (`data/plan`). Refuses the wall clock, the pipeline's own results and real people: the
figures of one article about Yongchuan come out because the rows were made so, not because anything was counted here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from flows.contract.catalogue import records
from flows.language import _
from flows.sample import mishaps, packing, sheets, special_kinds, truth
from flows.sample.intent import PlannedFile, PlannedTable
from flows.sample.lots import Figures, LotMaker
from flows.sample.senders import Sender, senders


@dataclass(frozen=True)
class SampleResult:
    """What was written: files, data rows, the truth file, the withdrawals to apply after intake."""

    files: int
    rows: int
    truth: Path
    withdrawals: Path


def generate(
    target: Path,
    seed: int = 2015,
    units: Sequence[str] | None = None,
    member_scale: float = 1.0,
    progress: Callable[[str, int, int], None] = lambda *_: None,
) -> SampleResult:
    """Write `target/inbox/<day of receipt>/<sender>/<file>`, `target/truth.json`, `target/withdraw.json`.

    Args:
        target: folder to write to.
        seed: of all dice.
        units: only these senders.
        member_scale: shrinks Yongchuan's member rolls (1.0 is 260,000 members) without changing anything else.
        progress: hears (stage, done, of).
    """
    chosen = [s for s in senders(seed) if units is None or s.code in units]
    districts = [s for s in chosen if not s.is_office]
    files: list[PlannedFile] = []
    for done, sender in enumerate(districts, 1):
        sent = district(sender)
        files += sent + mishaps.happen(sender, sent)
        files += special_kinds.member_rolls(sender, member_scale)
        progress(_("making up the records of units"), done, len(districts))
    truth.settle(files)  # an office checks the figures that stand once everything has come
    figures = truth.figures(files)
    for city in (s for s in chosen if s.is_office):
        sent = office(city, districts, figures) + mishaps.junk()
        truth.settle(sent)
        figures |= truth.figures(sent)
        files += sent
    files.sort(key=lambda f: (f.received, f.folder, f.name))
    rows = 0
    for done, file in enumerate(files, 1):
        rows += sheets.write(target / "inbox", file)
        progress(_("writing sample files"), done, len(files))
    withdrawn = [
        {"received": f.received.isoformat(), "folder": f.folder, "name": f.name, "reason": f.withdrawn}
        for f in files
        if f.withdrawn
    ]
    content = {
        "notice": sheets.NOTICE,
        "seed": seed,
        "files": truth.file_entries(files),
        "withdrawals": withdrawn,
        "figures": figures,
    }
    path, withdrawals = target / "truth.json", target / "withdraw.json"
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    withdrawals.write_text(json.dumps(withdrawn, ensure_ascii=False, indent=1), encoding="utf-8")
    return SampleResult(len(files), rows, path, withdrawals)


def district(sender: Sender) -> list[PlannedFile]:
    """Everything one unit sends but its member rolls."""
    return packing.files_of(sender, _tables(sender, LotMaker(sender)))


def office(city: Sender, units: list[Sender], figures: Figures) -> list[PlannedFile]:
    """What the city sends about the units: a file per kind and year. `figures` are those of their own records."""
    tables = _tables(city, LotMaker(city, units, figures))
    for kind, rows in special_kinds.OF_CITY.items():
        tables += packing.tables_of(city, records()[kind], rows(units))
    return [*packing.files_of(city, tables), special_kinds.employment(city, units)]


def _tables(sender: Sender, maker: LotMaker) -> list[PlannedTable]:
    """The tables of all kinds that a sender of its sort sends."""
    sort = "city" if sender.is_office else "units"
    kinds = [
        r for r in records().values() if r.record not in special_kinds.ALL and maker.kind(r).sent_by == sort
    ]
    return [table for record in kinds for table in packing.tables_of(sender, record, maker.rows(record))]
