"""How the macro tests ask: whole tables of cells in one query, the same ones on every run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, Phase, settings

Ask = Callable[..., list[Any]]

#: A batch of hundreds of cells is one example. Shrinking it would only repeat slow queries: the message of a
#: failed assertion names the cell.
BATCH = settings(
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=(HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example),
)
