"""Checks of gates and vetoes: what they name, whether they can ever hold, and what is left without consequence."""

from __future__ import annotations

from collections.abc import Iterator

from flows.score.lint.domains import domains
from flows.score.lint.known_names import Known
from flows.score.lint.lint_finding import LintFinding, grade_name, in_scheme, some
from flows.score.lint.places import condition_uses
from flows.score.ranges.ranges import outcomes
from flows.score.scheme.scheme_loader import SchemeYear
from flows.score.scheme.scheme_model import Gate

#: Sources that are never missing: nothing recorded is a plain 0.
_ALWAYS_THERE = ("veto", "late")


def check(year: SchemeYear, known: Known) -> Iterator[LintFinding]:
    """Each gate, then the veto conditions that none of them names."""
    for number, gate in enumerate(year.scheme.gates):
        path = f"gates.{number}"
        yield from _effect(year, known, path, gate)
        can_be = outcomes(gate.if_, domains(year, known, None))
        if can_be is not None and len(can_be) == 1:
            words = "its condition holds for every unit" if True in can_be else "its condition can never hold"
            yield in_scheme(year, "gate_constant", f"{path}.if", words)
        yield from _missing(year, path, gate)
    read = {
        code
        for g in year.scheme.gates
        for u in condition_uses("", g.if_, None)
        for code in u.number.veto or ()
    }
    left = [code for code in known.codes["veto_condition"] if code not in read]
    if read and left:
        words = f"an event of {some(left, 9)} has no consequence"
        yield in_scheme(year, "veto_unnamed", "gates", words)


def _effect(year: SchemeYear, known: Known, path: str, gate: Gate) -> Iterator[LintFinding]:
    effect, grades = gate.effect, [g.grade for g in year.scheme.grades.list_]
    where = f"{path}.effect"
    if effect.at_best is not None:
        if effect.at_best not in known.codes["assessment_grade"]:
            yield in_scheme(year, "unknown_grade", where, f"no grade {effect.at_best}")
        elif effect.at_best not in [*grades, year.scheme.grades.no_award]:
            words = f"at best {grade_name(effect.at_best)}, which this scheme does not give"
            yield in_scheme(year, "unknown_grade", where, words)
        elif effect.at_best == grades[0]:
            words = f"at best {grade_name(effect.at_best)} bars nobody: there is no better grade"
            yield in_scheme(year, "no_effect", where, words)
    grading = [n for n in ("no_award", "lowest", "lower_one", "at_best") if getattr(effect, n)]
    if len(grading) > 1 and grading[0] in ("no_award", "lowest"):
        words = f"{', '.join(grading[1:])}: {grading[0]} already decides the grade"
        yield in_scheme(year, "no_effect", where, words)
    items = {i.id for i in year.scheme.walk()}
    for number, item in enumerate(effect.void):
        if item not in items:
            yield in_scheme(year, "unknown_item", f"{where}.void.{number}", f"no item {item}")
    read = {u.number.item for u in condition_uses("", gate.if_, None) if u.number.item}
    if both := sorted(read & set(effect.void)):
        words = f"voids {some(both)}, whose points it judges by"
        yield in_scheme(year, "gate_voids_itself", where, words)


def _missing(year: SchemeYear, path: str, gate: Gate) -> Iterator[LintFinding]:
    for use in condition_uses(f"{path}.if", gate.if_, None):
        said = use.condition is not None and "if_missing" in use.condition.model_fields_set
        if use.number.source not in _ALWAYS_THERE and not said:
            words = "where the number is missing the condition does not hold: the unit passes"
            yield in_scheme(year, "gate_if_missing", use.path, words)
