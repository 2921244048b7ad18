"""What points or a gate depend on, through other items too: which figures, which recorded events, and whether other units' as well."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from flows.score.engine.scoring_context import ScoringContext
from flows.score.scheme.required_inputs import dependencies, figures_read, leaves_read
from flows.score.scheme.scheme_model import Gate, Item
from flows.score.sources.veto import VetoInput


class PeerScope(IntEnum):
    """Which other units matter."""

    NONE = 0
    GROUP = 1
    ALL = 2


_OF_POLICY = {"group_mean": PeerScope.GROUP, "applicable_mean": PeerScope.ALL}


@dataclass(frozen=True)
class Dependencies:
    """Figures as (indicator, period), conditions of events, and which other units' are read beside the unit's own."""

    figures: frozenset[tuple[str, str]]
    vetoes: frozenset[str]
    scope: PeerScope


class Dependence:
    """What the items and gates of a context depend on, each worked out once."""

    def __init__(self, context: ScoringContext) -> None:
        self._context = context
        self._known: dict[tuple[str, str], Dependencies] = {}
        self._leaves = dependencies(context.year.scheme)
        self.family = {u: (u, *context.facts.children.get(u, ())) for u in context.units}

    def of(self, what: Item | Gate) -> Dependencies:
        """What an item or gate reads, by itself and by way of the items that it reads."""
        key = (type(what).__name__, what.id)
        if key not in self._known:
            scheme, year = self._context.year.scheme, self._context.year.year
            names = {name for read in leaves_read(scheme, what) for name in self._leaves[read]}
            read = [self._context.items[name] for name in sorted(names)]
            all_ = (what, *read)
            self._known[key] = Dependencies(
                figures=frozenset(
                    (k.indicator, k.period_id) for one in all_ for k in figures_read(one, year)
                ),
                vetoes=frozenset(
                    c for one in all_ for i in one.inputs if isinstance(i, VetoInput) for c in i.veto
                ),
                scope=max(*map(_peers_of, all_), *(self._means_of(item) for item in read), PeerScope.NONE),
            )
        return self._known[key]

    def others(self, unit: str, what: Item | Gate, policy: str | None = None) -> tuple[str, ...]:
        """The units that matter beside this one, with those below them. `policy` is the one that gives this unit's points, if
        one does: a mean moves with those it is the mean of."""
        scope = max(self.of(what).scope, _OF_POLICY.get(policy or "", PeerScope.NONE))
        if scope is PeerScope.NONE:
            return ()
        members = self._context.members[self._context.year.groups[unit]]
        units = self._context.units if scope is PeerScope.ALL else members
        return tuple(u for member in units for u in self.family[member])

    def _means_of(self, item: Item) -> PeerScope:
        """Which units an item matters with that another reads: its policy may be a mean for any of them."""
        scheme = self._context.year.scheme
        policies = (scheme.policy(item, reason) for reason in type(item.missing).model_fields)
        return max(
            (_OF_POLICY[p] for p in policies if isinstance(p, str) and p in _OF_POLICY),
            default=PeerScope.NONE,
        )


def _peers_of(what: Item | Gate) -> PeerScope:
    """Which other units its inputs are compared with."""
    peers = {one.peers for one in what.inputs if one.compares}
    return PeerScope.ALL if "all" in peers else PeerScope.GROUP if peers else PeerScope.NONE
