"""Somebody saved bytes: the picture went through the worst of JPEG on its way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from facemon.simulator.generation import Touch
from facemon.simulator.mischief import PictureFault
from facemon.simulator.world import World


@dataclass(frozen=True)
class HeavyCompression(PictureFault):
    """200 with the blocks of heavy JPEG compression."""

    name: ClassVar[str] = "heavy_compression"
    summary: ClassVar[str] = "200 with the blocks of heavy JPEG compression"

    def touch(self, _world: World, /) -> Touch:
        return Touch(variant="heavily_compressed")
