"""The record kinds whose rows mean something in the sample: Yongchuan's figures and their traps.

A kind without a maker here gets its rows from its contract alone (`flows.sample.generic`).
"""

from __future__ import annotations

from collections.abc import Callable

from flows.contract.record import Record
from flows.sample.kinds import (
    achievement,
    aid,
    culture,
    finance,
    honours,
    jobs,
    organisation,
    rights,
    students,
    welfare,
)
from flows.sample.model import Row
from flows.sample.scene import Scene

Maker = Callable[[Scene, Record], list[Row]]

MAKERS: dict[str, Maker] = {
    "audit": finance.audit,
    "book_gift": culture.book_gift,
    "collective_contract": organisation.collective_contract,
    "competition_participation": achievement.competition_participation,
    "consolation": welfare.consolation,
    "culture_event": culture.culture_event,
    "employer": organisation.employer,
    "honour": honours.honour,
    "labour_competition": achievement.labour_competition,
    "legal_aid": aid.legal_aid,
    "library": culture.library,
    "mediation": rights.mediation,
    "micro_enterprise": jobs.micro_enterprise,
    "needy_worker": welfare.needy_worker,
    "publication": aid.publication,
    "publicity_event": aid.publicity_event,
    "reemployment": jobs.reemployment,
    "skill_contest": achievement.skill_contest,
    "student_aid": students.student_aid,
    "training_held": culture.training_held,
    "training_sent": culture.training_sent,
    "tripartite_meeting": organisation.tripartite_meeting,
    "union_funds": finance.union_funds,
    "union_organisation": organisation.union_organisation,
    "union_statistics": organisation.union_statistics,
    "wage_recovery": aid.wage_recovery,
}

#: Kinds that a sender other than a unit writes, or that come as a roll too large for rows.
NOT_BY_UNIT = frozenset({"member", "employment_statistics"})
