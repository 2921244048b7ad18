"""What was decided about a unit, proven: its total, place and grade, the gates that hold, bonus and deductions as they counted.

Everything is reckoned from what was read again (`year_again.py`): the engine's steps over the re-read facts give what should have been
published, the sums within caps are made once more here, and places and grades also follow from the published totals by code that did not
produce them (`places_again.py`). A place needs the totals of all units: of those that were not read again it has what was published, and
the proof is then not complete. Refuses to repeat what is published as if that proved it: each line has what was published beside what
came again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

from flows.assess.places_again import GradePlaces
from flows.audit.item_proof import (
    figures_used,
    follow_corrections,
    item_proof,
    rows_of,
    scheme_differences,
    text_of,
)
from flows.audit.manual_decisions import read_again
from flows.audit.proof_model import (
    DecidedProof,
    Difference,
    NotPublishedError,
    PeersRead,
    ProofStep,
    RecordedDecision,
    ScoreProof,
)
from flows.audit.year_again import YearAgain
from flows.contract.catalogue import code_lists
from flows.language import _, later
from flows.score.engine import bonus
from flows.score.engine.facts import Address, Decision
from flows.score.engine.rounding import half_up
from flows.score.explain.format import number
from flows.score.explain.frame import Frame
from flows.score.scheme.scheme_model import BonusClass, DeductionClass, Item
from flows.score.sources.veto import VetoInput

#: Kind → what people call it, and what it can be asked for by.
KINDS = {
    "total": "总分",
    "rank": "名次",
    "grade": "等次",
    "gate": "一票否决",
    "bonus": "加分",
    "deduction": "扣分",
}
_WORDS = {"门槛": "gate", "否决": "gate", "排名": "rank", "得分": "total"}

_TIES = {
    "shared": later("equal units share a place, the next one is counted on (1, 1, 3)"),
    "dense": later("equal units share a place, the next one follows (1, 1, 2)"),
}
_BREAKS = {
    "base_points": later("base points"),
    "bonus_points": later("bonus"),
    "past_rank": later("place of the year before"),
    "decision": later("recorded decision"),
}
_EDGES = {
    "extend": later("equal units at the last place all have it"),
    "drop": later("equal units at the last place have none of it"),
    "decide": later("equal units at the last place: as was decided"),
}
_WHY = {
    "granted": later("counted as granted"),
    "undecided": later("not decided yet"),
    "no_document": later("no document"),
    "lower_level": later("the same matter counts at a higher level"),
    "counted_before": later("counted in an earlier year"),
    "out_of_years": later("work of another year"),
    "above_level": later("counted up to the most of its level"),
    "class_unknown": later("of no class of the scheme"),
    "level_unknown": later("of no level of its class"),
}


def kind_meant(text: str) -> str | None:
    """The kind that a word means, in English or Chinese."""
    word = text.strip()
    found = {word: kind for kind, word in KINDS.items()} | _WORDS | {kind: kind for kind in KINDS}
    return found.get(word)


def decided_proof(again: YearAgain, unit: str, kind: str) -> DecidedProof:
    """Prove what was decided about a unit; the year was read again with all its items. `NotPublishedError` where it has no result."""
    makers: dict[str, Callable[[YearAgain, DecidedProof, dict[str, Any]], None]] = {
        "total": _total,
        "rank": _rank,
        "grade": _grade,
        "gate": _gate,
        "bonus": _bonus,
        "deduction": _deduction,
    }
    rows = rows_of(again.edition, "unit_result", year=again.year.year, unit=unit)
    if not rows or unit not in again.totals:
        raise NotPublishedError(
            _("the published edition has no result of {unit} in {year}", unit=unit, year=again.year.year)
        )
    row = rows[0]
    proof = DecidedProof(kind, unit, row["unit_name"], again.year.year, row["scheme"], "", "")
    proof.differences = [*scheme_differences(again.edition, again.year), *again.differences]
    makers[kind](again, proof, row)
    return proof


# -- total


def _total(again: YearAgain, proof: DecidedProof, row: dict[str, Any]) -> None:
    """Items, each proven to the cell; their sum, scaled up; bonus and deductions as they counted; gates; rounding."""
    unit, total, scheme = proof.unit, again.totals[proof.unit], again.year.scheme
    others, published = False, Fraction()
    tops = {item.id for item in scheme.items}
    for item in scheme.walk():
        of_item = item_proof(again, unit, item.id)
        published += of_item.points or 0 if item.id in tops else 0
        others |= not of_item.peers.are_read
        proof.steps.append(_item_step(of_item, item, item.id in total.void))
    base = sum((again.scores[unit, i.id].points or Fraction() for i in scheme.items), Fraction())
    proof.steps.append(_step(_("sum of the items"), published, base, "", len(scheme.items)))
    proof.steps.append(
        _step(
            _("scaled up by"),
            row["rescale"],
            total.rescale,
            _("full points over those of what is not left out"),
        )
    )
    proof.steps.append(_step(_("base"), row["base_points"], total.base, ""))
    for kind, was, now in (
        ("bonus", row["bonus_points"], total.bonus),
        ("deduction", row["deduction_points"], total.deduction),
    ):
        part = decided_proof(again, unit, kind)
        proof.steps.append(
            replace(
                _step(KINDS[kind], was, now, _("trace {kind}", kind=kind), item=kind),
                is_proven=part.is_proven,
            )
        )
    gates = decided_proof(again, unit, "gate")
    held = [g for g in gates.steps if g.again == _("holds")]
    proof.steps.append(
        ProofStep(
            KINDS["gate"],
            gates.published,
            gates.again,
            "、".join(g.label for g in held) or _("none holds"),
            "gate",
            gates.is_proven,
        )
    )
    others |= not gates.peers.are_read
    raw = Fraction() if total.is_zeroed else total.base + total.bonus - total.deduction
    proof.steps.append(
        _step(
            _("total"),
            row["total_points"],
            total.total,
            _(
                "{base} + {bonus} − {deduction}, rounded half up to {places} places",
                base=number(total.base),
                bonus=number(total.bonus),
                deduction=number(total.deduction),
                places=scheme.rounding.total,
            )
            + (_("; a gate sets it to 0") if total.is_zeroed else ""),
        )
    )
    if abs(half_up(raw, scheme.rounding.total) - total.total) * 10**scheme.rounding.total > 1:
        proof.differences.append(Difference("total_differs", text_of(total.total), text_of(raw)))
    proof.published, proof.again = text_of(row["total_points"]), text_of(total.total)
    proof.peers = PeersRead(len(again.scoring.context.units) - 1, not others)


def _item_step(of_item: ScoreProof, item: Item, is_void: bool) -> ProofStep:
    detail = _("of {full}", full=text_of(of_item.full))
    if item.items:
        detail += _(", sum of its items")
    if is_void:
        detail += _(", void by a gate")
    if not of_item.peers.are_read:
        detail += _(", peers as published")
    # what was scored with stands beside what is published at six places
    return ProofStep(
        ("  " if not item.items else "") + of_item.label,
        text_of(of_item.points),
        text_of(of_item.again),
        detail,
        of_item.item,
        of_item.is_proven,
    )


def _step(
    label: str,
    published: Fraction | None,
    found: Fraction | None,
    detail: str = "",
    parts: int = 0,
    item: str = "",
) -> ProofStep:
    """A line of amounts; a sum of `parts` rounded amounts may be off by half a millionth each."""
    was, now = text_of(published), text_of(found)
    if parts and published is not None and found is not None and abs(published - found) * 10**6 <= parts:
        was = now
    return ProofStep(label, was, now, detail, item)


# -- place


def _rank(again: YearAgain, proof: DecidedProof, row: dict[str, Any]) -> None:
    """The own total, the units before and after it, what decides among equals; the place by both derivations."""
    unit, scheme, units = proof.unit, again.year.scheme, again.scoring.context.units
    proof.steps.append(
        _step(_("total"), row["total_points"], again.totals[unit].total, _("trace total"), item="total")
    )
    ranks = again.scoring.ranks(again.totals)
    standings = again.standings
    breaks = "、".join(_break_said(again, by) for by in scheme.rank.break_)
    rule = _(
        "by points, then {breaks}; {ties}", breaks=breaks or _("nothing"), ties=_(_TIES[scheme.rank.ties])
    )
    group = again.year.groups[unit]
    members = again.scoring.context.members[group]
    for scope, label, at, column, among in (
        (group, _("place in {group}", group=scheme.group_label(group)), 0, "group_rank", members),
        ("", _("place of all"), 1, "overall_rank", units),
    ):
        derived = standings.places[scope, unit] if standings else None
        detail = _("of {n} units; {rule}", n=len(among), rule=rule)
        proof.steps.append(ProofStep(label, str(row[column]), str(ranks[unit][at]), detail))
        proof.steps += _neighbours(again, unit, among, {u: ranks[u][at] for u in among})
        proof.steps.append(_by_other_code(label, row[column], derived))
    proof.published = f"{row['group_rank']} / {row['overall_rank']}"
    proof.again = f"{ranks[unit][0]} / {ranks[unit][1]}"
    _take_decisions(again, proof, [d for d in again.scoring.context.facts.decisions if d.unit == unit])
    _beside(again, proof, units)


def _by_other_code(label: str, published: int, derived: Any) -> ProofStep:
    """A place as it follows from the published totals in SQL."""
    name = _("  {label}, derived from the published totals in SQL", label=label)
    if derived is None:
        return ProofStep(name, "", "", _("the scheme makes places before its gates: not derived"))
    found = str(published) if derived.follows else str(derived.best)
    return ProofStep(name, str(published), found)


def _neighbours(again: YearAgain, unit: str, among: Iterable[str], places: dict[str, int]) -> list[ProofStep]:
    """Who stands before and after, with the gap; of equal totals what decided."""
    names = again.scoring.context.facts.names
    rows = again.edition.execute(
        "select unit_code, total_points from assess.result where year = $year", {"year": again.year.year}
    ).fetchall()
    published: dict[str, Decimal] = dict(rows)
    line = sorted(among, key=lambda u: (places[u], u != unit, u))
    out = []
    for before, after in pairwise(line):
        if unit not in (before, after):
            continue
        other = before if after == unit else after
        own, its = again.totals[unit], again.totals[other]
        gap = its.total - own.total
        if gap or own.placed[0] != its.placed[0]:
            told = _("{gap} points", gap=("+" if gap > 0 else "") + text_of(gap))
        else:
            told = _decided_by(again, unit, other)
        said = _("before it") if other == before else _("after it")
        label = f"  {said}{_(': ')}{names.get(other, other)}"
        detail = _("place {place}, {told}", place=places[other], told=told)
        if other not in again.units:
            detail += _(", as published")
        out.append(ProofStep(label, text_of(Fraction(published[other])), text_of(its.total), detail))
    return out


def _decided_by(again: YearAgain, unit: str, other: str) -> str:
    own, its = again.totals[unit].placed[1:], again.totals[other].placed[1:]
    for by, a, b in zip(again.year.scheme.rank.break_, own, its, strict=True):
        if a != b:
            return _(
                "equal points, decided by {by}: {own} and {its}",
                by=_break_said(again, by),
                own=text_of(abs(a)),
                its=text_of(abs(b)),
            )
    return _("equal in everything: the place is shared")


def _break_said(again: YearAgain, by: str) -> str:
    if by.startswith("item:"):
        return again.scoring.context.items[by.removeprefix("item:")].label
    return _(_BREAKS[by])


def _take_decisions(again: YearAgain, proof: DecidedProof, found: Iterable[Decision]) -> None:
    asked = [
        RecordedDecision(
            "decision", *d.address, Fraction(d.place), reason=d.reason, document_no=d.document_no
        )
        for d in found
    ]
    _record(again, proof, asked)


def _record(again: YearAgain, proof: DecidedProof, asked: list[RecordedDecision]) -> None:
    """Show recorded rows with their cells; each row of the unit that is not as published is a difference."""
    shown, differences = read_again(again, asked)
    proof.recorded += shown
    proof.differences += differences


def _beside(again: YearAgain, proof: DecidedProof, among: Iterable[str]) -> None:
    """Other units that a place or grade depends on; those that were read again are to be as published."""
    others = [u for u in among if u != proof.unit]
    proof.peers = again.peers_of(others)
    if proof.peers.are_read:
        proof.differences += again.unlike(others)
    proof.differences += again.unlike([proof.unit])


# -- grade


def _grade(again: YearAgain, proof: DecidedProof, row: dict[str, Any]) -> None:
    """How many places each grade has and who took them; what gates lower; the grade by both derivations."""
    unit, scheme = proof.unit, again.year.scheme
    spec, label = scheme.grades, _grade_label
    ranks = again.scoring.ranks(again.totals)
    grades = again.scoring.grades(again.totals, ranks)
    scope = "" if spec.scope == "all" else again.year.groups[unit]
    at = 1 if spec.scope == "all" else 0
    column = "overall_rank" if at else "group_rank"
    proof.steps.append(ProofStep(_("place"), str(row[column]), str(ranks[unit][at]), _("trace rank"), "rank"))
    proof.steps.append(
        _step(_("total"), row["total_points"], again.totals[unit].total, _("trace total"), item="total")
    )
    standings = again.standings
    for given in standings.given if standings else ():
        if given.scope == scope:
            proof.steps.append(_given(again, given, grades, _EDGES[spec.edge_tie]))
    held = [e for e in again.totals[unit].effects if e.no_award or e.lowest or e.lower_one or e.at_best]
    if held:
        hits = {h.gate for h in again.totals[unit].hits}
        named = "、".join(g.label for g in scheme.gates if g.id in hits)
        proof.steps.append(ProofStep(_("lowered by gates"), "", "", named, "gate"))
    proof.published, proof.again = label(row["grade"]), label(grades[unit])
    derived = label(standings.grades[unit]) if standings else proof.published
    name = _("grade, derived from the published places in SQL")
    proof.steps.append(ProofStep(name, proof.published, derived))
    found = again.scoring.context.facts.decisions
    _take_decisions(again, proof, [d for d in found if d.unit == unit] if spec.edge_tie == "decide" else [])
    _beside(
        again,
        proof,
        again.scoring.context.units if spec.scope == "all" else again.scoring.context.members[scope],
    )


def _given(again: YearAgain, given: GradePlaces, grades: dict[str, str], edge: str) -> ProofStep:
    """The arithmetic of one grade: its quota, its least points, who took it by the published and by the re-scored places."""
    grade, names = given.grade, again.scoring.context.facts.names
    if grade.share is not None:
        quota = _(
            "{share} % of {units} units ＝ {exact}, {rounded} ＝ {places} places",
            share=number(Fraction(grade.share) * 100),
            units=given.units,
            exact=number(Fraction(grade.share) * given.units),
            rounded={"floor": _("rounded down"), "half_up": _("rounded half up"), "ceil": _("rounded up")}[
                grade.round
            ],
            places=given.places,
        )
    elif grade.count is not None:
        quota = _("{places} places", places=grade.count)
    else:
        quota = _("as many as reach it")
    least = (
        "" if grade.min_points is None else _(", from {points} points on", points=number(grade.min_points))
    )
    barred = (
        _("; barred: {units}", units="、".join(names.get(u, u) for u in given.barred)) if given.barred else ""
    )
    taken = (
        _("; {edge}", edge=_(edge)) if given.places is not None and len(given.takers) != given.places else ""
    )
    said = (
        "、".join(names.get(u, u) for u in units) for units in (given.takers, _takers(again, given, grades))
    )
    was, now = said
    return ProofStep(_grade_label(grade.grade), was, now, f"{quota}{least}{barred}{taken}")


def _takers(again: YearAgain, given: GradePlaces, grades: dict[str, str]) -> list[str]:
    """Who the engine gave the grade's place to, before gates lowered it: those whose grade it is, and those who were lowered from it."""
    lowered = [u for u in given.takers if grades[u] != given.grade.grade and again.totals[u].effects]
    own = [
        u
        for u, grade in grades.items()
        if grade == given.grade.grade and given.scope in ("", again.year.groups[u])
    ]
    return sorted({*lowered, *(u for u in own if not again.totals[u].effects or u in given.takers)})


