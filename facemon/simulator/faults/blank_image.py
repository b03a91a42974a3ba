"""A picture with nobody in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from facemon.simulator.generation import Touch
from facemon.simulator.mischief import PictureFault
from facemon.simulator.world import World


@dataclass(frozen=True)
class BlankImage(PictureFault):
    """200 with a picture of one colour."""

    name: ClassVar[str] = "blank_image"
    summary: ClassVar[str] = "200 with a picture of one colour"

    def touch(self, _world: World, /) -> Touch:
        return Touch(variant="blank")
