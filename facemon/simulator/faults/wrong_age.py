"""A good picture of somebody of quite another age."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from facemon.simulator.generation import Touch
from facemon.simulator.mischief import PictureFault
from facemon.simulator.subject import Subject
from facemon.simulator.world import World

_YOUNG, _OLD = 20, 70
_FAR = 30


@dataclass(frozen=True)
class WrongAge(PictureFault):
    """200 with a person at least 30 years too old or too young.

    Of 20 and 70 the farther from what was asked. From 41 to 49 neither is far enough: 30 years older then, 71 to 79.
    """

    name: ClassVar[str] = "wrong_age"
    summary: ClassVar[str] = "200 with a person at least 30 years too old or too young"

    def touch(self, _world: World, /) -> Touch:
        return Touch(recast=_aged_otherwise)


def _aged_otherwise(subject: Subject) -> Subject:
    choice = (_YOUNG, max(_OLD, subject.age + _FAR))
    return replace(subject, age=max(choice, key=lambda age: abs(age - subject.age)))
