"""Clocks: real time for production, time by hand for tests."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest

from facemon.clock import ManualClock, SystemClock

START = datetime(2026, 5, 1, tzinfo=UTC)


async def test_manual_clock_moves_by_sleeping_and_keeps_every_sleep():
    """A sleep advances both times by its length at once and is kept."""
    clock = ManualClock(START)
    before = time.perf_counter()
    await clock.sleep(3600)
    await clock.sleep(0.5)
    assert time.perf_counter() - before < 1
    assert clock.sleeps == [3600, 0.5]
    assert (clock.monotonic(), clock.now()) == (3600.5, START + timedelta(seconds=3600.5))


async def test_manual_sleep_lets_others_run():
    """A sleep gives the event loop a turn, as a real one does."""
    ran = []
    task = asyncio.ensure_future(asyncio.sleep(0, ran.append(1)))
    await ManualClock().sleep(1)
    await task
    assert ran == [1]


async def test_negative_sleep_does_not_turn_time_back():
    """A negative duration waits not at all; it is kept as it was asked for."""
    clock = ManualClock(START)
    await clock.sleep(-5)
    assert clock.now() == START and clock.sleeps == [-5]


def test_manual_clock_does_not_go_back():
    """advance refuses a negative duration and names it."""
    with pytest.raises(ValueError, match="-1"):
        ManualClock().advance(-1)


async def test_system_clock_is_aware_and_monotonic():
    """now is in UTC and current, monotonic does not go back, a negative sleep returns."""
    clock = SystemClock()
    first = clock.monotonic()
    await clock.sleep(-1)
    assert clock.monotonic() >= first
    assert clock.now().tzinfo is UTC and abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)
