"""Checks of each input: what its source says, whether it can divide by zero, categories and periods around it, codes, rings."""

from __future__ import annotations

from collections.abc import Iterator

from flows.contract.indicator import indicators
from flows.score.explain.format import some
from flows.score.lint.lint_finding import LintFinding, in_scheme
from flows.score.lint.scope import Scope, places
from flows.score.rules.combined.per_period import PerPeriod
from flows.score.rules.condition import Comparison
from flows.score.rules.per_record import PerRecord
from flows.score.rules.rule import Place, walk
from flows.score.scheme.scheme_loader import SchemeYear
from flows.score.scheme.scheme_model import Item
from flows.score.sources.figure import IndicatorInput
from flows.score.sources.input import Defect, InputBase, unknown_code
from flows.score.sources.item import ItemInput
from flows.score.sources.known_names import categories, codes


def check(year: SchemeYear) -> Iterator[LintFinding]:
    """Every input that the scheme reads, what it is read by, and the items that read each other."""
    for place in walk(year.scheme):
        scope, node = Scope(year, place), place.node
        defects: list[Defect] = []
        if isinstance(node, InputBase):
            defects = [*node.check(scope), *_undefined(place, scope)]
        elif isinstance(node, Comparison) and node.is_ is not None:
            known = codes(node.of.code_list)
            defects = [] if node.is_ in known else [unknown_code(node.of.code_list, node.is_, known)]
        elif isinstance(node, PerRecord):
            defects = list(_categories(node, scope))
        elif isinstance(node, PerPeriod):
            defects = list(_periods(node, scope))
        elif isinstance(node, Item) and node.rule is not None and node.indicator is not None:
            defects = list(scope.unknown_indicator(node.indicator, "indicator"))
        base = f"{place.path}.{node.key}" if isinstance(node, PerRecord | PerPeriod) else place.path
        for code, where, message in defects:
            yield in_scheme(year, code, f"{base}.{where}" if where else base, message)
    yield from _rings(year)


def _undefined(place: Place, scope: Scope) -> Iterator[Defect]:
    read, reader = place.node, place.above[-1]
    dividing = [t.name for t in read.as_ if t.may_be_undefined]
    is_said = isinstance(reader, Comparison) and "if_missing" in reader.model_fields_set
    is_said |= scope.item is not None and scope.item.missing.not_applicable is not None
    if dividing and read.undefined is None and not is_said:
        words = f"{dividing[0]} may divide by zero and `undefined` is not said: it counts as not applicable"
        yield Defect("undefined_missing", "", words)


def _categories(rule: PerRecord, scope: Scope) -> Iterator[Defect]:
    """The categories of a rule per record against those of its indicator."""
    code = rule.of.indicator_for(scope.own)
    if code is None or code not in indicators():
        return
    known = categories(code)
    if known is not None and not known:
        yield Defect("no_category", "", f"{code} has no categories to tally")
        return
    for category in rule.points:
        yield from scope.unknown_category(code, category, f"points.{category}")
    lacking = sorted((known or frozenset()) - set(rule.points))
    if lacking and rule.otherwise is None:
        words = f"records of {some(lacking, 9)} have no points, and there is no otherwise"
        yield Defect("category_unlisted", "", words)


def _periods(each: PerPeriod, scope: Scope) -> Iterator[Defect]:
    inputs = [place for place in walk(each.rule, "rule") if isinstance(place.node, InputBase)]
    back = max((int(place.node.looks_back) for place in inputs), default=0)
    for at, template in enumerate(each.periods):
        yield from scope.unknown_period(template, back, f"periods.{at}")
    for path, read, _ in inputs:
        if read.needs_target:
            words = "the figure of a part of the year against the target of the whole year"
            yield Defect("each_target", path, words)
        if isinstance(read, IndicatorInput) and read.period != "{year}":
            words = f"period {read.period} inside of `each`, which names the periods itself"
            yield Defect("no_effect", path, words)


def _rings(year: SchemeYear) -> Iterator[LintFinding]:
    """One finding per ring of items that need each other's points, directly, through others, or through the block they are in."""
    reads: dict[str, list[tuple[str, str]]] = {}
    for place in places(year.scheme, Item):
        item = place.node
        inside = [(f"{place.path}.items.{at}", inner.id) for at, inner in enumerate(item.items)]
        used = [(p.path, p.node.item) for p in walk(item, place.path) if isinstance(p.node, ItemInput)]
        reads[item.id] = inside or used
    labels = {place.node.id: place.node.label for place in places(year.scheme, Item)}
    reported: set[frozenset[str]] = set()
    for name in reads:
        ring = _ring(reads, name)
        if ring and frozenset(ring) not in reported:
            reported.add(frozenset(ring))
            path = next(
                p for n in reads if n in ring for p, read in reads[n] if read in ring and p.endswith(".of")
            )
            words = " → ".join(labels[n] for n in (*ring, ring[0]))
            yield in_scheme(year, "cycle", path, f"points depend on themselves: {words}")


def _ring(reads: dict[str, list[tuple[str, str]]], start: str) -> list[str]:
    """The way from an item back to itself, empty where there is none."""
    ways, seen = [[start]], set[str]()
    while ways:
        way = ways.pop()
        for _, name in reads[way[-1]]:
            if name == start:
                return way
            if name in reads and name not in seen:
                seen.add(name)
                ways.append([*way, name])
    return []