def _grade_label(code: str) -> str:
    return next((e.label for e in code_lists()["assessment_grade"] if e.code == code), code)


# -- gates


def _gate(again: YearAgain, proof: DecidedProof, row: dict[str, Any]) -> None:
    """Every gate of the scheme: whether it holds, by which figures and recorded events."""
    unit, context = proof.unit, again.scoring.context
    published = set(row["gates"])
    frame = Frame(again.year, None)
    held, others = [], set[str]()
    recorded: dict[tuple[int, int], RecordedDecision] = {}
    for gate in again.year.scheme.gates:
        where = again.scoring.scorer.rule_context(unit, None, gate.inputs)
        is_held, reads = gate.if_.holds(where)
        if is_held:
            held.append(gate.id)
        conditions = {c for one in gate.inputs if isinstance(one, VetoInput) for c in one.veto}
        for event in context.facts.vetoes:
            if event.unit == unit and event.condition in conditions:
                recorded[event.address] = RecordedDecision(
                    "veto",
                    *event.address,
                    None,
                    reason=_condition(event.condition) + (_(" (under appeal)") if event.is_appealed else ""),
                    document_no=event.document_no,
                )
        amounts = "、".join(
            number(r.amount) if r.amount is not None else r.text or _("no figure") for r in reads
        )
        words = _("holds"), _("does not hold")
        proof.steps.append(
            ProofStep(
                gate.label,
                words[gate.id not in published],
                words[not is_held],
                _("if {condition}; here {amounts}", condition=gate.if_.describe(frame), amounts=amounts),
            )
        )
        proof.figures += [f for f in figures_used(again, unit, gate) if f not in proof.figures]
        peers = again.peers(unit, gate)
        if not peers.are_read:
            others.add(gate.id)
    _record(again, proof, list(recorded.values()))
    _add_unlike(again, proof, "condition")
    for used in proof.figures:
        follow_corrections(again.edition, used, proof)
    proof.published = "、".join(g.label for g in again.year.scheme.gates if g.id in published) or _(
        "none holds"
    )
    proof.again = "、".join(g.label for g in again.year.scheme.gates if g.id in held) or _("none holds")
    proof.peers = PeersRead(len(context.units) - 1 if others else 0, not others)


