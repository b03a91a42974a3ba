"""The connection breaks in the middle of the picture, which is charged."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from facemon.simulator import bounds
from facemon.simulator.generation import Proceed
from facemon.simulator.messages import Reply, Request
from facemon.simulator.world import World


@dataclass(frozen=True)
class TruncatedBody:
    """200 cut off: the connection closes before the promised length."""

    name: ClassVar[str] = "truncated_body"
    summary: ClassVar[str] = "200 cut off: the connection closes before the promised length"
    reach: ClassVar[str] = "generation"
    share: float = 0.5

    def __post_init__(self) -> None:
        bounds.share("share", self.share)

    async def apply(self, _request: Request, proceed: Proceed, _world: World, /) -> Reply:
        reply = await proceed()
        return replace(reply, cut_after=int(len(reply.body) * self.share))
