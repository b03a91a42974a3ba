"""The picture arrives, but is called something else."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import ClassVar

from facemon.simulator.generation import Proceed
from facemon.simulator.messages import Reply, Request, with_header
from facemon.simulator.world import World


@dataclass(frozen=True)
class WrongContentType:
    """200 under a content type that is not the picture's."""

    name: ClassVar[str] = "wrong_content_type"
    summary: ClassVar[str] = "200 under a content type that is not the picture's"
    reach: ClassVar[str] = "generation"
    content_type: str = "text/html"

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[\w.+-]+/[\w.+-]+", self.content_type, re.ASCII):
            raise ValueError(f"content_type: {self.content_type!r} is not a media type such as text/html")

    async def apply(self, _request: Request, proceed: Proceed, _world: World, /) -> Reply:
        reply = await proceed()
        return replace(reply, headers=with_header(reply.headers, "content-type", self.content_type))
