"""Where an input is read, as far as it is known before any figure is: the year, the item, the units it is for, and every name that
means something. Inputs ask it which values they can have, and what of their names nobody knows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from flows.contract.indicator import Indicator, indicators
from flows.score.explain.format import some
from flows.score.rules.rule import Place, walk
from flows.score.scheme.scheme_loader import SchemeYear
from flows.score.scheme.scheme_model import Item, Scheme
from flows.score.sources.input import Defect, InputBase
from flows.score.sources.known_names import categories, codes, periods
from flows.score.transforms.domain import Domain


@dataclass(frozen=True)
class Scope:
    """A place of a scheme: an item with the blocks above it, or a gate."""

    year: SchemeYear
    place: Place

    @cached_property
    def item(self) -> Item | None:
        """The item it is in."""
        return self.place.nearest(Item)

    @property
    def own(self) -> str | None:
        """The item's own indicator."""
        return self.item.indicator if self.item else None

    @cached_property
    def items(self) -> dict[str, Item]:
        """Items by id."""
        return {item.id: item for item in self.year.scheme.walk()}

    @cached_property
    def units(self) -> list[str]:
        """The units it applies to, in the order of their codes."""
        return sorted(unit for unit, group in self.year.groups.items() if is_for(self.place, group))

    def domain(self, read: InputBase) -> Domain:
        """Which values an input can have here."""
        return read.domain(self)

    def indicator(self, read: InputBase) -> Indicator | None:
        """The indicator of an input, where it has a known one."""
        return indicators().get(read.indicator_for(self.own) or "")

    def targets(self, read: InputBase) -> list[Fraction]:
        """The targets of these units for the indicator of an input."""
        code, units = read.indicator_for(self.own), set(self.units)
        in_force = self.year.in_force().items()
        return [
            Fraction(t.target) for (unit, indicator), t in in_force if indicator == code and unit in units
        ]

    def most_peers(self, read: InputBase) -> int:
        """How many units can be compared at most."""
        if read.peers == "all":
            return max(len(self.units), 1)
        return max(Counter(self.year.groups[u] for u in self.units).values(), default=1)

    # -- names that nobody knows

    def unknown_indicator(self, name: str, where: str = "") -> Iterator[Defect]:
        """An indicator."""
        if name not in indicators():
            near = [i for i in indicators() if i.startswith(name[:6])]
            hint = f"; there is {some(near, 3)}" if near else ""
            yield Defect("unknown_indicator", where, f"no indicator {name}{hint}")

    def unknown_code(self, code: str, what: str, code_list: str, name: str) -> Iterator[Defect]:
        """A code of a list.

        Args:
            code: of the linter.
            what: the list in words.
            code_list: its name.
            name: the code that is written.

        Returns:
            The defect, where the list does not have it.
        """
        if name not in codes(code_list):
            yield Defect(code, "", f"no {what} {name}; there are {some(codes(code_list), 9)}")

    def unknown_category(self, indicator: str, category: str, where: str = "") -> Iterator[Defect]:
        """A category of an indicator."""
        known = categories(indicator) if indicator in indicators() else None
        if known is not None and not known:
            yield Defect("no_category", where, f"{indicator} has no categories")
        elif known is not None and category not in known:
            words = f"{indicator} has no category {category}; there are {some(sorted(known), 9)}"
            yield Defect("unknown_category", where, words)

    def unknown_period(self, template: str, years_back: int, where: str = "") -> Iterator[Defect]:
        """A period, in the assessed year and so many before it."""
        if "{year}" not in template:
            yield Defect("fixed_period", where, f"period {template} is the same whatever the year")
        for back in sorted({0, years_back}):
            name = template.replace("{year}", str(self.year.year - back))
            if name not in periods():
                yield Defect("unknown_period", where, f"data/reference/period.csv has no period {name}")
                return


def is_for(place: Place, group: str) -> bool:
    """Whether an item applies to the units of a group: all blocks above must as well."""
    return all(not n.groups or group in n.groups for n in (*place.above, place.node) if isinstance(n, Item))


def places(scheme: Scheme, kind: type[object]) -> Iterator[Place]:
    """Where nodes of a kind stand in a scheme."""
    return (place for place in walk(scheme) if isinstance(place.node, kind))
