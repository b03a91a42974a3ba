"""The service thinks for too long before it says anything."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from facemon.simulator import bounds
from facemon.simulator.generation import Proceed
from facemon.simulator.messages import Reply, Request
from facemon.simulator.world import World


@dataclass(frozen=True)
class SlowHeaders:
    """200 whose headers come late."""

    name: ClassVar[str] = "slow_headers"
    summary: ClassVar[str] = "200 whose headers come late"
    reach: ClassVar[str] = "generation"
    seconds: float = 4.0

    def __post_init__(self) -> None:
        bounds.seconds("seconds", self.seconds)

    async def apply(self, _request: Request, proceed: Proceed, _world: World, /) -> Reply:
        reply = await proceed()
        return replace(reply, wait_before_headers=reply.wait_before_headers + self.seconds)
