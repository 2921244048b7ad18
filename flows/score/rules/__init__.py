"""Rules: each module here, and in `combined/`, is a kind of rule, found by being here; `Rule` is any of them.

In a scheme a rule is a mapping with the key of its kind alone, or a bare number. The 32 kinds of scoring rules that real schemes
use are written with these (tests/case/rule, docs/RULES.md), so that a new scheme needs no Python.
"""

from __future__ import annotations

from decimal import Decimal
from functools import reduce
from importlib import import_module
from operator import or_
from pkgutil import walk_packages
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    Discriminator,
    SerializerFunctionWrapHandler,
    Tag,
    WrapSerializer,
)

from flows.score.rules.rule import KINDS, RuleKind

for _module in walk_packages(__path__, f"{__name__}."):
    import_module(_module.name)


def _key_of(data: Any) -> str | None:
    """The only key of what was written; None, an error, where there is not one."""
    if isinstance(data, RuleKind):
        return data.key
    if isinstance(data, dict):
        return str(next(iter(data))) if len(data) == 1 else None
    is_number = isinstance(data, str | int | float | Decimal) and not isinstance(data, bool)
    return "points" if is_number else None


def _body(data: Any) -> Any:
    """What stands behind the key."""
    return next(iter(data.values())) if isinstance(data, dict) else data


def _with_key(rule: RuleKind, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
    """A rule as it is written."""
    return {rule.key: dump(rule)}


if TYPE_CHECKING:
    Rule = RuleKind
else:
    Rule = Annotated[
        reduce(or_, (Annotated[kind, BeforeValidator(_body), Tag(key)] for key, kind in KINDS.items())),
        Discriminator(
            _key_of,
            custom_error_type="rule_kind",
            custom_error_message=f"a rule is exactly one of {', '.join(sorted(KINDS))}",
        ),
        WrapSerializer(_with_key),
    ]
for _model in [
    m for k in KINDS.values() for m in k.__mro__ if issubclass(m, BaseModel) and m is not BaseModel
]:
    _model.model_rebuild(_types_namespace={"Rule": Rule})
