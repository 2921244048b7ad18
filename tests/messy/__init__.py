"""Messy workbooks with known truth, and the judge that compares a reader with it.

Kept out of `flows/`: nothing here may share a line with what it judges but the contracts and the
public result of `flows.read`. `case.build(seed, features)` is one case; every feature has a random
source of its own, so that leaving one out leaves the rest of the case as it is and a failing case
shrinks to the features that it needs.
"""
