"""What a run keeps of itself: the slot that it came in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from facemon.plugin.summary import slot_of
from facemon.store.runs import Run

MOMENT = datetime(2026, 3, 1, 12, 20, tzinfo=UTC)


def test_a_scheduled_run_keeps_its_slot() -> None:
    """17 minutes past the hour was planned: three minutes late; of four hours three were skipped."""
    before = Run(
        "a",
        MOMENT - timedelta(hours=4),
        "live",
        summary={"slot": slot_of("17 * * * *", "a", [Run("a", MOMENT - timedelta(hours=4), "live")])},
    )
    kept = slot_of("17 * * * *", "b", [Run("b", MOMENT, "live"), before])
    assert kept["late"] == 180
    assert kept["skipped"] == 3
    assert kept["planned"] == "2026-03-01T12:17:00+00:00"


def test_a_schedule_that_is_none_loses_no_run() -> None:
    """What the surroundings say wrongly is kept beside the run, in words; a run that never began has no slot."""
    kept = slot_of("every hour", "b", [Run("b", MOMENT, "live")])
    assert "not accepted" in kept["error"]
    assert slot_of("17 * * * *", "c", []) == {}
