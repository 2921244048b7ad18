"""Every code of the linter: how bad it is, and what to do about it.

An error is what cannot be computed, refers to nothing, or promises what no unit can get; a warning is computed as written
and is probably not meant; an info is worth knowing before the year begins.
"""

from __future__ import annotations

from typing import Literal

_E: Literal["error"] = "error"
_W: Literal["warning"] = "warning"
_I: Literal["info"] = "info"

#: code → (severity, what to do)
CODES: dict[str, tuple[Literal["error", "warning", "info"], str]] = {
    "load": (_E, "correct the place; nothing else is checked until the folder can be read"),
    # names
    "unknown_indicator": (_E, "write the id of an indicator (sql/DICTIONARY.md lists them)"),
    "unknown_category": (_E, "write a code of the indicator's category"),
    "no_category": (_E, "leave the category out, or name an indicator that has categories"),
    "unknown_rater_group": (_E, "write a code of sql/code/rater_group.csv"),
    "unknown_opinion": (_E, "write a code of sql/code/rater_opinion.csv"),
    "unknown_veto": (_E, "write a code of sql/code/veto_condition.csv"),
    "unknown_bonus_kind": (_E, "write a code of sql/code/bonus_kind.csv"),
    "unknown_level": (_E, "write a code of sql/code/honour_level.csv"),
    "unknown_grade": (_E, "write a code of sql/code/assessment_grade.csv that the list of grades has"),
    "unknown_record": (_E, "write the name of a record kind (sql/record)"),
    "unknown_period": (_E, "name a period of data/reference/period.csv, or add it there"),
    "unknown_item": (_E, "write the id of an item of this scheme"),
    "unknown_group": (_E, "write a group of group.csv, or leave `groups` out"),
    "unknown_unit": (_E, "write the code of a unit of data/reference/unit.csv"),
    "no_indicator": (_E, "name the indicator in the item, or another source in the number"),
    "scores_outside_item": (_E, "move the rater's judgement into an item, and read the item here"),
    "duplicate_id": (_E, "give each its own id: records and conditions name it by this"),
    "duplicate_label": (_E, "give each its own label: notices and scores may name it by this"),
    # tree
    "total_differs": (_W, "allowed; if it is meant, write the true sum as `total`"),
    "children_sum": (_E, "make points and sum agree; if more is offered than counts, say so with `cap`"),
    "item_for_nobody": (_E, "name groups that the block applies to as well"),
    "indicator_unused": (_W, "let the rule read it, or leave the indicator out"),
    "cap_never_binds": (_W, "lower the cap to what is meant, or leave it out"),
    "floor_never_binds": (_W, "let the rule go below (its own `least` is 0), or leave the floor out"),
    "no_effect": (_W, "leave it out, or write it where it is looked at"),
    "silence_pays": (_W, "let a unit that did not report get nothing (zero) or be settled first (error)"),
    "unscored_policy": (_W, "write unscored: error, so that it is settled before the year closes"),
    "fixed_outside": (_W, "fix points that lie between the item's floor and cap"),
    # rules
    "full_unreachable": (_E, "raise what the rule gives, or lower the item's points"),
    "above_cap": (_W, "write the item's `cap` if that may be had, else lower what the rule gives"),
    "below_floor": (_W, "write the item's `floor` if it may fall below 0, else end the rule at 0"),
    "constant": (_W, "let the rule depend on a figure; if all get these points, the item decides nothing"),
    "band_overlap": (_E, "end each band where the next begins"),
    "boundary_twice": (_E, "let one band include the number (from, upto) and the other not (above, to)"),
    "band_gap": (_E, "let the bands meet, or say with `otherwise` what such a figure gets"),
    "band_hole": (_W, "let the bands meet; whole percent in a text leave out what lies between"),
    "band_unreachable": (_W, "correct the threshold (a rate is a fraction of 1), or leave the band out"),
    "entry_unreachable": (_W, "correct the key, or leave the entry out"),
    "branch_unreachable": (_W, "put the narrower condition first, or leave the branch out"),
    "table_gap": (_E, "add the entries, or say with `otherwise` what all others get"),
    "code_unlisted": (_W, "give it points or write `otherwise`; until then it is settled by hand"),
    "table_key": (_E, "look up whole numbers or codes in a table; for ranges write bands"),
    "each_target": (_W, "compare the whole year with its target, or the parts with numbers of their own"),
    "not_monotone": (_W, "correct the points or the order: a better figure must not earn less"),
    "down_attainment": (_W, "less is better here: let points fall (zero_at above full_at), or write bands"),
    "no_direction": (_W, "compare an indicator that is better high or low, or say what is meant with bands"),
    "undefined_missing": (_W, "write `undefined`, or the item's own `missing: {not_applicable: …}`"),
    "fixed_period": (_W, "write {year} in the period, so that a copied folder reads its own year"),
    "category_unlisted": (_W, "give them points (0 if none), or write `otherwise`"),
    "no_due_day": (_W, "add the due days to the calendar: without them no report is late"),
    "cycle": (_E, "let one of the items read the figure itself instead of points"),
    # targets
    "target_missing": (_E, "write the targets, or the item's own `missing: {no_target: …}`"),
    "target_unused": (_W, "let an item read the indicator, or leave its targets out"),
    "target_outsider": (_E, "correct the unit, or add it to group.csv"),
    "target_zero": (_E, "set a target above 0, or write `undefined` in the number that divides by it"),
    "target_negative": (_E, "correct the sign; attainment of a negative target means nothing"),
    "target_percent": (_E, "write a rate as a fraction of 1: 85 % is 0.85"),
    "target_fraction": (_W, "set a whole number: what is counted has no halves"),
    "target_late": (_W, "correct the day; it replaces the earlier one after the year is closed"),
    "target_document": (_W, "name the document that changed the target"),
    "target_threshold": (_W, "let full points begin at the target, or print with `standard` why they do not"),
    # groups
    "unit_not_assessed": (_E, "leave the unit out, or correct data/reference/unit.csv"),
    "unit_missing": (_E, "give the unit a group, or correct data/reference/unit.csv"),
    "group_unnamed": (_I, "name the group under `groups` in scheme.yml"),
    "group_of_one": (_W, "put the unit into a group in which it can be compared"),
    # what follows the items
    "bonus_kind_left": (_I, "applications of these kinds will count nothing; add them if that is not meant"),
    "level_above_cap": (_W, "raise the cap of the class, or lower the points of the level"),
    "level_order": (_W, "let a higher level give at least as much as a lower one"),
    "factor_outside": (_W, "write a factor: 0.8 leaves four fifths of what is taken off"),
    "deduction_overlap": (_E, "let each item lead to one class"),
    "deduction_left": (_W, "add a class without items: it takes all others"),
    "gate_after_rank": (_E, "put gates before rank in `order`"),
    "round_too_early": (_W, "put round behind whatever changes the total"),
    "grade_unreachable": (_E, "correct quota or points, or leave the grade out"),
    "grade_none_in_group": (_W, "round up, say at_least_units, or raise the share"),
    "gate_constant": (_W, "correct the bound: a gate that is always open or always shut decides nothing"),
    "gate_if_missing": (_I, "write if_missing: true or false, so that nobody has to guess"),
    "gate_voids_itself": (_E, "judge by the figure instead of the points that are taken away"),
    "veto_unnamed": (_W, "name it in a gate: a recorded event must lead somewhere"),
    # what only scores tell
    "all_at_cap": (_I, "the item sets nobody apart: raise what is asked for, or leave it out"),
    "all_at_zero": (_I, "the item sets nobody apart: ask whether it is reported at all, or leave it out"),
    "redundant": (_I, "both items count the same thing: keep one, or know that it counts twice"),
    # the year
    "year_copied": (_W, "write what this year says, or know that it is the same as before"),
    "year_folder": (_E, "make `year` and the folder's name agree"),
}
