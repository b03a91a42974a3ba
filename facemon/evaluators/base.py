"""What an evaluator is: one question about a picture, answered with a score and a verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from facemon.vision.subject import Subject


@dataclass(frozen=True, slots=True)
class Asked:
    """What the picture was asked to be; None where nothing was asked or documented."""

    format: str | None = None
    size: tuple[int, int] | None = None
    age: int | None = None
    gender: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """score: 0 (bad) to 100 (good) · raw: the measure itself, in `unit` · passed: the verdict · reason: in words.

    breaks_picture: there is no usable picture at all (its bytes do not decode), which is an error of the generation.
    """

    score: float
    passed: bool
    raw: float | None = None
    unit: str | None = None
    reason: str = ""
    breaks_picture: bool = False


class Unscored(Exception):
    """Raised by an evaluator that cannot judge this picture; the message says why. It is no failure."""


class Evaluator(Protocol):
    """One question. `source` cites where its definition comes from; `version` changes when its answers do."""

    name: str
    version: str
    source: str

    def evaluate(self, subject: Subject, asked: Asked) -> Answer:
        """Judge one picture. Raises Unscored where it cannot."""
        ...
