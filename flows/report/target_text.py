"""Signed targets against a year's table, as a person reads it and as JSON; with `write`, the table grows by them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

from flows.assess.target_letters import read_letters
from flows.contract.catalogue import ROOT
from flows.contract.indicator import indicators
from flows.contract.units import reference
from flows.ingest.inbox import PassedOver
from flows.language import _, later
from flows.report.files.inspection import files_in
from flows.score.scheme.scheme_loader import read_groups, read_targets
from flows.score.scheme.signed_targets import TargetChange, append, compare, shown

#: What a signed target is to those that are written.
_KINDS: dict[Literal["new", "revised", "earlier", "same"], str] = {
    "new": later("new"),
    "revised": later("revised"),
    "earlier": later("earlier"),
    "same": later("same"),
}


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
    groups = read_groups(table.with_name("group.csv"))[0]
    files = []
    for found in (found for path in paths for found in files_in(path)):
        if isinstance(found, PassedOver):
            remark(_("passed over: {name} ({code})", name=found.name, code=found.code))
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
        remark(_("error: {message}", message=error))
    count = Counter(change.kind for change in changes)
    out(_(", ").join(f"{_(words)} {count[kind]}" for kind, words in _KINDS.items()))
    if errors:
        remark(_("{n} errors; nothing was written", n=len(errors)))
    elif write:
        out(_("{n} lines appended to {file}", n=added, file=table))
    elif count.total() > count["same"]:
        out(_("nothing was written; --write appends these lines"))
    return len(errors)


def _line(change: TargetChange, names: dict[str, str]) -> str:
    one = change.signed
    before = f"{shown(change.before)} → " if change.before is not None and change.kind == "revised" else ""
    return (
        f"{_(_KINDS[change.kind])}  {names[one.unit]}  {indicators()[one.indicator].label}  {before}{shown(one.target)}  "
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
