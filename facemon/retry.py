"""When to try again, and how long to wait first: a policy that only looks at the error.

The specification: a time-out is tried again up to 3 times, 2 s apart; a 5xx up to 3 times, after 1 s, 2 s and 4 s.
A 429 waits for `Retry-After` where the service sent one. Nothing else is tried again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from facemon.errors import AttemptTimeout, GenerationError, RateLimited, ServerError


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and after how many seconds. Delays are counted per kind of error, retries over all kinds."""

    timeout_delays: tuple[float, ...] = (2.0, 2.0, 2.0)
    server_error_delays: tuple[float, ...] = (1.0, 2.0, 4.0)
    max_retries: int = 3

    def delay(self, failures: Sequence[GenerationError]) -> float | None:
        """Seconds to wait before the next attempt, or None to give up.

        failures: the errors of this generation's attempts so far, oldest first, at least one.
        """
        if len(failures) > self.max_retries:
            return None
        last = failures[-1]
        if isinstance(last, RateLimited):
            return last.retry_after
        for kind, delays in ((AttemptTimeout, self.timeout_delays), (ServerError, self.server_error_delays)):
            if isinstance(last, kind):
                nth = sum(isinstance(failure, kind) for failure in failures)
                return delays[nth - 1] if nth <= len(delays) else None
        return None


NO_RETRY = RetryPolicy(timeout_delays=(), server_error_delays=(), max_retries=0)


def parse_retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds that a `Retry-After` header asks for (RFC 9110 §10.2.3: seconds or an HTTP date); None if unreadable."""
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())
