"""Far too much light."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from facemon.simulator.generation import Touch
from facemon.simulator.mischief import PictureFault
from facemon.simulator.world import World


@dataclass(frozen=True)
class Overexposed(PictureFault):
    """200 with a face burnt to white."""

    name: ClassVar[str] = "overexposed"
    summary: ClassVar[str] = "200 with a face burnt to white"

    def touch(self, _world: World, /) -> Touch:
        return Touch(variant="overexposed")
