"""Far too sensitive a sensor: the picture is all noise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from facemon.simulator.generation import Touch
from facemon.simulator.mischief import PictureFault
from facemon.simulator.world import World


@dataclass(frozen=True)
class Noisy(PictureFault):
    """200 with heavy noise all over the picture."""

    name: ClassVar[str] = "noisy"
    summary: ClassVar[str] = "200 with heavy noise all over the picture"

    def touch(self, _world: World, /) -> Touch:
        return Touch(variant="noisy")
