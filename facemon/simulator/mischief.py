"""What several faults share: refusing, and touching the picture."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from facemon.simulator.generation import Proceed, Touch
from facemon.simulator.messages import Reply, Request, with_header
from facemon.simulator.problems import Problem, rate_limited
from facemon.simulator.world import World


class RefusalFault:
    """A fault that answers a valid generation request with one of the API's own refusals, and does not charge."""

    reach: ClassVar[str] = "generation"
    problem: ClassVar[Problem]

    async def apply(self, request: Request, _proceed: Proceed, world: World, /) -> Reply:
        return world.refuse(request, self.problem)


class PictureFault:
    """A fault of the picture, not of the reply: the request is handled and charged as ever."""

    reach: ClassVar[str] = "generation"

    def touch(self, world: World, /) -> Touch:
        """What is done to the picture."""
        raise NotImplementedError

    async def apply(self, _request: Request, proceed: Proceed, world: World, /) -> Reply:
        return await proceed(self.touch(world))


def throttle(request: Request, world: World, retry_after: float | None) -> Reply:
    """429 with the figures of the simulator's limit; `retry_after`, in seconds, goes into a header."""
    limit = world.limit
    reply = world.refuse(request, rate_limited(limit.requests, limit.seconds, limit.lockout))
    if retry_after is None:
        return reply
    return replace(reply, headers=with_header(reply.headers, "retry-after", f"{retry_after:g}"))
