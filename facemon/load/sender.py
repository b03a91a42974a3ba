"""The open loop: each request starts at its due instant, whatever became of those before it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from facemon.clock import Clock
from facemon.load.schedule import Due
from facemon.load.tally import Answer, Tally
from facemon.resources import memory_bytes

IN_FLIGHT = 1000
"""Requests of one worker under way at once; what is due beyond that is dropped, and counted."""
_HAIR = 1e-6  # seconds: asyncio may wake a sleeper up that much too early
_TICK = 0.05  # seconds between two looks at the event loop's lag

Ask = Callable[[int], Awaitable[Answer]]
"""Sends the request of this number."""
Say = Callable[[Tally], None]
"""Hears once a second how far it is."""


class Sender:
    """Sends one worker's share of a schedule. start: the schedule's first instant, on the clock's monotonic time."""

    def __init__(self, ask: Ask, tally: Tally, clock: Clock, start: float, most: int = IN_FLIGHT) -> None:
        self._ask, self._tally, self._clock = ask, tally, clock
        self._start, self._most = start, most
        self._tasks: set[asyncio.Task[None]] = set()
        self._cpu = time.process_time()

    async def run(self, dues: Sequence[Due], until: float, say: Say = lambda _: None) -> Tally:
        """Send everything when it is due, and wait for every answer. until: the schedule's length in seconds."""
        await self._sleep_until(0.0)
        watch = asyncio.create_task(self._watch(say))
        try:
            for place, due in enumerate(dues):
                await self._sleep_until(due.at)
                if self._tally.stopped:
                    self._tally.unsent = len(dues) - place
                    break
                self._send(due)
            else:
                await self._sleep_until(until)
            self.look()
            self._tally.cpu_while_sending = self._tally.cpu_seconds
            while self._tasks:
                await asyncio.wait(list(self._tasks))
        finally:
            watch.cancel()
            with suppress(asyncio.CancelledError):
                await watch
            for task in list(self._tasks):
                task.cancel()
        return self._tally

    def _send(self, due: Due) -> None:
        if len(self._tasks) >= self._most:
            self._tally.dropped += 1
            return
        task = asyncio.create_task(self._one(due))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _one(self, due: Due) -> None:
        at = self._now()
        self._tally.start(due.at, at)
        try:
            answer = await self._ask(due.number)
        except (
            Exception
        ) as error:  # ours, such as a store that cannot be written: nothing was seen of the service
            answer = Answer("", self._now() - at, "own fault", f"own fault: {error}")
        self._tally.end(due.at, at, answer)
        self._tally.stopped = self._tally.stopped or answer.own_fault

    async def _watch(self, say: Say) -> None:
        """The event loop's lag, this process' memory, and a word each second."""
        said = self._now()
        while True:
            asked = self._now()
            await self._clock.sleep(_TICK)
            now = self._now()
            self._tally.lag.record(max(0.0, now - asked - _TICK))
            if now - said >= 1:
                said = now
                self.look()
                say(self._tally)

    def look(self) -> None:
        """Read this process' memory, and its CPU since this sender was made."""
        self._tally.cpu_seconds = time.process_time() - self._cpu
        self._tally.memory = max(self._tally.memory, memory_bytes())
        self._tally.readings += 1

    def _now(self) -> float:
        return self._clock.monotonic() - self._start

    async def _sleep_until(self, moment: float) -> None:
        if moment <= self._now():
            await asyncio.sleep(0)  # behind its schedule or not: what is under way gets its turn
        while (left := moment - self._now()) > _HAIR:
            await self._clock.sleep(left)
