"""Moderation blurs the picture and calls it a success: seen once, on v1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from facemon.simulator.generation import Touch
from facemon.simulator.mischief import PictureFault
from facemon.simulator.world import World


@dataclass(frozen=True)
class SilentlyBlurred(PictureFault):
    """200 with a blurred picture and SUCCESS."""

    name: ClassVar[str] = "silently_blurred"
    summary: ClassVar[str] = "200 with a blurred picture and SUCCESS"

    def touch(self, _world: World, /) -> Touch:
        return Touch(variant="blurred")
