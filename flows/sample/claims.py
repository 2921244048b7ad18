"""The article's countable claims and the exact figures that the sample holds for them.

Where the article gives an interval (`39 million and more`), the figure is one inside it. Claim 20
can be read in two ways; both figures are here, and only the sum over mediation and aid lies in the
interval. The figures and their numbers are facts of the article; no wording of it is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from flows.sample.kinds import achievement, aid, culture, jobs, organisation, rights, students, welfare

READINGS = ("F201011-201510", "F201101-201510")


@dataclass(frozen=True)
class Claim:
    """A claim's number, the indicator that answers it, the category if it names one, the exact figure."""

    number: int
    indicator: str
    value: Fraction
    category: str | None = None


def claims(member_scale: float = 1.0) -> tuple[Claim, ...]:
    """All claims, in order. Member figures follow the scale of the rolls."""
    counted = (
        (1, "federation_honours_national", 5, None),
        (2, "federation_honours_municipal", 7, None),
        (6, "micro_enterprises", jobs.BUSINESSES, None),
        (7, "reemployed_people", jobs.PLACED, None),
        (10, "competition_participant_times", achievement.PARTICIPATIONS, None),
        (11, "skill_contests", achievement.CONTESTS, None),
        (12, "skill_contestants", achievement.CONTESTANTS, None),
        (13, "model_workers", 21, None),
        (14, "may_day_medals", 22, None),
        (15, "worker_pioneers", 63, None),
        (16, "women_pioneers_national", 5, None),
        (18, "mediation_succeeded", rights.MEDIATED, None),
        (19, "legal_aid_cases", aid.AIDED, None),
        (20, "rights_amount_yuan", rights.MEDIATED_YUAN + aid.AIDED_YUAN, None),
        (23, "publication_copies", 25_000, "外出务工小手册"),
        (24, "publication_copies", 25_000, "职工(农民工)维权手册"),
        (25, "reprinted_copies", 54_000, None),
        (26, "consultation_events", 18, None),
        (27, "leaflets_copies", 118_000, None),
        (28, "wage_recovery_places", len(aid.PLACES), None),
        (29, "wage_recovered_out_yuan", aid.RECOVERED_AWAY, None),
        (30, "consolation_money_yuan", welfare.NEEDY_MONEY + welfare.OTHER_MONEY, None),
        (31, "consolation_visits", welfare.VISITS, None),
        (33, "student_aid_yuan", students.STUDENT_MONEY + students.SCHOOL_MONEY, None),
        (34, "students_aided", students.STUDENTS, None),
        (36, "arts_festivals", 3, None),
        (37, "sports_games", 4, None),
        (38, "film_shows", culture.FILM_SHOWS, None),
        (39, "libraries_built", culture.LIBRARIES, None),
        (40, "books_given", culture.BOOKS_GIVEN, None),
        (41, "union_organisations", organisation.UNIONS, None),
        (42, "members", round(organisation.MEMBERS * member_scale), None),
        (43, "migrant_members", round(organisation.MIGRANT_MEMBERS * member_scale), None),
        (46, "model_homes", 26, None),
        (47, "model_groups", 21, None),
        (48, "training_sent_people", culture.SENT_UP, None),
        (49, "training_classes", culture.CLASSES, None),
        (50, "trainee_times", culture.TRAINED, None),
        (52, "five_good_team_streak", 3, None),
        (53, "special_grade_streak", 4, None),
        (54, "federation_model_home", 1, None),
    )
    rates = (
        (9, "labour_competition_coverage", organisation.CONTEST_HELD, organisation.CONTEST_DUE),
        (32, "needy_coverage", welfare.ON_FILE, welfare.ON_FILE),
        (44, "unionisation_rate", organisation.EMPLOYERS_UNIONISED, organisation.EMPLOYERS_DUE),
        (45, "membership_rate", organisation.MEMBERS, organisation.STAFF),
    )
    found = [Claim(n, indicator, Fraction(value), category) for n, indicator, value, category in counted]
    found += [Claim(n, indicator, Fraction(a, b)) for n, indicator, a, b in rates]
    return tuple(sorted(found, key=lambda c: (c.number, c.category or "")))
