"""The key was revoked. v1 repeats it in its message: to redact it is the client's duty."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from facemon.simulator.generation import Proceed
from facemon.simulator.messages import Reply, Request
from facemon.simulator.problems import UNAUTHORIZED, echoing
from facemon.simulator.world import World


@dataclass(frozen=True)
class Unauthorized:
    """401 for a good key; v1 echoes it, in whole or in part."""

    name: ClassVar[str] = "unauthorized"
    summary: ClassVar[str] = "401 for a good key; v1 echoes it, in whole or in part"
    reach: ClassVar[str] = "keyed"
    echo: str = "whole"

    def __post_init__(self) -> None:
        if self.echo not in ("whole", "part"):
            raise ValueError(f"echo: {self.echo!r} is neither whole nor part")

    async def apply(self, request: Request, _proceed: Proceed, world: World, /) -> Reply:
        if request.api != "v1":
            return world.refuse(request, UNAUTHORIZED)
        key = request.key or ""
        # Half is more than the eight characters that Must-show 4 hunts for, and a redaction of whole keys misses it.
        shown = key if self.echo == "whole" else f"{key[: max(9, len(key) // 2)]}..."
        return world.refuse(request, echoing(UNAUTHORIZED, shown))
