"""Send what waits in the outbox, until its receiver has acknowledged it."""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from facemon.clock import Clock
from facemon.errors import DeliveryError, DeliveryFailed, DeliveryRefused
from facemon.incident import Delivery, Message
from facemon.store.incidents import IncidentStore

if TYPE_CHECKING:
    from facemon.alerting.channels.base import Channel  # late: its room imports every channel

_SHORTEST_NAP, _LONGEST_NAP = 0.05, 30.0  # another process may add a message, or die with one, at any time
_LONGEST_WISH = 86_400.0  # a receiver that asks to wait for longer is asked again all the same
_LONGEST_ERROR = 500


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds. send: for one try, where a channel has no limit of its own · lease: how long a claim holds, more than a
    try takes · first, most: the delay after the first failure, doubled with each further one, and its limit.
    """

    send: float = 30.0
    lease: float = 120.0
    first: float = 5.0
    most: float = 900.0

    def delay(self, attempts: int, wish: float | None = None) -> float:
        """How long to wait after so many failed tries. wish: what the receiver asks for, if it is longer."""
        own = min(self.most, self.first * 2.0 ** min(attempts - 1, 40))
        return max(own, min(wish, _LONGEST_WISH)) if wish is not None and math.isfinite(wish) else own


@dataclass(frozen=True, slots=True)
class Dispatched:
    """sent, refused: messages of this call · pending: what is left for these channels · unheard: what they refused,
    now or before, of incidents that are still open and of which they heard nothing since · elsewhere: what is left for
    channels that are not among these, by their names.
    """

    sent: int
    refused: int
    pending: int
    unheard: tuple[Message, ...] = ()
    elsewhere: Mapping[str, int] = field(default_factory=dict)


async def dispatch(
    store: IncidentStore,
    channels: Mapping[str, Channel],
    clock: Clock,
    *,
    owner: str,
    wait: float | None = None,
    patience: Patience = Patience(),
) -> Dispatched:
    """Send the pending messages of these channels, side by side; within one, in the order they were made.

    A message is *sent* when its receiver has acknowledged it. One that failed comes again after a delay that doubles,
    for as long as it takes; one that was refused does not come again. Messages of other channels stay pending.

    owner: a name that no other sender has, not even this one's former life. wait: go on for so many seconds while
    something can still be sent in them; None: send what is due now, each once. At the end of the time the try under
    way is still awaited. Cancelled, it leaves what it was sending to the end of the lease.
    Raises StoreError, after every channel has come to its end.
    """
    deadline = None if wait is None else clock.monotonic() + wait
    lines = [_Line(store, name, channels[name], clock, owner, patience, deadline) for name in channels]
    ends = await asyncio.gather(*(line.run() for line in lines), return_exceptions=True)
    tally: Counter[Delivery] = Counter()
    for end in ends:
        if isinstance(end, BaseException):
            raise end
        tally += end
    left = Counter(message.channel for message in await store.messages(delivery=Delivery.PENDING))
    return Dispatched(
        tally[Delivery.SENT],
        tally[Delivery.REFUSED],
        sum(left[name] for name in channels),
        tuple(await store.unheard(channels)),
        {name: count for name, count in left.items() if name not in channels},
    )


@dataclass(frozen=True, slots=True)
class _Line:
    """The messages of one channel, one after another."""

    store: IncidentStore
    name: str
    channel: Channel
    clock: Clock
    owner: str
    patience: Patience
    deadline: float | None

    async def run(self) -> Counter[Delivery]:
        tally: Counter[Delivery] = Counter()
        # Without waiting, what fails now and falls due while others are sent is left to the next call.
        due_by = self.clock.now() if self.deadline is None else None
        while True:
            claimed = await self.store.claim(
                self.owner, self.clock.now(), self.patience.lease, [self.name], due_by=due_by
            )
            for message in claimed:
                tally[await self._deliver(message)] += 1
            if self._is_over() or not (claimed or await self._nap()):
                return tally

    def _is_over(self) -> bool:
        return self.deadline is not None and self.clock.monotonic() >= self.deadline

    async def _nap(self) -> bool:
        """Sleep until something may be due; False where nothing will be in time."""
        if self.deadline is None:
            return False
        due = await self.store.next_due([self.name])
        if due is None:
            return False
        seconds = max(_SHORTEST_NAP, (due - self.clock.now()).total_seconds())
        if seconds > self.deadline - self.clock.monotonic():
            return False
        await self.clock.sleep(min(seconds, _LONGEST_NAP))
        return True

    async def _deliver(self, message: Message) -> Delivery:
        """Try once; returns what the message is now."""
        notice = await self.store.notice(message)
        scope = asyncio.timeout(self._limit())
        try:
            async with scope:
                receipt = await self.channel.send(notice)
        except DeliveryRefused as error:
            held = await self.store.refused(message.id, self.owner, self.clock.now(), _cut(error))
            return Delivery.REFUSED if held else Delivery.PENDING
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            await self._failed(message, "the channel cancelled its own sending")
        except Exception as error:
            await self._failed(message, self._words(error, scope.expired()), _wish(error))
        else:
            now = self.clock.now()
            held = await self.store.acknowledged(message.id, self.owner, now, f"{receipt or ''}")
            return Delivery.SENT if held else Delivery.PENDING
        return Delivery.PENDING

    async def _failed(self, message: Message, error: str, wish: float | None = None) -> None:
        now = self.clock.now()
        due = now + timedelta(seconds=self.patience.delay(message.attempts + 1, wish))
        await self.store.failed(message.id, self.owner, now, error, due)

    def _words(self, error: Exception, expired: bool) -> str:
        if expired:
            return f"no acknowledgement within {self._limit():g} s"
        return _cut(error) if isinstance(error, DeliveryError) else _place(error)

    def _limit(self) -> float:
        """Seconds for one try."""
        # Whoever is no subclass of Channel need not know of the attribute.
        own: float | None = getattr(self.channel, "patience", None)
        return self.patience.send if own is None else own


def _wish(error: Exception) -> float | None:
    return error.retry_after if isinstance(error, DeliveryFailed) else None


def _cut(error: DeliveryError) -> str:
    return str(error)[:_LONGEST_ERROR]


def _place(error: Exception) -> str:
    # Not its text: a library's error may quote an address that holds a secret.
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    where = f" in {Path(frame.tb_frame.f_code.co_filename).name}, line {frame.tb_lineno}" if frame else ""
    return f"unforeseen {type(error).__name__}{where}"
