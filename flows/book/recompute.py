"""A district alone: its own files, the code and its receipt give its figures, points, total, place and grade again, or say what differs.

The files are found by their hashes, read in a fresh data folder at the times that the receipt names, and measured by the same code.
What comes of them takes the place of the unit's figures and late reports in the receipt's facts, and the year is scored. What no file
of the unit can say (what the office recorded, lists that others send, figures of the group) is taken from the receipt and marked.
Nothing is proved about those: they are as published.
"""

from __future__ import annotations

import json
import shutil
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, time
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

from flows.assess import fact_queries
from flows.assess.facts_file import read_facts
from flows.book.unit_receipt import FORM, SCHEME_FILES
from flows.contract.catalogue import records
from flows.contract.indicator import indicators
from flows.contract.paths import Paths
from flows.contract.units import reference
from flows.database.connect import METRIC_MEMORY, open_build
from flows.ingest.closed_file import sha256_of
from flows.ingest.vault import Vault
from flows.language import _, later
from flows.metrics.refresh import measure
from flows.normalise.build import build
from flows.score.engine.facts import Facts, Figure
from flows.score.engine.result import Scored
from flows.score.engine.rounding import decimal_text, rounded
from flows.score.engine.scoring import score
from flows.score.scheme.scheme_loader import SchemeYear, load_folder

#: It agrees by the unit's own files alone (`own`), with what the receipt says that the office recorded or listed about the unit (`office`),
#: with figures and results of other units, too (`peers`).
Outcome = Literal["own", "office", "peers", "differs"]
OUTCOMES: dict[Outcome, str] = {
    "own": later("own files"),
    "office": later("with the receipt's records of the office"),
    "peers": later("with the receipt's figures of others"),
    "differs": later("DIFFERS"),
}


#: What is compared, in the order in which it is told.
KINDS = {
    "figure": later("figures"),
    "late": later("late reports"),
    "item": later("items"),
    "total": later("total"),
    "place": later("places"),
    "grade": later("grade"),
}


class ReceiptUnreadable(ValueError):
    """The file is no receipt that this code can read, or is about nothing."""


@dataclass(frozen=True)
class Compared:
    """One number or word: as the receipt says it, and as it came again."""

    kind: Literal["figure", "late", "item", "total", "place", "grade"]
    label: str
    said: str
    again: str
    outcome: Outcome
    key: object = None


@dataclass(frozen=True)
class Recomputed:
    """What came of a receipt and a unit's own files; `missing` are deliveries without a file."""

    unit: str
    name: str
    year: int
    of: Mapping[str, str]
    deliveries: int
    missing: tuple[str, ...]
    compared: tuple[Compared, ...]

    def counts(self, kind: str) -> dict[str, int]:
        """How many of a kind there are, by outcome."""
        found = [c.outcome for c in self.compared if c.kind == kind]
        return {outcome: found.count(outcome) for outcome in OUTCOMES}


def recompute(receipt: Path, own_files: Path, folder: Path, now: datetime) -> Recomputed:
    """Work a receipt out again.

    Args:
        receipt: the file that `receipt` wrote.
        own_files: the unit's own copies of what it delivered, in any folders; they are found by their hashes.
        folder: an empty one, for the data folder that is made on the way; it holds what the files hold.
        now: noted as the time of the intake; nothing is computed from it.

    Raises:
        ReceiptUnreadable: the file is no receipt of this form.
    """
    said = _read(receipt)
    unit, scheme, facts = said["unit"], _scheme(said, folder), _facts(said, folder)
    paths = Paths(folder / "data")
    missing = tuple(_take_in(said["deliveries"], own_files, paths, now))
    # as of the day up to which deliveries were known: what never came counts up to there
    as_of = datetime.combine(facts.known_on or now.date(), time.max)
    build(paths, as_of)
    measure(paths, as_of)
    with open_build(paths, as_of, METRIC_MEMORY) as con:
        own = fact_queries.read_facts(con, scheme)
        own_kinds = {kind for (kind,) in con.execute("select distinct record from meta.part").fetchall()}
    given = {kind for row in said["office_lists"] for kind in json.loads(row["records"])}
    given -= own_kinds if missing else set()
    compared = [*_figures(unit, facts, own, given), *_late(unit, facts, own, given)]
    from_receipt = {c.key for c in compared if c.outcome == "office"}
    merged = replace(facts, **_mixed(unit, own, facts, from_receipt))
    nothing = Facts(facts.units, facts.names, {}, facts.children, known_on=facts.known_on)
    given_facts = (merged, _of_unit(unit, merged), replace(nothing, **_mixed(unit, own)))
    compared += _scored(said, *(score(scheme, some) for some in given_facts))
    return Recomputed(
        unit,
        said["name"],
        said["year"],
        said["of"],
        len(said["deliveries"]),
        missing,
        tuple(compared),
    )


def _read(file: Path) -> dict[str, Any]:
    try:
        said = json.loads(file.read_bytes())
        if said["form"] == FORM and said.keys() >= {
            "unit",
            "facts",
            "scheme",
            "deliveries",
            "items",
            "result",
        }:
            return dict(said)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        pass
    raise ReceiptUnreadable(
        _(
            "{file} is no receipt that this code can read: use the file and the version of the office",
            file=file,
        )
    )


def _scheme(said: Mapping[str, Any], folder: Path) -> SchemeYear:
    (folder / "scheme").mkdir(parents=True)
    for name in SCHEME_FILES:
        (folder / "scheme" / name).write_text(said["scheme"][name], encoding="utf-8", newline="")
    return load_folder(folder / "scheme")


def _facts(said: Mapping[str, Any], folder: Path) -> Facts:
    (folder / "facts.json").write_text(json.dumps(said["facts"], ensure_ascii=False), encoding="utf-8")
    return read_facts(folder / "facts.json")


