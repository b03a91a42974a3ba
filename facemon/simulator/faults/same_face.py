"""Mode collapse: whatever the seed, the model paints the same person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from facemon.simulator.generation import Touch
from facemon.simulator.mischief import PictureFault
from facemon.simulator.world import World

_SEED = 1  # any would do


@dataclass(frozen=True)
class SameFace(PictureFault):
    """200 with one and the same person for every seed of an age and gender.

    The pixels repeat, the bytes do not: each picture has a fresh manifest, and the seed that was asked for is
    reported.
    """

    name: ClassVar[str] = "same_face"
    summary: ClassVar[str] = "200 with one and the same person for every seed of an age and gender"

    def touch(self, _world: World, /) -> Touch:
        return Touch(seed=_SEED)
