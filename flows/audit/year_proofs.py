"""Every number of a year at once: figures, points, and what was decided, each proven or not, from one reading of the files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from flows.audit.decided_proof import KINDS, decided_proof
from flows.audit.item_proof import item_proof, text_of
from flows.audit.proof_model import DecidedProof, ScoreProof, ValueProof
from flows.audit.year_again import YearAgain


@dataclass(frozen=True)
class NumberProven:
    """A published number. `about`: figure, item, or a kind of decision; `is_complete`: nothing that it depends on is as published."""

    unit: str
    about: str
    name: str
    label: str
    published: str
    is_proven: bool
    is_complete: bool
    differences: tuple[str, ...]


def prove_numbers(again: YearAgain, units: Iterable[str]) -> Iterator[NumberProven]:
    """Every number of some units of a year that was read again with all its items, unit by unit."""
    for unit in units:
        for (owner, _key), proof in again.values.items():
            if owner == unit:
                yield _figure(proof)
        for item in again.year.scheme.walk():
            yield _item(item_proof(again, unit, item.id))
        for kind in KINDS:
            yield _decided(decided_proof(again, unit, kind))


def _figure(proof: ValueProof) -> NumberProven:
    name = f"{proof.indicator}/{proof.period}{f'/{proof.category}' if proof.category else ''}"
    value = text_of(proof.published.value if proof.published else None)
    codes = tuple(d.code for d in proof.differences)
    return NumberProven(
        proof.unit, "figure", name, proof.label, value, proof.is_proven, proof.is_proven, codes
    )


def _item(proof: ScoreProof) -> NumberProven:
    codes = tuple(d.code for d in proof.differences)
    value = text_of(proof.points)
    return NumberProven(
        proof.unit, "item", proof.item, proof.label, value, proof.is_proven, proof.is_complete, codes
    )


def _decided(proof: DecidedProof) -> NumberProven:
    codes = [d.code for d in proof.differences]
    codes += [
        f"{step.label.strip()}: {step.published} / {step.again}" for step in proof.steps if not step.agrees
    ]
    return NumberProven(
        proof.unit,
        "decided",
        proof.kind,
        KINDS[proof.kind],
        proof.published,
        proof.is_proven,
        proof.is_complete,
        tuple(codes),
    )
