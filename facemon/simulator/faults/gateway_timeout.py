"""What stands before the service answers 504, in HTML."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from facemon.simulator.generation import Proceed
from facemon.simulator.messages import Reply, Request
from facemon.simulator.problems import gateway_page
from facemon.simulator.world import World


@dataclass(frozen=True)
class GatewayTimeout:
    """504 with an HTML page, not charged."""

    name: ClassVar[str] = "gateway_timeout"
    summary: ClassVar[str] = "504 with a gateway's HTML page"
    reach: ClassVar[str] = "generation"

    async def apply(self, _request: Request, _proceed: Proceed, _world: World, /) -> Reply:
        return gateway_page(504, "Gateway Time-out")
