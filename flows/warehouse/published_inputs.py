"""A year's folder and facts from the published warehouse, for what is tried out on copies: read, never written."""

from __future__ import annotations

from pathlib import Path

from flows.assess.fact_queries import read_facts
from flows.assess.scheme_gate import AdmittedScheme, admit
from flows.contract.catalogue import ROOT
from flows.database.connect import open_published
from flows.score.engine.facts import Facts
from flows.score.scheme.scheme_loader import SchemeYear


def known_scheme(warehouse: Path, year: int, root: Path = ROOT) -> AdmittedScheme:
    """The folder of a year as the last run scored it. Refused with errors; `NoWarehouse` without a run."""
    with open_published(warehouse) as con:
        return admit(con, year, root)


def known_facts(warehouse: Path, year: SchemeYear, root: Path = ROOT) -> Facts:
    """What a scheme reads of the published figures and records; another scheme may read others."""
    with open_published(warehouse) as con:
        return read_facts(con, year, root)
