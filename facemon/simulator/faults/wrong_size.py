"""A good picture of a size that nobody asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from facemon.simulator import bounds
from facemon.simulator.generation import Touch
from facemon.simulator.mischief import PictureFault
from facemon.simulator.world import World


@dataclass(frozen=True)
class WrongSize(PictureFault):
    """200 with a picture of another pixel size."""

    name: ClassVar[str] = "wrong_size"
    summary: ClassVar[str] = "200 with a picture of another pixel size"
    width: int = 512
    height: int = 512

    def __post_init__(self) -> None:
        bounds.whole("width", self.width, 64, 2304, "a whole number of pixels from 64 to 2304")
        bounds.whole("height", self.height, 64, 2304, "a whole number of pixels from 64 to 2304")

    def touch(self, _world: World, /) -> Touch:
        return Touch(size=(self.width, self.height))
