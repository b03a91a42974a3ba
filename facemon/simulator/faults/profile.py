"""The person looks aside: a good picture, but no frontal face."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from facemon.simulator.generation import Touch
from facemon.simulator.mischief import PictureFault
from facemon.simulator.world import World


@dataclass(frozen=True)
class Profile(PictureFault):
    """200 with a head seen from the side."""

    name: ClassVar[str] = "profile"
    summary: ClassVar[str] = "200 with a head seen from the side"

    def touch(self, _world: World, /) -> Touch:
        return Touch(variant="profile")
