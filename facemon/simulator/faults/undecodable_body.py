"""Random bytes where the picture should be, under the right content type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from facemon.simulator.generation import Touch
from facemon.simulator.mischief import PictureFault
from facemon.simulator.world import World


@dataclass(frozen=True)
class UndecodableBody(PictureFault):
    """200 of the right type whose bytes are no picture."""

    name: ClassVar[str] = "undecodable_body"
    summary: ClassVar[str] = "200 of the right type whose bytes are no picture"

    def touch(self, world: World, /) -> Touch:
        return Touch(edit=lambda body: world.random.randbytes(len(body)))
