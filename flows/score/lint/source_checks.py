"""Checks of each number: whether its source exists, whether its transforms fit it, whether it can divide by zero."""

from __future__ import annotations

from collections.abc import Iterator

from flows.score.lint.known_names import Known
from flows.score.lint.lint_finding import LintFinding, in_scheme, some
from flows.score.lint.places import Use, leaves, rule_uses, rules, uses
from flows.score.rules.grammar import Each, Tally, Transform
from flows.score.scheme.scheme_loader import SchemeYear

_TARGETS = {Transform.ATTAINMENT, Transform.EXCESS}
_BEFORE = {Transform.GROWTH, Transform.CHANGE}
_MEANS = {Transform.SHARE_OF_MEAN, Transform.EXCESS_OVER_MEAN}
#: What divides by something that can be 0; an attainment only where a target is 0 (target.py).
_DIVIDES = {Transform.GROWTH, Transform.SHARE_OF_BEST, Transform.SHARE_OF_MEAN, Transform.POSITION}
#: Transforms after which an option of the number means something.
_NEEDED = {
    "peers": {t for t in Transform if t.is_peer},
    "with_self": _MEANS,
    "weighted_by": _MEANS,
    "undefined": _DIVIDES | {Transform.ATTAINMENT},
}
#: Sources of which an option of the number means something.
_ONLY_FOR = {
    "category": ("indicator",), "period": ("indicator", "late"), "trim": ("scores",), "late_unit": ("late",),
    "years_back": ("indicator", "past", "late", "veto"),
}  # fmt: skip


def check(year: SchemeYear, known: Known) -> Iterator[LintFinding]:
    """Every number that the scheme reads, then the periods of `each`."""
    for use in uses(year.scheme):
        yield from _source(year, known, use)
        yield from _transforms(year, known, use)
        yield from _options(year, use)
        yield from _codes(year, known, use)
    for at, rule in leaves(year.scheme):
        if at.item.indicator is not None and at.item.indicator not in known.indicators:
            yield _unknown(year, f"{at.path}.indicator", at.item.indicator, known)
        for path, inner in rules(f"{at.path}.rule", rule):
            if inner.each:
                yield from _each(year, known, f"{path}.each", inner.each)
            if inner.tally:
                use = Use(f"{path}.tally", inner.tally.of, at.item, rule=inner)
                yield from _tally(year, known, use, inner.tally)


def _unknown(year: SchemeYear, path: str, name: str, known: Known) -> LintFinding:
    near = [i for i in known.indicators if i.startswith(name[:6])]
    return in_scheme(
        year,
        "unknown_indicator",
        path,
        f"no indicator {name}" + (f"; there is {some(near, 3)}" if near else ""),
    )


def _source(year: SchemeYear, known: Known, use: Use) -> Iterator[LintFinding]:
    number, path = use.number, use.path
    if number.source == "indicator":
        if use.indicator is None:
            yield in_scheme(year, "no_indicator", path, "neither this number nor its item names an indicator")
        elif number.indicator is not None and number.indicator not in known.indicators:
            yield _unknown(year, path, number.indicator, known)
        if use.indicator is not None and number.category is not None:
            yield from _category(year, known, path, use.indicator, number.category)
        yield from _periods(year, known, use)
    for group in (number.scores, number.opinion):
        if group is not None and group not in known.codes["rater_group"]:
            words = f"no rater group {group}; there are {some(known.codes['rater_group'], 9)}"
            yield in_scheme(year, "unknown_rater_group", path, words)
        if group is not None and use.item is None:
            yield in_scheme(
                year, "scores_outside_item", path, "raters score items, and this is not inside one"
            )
    if number.item is not None and number.item not in {i.id for i in year.scheme.walk()}:
        yield in_scheme(year, "unknown_item", path, f"no item {number.item}")
    for condition in number.veto or ():
        if condition not in known.codes["veto_condition"]:
            words = f"no veto condition {condition}; there are {some(known.codes['veto_condition'], 9)}"
            yield in_scheme(year, "unknown_veto", path, words)
    for record in number.late or ():
        if record not in known.records:
            yield in_scheme(year, "unknown_record", path, f"no record kind {record}")
        elif not any(p.startswith(str(year.year)) for p in known.due.get(record, ())):
            words = f"data/reference/calendar.csv has no day by which {record} of {year.year} is due"
            yield in_scheme(year, "no_due_day", path, words)
    if number.weighted_by is not None and number.weighted_by not in known.indicators:
        yield _unknown(year, path, number.weighted_by, known)


