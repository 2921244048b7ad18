"""All that the engine is given about a year as one file, so that a year can be scored again from it and its scheme's folder alone.

Exact and repeatable: amounts are fractions written "n/d", days ISO, one record a line, figures in the order of unit and key; the same
facts give the same bytes. Fields are those of `score/engine/facts.py`, found there and named nowhere else, so a new fact is written
without a word here. No database and no personal data: facts hold units, figures and what an office recorded about units.
Refused is a file of another form: an unknown or missing field or kind means that code older or newer than this one wrote it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from fractions import Fraction
from functools import cache
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from flows.language import _
from flows.score.engine.facts import Facts, Figure, FigureKey

#: The form of the file; another one is refused.
_FORM = 1


class FactsUnreadable(ValueError):
    """A file of facts that this code cannot take as such; the text names the file, the place, and what to do."""


def write_facts(facts: Facts, path: Path) -> None:
    """Write facts as a file; the same facts give the same bytes."""
    path.write_text("".join(_lines(facts)), encoding="utf-8", newline="\n")


def read_facts(path: Path) -> Facts:
    """The facts of a file; `FactsUnreadable` where it is not one of this form."""
    try:
        return _facts_of(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        message = _(
            "{path} is no file of facts that this code can read ({error}): use the code version that wrote it",
            path=path,
            error=error,
        )
        raise FactsUnreadable(message) from error


def _facts_of(given: dict[str, Any]) -> Facts:
    form, figures = given.pop("form"), _figures(given["figures"])
    hints = get_type_hints(Facts)
    if form != _FORM or given.keys() ^ hints.keys():
        raise ValueError(f"form {form}: " + ", ".join(sorted(given.keys() ^ hints.keys())))
    taken: dict[str, Any] = {name: _read(of, given[name]) for name, of in hints.items() if name != "figures"}
    return Facts(figures=figures, **taken)


def _lines(facts: Facts) -> Iterator[str]:
    yield f'{{\n"form": {_FORM}'
    for field in fields(facts):
        value = getattr(facts, field.name)
        if field.name == "figures":
            order = sorted(value, key=lambda key: (key[0], key[1].order))
            value = [[unit, *key, *_written(value[unit, key])] for unit, key in order]
        text = _written(value)
        yield f',\n"{field.name}": '
        if isinstance(text, list | dict) and text:
            yield _json(text)[0] + "\n"
            rows = (
                [f"{_json(k)}: {_json(v)}" for k, v in text.items()]
                if isinstance(text, dict)
                else map(_json, text)
            )
            yield ",\n".join(rows) + "\n" + _json(text)[-1]
        else:
            yield _json(text)
    yield "\n}\n"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _written(value: Any) -> Any:
    """A value of the facts as JSON has it; a record is the list of its fields."""
    if isinstance(value, Fraction):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if is_dataclass(value):
        return [_written(getattr(value, field.name)) for field in fields(value)]
    if isinstance(value, Mapping):
        return {key: _written(value[key]) for key in sorted(value)}
    return [_written(one) for one in value] if isinstance(value, tuple | list) else value


def _figures(rows: list[list[Any]]) -> dict[tuple[str, FigureKey], Figure]:
    return {(unit, FigureKey(*key)): _read(Figure, figure) for unit, *key, figure in map(_parted, rows)}


def _parted(row: list[Any]) -> list[Any]:
    """Unit, the parts of the key, and the figure's fields as one."""
    head = 1 + len(FigureKey._fields)
    return [*row[:head], row[head:]]


def _read(hint: Any, value: Any) -> Any:
    """What was written of a value of a type; the type alone says what it is."""
    kind, inside = get_origin(hint) or hint, get_args(hint)
    if kind in (Union, UnionType):
        options = [one for one in inside if one is not NoneType]
        return None if value is None else _read(options[0], value)
    if isinstance(value, str) and kind is Fraction:
        return Fraction(value)
    if isinstance(value, str) and kind is date:
        return date.fromisoformat(value)
    if kind is tuple:
        return tuple(_read(inside[0], one) for one in value)
    if kind is Mapping:
        return {key: _read(inside[1], one) for key, one in value.items()}
    if isinstance(kind, type) and (is_dataclass(kind) or issubclass(kind, tuple)):
        hints = _hints(kind)
        return kind(*(_read(of, one) for of, one in zip(hints, value, strict=True)))
    if (kind is Literal and value in inside) or type(value) is kind:
        return value
    raise ValueError(f"{value!r}: {hint}")


@cache
def _hints(kind: type) -> tuple[Any, ...]:
    return tuple(get_type_hints(kind).values())
