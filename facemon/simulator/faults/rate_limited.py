"""The rate limit strikes, though this client kept it: another process shares the key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from facemon.simulator import bounds
from facemon.simulator.generation import Proceed
from facemon.simulator.messages import Reply, Request
from facemon.simulator.mischief import throttle
from facemon.simulator.world import World


@dataclass(frozen=True)
class RateLimited:
    """429 with the text of the lock-out."""

    name: ClassVar[str] = "rate_limited"
    summary: ClassVar[str] = "429 with the text of the lock-out"
    reach: ClassVar[str] = "generation"
    retry_after: float | None = None

    def __post_init__(self) -> None:
        if self.retry_after is not None:
            bounds.seconds("retry_after", self.retry_after)

    async def apply(self, request: Request, _proceed: Proceed, world: World, /) -> Reply:
        return throttle(request, world, self.retry_after)
