"""Far too little light."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from facemon.simulator.generation import Touch
from facemon.simulator.mischief import PictureFault
from facemon.simulator.world import World


@dataclass(frozen=True)
class Underexposed(PictureFault):
    """200 with a picture far too dark."""

    name: ClassVar[str] = "underexposed"
    summary: ClassVar[str] = "200 with a picture far too dark"

    def touch(self, _world: World, /) -> Touch:
        return Touch(variant="underexposed")
