"""The open loop, in virtual time: what is due is sent, whatever the service does."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from typing import Any

import pytest

from facemon.load.schedule import Schedule
from facemon.load.sender import Sender
from facemon.load.tally import LATE, Answer, Tally
from facemon.slo.histogram import RELATIVE_ERROR

Virtual = Callable[[Callable[[Any], Any]], Any]
TEN = Schedule(10, 60)  # ten a second for a minute


def sent(
    virtual: Virtual, answer: Callable[[Any, int], Any], schedule: Schedule = TEN, most: int = 1000
) -> Tally:
    """The tally of a run in which `answer(loop, number)` is the service."""

    async def main(loop: Any) -> Tally:
        tally = Tally.of(schedule, schedule.count, limit=3.0)
        sender = Sender(lambda number: answer(loop, number), tally, loop, start=1.0, most=most)
        return await sender.run(schedule.dues(), schedule.duration)

    found: Tally = virtual(main)
    return found


async def quick(loop: Any, number: int) -> Answer:
    """A service that needs a tenth of a second."""
    await loop.sleep(0.1)
    return Answer("success", 0.1)


def stalling(begin: float, end: float) -> Callable[[Any, int], Any]:
    """The same, but it stands still from `begin` to `end` (seconds from the start of the schedule)."""

    async def answer(loop: Any, number: int) -> Answer:
        asked = loop.monotonic()
        if begin <= asked - 1.0 < end:
            await loop.sleep(end + 1.0 - asked)
        await loop.sleep(0.1)
        return Answer("success", loop.monotonic() - asked)

    return answer


def test_everything_is_sent_on_time(virtual: Virtual) -> None:
    """600 requests in a minute, none late, each with the service's own latency on both clocks."""
    tally = sent(virtual, quick)
    assert (tally.started, tally.late, tally.dropped, tally.unsent) == (600, 0, 0, 0)
    assert tally.outcomes == {"success": 600}
    assert tally.served == 600
    for histogram in (tally.intended, tally.actual):
        assert histogram.quantile(1) == pytest.approx(0.1, rel=2 * RELATIVE_ERROR)


def test_a_stall_is_felt_by_all_who_would_have_come(virtual: Virtual) -> None:
    """A stall of 2 s catches the 20 requests due in it, which were sent all the same: the slowest waits 2.1 s."""
    tally = sent(virtual, stalling(30, 32))
    assert (tally.started, tally.late) == (600, 0)
    waited = sorted([2.1 - number / 10 for number in range(20)] + [0.1] * 580)
    for share in (0.5, 0.966, 0.97, 0.98, 0.99, 0.999, 1.0):
        exact = waited[max(0, int(share * 600 + 0.999) - 1)]
        assert tally.intended.quantile(share) == pytest.approx(exact, rel=2 * RELATIVE_ERROR)
    assert max(tally.busy.values()) > 15  # they were under way side by side


def test_a_slow_sender_is_seen_on_one_clock_only(virtual: Virtual) -> None:
    """When our own process stands still, starts are late; only the intended start tells what users had waited."""

    async def answer(loop: Any, number: int) -> Answer:
        if number == 100:
            loop.block(1.0)
            return Answer("success", 1.0)
        return await quick(loop, number)

    tally = sent(virtual, answer)
    assert tally.started == 600
    assert tally.late == sum(1 for number in range(1, 11) if 1.0 - number / 10 > LATE)
    assert tally.intended.quantile(0.99) > 0.5 > (tally.actual.quantile(0.99) or 0)
    assert tally.lag.quantile(1) == pytest.approx(1.0, rel=0.1)


def test_what_is_too_many_is_dropped_and_counted(virtual: Virtual) -> None:
    """With room for 5, of a service that never answers in time the rest is dropped, not sent late."""

    async def answer(loop: Any, number: int) -> Answer:
        await loop.sleep(100)
        return Answer("timeout", 100.0)

    tally = sent(virtual, answer, most=5)
    assert (tally.started, tally.dropped, tally.late) == (5, 595, 0)
    assert tally.intended.failures == 5
    assert tally.served == 0


def test_a_backlog_drained_later_is_not_served(virtual: Virtual) -> None:
    """A service that answers one request a second has 60 pictures there after the minute, and 3 within the limit."""
    turn = itertools.count(1)

    async def answer(loop: Any, number: int) -> Answer:
        asked = loop.monotonic()
        await loop.sleep(1.0 + next(turn) - asked)
        return Answer("success", loop.monotonic() - asked)

    tally = sent(virtual, answer)
    assert tally.outcomes == {"success": 600}
    assert tally.served == 62  # at 1 s, 2 s … 62 s; the last request was due at 59.9 s


def test_a_spent_budget_ends_the_sending(virtual: Virtual) -> None:
    """What is due after the cap was reached is not sent, and nothing of it is put on the service."""

    async def answer(loop: Any, number: int) -> Answer:
        if number < 100:
            return await quick(loop, number)
        return Answer("budget_exceeded", 0.0, "budget_exceeded", "the credit budget is spent")

    tally = sent(virtual, answer)
    assert tally.stopped == "the credit budget is spent"
    assert tally.unsent == 600 - tally.started > 490
    assert tally.intended.count == 100
    assert sum(tally.unknown.values()) == tally.started - 100


def test_an_error_of_ours_ends_the_sending(virtual: Virtual) -> None:
    """A store that cannot be written is no failure of the service, and no reason to spend more."""

    async def answer(loop: Any, number: int) -> Answer:
        raise OSError("disk full")

    tally = sent(virtual, answer)
    assert "disk full" in str(tally.stopped)
    assert tally.intended.count == tally.failed == 0


def test_a_tally_survives_the_way_to_another_process(virtual: Virtual) -> None:
    """to_json and from_json: nothing is lost."""
    import json

    tally = sent(virtual, stalling(5, 7))
    assert Tally.from_json(json.loads(json.dumps(tally.to_json()))) == tally


def test_the_watch_speaks_each_second(virtual: Virtual) -> None:
    """Progress is told about once a second, and the last word does not wait for a stuck task."""
    heard: list[int] = []

    async def main(loop: Any) -> None:
        tally = Tally.of(TEN, TEN.count, limit=3.0)
        sender = Sender(lambda number: quick(loop, number), tally, loop, start=0.0)
        await sender.run(TEN.dues(), TEN.duration, lambda so_far: heard.append(so_far.started))
        await asyncio.sleep(0)

    virtual(main)
    assert 50 <= len(heard) <= 61
    assert heard == sorted(heard)
