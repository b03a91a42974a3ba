"""What a call waits for before it is sent: a place among the requests under way, the rate limit, its credits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from facemon.client.transport import NOTHING_SENT
from facemon.clock import Clock
from facemon.errors import ConnectionFailed, GenerationError
from facemon.ledger import Booking, Ledger

# The service's own documented refusals. A gateway's 502, 503 or 504 may hide a picture that was made and charged.
_NOT_CHARGED = frozenset({400, 401, 402, 403, 404, 413, 422, 429, 500})


class Limits:
    """One process's view of the limits; the ledger knows what its siblings do."""

    def __init__(self, ledger: Ledger, concurrency: int, clock: Clock) -> None:
        self._ledger, self._clock = ledger, clock
        self._places = asyncio.Semaphore(concurrency)

    @asynccontextmanager
    async def place(self, credits: float) -> AsyncIterator[Booking]:  # noqa: A002  the word of the trade
        """A booked place, held while the call is under way. Raises BudgetExceeded before anything is sent."""
        async with self._places:
            while not isinstance(answer := self._ledger.book(credits), Booking):
                await self._clock.sleep(answer)
            yield answer

    def close_booking(self, booking: Booking, error: GenerationError | None) -> None:
        """Release what was certainly not charged (the vendor does not charge failed generations), settle the rest.

        A time-out or a broken connection may have been charged; a filtered picture counts as charged.
        """
        refused = error is not None and error.status in _NOT_CHARGED
        unsent = isinstance(error, ConnectionFailed) and error.reason in NOTHING_SENT
        if refused or unsent:
            self._ledger.release(booking)
        else:
            self._ledger.settle(booking)
