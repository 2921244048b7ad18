"""Must-haves, bars and vetoes: which gates hold for a unit, and on which recorded events they stand.

What a gate does to sums and grades is done where those are made; a recorded event that no gate or rule of the scheme reads
is an error finding, because a veto that nothing follows from was not meant.
"""

from __future__ import annotations

from collections.abc import Iterator

from flows.score.engine.result import GateHit, ScoringFinding
from flows.score.engine.scoring_context import ScoringContext
from flows.score.scheme.scheme_model import Gate
from flows.score.sources.veto import VetoInput


def gate_hits(context: ScoringContext, unit: str, gate: Gate) -> Iterator[GateHit]:
    """One hit per effect of a gate that holds (A10 no award, A31 veto, A9 void items), with the events it stands on."""
    conditions = {c for n in gate.inputs if isinstance(n, VetoInput) for c in n.veto}
    events = (v.address for v in context.facts.vetoes if v.unit == unit and v.condition in conditions)
    addresses = tuple(sorted(events))
    effect = gate.effect
    details = {
        "at_best": effect.at_best or "",
        "void": "、".join(context.items[i].label for i in effect.void if i in context.items),
        "claw_back": "、".join(str(context.year.year - n) for n in range(1, (effect.claw_back or 0) + 1)),
    }
    for name in type(effect).model_fields:
        if getattr(effect, name):
            yield GateHit(unit, gate.id, name, details.get(name, ""), addresses)


def add_unread_vetoes(context: ScoringContext) -> None:
    """An error for every recorded event whose condition neither a gate nor a rule names; those under appeal are named as well."""
    scheme = context.year.scheme
    read = [n for gate in scheme.gates for n in gate.inputs]
    read += [n for leaf in scheme.leaves for n in leaf.inputs]
    named = {c for n in read if isinstance(n, VetoInput) for c in n.veto}
    for event in context.facts.vetoes:
        if event.condition not in named and event.unit in context.facts.units:
            message = "登记的否决情形在考核办法中没有对应的规定，未生效，请补充规定或核对情形"
            about = (event.unit, None, event.address)
            context.add_finding(ScoringFinding("error", "veto_without_gate", message, *about))
        elif event.is_appealed and event.unit in context.facts.units:
            message = "登记的否决情形正在申诉，尚未裁定，请裁定后登记"
            about = (event.unit, None, event.address)
            context.add_finding(ScoringFinding("info", "appeal_open", message, *about))
