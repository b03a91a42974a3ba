"""An issue for each incident in a GitHub repository, which opens, tells and closes itself."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

from facemon.alerting.channels.base import Channel, ChannelConfig
from facemon.alerting.github.door import Door
from facemon.alerting.github.settings import settings
from facemon.alerting.github.sync import deliver
from facemon.clock import Clock
from facemon.errors import DeliveryFailed
from facemon.incident import Notice

SEND_LIMIT = 18.0
"""Seconds after which a delivery begins no further request: one more may take ten, and the dispatcher waits thirty."""
FIRST_PAUSE = 1.0


class GithubIssue(Channel):
    """Opens an issue, comments each event once, retitles, relabels, closes and reopens. Its options: see
    `facemon.alerting.github.settings`.

    A report is not sent. The receipt is `owner/name#12`. A person's labels, assignees and words of the title stay; an
    issue that a person closed stays closed until it gets worse or breaks again; one that was deleted is opened anew
    by the next event that is no recovery; a transferred one is followed as far as the token may. An issue whose number
    is not known is searched for, among many hundreds only as far as there is time: see `Door.issues`.
    """

    def __init__(self, config: ChannelConfig, clock: Clock) -> None:
        self.name = config.name
        self._settings, self._clock = settings(config), clock
        self._door = Door(self._settings, clock)
        # One thread: a delivery that was given up may still be in its last request, and the next waits for its end.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"facemon-{config.name}")

    async def send(self, notice: Notice) -> str:
        """Deliver; rate limits, 5xx and lost connections are waited out as far as there is time."""
        until, pause = self._clock.monotonic() + SEND_LIMIT, FIRST_PAUSE
        while True:
            try:
                return await self._try(notice, until)
            except DeliveryFailed as failure:
                wait = pause if failure.retry_after is None else failure.retry_after
                if self._clock.monotonic() + wait >= until:
                    raise
            await self._clock.sleep(wait)
            pause *= 2

    async def _try(self, notice: Notice, until: float) -> str:
        given_up = threading.Event()
        try:
            return await asyncio.get_running_loop().run_in_executor(
                self._thread, self._deliver, notice, until, given_up
            )
        finally:
            given_up.set()  # whoever waited has gone: the thread begins no further request

    def _deliver(self, notice: Notice, until: float, given_up: threading.Event) -> str:
        self._door.begin(until, until - SEND_LIMIT / 2, given_up)
        return deliver(self._door, self._settings, notice)

    async def close(self) -> None:
        """Let go of the connection."""
        self._thread.shutdown(wait=False, cancel_futures=True)
        self._door.close()
