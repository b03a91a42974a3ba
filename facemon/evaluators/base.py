"""What an evaluator is: one question about a picture, answered with a score and a verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol

from facemon.vision.calibration import UNCALIBRATED, Calibration, Threshold
from facemon.vision.subject import Subject
from facemon.vision.trouble import Unscored

__all__ = ["Answer", "Asked", "Evaluator", "NotAsked", "Question", "Threshold", "Unscored"]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the picture was asked to be; None where nothing was asked or documented. face: whether a portrait at all."""

    format: str | None = None
    size: tuple[int, int] | None = None
    age: int | None = None
    gender: str | None = None
    prompt: str | None = None
    face: bool = True


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


class NotAsked(Exception):
    """Raised by an evaluator whose question was not asked of this picture: it leaves no score at all."""


class Evaluator(Protocol):
    """One question about a picture.

    `source` cites where its definition comes from; `version` changes when its answers do · `weight`: its share in the
    quality score, 0 for a question that is none of the picture's quality · `threshold`: below it the picture fails;
    None where there is no evidence for one: it informs and never fails · `extra`: the optional packages it needs.
    """

    name: ClassVar[str]
    version: ClassVar[str]
    source: ClassVar[str]
    weight: ClassVar[float]
    extra: ClassVar[str | None]
    threshold: Threshold | None

    def evaluate(self, subject: Subject, asked: Asked) -> Answer:
        """Judge one picture. Raises Unscored where it cannot, NotAsked where there is nothing to judge."""
        ...


class Question:
    """What evaluators share: a threshold that a calibration may replace, and the verdict that follows from it.

    `advice`: what to do next about a picture that fails, for whoever is on call.
    """

    name: ClassVar[str]
    version: ClassVar[str] = "1"
    source: ClassVar[str]
    weight: ClassVar[float] = 0.0
    extra: ClassVar[str | None] = None
    default_threshold: ClassVar[Threshold | None] = None
    advice: ClassVar[str] = "look at the picture, and at one of the last good run beside it"

    def __init__(self, calibration: Calibration = UNCALIBRATED) -> None:
        self.calibration = calibration
        self.threshold = calibration.thresholds.get(self.name, self.default_threshold)

    def evaluate(self, subject: Subject, asked: Asked) -> Answer:
        """Judge one picture. Raises Unscored where it cannot, NotAsked where there is nothing to judge."""
        raise NotImplementedError

    def answer(self, score: float, raw: float, unit: str, reason: str) -> Answer:
        """The answer with its verdict: `reason` is what is wrong with the picture if it fails."""
        score = min(max(float(score), 0.0), 100.0)
        passed = self.threshold is None or score >= self.threshold.score
        return Answer(score, passed, float(raw), unit, "" if passed else reason)
