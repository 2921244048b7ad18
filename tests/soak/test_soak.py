"""The short form of the soak: one signal each at a random moment, one shortage, readers over publications."""

from __future__ import annotations

import os
import random

import pytest

from tests.soak.rounds import Stand, Told, disturb, make_stand, readers, short_of

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name == "nt", reason="signals are POSIX")]


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Stand:
    return make_stand(tmp_path_factory.mktemp("soak"))


def test_a_run_that_is_cut_off_anywhere_goes_on_to_the_same_content(stand: Stand) -> None:
    told = Told()
    disturb(stand, random.Random(os.getpid()), told)  # noqa: S311
    assert told.failures == []


def test_a_full_disk_ends_a_run_and_changes_nothing(stand: Stand) -> None:
    told = Told()
    short_of(stand, "a full disk", told)
    assert told.failures == []


def test_readers_open_whole_editions_while_others_are_published(stand: Stand) -> None:
    assert readers(stand, 100, 20) == 100