def _condition(code: str) -> str:
    return next((e.label for e in code_lists()["veto_condition"] if e.code == code), code)


# -- bonus and deductions


def _bonus(again: YearAgain, proof: DecidedProof, row: dict[str, Any]) -> None:
    """Each application with its document and what it gave; the sum of each class within its cap, then the whole within its."""
    unit, spec = proof.unit, again.year.scheme.bonus
    entries = [e for e in again.scoring.bonus_entries if e.unit == unit]
    published = _counted(again, proof)
    sums: dict[str | None, Fraction] = defaultdict(Fraction)
    for entry in entries:
        sums[entry.class_id] += entry.counted
        was, _matter = published.pop(entry.address, (None, ""))
        detail = _(
            "claimed {claimed}, granted {granted}; {level}, work of {year}, document {document}: {why}",
            claimed=text_of(entry.claimed),
            granted=text_of(entry.granted) or "—",
            level=_level(entry.level),
            year=entry.work_year,
            document=entry.document_no or "—",
            why=_(_WHY[entry.why]),
        )
        proof.steps.append(_step(entry.matter, was, entry.counted, detail))
    proof.steps += [_step(label, amount, None) for amount, label in published.values()]
    capped = _within_classes(proof, spec.classes if spec else (), sums)
    capped = _within(proof, _("all classes"), capped, spec.cap if spec else None)
    if capped != bonus.bonus_total(entries, spec):
        proof.differences.append(Difference("total_differs", text_of(row["bonus_points"]), text_of(capped)))
    asked = [
        RecordedDecision("bonus", *e.address, e.claimed, e.granted, e.counted, "", e.document_no or "")
        for e in entries
    ]
    _record(again, proof, asked)
    _add_unlike(again, proof, "claimed")
    proof.published, proof.again = text_of(row["bonus_points"]), text_of(again.totals[unit].bonus)


