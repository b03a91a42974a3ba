"""Moderation blurs the picture and says so. Whether that is charged is open: here it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from facemon.simulator.generation import Touch
from facemon.simulator.mischief import PictureFault
from facemon.simulator.world import World


@dataclass(frozen=True)
class ContentFiltered(PictureFault):
    """200 with a blurred picture and CONTENT_FILTERED."""

    name: ClassVar[str] = "content_filtered"
    summary: ClassVar[str] = "200 with a blurred picture and CONTENT_FILTERED"

    def touch(self, _world: World, /) -> Touch:
        return Touch(variant="blurred", finish_reason="CONTENT_FILTERED")
