"""The connection is reset when the work was done and charged."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from facemon.simulator.generation import Proceed
from facemon.simulator.messages import Reply, Request
from facemon.simulator.world import World


@dataclass(frozen=True)
class ConnectionReset:
    """The connection is reset after the charge."""

    name: ClassVar[str] = "connection_reset"
    summary: ClassVar[str] = "the connection is reset after the charge"
    reach: ClassVar[str] = "generation"

    async def apply(self, _request: Request, proceed: Proceed, _world: World, /) -> Reply:
        return replace(await proceed(), reset=True)