def _deduction(again: YearAgain, proof: DecidedProof, row: dict[str, Any]) -> None:
    """Each notice with its document; the sum of each class within its cap, the factor, the cap of all."""
    unit, spec, scoring = proof.unit, again.year.scheme.deductions, again.scoring
    notices = [a for a in scoring.notices if a.unit == unit]
    published = _counted(again, proof)
    classes = spec.classes if spec else ()
    sums: dict[str, Fraction] = defaultdict(Fraction)
    for notice in notices:
        item = scoring.context.items[notice.item or ""]
        path = {i.id for i in scoring.context.above[item.id]}
        of_item = [c for c in classes if path & set(c.items)] + [c for c in classes if not c.items]
        sums[of_item[0].id] += notice.amount
        was, _reason = published.pop(notice.address, (None, ""))
        detail = _("{reason}, document {document}", reason=notice.reason, document=notice.document_no or "—")
        proof.steps.append(_step(item.label, was, notice.amount, detail))
    proof.steps += [_step(label, amount, None) for amount, label in published.values()]
    capped = _within_classes(proof, classes, sums)
    if spec and spec.factor is not None and capped:
        where = scoring.scorer.rule_context(unit, None, spec.factor.inputs)
        factor = spec.factor.evaluate(where).points
        factor = Fraction(1) if factor is None else factor
        capped *= factor
        proof.figures = figures_used(again, unit, spec.factor)
        proof.steps.append(_step(_("factor"), factor, factor, _("comes to {points}", points=text_of(capped))))
    capped = _within(proof, _("all classes"), capped, spec.cap if spec else None)
    if capped != scoring.deducted[unit]:
        proof.differences.append(
            Difference("total_differs", text_of(row["deduction_points"]), text_of(capped))
        )
    asked = [
        RecordedDecision("deduction", *n.address, n.amount, reason=n.reason, document_no=n.document_no)
        for n in notices
    ]
    _record(again, proof, asked)
    _add_unlike(again, proof, "points")
    proof.published, proof.again = text_of(row["deduction_points"]), text_of(again.totals[unit].deduction)


