"""When a scheduled run should have come."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facemon.errors import ConfigError
from facemon.scheduled.slots import Slot, kept, planned, slot, ticks

NOW = datetime(2026, 3, 2, 12, 20, 30, tzinfo=UTC)
HOURLY = "17 * * * *"


def at(hour: int, minute: int) -> datetime:
    return datetime(2026, 3, 2, hour, minute, tzinfo=UTC)


def test_the_slot_is_the_latest_tick_that_is_not_after_now() -> None:
    """Late by three and a half minutes is late by that much, not by an hour and three minutes."""
    found = slot(HOURLY, NOW)
    assert (found.planned, found.late) == (at(12, 17), 210.0)


def test_a_run_on_its_tick_is_not_late() -> None:
    """The tick itself counts as reached; a second before it, the one before it does."""
    assert slot(HOURLY, at(12, 17)).late == 0
    assert planned(HOURLY, at(12, 17) - timedelta(seconds=1)) == at(11, 17)


def test_lateness_is_a_lower_bound() -> None:
    """A run two hours late belongs to a later slot: it says five minutes, and the slots between count as skipped."""
    before = slot(HOURLY, at(9, 18))
    found = slot(HOURLY, at(12, 22), [{"slot": before.as_data()}])
    assert (found.late, found.skipped) == (300.0, 2)


def test_no_slot_is_skipped_between_neighbours_and_within_one() -> None:
    """The next slot and the same slot again (a manual repeat) skip none."""
    before = slot(HOURLY, at(11, 20))
    assert slot(HOURLY, at(12, 20), [{"slot": before.as_data()}]).skipped == 0
    assert slot(HOURLY, at(11, 50), [{"slot": before.as_data()}]).skipped == 0


def test_without_a_run_before_nobody_knows_what_was_skipped() -> None:
    """The first run, runs by hand and runs of another schedule tell nothing of this one's slots."""
    other = slot("*/5 * * * *", at(11, 20))
    assert slot(HOURLY, NOW).skipped is None
    assert slot(HOURLY, NOW, [{}, {"slot": other.as_data()}]).skipped is None


def test_the_newest_run_with_a_slot_counts() -> None:
    """A run by hand in between, which has no slot, does not hide the scheduled one before it."""
    newer, older = slot(HOURLY, at(11, 20)), slot(HOURLY, at(8, 20))
    summaries = [{}, {"slot": newer.as_data()}, {"slot": older.as_data()}]
    assert slot(HOURLY, NOW, summaries).skipped == 0


def test_schedules_are_in_utc() -> None:
    """GitHub's are; a moment of another zone is converted before it is compared."""
    elsewhere = NOW.astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert slot(HOURLY, elsewhere) == slot(HOURLY, NOW)


@given(st.integers(0, 10_000), st.sampled_from([HOURLY, "*/5 * * * *", "3,33 2-4 * * 1-5", "0 0 1 * *"]))
def test_a_slot_survives_being_kept(minutes: int, schedule: str) -> None:
    """What a run's summary keeps gives the same slot back, and the slot is never after now."""
    now = NOW + timedelta(minutes=minutes)
    found = slot(schedule, now, [{"slot": slot(schedule, NOW).as_data()}])
    assert kept({"slot": found.as_data()}) == found
    assert found.late >= 0
    assert ticks(schedule, found.planned, now) == 0


@pytest.mark.parametrize(
    "broken",
    [None, 3, {}, {"planned": "soon"}, {"planned": "2026-03-02T12:17:00"}, {"planned": 3, "late": []}],
)
def test_a_summary_that_cannot_be_read_is_none(broken: object) -> None:
    """A row of an older version, or of somebody else's, stops nothing."""
    assert kept({"slot": broken}) is None


@pytest.mark.parametrize("schedule", ["", "@daily", "* * * *", "*/5 * * * * *", "61 * * * *", "0 0 31 2 *"])
def test_what_github_would_not_run_is_refused(schedule: str) -> None:
    """Five fields that fire some day; a field for seconds, which the library knows, is none of GitHub's."""
    with pytest.raises(ConfigError, match="five fields such as '17"):
        slot(schedule, NOW)


def test_counting_ends_somewhere() -> None:
    """After years of silence the count stops at 10,000, so that no run hangs on it."""
    assert ticks("* * * * *", NOW - timedelta(days=400), NOW) == 10_000


def test_a_slot_is_frozen() -> None:
    """It is data of a run, and compares by value."""
    assert Slot(HOURLY, NOW, 1.0) == Slot(HOURLY, NOW, 1.0, None)