def _category(
    year: SchemeYear, known: Known, path: str, indicator: str, category: str
) -> Iterator[LintFinding]:
    if indicator not in known.indicators:
        return
    if indicator not in known.categories:
        yield in_scheme(year, "no_category", path, f"{indicator} has no categories")
        return
    codes = known.categories[indicator]
    if codes is not None and category not in codes:
        words = f"{indicator} has no category {category}; there are {some(sorted(codes), 9)}"
        yield in_scheme(year, "unknown_category", path, words)


def _periods(year: SchemeYear, known: Known, use: Use) -> Iterator[LintFinding]:
    template = use.number.period
    yield from _period(year, known, use.path, template, _years_back(use))


def _years_back(use: Use) -> int:
    """How many years before its own the figure is read."""
    return use.number.years_back + sum(t in _BEFORE for t in use.number.as_)


def _period(year: SchemeYear, known: Known, path: str, template: str, back: int) -> Iterator[LintFinding]:
    if "{year}" not in template:
        words = f"period {template} is the same whatever the year"
        yield in_scheme(year, "fixed_period", path, words)
    for years in sorted({0, back}):
        name = template.replace("{year}", str(year.year - years))
        if name not in known.periods:
            yield in_scheme(year, "unknown_period", path, f"data/reference/period.csv has no period {name}")
            return


def _each(year: SchemeYear, known: Known, path: str, each: Each) -> Iterator[LintFinding]:
    inner = list(rule_uses(f"{path}.rule", each.rule, None))
    back = max((_years_back(use) for use in inner), default=0)
    for number, template in enumerate(each.periods):
        where = f"{path}.periods.{number}"
        if template in each.periods[:number]:
            yield in_scheme(year, "period_twice", where, f"{template} is counted twice")
        else:
            yield from _period(year, known, where, template, back)
    for use in inner:
        if use.reads_target:
            words = "the figure of a part of the year against the target of the whole year"
            yield in_scheme(year, "each_target", use.path, words)
        if use.number.period != "{year}":
            words = f"period {use.number.period} inside of `each`, which names the periods itself"
            yield in_scheme(year, "no_effect", use.path, words)


def _transforms(year: SchemeYear, known: Known, use: Use) -> Iterator[LintFinding]:
    number, path = use.number, use.path
    done: list[Transform] = []
    for transform in number.as_:
        if number.source != "indicator" and transform in _TARGETS | _BEFORE:
            what = "target" if transform in _TARGETS else "figure of the year before"
            yield in_scheme(year, "transform_unfit", path, f"{transform}: {number.source} has no {what}")
        elif number.category is not None and transform in _TARGETS:
            words = f"{transform}: the target is for the whole indicator, not for category {number.category}"
            yield in_scheme(year, "transform_unfit", path, words)
        elif done and not transform.is_peer and transform is not Transform.VALUE:
            yield in_scheme(
                year,
                "transform_unfit",
                path,
                f"{transform} comes after {done[-1]}: it reads the figure itself",
            )
        elif _is_code(use) and transform is not Transform.VALUE:
            yield in_scheme(year, "transform_unfit", path, f"{transform}: a code is no number")
        if transform is not Transform.VALUE:
            done.append(transform)
    indicator = known.indicators.get(use.indicator or "")
    if indicator and indicator.direction == "none" and any(t.is_peer for t in done if t not in _MEANS):
        words = f"{indicator.indicator} is neither better high nor low, so no unit is the best"
        yield in_scheme(year, "no_direction", path, words)
    handled = use.condition is not None and "if_missing" in use.condition.model_fields_set
    handled |= use.item is not None and use.item.missing.not_applicable is not None
    divides = [t for t in done if t in _DIVIDES]
    if divides and number.undefined is None and not handled:
        words = f"{divides[0]} may divide by zero and `undefined` is not said: it counts as not applicable"
        yield in_scheme(year, "undefined_missing", path, words)


