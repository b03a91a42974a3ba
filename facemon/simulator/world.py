"""What handling a request may touch: the account, the limiter, chance, the studio. Faults get it too."""

from __future__ import annotations

from collections.abc import Collection
from random import Random

from facemon.clock import Clock
from facemon.simulator.account import Account, RateLimit, RateLimiter
from facemon.simulator.messages import Reply, Request
from facemon.simulator.problems import DOUBLED_UNAUTHORIZED, UNAUTHORIZED, Problem, refuse
from facemon.simulator.studio import Studio


class World:
    """The state of one simulator. All its randomness comes from one seed."""

    def __init__(
        self,
        clock: Clock,
        random: Random,
        account: Account,
        limit: RateLimit | None,
        studio: Studio,
        readings: Collection[str] = (),
    ) -> None:
        self.clock = clock
        self.random = random
        self.account = account
        self.limit = limit or RateLimit()
        self.limiter = RateLimiter(limit, clock)
        self.studio = studio
        self.readings = readings

    def identity(self) -> str:
        """A fresh request id: 32 lower-case hexadecimal digits."""
        return self.random.randbytes(16).hex()

    def refuse(self, request: Request, problem: Problem) -> Reply:
        """The problem under a fresh id, in the envelope of the request's API."""
        if problem == UNAUTHORIZED and "doubled_401" in self.readings:
            problem = DOUBLED_UNAUTHORIZED
        return refuse(request, problem, self.identity())
