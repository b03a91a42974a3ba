"""Nobody came: a tidy picture of a room."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from facemon.simulator.generation import Touch
from facemon.simulator.mischief import PictureFault
from facemon.simulator.world import World


@dataclass(frozen=True)
class NoFace(PictureFault):
    """200 with a picture of things and no person."""

    name: ClassVar[str] = "no_face"
    summary: ClassVar[str] = "200 with a picture of things and no person"

    def touch(self, _world: World, /) -> Touch:
        return Touch(variant="no_face")
