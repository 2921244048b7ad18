"""Made-up districts: a seeded inbox as forty units would fill it, and the truth about every file.

`generate` writes an inbox of dated folders and, beside it, `truth.json` (what is right) and
`withdraw.json` (deliveries that their sender took back). The same seed gives the same bytes.
Refuses the wall clock, the pipeline's own results and real people: the figures of one article
about Yongchuan come out because the rows were made so, not because anything was counted here.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from flows.contract.catalogue import columns_of_type, records
from flows.contract.record import ColumnType, Record
from flows.sample import files, generic, members, mishaps, pack, truth
from flows.sample.claims import READINGS, claims
from flows.sample.kinds import MAKERS, NOT_BY_UNIT, bureau
from flows.sample.kinds.assessed import Figures
from flows.sample.kinds.office import rows as office_rows
from flows.sample.model import Delivery
from flows.sample.scene import CITY, YONGCHUAN, Scene, Unit, successors
from flows.sample.scene import units as all_units


@dataclass(frozen=True)
class SampleResult:
    """What was written: files, data rows, the truth file, the withdrawals to apply after intake."""

    files: int
    rows: int
    truth: Path
    withdrawals: Path


def generate(
    target: Path, seed: int = 2015, units: Sequence[str] | None = None, member_scale: float = 1.0
) -> SampleResult:
    """Write `target/inbox/<day of receipt>/<sender>/<file>`, `target/truth.json`, `target/withdraw.json`.

    `units` keeps only these senders; `member_scale` shrinks member rolls (1.0 is 260,000 members in
    Yongchuan) without changing anything else.
    """
    target.mkdir(parents=True, exist_ok=True)
    deliveries: list[Delivery] = []
    senders = [u for u in all_units(only=units) if u.code != CITY]
    for unit in senders:
        sent = district(unit, seed)
        deliveries += sent + mishaps.happen(unit, sent, seed)
        if "member" in records():
            deliveries += members.rolls(Scene(unit, "member", seed), records()["member"], member_scale)
    if units is None or CITY in units:
        truth.settle(deliveries)  # an office checks the figures that stand once everything has come
        deliveries += office(senders, seed, truth.figures(deliveries, successors())) + mishaps.junk()
    deliveries.sort(key=lambda d: (d.received, d.folder, d.name))
    truth.settle(deliveries)
    rows = sum(files.write(target / "inbox", delivery) for delivery in deliveries)
    return _write_truth(target, seed, deliveries, rows, member_scale)


def district(unit: Unit, seed: int) -> list[Delivery]:
    """Everything one unit sends."""
    tables = []
    for record in records().values():
        if record.record in NOT_BY_UNIT or is_office_kind(record):
            continue
        scene = Scene(unit, record.record, seed)
        maker = MAKERS.get(record.record, generic.rows)
        rows = [row for row in maker(scene, record) if row.on is not None and unit.lives_on(row.on)]
        tables += pack.tables_of(unit, record, rows, seed, unit.code == YONGCHUAN)
    if unit.code == YONGCHUAN:
        return pack.file_per_table(unit, tables, seed)
    return pack.workbooks(unit, tables, seed)


def is_office_kind(record: Record) -> bool:
    """Whether the city office sends this kind about all units: it has a subject, and is no own total."""
    return record.record != "union_statistics" and bool(columns_of_type(record, ColumnType.UNIT))


def office(units: list[Unit], seed: int, figures: Figures) -> list[Delivery]:
    """What the city sends: a file per kind and year. `figures` are those of the units' own records."""
    city = next(u for u in all_units() if u.code == CITY)
    tables = []
    for record in records().values():
        if is_office_kind(record) and record.record not in NOT_BY_UNIT:
            rows = office_rows(Scene(city, record.record, seed), record, units, figures)
            tables += pack.tables_of(city, record, rows, seed, split_2015=False)
    sent = pack.file_per_table(city, tables, seed)
    if "employment_statistics" in records():
        scene = Scene(city, "employment_statistics", seed)
        sent.append(bureau.employment(scene, records()["employment_statistics"], units))
    return sent


def _write_truth(
    target: Path, seed: int, deliveries: list[Delivery], rows: int, member_scale: float
) -> SampleResult:
    withdrawn = [
        {
            "received": d.received.isoformat(),
            "sender": d.sender,
            "folder": d.folder,
            "name": d.name,
            "reason": d.withdrawn,
        }
        for d in deliveries
        if d.withdrawn
    ]
    content = {
        "notice": files.NOTICE,
        "seed": seed,
        "files": truth.file_entries(deliveries),
        "withdrawals": withdrawn,
        "figures": truth.figures(deliveries, successors()),
        "claims": [
            {
                "claim": c.number,
                "indicator": c.indicator,
                "category": c.category,
                "unit": YONGCHUAN,
                "periods": READINGS,
                "numerator": c.value.numerator,
                "denominator": c.value.denominator,
            }
            for c in claims(member_scale)
        ],
    }
    path, withdrawals = target / "truth.json", target / "withdraw.json"
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True), encoding="utf-8")
    withdrawals.write_text(json.dumps(withdrawn, ensure_ascii=False, indent=1), encoding="utf-8")
    return SampleResult(len(deliveries), rows, path, withdrawals)