def _take_in(
    deliveries: Sequence[Mapping[str, str]], own_files: Path, paths: Paths, now: datetime
) -> Iterator[str]:
    """Take in what was delivered, each at its time; the deliveries that no file is found for."""
    held: dict[str, list[Path]] = defaultdict(list)
    for path in sorted(own_files.rglob("*")):
        if path.is_file():
            held[sha256_of(path)].append(path)
    by_time: dict[datetime, list[Mapping[str, str]]] = defaultdict(list)
    for row in deliveries:
        if not row["withdrawn_at"]:
            by_time[datetime.fromisoformat(row["received_at"])].append(row)
    box = paths.data / "box"
    for received, rows in sorted(by_time.items()):
        shutil.rmtree(box, ignore_errors=True)
        box.mkdir(parents=True)
        for row in rows:
            found = held.get(row["sha256"])
            if found is None:
                yield f"{row['name']} {row['sha256'][:16]}"
                continue
            # a name has the folders below the sender's; where it holds a mark, only how many there are is known
            parts = row["name"].count("/") + 1
            names = {"/".join(path.parts[-parts:]): path for path in reversed(found)}
            name = row["name"] if row["name"] in names else next(reversed(names))
            place = box / row["sender"] / name
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(names[name], place)
        Vault(paths.vault).take_in(box, now, reference().resolve_sender, received)
    shutil.rmtree(box, ignore_errors=True)


def _figures(unit: str, facts: Facts, own: Facts, given: Collection[str]) -> Iterator[Compared]:
    keys = {key for of, key in (*facts.figures, *own.figures) if of == unit}
    for key in sorted(keys, key=lambda key: key.order):
        said, again = facts.figures.get((unit, key)), own.figures.get((unit, key))
        is_given = bool(set(given) & set(indicators()[key.indicator].records))
        label = " ".join(filter(None, (indicators()[key.indicator].label, key.category, key.period_id)))
        outcome: Outcome = "own" if said == again else "office" if is_given else "differs"
        yield Compared("figure", label, _shown(said), _shown(again), outcome, key)


def _shown(figure: Figure | None) -> str:
    if figure is None:
        return "-"
    return figure.state if figure.amount is None else f"{decimal_text(figure.amount)} ({figure.records})"


def _late(unit: str, facts: Facts, own: Facts, given: Collection[str]) -> Iterator[Compared]:
    """Days by report. The office may have excused some of them, or sends a list itself."""
    said, again = ({(r.record, r.period_id): r.days for r in f.late if r.unit == unit} for f in (facts, own))
    for record, period in sorted(said.keys() | again.keys()):
        theirs, ours = said.get((record, period), 0), again.get((record, period), 0)
        may_excuse = "late_excuse" in given and ours is not None and (theirs or 0) < ours
        outcome: Outcome = (
            "own" if theirs == ours else "office" if record in given or may_excuse else "differs"
        )
        label = f"{records()[record].label} {period}"
        yield Compared("late", label, str(theirs), str(ours), outcome, (record, period))


def _mixed(
    unit: str, own: Facts, facts: Facts | None = None, from_receipt: Collection[object] = ()
) -> dict[str, Any]:
    """Figures and late reports: of the unit its own but for those from the receipt, of others those of the receipt."""

    def is_own(of: str, key: object) -> bool:
        return of == unit and key not in from_receipt

    others = facts or Facts((), {}, {})
    return {
        "figures": {k: f for k, f in others.figures.items() if not is_own(*k)}
        | {k: f for k, f in own.figures.items() if is_own(*k)},
        "late": tuple(r for r in others.late if not is_own(r.unit, (r.record, r.period_id)))
        + tuple(r for r in own.late if is_own(r.unit, (r.record, r.period_id))),
    }


def _of_unit(unit: str, facts: Facts) -> Facts:
    """What the facts say of one unit alone."""

    def of(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: figure for key, figure in value.items() if key[0] == unit}
        return tuple(record for record in value if record.unit == unit)

    kept = ("units", "names", "children", "known_on")
    return replace(facts, **{f.name: of(getattr(facts, f.name)) for f in fields(facts) if f.name not in kept})


def _scored(said: Mapping[str, Any], *given: Scored) -> Iterator[Compared]:
    """Points, total, place and grade: as published, as they come again, and by how little they come.

    Args:
        said: the receipt.
        given: the year scored with all, with what is of the unit, with what comes of its own files.
    """
    unit = said["unit"]
    items = [{s.item: _points(s.points) for s in scored.items if s.unit == unit} for scored in given]
    for row in said["items"]:
        if row["is_leaf"] == "true":
            name, points = row["item_id"], row["points"]
            yield _compared("item", row["label"], points, *(again.get(name, "") for again in items))
    results = [next(r for r in scored.results if r.unit == unit) for scored in given]
    result = results[0]
    row = said["result"]
    yield _compared("total", _("total"), row["total_points"], *(_points(r.total) for r in results))
    for group, label in (("group_rank", _("place in the group")), ("overall_rank", _("place among all"))):
        yield _compared("place", label, row[group], str(getattr(result, group)))
    yield _compared("grade", _("grade"), row["grade"], result.grade)


def _points(amount: Fraction | None) -> str:
    return "" if amount is None else str(rounded(amount))


def _compared(
    kind: Literal["item", "total", "place", "grade"], label: str, said: str, again: str, *with_less: str
) -> Compared:
    """`with_less`: the same with what is of the unit, and with its own files alone; a place and a grade are never those."""
    outcome: Outcome = "differs"
    if said == again:
        of_unit, alone = with_less or ("", "")
        outcome = "own" if said == alone == of_unit else "office" if said == of_unit else "peers"
    return Compared(kind, label, said, again, outcome)