def _counted(again: YearAgain, proof: DecidedProof) -> dict[Address, tuple[Fraction | None, str]]:
    """What was published of applications or notices, by address."""
    rows = rows_of(again.edition, "counted_record", year=proof.year, unit=proof.unit)
    own = [r for r in rows if r["kind"] == proof.kind]
    return {Address(r["part_id"], r["row_number"]): (r["amount"], r["about"]) for r in own}


def _add_unlike(again: YearAgain, proof: DecidedProof, named: str) -> None:
    """Rows of the unit that only one side has, of the kind of fact that has a field of this name."""
    proof.differences += [
        d for r, d in again.differing.get(proof.unit, ()) if hasattr(r, named) and d not in proof.differences
    ]


def _within_classes(
    proof: DecidedProof, classes: Iterable[BonusClass | DeductionClass], sums: Mapping[Any, Fraction]
) -> Fraction:
    """The sums of the classes, each within its cap."""
    found = [_within(proof, one.label, sums[one.id], one.cap) for one in classes if one.id in sums]
    return sum(found, Fraction())


def _within(proof: DecidedProof, label: str, found: Fraction, cap: Decimal | None) -> Fraction:
    """A sum within its cap, as a line of the reckoning."""
    within = found if cap is None else min(found, Fraction(cap))
    said = _("no cap") if cap is None else _("at most {cap}", cap=number(cap))
    detail = _("{found}, {cap}", found=text_of(found), cap=said)
    proof.steps.append(ProofStep(_("sum of {label}", label=label), text_of(within), text_of(within), detail))
    return within


def _level(code: str) -> str:
    return next((e.label for e in code_lists()["honour_level"] if e.code == code), code)
