"""A success of zero bytes, charged."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from facemon.simulator.generation import Proceed
from facemon.simulator.messages import Reply, Request
from facemon.simulator.world import World


@dataclass(frozen=True)
class EmptyBody:
    """200 with an empty body."""

    name: ClassVar[str] = "empty_body"
    summary: ClassVar[str] = "200 with an empty body"
    reach: ClassVar[str] = "generation"

    async def apply(self, _request: Request, proceed: Proceed, _world: World, /) -> Reply:
        return replace(await proceed(), body=b"")
