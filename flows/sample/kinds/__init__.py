"""The record kinds whose rows mean something in the sample: Yongchuan's figures and their traps.

A kind without a maker here gets its rows from its contract alone (`flows.sample.generic`).
"""

from __future__ import annotations

from collections.abc import Callable

from flows.contract.model import Record
from flows.sample.kinds import rights
from flows.sample.model import Row
from flows.sample.scene import Scene

Maker = Callable[[Scene, Record], list[Row]]

MAKERS: dict[str, Maker] = {
    "mediation": rights.mediation,
}
