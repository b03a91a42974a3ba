"""The same refusal from a server that sends `Retry-After`, which is not documented but may come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from facemon.simulator import bounds
from facemon.simulator.generation import Proceed
from facemon.simulator.messages import Reply, Request
from facemon.simulator.mischief import throttle
from facemon.simulator.world import World


@dataclass(frozen=True)
class RateLimitedWithRetryAfter:
    """429 that says when to come back."""

    name: ClassVar[str] = "rate_limited_with_retry_after"
    summary: ClassVar[str] = "429 that says when to come back"
    reach: ClassVar[str] = "generation"
    retry_after: float = 1.0

    def __post_init__(self) -> None:
        bounds.seconds("retry_after", self.retry_after)

    async def apply(self, request: Request, _proceed: Proceed, world: World, /) -> Reply:
        return throttle(request, world, self.retry_after)
