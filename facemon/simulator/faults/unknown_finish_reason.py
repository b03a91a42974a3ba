"""A good picture under a word that no documentation knows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from facemon.simulator.generation import Touch
from facemon.simulator.mischief import PictureFault
from facemon.simulator.world import World


@dataclass(frozen=True)
class UnknownFinishReason(PictureFault):
    """200 with an undocumented finish reason."""

    name: ClassVar[str] = "unknown_finish_reason"
    summary: ClassVar[str] = "200 with an undocumented finish reason"
    reason: str = "UNKNOWN"

    def __post_init__(self) -> None:
        if (
            not self.reason.isascii()
            or not self.reason.replace("_", "").isalnum()
            or self.reason == "SUCCESS"
        ):
            raise ValueError(f"reason: {self.reason!r} is not one ASCII word other than SUCCESS")

    def touch(self, _world: World, /) -> Touch:
        return Touch(finish_reason=self.reason)
