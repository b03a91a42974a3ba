"""One person was asked for, and two came."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from facemon.simulator.generation import Touch
from facemon.simulator.mischief import PictureFault
from facemon.simulator.world import World


@dataclass(frozen=True)
class TwoFaces(PictureFault):
    """200 with two people side by side."""

    name: ClassVar[str] = "two_faces"
    summary: ClassVar[str] = "200 with two people side by side"

    def touch(self, _world: World, /) -> Touch:
        return Touch(variant="two_faces")
