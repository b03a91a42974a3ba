"""What a fault is: a frozen dataclass whose fields are its settings. Whom it hits and how often, the plan says."""

from __future__ import annotations

from typing import ClassVar, Protocol

from facemon.simulator.generation import Proceed
from facemon.simulator.messages import Reply, Request
from facemon.simulator.world import World


class Fault(Protocol):
    """One way to misbehave.

    `reach` says where it strikes: `generation` (valid generation requests), `keyed` (those, and every other route
    that wants a key) or `connection` (before there is a request). A wrong setting raises ValueError in the constructor.
    """

    name: ClassVar[str]
    summary: ClassVar[str]
    reach: ClassVar[str]

    async def apply(self, request: Request, proceed: Proceed, world: World, /) -> Reply:
        """The reply this fault makes of the request."""
        ...
