"""The person stands half outside the picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from facemon.simulator.generation import Touch
from facemon.simulator.mischief import PictureFault
from facemon.simulator.world import World


@dataclass(frozen=True)
class FaceCutOff(PictureFault):
    """200 with a face that the picture's edge cuts in half."""

    name: ClassVar[str] = "face_cut_off"
    summary: ClassVar[str] = "200 with a face that the picture's edge cuts in half"

    def touch(self, _world: World, /) -> Touch:
        return Touch(variant="face_cut_off")
