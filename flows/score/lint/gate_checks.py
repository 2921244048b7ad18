"""Checks of gates and vetoes: what they name, whether they can ever hold, and what is left without consequence."""

from __future__ import annotations

from collections.abc import Iterator

from flows.score.explain.format import some
from flows.score.lint.lint_finding import LintFinding, grade_name, in_scheme
from flows.score.lint.reach import outcomes
from flows.score.lint.scope import Scope, places
from flows.score.rules.condition import Comparison
from flows.score.rules.rule import Place, walk
from flows.score.scheme.scheme_loader import SchemeYear
from flows.score.scheme.scheme_model import Gate
from flows.score.sources.item import ItemInput
from flows.score.sources.known_names import codes
from flows.score.sources.veto import VetoInput


def check(year: SchemeYear) -> Iterator[LintFinding]:
    """Each gate, then the veto conditions that none of them names."""
    read: set[str] = set()
    for place in places(year.scheme, Gate):
        gate = place.node
        yield from _effect(year, place)
        can_be = outcomes(gate.if_, Scope(year, place).domain)
        if can_be is not None and len(can_be) == 1:
            words = "its condition holds for every unit" if True in can_be else "its condition can never hold"
            yield in_scheme(year, "gate_constant", f"{place.path}.if", words)
        yield from _missing(year, place)
        read |= {code for i in gate.if_.inputs if isinstance(i, VetoInput) for code in i.veto}
    left = [code for code in codes("veto_condition") if code not in read]
    if read and left:
        yield in_scheme(year, "veto_unnamed", "gates", f"an event of {some(left, 9)} has no consequence")


def _effect(year: SchemeYear, place: Place) -> Iterator[LintFinding]:
    effect, grades = place.node.effect, [g.grade for g in year.scheme.grades.list_]
    where = f"{place.path}.effect"
    if effect.at_best is not None:
        if effect.at_best not in codes("assessment_grade"):
            yield in_scheme(year, "unknown_grade", where, f"no grade {effect.at_best}")
        elif effect.at_best not in [*grades, year.scheme.grades.no_award]:
            words = f"at best {grade_name(effect.at_best)}, which this scheme does not give"
            yield in_scheme(year, "unknown_grade", where, words)
        elif effect.at_best == grades[0]:
            words = f"at best {grade_name(effect.at_best)} bars nobody: there is no better grade"
            yield in_scheme(year, "no_effect", where, words)
    items = {i.id for i in year.scheme.walk()}
    for number, item in enumerate(effect.void):
        if item not in items:
            yield in_scheme(year, "unknown_item", f"{where}.void.{number}", f"no item {item}")
    judged = {i.item for i in place.node.if_.inputs if isinstance(i, ItemInput)}
    if both := sorted(judged & set(effect.void)):
        yield in_scheme(year, "gate_voids_itself", where, f"voids {some(both)}, whose points it judges by")


def _missing(year: SchemeYear, gate: Place) -> Iterator[LintFinding]:
    for path, test, _ in walk(gate.node, gate.path):
        is_open = isinstance(test, Comparison) and "if_missing" not in test.model_fields_set
        if is_open and not test.of.never_missing:
            words = "where the number is missing the condition does not hold: the unit passes"
            yield in_scheme(year, "gate_if_missing", f"{path}.of", words)
