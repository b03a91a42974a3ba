"""The picture begins in time and then stalls."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from facemon.simulator import bounds
from facemon.simulator.generation import Proceed
from facemon.simulator.messages import Reply, Request
from facemon.simulator.world import World


@dataclass(frozen=True)
class SlowBody:
    """200 whose body pauses halfway."""

    name: ClassVar[str] = "slow_body"
    summary: ClassVar[str] = "200 whose body pauses halfway"
    reach: ClassVar[str] = "generation"
    seconds: float = 4.0

    def __post_init__(self) -> None:
        bounds.seconds("seconds", self.seconds)

    async def apply(self, _request: Request, proceed: Proceed, _world: World, /) -> Reply:
        reply = await proceed()
        return replace(reply, pause_after=len(reply.body) // 2, pause=self.seconds)
