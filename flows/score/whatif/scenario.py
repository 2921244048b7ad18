"""What if: a copy of a year with another weight, target or group, or of its facts with an accepted appeal.

Nothing is written. A change names what exists already: a misspelt one would otherwise change nothing and look like a change
without effect. Whether the changed scheme makes sense is the linter's question, not asked here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any

import yaml
from pydantic import ValidationError

from flows.language import _
from flows.score.scheme.scheme_loader import SchemeYear, Target
from flows.score.scheme.scheme_model import Scheme

#: Document of what is only supposed.
SUPPOSED = "假设"

_Way = tuple[str | int, ...]


class ScenarioError(ValueError):
    """A change that names nothing, or gives no sound value; the message lists what there is."""


def with_setting(year: SchemeYear, path: str, value: str) -> SchemeYear:
    """The year with one thing set: `target.<unit>.<indicator>`, `group.<unit>`, or a path in scheme.yml.

    In lists of named things the path goes by name (`items.<id>` wherever in the tree, `gates.<id>`, `grades.list.<grade>`),
    in others by position from 0. `value` is YAML, so that a whole rule can be given: `{bands: [[0.8, 4], [0.75, 3]]}`.
    """
    match path.split("."):
        case ["target", unit, indicator]:
            return _with_target(year, unit, indicator, value)
        case ["group", unit]:
            return _with_group(year, unit, value)
        case names:
            return replace(year, scheme=_with_value(year.scheme, names, value))


def _with_target(year: SchemeYear, unit: str, indicator: str, value: str) -> SchemeYear:
    """One target for the whole year, whatever versions there were."""
    _known("unit", unit, year.groups)
    _known("target", indicator, {t.indicator for t in year.targets})
    try:
        number = Decimal(value)
    except InvalidOperation as error:
        raise ScenarioError(
            _(
                "target.{unit}.{indicator}: {value} is not a number",
                unit=unit,
                indicator=indicator,
                value=value,
            )
        ) from error
    if not number.is_finite():
        raise ScenarioError(
            _(
                "target.{unit}.{indicator}: {value} is not a number",
                unit=unit,
                indicator=indicator,
                value=value,
            )
        )
    own = [t for t in year.targets if (t.unit, t.indicator) == (unit, indicator)]
    since = min(
        (t.effective_on for t in own), default=year.scheme.closing_on.replace(year=year.year, month=1, day=1)
    )
    supposed = Target(unit, indicator, number, SUPPOSED, since, own[0].line if own else 0)
    return replace(year, targets=(*(t for t in year.targets if t not in own), supposed))


def _with_group(year: SchemeYear, unit: str, group: str) -> SchemeYear:
    _known("unit", unit, year.groups)
    _known("group", group, set(year.groups.values()))
    return replace(year, groups={**year.groups, unit: group})


def _known(what: str, name: str, names: Any) -> None:
    if name not in names:
        raise ScenarioError(
            _("no {what} {name}; there are {names}", what=what, name=name, names=", ".join(sorted(names)))
        )


def _with_value(scheme: Scheme, names: list[str], value: str) -> Scheme:
    path = ".".join(names)
    try:
        parsed = yaml.load(value, Loader=yaml.CBaseLoader)  # noqa: S506 (every scalar stays a string)
    except yaml.YAMLError as error:
        raise ScenarioError(
            _("{path}: {value} is not YAML: {error}", path=path, value=value, error=error)
        ) from error
    data = scheme.model_dump(mode="json", by_alias=True, exclude_unset=True)
    inside: Any = data
    node: Any = scheme.model_dump(mode="json", by_alias=True)
    for number, name in enumerate(names):
        below = dict(_below(node))
        if name not in below:
            raise ScenarioError(
                _("no {path}; {there}", path=path, there=_there(".".join(names[:number]), below))
            )
        way, node = below[name]
        for step in way[:-1]:
            inside = inside[step]
        if number == len(names) - 1:
            inside[way[-1]] = parsed
        elif isinstance(inside, dict) and way[-1] not in inside:  # a default that is not written, spelt out
            inside[way[-1]] = node
        inside = inside[way[-1]]
    try:
        return Scheme.model_validate(data)
    except ValidationError as error:
        raise ScenarioError(f"{path}={value}: {error.errors()[0]['msg']}") from error


def _there(path: str, below: dict[str, tuple[_Way, Any]]) -> str:
    if not path:
        return _("there are target.<unit>.<indicator>, group.<unit>, {names}", names=", ".join(below))
    if below:
        return _("{path} has {names}", path=path, names=", ".join(below))
    return _("there is nothing below {path}", path=path)


def _below(node: Any) -> Iterator[tuple[str, tuple[_Way, Any]]]:
    """What a path can name below a node: name → (keys and positions that lead there, what is there)."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield key, ((key,), value)
    elif isinstance(node, list):
        for position, part in enumerate(node):
            named = part if isinstance(part, dict) else {}
            yield named.get("id") or named.get("grade") or str(position), ((position,), part)
            for inner, (way, deeper) in _below(
                named.get("items")
            ):  # an item is found by its id, however deep
                yield inner, ((position, "items", *way), deeper)
