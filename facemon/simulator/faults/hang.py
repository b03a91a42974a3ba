"""The request is taken and never answered. Nobody can tell whether it was charged; `charged` decides."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from facemon.simulator.generation import Proceed
from facemon.simulator.messages import Reply, Request
from facemon.simulator.world import World


@dataclass(frozen=True)
class Hang:
    """No reply at all on an open connection."""

    name: ClassVar[str] = "hang"
    summary: ClassVar[str] = "no reply at all on an open connection"
    reach: ClassVar[str] = "generation"
    charged: bool = True

    async def apply(self, _request: Request, proceed: Proceed, _world: World, /) -> Reply:
        reply = await proceed() if self.charged else Reply(200)
        return replace(reply, hang=True)
