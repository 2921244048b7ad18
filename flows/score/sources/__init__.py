"""Where the inputs of a rule come from: each module here is a source, found by being here; `Input` is any of them.

Which source it is follows from its key; an input that names none reads the item's own indicator.
"""

from __future__ import annotations

from functools import reduce
from importlib import import_module
from operator import or_
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Discriminator, Tag

from flows.score.sources.input import SOURCES, InputBase

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")


def _key_of(data: Any) -> str:
    """The key that names the source of what was written."""
    if isinstance(data, InputBase):
        return data.key
    return next((key for key in SOURCES if isinstance(data, dict) and key in data), "indicator")


if TYPE_CHECKING:
    Input = InputBase
else:
    Input = Annotated[
        reduce(or_, (Annotated[source, Tag(key)] for key, source in SOURCES.items())), Discriminator(_key_of)
    ]
