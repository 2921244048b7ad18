"""Where things stand in a scheme: every item, rule, number and condition with its path, and for whom an item is.

A path is that of the models ("items.0.items.2.rule.first.branches.1.if.of"); the folder knows the line of each.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from flows.score.ranges.probe import conditions
from flows.score.ranges.ranges import part_paths
from flows.score.rules.grammar import Condition, Input, Rule
from flows.score.scheme.scheme_loader import SchemeYear
from flows.score.scheme.scheme_model import Item, Scheme


@dataclass(frozen=True)
class Standing:
    """An item, its path and the blocks it is in, outermost first."""

    path: str
    item: Item
    above: tuple[Item, ...] = ()

    def is_for(self, group: str) -> bool:
        """Whether it applies to the units of a group: all blocks above must as well."""
        return all(not i.groups or group in i.groups for i in (*self.above, self.item))


@dataclass(frozen=True)
class Use:
    """A number where it is read, with the item whose indicator it may take and the rule or condition that reads it."""

    path: str
    number: Input
    item: Item | None
    rule: Rule | None = None
    condition: Condition | None = None

    @property
    def indicator(self) -> str | None:
        """The indicator whose figure it is; None of another source, or where none is named."""
        if self.number.source != "indicator":
            return None
        return self.number.indicator or (self.item.indicator if self.item else None)

    @property
    def reads_target(self) -> bool:
        """Whether it needs the unit's target."""
        return bool({"attainment", "excess"} & {t.value for t in self.number.as_})


def standings(scheme: Scheme) -> Iterator[Standing]:
    """All items, blocks before what is in them."""
    for number, item in enumerate(scheme.items):
        yield from _below(Standing(f"items.{number}", item))


def _below(at: Standing) -> Iterator[Standing]:
    yield at
    for number, item in enumerate(at.item.items):
        yield from _below(Standing(f"{at.path}.items.{number}", item, (*at.above, at.item)))


def leaves(scheme: Scheme) -> Iterator[tuple[Standing, Rule]]:
    """Items with their rules."""
    return ((at, at.item.rule) for at in standings(scheme) if at.item.rule is not None)


def rules(path: str, rule: Rule) -> Iterator[tuple[str, Rule]]:
    """A rule and all inside it, each with its path."""
    yield path, rule
    for below, part in part_paths(path, rule):
        yield from rules(below, part)


def rule_uses(path: str, rule: Rule, item: Item | None) -> Iterator[Use]:
    """Every number a rule reads, those of its conditions too."""
    for at, inner in rules(path, rule):
        own = inner.linear or inner.bands or inner.steps or inner.table or inner.tally
        if own:
            yield Use(f"{at}.{inner.kind}.of", own.of, item, rule=inner)
        for number, branch in enumerate(inner.first.branches if inner.first else ()):
            yield from condition_uses(f"{at}.first.branches.{number}.if", branch.if_, item)


def condition_uses(path: str, condition: Condition, item: Item | None) -> Iterator[Use]:
    """Every number a condition reads."""
    for at, inner in conditions(path, condition):
        yield Use(f"{at}.of", inner.of, item, condition=inner)


def uses(scheme: Scheme) -> Iterator[Use]:
    """Every number the scheme reads: in items, gates and the factor of deductions."""
    for at, rule in leaves(scheme):
        yield from rule_uses(f"{at.path}.rule", rule, at.item)
    for number, gate in enumerate(scheme.gates):
        yield from condition_uses(f"gates.{number}.if", gate.if_, None)
    if scheme.deductions and scheme.deductions.factor:
        yield from rule_uses("deductions.factor", scheme.deductions.factor, None)


def units_of(year: SchemeYear, at: Standing) -> list[str]:
    """The units an item applies to, in the order of their codes."""
    return sorted(unit for unit, group in year.groups.items() if at.is_for(group))


def full_for(item: Item, group: str) -> Decimal:
    """Full points of an item for the units of a group. Items for other groups are left out of the sum, unless they say
    what these units get in their place (the mean of those it applies to, say)."""
    if item.groups and group not in item.groups and item.missing.not_applicable in (None, "none"):
        return Decimal(0)
    if item.points is not None:
        return item.points
    return sum((full_for(i, group) for i in item.items), start=Decimal(0))
