"""The size is right, the detail is that of a thumbnail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from facemon.simulator.generation import Touch
from facemon.simulator.mischief import PictureFault
from facemon.simulator.world import World


@dataclass(frozen=True)
class Upscaled(PictureFault):
    """200 with an enlarged thumbnail."""

    name: ClassVar[str] = "upscaled"
    summary: ClassVar[str] = "200 with an enlarged thumbnail"

    def touch(self, _world: World, /) -> Touch:
        return Touch(variant="upscaled")
