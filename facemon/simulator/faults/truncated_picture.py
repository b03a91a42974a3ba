"""The transfer is whole, the picture is not: it was cut before it was sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from facemon.simulator import bounds
from facemon.simulator.generation import Touch
from facemon.simulator.mischief import PictureFault
from facemon.simulator.world import World


@dataclass(frozen=True)
class TruncatedPicture(PictureFault):
    """200 complete to HTTP whose picture ends early."""

    name: ClassVar[str] = "truncated_picture"
    summary: ClassVar[str] = "200 complete to HTTP whose picture ends early"
    share: float = 0.5

    def __post_init__(self) -> None:
        bounds.share("share", self.share)

    def touch(self, _world: World, /) -> Touch:
        return Touch(edit=lambda body: body[: int(len(body) * self.share)])
