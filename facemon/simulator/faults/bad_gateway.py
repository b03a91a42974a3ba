"""What stands before the service answers 502, in HTML."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from facemon.simulator.generation import Proceed
from facemon.simulator.messages import Reply, Request
from facemon.simulator.problems import gateway_page
from facemon.simulator.world import World


@dataclass(frozen=True)
class BadGateway:
    """502 with an HTML page, not charged."""

    name: ClassVar[str] = "bad_gateway"
    summary: ClassVar[str] = "502 with a gateway's HTML page"
    reach: ClassVar[str] = "generation"

    async def apply(self, _request: Request, _proceed: Proceed, _world: World, /) -> Reply:
        return gateway_page(502, "Bad Gateway")
