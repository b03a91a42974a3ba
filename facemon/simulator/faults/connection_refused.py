"""The service is not there. The plan holds it on from its first request; the doors do the refusing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from facemon.simulator.generation import Proceed
from facemon.simulator.messages import Reply, Request
from facemon.simulator.world import World


@dataclass(frozen=True)
class ConnectionRefused:
    """Nothing listens on the port."""

    name: ClassVar[str] = "connection_refused"
    summary: ClassVar[str] = "nothing listens on the port"
    reach: ClassVar[str] = "connection"

    async def apply(self, _request: Request, _proceed: Proceed, _world: World, /) -> Reply:
        return Reply(0, refused=True)