def _options(year: SchemeYear, use: Use) -> Iterator[LintFinding]:
    """Settings that change nothing where they stand."""
    number = use.number
    given = number.model_fields_set
    for option, needed in _NEEDED.items():
        if option in given and not needed & set(number.as_):
            words = f"{option}: no transform of this number looks at it"
            yield in_scheme(year, "no_effect", use.path, words)
    for option, sources in _ONLY_FOR.items():
        if option in given and number.source not in sources:
            yield in_scheme(year, "no_effect", use.path, f"{option}: {number.source} does not look at it")


def _is_code(use: Use) -> bool:
    return use.number.opinion is not None or use.number.past == "grade"


def _codes(year: SchemeYear, known: Known, use: Use) -> Iterator[LintFinding]:
    """Opinions and grades are compared with codes, everything else with numbers."""
    name = "rater_opinion" if use.number.opinion is not None else "assessment_grade"
    unknown, codes = (
        ("unknown_opinion" if use.number.opinion is not None else "unknown_grade"),
        known.codes[name],
    )
    table = use.rule.table if use.rule else None
    condition = use.condition
    if not _is_code(use):
        if condition is not None and condition.is_ is not None:
            words = f"is: {condition.is_} is a code, and {use.number.source} is a number"
            yield in_scheme(year, "code_as_number", use.path, words)
    elif (condition is not None and condition.bounds) or (use.rule is not None and table is None):
        yield in_scheme(
            year, "code_as_number", use.path, f"{name} is a code: look it up in a table, or compare with `is`"
        )
    elif condition is not None and condition.is_ is not None and condition.is_ not in codes:
        words = f"no {name} {condition.is_}; there are {some(codes, 12)}"
        yield in_scheme(year, unknown, use.path.removesuffix(".of"), words)
    elif table is not None:
        path = use.path.removesuffix(".of")
        for key in table.points:
            if key not in codes:
                words = f"no {name} {key}; there are {some(codes, 12)}"
                yield in_scheme(year, unknown, f"{path}.points.{key}", words)
        lacking = [code for code in codes if code not in table.points]
        if lacking and table.otherwise is None:
            words = f"no points for {some(lacking, 12)}, and no otherwise"
            yield in_scheme(year, "code_unlisted", path, words)


def _tally(year: SchemeYear, known: Known, use: Use, tally: Tally) -> Iterator[LintFinding]:
    """The categories of a tally against those of its indicator."""
    path = use.path
    if use.number.source != "indicator":
        yield in_scheme(year, "no_category", path, f"{use.number.source} has no categories to tally")
        return
    if use.indicator is None or use.indicator not in known.indicators:
        return
    if use.indicator not in known.categories:
        yield in_scheme(year, "no_category", path, f"{use.indicator} has no categories to tally")
        return
    codes = known.categories[use.indicator]
    for key in tally.points if codes is not None else ():
        yield from _category(year, known, f"{path}.points.{key}", use.indicator, key)
    lacking = sorted((codes or frozenset()) - set(tally.points))
    if lacking and tally.otherwise is None:
        words = f"records of {some(lacking, 9)} have no points, and there is no otherwise"
        yield in_scheme(year, "category_unlisted", path, words)
