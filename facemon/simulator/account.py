"""Money and the rate limit: the two things the simulator remembers about its only customer."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from facemon.clock import Clock
from facemon.simulator.bounds import number, whole

KEPT_CHARGES = 10_000
"""A simulator that runs for days keeps the last charges only; count and total stay exact."""


@dataclass(frozen=True)
class RateLimit:
    """At most `requests` in any `seconds`; the one too many locks everybody out for `lockout` seconds."""

    requests: int = 150
    seconds: float = 10.0
    lockout: float = 60.0

    def __post_init__(self) -> None:
        whole("rate_limit.requests", self.requests, 1, 10**9, "a whole number of at least 1")
        number("rate_limit.seconds", self.seconds, 0.001, 86400, "a number of seconds from 0.001 to 86400")
        number("rate_limit.lockout", self.lockout, 0, 86400, "a number of seconds from 0 to 86400")


@dataclass(frozen=True)
class Charge:
    """Credits taken for one request."""

    request_id: str
    model: str
    credits: float


class Account:
    """A balance that runs down, never below zero."""

    def __init__(self, balance: float) -> None:
        self.balance = balance
        self.charges: deque[Charge] = deque(maxlen=KEPT_CHARGES)
        self.charged = 0.0
        self.count = 0

    def affords(self, price: float) -> bool:
        # 1000 × 0.9 leaves a little less than it should; a hair of a credit is not a reason to refuse.
        return self.balance + 1e-9 >= price

    def charge(self, request_id: str, model: str, price: float) -> Charge | None:
        """Take the price at once, so that requests in flight together cannot overdraw. None when it is not there."""
        if not self.affords(price):
            return None
        charge = Charge(request_id, model, price)
        self.charges.append(charge)
        self.balance = max(0.0, self.balance - price)
        self.charged += price
        self.count += 1
        return charge

    def refund(self, charge: Charge) -> None:
        """Failed generations are not charged."""
        if charge in self.charges:
            self.charges.remove(charge)
        self.balance += charge.credits
        self.charged -= charge.credits
        self.count -= 1

    def empty(self) -> None:
        """The balance is gone, as if somebody else had spent it."""
        self.balance = 0.0


class RateLimiter:
    """Counts generation requests in a sliding window; the one too many starts a lock-out that nothing prolongs."""

    def __init__(self, limit: RateLimit | None, clock: Clock) -> None:
        self._limit = limit
        self._clock = clock
        self._seen: deque[float] = deque()
        self._locked_until = float("-inf")

    def admit(self) -> bool:
        """Count one request, and say whether it may pass."""
        if self._limit is None:
            return True
        now = self._clock.monotonic()
        if now < self._locked_until:
            return False
        while self._seen and self._seen[0] <= now - self._limit.seconds:
            self._seen.popleft()
        if len(self._seen) >= self._limit.requests:
            self._locked_until = now + self._limit.lockout
            self._seen.clear()
            return False
        self._seen.append(now)
        return True
