"""A good picture of the right age, but a man for a woman or a woman for a man."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from facemon.simulator.generation import Touch
from facemon.simulator.mischief import PictureFault
from facemon.simulator.world import World

_OTHER = {"female": "male", "male": "female"}


@dataclass(frozen=True)
class WrongGender(PictureFault):
    """200 with a person of the other gender."""

    name: ClassVar[str] = "wrong_gender"
    summary: ClassVar[str] = "200 with a person of the other gender"

    def touch(self, _world: World, /) -> Touch:
        return Touch(recast=lambda subject: replace(subject, gender=_OTHER[subject.gender]))
