"""The load phase: before the first check, every process sends its share of one schedule, and nothing else runs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from facemon.client import choose_model
from facemon.config import Settings
from facemon.load.asking import FACES, asking
from facemon.load.meeting import Meeting, Start
from facemon.load.result import LoadResult
from facemon.load.schedule import Schedule
from facemon.load.sender import IN_FLIGHT, Sender
from facemon.load.tally import Tally
from facemon.plugin.engine import opened
from facemon.plugin.run import open_target
from facemon.prompts import HEADSHOT

if TYPE_CHECKING:
    from facemon.monitor import Monitor
    from facemon.plugin.state import SessionState

# The vendor's documented limit: 150 requests in 10 s, then 429 for 60 s; the simulator keeps it too.
_DOCUMENTED = (150, 10.0)
_PATIENCE = 300.0  # seconds for the others: many workers import slowly, and judge the last pictures slowly

Say = Callable[[Callable[[], LoadResult], float], None]
"""Hears where the result so far can be had, which takes milliseconds and megabytes, and the seconds since the start."""


def check_load(settings: Settings, schedule: Schedule) -> None:
    """Refuse a schedule that the service must refuse, or that may not be paid for. Raises pytest.UsageError."""
    limit = _DOCUMENTED if settings.target in ("live", "sim", "mock") else settings.rate
    if limit and (busiest := schedule.most_within(limit[1])) > limit[0]:
        raise pytest.UsageError(
            f"facemon: --facemon-rate {60 * schedule.rate:g}/min ({schedule}) sends up to {busiest} requests in "
            f"{limit[1]:g} s; beyond the rate limit of {limit[0]} requests in {limit[1]:g} s {settings.target} answers "
            f"429: give less than {60 * limit[0] / limit[1]:g}/min"
        )
    provider, model = choose_model(settings.provider, settings.model)
    price = provider.price(HEADSHOT.fill(FACES[0]), model)
    cost = schedule.count * price
    if settings.max_credits is not None and cost > settings.max_credits:
        raise pytest.UsageError(
            f"facemon: {schedule.count} requests ({schedule}) cost {cost:g} credits at {price:g} each, and the cap is "
            f"{settings.max_credits:g}: give a shorter --facemon-duration or a higher --facemon-max-credits"
        )


def meeting_of(state: SessionState) -> Meeting:
    """Where the processes of this run meet."""
    return Meeting(Path(state.shared_context().ledger_path + ".load"))


def send_all(state: SessionState, settings: Settings, schedule: Schedule, say: Say) -> LoadResult:
    """The whole schedule in this process, which is the only one. Raises what `open_target` and `opened` raise."""
    meeting = meeting_of(state)

    def on_ready() -> None:
        meeting.announce(["main"])

    return asyncio.run(_phase(state, unthrottled(settings), schedule, meeting, "main", on_ready, say))


def send_share(state: SessionState, settings: Settings, schedule: Schedule, name: str) -> LoadResult:
    """This worker's share; returns when every worker has ended. Raises NoMeeting, and as `send_all`."""
    meeting = meeting_of(state)

    def on_ready() -> None:
        meeting.ready(name)

    return asyncio.run(
        _phase(state, unthrottled(settings), schedule, meeting, name, on_ready, lambda *_: None)
    )


async def _phase(
    state: SessionState,
    settings: Settings,
    schedule: Schedule,
    meeting: Meeting,
    name: str,
    on_ready: Callable[[], None],
    say: Say,
) -> LoadResult:
    context = state.shared_context()
    target = open_target(settings, context, state.progress)
    try:
        async with opened(settings, context, target) as engine:
            monitor = await engine.monitor()
            on_ready()
            start = await meeting.await_start(monitor.clock, _PATIENCE)

            def report(tally: Tally) -> None:
                meeting.report(name, tally)
                say(lambda: meeting.result(schedule), time.time() - start.at)
                if meeting.stopped():
                    tally.stopped = tally.stopped or "the run was interrupted"

            await _send(monitor, schedule, start, name, report)
            await meeting.await_end(monitor.clock, settings.generation_timeout + _PATIENCE)
    finally:
        if not context.simulator_url:
            state.remember(target.state())
        target.close()
    return meeting.result(schedule)


async def _send(
    monitor: Monitor, schedule: Schedule, start: Start, name: str, report: Callable[[Tally], None]
) -> None:
    # A worker that came after the start, in place of one that died, has no share.
    dues = schedule.share(start.names.index(name), len(start.names)) if name in start.names else []
    assert monitor.client is not None
    tally = Tally.of(schedule, len(dues), monitor.client.settings.response_time_limit)
    first = monitor.clock.monotonic() + start.at - time.time()
    sender = Sender(asking(monitor), tally, monitor.clock, first)
    await sender.run(dues, schedule.duration if dues else 0.0, report)
    await monitor.drain()
    sender.look()  # the judging of the last pictures included
    tally.ended = True
    report(tally)


def unthrottled(settings: Settings) -> Settings:
    """The settings without what would hold a request back; the ledger still notes each start, for the checks after."""
    limit = "none" if settings.rate is None else f"999999999/{settings.rate[1]:g}s"
    return settings.model_copy(update={"concurrency": IN_FLIGHT, "rate_limit": limit})
