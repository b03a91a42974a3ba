"""A camera out of focus: soft, but no patch of colours as moderation leaves behind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from facemon.simulator.generation import Touch
from facemon.simulator.mischief import PictureFault
from facemon.simulator.world import World


@dataclass(frozen=True)
class Blurred(PictureFault):
    """200 with a picture out of focus."""

    name: ClassVar[str] = "blurred"
    summary: ClassVar[str] = "200 with a picture out of focus"

    def touch(self, _world: World, /) -> Touch:
        return Touch(variant="out_of_focus")
