"""Signed targets against a year's table, as a person reads it and as JSON; with `write`, the table grows by them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from flows.assess.target_letters import read_letters
from flows.contract.catalogue import ROOT
from flows.contract.indicator import indicators
from flows.contract.units import reference
from flows.ingest.inbox import PassedOver
from flows.report.files.inspection import files_in
from flows.score.scheme.scheme_loader import read_groups, read_targets
from flows.score.scheme.signed_targets import TargetChange, append, compare, shown


def report(
    paths: Sequence[Path],
    year: int,
    unit: str | None,
    write: bool,
    in_json: bool,
    out: Callable[[str], None],
    remark: Callable[[str], None],
    root: Path = ROOT,
) -> int:
    """Compare, print, and write if nothing is wrong; how many errors there are."""
    table = root / "data" / "scheme" / str(year) / "target.csv"
    written = read_targets(table)
    groups, _ = read_groups(table.with_name("group.csv"))
    files = []
    for found in (found for path in paths for found in files_in(path)):
        if isinstance(found, PassedOver):
            remark(f"passed over: {found.name} ({found.code})")
        else:
            files.append(found.path)
    letters = read_letters(files, year, groups, unit)
    changes, contradictions = compare(letters.signed, written, table.name)
    errors = [*letters.errors, *contradictions]
    added = append(table, changes) if write and not errors else 0
    if in_json:
        content = {
            "year": year,
            "file": str(table),
            "written": added,
            "changes": [_object(c) for c in changes],
            "errors": errors,
        }
        out(json.dumps(content, ensure_ascii=False, indent=1))
        return len(errors)
    names = {u.unit_code: u.short_name for u in reference().units}
    for change in changes:
        if change.kind != "same":
            out(_line(change, names))
    for error in errors:
        remark(f"error: {error}")
    count = Counter(change.kind for change in changes)
    out(", ".join(f"{count[kind]} {kind}" for kind in ("new", "revised", "earlier", "same")))
    if errors:
        remark(f"{len(errors)} errors; nothing was written")
    elif write:
        out(f"{added} lines appended to {table}")
    elif count.total() > count["same"]:
        out("nothing was written; --write appends these lines")
    return len(errors)


def _line(change: TargetChange, names: dict[str, str]) -> str:
    one = change.signed
    before = f"{shown(change.before)} → " if change.before is not None and change.kind == "revised" else ""
    return (
        f"{change.kind:<8} {names[one.unit]}  {indicators()[one.indicator].label}  {before}{shown(one.target)}  "
        f"{one.document_no}  {one.effective_on}  ({one.where})"
    )


def _object(change: TargetChange) -> dict[str, object]:
    one = change.signed
    return {
        "kind": change.kind,
        "unit": one.unit,
        "indicator": one.indicator,
        "target": shown(one.target),
        "before": None if change.before is None else shown(change.before),
        "document_no": one.document_no,
        "effective_on": one.effective_on.isoformat(),
        "where": one.where,
    }
