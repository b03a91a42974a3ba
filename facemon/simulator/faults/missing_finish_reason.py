"""A good picture that nothing is said about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from facemon.simulator.generation import Touch
from facemon.simulator.mischief import PictureFault
from facemon.simulator.world import World


@dataclass(frozen=True)
class MissingFinishReason(PictureFault):
    """200 without a finish reason."""

    name: ClassVar[str] = "missing_finish_reason"
    summary: ClassVar[str] = "200 without a finish reason"

    def touch(self, _world: World, /) -> Touch:
        return Touch(finish_reason=None)
