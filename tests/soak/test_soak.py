"""The short form of the soak: signals at random moments, a shortage, a wrong clock, a GBK locale, readers over publications."""

from __future__ import annotations

import os
import random
from datetime import datetime

import pytest

from tests.soak.rounds import (
    Stand,
    Told,
    disturb,
    gbk,
    make_stand,
    readers,
    short_of,
    under,
    wrong_clock,
)

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
    short_of(stand, "files of 3 MB", told)
    assert told.failures == []


def test_a_wrong_clock_takes_nothing_in_and_is_said(stand: Stand) -> None:
    told = Told()
    wrong_clock(stand, told, datetime(2099, 1, 1))
    assert told.failures == []


def test_a_locale_in_gbk_changes_nothing(stand: Stand) -> None:
    told, spoken = Told(), gbk(stand.folder / "locale")
    if spoken is None:
        pytest.skip("this system cannot make a locale")
    under(stand, told, "a GBK locale", spoken)
    assert told.failures == []


@pytest.mark.skipif("UNION_ASSESSMENT_LONG" not in os.environ, reason="takes a minute: make soak runs it")
def test_readers_open_whole_editions_while_others_are_published(stand: Stand) -> None:
    assert readers(stand, 40, 8) == 40
