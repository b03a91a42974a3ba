"""Names of records that sort by time: UUIDv7 (RFC 9562, section 5.7).

Layout, most significant first: 48 bits of Unix milliseconds, 4 bits of version (7), 12 random bits, 2 bits of
variant (binary 10), 62 random bits. Within a millisecond the 74 random bits count on by a random step
(RFC 9562, section 6.2, method 2), so a later name is greater, as a number and as text.
"""

from __future__ import annotations

import secrets
import threading
from datetime import UTC, datetime

_RANDOM_BITS = 74
_STEP_BITS = 32
_TAIL_BITS = 62
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class IdSource:
    """Makes names that only grow, from any thread.

    When the clock stands still or steps back, the last millisecond is kept and the random part counts on; when
    that part is used up, the millisecond is advanced. So the time inside a name is the latest this source has
    seen; the record's own timestamp remains the truth.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last_ms = -1
        self._last_random = 0

    def __call__(self, now: datetime) -> str:
        """A new name for a moment (timezone-aware, from 1970 on): 36 characters of lower-case hex and dashes.

        Raises ValueError for a naive moment, or one before 1970.
        """
        if now.tzinfo is None:
            raise ValueError("a name is made from a moment with a time zone")
        since = now - _EPOCH
        # Whole numbers, since a float of microseconds would round into the next millisecond.
        now_ms = since.days * 86_400_000 + since.seconds * 1000 + since.microseconds // 1000
        if now_ms < 0:
            raise ValueError("a name is made from a moment after 1970-01-01")
        with self._lock:
            return _as_text(*self._next(now_ms))

    def _next(self, now_ms: int) -> tuple[int, int]:
        if now_ms > self._last_ms:
            # The top bit starts at 0: room to count on.
            self._last_ms, self._last_random = now_ms, secrets.randbits(_RANDOM_BITS - 1)
        else:
            self._last_random += 1 + secrets.randbits(_STEP_BITS)
            if self._last_random >> _RANDOM_BITS:
                self._last_ms, self._last_random = self._last_ms + 1, secrets.randbits(_RANDOM_BITS - 1)
        return self._last_ms, self._last_random


new_id = IdSource()
"""`new_id(now)`: this process's own source; monotonic for the life of the process."""


def _as_text(milliseconds: int, random: int) -> str:
    high, low = random >> _TAIL_BITS, random & ((1 << _TAIL_BITS) - 1)
    number = milliseconds << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low
    text = f"{number:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
