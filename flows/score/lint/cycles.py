"""Checks that no item needs its own points: directly, through other items, or through the block it is in."""

from __future__ import annotations

from collections.abc import Iterator

from flows.score.lint.lint_finding import LintFinding, in_scheme
from flows.score.lint.places import Standing, rule_uses, standings
from flows.score.scheme.scheme_loader import SchemeYear


def check(year: SchemeYear) -> Iterator[LintFinding]:
    """One finding per cycle, at the number with which it begins in the order of the scheme."""
    there = {at.item.id: at for at in standings(year.scheme)}
    reported: set[frozenset[str]] = set()
    for name in there:
        ring = _ring(there, name)
        if ring and frozenset(ring) not in reported:
            reported.add(frozenset(ring))
            path = next(
                p
                for n in there
                if n in ring
                for p, read in _read(there[n])
                if read in ring and p.endswith(".of")
            )
            words = " → ".join(there[n].item.label for n in (*ring, ring[0]))
            yield in_scheme(year, "cycle", path, f"points depend on themselves: {words}")


def _read(at: Standing) -> Iterator[tuple[str, str]]:
    """(path, item) whose points an item needs: those its rule reads; for a block all that are in it."""
    for number, inner in enumerate(at.item.items):
        yield f"{at.path}.items.{number}", inner.id
    if at.item.rule is not None:
        for use in rule_uses(f"{at.path}.rule", at.item.rule, at.item):
            if use.number.item is not None:
                yield use.path, use.number.item


def _ring(there: dict[str, Standing], start: str) -> list[str]:
    """The way from an item back to itself, empty where there is none."""
    ways = [[start]]
    seen: set[str] = set()
    while ways:
        way = ways.pop()
        for _, name in _read(there[way[-1]]):
            if name == start:
                return way
            if name in there and name not in seen:
                seen.add(name)
                ways.append([*way, name])
    return []
